//! Records: questions for flat rows and for statistics, and their answers.

use super::node::{Members, Node, list, object, schema_ref};
use super::{clause, example};
use crate::query::{MAX_SORTS, Resource};
use crate::resource::RESOURCES;
use crate::rest::name;
use serde_json::json;

/// The resources that are roots, with the names of the roots.
pub fn roots() -> impl Iterator<Item = (&'static str, &'static Resource)> {
    let root = |resource: &&'static Resource| {
        let root = name::of(resource).and_then(|n| n.root)?;
        Some((root, *resource))
    };
    RESOURCES.iter().filter_map(root)
}

/// The schema of a root's name.
pub fn root() -> Node {
    object! {
        "description" => "The root: what a row is.",
        "type" => "string",
        "enum" => roots().map(|(root, _)| root).collect::<Node>(),
    }
}

/// The schemas of questions and answers.
pub fn schemas() -> Members {
    vec![
        ("RecordsRoot".into(), root()),
        ("RecordsQuery".into(), query()),
        ("RecordsOrder".into(), order()),
        ("StatisticsQuery".into(), statistics_query()),
        ("Aggregation".into(), aggregation()),
        ("Records".into(), records()),
        ("RecordsColumn".into(), column()),
        ("RecordsValue".into(), cell()),
        ("Statistics".into(), statistics()),
    ]
}

/// The members that both questions have.
fn filters() -> Members {
    vec![
        ("root".into(), schema_ref("RecordsRoot")),
        (
            "filters".into(),
            object! { "description" => "Rules; combined with `whereClause` by `and`.", "type" => "array", "items" => schema_ref("FilterConfig") },
        ),
        (
            "whereClause".into(),
            object! { "description" => "A condition on the root; combined with `filters` by `and`.", "type" => "object" },
        ),
        (
            "workspaceId".into(),
            object! { "description" => "Answers from this workspace of the caller's and those below it only.", "type" => "string", "format" => "uuid" },
        ),
    ]
}

/// The condition of each root is one on its resource.
fn by_root() -> Node {
    let each = roots().map(|(root, resource)| {
        object! {
            "if" => object! { "properties" => object! { "root" => object! { "const" => root } }, "required" => list!["root"] },
            "then" => object! { "properties" => object! { "whereClause" => schema_ref(&clause::name_of(resource)) } },
        }
    });
    each.collect()
}

fn path_list() -> Node {
    object! {
        "description" => "A path of names that begins with the root.",
        "type" => "array",
        "items" => object! { "type" => "string" },
        "minItems" => 1,
    }
}

fn query() -> Node {
    let mut members = filters();
    let fields = object! {
        "description" => "The columns, each a path from the root; at least one has two names or more.",
        "type" => "array",
        "items" => path_list(),
        "minItems" => 1,
    };
    members.insert(1, ("fields".into(), fields));
    let orders = object! { "type" => "array", "items" => schema_ref("RecordsOrder"), "maxItems" => MAX_SORTS };
    members.push((
        "orderBy".into(),
        object! { "description" => "The order, or several, the first one foremost.", "anyOf" => list![schema_ref("RecordsOrder"), orders] },
    ));
    members.push((
        "limit".into(),
        object! { "description" => "Most rows of the page.", "type" => "integer", "minimum" => 1, "maximum" => 500, "default" => 20 },
    ));
    members.push((
        "cursor".into(),
        object! { "description" => "`meta.nextCursor` of the page before.", "type" => list!["string", "null"] },
    ));
    object! {
        "description" => "A question for rows of a root.",
        "type" => "object",
        "required" => list!["root", "fields"],
        "properties" => members,
        "additionalProperties" => false,
        "allOf" => by_root(),
    }
}

fn order() -> Node {
    object! {
        "description" => "A key of the order.",
        "type" => "object",
        "required" => list!["field"],
        "properties" => object! {
            "field" => object! {
                "description" => "A field, with a dot path through to-one relations; `<relation>_aggregate.count`, `.min.<field>`, `.max.<field>` order by a to-many relation.",
                "type" => "string",
                "examples" => list!["created_at", "connector.name", "workspace_connectors_aggregate.count"],
            },
            "direction" => object! { "type" => "string", "enum" => list!["asc", "desc"], "default" => "asc" },
            "nulls" => object! {
                "description" => "Null is the greatest value: `last` ascending, `first` descending; nothing else can be said.",
                "type" => "string",
                "enum" => list!["first", "last"],
            },
        },
        "additionalProperties" => false,
    }
}

fn statistics_query() -> Node {
    let mut members = filters();
    members.push((
        "aggregations".into(),
        object! { "description" => "What to compute.", "type" => "array", "items" => schema_ref("Aggregation"), "minItems" => 1 },
    ));
    let path = object! { "anyOf" => list![object! { "type" => "string" }, path_list()] };
    members.push((
        "group_by".into(),
        object! { "description" => "Paths whose values make the groups; one row in all without.", "type" => "array", "items" => path },
    ));
    object! {
        "description" => "A question for statistics of a root.",
        "type" => "object",
        "required" => list!["root", "aggregations"],
        "properties" => members,
        "additionalProperties" => false,
        "allOf" => by_root(),
    }
}

