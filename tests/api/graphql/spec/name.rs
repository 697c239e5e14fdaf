//! Names, inputs of one member, and fields that cannot be merged.

use super::{Refusal, none};
use serde_json::json;

pub(super) fn names() -> Vec<Refusal> {
    vec![
        ("{ nope }", none(), "Unknown field"),
        ("{ connectors { nodes { nope } } }", none(), "Unknown field"),
        (
            "{ connectors(nope: 1) { totalCount } }",
            none(),
            "Unknown argument",
        ),
        (
            "{ connectors(first: 1, first: 2) { totalCount } }",
            none(),
            "only be one argument",
        ),
        (
            "{ connectors(filter: { nope: {} }) { totalCount } }",
            none(),
            "unknown field",
        ),
        ("{ ... on Nope { id } }", none(), "Unknown type"),
        ("{ ...X }", none(), "Unknown fragment"),
        (
            "{ __typename } fragment X on Query { __typename }",
            none(),
            "never used",
        ),
        (
            "{ ...X } fragment X on Query { __typename } fragment X on Query { __typename }",
            none(),
            "twice",
        ),
        (
            "query A { __typename } query A { __typename }",
            none(),
            "twice",
        ),
        (
            "{ __typename } query A { __typename }",
            none(),
            "multiple operations",
        ),
        (
            "query A { __typename } query B { __typename }",
            none(),
            "several operations",
        ),
        (
            "{ connectors(first: 1) { nodes { ... on Category { id } } } }",
            none(),
            "can never be",
        ),
        (
            "{ viewer { role { x } } }",
            none(),
            "must not have a selection",
        ),
        ("{ connectors }", none(), "must have a selection"),
        ("{ viewer @nope { role } }", none(), "Unknown directive"),
        (
            "query @skip(if: true) { __typename }",
            none(),
            "may not be used on",
        ),
        (
            "{ viewer @skip(if: false) @skip(if: false) { role } }",
            none(),
            "Duplicate directive",
        ),
        ("{ viewer @skip { role } }", none(), "required"),
        ("mutation { nope }", none(), "Mutation"),
        ("subscription { nope }", none(), "subscription"),
        (
            "fragment X on Query { __typename }",
            none(),
            "does not contain an operation",
        ),
        ("type X { a: Int }", none(), "expected"),
        ("", none(), "expected"),
        ("{ }", none(), "expected"),
    ]
}

pub(super) fn one_of() -> Vec<Refusal> {
    let by = "query($v: CategoryBy!) { category(by: $v) { slug } }";
    let rule = "xactly one";
    vec![
        (
            "{ category(by: { id: \"x\", slug: \"y\" }) { id } }",
            none(),
            "exactly one",
        ),
        ("{ category(by: {}) { id } }", none(), "exactly one"),
        (
            "{ category(by: { slug: null }) { id } }",
            none(),
            "exactly one",
        ),
        (by, json!({"v": {"id": "x", "slug": "y"}}), rule),
        (by, json!({"v": {}}), rule),
        (by, json!({"v": {"slug": null}}), rule),
        (
            "query($v: CategoryBy = { id: \"x\", slug: \"y\" }) { category(by: $v) { id } }",
            none(),
            rule,
        ),
        (
            "{ connectors(orderBy: [{ name: ASC, slug: ASC }]) { totalCount } }",
            none(),
            "exactly one",
        ),
        (
            "{ connectors(orderBy: [{}]) { totalCount } }",
            none(),
            "exactly one",
        ),
    ]
}

pub(super) fn conflicts() -> Vec<Refusal> {
    let alias = "another alias";
    vec![
        (
            "{ a: connectors { totalCount } a: categories { totalCount } }",
            none(),
            alias,
        ),
        (
            "{ connectors(first: 1) { totalCount } connectors(first: 2) { totalCount } }",
            none(),
            alias,
        ),
        (
            "{ connectors { nodes { a: slug a: name } } }",
            none(),
            alias,
        ),
        (
            "{ connectors { nodes { category { a: slug } } nodes { category { a: name } } } }",
            none(),
            alias,
        ),
        (
            "{ connectors { nodes { ...A ...B } } } fragment A on Connector { category { a: slug } } fragment B on Connector { category { a: name } }",
            none(),
            alias,
        ),
        (
            "{ connectors { nodes { category { a: slug } } } connectors { nodes { category { a: name } } } }",
            none(),
            alias,
        ),
        (
            "{ node(id: 1) { ... on Connector { a: name } ... on Media { a: fileSize } } }",
            none(),
            alias,
        ),
        (
            "{ node(id: 1) { ... on Connector { a: name } ... on Person { a: email } } }",
            none(),
            alias,
        ),
    ]
}
