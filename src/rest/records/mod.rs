//! Records: flat rows of any root, with the fields a client names, and figures over them. Each
//! question is the engine's question; rows are written from what was found, without a model between.

mod ask;
mod body;
mod columns;
mod statistics;

pub use ask::{MAX_RELATED, MAX_ROWS};

use super::{Answer, Call, Fault, Place, Rendering, Rest};
use crate::error::Error;
use crate::query::cursor::Binding;
use crate::query::{Found, Viewer};
use ask::Ask;
use futures_util::future::BoxFuture;
use uuid::Uuid;

/// Bytes that a value comes to with its key, more or less.
const BYTES: usize = 64;

/// `POST /v1/records/query`.
pub fn query<'a>(rest: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    Box::pin(async move {
        let body = body::parse(&call.request.body)?;
        let ask = Ask::from_body(rest, &body, call.parameters.get("workspace_id"));
        let ask = ask.map_err(|error| Fault::Failed(error, Place::Question))?;
        Ok(answer(rest, &call, ask).await?)
    })
}

/// `GET /v1/records/{root}`.
pub fn list<'a>(rest: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    Box::pin(async move {
        let ask = Ask::from_query(rest, &call)?;
        Ok(answer(rest, &call, ask).await?)
    })
}

/// `POST /v1/records/statistics`.
pub fn statistics<'a>(rest: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    Box::pin(async move {
        let body = body::parse(&call.request.body)?;
        let ask = statistics::Ask::read(&body, call.parameters.get("workspace_id"));
        let ask = ask.map_err(|error| Fault::Failed(error, Place::Question))?;
        let viewer = viewer(rest, &call, ask.workspace).await?;
        let figures = ask.question.run(&rest.db, &viewer).await?;
        Ok(json(ask.write(&figures)))
    })
}

/// Who asks, narrowed to the workspace that was named.
async fn viewer(rest: &Rest, call: &Call<'_>, workspace: Option<Uuid>) -> Result<Viewer, Error> {
    let own = &call.caller.viewer;
    let Some(id) = workspace else {
        return Ok(own.clone());
    };
    let narrowed = own.narrowed(&rest.db, id).await?;
    narrowed.ok_or_else(|| {
        Error::Forbidden(format!(
            "the credential reaches no workspace `{id}`; leave `workspaceId` out for its own"
        ))
    })
}

async fn answer(rest: &Rest, call: &Call<'_>, ask: Ask) -> Result<Answer, Error> {
    let viewer = viewer(rest, call, ask.workspace).await?;
    let found = ask.query.run(&rest.db, &viewer).await?;
    Ok(json(write(rest, &ask, &found)))
}

/// Records have one rendering, which JSON:API has no form for.
fn json(body: Vec<u8>) -> Answer {
    Answer::new(200, Rendering::Well, body)
}

/// Writes rows, `meta` and columns.
fn write(rest: &Rest, ask: &Ask, found: &Found) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 + found.values() * BYTES);
    let slice = found.slice(0);
    out.extend_from_slice(b"{\"data\":[");
    let mut last = None;
    let views = found.views(&slice);
    let count = views.len();
    for (i, view) in views.enumerate() {
        out.extend_from_slice(if i > 0 { b",{" } else { b"{" });
        ask.columns.write_row(view, &mut out);
        out.push(b'}');
        last = Some(view);
    }
    let binding = Binding::new(ask.query.resource, &ask.query.order);
    let next = last
        .filter(|_| slice.more)
        .and_then(|view| view.cursor(&rest.sealer, &ask.query, &binding));
    let meta = serde_json::json!({
        "total": slice.total.unwrap_or_default(),
        "count": count,
        "nextCursor": next,
    });
    out.extend_from_slice(format!("],\"meta\":{meta},\"columns\":").as_bytes());
    ask.columns.write_meta(&mut out);
    out.push(b'}');
    out
}
