//! Filters and orders of the dialect: what they are turned into, and what they refuse, at which
//! path and with which sentence. No database takes part.

use crate::query::resource;
use connectory::error::Problem;
use connectory::query::{Filter, MAX_LIST, Node, Op, Order, Quantifier, Sort};
use connectory::rest::filter;
use serde_json::{Value as Json, json};

/// The problems of a list of rules.
fn config(filters: &Json) -> Vec<String> {
    let on = resource("connectors");
    let node = filter::config(on, filters, "filters");
    told(node.and_then(|node| Filter::check(on, &node, "filters").map(|_| ())))
}

/// The problems of a raw tree.
fn clause(clause: &Json) -> Vec<String> {
    let on = resource("connectors");
    let node = filter::clause(on, clause, "whereClause");
    told(node.and_then(|node| Filter::check(on, &node, "whereClause").map(|_| ())))
}

/// The problems of an order.
fn order(order: &Json) -> Vec<String> {
    let on = resource("connectors");
    let sorts = filter::order(on, order, "orderBy");
    told(sorts.and_then(|sorts| Order::check(on, &sorts, "orderBy").map(|_| ())))
}

fn told(outcome: Result<(), Vec<Problem>>) -> Vec<String> {
    let problems = outcome.err().unwrap_or_default();
    problems
        .iter()
        .map(|p| format!("{}: {}", p.path, p.issue))
        .collect()
}

/// Each case is refused by these problems and no others; a text stands for the beginning of one.
fn refuses(read: fn(&Json) -> Vec<String>, cases: &[(Json, &[&str])]) {
    for (document, expected) in cases {
        let problems = read(document);
        assert_eq!(problems.len(), expected.len(), "{document}: {problems:#?}");
        for (problem, expected) in problems.iter().zip(*expected) {
            assert!(
                problem.starts_with(expected),
                "{document}: {problem}\nis not {expected}"
            );
        }
    }
}

fn rule(field: &str, operator: &str, value: Json) -> Json {
    json!([{"field": field, "operator": operator, "value": value}])
}

#[test]
fn rules_name_the_member_that_is_wrong_and_what_is_right() {
    refuses(
        config,
        &[
            (json!({}), &["filters: must be a list of rules"]),
            (
                json!(["x"]),
                &["filters[0]: must be an object with `field` and `operator`"],
            ),
            (
                json!([{}]),
                &[
                    "filters[0].field: is missing",
                    "filters[0].operator: is missing",
                ],
            ),
            (
                json!([{"field": 1, "operator": null, "value": 1}]),
                &[
                    "filters[0].field: must be",
                    "filters[0].operator: is missing",
                ],
            ),
            (
                rule("nope", "eq", json!("x")),
                &["filters[0].field: `nope` is not a filterable field of `connectors`"],
            ),
            (
                rule("description", "eq", json!("x")),
                &["filters[0].field: `description` is not a filterable field"],
            ),
            (
                rule("category", "eq", json!("x")),
                &[
                    "filters[0].field: `category` is a relation: name a field of it, e.g. `category.id`",
                ],
            ),
            (
                rule("workspace_connectors.status", "eq", json!("active")),
                &[
                    "filters[0].field: `workspace_connectors` has many rows: ask them in `whereClause`",
                ],
            ),
            (
                rule("nope.name", "eq", json!("x")),
                &["filters[0].field: `connectors` has no relation `nope`"],
            ),
            (
                rule(
                    "published_by.parent_workspace.parent_workspace.parent_workspace.parent_workspace.parent_workspace.name",
                    "eq",
                    json!("x"),
                ),
                &["filters[0].field: walks 6 relations"],
            ),
            (
                rule("name", "gt", json!("x")),
                &[
                    "filters[0].operator: `gt` is not an operator for `name`, which is text: it takes contains, eq, neq, starts_with, ends_with, is_null, is_not_null",
                ],
            ),
            (
                rule("name", "_eq", json!("x")),
                &["filters[0].operator: `_eq` is not an operator"],
            ),
            (
                rule("status", "contains", json!("x")),
                &[
                    "filters[0].operator: `contains` is not an operator for `status`, which is enum: it takes eq, neq, in",
                ],
            ),
            (
                rule("created_at", "gte", json!("2025-01-01")),
                &["filters[0].operator: `gte` is not an operator for `created_at`, which is date"],
            ),
            (
                rule("status", "eq", json!("nope")),
                &["filters[0].value: must be one of active, inactive, coming_soon"],
            ),
            (
                rule("status", "in", json!("active")),
                &["filters[0].value: must be a list"],
            ),
            (
                rule("created_at", "lt", json!("yesterday")),
                &["filters[0].value: must be an RFC 3339 moment"],
            ),
            (
                rule("pk", "gt", json!("1")),
                &["filters[0].value: must be a whole number"],
            ),
            (
                rule("name", "eq", json!(5)),
                &["filters[0].value: must be a text, not `5`"],
            ),
            (
                rule("name", "is_null", json!(true)),
                &["filters[0].value: does not go with `is_null`"],
            ),
            (
                rule("published_by_id", "eq", json!("x")),
                &["filters[0].value: must be the UUID of a workspace"],
            ),
            (
                json!([{"field": "name", "operator": "eq"}]),
                &["filters[0].value: is missing"],
            ),
            (
                json!([{"field": "name", "operator": "eq", "value": "x", "conjunction": "xor"}]),
                &["filters[0].conjunction: must be `and` or `or`"],
            ),
            (
                json!([{"field": "name", "operator": "eq", "value": "x", "values": []}]),
                &["filters[0].values: is no member of a rule"],
            ),
            (
                json!(vec![json!({"field": "name", "operator": "is_null"}); 101]),
                &["filters: has 101 rules; the limit is 100"],
            ),
        ],
    );
}

