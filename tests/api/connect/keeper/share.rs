//! Several servers that keep the same connections, and people who act meanwhile.

use super::gate::Gate;
use super::{PAST, again, connected, due, keeping, number, open_peer, until};
use crate::both;
use crate::connect::lifecycle::beside;
use crate::support::TestApp;
use crate::write::scene::Scene;
use serde_json::json;

/// So many at once on each server.
const TOGETHER: usize = 5;

/// A server that does not keep, and may ask the gate.
async fn idle(t: &TestApp, gate: &Gate) -> TestApp {
    keeping(t, &gate.authority, 0).await
}

async fn looked_at(t: &TestApp) -> i64 {
    let sql = format!("SELECT count(*) FROM workspace_connectors WHERE last_checked_at > {PAST}");
    number(t, &sql).await
}

async fn never_looked_at(t: &TestApp) {
    t.execute(&format!(
        "UPDATE workspace_connectors SET last_checked_at = {PAST}"
    ))
    .await;
}

both! {
    async fn two_servers_look_at_each_connection_once(t) {
        let peer = open_peer().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        for n in 0..20 {
            connected(&s, &peer.url, &n.to_string()).await;
        }
        never_looked_at(t).await;
        due(t).await;
        let before = peer.asked("/mcp").iter().filter(|r| r.text().contains("\"initialize\"")).count();
        let servers = (keeping(t, &peer.authority(), TOGETHER).await, keeping(t, &peer.authority(), TOGETHER).await);
        until("all are looked at", async || looked_at(t).await == 20).await;
        let taken = format!("SELECT count(*) FROM connections WHERE next_check_at <= {PAST}");
        assert_eq!(number(t, &taken).await, 0);
        let after = peer.asked("/mcp").iter().filter(|r| r.text().contains("\"initialize\"")).count();
        assert_eq!(after - before, 20);
        drop(servers);
    }

    async fn a_hundred_slow_connections_never_take_more_than_their_share(t) {
        let gate = Gate::start().await;
        let t = &idle(t, &gate).await;
        let s = Scene::make(t).await;
        for n in 0..100 {
            connected(&s, &gate.url, &n.to_string()).await;
        }
        never_looked_at(t).await;
        due(t).await;
        gate.close();
        let keeper = keeping(t, &gate.authority, TOGETHER).await;
        until("as many as may are asked", async || gate.inside() == TOGETHER).await;
        let claimed = format!("SELECT count(*) FROM connections WHERE next_check_at > {PAST}");
        assert_eq!(number(t, &claimed).await, i64::try_from(TOGETHER).unwrap(), "none is claimed in store");
        for passed in 1..=20 {
            gate.pass(1);
            until("another takes the place", async || gate.arrived() == passed + TOGETHER).await;
        }
        gate.open();
        until("all are looked at", async || looked_at(t).await == 100).await;
        assert_eq!((gate.most(), gate.arrived()), (TOGETHER, 100));
        drop(keeper);
    }

    async fn a_disconnection_during_a_slow_look_stands(t) {
        let gate = Gate::start().await;
        let t = &keeping(t, &gate.authority, TOGETHER).await;
        let s = Scene::make(t).await;
        let id = connected(&s, &gate.url, "one").await;
        gate.close();
        due(t).await;
        until("it is looked at", async || gate.inside() == 1).await;
        let gone = s.ask(&s.member, "workspace_connector_disconnect", json!({"id": id}), "connectionState").await;
        assert_eq!(gone.record()["connectionState"], "DISCONNECTED");
        let whole = "SELECT CAST(revision AS BIGINT) FROM workspace_connectors";
        let revision = number(t, whole).await;
        gate.open();
        until("the look ends", async || gate.inside() == 0).await;
        // Another look, of another connection, ends after it.
        connected(&s, &gate.url, "two").await;
        never_looked_at(t).await;
        due(t).await;
        until("the other is looked at", async || looked_at(t).await == 1).await;
        let stands = "SELECT count(*) FROM workspace_connectors WHERE disconnect_code = 'client_request' AND disconnect_permanent";
        assert_eq!(number(t, stands).await, 1);
        assert_eq!(number(t, &format!("{whole} WHERE label = 'one'")).await, revision);
        assert_eq!(number(t, "SELECT count(*) FROM connections WHERE next_check_at IS NULL").await, 1);
    }

    async fn a_server_that_stops_gives_back_what_it_was_looking_at(t) {
        let gate = Gate::start().await;
        let base = t;
        let t = &idle(base, &gate).await;
        let s = Scene::make(t).await;
        let id = connected(&s, &gate.url, "one").await;
        gate.close();
        due(t).await;
        let first = keeping(base, &gate.authority, TOGETHER).await;
        until("it is looked at", async || gate.arrived() == 1).await;
        first.end().await;
        // Without waiting for the end of a claim.
        let second = keeping(base, &gate.authority, TOGETHER).await;
        until("the other takes it up", async || gate.arrived() == 2).await;
        gate.open();
        again(&s, &id).await;
        drop(second);
    }
}
