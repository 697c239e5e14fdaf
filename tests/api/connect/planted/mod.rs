//! Secrets are planted in a real server, in the ways people and servers of others bring them;
//! everything is done with them that can be; and then they are looked for in every byte that the
//! server left anywhere, while it runs and afterwards.

mod server;
mod trace;

use crate::both_empty;
use crate::chaos::Ground;
use crate::support::hostile::{Authorize, Door, Hostile, Mcp, Running, Token};
use connectory::app;
use serde_json::json;
use server::Served;
use trace::Secrets;
use url::Url;

const CLIENT_SECRET: &str = "planted-client-secret/+-4711";
const HANDED_OVER: &str = "planted-access-token.4712-handed-over";
const API_KEY: &str = "planted-api-key-4713-of-the-service";
const BESIDE: &str = "planted-beside-another-4714";

/// What the peers gave out and were shown, by what they were asked.
fn issued(secrets: &mut Secrets, peer: &Running) {
    for request in peer.requests() {
        let (form, asked) = (request.form(), request.parameters());
        for name in [
            "code",
            "code_verifier",
            "refresh_token",
            "token",
            "client_secret",
        ] {
            form.get(name)
                .into_iter()
                .for_each(|secret| secrets.add(name, secret));
        }
        if let Some(state) = asked.get("state") {
            secrets.add("state", state);
        }
        let shown = request.header("authorization").unwrap_or_default();
        if let Some(("Bearer", token)) = shown.split_once(' ') {
            secrets.add("an access token", token);
        }
        if let Some(("Basic", pair)) = shown.split_once(' ') {
            secrets.add("a client's credentials", pair);
        }
    }
}

/// A login: begun, taken to the peer as a browser does, and brought back.
async fn log_in(served: &mut Served, id: &str, secrets: &mut Secrets) -> reqwest::Response {
    let done = served.connect(json!({"id": id, "force": true})).await;
    let url = done["authorizationUrl"]
        .as_str()
        .unwrap_or_else(|| panic!("{done:#}"))
        .to_owned();
    let url = Url::parse(&url).unwrap();
    let state = url
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    secrets.add("a state", &state);
    let back = served.browser.get(url).send().await.unwrap();
    let back = back.headers()["location"].to_str().unwrap().to_owned();
    served.browser.get(back).send().await.unwrap()
}

/// Connections of every kind, through good and bad.
async fn live(served: &mut Served, secrets: &mut Secrets, peers: [&Running; 3]) {
    let [granting, taking, keyed] = peers;
    let given =
        json!({"url": granting.url, "clientId": "planted-client", "clientSecret": CLIENT_SECRET});
    let first = served.install(given).await;
    let landed = log_in(served, &first, secrets).await;
    assert_eq!(landed.status(), 200);
    served.read(landed).await;
    for name in ["Test", "Refresh", "Refresh", "Test"] {
        served.act(name, &first).await;
    }
    served.call_through(&first).await;
    // The server repeats what it was shown, and fails.
    granting.change(|p| p.mcp = Mcp::Parrot(500));
    served.act("Test", &first).await;
    served.call_through(&first).await;
    granting.change(|p| p.mcp = Mcp::Parrot(403));
    served.connect(json!({"id": first})).await;
    granting.change(|p| p.token = Token::Error("invalid_client"));
    served.act("Refresh", &first).await;
    granting.change(|p| *p = Hostile::default());
    // A client that is registered; a login that is denied, one whose code is not taken.
    let second = served
        .install(json!({"url": granting.url, "label": "registered"}))
        .await;
    granting.change(|p| p.authorize = Authorize::Error("access_denied"));
    log_in(served, &second, secrets).await;
    granting.change(|p| (p.authorize, p.token) = (Authorize::Grant, Token::Status(500, "no")));
    log_in(served, &second, secrets).await;
    granting.change(|p| p.token = Token::Right);
    log_in(served, &second, secrets).await;
    served.act("Disconnect", &second).await;
    let machine = json!({"url": granting.url, "label": "machine", "clientId": "planted-machine", "clientSecret": CLIENT_SECRET});
    let machine = served.install(machine).await;
    served
        .connect(json!({"id": machine, "clientCredentials": true}))
        .await;
    // What is handed over, good and bad.
    let known = taking.access_token();
    secrets.add("a token of the other peer", &known);
    let third = served.install(json!({"url": taking.url})).await;
    served
        .connect(json!({"id": third, "accessToken": HANDED_OVER}))
        .await;
    served
        .connect(json!({"id": third, "accessToken": known}))
        .await;
    served
        .connect(json!({"id": third, "accessToken": BESIDE, "apiKey": API_KEY}))
        .await;
    served
        .connect(json!({"id": third, "accessToken": format!("{BESIDE}\n")}))
        .await;
    served
        .connect(json!({"id": third, "accessToken": BESIDE.repeat(400)}))
        .await;
    let fourth = served.install(json!({"url": keyed.url})).await;
    served
        .connect(json!({"id": fourth, "apiKey": API_KEY}))
        .await;
    keyed.change(|p| p.mcp = Mcp::Parrot(502));
    served.act("Test", &fourth).await;
    served
        .refused_install(json!({"url": taking.url, "label": "x", "clientSecret": CLIENT_SECRET}))
        .await;
    served.act("Uninstall", &third).await;
    // One is connected anew after its grant was ended, one is ended.
    granting.revoke_all();
    log_in(served, &first, secrets).await;
    served.act("Disconnect", &fourth).await;
}

both_empty! {
    async fn no_secret_is_found_in_any_byte_that_the_server_leaves(e) {
        let granting = Hostile::default().start().await;
        let taking = Hostile::default().start().await;
        let keyed = Hostile { door: Door::Open, ..Hostile::default() }.start().await;
        let db = app::open(&e.config()).await.expect("the database opens");
        let ground = Ground::make(&db).await;
        db.close().await;
        let mut secrets = Secrets::default();
        secrets.add("the API token", &ground.token);
        for (what, secret) in [("a client secret", CLIENT_SECRET), ("a token handed over", HANDED_OVER), ("an API key", API_KEY), ("a token that was refused", BESIDE)] {
            secrets.add(what, secret);
        }
        let mut served = Served::start(e, &ground.token, [&granting, &taking, &keyed]).await;
        live(&mut served, &mut secrets, [&granting, &taking, &keyed]).await;
        served.look_around().await;
        for peer in [&granting, &taking, &keyed] {
            issued(&mut secrets, peer);
        }
        assert!(secrets.len() > 100, "{} forms are few", secrets.len());
        // While it runs there is a journal beside the database.
        let mut found = secrets.found_below(&e.path(""));
        found.extend(served.found(&secrets));
        let log = served.stop().await;
        found.extend(secrets.found_below(&e.path("")));
        for (place, text) in server::dumps(e).await {
            assert!(text.contains(&granting.origin), "{place} does not say what is looked for in it");
            found.extend(secrets.found(&place, text.as_bytes()));
        }
        assert!(log.contains("TRACE") && log.contains("answered"), "the log says little");
        found.sort();
        found.dedup();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