#[test]
fn everything_wrong_with_rules_is_reported_at_once() {
    let rules = json!([
        {"field": "nope", "operator": "eq", "value": 1},
        {"field": "name", "operator": "in", "value": []},
        {"field": "status", "operator": "eq", "value": "nope"},
        {"field": "pk", "operator": "eq", "value": 1, "conjunction": 7},
    ]);
    let paths: Vec<_> = config(&rules)
        .iter()
        .map(|p| p.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "filters[0].field",
            "filters[1].operator",
            "filters[3].conjunction",
            "filters[2].value"
        ]
    );
}

#[test]
fn and_binds_tighter_than_or_and_the_last_conjunction_joins_nothing() {
    let test = |pk: u32, conjunction: &str| json!({"field": "pk", "operator": "eq", "value": pk, "conjunction": conjunction});
    let at = |i: usize, pk: u32| {
        let test = Node::Field("pk".into(), Op::Eq, json!(pk));
        Node::At(format!("filters[{i}].value"), Box::new(test))
    };
    let read =
        |rules: Json| filter::config(resource("connectors"), &rules, "filters").expect("rules");
    assert_eq!(read(json!([])), Node::everything());
    assert_eq!(read(json!([test(1, "or")])), at(0, 1));
    assert_eq!(
        read(json!([test(1, "or"), test(2, "and"), test(3, "or")])),
        Node::Or(vec![at(0, 1), Node::And(vec![at(1, 2), at(2, 3)])])
    );
    assert_eq!(
        read(json!([test(1, "and"), test(2, "or"), test(3, "and")])),
        Node::Or(vec![Node::And(vec![at(0, 1), at(1, 2)]), at(2, 3)])
    );
}

