//! The answer to a write, written inside its transaction: the resource as it is now, or what was
//! wrong, in the rendering that the client takes.

use super::condition::{self, Condition};
use super::{Asked as Case, Done, Write};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use crate::query::{Field, Query, Select, Viewer};
use crate::rest::document::{self, Asked, Gathered, Node, Writer};
use crate::rest::fault::Place;
use crate::rest::read::tag;
use crate::rest::{Answer, Call, Fault, Rendering};
use crate::service::{Face, Outcome, Written};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use uuid::Uuid;

/// Headers an answer can have, as they are kept.
const HEADERS: [&str; 6] = [
    "content-type",
    "location",
    "etag",
    "retry-after",
    "www-authenticate",
    "allow",
];

/// How one request is answered.
pub struct Reply<'a> {
    call: &'a Call<'a>,
    write: &'a Write,
    case: &'a Case,
    condition: Condition,
    /// What is read of the resource; nothing of one that is gone.
    plan: Option<Plan>,
}

/// A planned document.
struct Plan {
    node: Node,
    select: Select,
    /// What tells its states apart, and where it is read.
    marker: Option<(&'static Field, usize)>,
    included: bool,
}

impl<'a> Reply<'a> {
    /// Plans the answer; what the query asks of it is judged here.
    pub fn new(
        call: &'a Call<'a>,
        write: &'a Write,
        case: &'a Case,
        condition: Condition,
    ) -> std::result::Result<Self, Fault> {
        let plan = match write.done {
            Done::Gone => None,
            Done::Created | Done::Changed => Some(plan(call, write, case)?),
        };
        Ok(Reply {
            call,
            write,
            case,
            condition,
            plan,
        })
    }

    async fn document(
        &self,
        plan: &Plan,
        db: &Db,
        viewer: &Viewer,
        outcome: &Outcome,
    ) -> Result<Written> {
        let resource = plan.node.shape.resource;
        let query = Query::by_id(resource, outcome.id, plan.select.clone())?;
        let found = query.run(db, viewer).await?;
        let slice = found.slice(0);
        let view = found.views(&slice).next();
        let view = view.ok_or_else(|| Error::internal("what was written cannot be read"))?;
        let gathered = Gathered::new(&plan.node, found.views(&slice));
        let address = plan
            .node
            .shape
            .address
            .map(|a| format!("{a}{}", outcome.id));
        let links = match (self.call.rendering, &address) {
            (Rendering::Strict, Some(address)) => vec![("self", Some(address.clone()))],
            _ => Vec::new(),
        };
        let shown = outcome
            .extra
            .iter()
            .map(|(name, value)| (attribute(name), value))
            .collect();
        let body = Writer::one_with(self.call.rendering, &gathered, plan.included, &links, shown);
        let marked = plan.marker;
        let state = marked.and_then(|(field, slot)| tag::state(field, slot, view));
        let mut headers = vec![("etag".to_owned(), tag::of(state, &body))];
        let status = match self.write.done {
            Done::Created => {
                headers.extend(address.map(|a| ("location".to_owned(), a)));
                201
            }
            Done::Changed | Done::Gone => 200,
        };
        let content_type = self.call.rendering.content_type().to_owned();
        headers.push(("content-type".to_owned(), content_type));
        Ok(Written {
            status,
            headers,
            body,
            replayed: false,
        })
    }

