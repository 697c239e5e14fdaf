//! What is told, and to whom.

use super::{Two, change, connector, following, rename, settle};
use crate::both;
use crate::support::{Socket, subscribe};
use serde_json::json;

both! {
    async fn each_change_is_told_in_order_with_its_row(t) {
        let two = Two::make(t).await;
        connector(t, &two.root, "before").await;
        let mut socket = following(t, &two.root, "").await;
        let id = connector(t, &two.root, "one").await;
        rename(t, &two.root, &id, "One").await;
        change(t, &two.root, "connectorDelete", json!({"id": id})).await;
        change(t, &two.root, "connectorRestore", json!({"id": id})).await;
        let mut revisions = Vec::new();
        for action in ["CREATED", "UPDATED", "DELETED", "RESTORED"] {
            let event = socket.event("connectorChanged").await;
            assert_eq!((&event["action"], &event["id"]), (&json!(action), &json!(id)));
            assert_eq!(event["connector"]["id"], json!(id), "the row is told, also a deleted one");
            revisions.push(event["revision"].as_i64().expect("a revision"));
        }
        assert!(revisions.windows(2).all(|w| w[0] < w[1]), "{revisions:?}");
        socket.silent().await;
    }

    async fn rows_of_others_are_not_told(t) {
        let two = Two::make(t).await;
        let mut ours = following(t, &two.below, "").await;
        let mut theirs = following(t, &two.other, "").await;
        let id = connector(t, &two.root, "ours").await;
        assert_eq!(ours.event("connectorChanged").await["id"], json!(id), "a catalogue is the organization's");
        theirs.silent().await;
    }

    async fn installations_are_told_to_their_tree_alone(t) {
        let two = Two::make(t).await;
        let id = connector(t, &two.root, "one").await;
        let query = "subscription { workspaceConnectorChanged { action id workspaceConnector { id status connector { slug } } } }";
        let mut sockets = Vec::new();
        for token in [&two.root, &two.below, &two.other] {
            let mut socket = Socket::greeted(t, token).await;
            socket.send(&subscribe("1", query)).await;
            sockets.push(socket);
        }
        settle().await;
        let installed = change(t, &two.root, "workspaceConnectorInstall", json!({"connector": id})).await;
        let event = sockets[0].event("workspaceConnectorChanged").await;
        assert_eq!((&event["action"], &event["id"]), (&json!("CREATED"), &installed["id"]));
        assert_eq!(event["workspaceConnector"]["connector"]["slug"], "one");
        change(t, &two.root, "workspaceConnectorUninstall", json!({"id": installed["id"]})).await;
        assert_eq!(sockets[0].event("workspaceConnectorChanged").await["action"], "DELETED");
        sockets[1].silent().await;
        sockets[2].silent().await;
    }

    async fn the_filter_chooses_by_the_row_as_it_became(t) {
        let two = Two::make(t).await;
        let mut socket = following(t, &two.root, "(filter: {name: {startsWith: \"Yes\"}})").await;
        let mut all = following(t, &two.root, "").await;
        let id = connector(t, &two.root, "no").await;
        // The filter judges the row as it is when the change is told, so let that happen first.
        assert_eq!(all.event("connectorChanged").await["action"], "CREATED");
        settle().await;
        rename(t, &two.root, &id, "Yes, now").await;
        let event = socket.event("connectorChanged").await;
        assert_eq!((&event["action"], &event["connector"]["name"]), (&json!("UPDATED"), &json!("Yes, now")));
        rename(t, &two.root, &id, "No more").await;
        for _ in 0..2 {
            assert_eq!(all.event("connectorChanged").await["action"], "UPDATED");
        }
        socket.silent().await;
    }

    async fn what_was_rolled_back_or_refused_is_not_told(t) {
        let two = Two::make(t).await;
        let mut socket = following(t, &two.root, "").await;
        connector(t, &two.root, "one").await;
        assert_eq!(socket.event("connectorChanged").await["action"], "CREATED");
        let input = json!({"slug": "one", "name": "Again", "category": "notes", "direction": "IMPORT"});
        let query = "mutation($input: ConnectorCreateInput!) { connectorCreate(input: $input) { userErrors { code } } }";
        let answer = t.ask(&two.root, query, json!({"input": input})).await;
        assert_eq!(answer.data()["connectorCreate"]["userErrors"][0]["code"], "CONFLICT");
        let viewer = t.token(two.root_id, entity::membership::Role::Viewer).await;
        let answer = t.ask(&viewer, query, json!({"input": input})).await;
        assert_eq!(answer.error()["extensions"]["code"], "FORBIDDEN");
        socket.silent().await;
    }

    async fn a_subscription_may_be_named_in_fragments_and_has_one_root_field(t) {
        let two = Two::make(t).await;
        let mut socket = Socket::greeted(t, &two.root).await;
        let query = "subscription($f: ConnectorFilter) { ...A } fragment A on Subscription { it: connectorChanged(filter: $f) { id ...B } ... on Subscription { it: connectorChanged(filter: $f) { __typename } } } fragment B on ConnectorChange { action }";
        socket.send(&subscribe("1", query)).await;
        settle().await;
        let id = connector(t, &two.root, "one").await;
        assert_eq!(socket.event("it").await, json!({"id": id, "action": "CREATED", "__typename": "ConnectorChange"}));
        for (query, says) in [
            ("subscription { connectorChanged { id } syncLogAppended { id } }", "one field at its root"),
            ("subscription { connectorChanged @include(if: true) { id } }", "cannot be skipped"),
            ("subscription { __typename }", "__typename"),
            ("subscription { connectorChanged { nothing } }", "nothing"),
            ("subscription { connectorChanged(after: \"x\", filter: {createdAt: {eq: \"no date\"}}) { id } }", "`after`"),
        ] {
            socket.send(&subscribe("2", query)).await;
            let error = socket.next().await.unwrap();
            assert_eq!((&error["id"], &error["type"]), (&json!("2"), &json!("error")), "{query}: {error}");
            assert!(error["payload"].to_string().contains(says), "{query}: {error}");
        }
        socket.send(&json!({"type": "complete", "id": "1"})).await;
        connector(t, &two.root, "two").await;
        socket.silent().await;
    }

    async fn a_plain_request_is_told_where_subscriptions_are_served(t) {
        let two = Two::make(t).await;
        let answer = t.ask(&two.root, "subscription { connectorChanged { id } }", json!({})).await;
        assert!(answer.error()["message"].as_str().unwrap().contains("text/event-stream"));
    }
}