#[test]
fn trees_name_the_place_that_is_wrong_and_what_is_right() {
    refuses(
        clause,
        &[
            (json!([]), &["whereClause: must be an object such as"]),
            (
                json!({"nope": {}}),
                &["whereClause.nope: is neither a field nor a relation of `connectors`"],
            ),
            (
                json!({"config": {"_has_key": "x"}}),
                &["whereClause.config: is neither"],
            ),
            (
                json!({"workspace_connectors": {"_some": {"config": {"_has_key": "x"}}}}),
                &["whereClause.workspace_connectors._some.config: is neither"],
            ),
            (
                json!({"name": "x"}),
                &[
                    "whereClause.name: must be an object of operators such as {\"_eq\": …}, not a text",
                ],
            ),
            (
                json!({"name": {"eq": "x"}}),
                &[
                    "whereClause.name.eq: is not an operator for `name`, which is text: it takes _eq, _neq, _gt",
                ],
            ),
            (
                json!({"name": {"_contains": "x"}}),
                &["whereClause.name._contains: is not an operator"],
            ),
            (
                json!({"name": {"_eq": null}}),
                &[
                    "whereClause.name._eq: must be a text, not null; rows without a value have a test of their own",
                ],
            ),
            (
                json!({"name": {"_in": "x"}}),
                &["whereClause.name._in: must be a list"],
            ),
            (
                json!({"name": {"_in": ["x", 5]}}),
                &["whereClause.name._in: at place 1 must be a text"],
            ),
            (
                json!({"name": {"_in": vec!["x"; 501]}}),
                &["whereClause.name._in: has 501 values; the limit is 500"],
            ),
            (
                json!({"name": {"_like": "x\\"}}),
                &["whereClause.name._like: ends in a backslash"],
            ),
            (
                json!({"name": {"_regex": "("}}),
                &["whereClause.name._regex: is not a regular expression"],
            ),
            (
                json!({"name": {"_is_null": "yes"}}),
                &["whereClause.name._is_null: must be true or false"],
            ),
            (
                json!({"status": {"_eq": "ACTIVE"}}),
                &["whereClause.status._eq: must be one of active"],
            ),
            (
                json!({"tags": {"_eq": []}}),
                &[
                    "whereClause.tags._eq: is not an operator for `tags`, which is texts: it takes _contains",
                ],
            ),
            (
                json!({"data_quality": {"_contains": "a\0b"}}),
                &["whereClause.data_quality._contains: holds a NUL"],
            ),
            (
                json!({"data_quality": {"_has_key": 1}}),
                &["whereClause.data_quality._has_key: must be a text"],
            ),
            (
                json!({"workspace_connectors": {"status": {"_eq": "active"}}}),
                &[
                    "whereClause.workspace_connectors: has many rows: say `_some`, `_every` or `_none`, e.g. {\"workspace_connectors\": {\"_some\": {…}}}",
                ],
            ),
            (
                json!({"workspaceConnectors": {}}),
                &["whereClause.workspaceConnectors: has many rows"],
            ),
            (
                json!({"workspace_connectors": {"_is_null": true}}),
                &["whereClause.workspace_connectors: has many rows"],
            ),
            (
                json!({"workspace_connectors": {"_some": 1}}),
                &["whereClause.workspace_connectors._some: must be an object"],
            ),
            (
                json!({"category": {"_some": {}}}),
                &["whereClause.category._some: has at most one row"],
            ),
            (
                json!({"category": {"_is_null": 1}}),
                &["whereClause.category._is_null: must be true or false"],
            ),
            (
                json!({"category": {"slug": {"_eq": 1}}}),
                &["whereClause.category.slug._eq: must be a text"],
            ),
            (
                json!({"_and": {}}),
                &["whereClause._and: must be a list of conditions"],
            ),
            (
                json!({"_or": [{}, {"_not": []}]}),
                &["whereClause._or[1]._not: must be an object"],
            ),
            (
                json!({"_or": [{"pk": {"_eq": 1}}, {"pk": {"_eq": "1"}}]}),
                &["whereClause._or[1].pk._eq: must be a whole number"],
            ),
            (
                json!({"_and": vec![json!({}); MAX_LIST + 1]}),
                &["whereClause._and: has 501 branches; the limit is 500"],
            ),
        ],
    );
}

#[test]
fn trees_say_what_they_mean() {
    let read = |tree: Json| filter::clause(resource("connectors"), &tree, "w").expect("a tree");
    let raw = |path: &str, field: &str, op, value: Json| {
        Node::At(
            format!("w.{path}"),
            Box::new(Node::Raw(field.into(), op, value)),
        )
    };
    let one = |inner| Node::One("category".into(), Box::new(inner));
    assert_eq!(read(json!({})), Node::everything());
    assert_eq!(read(json!({"name": {}})), Node::everything());
    assert_eq!(read(json!({"_and": []})), Node::And(vec![]));
    assert_eq!(read(json!({"_or": []})), Node::Or(vec![]));
    assert_eq!(
        read(json!({"_not": {}})),
        Node::Not(Box::new(Node::everything()))
    );
    assert_eq!(
        read(json!({"connectorId": {"_eq": "x"}})),
        raw("connectorId._eq", "id", Op::Eq, json!("x"))
    );
    assert_eq!(
        read(json!({"serviceId": {"_eq": "x"}})),
        raw("serviceId._eq", "service_id", Op::Eq, json!("x"))
    );
    assert_eq!(
        read(json!({"category": {"_is_null": true}})),
        Node::Not(Box::new(one(Node::everything())))
    );
    assert_eq!(
        read(json!({"category": {"_is_null": false}})),
        one(Node::everything())
    );
    let none = Node::Many(
        "workspace_connectors".into(),
        Quantifier::None,
        Box::new(Node::everything()),
    );
    assert_eq!(read(json!({"workspaceConnectors": {"_none": {}}})), none);
}

#[test]
fn hostile_trees_are_refused_before_they_hurt() {
    let mut deep = json!({"pk": {"_eq": 1}});
    for _ in 0..5_000 {
        deep = Json::Object([("_not".to_owned(), deep)].into_iter().collect());
    }
    let problems = clause(&deep);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].contains("is nested deeper than the limit of 12 levels"),
        "{problems:?}"
    );
    // Taken apart by hand, because a document so deep cannot be dropped at once.
    while let Some(inner) = deep.as_object_mut().and_then(|o| o.remove("_not")) {
        deep = inner;
    }
    let wide: serde_json::Map<String, Json> =
        (0..100_000).map(|i| (format!("k{i}"), json!(1))).collect();
    assert_eq!(
        clause(&Json::Object(wide.clone())),
        ["whereClause: has 100000 members; the limit is 500"]
    );
    assert!(clause(&json!({"name": wide})).len() <= 100);
    let tests: Vec<Json> = (0..101).map(|i| json!({"pk": {"_eq": i}})).collect();
    assert_eq!(
        clause(&json!({"_or": tests})),
        ["whereClause._or[100].pk._eq: is test 101; the limit is 100"]
    );
    let expressions: Vec<Json> = (0..21).map(|_| json!({"name": {"_regex": "a"}})).collect();
    assert_eq!(
        clause(&json!({"_or": expressions})),
        ["whereClause._or[20].name._regex: is test 105; the limit is 100"]
    );
    let values: Vec<Json> = (0..101).map(|i| json!(i)).collect();
    assert!(
        clause(&json!({"data_quality": {"_contains": values}}))[0].contains("more than 100 values")
    );
    let many = json!({"_or": vec![json!({"nope": 1}); 400]});
    assert_eq!(clause(&many).len(), 100);
    let long = "x".repeat(1_000_000);
    let problems = clause(&json!({ (long): {"_eq": 1} }));
    assert!(
        problems[0].len() < 300,
        "a name a megabyte long is repeated"
    );
}

