//! One question in every dialect finds the same rows in the same order.
//!
//! A case of `cases/*.json` has a root and the question as GraphQL arguments (`graphql`), as rules
//! (`filters`) and as a raw tree (`whereClause`), with its order as `orderBy` and `sort`. The tree is
//! asked by POST and as an address as well. Where a dialect has no form for a question, `cannot`
//! says why. `$workspace` stands for a workspace of the world.

mod cover;

use crate::both;
use crate::query::model::Sight;
use crate::query::world::Known;
use crate::query::{ask, resource};
use crate::rest::records::{column, get, post};
use crate::support::TestApp;
use connectory::graphql::camel;
use connectory::query::Resource;
use connectory::rest::name;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Rows of a page; less than most answers have.
const PAGE: usize = 23;

/// The dialects that a case is in, and the member that has it.
const DIALECTS: [&str; 3] = ["graphql", "filters", "whereClause"];

/// All cases, with the file they stand in; `$workspace` is filled in.
fn cases(workspace: &str) -> Vec<(String, Json)> {
    let folder = crate::house::at("tests/api/parity/cases");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a text");
        let text = text.replace("$workspace", workspace);
        let list: Vec<Json> = serde_json::from_str(&text).expect("a list of cases");
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        all.extend(list.into_iter().map(|case| (name.clone(), case)));
    }
    all
}

/// The resource of a case.
fn root(case: &Json) -> &'static Resource {
    name::by_root(case["root"].as_str().expect("a root")).expect("a known root")
}

/// The rows of a question, page by page, as one dialect asks for them.
struct Walk<'a> {
    t: &'a TestApp,
    token: &'a str,
    case: &'a Json,
}

impl Walk<'_> {
    async fn graphql(&self) -> Vec<Uuid> {
        let list = camel(root(self.case).list);
        let arguments = self.case["graphql"].as_str().expect("arguments");
        let query = format!(
            "query($after: String) {{ rows: {list}({arguments}, first: {PAGE}, after: $after) {{ nodes {{ id }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (mut ids, mut after) = (Vec::new(), Json::Null);
        loop {
            let answer = self
                .t
                .ask(self.token, &query, json!({"after": after}))
                .await;
            assert!(
                answer.body.get("errors").is_none(),
                "{query}: {:#}",
                answer.body
            );
            let rows = &answer.body["data"]["rows"];
            ids.extend(ask::ids(&rows["nodes"]));
            if rows["pageInfo"]["hasNextPage"] != json!(true) {
                return ids;
            }
            after = rows["pageInfo"]["endCursor"].clone();
        }
    }

    /// By POST, with one member of the case as the condition.
    async fn post(&self, member: &str) -> Vec<Uuid> {
        let root = self.case["root"].as_str().expect("a root");
        let (mut ids, mut cursor) = (Vec::new(), Json::Null);
        loop {
            let body = json!({"root": root, "fields": [[root, "id"]], "limit": PAGE, "cursor": cursor, "orderBy": self.order(), (member): self.case[member]});
            let answer = post(self.t, self.token, "query", &body).await.good();
            ids.extend(column(&answer, &format!("{root}.id")));
            cursor = answer["meta"]["nextCursor"].clone();
            if cursor.is_null() {
                assert_eq!(answer["meta"]["total"], json!(ids.len()), "{body}");
                return ids;
            }
        }
    }

    fn order(&self) -> Json {
        self.case.get("orderBy").cloned().unwrap_or_default()
    }

    /// By an address, with the raw tree.
    async fn address(&self) -> Vec<Uuid> {
        let root = self.case["root"].as_str().expect("a root");
        let (clause, limit) = (self.case["whereClause"].to_string(), PAGE.to_string());
        let fields = format!("{root}.id");
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut query = vec![
                ("fields", fields.as_str()),
                ("where", &clause),
                ("limit", &limit),
                ("cursor", &cursor),
            ];
            query.extend(
                self.case
                    .get("sort")
                    .map(|sort| ("sort", sort.as_str().expect("a text"))),
            );
            let answer = get(self.t, self.token, root, &query).await.good();
            ids.extend(column(&answer, &fields));
            match answer["meta"]["nextCursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return ids,
            }
        }
    }
}

both! {
    async fn every_dialect_finds_the_same_rows_in_the_same_order(t) {
        let known = Known::make(t).await;
        let workspace = crate::query::world::viewer(t, &known.world.leaf).await.workspace_id.to_string();
        let (mut some, mut split, mut all) = (0, 0, 0);
        for (file, case) in cases(&workspace) {
            let (who, token) = known.tokens()[usize::from(all % 4 == 3)];
            let sight = known.sight(t, token).await;
            let (rows, of) = same(t, &sight, token, &format!("{file} as {who}: {}", case["about"]), &case).await;
            all += 1;
            some += usize::from(rows > 0);
            split += usize::from(rows > 0 && rows < of);
        }
        assert!(some * 10 > all * 7 && split * 3 > all, "{all} cases: {some} find rows, {split} not all");
    }
}

/// Asks in all dialects and says how many rows there are, and of how many.
async fn same(
    t: &TestApp,
    sight: &Sight<'_>,
    token: &str,
    what: &str,
    case: &Json,
) -> (usize, usize) {
    let walk = Walk { t, token, case };
    let ids = walk.post("whereClause").await;
    assert_eq!(walk.address().await, ids, "{what}, as an address");
    if case.get("filters").is_some() {
        assert_eq!(walk.post("filters").await, ids, "{what}, as rules");
    }
    if case.get("graphql").is_some() {
        assert_eq!(walk.graphql().await, ids, "{what}, in GraphQL");
    }
    let on = root(case);
    let found: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(found.len(), ids.len(), "{what}: a row comes twice");
    assert_eq!(
        found,
        sight.satisfying(on, &plain(&case["whereClause"])),
        "{what}"
    );
    (found.len(), sight.rows(resource(on.name)).count())
}

/// The tree with stored words for their aliases, which the model does not know.
fn plain(clause: &Json) -> Json {
    let text = clause.to_string();
    let text = text.replace("\"enabled\"", "\"active\"");
    let text = text
        .replace("\"source\"", "\"import\"")
        .replace("\"input\"", "\"import\"");
    serde_json::from_str(&text).expect("JSON")
}
