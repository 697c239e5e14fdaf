//! The query type: each root field is one plan, run and written at once.

use super::name::{self, Root};
use super::plan::{MAX_PAGE, Object, Planner, json_key};
use super::write::Answer;
use super::{error, types};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::query::cursor::Sealer;
use crate::query::{Found, Lookup, Node, Op, Query, Resource, Select};
use crate::resource::{self, RESOURCES};
use crate::service::Actor;
use async_graphql::parser::types::{Field, SelectionSet};
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult,
    Value,
};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// What one operation has asked so far.
#[derive(Default)]
pub struct Progress {
    rows: AtomicU64,
    /// Response keys that are being answered.
    keys: Mutex<HashSet<String>>,
}

/// The root of queries. Its fields come from the registry, not from methods.
pub struct QueryRoot;

impl OutputType for QueryRoot {
    fn type_name() -> Cow<'static, str> {
        "Query".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        types::register(registry);
        "Query!".into()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        async_graphql::resolver_utils::resolve_container(ctx, self).await
    }
}

impl ObjectType for QueryRoot {}

impl ContainerType for QueryRoot {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = &ctx.item.node;
        let Some(root) = name::root(field.name.node.as_str()) else {
            return Ok(None);
        };
        let asked = Asked::new(ctx);
        if !asked.is_first() {
            return Ok(None);
        }
        match asked.answer(root, field).await {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                let error = ctx.set_error_path(error::server_error(&error, ctx.item.pos));
                if matches!(root, Root::Viewer | Root::Nodes) {
                    // These cannot be null, so the failure is the whole answer's.
                    return Err(error);
                }
                ctx.add_error(error);
                Ok(Some(Value::Null))
            }
        }
    }
}

/// What one root field asks, and what it needs to be answered.
pub struct Asked<'a> {
    pub(super) ctx: &'a Context<'a>,
    pub(super) db: &'a Db,
    pub(super) session: &'a Actor,
    pub(super) sealer: &'a Sealer,
    pub(super) planner: Planner<'a>,
}

impl<'a> Asked<'a> {
    /// What the field of this context asks.
    pub fn new(ctx: &'a Context<'a>) -> Self {
        let sealer: &Sealer = ctx.data_unchecked();
        let planner = Planner {
            fragments: &ctx.query_env.fragments,
            variables: &ctx.query_env.variables,
            sealer,
            rows: &ctx.data_unchecked::<Progress>().rows,
        };
        Asked {
            ctx,
            db: ctx.data_unchecked(),
            session: ctx.data_unchecked(),
            sealer,
            planner,
        }
    }

    /// Whether it is the first field of its response key. That one answers for all of them; the
    /// value of others is dropped.
    pub(super) fn is_first(&self) -> bool {
        let key = self.ctx.item.node.response_key().node.as_str();
        let progress: &Progress = self.ctx.data_unchecked();
        let mut keys = progress.keys.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(key.to_owned())
    }

    async fn answer(mut self, root: Root, field: &'a Field) -> Result<Value> {
        let operation = &self.ctx.query_env.operation.node.selection_set.node;
        let sets = self
            .planner
            .selections("Query", operation, field.response_key().node.as_str());
        let sets = sets.as_slice();
        match root {
            Root::List(resource) => self.list(resource, field, sets).await,
            Root::One(resource) => self.one(resource, field, sets).await,
            Root::Node => {
                let id = self
                    .planner
                    .argument(field, "id")
                    .and_then(text)
                    .unwrap_or_default();
                self.nodes(vec![id], sets, false).await
            }
            Root::Nodes => {
                let ids = match self.planner.argument(field, "ids") {
                    Some(Value::List(list)) => list.into_iter().filter_map(text).collect(),
                    Some(one) => text(one).into_iter().collect(),
                    None => Vec::new(),
                };
                self.nodes(ids, sets, true).await
            }
            Root::Viewer => self.viewer(sets).await,
        }
    }

    /// Ends an answer: what failed inside is reported with its place, the rest stands.
    fn finish(&self, answer: Answer<'_>) -> Value {
        for (path, failure) in answer.failed {
            let mut error = self
                .ctx
                .set_error_path(error::server_error(&failure.error, failure.pos));
            error.path.extend(path);
            self.ctx
                .query_env
                .errors
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push(error);
        }
        Value::Binary(answer.out.into())
    }

