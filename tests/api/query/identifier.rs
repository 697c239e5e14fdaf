//! Identifiers are texts: compared by their written form, whatever its case.

use super::ask::{self, matching, problems};
use super::model::Val;
use super::world::Known;
use crate::both;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

both! {
    async fn any_spelling_of_an_identifier_equals_it(t) {
        let known = Known::make(t).await;
        let (token, resource) = (&known.world.root, ask::resource("connectors"));
        let id = known.model.all(resource)[0].id;
        let spellings = [id.to_string(), id.to_string().to_uppercase(), id.simple().to_string(), id.braced().to_string()];
        for spelling in &spellings {
            let found = matching(t, token, resource, &json!({"id": {"eq": spelling}})).await;
            assert_eq!(found, BTreeSet::from([id]), "{spelling}");
            let others = matching(t, token, resource, &json!({"id": {"neq": spelling}})).await;
            assert!(!others.contains(&id) && others.len() > 10, "{spelling}");
        }
    }

    async fn a_part_of_an_identifier_is_found_in_its_hyphenated_form(t) {
        let known = Known::make(t).await;
        let (token, resource) = (&known.world.root, ask::resource("connectors"));
        let id = known.model.all(resource)[0].id;
        let text = id.to_string();
        let hyphen = &text[6..11];
        for filter in [
            json!({"contains": hyphen.to_uppercase()}), json!({"contains": &text[9..28]}),
            json!({"startsWith": &text[..10]}), json!({"endsWith": text[20..].to_uppercase()}), json!({"contains": text}),
        ] {
            let found = matching(t, token, resource, &json!({"id": filter})).await;
            assert_eq!(found, BTreeSet::from([id]), "{filter}");
        }
        for needle in [text.replace('-', ""), "ö".into(), "%".into(), "_".into()] {
            let found = matching(t, token, resource, &json!({"id": {"contains": needle}})).await;
            assert_eq!(found, BTreeSet::new(), "{needle}");
        }
    }

    async fn a_text_that_is_no_identifier_equals_none_and_differs_from_all(t) {
        let known = Known::make(t).await;
        let (token, resource) = (&known.world.root, ask::resource("connectors"));
        let sight = known.sight(t, token).await;
        let all: BTreeSet<Uuid> = sight.alive(resource).map(|row| row.id).collect();
        let half = &known.model.all(resource)[0].id.to_string()[..35];
        for text in ["", "x", half] {
            let none = BTreeSet::new();
            assert_eq!(matching(t, token, resource, &json!({"id": {"eq": text}})).await, none);
            assert_eq!(matching(t, token, resource, &json!({"id": {"neq": text}})).await, all);
            assert_eq!(matching(t, token, resource, &json!({"not": {"id": {"eq": text}}})).await, all);
            assert_eq!(matching(t, token, resource, &json!({"not": {"id": {"neq": text}}})).await, none);
        }
    }

    async fn an_identifier_that_is_no_row_identifier_works_the_same(t) {
        let known = Known::make(t).await;
        let (token, resource) = (&known.world.root, ask::resource("provenance_links"));
        let Some(Val::Uuid(record)) = known.model.all(resource)[0].get("record_id") else { panic!("no record") };
        for filter in [json!({"eq": record.simple().to_string()}), json!({"contains": record.to_string()[3..].to_uppercase()})] {
            let found = matching(t, token, resource, &json!({"recordId": filter})).await;
            assert_eq!(found, BTreeSet::from([known.model.all(resource)[0].id]), "{filter}");
        }
    }

    async fn a_workspace_must_be_named_by_an_identifier(t) {
        let known = Known::make(t).await;
        let query = "query($filter: ConnectorFilter) { connectors(filter: $filter) { totalCount } }";
        let answer = t.ask(&known.world.root, query, json!({"filter": {"publishedById": {"eq": "home"}}})).await;
        assert_eq!(problems(&answer), ["filter.publishedById.eq: must be the UUID of a workspace, not `home`"]);
    }
}
