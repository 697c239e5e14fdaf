//! What leads from one state of a connection to the next, and what a browser sees of it.

use super::script::Script;
use super::{Got, ask, authorize, beside, log_in, login};
use crate::both;
use crate::support::TestApp;
use crate::support::hostile::{
    Authorize, Document, Door, Hostile, Mcp, Registration, Running, Token,
};
use crate::write::scene::Scene;
use serde_json::json;

struct Life<'a> {
    script: Script<'a>,
    t: &'a TestApp,
    peer: &'a Running,
    token: &'a str,
    id: String,
}

impl<'a> Life<'a> {
    async fn begin(
        t: &'a TestApp,
        s: &'a Scene<'_>,
        peer: &'a Running,
        file: &'static str,
    ) -> Life<'a> {
        let mut script = Script::new(t, file);
        script.name(&peer.origin, "http://peer");
        let made = script
            .ask(
                "a new one",
                &s.member,
                "POST ",
                Some(json!({"url": peer.url})),
            )
            .await;
        Life {
            script,
            t,
            peer,
            token: &s.member,
            id: made.id(),
        }
    }

    async fn post(&mut self, case: &str, verb: &str) -> Got {
        let body = (verb.starts_with("connect")).then(|| json!({}));
        let line = format!("POST /{}/{verb}", self.id);
        self.script.ask(case, self.token, &line, body).await
    }

    async fn now(&mut self, case: &str) -> Got {
        let line = format!("GET /{}", self.id);
        self.script.ask(case, self.token, &line, None).await
    }

    /// Connects, goes through the login, and writes down what the browser gets.
    async fn log_in(&mut self, case: &str) -> Got {
        let line = format!("POST /{}/connect", self.id);
        let waiting = ask(self.t, self.token, &line)
            .body(&json!({}))
            .send()
            .await
            .ok(200);
        let got = log_in(self.t, &login(&waiting)).await;
        self.script.note(case, "GET the callback", None, &got);
        got
    }
}