    async fn list(
        &mut self,
        resource: &'static Resource,
        field: &Field,
        sets: &[&'a SelectionSet],
    ) -> Result<Value> {
        let connection = self.planner.connection(resource, field, sets, 1)?;
        let found = connection.query.run(self.db, &self.session.viewer).await?;
        let mut answer = Answer::new(self.sealer, Some(&found));
        answer.connection(&connection, &found, &found.slice(0));
        Ok(self.finish(answer))
    }

    async fn one(
        &mut self,
        resource: &'static Resource,
        field: &Field,
        sets: &[&'a SelectionSet],
    ) -> Result<Value> {
        let (key, value) = match self.planner.argument(field, "by") {
            Some(Value::Object(by)) => by
                .into_iter()
                .next()
                .map_or(("id".into(), Value::Null), |(k, v)| (k.to_string(), v)),
            _ => (
                "id".to_owned(),
                self.planner.argument(field, "id").unwrap_or_default(),
            ),
        };
        let names = ["id"].iter().chain(resource.keys).copied();
        let key = names
            .into_iter()
            .find(|n| name::camel(n) == key)
            .unwrap_or("id");
        self.row(resource, key, &text(value).unwrap_or_default(), sets)
            .await
    }

    /// One row by one of its names.
    pub async fn row(
        &mut self,
        resource: &'static Resource,
        key: &str,
        value: &str,
        sets: &[&'a SelectionSet],
    ) -> Result<Value> {
        let mut select = Select::default();
        let object = self.planner.object(resource, sets, &mut select, 1)?;
        let node = Node::Field(key.to_owned(), Op::Eq, value.into());
        let query = Query::first(resource, &node, select)?;
        let found = query.run(self.db, &self.session.viewer).await?;
        let mut answer = Answer::new(self.sealer, Some(&found));
        match found.views(&found.slice(0)).next() {
            Some(view) => answer.object(&object, view),
            None => answer.null(),
        }
        Ok(self.finish(answer))
    }

    async fn nodes(
        &mut self,
        ids: Vec<String>,
        sets: &[&'a SelectionSet],
        many: bool,
    ) -> Result<Value> {
        if ids.len() > MAX_PAGE as usize {
            return Err(Error::invalid(
                "ids",
                format!("has {} identifiers; the limit is {MAX_PAGE}", ids.len()),
            ));
        }
        let (mut among, mut objects) = (Vec::new(), Vec::new());
        for resource in RESOURCES.iter().copied() {
            let mut select = Select::default();
            objects.push(
                self.planner
                    .object(resource, sets, &mut select, ids.len() as u64)?,
            );
            among.push((resource, select));
        }
        // A text that is no UUID names nothing; the nil UUID is nobody's.
        let ids = ids
            .iter()
            .map(|id| Uuid::parse_str(id).unwrap_or_default())
            .collect();
        let found = Lookup { ids, among }
            .run(self.db, &self.session.viewer)
            .await?;
        let mut answer = Answer::new(self.sealer, Some(&found));
        if many {
            answer.list_of(found.lookups(), |answer, view| {
                answer.first_of(&objects, view)
            });
        } else {
            match found.lookups().next() {
                Some(view) => answer.first_of(&objects, view),
                None => answer.null(),
            }
        }
        Ok(self.finish(answer))
    }

    async fn viewer(&mut self, sets: &[&'a SelectionSet]) -> Result<Value> {
        let (mut among, mut entries) = (Vec::new(), Vec::new());
        let ids = vec![
            self.session.viewer.workspace_id,
            self.session.viewer.person_id,
        ];
        for (field, sets) in self.planner.fields("Viewer", sets) {
            let out = match field.name.node.as_str() {
                "workspace" => self.own(0, resource::workspace::resource(), &sets, &mut among)?,
                "person" => self.own(1, resource::person::resource(), &sets, &mut among)?,
                "role" => ViewerOut::Json(format!(
                    "\"{}\"",
                    self.session.role_name().to_ascii_uppercase()
                )),
                "tokenName" => ViewerOut::text(Some(&self.session.token_name)),
                "tokenExpiresAt" => {
                    let expires = self.session.expires_at;
                    ViewerOut::text(
                        expires
                            .map(|t| t.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
                            .as_deref(),
                    )
                }
                _ => ViewerOut::text(Some("Viewer")),
            };
            entries.push((json_key(field.response_key().node.as_str()), out));
        }
        let found = if among.is_empty() {
            None
        } else {
            Some(
                Lookup { ids, among }
                    .run(self.db, &self.session.viewer)
                    .await?,
            )
        };
        let mut answer = Answer::new(self.sealer, found.as_ref());
        answer.entries_of(&entries, |answer, out| {
            viewer_entry(answer, out, found.as_ref())
        });
        Ok(self.finish(answer))
    }

    fn own(
        &mut self,
        at: usize,
        resource: &'static Resource,
        sets: &[&'a SelectionSet],
        among: &mut Vec<(&'static Resource, Select)>,
    ) -> Result<ViewerOut> {
        let mut select = Select::default();
        let object = self.planner.object(resource, sets, &mut select, 1)?;
        among.push((resource, select));
        Ok(ViewerOut::Row {
            at,
            slot: among.len() - 1,
            object,
        })
    }
}

enum ViewerOut {
    Json(String),
    Row {
        at: usize,
        slot: usize,
        object: Object,
    },
}

impl ViewerOut {
    fn text(text: Option<&str>) -> Self {
        ViewerOut::Json(text.map_or("null".to_owned(), |t| {
            serde_json::Value::from(t).to_string()
        }))
    }
}

fn viewer_entry<'a>(answer: &mut Answer<'a>, out: &'a ViewerOut, found: Option<&'a Found>) {
    match out {
        ViewerOut::Json(json) => answer.out.extend_from_slice(json.as_bytes()),
        ViewerOut::Row { at, slot, object } => {
            let row = found
                .and_then(|f| f.lookups().nth(*at))
                .and_then(|view| view.one(*slot));
            match row {
                Some(view) => answer.object(object, view),
                None => answer.null(),
            }
        }
    }
}

/// A text argument; an ID may also be written as a number.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