#[test]
fn orders_name_the_key_that_is_wrong_and_what_is_right() {
    refuses(
        order,
        &[
            (json!("name"), &["orderBy: must be an object such as"]),
            (
                json!({"direction": "asc"}),
                &["orderBy.field: must be the name of a field"],
            ),
            (
                json!({"field": "name", "direction": "up"}),
                &["orderBy.direction: must be `asc` or `desc`"],
            ),
            (
                json!({"field": "name", "order": "asc"}),
                &["orderBy.order: is no member of an order"],
            ),
            (
                json!({"field": "nope"}),
                &["orderBy.field: `connectors` has no sortable field `nope`"],
            ),
            (
                json!({"field": "tags"}),
                &["orderBy.field: `connectors` has no sortable field `tags`"],
            ),
            (json!({"field": "published_by"}), &[]),
            (
                json!({"field": "logo"}),
                &["orderBy.field: `logo` is a relation of `connectors`: name a field of it"],
            ),
            (
                json!({"field": "nope.name"}),
                &["orderBy.field: `connectors` has no relation `nope`"],
            ),
            (
                json!({"field": "workspace_connectors.status"}),
                &[
                    "orderBy.field: `workspace_connectors` has many rows and cannot order; `workspace_connectors_aggregate.count` can",
                ],
            ),
            (
                json!({"field": "workspace_connectors_aggregate"}),
                &["orderBy.field: `connectors` has no sortable field"],
            ),
            (
                json!({"field": "workspace_connectors_aggregate.sum.pk"}),
                &["orderBy.field: `workspace_connectors_aggregate` takes `count`"],
            ),
            (
                json!({"field": "workspace_connectors_aggregate.min.id"}),
                &["orderBy.field: `id` is text and has no min"],
            ),
            (
                json!({"field": "workspace_connectors_aggregate.max.nope"}),
                &["orderBy.field: `workspace_connectors` has no sortable field `nope`"],
            ),
            (
                json!({"field": "published_by.parent_workspace.parent_workspace.parent_workspace.parent_workspace.parent_workspace.name"}),
                &["orderBy.field: walks more than 5 relations"],
            ),
            (
                json!([{"field": "name"}, {"field": "nope"}]),
                &["orderBy[1].field: "],
            ),
            (
                json!({"field": "name", "nulls": "first"}),
                &["orderBy.nulls: must be `last` or be left out"],
            ),
            (json!({"field": "name", "nulls": "last"}), &[]),
            (
                json!(vec![json!({"field": "name"}); 9]),
                &["orderBy: has 9 keys; the limit is 8"],
            ),
        ],
    );
}

#[test]
fn orders_are_read_in_either_spelling() {
    let on = resource("connectors");
    let sort = |path: &str, descending| Sort {
        path: path.into(),
        descending,
    };
    let keys = json!([
        {"field": "createdAt", "direction": "DESC"},
        {"field": "connectorId"},
        {"field": "category"},
        {"field": "providerConnector.provider.name", "direction": "asc"},
        {"field": "publishedBy.workspaceConnectorsAggregate.max.createdAt", "direction": "desc"},
    ]);
    let expected = vec![
        sort("created_at", true),
        sort("id", false),
        sort("category_id", false),
        sort("provider_connector.provider.name", false),
        sort(
            "published_by.workspace_connectors_aggregate.max.created_at",
            true,
        ),
    ];
    assert_eq!(filter::order(on, &keys, "orderBy"), Ok(expected.clone()));
    let text = "-createdAt, connectorId,category,providerConnector.provider.name,-publishedBy.workspaceConnectorsAggregate.max.createdAt";
    assert_eq!(filter::sort(on, text, "sort"), Ok(expected));
    let problems = filter::sort(on, "name,,nope", "sort").expect_err("two are wrong");
    assert_eq!(problems.len(), 2);
}
