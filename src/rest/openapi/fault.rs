//! Errors: the two shapes in which they are written, and an example of each, written by the same
//! code that writes them.

use super::example;
use super::node::{Members, Node, list, object, schema_ref};
use crate::error::{Code, Error, Problem};
use crate::rest::route::{COMMON, Outcome, ROUTES, error};
use crate::rest::{Fault, Rendering, accept, fault};

/// Further errors that any operation can answer with.
const ALWAYS: &[Outcome] = &[error(
    500,
    "A fault of the server; its cause stands in the log under the trace id.",
)];

/// Errors of operations that read a body.
const WITH_BODY: &[Outcome] = &[
    error(413, "The body is larger than the server reads."),
    error(415, "The body is of a media type that is not read here."),
];

/// Every code that REST answers with.
const CODES: &[Code] = &[
    Code::BadRequest,
    Code::SchemaValidation,
    Code::InvalidJson,
    Code::TooComplex,
    Code::Unauthorized,
    Code::Forbidden,
    Code::NotFound,
    Code::MethodNotAllowed,
    Code::NotAcceptable,
    Code::Conflict,
    Code::KeyReused,
    Code::Unresolved,
    Code::PreconditionFailed,
    Code::PayloadTooLarge,
    Code::UnsupportedMediaType,
    Code::Unavailable,
    Code::Internal,
];

/// The errors that an operation shares with others.
pub fn shared(with_body: bool) -> impl Iterator<Item = &'static Outcome> {
    let body = WITH_BODY.iter().filter(move |_| with_body);
    COMMON.iter().chain(ALWAYS).chain(body)
}

/// The name of the shared response of a status.
pub fn name(status: u16) -> String {
    CODES
        .iter()
        .find(|code| fault::status(**code) == status)
        .map_or_else(
            || format!("Status{status}"),
            |code| fault::title(*code).replace(' ', ""),
        )
}

/// The responses that operations share.
pub fn responses() -> Node {
    let bodies = ROUTES.iter().any(|route| route.body.is_some());
    let named =
        |outcome: &'static Outcome| (name(outcome.status).into(), response(outcome, "row", ""));
    Node::Object(shared(bodies).map(named).collect())
}

/// An error response; `kind` and `id` are what its example could not find.
pub fn response(outcome: &Outcome, kind: &'static str, id: &str) -> Node {
    let content = |rendering: Rendering, schema: &str| {
        let samples: Members = samples(outcome.status, kind, id)
            .into_iter()
            .map(|(name, summary, fault)| {
                let value = written(&fault, rendering);
                (
                    name.into(),
                    object! { "summary" => summary, "value" => value },
                )
            })
            .collect();
        object! { "schema" => schema_ref(schema), "examples" => samples }
    };
    let mut headers = vec!["X-Trace-Id"];
    headers.extend(fault::hint(outcome.status).map(|(name, _)| name));
    object! {
        "description" => outcome.doc,
        "headers" => super::operation::header_refs(&headers),
        "content" => object! {
            accept::JSON => content(Rendering::Well, "Error"),
            accept::JSON_API => content(Rendering::Strict, "JsonApiErrors"),
        },
    }
}

