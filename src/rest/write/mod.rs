//! Writing: each operation is one call of one use case. A document is read into the attributes of
//! the use case's form (`document`), `If-Match` into the revision it was made against
//! (`condition`), and the answer is written inside the transaction from what it sees
//! (`reply`), so that it can be kept under an `Idempotency-Key` with the change itself. What may
//! be sent, who may do it and what it does is the use case's.

mod condition;
mod document;
mod json;
mod reply;
mod spots;
mod table;
mod upload;

pub use table::{ALIASES, LINKS, WRITES};
pub use upload::{Part, expects as expects_upload};

use super::fault::Place;
use super::{Answer, Call, Fault, Rendering, Rest};
use crate::error::{Error, Problem, clip};
use crate::query::Resource;
use crate::service::{self, Ask, Key, UseCase, perform};
use condition::Condition;
use document::{Document, Reader};
use futures_util::future::{BoxFuture, FutureExt};
use reply::Reply;
use serde_json::{Map, Value as Json};

/// The header that asks for an answer to be kept.
const KEY: &str = "idempotency-key";

/// A writing operation.
pub struct Write {
    /// The operation, as the table of routes names it.
    pub operation_id: &'static str,
    /// The use case it asks for.
    pub use_case: &'static str,
    /// What it reads.
    pub body: Body,
    /// How it answers.
    pub done: Done,
    /// Values of `status` and the use case that each of them asks for instead.
    pub states: &'static [(&'static str, &'static str)],
    /// What the dialect's own answers include unless the client says otherwise.
    pub included: &'static [&'static str],
    /// Members of what is included, by type.
    pub fields: &'static [(&'static str, &'static [&'static str])],
}

/// What an operation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// A document.
    Document,
    /// Parts with a file.
    Upload,
    /// The address alone.
    Nothing,
}

/// How an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// 201, the resource and where it is.
    Created,
    /// 200, the resource as it is now.
    Changed,
    /// 204.
    Gone,
}

/// A relationship that documents can send.
pub struct Link {
    /// The resource whose it is.
    pub of: &'static str,
    /// What documents call it; camel case is accepted as well.
    pub name: &'static str,
    /// The attribute of the form that takes it.
    pub attribute: &'static str,
    /// What it leads to.
    pub target: fn() -> &'static Resource,
}

/// Another name of an attribute: of which resource, the name, the form's name.
pub type Alias = (&'static str, &'static str, &'static str);

/// The writing operation of that name.
pub fn of(operation_id: &str) -> Option<&'static Write> {
    WRITES.iter().find(|w| w.operation_id == operation_id)
}

/// Answers a writing operation.
pub fn handle<'a>(rest: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    run(rest, call).boxed()
}

async fn run(rest: &Rest, call: Call<'_>) -> Result<Answer, Fault> {
    let write = of(call.route.operation_id).ok_or_else(unknown)?;
    let key = key(&call)?;
    let mut asked = Asked::of(write)?;
    let mut condition = Condition::None;
    // Whoever may not do it is told so whatever was sent, and the use case notes it.
    if call.caller.require(asked.use_case.capability).is_ok() {
        asked.read(write, &call)?;
        condition = condition::read(rest, &call, &mut asked).await?;
        asked.judge(&call, write)?;
    }
    let reply = Reply::new(&call, write, &asked, condition)?;
    let ask = Ask {
        use_case: asked.use_case,
        sent: &asked.document.sent,
        path: "",
        files: call.request.files.clone(),
        backing: &rest.backing,
        key: key.as_ref(),
        part: "",
    };
    match perform(&rest.db, call.caller, ask, &reply).await {
        Ok(written) => Ok(reply::answer(written)),
        Err(error) => Err(Fault::Failed(error, Place::Header)),
    }
}

/// A route without a use case, which no test lets pass.
fn unknown() -> Error {
    Error::internal("the route has no use case")
}

fn use_case(name: &str) -> Result<&'static UseCase, Fault> {
    Ok(service::use_case(name).ok_or_else(unknown)?)
}

