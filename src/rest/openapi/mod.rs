//! The OpenAPI 3.1 document of the REST face, made from the table of operations and the registry:
//! what is not routed is not documented, and what a field is called, means and takes is said once,
//! where it is declared. It must not know how an operation is carried out.

mod body;
mod clause;
mod document;
mod example;
mod fault;
mod node;
mod operation;
mod parameter;
mod records;
mod value;

use super::route::ROUTES;
use node::{Members, Node, list, object};

/// The groups of operations, in the order of the reference, with a sentence about each.
const TAGS: &[(&str, &str)] = &[
    (
        "connectors",
        "The catalogue: one entry for each service that a workspace can install.",
    ),
    (
        "workspace-connectors",
        "Connectors installed in workspaces: their state, and what is public of their settings.",
    ),
    (
        "workspace-connector-sync-logs",
        "What the runs of installed connectors did.",
    ),
    (
        "records",
        "Any root of the domain as flat rows: chosen columns, the whole grammar of filters, orders and statistics.",
    ),
    ("media", "Logos and pictures."),
    (
        "workspaces",
        "Tenants. Workspaces form trees; the root of a tree is an organization.",
    ),
    (
        "providers",
        "Companies and projects that make the services behind connectors.",
    ),
    ("categories", "The shelves of the catalogue."),
    ("api-key", "Tokens of the caller's workspace."),
];

const DESCRIPTION: &str = "\
The connector catalogue and its installations over HTTP. The same rows, filters and permissions are served over GraphQL at `/graphql`.

**Credential.** Every operation wants `Authorization: Bearer <token>`. A token belongs to a workspace and sees that workspace and those below it; rows outside do not exist for any question.

**Two renderings.** `Accept: application/json` (the default) gives plain documents and one flat error object. `Accept: application/vnd.api+json` gives the same data as strict JSON:API 1.1: link objects, full linkage, compound documents without duplicates, sparse fieldsets, and `errors` with their source.

**Names** of parameters are written in snake case; camel case is accepted as well, and so is a slash at the end of an address. A parameter that an operation does not know is refused.

**Pages.** Lists take `limit` and `cursor`; `links.next` (in `application/json` the bare cursor, in JSON:API an address) leads to the next page and is null on the last. A cursor belongs to the order it was made for.

**Dates** are RFC 3339 moments in UTC. Null is the greatest value in every order.

**Errors** carry a stable `code` and a trace id that finds the line in the server's log; every answer names it in `X-Trace-Id`. All problems of a request are reported at once, each with its path.";

/// The document.
pub fn document() -> Node {
    let (paths, responses) = (operation::paths(), fault::responses());
    let components = components(&paths, responses);
    object! {
        "openapi" => "3.1.1",
        "info" => info(),
        "jsonSchemaDialect" => "https://spec.openapis.org/oas/3.1/dialect/base",
        "servers" => list![object! { "url" => "/", "description" => "This server." }],
        "security" => list![object! { "token" => list![] }],
        "tags" => tags(),
        "paths" => paths,
        "components" => components,
    }
}

/// The document as it is served.
pub fn text() -> String {
    serde_json::to_string(&document()).unwrap_or_default()
}

/// The document as people read it.
pub fn pretty() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

fn info() -> Node {
    object! {
        "title" => "Connectory REST",
        "summary" => "A connector catalogue and connection service.",
        "description" => DESCRIPTION,
        "contact" => object! { "name" => "The operator of this server" },
        "license" => object! { "name" => "MIT", "identifier" => env!("CARGO_PKG_LICENSE") },
        "version" => env!("CARGO_PKG_VERSION"),
    }
}

/// The tags that operations have.
fn tags() -> Node {
    let used = |tag: &str| ROUTES.iter().any(|route| route.tag == tag);
    TAGS.iter()
        .filter(|(tag, _)| used(tag))
        .map(|(tag, doc)| object! { "name" => *tag, "description" => *doc })
        .collect()
}

fn components(paths: &Node, responses: Node) -> Node {
    let answers = list![paths.clone(), responses.clone()];
    object! {
        "securitySchemes" => object! {
            "token" => object! {
                "type" => "http",
                "scheme" => "bearer",
                "description" => "A token of a workspace, as `connectory token create` prints it.",
            },
        },
        "schemas" => operation::used_schemas(&answers, schemas()),
        "responses" => responses,
        "headers" => operation::used_headers(&answers),
    }
}

fn schemas() -> Members {
    let mut all = document::schemas();
    for choice in clause::choices() {
        all.push((choice.name.into(), value::choice(choice)));
        all.push((
            value::input_name(choice).into(),
            value::choice_input(choice),
        ));
    }
    all.extend(fault::schemas());
    all.extend(body::schemas());
    all.extend(records::schemas());
    all.extend(clause::schemas());
    all
}
