//! Connections that are kept without anybody asking. That a moment has come is written into the
//! database, so that no test depends on a clock.

mod forget;
mod gate;
mod process;
mod share;

use crate::both;
use crate::connect::lifecycle::{beside, browse, connect, install, logged_in};
use crate::support::TestApp;
use crate::support::hostile::{Door, Hostile, Mcp, Running};
use crate::write::scene::Scene;
use chrono::{DateTime, TimeDelta, Utc};
use connectory::db::{Arg, Row};
use serde_json::json;
use std::time::Duration;

/// The past, as a database has it.
const PAST: &str = "'2001-01-01T00:00:00+00:00'";

/// A server beside `t` that may ask a peer and keeps connections, so many at once.
pub(super) async fn keeping(t: &TestApp, authority: &str, parallelism: usize) -> TestApp {
    t.beside(|config| {
        config.egress_allow = vec![authority.to_owned()];
        config.keeper_parallelism = parallelism;
    })
    .await
}

/// Lets the time of every next look come.
pub(super) async fn due(t: &TestApp) {
    t.execute(&format!(
        "UPDATE connections SET next_check_at = {PAST} WHERE next_check_at IS NOT NULL"
    ))
    .await;
}

/// Waits until something is so; that it ever will be is what the test is about.
pub(super) async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..3000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to this: {what}");
}

/// The rows that a statement finds.
pub(super) async fn rows(t: &TestApp, sql: &str) -> Vec<Row> {
    t.db()
        .rows(sql.to_owned(), Vec::<Arg>::new())
        .await
        .expect(sql)
}

/// The number that a statement finds.
pub(super) async fn number(t: &TestApp, sql: &str) -> i64 {
    rows(t, sql).await[0].int(0).expect("a number")
}

/// Where the only installation stands: state, code, whether for good, status.
async fn standing(t: &TestApp) -> [String; 4] {
    let sql = "SELECT connection_state, coalesce(disconnect_code, '-'), \
        CASE WHEN disconnect_permanent IS NULL THEN '-' WHEN disconnect_permanent THEN 'for good' ELSE 'for now' END, \
        status FROM workspace_connectors";
    let all = rows(t, sql).await;
    assert_eq!(all.len(), 1);
    std::array::from_fn(|n| all[0].text(n).unwrap_or_default().to_owned())
}