both! {
    async fn an_open_server(t) {
        let peer = Hostile { door: Door::Open, ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let mut life = Life::begin(t, &s, &peer, "open").await;
        life.peer.change(|h| h.mcp = Mcp::Status(403, "secret words of the server".into()));
        let got = life.post("the server refuses", "connect").await;
        assert!(!got.text.contains("secret words"), "{}", got.text);
        life.peer.change(|h| h.mcp = Mcp::Status(404, "no".into()));
        life.post("the server has nothing there", "connect").await;
        life.peer.change(|h| h.mcp = Mcp::Status(500, "no".into()));
        life.post("the server fails", "connect").await;
        life.peer.change(|h| h.mcp = Mcp::Html);
        life.post("the server speaks no MCP", "connect").await;
        life.peer.change(|h| h.mcp = Mcp::Hangup);
        life.post("the server hangs up", "connect").await;
        life.now("nothing of that changed it").await;
        life.peer.change(|h| h.mcp = Mcp::Document);
        life.post("connect", "connect").await;
        life.post("connect what is connected", "connect").await;
        life.peer.change(|h| h.mcp = Mcp::Status(503, "no".into()));
        life.post("test a server that fails", "test").await;
        life.peer.change(|h| h.mcp = Mcp::Document);
        life.post("test it when it works again", "test").await;
        life.peer.change(|h| h.mcp = Mcp::Status(410, "no".into()));
        life.post("test a server that refuses", "test").await;
        life.peer.change(|h| h.mcp = Mcp::Document);
        life.post("connect what is disconnected", "connect").await;
        life.post("disconnect", "disconnect").await;
        life.post("connect it again", "connect").await;
        let line = format!("DELETE /{}", life.id);
        life.script.ask("delete", life.token, &line, None).await;
        life.script.end();
    }

    async fn a_server_with_a_login(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let mut life = Life::begin(t, &s, &peer, "login").await;
        let first = life.post("connect", "connect").await.ok(200);
        let again = life.post("connect while a login is pending", "connect").await.ok(200);
        assert_eq!(login(&first), login(&again));
        let other = life.post("begin another login", "connect?force=true").await.ok(200);
        assert_ne!(login(&first), login(&other));
        life.now("while a login is pending").await;
        life.post("disconnect while a login is pending", "disconnect").await;
        life.peer.change(|h| h.authorize = Authorize::Error("access_denied"));
        life.log_in("the person denies").await;
        life.now("after the person denied").await;
        life.peer.change(|h| { h.authorize = Authorize::Grant; h.token = Token::Status(500, "no"); });
        life.log_in("the code is not exchanged").await;
        life.now("after the code was not exchanged").await;
        life.peer.change(|h| h.token = Token::Right);
        let line = format!("POST /{}/connect", life.id);
        let waiting = ask(t, &s.member, &line).body(&json!({})).send().await.ok(200);
        let back = authorize(t, &login(&waiting)).await;
        let path = back.strip_prefix(&t.url).unwrap().to_owned();
        let got = ask(t, "", &format!("GET ..{path}")).send().await;
        life.script.note("the person allows", "GET the callback", None, &got);
        life.now("after the person allowed").await;
        let got = ask(t, "", &format!("GET ..{path}")).send().await;
        assert!(got.text.contains("Invalid or expired login attempt."), "{}", got.text);
        life.script.note("the same callback again", "GET the callback", None, &got);
        life.peer.revoke_all();
        life.post("connect when the grant was taken back", "connect").await;
        life.peer.change(|h| h.door = Door::Shut);
        life.log_in("the server refuses after the login").await;
        let after = life.now("after the server refused").await.ok(200);
        assert_eq!((&after["state"], &after["disconnect_permanent"]), (&json!("disconnected"), &json!(true)));
        life.script.end();
    }

    async fn a_browser_comes_back(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let mut life = Life::begin(t, &s, &peer, "callback").await;
        life.script.ask("without a state", "", "GET /oauth/callback", None).await;
        life.script.ask("with an unknown state", "", "GET /oauth/callback?state=x&code=y", None).await;
        let connect = format!("POST /{}/connect", life.id);
        let there = json!({"redirect_url": "http://localhost:9/done?x=1"});
        life.script.ask("to an origin that is not allowed", life.token, &connect, Some(json!({"redirect_url": "https://evil.example/"}))).await;
        let waiting = life.script.ask("to an address of one's own", life.token, &connect, Some(there.clone())).await.ok(200);
        life.peer.change(|h| h.authorize = Authorize::Error("access_denied"));
        let got = log_in(t, &login(&waiting)).await;
        life.script.note("denied: something is added", "GET the callback", None, &got);
        life.peer.change(|h| h.authorize = Authorize::Grant);
        let waiting = ask(t, life.token, &connect).body(&there).send().await.ok(200);
        let got = log_in(t, &login(&waiting)).await;
        assert_eq!((got.status, got.header("location")), (307, "http://localhost:9/done?x=1"));
        life.script.note("allowed: nothing is added", "GET the callback", None, &got);
        life.script.end();
    }

    async fn a_token_that_is_handed_over(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let mut life = Life::begin(t, &s, &peer, "token").await;
        let connect = format!("POST /{}/connect", life.id);
        let good = json!({"access_token": peer.access_token()});
        let got = ask(t, life.token, &connect).body(&good).send().await;
        life.script.note("a good one", "POST connect", None, &got);
        assert!(!got.text.contains(good["access_token"].as_str().unwrap()));
        life.post("connect with the one that is kept", "connect").await;
        life.script.end();
    }

    async fn a_server_whose_login_cannot_be_begun(t) {
        let peer = Hostile { server: Document::Missing, ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let mut life = Life::begin(t, &s, &peer, "discovery").await;
        life.post("no metadata of the authorization server", "connect").await;
        life.peer.change(|h| { h.server = Document::Right; h.registration = Registration::Off; });
        life.post("no registration of clients", "connect").await;
        life.now("nothing of that changed it").await;
        let token = life.token;
        let far = ask(t, token, "POST ").body(&json!({"url": "http://127.0.0.1:9/mcp"})).send().await.id();
        life.script.ask("nobody listens", token, &format!("POST /{far}/connect"), Some(json!({}))).await;
        let barred = ask(t, token, "POST ").body(&json!({"url": "http://127.0.0.1:1/mcp"})).send().await.id();
        life.script.ask("an address that is barred", token, &format!("POST /{barred}/connect"), Some(json!({}))).await;
        life.script.end();
    }
}
