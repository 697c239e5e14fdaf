//! Random lives of connections through the use cases, the keeper and the callback: whatever people,
//! servers and time do, the rows keep the rules.

use crate::connect::lifecycle::{beside, browse, connect, install};
use crate::support::TestApp;
use crate::support::hostile::{Authorize, Door, Hostile, Mcp, Running, Token};
use crate::write::scene::Scene;
use connectory::connect::keeper;
use connectory::db::{Arg, Row};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::json;
use std::cell::Cell;
use uuid::Uuid;

/// Lives that are led.
const LIVES: u32 = 40;

#[derive(Debug, Clone, Copy)]
enum Deed {
    Connect,
    ConnectAnew,
    HandOver,
    Disconnect,
    Refresh,
    Test,
    Look,
    TimePasses,
    Return,
    ReturnDenied,
    ReturnTwice,
    ServerFails,
    ServerRefuses,
    ServerIsNone,
    ServerOpens,
    ServerShuts,
    ServerIsRight,
    TokensLapse,
    GrantEnds,
    IssuerFails,
}

use Deed::*;

/// People act more often than servers change their mind.
fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let often = prop::sample::select(vec![Connect, Disconnect, Refresh, Test, Look, Look, Return]);
    let seldom = prop::sample::select(vec![
        ConnectAnew,
        HandOver,
        TimePasses,
        ReturnDenied,
        ReturnTwice,
        ServerFails,
        ServerRefuses,
        ServerIsNone,
        ServerOpens,
        ServerShuts,
        ServerIsRight,
        ServerIsRight,
        TokensLapse,
        GrantEnds,
        IssuerFails,
    ]);
    prop::collection::vec(prop_oneof![3 => often, 2 => seldom], 4..16)
}

/// One life.
struct Life<'a> {
    s: &'a Scene<'a>,
    peer: &'a Running,
    id: String,
    /// Whether it was ever anything but `created`.
    begun: Cell<bool>,
}

