//! Figures over records agree with figures made of the rows.

use super::{post, warm};
use crate::both;
use crate::query::model::Val;
use crate::query::resource;
use crate::query::world::Known;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

both! {
    async fn figures_are_those_of_the_rows(t) {
        let known = Known::make(t).await;
        for (who, token) in known.tokens() {
            let sight = known.sight(t, token).await;
            let on = resource("workspace_connector_sync_logs");
            let rows: Vec<_> = sight.alive(on).collect();
            let took: Vec<i64> = rows.iter().filter_map(|r| match r.get("duration_ms") { Some(Val::Int(n)) => Some(*n), _ => None }).collect();
            let body = json!({"root": "workspace_connector_sync_logs", "aggregations": [
                {"op": "count", "field": "*", "alias": "n"}, {"op": "count", "field": "duration_ms", "alias": "timed"}, {"op": "sum", "field": "duration_ms"},
                {"op": "avg", "field": "workspace_connector_sync_logs.duration_ms", "alias": "mean"}, {"op": "min", "field": "durationMs", "alias": "least"}, {"op": "max", "field": "duration_ms", "alias": "most"},
                {"op": "max", "field": "created_at", "alias": "latest"},
            ]});
            warm(t, token).await;
            let before = t.db().statements();
            let answer = post(t, token, "statistics", &body).await.good();
            assert_eq!(t.db().statements() - before, 1);
            let sum: i64 = took.iter().sum();
            let mean = (!took.is_empty()).then(|| sum as f64 / took.len() as f64);
            let row = &answer["data"][0];
            assert_eq!(row["n"], json!(rows.len()), "{who}");
            assert_eq!(row["timed"], json!(took.len()), "{who}");
            assert_eq!(row["sum_duration_ms"], if took.is_empty() { Json::Null } else { json!(sum) }, "{who}");
            assert_eq!(row["mean"], json!(mean), "{who}");
            assert_eq!(row["least"], json!(took.iter().min()), "{who}");
            assert_eq!(row["most"], json!(took.iter().max()), "{who}");
            assert_eq!(row["latest"].is_string(), !rows.is_empty(), "{who}");
            assert_eq!(answer["meta"], json!({}));
        }
    }

    async fn groups_are_the_combinations_of_values_with_null_last(t) {
        let known = Known::make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let on = resource("connectors");
        let category = resource("categories");
        let mut truth: BTreeMap<(bool, Option<String>, String), u64> = BTreeMap::new();
        let text = |value: Option<&Val>| match value { Some(Val::Text(text)) => Some(text.clone()), _ => None };
        for row in sight.alive(on).filter(|r| text(r.get("status")).as_deref() != Some("inactive")) {
            let to = on.find_relation("category").unwrap();
            let slug = sight.related(row, to, false).first().and_then(|c| text(c.get("slug"))).expect("a category");
            let service = text(row.get("provider"));
            *truth.entry((service.is_none(), service, slug)).or_default() += 1;
        }
        assert!(category.find_field("slug").is_some());
        let body = json!({"root": "connectors", "filters": [{"field": "status", "operator": "neq", "value": "inactive"}], "group_by": ["provider", "connectors.category.slug"], "aggregations": [{"op": "count"}]});
        let answer = post(t, &known.world.root, "statistics", &body).await.good();
        let found: Vec<_> = answer["data"].as_array().unwrap().iter()
            .map(|r| (r["provider"].clone(), r["connectors.category.slug"].clone(), r["count"].clone())).collect();
        let expected: Vec<_> = truth.iter().map(|((_, p, c), n)| (json!(p), json!(c), json!(n))).collect();
        assert_eq!(found, expected);
        assert!(found.len() > 3);
    }

    async fn groups_of_every_kind_and_no_rows(t) {
        let known = Known::make(t).await;
        let body = json!({"root": "media", "group_by": ["is_primary", "mediaType", "workspace_id"], "aggregations": [{"op": "count"}, {"op": "min", "field": "label"}]});
        let answer = post(t, &known.world.root, "statistics", &body).await.good();
        for row in answer["data"].as_array().unwrap() {
            assert!(row["is_primary"].is_boolean() && row["mediaType"].is_string(), "{row}");
            assert!(row["count"].as_u64().unwrap() > 0);
        }
        let none = json!({"_or": []});
        let body = json!({"root": "media", "whereClause": none, "aggregations": [{"op": "count"}, {"op": "avg", "field": "file_size", "alias": "a"}, {"op": "sum", "field": "file_size", "alias": "s"}]});
        let answer = post(t, &known.world.root, "statistics", &body).await.good();
        assert_eq!(answer["data"], json!([{"count": 0, "a": null, "s": null}]));
        let body = json!({"root": "media", "whereClause": none, "group_by": ["label"], "aggregations": [{"op": "count"}]});
        assert_eq!(post(t, &known.world.root, "statistics", &body).await.good()["data"], json!([]));
    }

    async fn more_groups_than_the_limit_are_refused(t) {
        let known = Known::make(t).await;
        t.execute("INSERT INTO categories (id, slug, name, created_at, updated_at) SELECT d.id, 's' || d.pk, 'n' || d.pk, d.created_at, d.updated_at FROM workspace_connector_sync_logs d").await;
        let count = json!({"root": "categories", "group_by": ["id"], "aggregations": [{"op": "count"}]});
        let answer = post(t, &known.world.root, "statistics", &count).await;
        let groups = known.model.all(resource("categories")).len() + known.model.all(resource("workspace_connector_sync_logs")).len();
        assert_eq!(answer.status, if groups > 1_000 { 400 } else { 200 }, "{groups} groups");
    }
}
