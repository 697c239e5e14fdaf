//! Requests that pass the check in front and meet the limits of the engine, or none.

use super::case::{Case, case, many, nested, raw, variable};
use serde_json::json;

/// Requests that run and fail in one field, for the limits of the engine.
pub(super) fn in_a_field() -> Vec<Case> {
    let filter = |inner: String| format!("{{ connectors(filter: {inner}) {{ totalCount }} }}");
    let name = |n: usize| format!("{{ name: {{ contains: \"ü{n}\" }} }}");
    let rows = "{ connectors(first: 100) { nodes { workspaceConnectors(first: 100) { nodes { syncLogs(first: 100) { nodes { id } } } } } } }";
    let pages = many(3, |i| {
        format!(
            "a{i}: connectors(first: 100) {{ nodes {{ workspaceConnectors(first: 99) {{ nodes {{ id }} }} }} }}"
        )
    });
    vec![
        case(
            "deep filter",
            filter(nested("{not:", 20, "{}", "}")),
            "limit of 12 levels",
        ),
        case(
            "deep relations",
            filter(nested(
                "{workspaceConnectors:{some:{connector:",
                7,
                "{}",
                "}}}",
            )),
            "limit of 12 levels",
        ),
        case(
            "many tests",
            filter(format!("{{ or: [{}] }}", many(101, name))),
            "the limit is 100",
        ),
        case(
            "a long text",
            filter(format!("{{ name: {{ eq: \"{}\" }} }}", "a".repeat(5_000))),
            "the limit is 4096",
        ),
        variable(
            "a list",
            "query($v: [ConnectorStatus!]) { connectors(filter: { status: { in: $v } }) { totalCount } }",
            json!(vec!["ACTIVE"; 501]),
            "the limit is 500",
        ),
        variable(
            "an order",
            "query($v: [ConnectorOrder!]) { connectors(orderBy: $v) { totalCount } }",
            json!(vec![json!({"name": "ASC"}); 9]),
            "the limit is 8",
        ),
        case("rows", rows, "the limit is 20000"),
        case(
            "rows of several fields",
            format!("{{ {pages} }}"),
            "the limit is 20000",
        ),
        case(
            "a page",
            "{ connectors(first: 101) { totalCount } }",
            "0 to 100",
        ),
        case(
            "a negative page",
            "{ connectors(last: -1) { totalCount } }",
            "0 to 100",
        ),
        case(
            "NUL in a filter",
            filter("{ name: { eq: \"a\\u0000\" } }".into()),
            "NUL",
        ),
        case(
            "NUL in a pattern",
            filter("{ name: { contains: \"\\u0000ü\" } }".into()),
            "NUL",
        ),
        case(
            "NUL in a name",
            "{ category(by: { slug: \"\\u0000\" }) { id } }",
            "NUL",
        ),
        case(
            "NUL in a cursor",
            "{ connectors(after: \"\\u0000\") { totalCount } }",
            "cursor",
        ),
    ]
}

/// Odd requests that cost little and are answered.
pub(super) fn harmless() -> Vec<Case> {
    let operations = many(99, |i| format!("query Q{i} {{ __typename }}"));
    vec![
        case(
            "comments",
            format!("{}{{ __typename }}", "#x\n".repeat(30_000)),
            "Query",
        ),
        case("a mark in front", "\u{feff}{ __typename }", "Query"),
        case(
            "one field often",
            format!("{{ {} }}", "connectors { totalCount } ".repeat(900)),
            "totalCount",
        ),
        case(
            "one fragment often",
            format!(
                "{{ {} }} fragment A on Query {{ __typename }}",
                "...A ".repeat(900)
            ),
            "Query",
        ),
        raw(
            "many operations",
            json!({"query": operations, "operationName": "Q98"}).to_string(),
            "Query",
        ),
        case(
            "a list of lists",
            format!(
                "{{ connectors(filter: {{ and: {} }}) {{ totalCount }} }}",
                nested("[", 40, "", "]")
            ),
            "totalCount",
        ),
        case("an identifier", "{ node(id: \"\\u0000\") { id } }", "null"),
    ]
}