async fn comes_to(t: &TestApp, expected: [&str; 4]) {
    let last = std::cell::RefCell::new(Vec::new());
    for _ in 0..3000 {
        let now = standing(t).await;
        if now == expected {
            return;
        }
        last.replace(now.to_vec());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{expected:?} never came; it is {last:?}");
}

const CONNECTED: [&str; 4] = ["connected", "-", "-", "active"];

/// What the record says, oldest first.
async fn actions(t: &TestApp) -> Vec<String> {
    let sql = "SELECT action FROM audit_events WHERE resource = 'workspace_connectors' ORDER BY pk";
    let all = rows(t, sql).await;
    all.iter()
        .map(|row| row.text(0).unwrap_or_default().to_owned())
        .collect()
}

/// Forgets that the server was ever asked, waits until it is asked again, and for the end of that.
async fn looked_at_again(t: &TestApp) {
    t.execute(&format!(
        "UPDATE workspace_connectors SET last_checked_at = {PAST}"
    ))
    .await;
    due(t).await;
    let sql = format!(
        "SELECT count(*) FROM workspace_connectors w JOIN connections c ON c.workspace_connector_id = w.id \
        WHERE w.last_checked_at > {PAST} AND (c.next_check_at IS NULL OR c.next_check_at > {PAST})"
    );
    until("the connection is looked at", async || {
        number(t, &sql).await == 1
    })
    .await;
}

/// An open server.
pub(super) async fn open_peer() -> Running {
    let peer = Hostile {
        door: Door::Open,
        ..Hostile::default()
    };
    peer.start().await
}

/// Installs a server under a label and connects to it.
pub(super) async fn connected(s: &Scene<'_>, url: &str, label: &str) -> String {
    let id = install(s, json!({"url": url, "label": label})).await.id();
    again(s, &id).await;
    id
}

/// Connects, which must succeed at once.
pub(super) async fn again(s: &Scene<'_>, id: &str) {
    let (payload, _) = connect(s, json!({"id": id})).await;
    assert_eq!(
        payload["workspaceConnector"]["connectionState"], "CONNECTED",
        "{payload:#}"
    );
}

fn refreshes(peer: &Running) -> usize {
    let asked = peer.asked("/token");
    asked
        .iter()
        .filter(|r| {
            r.form()
                .get("grant_type")
                .is_some_and(|g| g == "refresh_token")
        })
        .count()
}

both! {
    async fn a_look_that_finds_all_well_is_noted_and_is_no_change(t) {
        let peer = open_peer().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        connected(&s, &peer.url, "one").await;
        let before = actions(t).await;
        let revision = "SELECT CAST(revision AS BIGINT) FROM workspace_connectors";
        let was = number(t, revision).await;
        let asked = peer.asked("/mcp").len();
        looked_at_again(t).await;
        assert!(peer.asked("/mcp").len() > asked);
        assert_eq!(standing(t).await, CONNECTED);
        assert_eq!((actions(t).await, number(t, revision).await), (before, was));
        let sql = "SELECT next_check_at, last_checked_at, last_connected_at FROM connections c \
            JOIN workspace_connectors w ON w.id = c.workspace_connector_id";
        until("the claim ends", async || {
            let row = &rows(t, sql).await[0];
            let pause = row.time(0).unwrap() - row.time(1).unwrap();
            pause < TimeDelta::seconds(40)
        }).await;
        let row = &rows(t, sql).await[0];
        assert!(row.time(2) >= row.time(1), "the server was reached at its last look");
    }

    async fn a_server_that_fails_is_asked_again_ever_less_often_and_heals_by_itself(t) {
        let peer = open_peer().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        connected(&s, &peer.url, "one").await;
        peer.change(|p| p.mcp = Mcp::Status(500, "oops".into()));
        let sql = "SELECT CAST(failures AS BIGINT), next_check_at, last_checked_at FROM connections c \
            JOIN workspace_connectors w ON w.id = c.workspace_connector_id";
        for (failures, pause) in [(1, 30), (2, 60), (3, 120)] {
            due(t).await;
            until("another failure is counted", async || rows(t, sql).await[0].int(0) == Some(failures)).await;
            assert_eq!(standing(t).await, ["disconnected", "upstream_5xx", "for now", "error"]);
            pauses_about(&rows(t, sql).await[0], pause);
        }
        // The pause ends growing.
        t.execute("UPDATE connections SET failures = 50").await;
        due(t).await;
        until("the count goes on", async || rows(t, sql).await[0].int(0) == Some(51)).await;
        pauses_about(&rows(t, sql).await[0], 1800);
        peer.change(|p| p.mcp = Mcp::Document);
        due(t).await;
        comes_to(t, CONNECTED).await;
        assert_eq!(rows(t, sql).await[0].int(0), Some(0));
        let all = actions(t).await;
        let last = all.last().map(String::as_str);
        assert_eq!(last, Some("workspace_connector.recovered"), "{all:?}");
        assert_eq!(number(t, "SELECT count(*) FROM workspace_connectors WHERE disconnect_reason IS NULL").await, 1);
    }

    async fn pauses_of_connections_that_fail_together_differ(t) {
        let peer = open_peer().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        connected(&s, &peer.url, "one").await;
        for label in ["a", "b", "c", "d", "e", "f"] {
            connected(&s, &peer.url, label).await;
        }
        peer.change(|p| p.mcp = Mcp::Hangup);
        due(t).await;
        let failing = "SELECT count(*) FROM workspace_connectors WHERE disconnect_code = 'network'";
        until("all fail", async || number(t, failing).await == 7).await;
        let sql = "SELECT next_check_at, last_checked_at FROM connections c \
            JOIN workspace_connectors w ON w.id = c.workspace_connector_id";
        let mut pauses: Vec<_> = rows(t, sql).await.iter().map(|r| r.time(0).unwrap() - r.time(1).unwrap()).collect();
        pauses.sort();
        pauses.dedup();
        assert!(pauses.len() > 1, "{pauses:?}");
    }

    async fn what_a_server_says_decides_what_becomes_of_its_connection(t) {
        let peer = open_peer().await;
        let t = &keeping(t, &peer.authority(), 1).await;
        let s = Scene::make(t).await;
        let id = connected(&s, &peer.url, "one").await;
        for (mcp, door, code, lasting) in [
            (Mcp::Status(403, "no".into()), Door::Open, "upstream_4xx", "for good"),
            (Mcp::Status(404, "no".into()), Door::Open, "upstream_4xx", "for good"),
            (Mcp::Status(429, "slower".into()), Door::Open, "upstream_4xx", "for now"),
            (Mcp::Status(503, "no".into()), Door::Open, "upstream_5xx", "for now"),
            (Mcp::Html, Door::Open, "protocol", "for now"),
            (Mcp::Hangup, Door::Open, "network", "for now"),
            (Mcp::Document, Door::Bearer, "auth_revoked", "for good"),
        ] {
            let what = format!("{mcp:?} {door:?}");
            peer.change(|p| (p.mcp, p.door) = (mcp, door));
            due(t).await;
            comes_to(t, ["disconnected", code, lasting, "error"]).await;
            let waits = number(t, "SELECT count(*) FROM connections WHERE next_check_at IS NULL").await;
            assert_eq!(waits == 1, lasting == "for good", "{what}");
            peer.change(|p| (p.mcp, p.door) = (Mcp::Document, Door::Open));
            again(&s, &id).await;
        }
    }

    async fn an_address_that_may_no_longer_be_asked_is_not(t) {
        let peer = open_peer().await;
        let before = &beside(t, &peer).await;
        connected(&Scene::make(before).await, &peer.url, "one").await;
        let asked = peer.asked("/mcp").len();
        // The operator took the exception away.
        let t = &keeping(t, "127.0.0.1:1", 4).await;
        due(t).await;
        comes_to(t, ["disconnected", "policy_blocked", "for good", "error"]).await;
        assert_eq!(peer.asked("/mcp").len(), asked);
    }

    async fn a_token_that_is_taken_no_longer_is_renewed_once(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        logged_in(&s, &peer).await;
        peer.expire_access();
        looked_at_again(t).await;
        assert_eq!((standing(t).await, refreshes(&peer)), (CONNECTED.map(str::to_owned), 1));
        assert_eq!(actions(t).await.last().map(String::as_str), Some("workspace_connector.refreshed"));
        // One that is refused though it is new is not renewed again and again.
        peer.change(|p| p.door = Door::Shut);
        due(t).await;
        comes_to(t, ["disconnected", "auth_revoked", "for good", "error"]).await;
        assert_eq!(refreshes(&peer), 2);
        assert_eq!(number(t, "SELECT count(*) FROM connection_credentials WHERE name = 'tokens'").await, 0);
    }

    async fn a_token_is_renewed_before_it_lapses(t) {
        let peer = Hostile { expires_in: Some(30), ..Hostile::default() }.start().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        logged_in(&s, &peer).await;
        let sql = "SELECT next_check_at, token_expires_at FROM connections c \
            JOIN workspace_connectors w ON w.id = c.workspace_connector_id";
        let row = &rows(t, sql).await[0];
        assert!(row.time(0) < row.time(1), "it is looked at while the token is good");
        peer.change(|p| p.expires_in = Some(3600));
        let asked = peer.asked("/mcp").len();
        looked_at_again(t).await;
        assert_eq!((standing(t).await, refreshes(&peer)), (CONNECTED.map(str::to_owned), 1));
        let shown = peer.asked("/mcp")[asked].header("authorization").map(str::to_owned);
        assert!(peer.knows(shown.unwrap().trim_start_matches("Bearer ")), "the new token is shown at once");
        looked_at_again(t).await;
        assert_eq!(refreshes(&peer), 1, "one that is good for an hour stays");
    }

    async fn an_authorization_server_that_fails_is_waited_for(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        logged_in(&s, &peer).await;
        peer.expire_access();
        peer.change(|p| p.failing = 2);
        for failures in 1..=2 {
            due(t).await;
            let counted = format!("SELECT count(*) FROM connections WHERE failures = {failures}");
            until("the failure is counted", async || number(t, &counted).await == 1).await;
            comes_to(t, ["disconnected", "upstream_5xx", "for now", "error"]).await;
            assert_eq!(number(t, "SELECT count(*) FROM connection_credentials WHERE name = 'tokens'").await, 1);
        }
        due(t).await;
        comes_to(t, CONNECTED).await;
    }

    async fn a_grant_that_was_ended_leads_to_a_login_that_can_be_finished(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        let id = logged_in(&s, &peer).await;
        peer.revoke_all();
        due(t).await;
        comes_to(t, ["auth_required", "-", "-", "need_reconnect"]).await;
        assert_eq!(number(t, "SELECT count(*) FROM connection_credentials WHERE name = 'tokens'").await, 0);
        let url = t.app.connect.authorization_url(id.parse().unwrap()).await.unwrap();
        let landing = t.app.connect.complete(browse(&url.expect("a login")).await).await.unwrap();
        assert_eq!(landing.error, None);
        assert_eq!(standing(t).await, CONNECTED);
    }

    async fn a_login_that_nobody_finishes_lapses(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 2).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let (_, url) = connect(&s, json!({"id": id})).await;
        let url = url.expect("a login");
        // One that can still be finished is left alone.
        due(t).await;
        let sql = "SELECT count(*) FROM connections c JOIN connection_authorizations a \
            ON a.workspace_connector_id = c.workspace_connector_id WHERE c.next_check_at = a.expires_at";
        until("the look is put off", async || number(t, sql).await == 1).await;
        assert_eq!(standing(t).await[0], "auth_required");
        t.execute(&format!("UPDATE connection_authorizations SET expires_at = {PAST}")).await;
        due(t).await;
        comes_to(t, ["disconnected", "auth_expired", "for good", "error"]).await;
        let said = rows(t, "SELECT disconnect_reason FROM workspace_connectors").await;
        assert_eq!(said[0].text(0), Some("Authorization expired"));
        assert_eq!(number(t, "SELECT count(*) FROM connection_authorizations").await, 0);
        let late = t.app.connect.complete(browse(&url).await).await.unwrap();
        assert!(late.error.is_some());
        assert_eq!(standing(t).await[1], "auth_expired");
    }

    async fn what_is_barred_or_paused_is_left_alone(t) {
        let peer = open_peer().await;
        let t = &keeping(t, &peer.authority(), 1).await;
        let s = Scene::make(t).await;
        let id = connected(&s, &peer.url, "one").await;
        for status in ["suspended", "disabled"] {
            s.set_status(&id, status).await;
            let asked = peer.asked("/mcp").len();
            let later = format!("SELECT count(*) FROM connections WHERE next_check_at > {PAST}");
            // One at a time, so that the first has ended when the second begins.
            for _ in 0..2 {
                due(t).await;
                until("it is taken up", async || number(t, &later).await == 1).await;
            }
            assert_eq!(standing(t).await, ["connected", "-", "-", status]);
            assert_eq!(peer.asked("/mcp").len(), asked);
        }
    }

    async fn a_connection_whose_secrets_cannot_be_read_does_not_stop_the_others(t) {
        let peer = Hostile::default().start().await;
        let t = &keeping(t, &peer.authority(), 4).await;
        let s = Scene::make(t).await;
        logged_in(&s, &peer).await;
        let broken = if t.is_sqlite() { "x'00'" } else { "'\\x00'::bytea" };
        t.execute(&format!("UPDATE connection_credentials SET ciphertext = {broken}")).await;
        let other = install(&s, json!({"url": peer.url, "label": "b"})).await.id();
        let (payload, _) = connect(&s, json!({"id": other, "accessToken": peer.access_token()})).await;
        assert_eq!(payload["workspaceConnector"]["connectionState"], "CONNECTED", "{payload:#}");
        t.execute(&format!("UPDATE workspace_connectors SET last_checked_at = {PAST}")).await;
        due(t).await;
        let looked = format!("SELECT count(*) FROM workspace_connectors WHERE label = 'b' AND last_checked_at > {PAST}");
        until("the other is looked at", async || number(t, &looked).await == 1).await;
        assert_eq!(number(t, "SELECT count(*) FROM workspace_connectors WHERE connection_state = 'connected'").await, 2);
    }
}

/// Asserts that the next look is about so many seconds after the last.
fn pauses_about(row: &Row, seconds: i64) {
    let (next, last): (DateTime<Utc>, DateTime<Utc>) = (row.time(1).unwrap(), row.time(2).unwrap());
    let pause = (next - last).num_milliseconds();
    // A fifth either way; both moments are taken while one change is written.
    let (least, most) = (seconds * 800 - 2000, seconds * 1200 + 2000);
    assert!(
        (least..=most).contains(&pause),
        "{pause} ms, not about {seconds} s"
    );
}
