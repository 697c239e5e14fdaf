//! GraphQL requests with files, after the GraphQL multipart request specification: a form whose
//! parts are `operations`, `map`, and the files, in this order. A form is something that pages of
//! other sites can send, so a header is asked for that they cannot.
//!
//! Files are checked and kept before the operation runs; a variable then holds the number of its
//! file. A file that no row names afterwards only takes space.

use super::graphql::{self, Refusal};
use crate::app::App;
use crate::error::clip;
use crate::graphql::Request as Question;
use crate::service::{Actor, Capability, may};
use crate::store::Upload;
use multer::{Constraints, Field, Multipart, SizeLimit};
use poem::Request;
use serde_json::{Map, Value as Json};

/// Headers that a form of another site cannot send; one of them must be there.
const PREFLIGHT: [&str; 3] = [
    "GraphQL-Preflight",
    "Apollo-Require-Preflight",
    "X-Apollo-Operation-Name",
];
/// Most files of a request.
const MOST_FILES: usize = 10;
/// Most variables that hold files.
const MOST_PLACES: usize = 40;
/// Most bytes of `map`.
const MAP_LIMIT: u64 = 16 * 1024;
/// How many files of the greatest size may come at once.
const FULL_FILES: u64 = 4;

/// Whether a request is a form with parts.
pub(super) fn is(request: &Request) -> bool {
    let sent = request.content_type().unwrap_or_default();
    let essence = sent.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("multipart/form-data")
}

/// Reads a request, and keeps its files.
pub(super) async fn question(
    app: &App,
    request: &mut Request,
    session: &Actor,
) -> Result<Question, Refusal> {
    preflight(request)?;
    let mut form = form(app, request)?;
    let operations = text(&mut form, "operations").await?;
    let mut parameters = graphql::parameters(operations.as_bytes())?;
    let map = places(&text(&mut form, "map").await?)?;
    let mut files: Vec<(String, Upload)> = Vec::new();
    while let Some(field) = form.next_field().await.map_err(fault)? {
        let name = expected(&field, &map, &files)?;
        let upload = upload(app, field, &name, session).await?;
        for place in &map[&name] {
            put(&mut parameters, place, files.len())?;
        }
        files.push((name, upload));
    }
    if let Some(missing) = map.keys().find(|k| files.iter().all(|(n, _)| n != *k)) {
        let missing = clip(missing);
        return Err(Refusal::bad(format!(
            "the part `{missing}` that `map` names is missing"
        )));
    }
    Ok(Question {
        files: files.into_iter().map(|(_, upload)| upload).collect(),
        ..graphql::question(parameters)?
    })
}

fn preflight(request: &Request) -> Result<(), Refusal> {
    let sent = |name: &&str| request.header(*name).is_some_and(|v| !v.trim().is_empty());
    if PREFLIGHT.iter().any(sent) {
        return Ok(());
    }
    Err(Refusal::bad(format!(
        "a multipart request needs a header that no page of another site can send; add `{}: 1` (or `{}`, `{}`)",
        PREFLIGHT[0], PREFLIGHT[1], PREFLIGHT[2]
    )))
}

/// The parts of the body, each no larger than it may be.
fn form(app: &App, request: &mut Request) -> Result<Multipart<'static>, Refusal> {
    let content_type = request.content_type().unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(fault)?;
    let file = app.config.media_limit as u64;
    let operations = app.config.body_limit as u64;
    let sizes = SizeLimit::new()
        .whole_stream(operations + MAP_LIMIT + FULL_FILES * file)
        .per_field(file)
        .for_field("operations", operations)
        .for_field("map", MAP_LIMIT);
    let constraints = Constraints::new().size_limit(sizes);
    let body = request.take_body().into_bytes_stream();
    Ok(Multipart::with_constraints(body, boundary, constraints))
}

/// The text of the next part, which must be the one of that name.
async fn text(form: &mut Multipart<'static>, name: &str) -> Result<String, Refusal> {
    let field = form.next_field().await.map_err(fault)?;
    let field = field.filter(|f| f.name() == Some(name));
    let field = field.ok_or_else(|| {
        Refusal::bad(format!(
            "the part `{name}` is missing; the order is `operations`, `map`, then the files"
        ))
    })?;
    let bytes = field.bytes().await.map_err(fault)?;
    String::from_utf8(bytes.to_vec())
        .map_err(|_| Refusal::bad(format!("the part `{name}` is no UTF-8")))
}

