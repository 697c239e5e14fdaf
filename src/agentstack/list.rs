//! The list of connectors. Without parameters it is all of them, as clients of the dialect expect;
//! with any of its parameters it comes in pages.

use super::check::{Judged, Place};
use super::connector::{self, Connector, test, visible};
use super::{AgentStack, Answer, Call, Fault};
use crate::db::Arg;
use crate::error::{Error, Result as Outcome};
use crate::query::cursor::Position;
use crate::query::{Node, Op, Query, Resource, Select, Viewer, Window};
use crate::resource::workspace_connector;
use serde_json::{Value as Json, json};
use url::Url;
use uuid::Uuid;

/// Connectors of a page unless the client says otherwise.
pub const PAGE: u32 = 100;

/// Most connectors of a page.
pub const MOST: u32 = 1_000;

/// The states, as clients know them.
const STATES: [&str; 4] = ["created", "auth_required", "connected", "disconnected"];

/// What a client asked of a list.
struct Asked {
    tests: Vec<Node>,
    limit: Option<u32>,
    after: Option<Uuid>,
}

impl Asked {
    fn read(call: &Call<'_>) -> Result<Asked, Fault> {
        let mut findings = Vec::new();
        let limit = keep(call.queried("limit", |v| v.count(MOST)), &mut findings);
        let after = keep(call.queried("page_token", |v| v.uuid()), &mut findings);
        let state = keep(call.queried("state", |v| v.one_of(&STATES)), &mut findings);
        if !findings.is_empty() {
            return Err(Fault::Invalid(findings));
        }
        let mut tests: Vec<Node> = state
            .map(|state| test("connection_state", Op::Eq, state))
            .into_iter()
            .collect();
        if let Some(url) = call.request.parameter("url") {
            tests.push(test("url", Op::Eq, normal(&url)));
        }
        if let Some(label) = call.request.parameter("label") {
            tests.push(test("label", Op::Eq, label));
        }
        for (name, value) in call.request.parameters() {
            let key = name
                .strip_prefix("metadata[")
                .and_then(|n| n.strip_suffix(']'));
            if let Some(key) = key {
                let part = json!({ key: value });
                tests.push(Node::Raw("metadata".into(), Op::Superset, part));
            }
        }
        Ok(Asked {
            tests,
            limit,
            after,
        })
    }

    /// Whether the list is asked for without any parameter of its own.
    fn is_whole(&self) -> bool {
        self.tests.is_empty() && self.limit.is_none() && self.after.is_none()
    }
}

fn keep<T>(judged: Judged<Option<T>>, findings: &mut Vec<super::check::Finding>) -> Option<T> {
    judged.map_err(|found| findings.extend(found)).ok()?
}

/// An address in the form in which it is kept; what is none equals nothing that is kept.
fn normal(url: &str) -> String {
    Url::parse(url).map_or_else(|_| url.to_owned(), String::from)
}

/// The document of a page.
pub fn page(items: &[&[u8]], total: u64, more: bool, next: Option<Uuid>) -> Vec<u8> {
    let mut out = b"{\"items\":[".to_vec();
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(item);
    }
    let next = next.map_or(Json::Null, |id| id.to_string().into());
    let rest =
        format!("],\"total_count\":{total},\"has_more\":{more},\"next_page_token\":{next}}}");
    out.extend_from_slice(rest.as_bytes());
    out
}

impl AgentStack {
    /// Answers with the caller's connectors.
    pub(super) async fn list(&self, call: &Call<'_>) -> Result<Answer, Fault> {
        let asked = Asked::read(call)?;
        let whole = asked.is_whole();
        let viewer = &call.caller.viewer;
        let after = match asked.after {
            None => None,
            Some(id) => Some(
                self.position(workspace_connector::resource(), viewer, id)
                    .await?,
            ),
        };
        let window = Window {
            limit: if whole {
                u32::MAX
            } else {
                asked.limit.unwrap_or(PAGE)
            },
            after,
            ..Window::default()
        };
        let mut tests = visible(viewer);
        tests.extend(asked.tests);
        let connect = &self.backing.connect;
        let read = connector::read(connect, &self.db, viewer, tests, (window, !whole)).await?;
        let items: Vec<&[u8]> = read.connectors.iter().map(|c| c.body.as_slice()).collect();
        // A whole list names its last item as well, though nothing follows.
        let last = read.connectors.last().map(|c: &Connector| c.id);
        let next = last.filter(|_| whole || read.more);
        let total = read.total.unwrap_or(items.len() as u64);
        Ok(Answer::json(200, page(&items, total, read.more, next)))
    }

    /// Where a page begins that follows a row, also one that was deleted meanwhile.
    pub(super) async fn position(
        &self,
        resource: &'static Resource,
        viewer: &Viewer,
        id: Uuid,
    ) -> Result<Position, Fault> {
        match self.number(resource, viewer, id).await? {
            Some(number) => Ok(vec![Some(number)]),
            None => {
                let issue = "page_token is not the next_page_token of a page of this list";
                let at = vec!["page_token".into()];
                let input = id.to_string().into();
                let finding = super::check::Finding::value(Place::Query, at, issue, input);
                Err(Fault::Invalid(vec![finding]))
            }
        }
    }

    async fn number(
        &self,
        resource: &'static Resource,
        viewer: &Viewer,
        id: Uuid,
    ) -> Outcome<Option<Arg>> {
        let field = resource.find_field("pk");
        let field = field.ok_or_else(|| Error::internal("rows have no number"))?;
        let mut select = Select::default();
        let slot = select.field(field);
        let found = Query::by_id(resource, id, select)?
            .run(&self.db, viewer)
            .await?;
        let view = found.views(&found.slice(0)).next();
        Ok(view.and_then(|view| view.row()?.arg(view.column(slot), field.storage)))
    }
}