/// What is asked of a use case.
pub(super) struct Asked {
    use_case: &'static UseCase,
    document: Document,
}

/// The key of the request. It stands for everything that makes the request what it is.
fn key(call: &Call<'_>) -> Result<Option<Key>, Fault> {
    let request = call.request;
    let Some(sent) = request.list(KEY).filter(|_| request.method == "POST") else {
        return Ok(None);
    };
    let content_type = request.header("content-type").unwrap_or_default();
    let uploaded = upload::fingerprint(request);
    let parts: [&[u8]; 6] = [
        request.method.as_bytes(),
        request.path.trim_end_matches('/').as_bytes(),
        request.query.as_bytes(),
        // The boundary of parts is another one in each request; what is in them counts.
        content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .as_bytes(),
        &request.body,
        &uploaded,
    ];
    let key = Key::new(&sent, &parts);
    key.map(Some).map_err(|e| Fault::Failed(e, Place::Header))
}

/// What is wrong with the body of an operation that reads none: an empty object is none.
fn unread(call: &Call<'_>) -> Vec<Problem> {
    let body = call.request.body.trim_ascii();
    let empty = body.is_empty()
        || call.request.method == "DELETE"
        || json::parse(body).is_ok_and(|j| j == Json::Object(Map::new()));
    if empty {
        return Vec::new();
    }
    vec![Problem::new(
        "body",
        "is not read by this address; send none",
    )]
}

/// The use case that the document's `status` asks for.
fn state(write: &Write, body: &Json) -> Option<&'static str> {
    let object = body.get("data").unwrap_or(body);
    let word = object
        .get("attributes")?
        .get("status")?
        .as_str()?
        .to_ascii_lowercase();
    let choice = &crate::resource::choice::WORKSPACE_CONNECTOR_STATUS;
    let word = choice.stored(&word)?;
    let found = write.states.iter().find(|(state, _)| *state == word);
    found.map(|(_, use_case)| *use_case)
}

/// `status` became the use case itself; what stands beside it is another change.
fn state_alone(document: &mut Document) {
    let status = format!("{}.status", document.attributes_path);
    let other = |p: &Problem| p.path != status;
    if document.problems.iter().all(other) {
        return;
    }
    document.problems.retain(other);
    if document
        .problems
        .iter()
        .any(|p| p.path.starts_with(&document.attributes_path))
    {
        let issue = "is changed in a request of its own, without other attributes";
        document.problems = vec![Problem::new(status, issue)];
    }
}

impl Asked {
    fn of(write: &Write) -> Result<Asked, Fault> {
        Ok(Asked {
            use_case: use_case(write.use_case)?,
            document: Document::default(),
        })
    }

    /// Reads the request: its body, its address and its query.
    fn read(&mut self, write: &Write, call: &Call<'_>) -> Result<(), Fault> {
        match write.body {
            Body::Nothing => self.document.problems = unread(call),
            Body::Document => self.body(write, &json::parse(&call.request.body)?)?,
            Body::Upload => self.document = upload::read(self.use_case, call)?,
        }
        self.name(call);
        self.judge_meta();
        self.options(call);
        self.defaults(call);
        Ok(())
    }

    fn body(&mut self, write: &Write, body: &Json) -> Result<(), Fault> {
        let state = state(write, body);
        if let Some(state) = state {
            self.use_case = use_case(state)?;
        }
        let (resource, form) = ((self.use_case.resource)(), self.use_case.form);
        self.document = Reader::read(resource, form, body);
        if state.is_some() {
            state_alone(&mut self.document);
        }
        Ok(())
    }