type Places = std::collections::BTreeMap<String, Vec<String>>;

/// Which file goes where, by `map`.
fn places(map: &str) -> Result<Places, Refusal> {
    let issue = |e| {
        format!(
            "`map` must be an object of lists of texts such as `{{\"0\": [\"variables.file\"]}}`: {e}"
        )
    };
    let map: Places = serde_json::from_str(map).map_err(|e| Refusal::bad(issue(e)))?;
    if map.len() > MOST_FILES {
        let count = map.len();
        return Err(Refusal::bad(format!(
            "`map` names {count} files; the limit is {MOST_FILES}"
        )));
    }
    if map.values().map(Vec::len).sum::<usize>() > MOST_PLACES {
        return Err(Refusal::bad(format!(
            "`map` names more than {MOST_PLACES} variables, which is the limit"
        )));
    }
    match map.iter().find(|(_, places)| places.is_empty()) {
        Some((name, _)) => Err(Refusal::bad(format!(
            "`map` names no variable for the file `{}`",
            clip(name)
        ))),
        None => Ok(map),
    }
}

/// The name of a part with a file, if it is one that was announced and has not come yet.
fn expected(
    field: &Field<'_>,
    map: &Places,
    files: &[(String, Upload)],
) -> Result<String, Refusal> {
    let name = field.name().unwrap_or_default();
    if !map.contains_key(name) {
        return Err(Refusal::bad(format!(
            "the part `{}` is not named by `map`",
            clip(name)
        )));
    }
    if files.iter().any(|(known, _)| known == name) {
        return Err(Refusal::bad(format!(
            "the part `{}` comes twice",
            clip(name)
        )));
    }
    Ok(name.to_owned())
}

/// Checks a file, and keeps it if whoever sends it may write what files are for. Others are
/// refused by the operation, which notes it.
async fn upload(
    app: &App,
    field: Field<'static>,
    name: &str,
    session: &Actor,
) -> Result<Upload, Refusal> {
    let content_type = field.content_type().map(|c| c.essence_str().to_owned());
    let file_name = field.file_name().map(str::to_owned);
    let bytes = field.bytes().await.map_err(fault)?;
    let body = futures_util::stream::iter([Ok(bytes)]);
    let judged = app.store.receive(body, content_type, file_name).await;
    let upload = judged.map_err(|error| {
        let mut refusal = Refusal::from(error);
        refusal.message = format!("the file `{}` is refused: {}", clip(name), refusal.message);
        refusal
    })?;
    if may(session.role, Capability::Catalogue) {
        app.store.put(&upload).await?;
    }
    Ok(upload)
}

/// Puts the number of a file where `map` says, in place of a null.
fn put(parameters: &mut Map<String, Json>, place: &str, number: usize) -> Result<(), Refusal> {
    let refused = || {
        Refusal::bad(format!(
            "`map` names `{}`, which is no variable that is null in `operations`",
            clip(place)
        ))
    };
    let inside = place.strip_prefix("variables.").ok_or_else(refused)?;
    let mut at = parameters.get_mut("variables").ok_or_else(refused)?;
    for step in inside.split('.') {
        let next = match at {
            Json::Object(members) => members.get_mut(step),
            Json::Array(items) => step.parse::<usize>().ok().and_then(|i| items.get_mut(i)),
            _ => None,
        };
        at = next.ok_or_else(refused)?;
    }
    if !at.is_null() {
        return Err(refused());
    }
    *at = number.into();
    Ok(())
}

/// What is wrong with the form itself.
fn fault(error: multer::Error) -> Refusal {
    match error {
        multer::Error::FieldSizeExceeded { limit, field_name } => Refusal::too_large(format!(
            "the part `{}` is larger than the limit of {limit} bytes",
            clip(&field_name.unwrap_or_default())
        )),
        multer::Error::StreamSizeExceeded { limit } => Refusal::too_large(format!(
            "the body is larger than the limit of {limit} bytes"
        )),
        other => Refusal::bad(format!("the body is no multipart form: {other}")),
    }
}
