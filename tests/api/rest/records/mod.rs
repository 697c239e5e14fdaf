//! Records: rows, columns, pages, figures, and whose rows they are.

mod refuse;
mod statistics;

use crate::both;
use crate::query::model::Sight;
use crate::query::world::Known;
use crate::query::{ask, resource};
use crate::support::TestApp;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// An answer: its status and document.
pub struct Told {
    /// The HTTP status.
    pub status: u16,
    /// The document.
    pub body: Json,
}

impl Told {
    /// The document of an answer that must be good.
    pub fn good(self) -> Json {
        assert_eq!(self.status, 200, "{:#}", self.body);
        self.body
    }

    /// The problems of a refusal, as `path: issue`.
    pub fn problems(&self) -> Vec<String> {
        let problems = self.body["details"]["problems"].as_array();
        let problems = problems.unwrap_or_else(|| panic!("no problems in {:#}", self.body));
        let text = |p: &Json, member: &str| p[member].as_str().expect("a text").to_owned();
        problems
            .iter()
            .map(|p| format!("{}: {}", text(p, "path"), text(p, "issue")))
            .collect()
    }
}

/// Asks by POST.
pub async fn post(t: &TestApp, token: &str, path: &str, body: &Json) -> Told {
    let request = t.http.post(format!("{}/v1/records/{path}", t.url));
    let response = request.bearer_auth(token).json(body).send().await;
    let response = response.expect("the server answers");
    Told {
        status: response.status().as_u16(),
        body: response.json().await.expect("JSON"),
    }
}

/// Asks by GET.
pub async fn get(t: &TestApp, token: &str, root: &str, query: &[(&str, &str)]) -> Told {
    let url = url::Url::parse_with_params(&format!("{}/v1/records/{root}", t.url), query);
    let request = t.http.get(url.expect("an address"));
    let response = request.bearer_auth(token).send().await;
    let response = response.expect("the server answers");
    Told {
        status: response.status().as_u16(),
        body: response.json().await.expect("JSON"),
    }
}

/// Makes the server know a token, so that statements can be counted.
pub async fn warm(t: &TestApp, token: &str) {
    get(t, token, "categories", &[("limit", "1")]).await.good();
}

/// The values of a column, as identifiers.
pub fn column(body: &Json, key: &str) -> Vec<Uuid> {
    let rows = body["data"].as_array().expect("rows");
    rows.iter().map(|row| ask::id(&row[key])).collect()
}

