//! Operations: each route of the table with its parameters, body and answers.

use super::node::{Members, Node, list, object, schema_ref};
use super::{body, clause, document, example, fault, parameter, records};
use crate::query::Resource;
use crate::rest::accept;
use crate::rest::name;
use crate::rest::route::{Content, Outcome, ROUTES, Route};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Headers that answers carry: name, meaning, sample.
const HEADERS: &[(&str, &str, &str)] = &[
    (
        "ETag",
        "Entity tag of this state of the resource; send it as `If-None-Match` or `If-Match`.",
        "\"r3-9f86d081884c7d65\"",
    ),
    (
        "X-Trace-Id",
        "What finds the request in the server's log.",
        example::TRACE,
    ),
    (
        "Location",
        "Address of the resource that was made.",
        "/v1/connectors/f47ac10b-58cc-4372-a567-0e02b2c3d479",
    ),
    (
        "Idempotency-Replayed",
        "`true` where the answer was kept from an earlier request with the same `Idempotency-Key`.",
        "true",
    ),
    (
        "WWW-Authenticate",
        "How to send the credential.",
        "Bearer realm=\"connectory\", error=\"invalid_token\"",
    ),
    ("Retry-After", "Seconds after which to try again.", "1"),
    (
        "Vary",
        "Request headers that the answer depends on.",
        "Accept, Authorization",
    ),
];

/// The headers that answers refer to, described.
pub fn used_headers(answers: &Node) -> Members {
    let mut used = Vec::new();
    references(answers, "headers", &mut used);
    HEADERS
        .iter()
        .filter(|(name, ..)| used.iter().any(|known| known == name))
        .map(|(name, doc, sample)| {
            let schema = object! { "type" => "string", "examples" => list![*sample] };
            (
                (*name).into(),
                object! { "description" => *doc, "schema" => schema },
            )
        })
        .collect()
}

/// References to headers, by names in any case.
pub fn header_refs(names: &[&str]) -> Node {
    let known = |name: &&str| {
        HEADERS
            .iter()
            .find(|(known, ..)| known.eq_ignore_ascii_case(name))
    };
    let refer = |(name, ..): &(&'static str, &str, &str)| {
        let at = format!("#/components/headers/{name}");
        (Cow::from(*name), object! { "$ref" => at })
    };
    Node::Object(names.iter().filter_map(known).map(refer).collect())
}

/// Every address with its operations, in the order of the table.
pub fn paths() -> Node {
    let mut paths: Vec<(&'static str, Members)> = Vec::new();
    for route in ROUTES {
        let method = route.method.name().to_ascii_lowercase();
        let member = (Cow::from(method), operation(route));
        match paths.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, members)) => members.push(member),
            None => paths.push((route.path, vec![member])),
        }
    }
    let paths = paths.into_iter();
    Node::Object(
        paths
            .map(|(path, members)| (path.into(), members.into()))
            .collect(),
    )
}

fn operation(route: &'static Route) -> Node {
    let said = object! {
        "operationId" => route.operation_id,
        "tags" => list![route.tag],
        "summary" => route.summary,
        "description" => description(route),
    };
    let parameters: Vec<Node> = route.parameters().map(parameter::of).collect();
    let said = if parameters.is_empty() {
        said
    } else {
        said.with("parameters", Node::List(parameters))
    };
    said.with_some("requestBody", route.body.map(|body| body::of(route, body)))
        .with("responses", responses(route))
}

/// What there is to know: other addresses, and what lists can be filtered by.
fn description(route: &Route) -> String {
    let mut doc = route.description.to_owned();
    if !route.aliases.is_empty() {
        let others: Vec<_> = route.aliases.iter().map(|a| format!("`{a}`")).collect();
        doc.push_str(&format!("\n\nAlso at {}.", others.join(", ")));
    }
    for outcome in route.outcomes {
        if let Content::Page(of, _) = outcome.content {
            doc.push_str(&format!(
                "\n\n**Filterable and sortable fields**\n\n{}",
                clause::table(of())
            ));
        }
    }
    doc
}

