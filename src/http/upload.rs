//! Uploads over REST: a request in parts. The file is checked and kept before the use case runs,
//! since no transaction may wait for bytes; the other parts are texts for the face to read. A file
//! that no row names afterwards only takes space.

use crate::app::App;
use crate::error::{Error, Problem, clip};
use crate::rest::fault::Place;
use crate::rest::write::Part;
use crate::rest::{Fault, Request as Question, accept, write};
use crate::service::{Actor, Capability, may};
use crate::store::Upload;
use multer::{Constraints, Field, Multipart, SizeLimit};
use poem::Request;

/// The part with the file.
const FILE: &str = "file";
/// Most parts.
const MOST_PARTS: usize = 50;
/// Most bytes of a part that is no file.
const TEXT_LIMIT: u64 = 64 * 1024;

/// Whether the body of a request is to be read in parts.
pub fn expected(question: &Question) -> bool {
    write::expects_upload(question) && accept::parts(question.header("content-type")).is_ok()
}

/// Reads the parts into the question.
pub async fn read(
    app: &App,
    request: &mut Request,
    session: &Actor,
    question: &mut Question,
) -> Result<(), Fault> {
    let limit = app.config.media_limit as u64;
    let mut form = form(request, limit)?;
    while let Some(field) = form.next_field().await.map_err(fault)? {
        if question.parts.len() + question.files.len() >= MOST_PARTS {
            return Err(refused("body", format!("has more than {MOST_PARTS} parts")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            FILE if !question.files.is_empty() => {
                return Err(refused(
                    FILE,
                    "comes twice; send one file in a request".to_owned(),
                ));
            }
            FILE => question.files.push(file(app, field, session).await?),
            _ => question.parts.push(text(field, name).await?),
        }
    }
    Ok(())
}

fn form(request: &mut Request, limit: u64) -> Result<Multipart<'static>, Fault> {
    let content_type = request.content_type().unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|_| {
        let problem = Problem::new("Content-Type", "names no boundary between the parts");
        Fault::Failed(Error::Invalid(vec![problem]), Place::Header)
    })?;
    let sizes = SizeLimit::new()
        .whole_stream(limit + 4 * TEXT_LIMIT)
        .per_field(TEXT_LIMIT)
        .for_field(FILE, limit);
    let body = request.take_body().into_bytes_stream();
    let constraints = Constraints::new().size_limit(sizes);
    Ok(Multipart::with_constraints(body, boundary, constraints))
}

/// Checks the file, and keeps it if whoever sends it may write what files are for. Others are
/// refused by the use case, which notes it.
async fn file(app: &App, field: Field<'static>, session: &Actor) -> Result<Upload, Fault> {
    let content_type = field.content_type().map(|c| c.essence_str().to_owned());
    let file_name = field.file_name().map(str::to_owned);
    let bytes = field.bytes().await.map_err(fault)?;
    let body = futures_util::stream::iter([Ok(bytes)]);
    let judged = app.store.receive(body, content_type, file_name).await;
    let upload = judged.map_err(|error| Fault::Failed(error, Place::Body))?;
    if may(session.role, Capability::Catalogue) {
        app.store.put(&upload).await?;
    }
    Ok(upload)
}

async fn text(field: Field<'static>, name: String) -> Result<Part, Fault> {
    let bytes = field.bytes().await.map_err(fault)?;
    match String::from_utf8(bytes.to_vec()) {
        Ok(text) => Ok(Part { name, text }),
        Err(_) => Err(refused(&clip(&name), "is no UTF-8".to_owned())),
    }
}

fn refused(path: &str, issue: String) -> Fault {
    Fault::body(vec![Problem::new(path, issue)])
}

/// What is wrong with the body itself.
fn fault(error: multer::Error) -> Fault {
    match error {
        multer::Error::FieldSizeExceeded { limit, .. }
        | multer::Error::StreamSizeExceeded { limit } => {
            Fault::PayloadTooLarge(usize::try_from(limit).unwrap_or(usize::MAX))
        }
        other => refused("body", format!("is no multipart form: {other}")),
    }
}