both! {
    async fn rows_are_flat_and_columns_say_what_they_hold(t) {
        let known = Known::make(t).await;
        let body = json!({
            "root": "connectors",
            "fields": [["connectors", "connector_id"], ["connectors", "name"], "connectors.status", ["connectors", "createdAt"], ["connectors", "tags"],
                ["connectors", "data_quality"], ["connectors", "composite_connector_action"], ["connectors", "providerConnector", "provider", "name"],
                ["connectors", "logo", "is_primary"], ["connectors", "logo", "file_size"], ["connectors", "workspace_connectors", "status"], ["connectors", "published_by_id"]],
            "orderBy": {"field": "pk", "direction": "asc"},
            "limit": 3,
        });
        warm(t, &known.world.root).await;
        let before = t.db().statements();
        let answer = post(t, &known.world.root, "query", &body).await.good();
        assert_eq!(t.db().statements() - before, 3, "the page, the total, the related rows");
        let kinds: Vec<_> = answer["columns"].as_array().unwrap().iter()
            .map(|c| (c["key"].as_str().unwrap(), c["meta"]["displayType"].as_str().unwrap(), c["meta"]["isEditable"].as_bool().unwrap()))
            .collect();
        assert_eq!(kinds, [
            ("connectors.connector_id", "uuid", false),
            ("connectors.name", "string", false),
            ("connectors.status", "enum", false),
            ("connectors.createdAt", "datetime", false),
            ("connectors.tags", "list", false),
            ("connectors.data_quality", "json", false),
            ("connectors.composite_connector_action", "string", false),
            ("connectors.providerConnector.provider.name", "string", false),
            ("connectors.logo.is_primary", "boolean", false),
            ("connectors.logo.file_size", "number", false),
            ("connectors.workspace_connectors.status", "list", false),
            ("connectors.published_by_id", "uuid", false),
        ]);
        let rows = answer["data"].as_array().unwrap();
        assert_eq!(answer["meta"]["count"], json!(rows.len()));
        for row in rows {
            let keys: BTreeSet<_> = row.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, kinds.iter().map(|(key, ..)| *key).collect());
            assert!(row["connectors.tags"].is_array() && row["connectors.data_quality"].is_object());
            assert!(row["connectors.workspace_connectors.status"].as_array().unwrap().iter().all(Json::is_string));
        }
        let sight = known.sight(t, &known.world.root).await;
        assert_eq!(answer["meta"]["total"], json!(sight.alive(resource("connectors")).count()));
    }

    async fn related_rows_are_the_first_hundred_that_exist_for_the_viewer(t) {
        let known = Known::make(t).await;
        t.execute("UPDATE workspace_connectors SET connector_id = (SELECT id FROM connectors WHERE pk = 2) WHERE pk <= 130").await;
        let known = Known { model: crate::query::model::Model::read(t).await, ..known };
        for (who, token) in known.tokens() {
            let sight = known.sight(t, token).await;
            let body = json!({"root": "connectors", "limit": 100, "fields": [["connectors", "id"], ["connectors", "workspace_connectors", "id"], ["connectors", "workspace_connectors", "workspace", "name"]]});
            let answer = post(t, token, "query", &body).await.good();
            let on = resource("connectors");
            let relation = on.find_relation("workspace_connectors").unwrap();
            let mut longest = 0;
            for row in answer["data"].as_array().unwrap() {
                let record = sight.model.all(on).iter().find(|r| r.id == ask::id(&row["connectors.id"])).unwrap();
                let expected: Vec<_> = sight.related(record, relation, false).iter().take(100).map(|r| r.id).collect();
                let shown: Vec<_> = row["connectors.workspace_connectors.id"].as_array().unwrap().iter().map(ask::id).collect();
                assert_eq!(shown, expected, "{who}");
                assert_eq!(row["connectors.workspace_connectors.workspace.name"].as_array().unwrap().len(), shown.len());
                longest = longest.max(shown.len());
            }
            assert!(who != "root" || longest == 100, "{longest}");
        }
    }

    async fn a_list_shows_every_column_that_is_returned(t) {
        let known = Known::make(t).await;
        warm(t, &known.world.root).await;
        for root in ["connectors", "workspace_connectors", "workspace_connector_sync_logs", "media", "workspaces", "people", "memberships", "categories"] {
            let on = connectory::rest::name::by_root(root).expect("a root");
            let before = t.db().statements();
            let answer = get(t, &known.world.root, root, &[]).await.good();
            assert_eq!(t.db().statements() - before, 2, "the page and the total");
            assert_eq!(answer["meta"]["count"].as_u64().unwrap(), answer["meta"]["total"].as_u64().unwrap().min(20));
            let shown = on.fields.iter().filter(|f| f.shown() && f.raw()).count();
            let row = answer["data"][0].as_object().unwrap_or_else(|| panic!("{root} has no row"));
            assert_eq!(row.len(), shown, "{row:?}");
            assert!(!row.keys().any(|k| k.ends_with(".pk") || k.ends_with(".config")), "{row:?}");
            let id = row.keys().find(|key| key.ends_with("_id") && !key.contains("external")).expect("an identifier");
            assert!(id.starts_with(&format!("{root}.")), "{id}");
        }
    }

    async fn pages_hold_every_row_once_in_order_whatever_the_order(t) {
        let known = Known::make(t).await;
        let orders = [
            json!({"field": "name", "direction": "desc"}),
            json!([{"field": "service_id", "direction": "asc"}, {"field": "category.name", "direction": "desc"}]),
            json!({"field": "workspace_connectors_aggregate.count", "direction": "desc"}),
            json!({"field": "workspace_connectors_aggregate.max.created_at", "direction": "asc"}),
            json!({"field": "workspace_connectors_aggregate.min.label", "direction": "desc"}),
            json!({"field": "published_by.memberships_aggregate.count"}),
            json!({"field": "published_by.workspace_connectors_aggregate.min.status"}),
            json!({"field": "composite_connector_action"}),
        ];
        for order in orders {
            let all = walk(t, &known.world.root, &order, 500).await;
            let sight = known.sight(t, &known.world.root).await;
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
            assert_eq!(all.len(), sight.alive(resource("connectors")).count());
            assert_eq!(walk(t, &known.world.root, &order, 3).await, all, "{order}");
        }
    }

    async fn figures_order_by_what_they_count(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.group).await;
        let on = resource("connectors");
        let relation = on.find_relation("workspace_connectors").unwrap();
        let ids = walk(t, &known.world.group, &json!({"field": "workspaceConnectorsAggregate.count", "direction": "desc"}), 7).await;
        let record = |id: &Uuid| sight.model.all(on).iter().find(|r| r.id == *id).unwrap();
        let counts: Vec<_> = ids.iter().map(|id| sight.related(record(id), relation, false).len()).collect();
        assert!(counts.windows(2).all(|pair| pair[0] >= pair[1]), "{counts:?}");
        assert!(counts.first() != counts.last(), "all are alike: {counts:?}");
        let ids = walk(t, &known.world.group, &json!({"field": "workspace_connectors_aggregate.max.created_at"}), 7).await;
        let latest: Vec<_> = ids.iter()
            .map(|id| sight.related(record(id), relation, false).iter().filter_map(|r| r.get("created_at").cloned()).max())
            .collect();
        let found: Vec<_> = latest.iter().flatten().collect();
        assert!(found.is_sorted() && latest.iter().take(found.len()).all(Option::is_some), "null is the greatest");
    }

    async fn a_workspace_narrows_the_answer_to_it_and_what_lies_below(t) {
        let known = Known::make(t).await;
        let leaf = crate::query::world::viewer(t, &known.world.leaf).await;
        let group = crate::query::world::viewer(t, &known.world.group).await;
        for (as_whom, viewer) in [(&known.world.leaf, leaf), (&known.world.group, group)] {
            let sight = Sight::new(&known.model, viewer.clone());
            let id = viewer.workspace_id.to_string();
            for root in ["workspace_connectors", "connectors", "media", "workspaces", "workspace_connector_sync_logs"] {
                let on = connectory::rest::name::by_root(root).unwrap();
                let own = get(t, as_whom, root, &[]).await.good();
                let narrowed = get(t, &known.world.root, root, &[("workspaceId", &id)]).await.good();
                assert_eq!(narrowed, own, "{root}");
                assert_eq!(narrowed["meta"]["total"], json!(sight.alive(on).count()), "{root}");
            }
            let body = json!({"root": "workspace_connectors", "fields": ["workspace_connectors.id"], "workspaceId": id, "limit": 500});
            let narrowed = post(t, &known.world.root, "query", &body).await.good();
            let expected: BTreeSet<_> = sight.alive(resource("workspace_connectors")).map(|r| r.id).collect();
            assert_eq!(column(&narrowed, "workspace_connectors.id").into_iter().collect::<BTreeSet<_>>(), expected);
        }
        // Outside the tree: above, another tenant's, nobody's.
        let outside = [known.world.root_id, known.world.other_id, Uuid::nil()];
        for id in outside {
            let told = get(t, &known.world.leaf, "connectors", &[("workspace_id", &id.to_string())]).await;
            assert_eq!((told.status, &told.body["code"]), (403, &json!("FORBIDDEN")), "{:#}", told.body);
            let body = json!({"root": "connectors", "aggregations": [{"op": "count"}], "workspace_id": id});
            assert_eq!(post(t, &known.world.leaf, "statistics", &body).await.status, 403);
        }
    }

    async fn filters_and_where_clause_must_both_hold(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let on = resource("connectors");
        let body = json!({
            "root": "connectors", "fields": [["connectors", "id"]], "limit": 500,
            "filters": [{"field": "status", "operator": "eq", "value": "active"}],
            "whereClause": {"_or": [{"name": {"_ilike": "%a%"}}, {"direction": {"_eq": "input"}}]},
        });
        let answer = post(t, &known.world.root, "query", &body).await.good();
        let truth = sight.satisfying(on, &json!({"status": {"_eq": "active"}, "_or": [{"name": {"_ilike": "%a%"}}, {"direction": {"_eq": "import"}}]}));
        assert_eq!(column(&answer, "connectors.id").into_iter().collect::<BTreeSet<_>>(), truth);
        assert!(!truth.is_empty());
    }
}

/// The identifiers of all connectors, page by page.
async fn walk(t: &TestApp, token: &str, order: &Json, limit: u32) -> Vec<Uuid> {
    let (mut ids, mut cursor) = (Vec::new(), Json::Null);
    loop {
        let body = json!({"root": "connectors", "fields": ["connectors.id"], "orderBy": order, "limit": limit, "cursor": cursor});
        let answer = post(t, token, "query", &body).await.good();
        ids.extend(column(&answer, "connectors.id"));
        cursor = answer["meta"]["nextCursor"].clone();
        if cursor.is_null() {
            return ids;
        }
    }
}