impl Life<'_> {
    fn t(&self) -> &TestApp {
        self.s.t
    }

    async fn ask(&self, name: &str) -> Result<(), TestCaseError> {
        let done = self
            .s
            .change(&self.s.member, name, json!({"id": self.id}))
            .await;
        prop_assert!(
            done.word() != "internal_error",
            "{name}: {:?}",
            done.mistakes()
        );
        Ok(())
    }

    async fn connect(&self, more: serde_json::Value) -> Result<(), TestCaseError> {
        let mut input = json!({"id": self.id});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let (payload, _) = connect(self.s, input).await;
        prop_assert!(
            payload["userErrors"][0]["code"] != "INTERNAL_ERROR",
            "{payload:#}"
        );
        Ok(())
    }

    /// The browser comes back from the pending login, so many times.
    async fn come_back(&self, authorize: Authorize, times: usize) {
        let connect = &self.t().app.connect;
        let id: Uuid = self.id.parse().unwrap();
        let Some(url) = connect.authorization_url(id).await.unwrap() else {
            return;
        };
        self.peer.change(|p| p.authorize = authorize);
        let back = browse(&url).await;
        for time in 0..times {
            let landing = connect.complete(back.clone()).await.unwrap();
            assert!(
                time == 0 || landing.error.is_some(),
                "a state was good twice"
            );
        }
    }

    /// Makes all moments pass that stand in the rows.
    async fn time_passes(&self) {
        for change in [
            "UPDATE connections SET next_check_at = '2001-01-01T00:00:00+00:00' WHERE next_check_at IS NOT NULL",
            "UPDATE connection_authorizations SET expires_at = '2001-01-01T00:00:00+00:00'",
        ] {
            self.t().execute(change).await;
        }
    }

    async fn look(&self) {
        let due = "UPDATE connections SET next_check_at = '2001-01-01T00:00:00+00:00' WHERE next_check_at IS NOT NULL";
        self.t().execute(due).await;
        keeper::once(&self.t().app.connect).await.unwrap();
    }

    async fn act(&self, deed: Deed) -> Result<(), TestCaseError> {
        let peer = self.peer;
        match deed {
            Connect => self.connect(json!({})).await?,
            ConnectAnew => self.connect(json!({"force": true})).await?,
            HandOver => {
                self.connect(json!({"accessToken": peer.access_token()}))
                    .await?
            }
            Disconnect => self.ask("workspace_connector_disconnect").await?,
            Refresh => self.ask("workspace_connector_refresh").await?,
            Test => self.ask("workspace_connector_test").await?,
            Look => self.look().await,
            TimePasses => {
                self.time_passes().await;
                self.look().await;
            }
            Return => self.come_back(Authorize::Grant, 1).await,
            ReturnDenied => self.come_back(Authorize::Error("access_denied"), 1).await,
            ReturnTwice => self.come_back(Authorize::Grant, 2).await,
            ServerFails => peer.change(|p| p.mcp = Mcp::Status(500, "oops".into())),
            ServerRefuses => peer.change(|p| p.mcp = Mcp::Status(403, "no".into())),
            ServerIsNone => peer.change(|p| p.mcp = Mcp::Html),
            ServerOpens => peer.change(|p| p.door = Door::Open),
            ServerShuts => peer.change(|p| p.door = Door::Shut),
            ServerIsRight => peer.change(|p| *p = Hostile::default()),
            TokensLapse => peer.expire_access(),
            GrantEnds => peer.revoke_all(),
            IssuerFails => peer.change(|p| p.token = Token::Status(503, "later")),
        }
        Ok(())
    }

    async fn row(&self) -> Row {
        const SQL: &str = "SELECT w.connection_state, w.disconnect_code, w.disconnect_reason, w.disconnect_permanent, \
            w.authorization_expires_at, w.token_expires_at, c.next_check_at, \
            (SELECT count(*) FROM connection_authorizations a WHERE a.workspace_connector_id = w.id), \
            (SELECT count(*) FROM connection_credentials k WHERE k.workspace_connector_id = w.id AND k.name = 'tokens'), \
            CAST(w.revision AS BIGINT), \
            (SELECT count(DISTINCT revision) FROM audit_events e WHERE e.record_id = w.id AND e.outcome = 'done') \
            FROM workspace_connectors w LEFT JOIN connections c ON c.workspace_connector_id = w.id WHERE w.id = $1";
        let id = Arg::Uuid(self.id.parse().unwrap());
        let mut rows = self.t().db().rows(SQL.to_owned(), vec![id]).await.unwrap();
        rows.remove(0)
    }

    async fn check(&self) -> Result<String, TestCaseError> {
        let row = self.row().await;
        let state = row.text(0).unwrap_or("null").to_owned();
        let code = row.text(1).unwrap_or("-");
        prop_assert!(state != "created" || !self.begun.get(), "a way back");
        self.begun.set(state != "created");
        let disconnected = state == "disconnected";
        for column in 1..=3 {
            prop_assert_eq!(
                !row.is_null(column),
                disconnected,
                "column {} of {}",
                column,
                state
            );
        }
        let waits = state == "auth_required";
        prop_assert_eq!(
            (row.int(7) == Some(1), !row.is_null(4)),
            (waits, waits),
            "a login, {}",
            state
        );
        let tokens = row.int(8) == Some(1);
        let none = waits || state == "created" || matches!(code, "client_request" | "auth_expired");
        prop_assert!(
            !(tokens && none),
            "tokens of one that is {} {}",
            state,
            code
        );
        prop_assert!(
            tokens || row.is_null(5),
            "the end of a token that is not there"
        );
        let watched = waits || state == "connected" || row.bool(3) == Some(false);
        prop_assert_eq!(
            !row.is_null(6),
            watched,
            "the next look at {} {}",
            state,
            code
        );
        prop_assert_eq!(row.int(9), row.int(10), "every revision is in the record");
        Ok(state)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_the_rows_keep_the_rules() {
    let base = TestApp::sqlite().await;
    let peer = Hostile::default().start().await;
    let t = &beside(&base, &peer).await;
    let s = Scene::make(t).await;
    let (lives, met) = (
        Cell::new(0),
        std::cell::RefCell::new(std::collections::BTreeSet::new()),
    );
    let config = Config {
        cases: LIVES,
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let outcome = runner.run(&deeds(), |deeds| {
        lives.set(lives.get() + 1);
        let life = async {
            peer.change(|p| *p = Hostile::default());
            let input = json!({"url": peer.url, "label": lives.get().to_string()});
            let id = install(&s, input).await.id();
            let life = Life {
                s: &s,
                peer: &peer,
                id,
                begun: Cell::new(false),
            };
            for deed in &deeds {
                life.act(*deed).await?;
                let state = life
                    .check()
                    .await
                    .map_err(|e| TestCaseError::fail(format!("after {deed:?}: {e}")))?;
                met.borrow_mut().insert(state);
            }
            s.change(
                &s.member,
                "workspace_connector_uninstall",
                json!({"id": life.id}),
            )
            .await
            .record();
            Ok(())
        };
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(life))
    });
    outcome.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(met.borrow().len(), 4, "not all states were met: {met:?}");
    base.end().await;
}