/// Statuses are written in ascending order.
fn responses(route: &'static Route) -> Members {
    let own: BTreeSet<u16> = route.outcomes.iter().map(|o| o.status).collect();
    let mut all: Vec<(u16, Node)> = route
        .outcomes
        .iter()
        .map(|outcome| (outcome.status, response(route, outcome)))
        .collect();
    for outcome in fault::shared(route.body.is_some()).filter(|o| !own.contains(&o.status)) {
        let at = format!("#/components/responses/{}", fault::name(outcome.status));
        all.push((outcome.status, object! { "$ref" => at }));
    }
    all.sort_by_key(|(status, _)| *status);
    all.into_iter()
        .map(|(status, node)| (status.to_string().into(), node))
        .collect()
}

fn response(route: &Route, outcome: &Outcome) -> Node {
    let content = match outcome.content {
        Content::Error => {
            let (kind, id) = missing(route);
            return fault::response(outcome, kind, &id);
        }
        Content::Empty => None,
        Content::One(of) => Some(both(
            |r| document::one_name(of(), r),
            |r| document::one_example(of(), r),
        )),
        Content::Page(of, paging) => Some(both(
            |r| document::page_name(of(), r),
            |r| document::page_example(of(), paging, r),
        )),
        Content::Records => Some(plain("Records", records::records_example())),
        Content::Statistics => Some(plain("Statistics", records::statistics_example())),
    };
    let mut names = vec!["X-Trace-Id", "Vary"];
    if matches!(outcome.content, Content::One(_)) || outcome.status == 304 {
        names.push("ETag");
    }
    if outcome.status == 201 {
        names.push("Location");
    }
    if route.parameters().any(|p| p.name == "Idempotency-Key") {
        names.push("Idempotency-Replayed");
    }
    object! { "description" => outcome.doc, "headers" => header_refs(&names) }
        .with_some("content", content)
}

/// What an operation can fail to find: the kind of thing and a name for it.
fn missing(route: &Route) -> (&'static str, String) {
    let found = route
        .outcomes
        .iter()
        .find_map(|outcome| match outcome.content {
            Content::One(of) => Some(of()),
            _ => None,
        });
    let kind =
        |resource: &'static Resource| name::of(resource).map_or(resource.singular, |n| n.word);
    found.map_or(("resource", "notion".to_owned()), |resource| {
        (kind(resource), example::id(resource))
    })
}

/// Content in both renderings.
fn both(
    name: impl Fn(crate::rest::Rendering) -> String,
    sample: impl Fn(crate::rest::Rendering) -> Node,
) -> Node {
    let each = document::RENDERINGS.iter().map(|rendering| {
        let content =
            object! { "schema" => schema_ref(&name(*rendering)), "example" => sample(*rendering) };
        (Cow::from(document::media_type(*rendering)), content)
    });
    Node::Object(each.collect())
}

/// Content that is the same in both renderings.
fn plain(name: &str, sample: Node) -> Node {
    object! { accept::JSON => object! { "schema" => schema_ref(name), "example" => sample } }
}

/// The schemas that operations, shared answers, or used schemas refer to.
pub fn used_schemas(answers: &Node, all: Members) -> Members {
    let mut used = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    references(answers, "schemas", &mut open);
    while let Some(name) = open.pop() {
        if used.insert(name.clone())
            && let Some((_, schema)) = all.iter().find(|(known, _)| *known == name)
        {
            references(schema, "schemas", &mut open);
        }
    }
    all.into_iter()
        .filter(|(name, _)| used.contains(&**name))
        .collect()
}

/// The names of the components of a kind that a node refers to.
fn references(node: &Node, kind: &str, out: &mut Vec<String>) {
    match node {
        Node::Json(_) => {}
        Node::List(items) => items.iter().for_each(|item| references(item, kind, out)),
        Node::Object(members) => {
            for (name, value) in members {
                match value {
                    Node::Json(at) if name == "$ref" => {
                        let mut parts = at.as_str().unwrap_or_default().rsplit('/');
                        let (name, of) = (parts.next(), parts.next());
                        out.extend(name.filter(|_| of == Some(kind)).map(str::to_owned));
                    }
                    other => references(other, kind, out),
                }
            }
        }
    }
}
