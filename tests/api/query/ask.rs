//! Questions that many tests ask.

use crate::support::{Answer, TestApp};
use connectory::graphql::camel;
use connectory::query::{Node, Op, Quantifier, Resource};
use connectory::resource::RESOURCES;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The resource of that name.
pub fn resource(name: &str) -> &'static Resource {
    RESOURCES
        .iter()
        .copied()
        .find(|r| r.name == name)
        .unwrap_or_else(|| panic!("no resource `{name}`"))
}

/// An identifier in an answer.
pub fn id(value: &Json) -> Uuid {
    value
        .as_str()
        .and_then(|v| v.parse().ok())
        .unwrap_or_else(|| panic!("not an identifier: {value}"))
}

/// The identifiers of an answer's `nodes`.
pub fn ids(nodes: &Json) -> Vec<Uuid> {
    nodes
        .as_array()
        .unwrap_or_else(|| panic!("not a list: {nodes}"))
        .iter()
        .map(|n| id(&n["id"]))
        .collect()
}

/// The identifiers of all rows that pass a filter, over as many pages as it takes; each is there
/// once and `totalCount` counts them.
pub async fn matching(
    t: &TestApp,
    token: &str,
    resource: &Resource,
    filter: &Json,
) -> BTreeSet<Uuid> {
    let query = format!(
        "query($filter: {}Filter, $after: String) {{ rows: {}(filter: $filter, orderBy: [{{pk: ASC}}], first: 100, after: $after) \
         {{ totalCount nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}",
        resource.type_name,
        camel(resource.list)
    );
    let (mut found, mut after) = (BTreeSet::new(), Json::Null);
    loop {
        let answer = t
            .ask(token, &query, json!({"filter": filter, "after": after}))
            .await;
        assert!(
            answer.body.get("errors").is_none(),
            "{} {filter}\n{:#}",
            resource.name,
            answer.body
        );
        let rows = &answer.body["data"]["rows"];
        for id in ids(&rows["nodes"]) {
            assert!(
                found.insert(id),
                "{id} came twice for {} {filter}",
                resource.name
            );
        }
        if rows["pageInfo"]["hasNextPage"] == json!(false) {
            assert_eq!(
                rows["totalCount"],
                json!(found.len()),
                "{} {filter}",
                resource.name
            );
            return found;
        }
        after = rows["pageInfo"]["endCursor"].clone();
    }
}

/// The problems of a refusal, as `path: issue`.
pub fn problems(answer: &Answer) -> Vec<String> {
    let problems = answer.error()["extensions"]["problems"].as_array();
    let problems = problems.unwrap_or_else(|| panic!("no problems in {:#}", answer.body));
    let text = |p: &Json, member: &str| p[member].as_str().expect("a text").to_owned();
    problems
        .iter()
        .map(|p| format!("{}: {}", text(p, "path"), text(p, "issue")))
        .collect()
}

/// A filter in GraphQL's JSON as the engine's own, for questions that go past GraphQL.
pub fn node(resource: &'static Resource, filter: &Json) -> Node {
    let members = filter.as_object().expect("a filter").iter();
    Node::all(
        members
            .flat_map(|(name, inner)| member(resource, name, inner))
            .collect(),
    )
}

fn member(resource: &'static Resource, name: &str, inner: &Json) -> Vec<Node> {
    let list = || {
        inner
            .as_array()
            .expect("a list")
            .iter()
            .map(|f| node(resource, f))
            .collect()
    };
    match name {
        "and" => return vec![Node::And(list())],
        "or" => return vec![Node::Or(list())],
        "not" => return vec![Node::Not(Box::new(node(resource, inner)))],
        _ => {}
    }
    let members = inner.as_object().expect("an object").iter();
    if let Some(relation) = resource.relations.iter().find(|r| camel(r.name) == name) {
        let target = (relation.target)();
        if !relation.many {
            return vec![Node::One(
                relation.name.into(),
                Box::new(node(target, inner)),
            )];
        }
        let many = |(word, f): (&String, &Json)| {
            let quantifier = Quantifier::ALL
                .iter()
                .find(|(_, name, _)| name == word)
                .expect("a quantifier")
                .0;
            Node::Many(relation.name.into(), quantifier, Box::new(node(target, f)))
        };
        return members.map(many).collect();
    }
    let field = super::truth::find(resource, name);
    let test = |(word, operand): (&String, &Json)| {
        let op: Op = field
            .kind
            .ops()
            .iter()
            .copied()
            .find(|op| camel(op.name()) == *word)
            .expect("an operator");
        Node::Field(field.name.into(), op, operand.clone())
    };
    members.map(test).collect()
}