    /// The fault of the request that a use case's refusal is; `None` for faults of the server.
    fn fault(&self, error: &Error) -> Option<Fault> {
        let spots = &self.case.document.spots;
        let place = match self.write.body {
            super::Body::Nothing => Place::Query,
            super::Body::Document | super::Body::Upload => Place::Body,
        };
        let error = match error {
            Error::Invalid(problems) => {
                let problems = spots.problems(problems);
                if problems.iter().all(is_reference) {
                    return Some(Fault::Unresolved(problems, self.call.rendering));
                }
                Error::Invalid(problems)
            }
            Error::Conflict(problem) => Error::Conflict(spots.problem(problem)),
            Error::Exists { kind, problem } => Error::Exists {
                kind,
                problem: spots.problem(problem),
            },
            Error::Stale { current, .. } if self.condition == Condition::Matches => {
                return Some(condition::unmet(Some(*current)));
            }
            Error::Stale { expected, current } => Error::Stale {
                expected: expected.clone(),
                current: *current,
            },
            Error::NotFound { kind, id } => Error::NotFound {
                kind,
                id: id.clone(),
            },
            Error::TooComplex(issue) => Error::TooComplex(issue.clone()),
            Error::Forbidden(issue) => Error::Forbidden(issue.clone()),
            Error::Unauthorized(issue) => Error::Unauthorized(issue),
            Error::KeyReused => Error::KeyReused,
            Error::Upstream(upstream) => Error::Upstream(upstream.clone()),
            Error::Unavailable(_) | Error::Internal(_) => return None,
        };
        Some(Fault::Failed(error, place))
    }
}

/// Whether a problem is with what a relationship names.
fn is_reference(problem: &Problem) -> bool {
    let path = problem.path.strip_prefix("data.").unwrap_or(&problem.path);
    path.starts_with("relationships.") && (path.ends_with(".id") || path.ends_with(".lid"))
}

/// What documents call something that is answered beside the row.
fn attribute(extra: &'static str) -> &'static str {
    match extra {
        // The documentation of API keys calls it so.
        "token" => "value",
        other => other,
    }
}

fn plan(call: &Call<'_>, write: &Write, case: &Case) -> std::result::Result<Plan, Fault> {
    let asked = Asked::read(&call.parameters, call.rendering).map_err(Fault::query)?;
    let asked = match call.rendering {
        Rendering::Well => asked.or_else_include(write.included, write.fields),
        Rendering::Strict => asked,
    };
    let resource = (case.use_case.resource)();
    let mut select = Select::default();
    let node = document::plan(resource, &asked, &mut select).map_err(Fault::query)?;
    let marker = tag::marker(resource).map(|field| (field, select.field(field)));
    Ok(Plan {
        node,
        select,
        marker,
        included: asked.include.is_some(),
    })
}

impl Face for Reply<'_> {
    fn done<'a>(
        &'a self,
        db: &'a Db,
        viewer: &'a Viewer,
        outcome: &'a Outcome,
    ) -> BoxFuture<'a, Result<Written>> {
        async move {
            self.is_the_documents(outcome.id)?;
            match &self.plan {
                Some(plan) => self.document(plan, db, viewer, outcome).await,
                None => Ok(Written {
                    status: 204,
                    ..Written::default()
                }),
            }
        }
        .boxed()
    }

    fn refused(&self, error: &Error) -> Option<Written> {
        let answer = self
            .fault(error)?
            .answer(self.call.rendering, &self.call.request.trace_id);
        let headers = answer.headers.into_iter();
        Some(Written {
            status: answer.status,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            body: answer.body,
            replayed: false,
        })
    }
}

impl Reply<'_> {
    /// Refuses a document about another resource than the address names, which only the row shows
    /// where the address names it by another name. The change is undone with the refusal.
    fn is_the_documents(&self, id: Uuid) -> Result<()> {
        let document = &self.case.document;
        let sent = document
            .id
            .as_deref()
            .and_then(|sent| Uuid::parse_str(sent).ok());
        if sent.is_none_or(|sent| sent == id) {
            return Ok(());
        }
        let issue = format!("must be that of the address, `{id}`");
        Err(Error::Conflict(Problem::new(&*document.id_path, issue)))
    }
}

/// What was written, or kept from an earlier request, as the answer.
pub fn answer(written: Written) -> Answer {
    let known = |(name, value): (String, String)| {
        let name = HEADERS.into_iter().find(|known| **known == *name)?;
        Some((name, value))
    };
    let answer = Answer {
        status: written.status,
        headers: written.headers.into_iter().filter_map(known).collect(),
        body: written.body,
    };
    match written.replayed {
        true => answer.with("idempotency-replayed", "true"),
        false => answer,
    }
}
