//! Changing connectors: each operation is one call of one use case, and its answer is written
//! inside the transaction, so that it can be kept under an `Idempotency-Key` with the change itself.

use super::connector::{self, missing, of_workspace};
use super::input::Attributes;
use super::{AgentStack, Answer, Answered, Call, Fault, Operation, said};
use crate::connect::Connect;
use crate::db::Db;
use crate::error::{Code, Error, Result};
use crate::query::{Node, Viewer};
use crate::service::{self, Ask, Face, Key, Outcome, Written, perform};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value as Json;
use uuid::Uuid;

/// The header that asks for an answer to be kept.
const KEY: &str = "idempotency-key";

/// Headers an answer can have, as they are kept.
const HEADERS: [&str; 5] = ["content-type", "etag", "location", "retry-after", "allow"];

/// How one request is answered.
struct Reply<'a> {
    connect: &'a Connect,
    operation: Operation,
    trace_id: &'a str,
    /// The connector that is changed.
    id: Option<Uuid>,
    /// The address of one that is made.
    url: Option<&'a str>,
}

impl AgentStack {
    /// Makes a connector.
    pub(super) async fn create(&self, call: &Call<'_>) -> Answered<Answer> {
        let (sent, url) = call.create()?;
        let key = key(call)?;
        let reply = self.reply(call, None, Some(&url));
        self.perform(call, &sent, key.as_ref(), &reply).await
    }

    /// Changes a connector.
    pub(super) async fn change(&self, call: &Call<'_>) -> Answered<Answer> {
        let (mut sent, id) = match call.operation {
            Operation::Change => call.changed()?,
            Operation::Connect => call.connect()?,
            _ => (Attributes::new(), call.named()?),
        };
        let known = self.named(call, id).await?;
        sent.insert("id".into(), id.to_string().into());
        if let Some(list) = call.request.header("if-match") {
            let tag = known.tag();
            let holds = |sent: &str| sent == "*" || sent == tag;
            if !list.split(',').any(|sent| holds(sent.trim())) {
                return Err(stale());
            }
            if list.trim() != "*" {
                sent.insert("revision".into(), known.revision.into());
            }
        }
        let reply = self.reply(call, Some(id), None);
        self.perform(call, &sent, None, &reply).await
    }

    /// Refuses whoever may change nothing; the use case notes it.
    pub(super) async fn forbidden(&self, call: &Call<'_>) -> Answered<Answer> {
        let reply = self.reply(call, None, None);
        self.perform(call, &Attributes::new(), None, &reply).await
    }

    fn reply<'a>(
        &'a self,
        call: &'a Call<'_>,
        id: Option<Uuid>,
        url: Option<&'a str>,
    ) -> Reply<'a> {
        Reply {
            connect: &self.backing.connect,
            operation: call.operation,
            trace_id: &call.request.trace_id,
            id,
            url,
        }
    }

    async fn perform(
        &self,
        call: &Call<'_>,
        sent: &Attributes,
        key: Option<&Key>,
        reply: &Reply<'_>,
    ) -> Answered<Answer> {
        let name = call.operation.use_case().unwrap_or_default();
        let use_case = service::use_case(name);
        let ask = Ask {
            use_case: use_case.ok_or_else(|| Error::internal("no use case"))?,
            sent,
            path: "",
            files: Vec::new(),
            backing: &self.backing,
            key,
            part: "",
        };
        match perform(&self.db, call.caller, ask, reply).await {
            Ok(written) => Ok(answer(written)),
            Err(error) => Err(reply.fault(error)),
        }
    }
}

/// The refusal of a change that was made against another state.
fn stale() -> Fault {
    let issue =
        "If-Match names no state that the connector is in; read it again and repeat the change";
    said(412, Code::PreconditionFailed, issue)
}

/// The key of the request. It stands for everything that makes the request what it is.
fn key(call: &Call<'_>) -> Answered<Option<Key>> {
    let request = call.request;
    let Some(sent) = request.header(KEY) else {
        return Ok(None);
    };
    let parts: [&[u8]; 3] = [
        request.method.as_bytes(),
        request.path.trim_end_matches('/').as_bytes(),
        &request.body,
    ];
    Ok(Some(Key::new(&sent, &parts)?))
}

/// What was written, or kept from an earlier request, as the answer.
fn answer(written: Written) -> Answer {
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

impl From<Answer> for Written {
    fn from(answer: Answer) -> Self {
        let headers = answer.headers.into_iter();
        Written {
            status: answer.status,
            headers: headers.map(|(n, v)| (n.to_owned(), v)).collect(),
            body: answer.body,
            replayed: false,
        }
    }
}

impl Reply<'_> {
    /// The words of the dialect for what a use case refused.
    fn fault(&self, error: Error) -> Fault {
        match (error, self.operation, self.id) {
            (Error::NotFound { .. }, _, Some(id)) => missing(id),
            (Error::Exists { kind, problem }, _, _) => match self.url {
                Some(url) => Fault::Taken {
                    kind,
                    url: url.to_owned(),
                },
                None => Fault::Failed(Error::Exists { kind, problem }),
            },
            (Error::Stale { .. }, _, _) => stale(),
            (Error::Conflict(_), Operation::Disconnect, _) => {
                let issue = "Connector must be in connected, disconnected or auth_required state";
                said(400, Code::Conflict, issue)
            }
            (error, _, _) => Fault::Failed(error),
        }
    }

    async fn written(&self, db: &Db, viewer: &Viewer, outcome: &Outcome) -> Result<Written> {
        if self.operation == Operation::Delete {
            return Ok(Written {
                status: 204,
                ..Written::default()
            });
        }
        // Who may change a connector may see it.
        let tests: Vec<Node> = of_workspace(viewer);
        let found = connector::one(self.connect, db, viewer, outcome.id, tests).await?;
        let made = found.ok_or_else(|| Error::internal("what was written cannot be read"))?;
        let (tag, mut body) = (made.tag(), made.body);
        if let Some((_, report)) = outcome.extra.iter().find(|(name, _)| *name == "report") {
            beside(&mut body, "report", report);
        }
        let answer = match self.operation {
            Operation::Create => {
                let location = format!("{}/{}", super::PREFIX, outcome.id);
                Answer::json(201, body).with("location", location)
            }
            _ => Answer::json(200, body),
        };
        Ok(answer.with("etag", tag).into())
    }
}

/// Adds a member to a written object.
fn beside(body: &mut Vec<u8>, name: &str, value: &Json) {
    body.pop();
    body.extend_from_slice(format!(",\"{name}\":{value}}}").as_bytes());
}

impl Face for Reply<'_> {
    fn done<'a>(
        &'a self,
        db: &'a Db,
        viewer: &'a Viewer,
        outcome: &'a Outcome,
    ) -> BoxFuture<'a, Result<Written>> {
        self.written(db, viewer, outcome).boxed()
    }

    fn refused(&self, error: &Error) -> Option<Written> {
        let error = error.copied()?;
        Some(self.fault(error).answer(self.trace_id).into())
    }
}
