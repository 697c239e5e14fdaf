//! Long texts, long lists, odd characters.

use super::case::{Case, case, many, raw, variable};
use serde_json::json;

pub(super) fn long() -> Vec<Case> {
    let bytes = "the limit is 100000";
    let text = |n| {
        format!(
            "{{ connectors(filter: {{ name: {{ eq: \"{}\" }} }}) {{ totalCount }} }}",
            "a".repeat(n)
        )
    };
    let number = |n| {
        format!(
            "{{ connectors(first: {}) {{ totalCount }} }}",
            "9".repeat(n)
        )
    };
    let unknown = |what: &dyn Fn(usize) -> String| format!("{{ {} }}", many(1_500, what));
    let wrong = |name, body: String| raw(name, body, "out of range");
    vec![
        case("a text", text(900_000), bytes),
        case(
            "a comment",
            format!("#{}\n{{ __typename }}", "x".repeat(900_000)),
            bytes,
        ),
        case(
            "an open text",
            format!("{{ a(b: \"{}", "a".repeat(90_000)),
            "expected",
        ),
        case(
            "an open block",
            format!("{{ a(b: \"\"\"{}", "a".repeat(90_000)),
            "expected",
        ),
        case("quotes", "\"".repeat(90_000), "5000 tokens"),
        case("blocks", "\"\"\"".repeat(30_000), "5000 tokens"),
        case(
            "backslashes",
            format!("{{ a(b: \"{}", "\\".repeat(90_000)),
            "expected",
        ),
        case("a number", number(90_000), "number"),
        case(
            "an exponent",
            "{ connectors(first: 1e999999) { totalCount } }",
            "number",
        ),
        case(
            "unknown fields",
            unknown(&|i| format!("x{i}")),
            "Unknown field",
        ),
        case(
            "unknown fragments",
            unknown(&|i| format!("...X{i}")),
            "Unknown fragment",
        ),
        case(
            "unknown arguments",
            format!(
                "{{ connectors({}) {{ totalCount }} }}",
                many(1_500, |i| format!("x{i}: 1"))
            ),
            "Unknown argument",
        ),
        case(
            "conflicts",
            format!("{{ {} }}", many(100, |i| format!("a: x{i}"))),
            "another alias",
        ),
        case(
            "variables",
            format!(
                "query({}) {{ __typename }}",
                many(1_500, |i| format!("$v{i}: Int"))
            ),
            "5000 tokens",
        ),
        wrong(
            "a number in JSON",
            format!(
                r#"{{"query":"{{__typename}}","variables":{{"v":{}}}}}"#,
                "9".repeat(900_000)
            ),
        ),
        wrong(
            "an exponent in JSON",
            r#"{"query":"{__typename}","variables":{"v":1e400}}"#.into(),
        ),
        raw(
            "an operation name",
            json!({"query": "{__typename}", "operationName": "x".repeat(900_000)}).to_string(),
            "there is no operation",
        ),
    ]
}

pub(super) fn values() -> Vec<Case> {
    let says = "more than 5000 values";
    let status = "query($v: [ConnectorStatus!]) { connectors(filter: { status: { in: $v } }) { totalCount } }";
    let and = "query($v: [ConnectorFilter!]) { connectors(filter: { and: $v }) { totalCount } }";
    let order = "query($v: [ConnectorOrder!]) { connectors(orderBy: $v) { totalCount } }";
    let ids = "query($v: [ID!]!) { nodes(ids: $v) { id } }";
    vec![
        variable(
            "a long list of words",
            status,
            json!(vec!["ACTIVE"; 90_000]),
            says,
        ),
        variable(
            "a long list of filters",
            and,
            json!(vec![json!({}); 100_000]),
            says,
        ),
        variable(
            "a long order",
            order,
            json!(vec![json!({"name": "ASC"}); 40_000]),
            says,
        ),
        variable(
            "a long list of identifiers",
            ids,
            json!(vec!["x"; 100_000]),
            says,
        ),
        variable(
            "a list nobody asked for",
            "{ __typename }",
            json!(vec![0; 100_000]),
            says,
        ),
    ]
}

pub(super) fn characters() -> Vec<Case> {
    vec![
        case("NUL", "{ __typename \0 }", "expected"),
        case("a control character", "{ \u{1} }", "expected"),
        case("a name that is none", "{ 🏃 }", "expected"),
        case(
            "an open text",
            "{ connectors(filter: { name: { eq: \"abc",
            "expected",
        ),
        raw("a lone surrogate", r#"{"query":"{\ud800}"}"#, "no JSON"),
        raw(
            "a lone surrogate in a variable",
            r#"{"query":"{__typename}","variables":{"v":"\udfff"}}"#,
            "no JSON",
        ),
        raw("no UTF-8", &b"{\"query\":\"{\xff\xfe}\"}"[..], "no JSON"),
        raw(
            "a byte order mark",
            "\u{feff}{\"query\":\"{__typename}\"}",
            "no JSON",
        ),
        raw(
            "a key twice",
            r#"{"query":"{__typename}","query":"{viewer{role}}"}"#,
            "given twice",
        ),
        raw(
            "variables twice",
            r#"{"query":"{__typename}","variables":{},"variables":{}}"#,
            "given twice",
        ),
    ]
}
