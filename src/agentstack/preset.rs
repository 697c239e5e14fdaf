//! Servers that are known beforehand: those that the operator lists, then those of the catalogue.
//! Addresses are in the form in which connectors show them, since clients compare the two.

use super::connector::test;
use super::list::page;
use super::{AgentStack, Answer, Call, Fault};
use crate::error::{Error, Result as Outcome};
use crate::query::{
    Field, Filter, Node, Op, Order, Query, Resource, Select, Sort, View, Viewer, Window,
};
use crate::resource::connector;
use serde_json::{Map, Value as Json, json};
use url::Url;

/// Most servers of the catalogue that are listed.
const MOST: u32 = 10_000;

/// Longest text of metadata, in characters.
const LONGEST: usize = 512;

impl AgentStack {
    /// Answers with the servers that are known beforehand.
    pub(super) async fn presets(&self, call: &Call<'_>) -> Result<Answer, Fault> {
        let mut known: Vec<(Url, Json)> = Vec::new();
        for preset in &self.backing.connect.settings().presets {
            let metadata = serde_json::to_value(&preset.metadata).map_err(Error::internal)?;
            add(&mut known, preset.url.clone(), metadata);
        }
        for (url, metadata) in self.listed(&call.caller.viewer).await? {
            add(&mut known, url, metadata);
        }
        let items: Vec<Vec<u8>> = known
            .iter()
            .map(|(url, metadata)| {
                let item = json!({ "url": url.as_str(), "metadata": metadata });
                item.to_string().into_bytes()
            })
            .collect();
        let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
        Ok(Answer::json(
            200,
            page(&items, items.len() as u64, false, None),
        ))
    }

    /// Remote servers of the catalogue that can be installed.
    async fn listed(&self, viewer: &Viewer) -> Outcome<Vec<(Url, Json)>> {
        let resource = connector::resource();
        let tests = Node::And(vec![
            test("transport", Op::Eq, "mcp"),
            test("status", Op::Eq, "active"),
        ]);
        let mut select = Select::default();
        let mut slot = |name| Ok::<_, Error>(select.field(field(resource, name)?));
        let slots = [slot("endpoint_url")?, slot("name")?, slot("description")?];
        let query = Query {
            resource,
            filter: Filter::check(resource, &tests, "filter").map_err(Error::Invalid)?,
            order: Order::check(resource, &[Sort::parse("pk")], "sort").map_err(Error::Invalid)?,
            window: Some(Window {
                limit: MOST,
                ..Window::default()
            }),
            select,
            keys: false,
            total: false,
        };
        let found = query.run(&self.db, viewer).await?;
        let slice = found.slice(0);
        Ok(found
            .views(&slice)
            .filter_map(|view| preset(view, slots))
            .collect())
    }
}

fn field(resource: &'static Resource, name: &str) -> Outcome<&'static Field> {
    let found = resource.find_field(name);
    found.ok_or_else(|| Error::internal(format!("{} has no {name}", resource.name)))
}

/// The first one that has an address stands for it.
fn add(known: &mut Vec<(Url, Json)>, url: Url, metadata: Json) {
    if known.iter().all(|(other, _)| *other != url) {
        known.push((url, metadata));
    }
}

/// A row of the catalogue as a preset, with the metadata that a connector gets from it.
fn preset(view: View<'_>, [url, name, description]: [usize; 3]) -> Option<(Url, Json)> {
    let url = Url::parse(view.text(url)?).ok()?;
    let mut metadata = Map::new();
    metadata.insert("name".into(), view.text(name)?.into());
    if let Some(text) = view.text(description) {
        let text: String = text.chars().take(LONGEST).collect();
        metadata.insert("description".into(), text.into());
    }
    Some((url, metadata.into()))
}
