//! Documents that multiply, go round or nest.

use super::case::{Case, case, many, nested, raw};

/// `levels` fragments, each with `width` fields below which the next one is spread.
pub(super) fn fan(width: usize, levels: usize, field: impl Fn(usize, &str) -> String) -> String {
    let next = |i| {
        if i + 1 < levels {
            format!("...F{}", i + 1)
        } else {
            "id".to_owned()
        }
    };
    let fragment = |i| {
        format!(
            "fragment F{i} on Connector {{ {} }}",
            many(width, |k| field(k, &next(i)))
        )
    };
    format!(
        "{{ connectors {{ nodes {{ ...F0 }} }} }} {}",
        many(levels, fragment)
    )
}

pub(super) fn multiplying() -> Vec<Case> {
    let says = "selections with its fragments opened; the limit is 2000";
    let mut cases = Vec::new();
    for (width, levels) in [(4, 10), (10, 7), (2, 40), (2, 90), (40, 3)] {
        let aliased = |k: usize, next: &str| {
            format!("a{k}: category {{ connectors {{ nodes {{ {next} }} }} }}")
        };
        cases.push(case(
            format!("aliased fan {width}^{levels}"),
            fan(width, levels, aliased),
            says,
        ));
        let spread = |_: usize, next: &str| next.to_owned();
        cases.push(case(
            format!("spread fan {width}^{levels}"),
            fan(width, levels, spread),
            says,
        ));
        let inline =
            |_: usize, next: &str| format!("... {{ {next} }} ... on Connector {{ {next} }}");
        cases.push(case(
            format!("inline fan {width}^{levels}"),
            fan(width, levels, inline),
            says,
        ));
    }
    cases.push(case(
        "aliases",
        format!("{{ {} }}", many(101, |i| format!("a{i}: __typename"))),
        "the limit is 100",
    ));
    cases.push(case(
        "many aliases",
        format!("{{ {} }}", many(3_000, |i| format!("a{i}: x"))),
        "5000 tokens",
    ));
    cases.push(case(
        "selections",
        format!("{{ {} }}", "__typename ".repeat(2_001)),
        "the limit is 2000",
    ));
    cases.push(case(
        "directives",
        format!("{{ __typename {} }}", "@skip(if: false) ".repeat(101)),
        "100 directives",
    ));
    cases.push(case(
        "definitions",
        many(101, |i| format!("query Q{i} {{ __typename }}")),
        "the limit is 100",
    ));
    cases.push(case(
        "operations",
        many(1_500, |i| format!("query Q{i} {{ __typename }}")),
        "5000 tokens",
    ));
    cases
}

pub(super) fn rings() -> Vec<Case> {
    let says = "spreads itself";
    let ring = many(40, |i| {
        format!("fragment F{i} on Query {{ ...F{} }}", (i + 1) % 40)
    });
    vec![
        case(
            "a fragment in itself",
            "{ ...A } fragment A on Query { ...A }",
            says,
        ),
        case(
            "two fragments",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
            says,
        ),
        case("forty fragments", format!("{{ ...F0 }} {ring}"), says),
        case(
            "a ring nobody uses",
            "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }",
            says,
        ),
        case(
            "below a field",
            "{ connectors { nodes { ...A } } } fragment A on Connector { category { connectors { nodes { ...A ...A } } } }",
            says,
        ),
        case(
            "many times",
            format!(
                "{{ ...A }} fragment A on Query {{ {} }}",
                "...A ".repeat(500)
            ),
            says,
        ),
    ]
}

pub(super) fn deep() -> Vec<Case> {
    let lists = |n| {
        format!(
            "{{ connectors(filter: {{ and: {} }}) {{ totalCount }} }}",
            nested("[", n, "", "]")
        )
    };
    let objects = |n| {
        format!(
            "{{ connectors(filter: {}) {{ totalCount }} }}",
            nested("{not:", n, "{}", "}")
        )
    };
    let json = format!(
        r#"{{"query":"{{__typename}}","variables":{{"v":{}}}}}"#,
        nested("[", 50_000, "", "]")
    );
    let brackets = "nests deeper than 48 brackets";
    let types = |n| {
        format!(
            "{{ __schema {{ types {} }} }}",
            nested("{ fields { type ", n, "{ name }", "} }")
        )
    };
    vec![
        case(
            "fields",
            nested("{ a ", 40, "", "}"),
            "40 levels of fields; the limit is 16",
        ),
        case("more fields", nested("{a", 20_000, "", "}"), brackets),
        case("lists", lists(40_000), brackets),
        case("objects", objects(15_000), brackets),
        case("braces", "{".repeat(90_000), brackets),
        case("closing braces", "}".repeat(4_000), "expected"),
        raw("JSON", json, "recursion limit"),
        raw("a megabyte of braces", "{".repeat(1_000_000), "no JSON"),
        case(
            "a megabyte of braces as document",
            "{".repeat(1_000_000),
            "the limit is 100000",
        ),
        case(
            "schema",
            types(3),
            "levels of lists of members in a question about the schema; the limit is 2",
        ),
        case(
            "schema, deeper",
            types(6),
            "in a question about the schema; the limit is 2",
        ),
        case(
            "schemas",
            format!(
                "{{ {} }}",
                many(11, |i| format!("a{i}: __schema {{ types {{ name }} }}"))
            ),
            "the limit is 10",
        ),
    ]
}