fn written(fault: &Fault, rendering: Rendering) -> Node {
    // An example is no failure: it does not go into the log.
    let answer =
        tracing::subscriber::with_default(tracing::subscriber::NoSubscriber::new(), || {
            fault.answer(rendering, example::TRACE)
        });
    Node::Json(serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// Faults that give a status: name, summary, fault.
fn samples(status: u16, kind: &'static str, id: &str) -> Vec<(&'static str, &'static str, Fault)> {
    let problem = |path: &str, issue: &str| Problem::new(path, issue);
    let invalid = || {
        Fault::query(vec![
            problem("limit", "must be a whole number from 1 to 500"),
            problem("colour", "is not a parameter of this address"),
        ])
    };
    match status {
        400 => vec![
            ("parameters", "Two parameters are wrong", invalid()),
            (
                "complex",
                "A limit that protects the server was passed",
                Error::TooComplex("the filter has more than 100 tests".into()).into(),
            ),
        ],
        401 => vec![(
            "credential",
            "No usable token",
            Error::Unauthorized("the token is missing, unknown, revoked or expired").into(),
        )],
        403 => vec![(
            "role",
            "The role does not allow it",
            Error::Forbidden("a viewer reads only".into()).into(),
        )],
        404 => vec![(
            "missing",
            "Nothing there for this caller",
            Fault::not_found(kind, id),
        )],
        406 => vec![(
            "accept",
            "No media type that is written here",
            Fault::NotAcceptable(format!(
                "this address answers as `{}` or `{}`",
                accept::JSON,
                accept::JSON_API
            )),
        )],
        409 => vec![(
            "taken",
            "Another row has it",
            Error::Exists {
                kind: "connector",
                problem: problem(
                    "data.attributes.slug",
                    "is taken by another connector of the organization; choose another one",
                ),
            }
            .into(),
        )],
        412 => vec![(
            "changed",
            "The row was changed since",
            Fault::PreconditionFailed(problem(
                "If-Match",
                "names a version that is no longer current",
            )),
        )],
        413 => vec![("large", "Too large", Fault::PayloadTooLarge(1_048_576))],
        415 => vec![(
            "type",
            "Not a media type that is read here",
            Fault::UnsupportedMediaType(problem(
                "Content-Type",
                "must be `application/json` or `application/vnd.api+json`",
            )),
        )],
        422 => vec![(
            "meaning",
            "Understood and not possible",
            Fault::Unresolved(
                vec![problem(
                    "data.relationships.logo.data.id",
                    "names nothing: no resource in `included` has this type and identifier",
                )],
                Rendering::Well,
            ),
        )],
        503 => vec![(
            "later",
            "Try again later",
            Error::Unavailable("no connection".into()).into(),
        )],
        _ => vec![(
            "fault",
            "A fault of the server",
            Error::internal("cause").into(),
        )],
    }
}

/// The shapes of errors.
pub fn schemas() -> Members {
    let codes: Node = CODES.iter().map(|c| c.as_str()).collect();
    let code = object! {
        "title" => "ErrorCode",
        "description" => "What went wrong, a stable word.",
        "type" => "string",
        "examples" => codes,
    };
    vec![
        ("ErrorCode".into(), code),
        ("Problem".into(), problem()),
        ("TraceMeta".into(), meta()),
        ("Error".into(), flat()),
        ("JsonApiErrors".into(), errors()),
    ]
}

fn problem() -> Node {
    object! {
        "description" => "One thing that is wrong, and where it stands.",
        "type" => "object",
        "required" => list!["path", "issue"],
        "properties" => object! {
            "path" => object! { "description" => "The offending parameter, header or member, as it was spelled.", "type" => "string" },
            "issue" => object! { "description" => "What is wrong and what would be right.", "type" => "string" },
        },
        "additionalProperties" => false,
    }
}

fn meta() -> Node {
    object! {
        "description" => "What finds the request in the server's log.",
        "type" => "object",
        "required" => list!["trace_id", "log_id"],
        "properties" => object! {
            "trace_id" => object! { "description" => "The trace id, as in `X-Trace-Id`.", "type" => "string" },
            "log_id" => object! { "description" => "The same.", "type" => "string" },
        },
        "additionalProperties" => false,
    }
}

fn flat() -> Node {
    let status = object! { "description" => "The status.", "type" => "integer", "minimum" => 400, "maximum" => 599 };
    let details = object! {
        "description" => "The first problem, and the list of all.",
        "type" => "object",
        "required" => list!["path", "issue", "problems"],
        "properties" => object! {
            "path" => object! { "description" => "Where the first problem stands.", "type" => "string" },
            "issue" => object! { "description" => "What the first problem is.", "type" => "string" },
            "problems" => object! { "type" => "array", "minItems" => 1, "items" => schema_ref("Problem") },
        },
        "additionalProperties" => false,
    };
    object! {
        "description" => "An error in `application/json`.",
        "type" => "object",
        "required" => list!["code", "status", "title", "message", "meta"],
        "properties" => object! {
            "code" => schema_ref("ErrorCode"),
            "status" => status,
            "title" => object! { "description" => "The status in words.", "type" => "string" },
            "message" => object! { "description" => "What went wrong, for people; may change.", "type" => "string" },
            "details" => details,
            "meta" => schema_ref("TraceMeta"),
        },
        "additionalProperties" => false,
    }
}

fn errors() -> Node {
    let text = |doc: &'static str| object! { "description" => doc, "type" => "string" };
    let source = object! {
        "description" => "Where in the request it stands.",
        "type" => "object",
        "properties" => object! {
            "pointer" => text("An RFC 6901 pointer into the body."),
            "parameter" => text("A query parameter."),
            "header" => text("A header."),
        },
        "minProperties" => 1,
        "maxProperties" => 1,
        "additionalProperties" => false,
    };
    let one = object! {
        "type" => "object",
        "required" => list!["id", "status", "code", "title", "detail"],
        "properties" => object! {
            "id" => text("The trace id."),
            "status" => object! { "description" => "The status, as text.", "type" => "string", "pattern" => "^[45][0-9]{2}$" },
            "code" => schema_ref("ErrorCode"),
            "title" => text("The status in words."),
            "detail" => text("What went wrong, for people; may change."),
            "source" => source,
            "meta" => schema_ref("TraceMeta"),
        },
        "additionalProperties" => false,
    };
    object! {
        "description" => "Errors in `application/vnd.api+json`, one for each problem.",
        "type" => "object",
        "required" => list!["errors"],
        "properties" => object! {
            "jsonapi" => schema_ref("JsonApi"),
            "errors" => object! { "type" => "array", "minItems" => 1, "items" => one },
            "links" => object! { "type" => "object" },
            "meta" => object! { "type" => "object" },
        },
        "additionalProperties" => false,
    }
}