fn aggregation() -> Node {
    object! {
        "type" => "object",
        "required" => list!["op", "field", "alias"],
        "properties" => object! {
            "op" => object! { "type" => "string", "enum" => list!["count", "sum", "avg", "min", "max"] },
            "field" => object! { "description" => "A path, or `*` to count rows.", "type" => "string" },
            "alias" => object! { "description" => "The name of the value in the answer.", "type" => "string" },
        },
        "additionalProperties" => false,
    }
}

fn cell() -> Node {
    object! {
        "description" => "A value; a list where the path goes through a to-many relation.",
        "type" => list!["string", "number", "boolean", "object", "array", "null"],
        "items" => object! {},
    }
}

fn column() -> Node {
    let kinds = list![
        "uuid", "string", "number", "boolean", "datetime", "enum", "json", "list"
    ];
    let meta = object! {
        "type" => "object",
        "required" => list!["displayType", "isEditable"],
        "properties" => object! {
            "displayType" => object! { "type" => "string", "enum" => kinds },
            "isEditable" => object! { "type" => "boolean", "const" => false },
        },
        "additionalProperties" => false,
    };
    object! {
        "type" => "object",
        "required" => list!["key", "meta"],
        "properties" => object! {
            "key" => object! { "description" => "The path, joined by dots.", "type" => "string" },
            "meta" => meta,
        },
        "additionalProperties" => false,
    }
}

fn rows() -> Node {
    object! {
        "type" => "array",
        "items" => object! { "type" => "object", "additionalProperties" => schema_ref("RecordsValue") },
    }
}

fn records() -> Node {
    let count =
        |doc: &'static str| object! { "description" => doc, "type" => "integer", "minimum" => 0 };
    let meta = object! {
        "type" => "object",
        "required" => list!["total", "count", "nextCursor"],
        "properties" => object! {
            "total" => count("Rows that match."),
            "count" => count("Rows of this page."),
            "nextCursor" => object! { "description" => "Leads to the next page; null on the last.", "type" => list!["string", "null"] },
        },
        "additionalProperties" => false,
    };
    object! {
        "description" => "Flat rows: each value under its full path from the root.",
        "type" => "object",
        "required" => list!["data", "meta", "columns"],
        "properties" => object! {
            "data" => rows(),
            "meta" => meta,
            "columns" => object! { "description" => "The columns, in the order they were asked for.", "type" => "array", "items" => schema_ref("RecordsColumn") },
        },
        "additionalProperties" => false,
    }
}

fn statistics() -> Node {
    object! {
        "description" => "One row for each group, or one in all.",
        "type" => "object",
        "required" => list!["data", "meta"],
        "properties" => object! { "data" => rows(), "meta" => object! { "type" => "object" } },
        "additionalProperties" => false,
    }
}

/// An example of rows.
pub fn records_example() -> Node {
    let id = example::id(crate::resource::connector::resource());
    Node::Json(json!({
        "data": [{"connectors.connector_id": id, "connectors.name": "Salesforce"}],
        "meta": {"total": 318, "count": 1, "nextCursor": example::CURSOR},
        "columns": [
            {"key": "connectors.connector_id", "meta": {"displayType": "uuid", "isEditable": false}},
            {"key": "connectors.name", "meta": {"displayType": "string", "isEditable": false}},
        ],
    }))
}

/// An example of statistics.
pub fn statistics_example() -> Node {
    Node::Json(json!({"data": [{"status": "active", "connectors": 318}], "meta": {}}))
}

/// Examples of questions for rows: name, summary, body.
pub fn query_examples() -> Node {
    object! {
        "rules" => object! {
            "summary" => "Chosen columns, filtered by rules",
            "value" => json!({
                "root": "workspace_connectors",
                "fields": [["workspace_connectors", "status"], ["workspace_connectors", "connector", "name"]],
                "filters": [{"field": "status", "operator": "in", "value": ["active", "error"]}],
                "orderBy": {"field": "connector.name", "direction": "asc"},
                "limit": 20,
            }),
        },
        "clause" => object! {
            "summary" => "A condition on related rows",
            "value" => json!({
                "root": "connectors",
                "fields": [["connectors", "name"]],
                "whereClause": {"_or": [{"name": {"_ilike": "%force%"}}, {"workspace_connectors": {"_some": {"status": {"_eq": "active"}}}}]},
                "orderBy": [{"field": "name", "direction": "asc"}],
            }),
        },
    }
}

/// Examples of questions for statistics.
pub fn statistics_examples() -> Node {
    object! {
        "groups" => object! {
            "summary" => "Rows by status",
            "value" => json!({
                "root": "connectors",
                "aggregations": [{"op": "count", "field": "*", "alias": "connectors"}],
                "group_by": ["status"],
            }),
        },
    }
}
