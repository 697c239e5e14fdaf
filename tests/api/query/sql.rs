//! The text of statements in both dialects. A change of one of these files is a change of what
//! the databases run: read it, and look at the plan it makes, before you accept it.

use super::ask::{node, resource};
use super::order::sorts;
use connectory::db::{Arg, Dialect};
use connectory::query::{Filter, Order, Query, Resource, Select, Viewer, Window};
use serde_json::{Value as Json, json};
use uuid::Uuid;

/// A viewer in the middle of a tree, unless it is a leaf or the root.
fn viewer(workspace: u128, leaf: bool) -> Viewer {
    Viewer {
        workspace_id: Uuid::from_u128(workspace),
        organization_id: Uuid::from_u128(1),
        path: format!("/{}/{}/", Uuid::from_u128(1), Uuid::from_u128(2)),
        leaf,
        person_id: Uuid::from_u128(9),
        admin: false,
    }
}

fn question(resource: &'static Resource, filter: &Json, keys: &[&str], window: Window) -> Query {
    let filter = Filter::check(resource, &node(resource, filter), "filter").expect("a good filter");
    let order = Order::check(resource, &sorts(keys), "orderBy").expect("a good order");
    let mut select = Select::default();
    select.field(resource.find_field("id").expect("an identifier"));
    Query {
        resource,
        filter,
        order,
        window: Some(window),
        select,
        keys: true,
        total: false,
    }
}

fn first(limit: u32) -> Window {
    Window {
        limit,
        ..Window::default()
    }
}

/// Joins a related row and reads one of its fields.
fn with(mut query: Query, relation: &str, field: &str) -> Query {
    let relation = query.resource.find_relation(relation).expect("a relation");
    let slot = query.select.one(relation);
    query.select.one[slot]
        .select
        .field((relation.target)().find_field(field).expect("a field"));
    query
}

/// Compares the statements of a question in both dialects.
fn golden(name: &str, query: &Query, viewer: &Viewer) {
    let [sqlite, postgres] =
        [Dialect::Sqlite, Dialect::Postgres].map(|d| lines(&query.sql(d, viewer)));
    let text = format!("-- SQLite\n{sqlite}\n\n-- PostgreSQL\n{postgres}");
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!(name, text) });
}

/// Puts each clause of the outermost SELECT on a line.
fn lines(sql: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0);
    for (i, c) in sql.char_indices() {
        let clause = [
            " FROM ",
            " LEFT JOIN ",
            " WHERE ",
            " AND ",
            " ORDER BY ",
            " LIMIT ",
        ]
        .iter()
        .any(|w| sql[i..].starts_with(w));
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        out.push(if clause && depth == 0 { '\n' } else { c });
    }
    out
}

#[test]
fn a_catalogue_page_joins_what_it_shows() {
    let query = question(
        resource("connectors"),
        &json!({"status": {"in": ["active", "coming_soon"]}}),
        &["name"],
        first(25),
    );
    let query = with(
        with(with(query, "published_by", "name"), "logo", "url"),
        "category",
        "name",
    );
    golden("catalogue_page", &query, &viewer(1, false));
}

#[test]
fn a_deep_page_is_a_range_of_an_index() {
    let after = Some(vec![Some(Arg::Text("x".into())), Some(Arg::Int(5))]);
    let query = question(
        resource("connectors"),
        &json!({}),
        &["-slug"],
        Window { after, ..first(50) },
    );
    golden("deep_page", &query, &viewer(1, false));
}

#[test]
fn a_deep_page_by_keys_that_can_be_null_is_spelled_out() {
    let after = Some(vec![None, Some(Arg::Text("x".into())), Some(Arg::Int(5))]);
    let before = Some(vec![Some(Arg::Text("a".into())), None, Some(Arg::Int(9))]);
    let window = Window {
        after,
        before,
        backward: true,
        ..first(10)
    };
    let query = question(
        resource("workspace_connectors"),
        &json!({}),
        &["label", "-connector.name"],
        window,
    );
    golden("deep_page_with_nulls", &query, &viewer(2, false));
}

#[test]
fn texts_are_matched_by_the_letters_of_the_needle() {
    let filter = json!({"or": [{"name": {"contains": "100%"}}, {"name": {"startsWith": "Öl"}}, {"id": {"endsWith": "ab"}}]});
    golden(
        "text_matches",
        &question(resource("connectors"), &filter, &["pk"], first(5)),
        &viewer(1, false),
    );
}

#[test]
fn quantifiers_are_exists_with_the_scope_of_the_target() {
    let filter = json!({
        "workspaceConnectors": {"every": {"label": {"neq": "x"}}, "none": {"status": {"eq": "error"}}},
        "publishedBy": {"createdAt": {"eq": "2026-01-31"}},
    });
    golden(
        "quantifiers",
        &question(resource("connectors"), &filter, &["pk"], first(5)),
        &viewer(2, false),
    );
}

#[test]
fn a_leaf_compares_one_identifier() {
    let filter = json!({"not": {"person": {"email": {"isNull": true}}}});
    golden(
        "leaf",
        &question(
            resource("workspace_connectors"),
            &filter,
            &["-created_at"],
            first(5),
        ),
        &viewer(3, true),
    );
}

#[test]
fn a_composite_is_a_subselect_in_scope() {
    let filter =
        json!({"compositeJournalsList": {"contains": "b"}, "deletedAt": {"isNull": false}});
    let query = question(
        resource("workspace_connectors"),
        &filter,
        &["-composite_journals_list"],
        first(5),
    );
    golden("composite", &query, &viewer(2, false));
}