    /// Takes the row's name from the address, and makes sure that the document agrees.
    fn name(&mut self, call: &Call<'_>) {
        let Some((variable, key)) = call.path.first() else {
            if self.document.id.is_some() {
                let path = self.document.id_path.clone();
                let issue = "is chosen by the server; leave it out";
                self.document.problems.push(Problem::new(path, issue));
            }
            return;
        };
        self.document
            .sent
            .insert("id".to_owned(), key.as_str().into());
        let spots = &mut self.document.spots;
        spots.attribute("id", variable);
        // A problem with the document's own identifier stands where it is.
        spots.at(&*self.document.id_path, &*self.document.id_path);
        let sent = self.document.id.as_deref();
        let differs = |sent: &str| {
            !sent.eq_ignore_ascii_case(key) && uuid(sent).is_none()
                || uuid(sent).is_some() && uuid(key).is_some() && uuid(sent) != uuid(key)
        };
        if sent.is_some_and(differs) {
            let issue = format!("must be that of the address, `{}`", clip(key));
            let problem = Problem::new(&*self.document.id_path, issue);
            self.document.mismatch.push(problem);
        }
    }

    /// Reads `meta` of a workspace: what it is meant to be. Other resources have none, and it is
    /// the client's own.
    fn judge_meta(&mut self) {
        let Some((path, meta)) = self.document.meta.take() else {
            return;
        };
        if self.use_case.name != "workspace_create" {
            return;
        }
        for (name, value) in &meta {
            let issue = match (name.as_str(), value.as_str()) {
                ("intent", Some("sub-workspace" | "sub_workspace")) => continue,
                ("intent", _) => "must be `sub-workspace`",
                _ => "is not known here; known is intent",
            };
            let at = format!("{path}.{}", clip(name));
            self.document.problems.push(Problem::new(at, issue));
        }
    }

    /// Takes options of the use case from the query.
    fn options(&mut self, call: &Call<'_>) {
        let Some(sent) = call.parameters.sent("force") else {
            return;
        };
        self.document.spots.attribute("force", &sent.spelled);
        match sent.value.as_str() {
            "true" | "1" => self.document.sent.insert("force".to_owned(), true.into()),
            "false" | "0" => self.document.sent.insert("force".to_owned(), false.into()),
            _ => {
                let problem = Problem::new(&*sent.spelled, "must be true or false");
                self.document.problems.push(problem);
                None
            }
        };
    }

    /// Fills in what documents of the dialect never had: keys act as who makes them unless a
    /// lesser role is sent.
    fn defaults(&mut self, call: &Call<'_>) {
        if self.use_case.name == "api_token_create" && !self.document.sent.contains_key("role") {
            let own = call.caller.role_name();
            self.document.sent.insert("role".to_owned(), own.into());
        }
    }

    /// Refuses what is wrong with the document, all of it at once: its own faults and, beside
    /// them, those the form finds.
    fn judge(&mut self, call: &Call<'_>, write: &Write) -> Result<(), Fault> {
        let document = &mut self.document;
        let strict = call.rendering == Rendering::Strict;
        let mismatch = std::mem::take(&mut document.mismatch);
        // JSON:API has words of its own for these; elsewhere they are faults of the body.
        if strict && document.problems.is_empty() && !mismatch.is_empty() {
            return Err(Fault::Mismatch(mismatch));
        }
        document.problems.extend(mismatch);
        let unresolved = std::mem::take(&mut document.unresolved);
        if document.problems.is_empty() && unresolved.is_empty() {
            return Ok(());
        }
        let files = call.request.files.len();
        let form = self.use_case.form.check(&document.sent, "", files);
        let mut found = document.spots.problems(&form.err().unwrap_or_default());
        // A relationship that leads nowhere was sent all the same.
        found.retain(|p| !unresolved.iter().any(|u| u.path.starts_with(&p.path)));
        let known = |p: &Problem, list: &[Problem]| list.iter().any(|k| k.path == p.path);
        found.retain(|p| !known(p, &document.problems));
        if found.is_empty() && document.problems.is_empty() {
            return Err(Fault::Unresolved(unresolved, call.rendering));
        }
        let all = std::mem::take(&mut document.problems);
        let all: Vec<_> = all.into_iter().chain(unresolved).chain(found).collect();
        Err(match write.body {
            Body::Nothing => Fault::query(all),
            Body::Document | Body::Upload => Fault::body(all),
        })
    }
}

fn uuid(text: &str) -> Option<uuid::Uuid> {
    uuid::Uuid::parse_str(text).ok()
}
