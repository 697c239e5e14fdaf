//! Limits: what is within passes, what is beyond is refused by a sentence that names the limit and
//! a path that names the place.

use super::ask::problems;
use crate::both;
use crate::support::{Answer, TestApp, World};
use connectory::graphql::{DEFAULT_PAGE, MAX_PAGE, MAX_ROWS};
use connectory::query::{MAX_DEPTH, MAX_LIST, MAX_SORTS, MAX_TESTS, MAX_TEXT};
use serde_json::{Value as Json, json};

async fn filtered(t: &TestApp, token: &str, filter: &Json) -> Answer {
    let query = "query($filter: ConnectorFilter) { connectors(filter: $filter) { totalCount } }";
    t.ask(token, query, json!({"filter": filter})).await
}

/// A test inside so many `not`.
fn deep(nots: usize) -> Json {
    (0..nots).fold(json!({"pk": {"gt": 0}}), |inner, _| json!({"not": inner}))
}

both! {
    async fn filters_within_the_limits_pass(t) {
        let world = World::make(t).await;
        let many: Vec<_> = (0..MAX_TESTS).map(|i| json!({"pk": {"eq": i}})).collect();
        let words: Vec<_> = (0..MAX_LIST).map(|_| "MCP").collect();
        for filter in [
            deep(MAX_DEPTH - 1),
            json!({"or": many}),
            json!({"and": vec![json!({}); MAX_LIST]}),
            json!({"transport": {"in": words}}),
            json!({"name": {"contains": "x".repeat(MAX_TEXT)}}),
            json!({"name": {"contains": "ö".repeat(MAX_TEXT / 2)}}),
            json!({"name": {"endsWith": "%".repeat(MAX_TEXT)}}),
        ] {
            filtered(t, &world.root, &filter).await.data();
        }
    }

    async fn filters_beyond_a_limit_are_refused_by_its_name(t) {
        let world = World::make(t).await;
        let tests = |count: usize| json!({"and": (0..count).map(|i| json!({"createdAt": {"gt": "2024-01-01"}, "pk": {"eq": i}})).collect::<Vec<_>>()});
        let nots = ".not".repeat(MAX_DEPTH);
        let words: Vec<_> = (0..=MAX_LIST).map(|_| "MCP").collect();
        for (filter, problem) in [
            (deep(MAX_DEPTH), format!("filter{nots}: is nested deeper than the limit of 12 levels")),
            (tests(51), "filter.createdAt: is test 101; the limit is 100".into()),
            (json!({"or": vec![json!({}); MAX_LIST + 1]}), "filter.or: has 501 branches; the limit is 500".into()),
            (json!({"and": vec![json!({}); MAX_LIST + 1]}), "filter.and: has 501 branches; the limit is 500".into()),
            (json!({"transport": {"in": words}}), "filter.transport.in: has 501 values; the limit is 500".into()),
            (json!({"name": {"contains": "x".repeat(MAX_TEXT + 1)}}), "filter.name.contains: is 4097 bytes long; the limit is 4096".into()),
            (json!({"serviceId": {"eq": "ö".repeat(MAX_TEXT / 2 + 1)}}), "filter.serviceId.eq: is 4098 bytes long; the limit is 4096".into()),
            (json!({"id": {"startsWith": "x".repeat(MAX_TEXT + 1)}}), "filter.id.startsWith: is 4097 bytes long; the limit is 4096".into()),
        ] {
            let answer = filtered(t, &world.root, &filter).await;
            assert_eq!(problems(&answer)[0], problem);
            assert_eq!(answer.error()["extensions"]["code"], "BAD_REQUEST");
        }
    }

    async fn one_limit_passed_does_not_make_a_thousand_problems(t) {
        let world = World::make(t).await;
        let filter = json!({"and": (0..MAX_LIST).map(|i| json!({"pk": {"eq": i}})).collect::<Vec<_>>()});
        assert_eq!(problems(&filtered(t, &world.root, &filter).await).len(), MAX_TESTS);
    }

    async fn no_text_holds_a_nul(t) {
        let world = World::make(t).await;
        for (filter, path) in [
            (json!({"name": {"contains": "a\u{0}b"}}), "filter.name.contains"),
            (json!({"name": {"eq": "\u{0}"}}), "filter.name.eq"),
            (json!({"categoryId": {"neq": "\u{0}"}}), "filter.categoryId.neq"),
            (json!({"createdAt": {"eq": "2024-01-01\u{0}"}}), "filter.createdAt.eq"),
            (json!({"publishedById": {"eq": "\u{0}"}}), "filter.publishedById.eq"),
            (json!({"category": {"name": {"startsWith": "\u{0}"}}}), "filter.category.name.startsWith"),
        ] {
            let answer = filtered(t, &world.root, &filter).await;
            assert_eq!(problems(&answer), [format!("{path}: holds a NUL character, which no stored text has")]);
        }
    }

    async fn several_mistakes_are_all_reported_where_they_are(t) {
        let world = World::make(t).await;
        let filter = json!({"and": [
            {"createdAt": {"gt": "yesterday"}},
            {"or": [{"publishedById": {"eq": "home"}}, {"externalConnectorId": {"contains": "\u{0}"}}]},
            {"not": {"workspaceConnectors": {"some": {"workspaceId": {"eq": "x"}, "updatedAt": {"lt": "0000-01-01"}}}}},
            {"providerConnector": {"provider": {"createdAt": {"eq": "10000-01-01T00:00:00Z"}}}},
            {"pk": {"isNull": null}},
        ]});
        let query = "query($filter: ConnectorFilter) { connectors(filter: $filter, first: 200, after: \"x\") { totalCount } }";
        let answer = t.ask(&world.root, query, json!({"filter": filter})).await;
        let moment = |text: &str| format!("must be an RFC 3339 moment such as 2026-01-31T09:30:00Z, or a date, not `{text}`");
        let mut expected = vec![
            format!("filter.createdAt.gt: {}", moment("yesterday")),
            "filter.publishedById.eq: must be the UUID of a workspace, not `home`".into(),
            "filter.externalConnectorId.contains: holds a NUL character, which no stored text has".into(),
            "filter.not.workspaceConnectors.workspaceId.eq: must be the UUID of a workspace, not `x`".into(),
            format!("filter.not.workspaceConnectors.updatedAt.lt: {}", moment("0000-01-01")),
            format!("filter.providerConnector.provider.createdAt.eq: {}", moment("10000-01-01T00:00:00Z")),
            "filter.pk.isNull: must be true or false, not null; rows without a value have a test of their own".into(),
            "first: must be 0 to 100, not 200".into(),
            "after: is not a cursor of this connection in this order; take it from an earlier answer".into(),
        ];
        let mut found = problems(&answer);
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    }

    async fn a_null_operand_is_refused_and_a_null_member_is_left_out(t) {
        let world = World::make(t).await;
        for filter in [json!({"name": {"eq": null}}), json!({"pk": {"gt": null}}), json!({"createdAt": {"lt": null}}), json!({"status": {"eq": null}})] {
            let answer = filtered(t, &world.root, &filter).await;
            let problem = problems(&answer).remove(0);
            assert!(problem.ends_with("not null; rows without a value have a test of their own"), "{filter}: {problem}");
        }
        filtered(t, &world.root, &json!({"name": null, "and": null, "not": null, "category": null, "workspaceConnectors": {"some": null}})).await.data();
    }

    async fn an_order_has_a_limit(t) {
        let world = World::make(t).await;
        let query = "query($o: [ConnectorOrder!]) { connectors(orderBy: $o) { totalCount } }";
        let keys = |count: usize| json!({"o": vec![json!({"name": "ASC"}); count]});
        t.ask(&world.root, query, keys(MAX_SORTS)).await.data();
        let answer = t.ask(&world.root, query, keys(MAX_SORTS + 1)).await;
        assert_eq!(problems(&answer), ["orderBy: has 9 keys; the limit is 8"]);
    }

    async fn a_page_has_a_limit(t) {
        let world = World::make(t).await;
        let count = async |arguments: &str| {
            let data = t.data(&world.root, &format!("{{ workspaceConnectors{arguments} {{ nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor }} }} }}")).await;
            let page = &data["workspaceConnectors"];
            let info = &page["pageInfo"];
            (page["nodes"].as_array().unwrap().len(), info["hasNextPage"] == true, info["hasPreviousPage"] == true, info["startCursor"].is_null())
        };
        assert_eq!(count("").await, (DEFAULT_PAGE as usize, true, false, false));
        assert_eq!(count("(first: null)").await, (DEFAULT_PAGE as usize, true, false, false));
        assert_eq!(count("(first: 100)").await, (MAX_PAGE as usize, true, false, false));
        assert_eq!(count("(last: 100)").await, (MAX_PAGE as usize, false, true, false));
        assert_eq!(count("(first: 1)").await, (1, true, false, false));
        assert_eq!(count("(first: 0)").await, (0, true, false, true));
        assert_eq!(count("(last: 0)").await, (0, false, true, true));
    }

    async fn a_page_beyond_the_limit_is_refused(t) {
        let world = World::make(t).await;
        let both = "last: cannot stand beside `first`; give one of them";
        for (arguments, problem) in [
            ("first: 101", vec!["first: must be 0 to 100, not 101"]), ("last: 101", vec!["last: must be 0 to 100, not 101"]),
            ("first: -1", vec!["first: must be 0 to 100, not -1"]), ("last: -2147483648", vec!["last: must be 0 to 100, not -2147483648"]),
            ("first: 1, last: 1", vec![both]), ("first: 0, last: 0", vec![both]),
            ("first: 101, last: 1", vec!["first: must be 0 to 100, not 101"]),
        ] {
            let answer = t.ask(&world.root, &format!("{{ connectors({arguments}) {{ nodes {{ id }} }} }}"), json!({})).await;
            assert_eq!(problems(&answer), problem, "{arguments}");
        }
    }

    async fn rows_are_limited_with_nested_pages_multiplied_out(t) {
        let world = World::make(t).await;
        let ask = |outer: u32, inner: u32| format!(
            "{{ workspaces(first: {outer}) {{ nodes {{ id workspaceConnectors(first: 100) {{ nodes {{ id syncLogs(first: {inner}) {{ nodes {{ id }} }} }} }} }} }} }}"
        );
        // 100 + 100 x 100 + 100 x 100 x 1 is beyond; 99 x (1 + 100 + 100) is not.
        t.ask(&world.root, &ask(99, 1), json!({})).await.data();
        let answer = t.ask(&world.root, &ask(100, 1), json!({})).await;
        let error = answer.error();
        assert_eq!(error["extensions"]["code"], "QUERY_TOO_COMPLEX");
        assert_eq!(error["message"], json!(format!("the operation asks for up to 20100 rows; the limit is {MAX_ROWS}")));
        let counts = "{ workspaces(first: 100) { nodes { workspaceConnectors(first: 100) { nodes { syncLogs(first: 100) { totalCount } } } } } }";
        t.ask(&world.root, counts, json!({})).await.data();
    }

    async fn identifiers_of_nodes_are_limited(t) {
        let world = World::make(t).await;
        let ids = |count: usize| json!({"ids": vec![world.root_id; count]});
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        assert_eq!(t.ask(&world.root, query, ids(100)).await.data()["nodes"].as_array().unwrap().len(), 100);
        assert_eq!(problems(&t.ask(&world.root, query, ids(101)).await), ["ids: has 101 identifiers; the limit is 100"]);
    }
}
