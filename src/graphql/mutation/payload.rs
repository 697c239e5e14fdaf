//! The payload of a mutation: the record as it is now, what is shown once, and what was wrong.

use crate::db::{Db, write_text};
use crate::error::{Error, Result};
use crate::graphql::error::server_error;
use crate::graphql::name::camel;
use crate::graphql::plan::{Object, json_key};
use crate::graphql::root::Asked;
use crate::graphql::types;
use crate::graphql::types::mutations::CODES;
use crate::graphql::write::Answer;
use crate::query::cursor::Sealer;
use crate::query::{Query, Resource, Select, Viewer};
use crate::service::form::{Form, Shape};
use crate::service::{Face, Outcome, UseCase, Written};
use async_graphql::parser::types::SelectionSet;
use async_graphql::{PathSegment, ServerError};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::{Mutex, PoisonError};

type Failures = Vec<(Vec<PathSegment>, ServerError)>;

/// A planned payload.
pub(super) struct Payload<'a> {
    resource: &'static Resource,
    form: &'static Form,
    type_name: String,
    entries: Vec<(String, Out)>,
    select: Select,
    sealer: &'a Sealer,
    failures: Mutex<Failures>,
}

/// A member of a payload.
enum Out {
    TypeName,
    /// The record.
    Record(Object),
    /// Something answered beside it, by its name in the outcome.
    Extra(&'static str),
    UserErrors(Vec<(String, ErrorOut)>),
}

/// A member of a user error.
#[derive(Clone, Copy)]
enum ErrorOut {
    TypeName,
    Field,
    Code,
    Message,
}

impl<'a> Payload<'a> {
    /// Plans the selections of a payload.
    pub fn plan(
        asked: &mut Asked<'a>,
        use_case: &'static UseCase,
        sets: &[&'a SelectionSet],
    ) -> Result<Self> {
        let resource = (use_case.resource)();
        let type_name = types::payload_name(use_case);
        let record = camel(resource.singular);
        let (mut entries, mut select) = (Vec::new(), Select::default());
        for (field, sets) in asked.planner.fields(&type_name, sets) {
            let name = field.name.node.as_str();
            let extra = use_case.extra.iter().find(|e| camel(e.name) == name);
            let out = match (name, extra) {
                ("userErrors", _) => Out::UserErrors(user_errors(asked, &sets)),
                (_, Some(extra)) => Out::Extra(extra.name),
                (name, None) if name == record => {
                    Out::Record(asked.planner.object(resource, &sets, &mut select, 1)?)
                }
                _ => Out::TypeName,
            };
            entries.push((json_key(field.response_key().node.as_str()), out));
        }
        Ok(Payload {
            resource,
            form: use_case.form,
            type_name,
            entries,
            select,
            sealer: asked.sealer,
            failures: Mutex::default(),
        })
    }

    /// What failed inside the payload, with its place below the root field.
    pub fn failures(&self) -> Failures {
        std::mem::take(&mut self.failures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn record(&self, db: &Db, viewer: &Viewer, outcome: &Outcome) -> Result<Written> {
        let wanted = self
            .entries
            .iter()
            .any(|(_, out)| matches!(out, Out::Record(_)));
        let found = match wanted {
            true => Some(
                Query::by_id(self.resource, outcome.id, self.select.clone())?
                    .run(db, viewer)
                    .await?,
            ),
            false => None,
        };
        let mut answer = Answer::new(self.sealer, found.as_ref());
        answer.entries_of(&self.entries, |answer, out| match out {
            Out::TypeName => write_text(&self.type_name, &mut answer.out),
            Out::UserErrors(_) => answer.out.extend_from_slice(b"[]"),
            Out::Extra(name) => {
                let value = outcome.extra.iter().find(|(n, _)| n == name);
                let json = value.map_or_else(|| "null".to_owned(), |(_, v)| v.to_string());
                answer.out.extend_from_slice(json.as_bytes());
            }
            Out::Record(object) => {
                let view = found.as_ref().and_then(|f| f.views(&f.slice(0)).next());
                match view {
                    Some(view) => answer.object(object, view),
                    None => answer.null(),
                }
            }
        });
        let owned = |(path, failure): (_, &crate::graphql::plan::Failure)| {
            (path, server_error(&failure.error, failure.pos))
        };
        let failed = std::mem::take(&mut answer.failed)
            .into_iter()
            .map(owned)
            .collect();
        *self.failures.lock().unwrap_or_else(PoisonError::into_inner) = failed;
        Ok(Written {
            body: answer.out,
            ..Written::default()
        })
    }

    fn mistakes(&self, error: &Error) -> Vec<u8> {
        let mut answer = Answer::new(self.sealer, None);
        answer.entries_of(&self.entries, |answer, out| match out {
            Out::TypeName => write_text(&self.type_name, &mut answer.out),
            Out::Record(_) | Out::Extra(_) => answer.null(),
            Out::UserErrors(entries) => {
                let mistakes = mistakes_of(error, self.form);
                answer.list_of(mistakes.iter(), |answer, (field, message)| {
                    answer.entries_of(entries, |answer, out| match out {
                        ErrorOut::TypeName => write_text("UserError", &mut answer.out),
                        ErrorOut::Code => write_text(error.code().as_str(), &mut answer.out),
                        ErrorOut::Message => write_text(message, &mut answer.out),
                        ErrorOut::Field => {
                            let _ = serde_json::to_writer(&mut answer.out, field);
                        }
                    });
                });
            }
        });
        answer.out
    }
}

fn user_errors<'a>(asked: &Asked<'a>, sets: &[&'a SelectionSet]) -> Vec<(String, ErrorOut)> {
    let out = |name: &str| match name {
        "field" => ErrorOut::Field,
        "code" => ErrorOut::Code,
        "message" => ErrorOut::Message,
        _ => ErrorOut::TypeName,
    };
    let fields = asked.planner.fields("UserError", sets).into_iter();
    fields
        .map(|(field, _)| {
            (
                json_key(field.response_key().node.as_str()),
                out(field.name.node.as_str()),
            )
        })
        .collect()
}

/// Where each mistake stands, by the names the client used, and a sentence about it.
fn mistakes_of(error: &Error, form: &Form) -> Vec<(Option<Vec<String>>, String)> {
    if error.problems().is_empty() {
        let field = matches!(error, Error::Stale { .. })
            .then(|| vec!["input".to_owned(), "revision".to_owned()]);
        return vec![(field, error.message())];
    }
    let mistake = |problem: &crate::error::Problem| {
        let path = spelled(&problem.path, form);
        let message = format!("`{}` {}", path.join("."), problem.issue);
        (Some(path), message)
    };
    error.problems().iter().map(mistake).collect()
}

/// A path as the client wrote it: attributes in camel case, and what stands inside the value of
/// one, which is the client's own, as it is.
fn spelled(path: &str, form: &Form) -> Vec<String> {
    let mut inside = Some(form);
    let mut names = path.split('.');
    let argument = names.next().map(str::to_owned);
    let name = |name: &str| {
        let Some(form) = inside else {
            return name.to_owned();
        };
        inside = match form.find(name).map(|attribute| attribute.shape) {
            Some(Shape::Nested(inner)) => Some(inner),
            _ => None,
        };
        camel(name)
    };
    argument.into_iter().chain(names.map(name)).collect()
}

impl Face for Payload<'_> {
    fn done<'a>(
        &'a self,
        db: &'a Db,
        viewer: &'a Viewer,
        outcome: &'a Outcome,
    ) -> BoxFuture<'a, Result<Written>> {
        self.record(db, viewer, outcome).boxed()
    }

    fn refused(&self, error: &Error) -> Option<Written> {
        let mistake = CODES.iter().any(|(code, _)| *code == error.code());
        mistake.then(|| Written {
            body: self.mistakes(error),
            ..Written::default()
        })
    }
}
