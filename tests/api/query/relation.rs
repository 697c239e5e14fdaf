//! Filters that go through relations: nesting, quantifiers, what is unknown, and whose rows take
//! part. Beside the comparison with the model, what is special is said outright.

use super::ask::{self, matching};
use super::model::Sight;
use super::world::Known;
use crate::both;
use crate::support::TestApp;
use connectory::graphql::camel;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The rows that a filter finds, the same by asking and over the model.
async fn found(
    t: &TestApp,
    sight: &Sight<'_>,
    token: &str,
    resource: &str,
    filter: Json,
) -> BTreeSet<Uuid> {
    let resource = ask::resource(resource);
    let found = matching(t, token, resource, &filter).await;
    assert_eq!(
        found,
        sight.matching(resource, &filter),
        "{} {filter}",
        resource.name
    );
    found
}

/// The identifier of a row.
fn at(known: &Known, resource: &str, pk: usize) -> Uuid {
    known.model.all(ask::resource(resource))[pk - 1].id
}

both! {
    async fn a_to_one_relation_must_exist_and_match(t) {
        let known = Known::make(t).await;
        let token = &known.world.root;
        let sight = known.sight(t, token).await;
        for (resource, filter) in [
            ("workspace_connectors", json!({"connector": {"name": {"eq": "a_b"}}})),
            ("workspace_connectors", json!({"connector": {"category": {"slug": {"startsWith": "C"}}}})),
            ("workspace_connectors", json!({"workspace": {"parentWorkspace": {"parentWorkspace": {"slug": {"eq": "generated-1"}}}}})),
            ("connectors", json!({"providerConnector": {"provider": {"category": {"eq": "Software"}}}})),
            ("connectors", json!({"not": {"publishedBy": {"name": {"contains": "e"}}}})),
            ("connectors", json!({"logo": {"mediaType": {"in": ["AVATAR", "BANNER"]}}})),
            ("media", json!({"workspace": {"or": [{"slug": {"eq": "generated-1"}}, {"stage": {"eq": "SUSPENDED"}}]}})),
        ] {
            let some = found(t, &sight, token, resource, filter.clone()).await;
            assert!(!some.is_empty(), "{filter}");
        }
        // What is unknown of the related row does not match, and its negation outside does.
        let unknown = json!({"logo": {"label": {"neq": "nothing has this label"}}});
        let without = at(&known, "connectors", 6);
        assert!(!found(t, &sight, token, "connectors", unknown.clone()).await.contains(&without));
        assert!(found(t, &sight, token, "connectors", json!({"not": unknown})).await.contains(&without));
    }

    async fn quantifiers_over_no_rows(t) {
        let known = Known::make(t).await;
        let token = &known.world.root;
        let sight = known.sight(t, token).await;
        let lonely = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"none": {}}})).await;
        assert!(!lonely.is_empty());
        for condition in [json!({}), json!({"pk": {"lt": 0}}), json!({"or": []}), json!({"label": {"eq": "x"}})] {
            let every = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"every": condition}})).await;
            let none = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"none": condition}})).await;
            let some = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"some": condition}})).await;
            assert!(lonely.is_subset(&every), "every {condition}");
            assert!(lonely.is_subset(&none), "none {condition}");
            assert!(lonely.is_disjoint(&some), "some {condition}");
        }
    }

    async fn what_is_unknown_counts_against_every_and_for_none(t) {
        let known = Known::make(t).await;
        let token = &known.world.root;
        let sight = known.sight(t, token).await;
        // Most installations have no label, so `label neq` is unknown for them.
        let differs = json!({"label": {"neq": "nothing has this label"}});
        let unlabelled = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"some": {"label": {"isNull": true}}}})).await;
        let every = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"every": differs}})).await;
        assert!(!unlabelled.is_empty() && every.is_disjoint(&unlabelled));
        let never = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"every": {"not": differs}}})).await;
        assert!(never.is_disjoint(&unlabelled), "not unknown is unknown");
        let equal = json!({"label": {"eq": "nothing has this label"}});
        let none = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"none": equal}})).await;
        assert!(unlabelled.is_subset(&none), "unknown is no match");
        let some = found(t, &sight, token, "connectors", json!({"not": {"workspaceConnectors": {"some": equal}}})).await;
        assert_eq!(none, some, "none is the negation of some");
    }

    async fn quantifiers_nest(t) {
        let known = Known::make(t).await;
        let token = &known.world.root;
        let sight = known.sight(t, token).await;
        let (mut shown, words) = (0, ["some", "every", "none"]);
        for (outer, inner) in words.iter().flat_map(|outer| words.iter().map(move |inner| (outer, inner))) {
            let logs = json!({"syncLogs": { (*inner): {"status": {"eq": "SUCCESS"}}}});
            for resource in ["connectors", "workspaces"] {
                let filter = json!({"workspaceConnectors": { (*outer): logs }});
                shown += usize::from(!found(t, &sight, token, resource, filter).await.is_empty());
            }
        }
        assert!(shown > 12, "{shown} of 18 filters find something");
        let back = json!({"workspaceConnectors": {"some": {"connector": {"workspaceConnectors": {"every": {"status": {"neq": "ERROR"}}}}}}});
        assert!(!found(t, &sight, token, "workspaces", back).await.is_empty());
    }

    async fn several_conditions_on_one_relation_must_all_hold(t) {
        let known = Known::make(t).await;
        let token = &known.world.root;
        let sight = known.sight(t, token).await;
        let both = json!({"workspaceConnectors": {"some": {"status": {"eq": "ERROR"}}, "none": {"status": {"eq": "DEGRADED"}}}});
        let both = found(t, &sight, token, "connectors", both).await;
        let some = found(t, &sight, token, "connectors", json!({"workspaceConnectors": {"some": {"status": {"eq": "ERROR"}}}})).await;
        assert!(!both.is_empty() && both.is_subset(&some));
        // `some` of a conjunction is one row for all of it; two `some` may be two rows.
        let one = json!({"workspaceConnectors": {"some": {"status": {"eq": "ERROR"}, "label": {"isNull": false}}}});
        let two = json!({"and": [
            {"workspaceConnectors": {"some": {"status": {"eq": "ERROR"}}}}, {"workspaceConnectors": {"some": {"label": {"isNull": false}}}},
        ]});
        let (one, two) = (found(t, &sight, token, "connectors", one).await, found(t, &sight, token, "connectors", two).await);
        assert!(one.is_subset(&two) && one.len() < two.len());
    }

    async fn rows_of_another_tenant_do_not_exist_for_a_filter(t) {
        let known = Known::make(t).await;
        let root = &known.world.root;
        let sight = known.sight(t, root).await;
        // Installations 10 and 11 of the first tenant name a connector, a person and a rule of the second.
        let tied: BTreeSet<_> = [10, 11].map(|pk| at(&known, "workspace_connectors", pk)).into();
        let mine = found(t, &sight, root, "workspace_connectors", json!({})).await;
        assert!(tied.is_subset(&mine));
        for (relation, target, pk) in [("connector", "connectors", 42), ("person", "people", 12), ("filter", "connector_filters", 3)] {
            let through = json!({ (relation): {"id": {"isNull": false}}});
            assert!(found(t, &sight, root, "workspace_connectors", through).await.is_disjoint(&tied), "{relation}");
            let id = at(&known, target, pk).to_string();
            let named = json!({ (relation): {"id": {"eq": id}}});
            assert!(found(t, &sight, root, "workspace_connectors", named.clone()).await.is_empty(), "{relation}");
            // Not even by looking for those for which it is not true.
            let not = found(t, &sight, root, "workspace_connectors", json!({"not": named})).await;
            assert_eq!(not, mine, "{relation}");
        }
    }

    async fn rows_of_another_tenant_do_not_exist_for_a_quantifier(t) {
        let known = Known::make(t).await;
        let other = &known.world.other;
        let sight = known.sight(t, other).await;
        // Connector 42 of the second tenant is installed by the first, which the second cannot know.
        let tied = at(&known, "connectors", 42);
        for id in [10, 11].map(|pk| at(&known, "workspace_connectors", pk).to_string()) {
            let some = json!({"workspaceConnectors": {"some": {"id": {"eq": id}}}});
            assert_eq!(found(t, &sight, other, "connectors", some).await, BTreeSet::new());
            let none = json!({"workspaceConnectors": {"none": {"id": {"eq": id}}}});
            assert!(found(t, &sight, other, "connectors", none).await.contains(&tied));
            let every = json!({"workspaceConnectors": {"every": {"id": {"neq": id}}}});
            assert!(found(t, &sight, other, "connectors", every).await.contains(&tied));
        }
    }

    async fn every_viewer_filters_own_rows_alone(t) {
        let known = Known::make(t).await;
        let filters = [
            ("connectors", json!({"workspaceConnectors": {"some": {"status": {"eq": "ACTIVE"}}}})),
            ("connectors", json!({"publishedBy": {"name": {"isNull": false}}})),
            ("people", json!({"memberships": {"some": {"workspace": {"kind": {"eq": "WORKSPACE"}}}}})),
            ("workspaces", json!({"childWorkspaces": {"none": {}}})),
            ("media", json!({"people": {"some": {}}})),
            ("media", json!({"compositePeopleList": {"isNull": false}})),
            ("connector_filters", json!({"workspaceConnectors": {"some": {}}})),
        ];
        for (name, token) in known.tokens() {
            let sight = known.sight(t, token).await;
            for (resource, filter) in &filters {
                let rows = found(t, &sight, token, resource, filter.clone()).await;
                assert!(name != "root" || !rows.is_empty(), "{resource} {filter}");
            }
        }
    }

    async fn an_installed_connector_answers_after_it_was_deleted(t) {
        let known = Known::make(t).await;
        let token = &known.world.root;
        let sight = known.sight(t, token).await;
        let gone: Vec<_> = sight.rows(ask::resource("connectors")).filter(|c| c.deleted()).map(|c| c.id).collect();
        let filter = json!({"connector": {"or": gone.iter().map(|id| json!({"id": {"eq": id}})).collect::<Vec<_>>()}});
        let installed = found(t, &sight, token, "workspace_connectors", filter.clone()).await;
        assert!(!installed.is_empty());
        let query = "query($filter: WorkspaceConnectorFilter) { workspaceConnectors(filter: $filter, first: 100) { nodes { connector { id deletedAt } } } }";
        let answer = t.ask(token, query, json!({"filter": filter})).await;
        let nodes = answer.data()["workspaceConnectors"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), installed.len());
        assert!(nodes.iter().all(|n| n["connector"]["deletedAt"].is_string()), "{nodes:?}");
        // The same row is not in the catalogue, and no other relation leads to it.
        let listed = found(t, &sight, token, "connectors", json!({})).await;
        assert!(gone.iter().all(|id| !listed.contains(id)));
        let tie = json!({"connector": {"or": gone.iter().map(|id| json!({"id": {"eq": id}})).collect::<Vec<_>>()}});
        assert_eq!(found(t, &sight, token, "provider_connectors", tie).await, BTreeSet::new());
    }
}

#[test]
fn only_installed_connectors_answer_after_they_were_deleted() {
    let relations = connectory::resource::RESOURCES
        .iter()
        .flat_map(|r| r.relations.iter().map(move |relation| (r, relation)));
    let marked = relations.filter(|(_, relation)| relation.even_deleted);
    let marked: Vec<_> = marked
        .map(|(r, relation)| format!("{}.{}", r.type_name, camel(relation.name)))
        .collect();
    assert_eq!(marked, ["WorkspaceConnector.connector"]);
}
