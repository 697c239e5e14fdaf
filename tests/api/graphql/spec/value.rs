//! Variables and literals.

use super::{Refusal, none};
use serde_json::json;

pub(super) fn variables() -> Vec<Refusal> {
    let first = "query($v: Int!) { connectors(first: $v) { totalCount } }";
    let word =
        "query($v: ConnectorStatus) { connectors(filter: { status: { eq: $v } }) { totalCount } }";
    let filter = "query($v: ConnectorFilter) { connectors(filter: $v) { totalCount } }";
    let node = "query($v: ID!) { node(id: $v) { id } }";
    vec![
        (first, none(), "required type `Int!` was not provided"),
        (first, json!({"v": null}), "must not be null"),
        (
            "query($v: Int! = 3) { connectors(first: $v) { totalCount } }",
            json!({"v": null}),
            "must not be null",
        ),
        (
            "query($v: Boolean!) { viewer @skip(if: $v) { role } }",
            none(),
            "was not provided",
        ),
        (first, json!({"v": "1"}), "must be of type `Int`"),
        (first, json!({"v": 1.5}), "must be of type `Int`"),
        (first, json!({"v": true}), "must be of type `Int`"),
        (
            first,
            json!({"v": 3_000_000_000_u32}),
            "must be of type `Int`",
        ),
        (node, json!({"v": 1.5}), "must be of type `ID`"),
        (node, json!({"v": ["a"]}), "must be of type `ID`"),
        (word, json!({"v": "active"}), "must be one of ACTIVE"),
        (word, json!({"v": 1}), "must be one of ACTIVE"),
        (
            filter,
            json!({"v": {"nope": 1}}),
            "`$v.nope` is not a member",
        ),
        (
            filter,
            json!({"v": {"category": {"slug": {"eq": 3}}}}),
            "`$v.category.slug.eq` must be of type `String`",
        ),
        (filter, json!({"v": 1}), "must be an object"),
        (
            "{ connectors(first: $v) { totalCount } }",
            none(),
            "not defined",
        ),
        ("query($v: Int) { __typename }", none(), "not used"),
        (
            "query($v: Int, $v: Int) { connectors(first: $v) { totalCount } }",
            none(),
            "only be one variable",
        ),
        (
            "query($v: Connector) { __typename }",
            none(),
            "non-input type",
        ),
        ("query($v: Nope) { __typename }", none(), "Unknown type"),
        (
            "query($a: Int = 1, $b: Int = $a) { connectors(first: $b) { totalCount } }",
            none(),
            "expected",
        ),
    ]
}

/// Variables in places of another type.
pub(super) fn positions() -> Vec<Refusal> {
    let due = "cannot stand where";
    vec![
        (
            "query($v: String) { connectors(first: $v) { totalCount } }",
            none(),
            due,
        ),
        (
            "query($v: [Int]) { connectors(first: $v) { totalCount } }",
            none(),
            due,
        ),
        (
            "query($v: ID) { node(id: $v) { id } }",
            json!({"v": "x"}),
            due,
        ),
        (
            "query($v: Int) { connectors(filter: { name: { eq: $v } }) { totalCount } }",
            none(),
            due,
        ),
        (
            "query($v: Int) { connectors { nodes { ...F } } } fragment F on Connector { name category { connectors(filter: { name: { eq: $v } }) { totalCount } } }",
            none(),
            due,
        ),
        (
            "query($v: ConnectorStatus) { connectors(filter: { status: { in: [$v] } }) { totalCount } }",
            json!({"v": "ACTIVE"}),
            due,
        ),
        (
            "query($v: Boolean) { viewer @include(if: $v) { role } }",
            json!({"v": true}),
            due,
        ),
        (
            "query($v: String) { category(by: { slug: $v }) { id } }",
            json!({"v": "crm"}),
            due,
        ),
    ]
}

pub(super) fn literals() -> Vec<Refusal> {
    vec![
        (
            "{ connectors(filter: { status: { eq: \"ACTIVE\" } }) { totalCount } }",
            none(),
            "without quotes",
        ),
        (
            "{ connectors(filter: { status: { in: [ACTIVE, \"ACTIVE\"] } }) { totalCount } }",
            none(),
            "without quotes",
        ),
        (
            "{ connectors(orderBy: [{ name: \"DESC\" }]) { totalCount } }",
            none(),
            "without quotes",
        ),
        (
            "query($v: ConnectorStatus = \"ACTIVE\") { connectors(filter: { status: { eq: $v } }) { totalCount } }",
            none(),
            "without quotes",
        ),
        (
            "{ connectors(filter: { status: { eq: NOPE } }) { totalCount } }",
            none(),
            "NOPE",
        ),
        (
            "{ connectors(filter: { status: { eq: active } }) { totalCount } }",
            none(),
            "active",
        ),
        (
            "{ connectors(filter: { status: { eq: true } }) { totalCount } }",
            none(),
            "ConnectorStatus",
        ),
        (
            "{ connectors(filter: { name: { eq: 1 } }) { totalCount } }",
            none(),
            "String",
        ),
        (
            "{ connectors(filter: { name: { eq: [\"a\"] } }) { totalCount } }",
            none(),
            "String",
        ),
        (
            "{ connectors(filter: { name: { isNull: \"true\" } }) { totalCount } }",
            none(),
            "Boolean",
        ),
        (
            "{ connectors(filter: { createdAt: { eq: 3 } }) { totalCount } }",
            none(),
            "DateTime",
        ),
        (
            "{ connectors(filter: { status: { in: [ACTIVE, null] } }) { totalCount } }",
            none(),
            "ConnectorStatus",
        ),
        ("{ connectors(first: \"1\") { totalCount } }", none(), "Int"),
        ("{ connectors(first: 1.5) { totalCount } }", none(), "Int"),
        ("{ connectors(first: 1.0) { totalCount } }", none(), "Int"),
        ("{ connectors(first: true) { totalCount } }", none(), "Int"),
        (
            "{ connectors(first: 3000000000) { totalCount } }",
            none(),
            "32 bits",
        ),
        (
            "query($v: Int = 3000000000) { connectors(first: $v) { totalCount } }",
            none(),
            "32 bits",
        ),
        (
            "{ connectors(filter: { pk: { eq: 99999999999999999999 } }) { totalCount } }",
            none(),
            "BigInt",
        ),
        ("{ node(id: 4.5) { id } }", none(), "ID"),
        ("{ node(id: null) { id } }", none(), "ID"),
        ("{ node { id } }", none(), "required"),
        ("{ category { id } }", none(), "required"),
        ("{ viewer @skip(if: \"true\") { role } }", none(), "Boolean"),
        ("{ viewer @skip(if: null) { role } }", none(), "Boolean"),
    ]
}
