//! The page on which a person connects, at the level of HTTP: who is let in, what the browser is
//! told, and that a login ends in the browser in which it was begun.

use super::lifecycle::{beside, browse, install};
use crate::both;
use crate::support::TestApp;
use crate::support::hostile::{Authorize, Door, Hostile, Mcp};
use crate::write::scene::Scene;
use chrono::{TimeDelta, Utc};
use connectory::connect::callback::{Landing, Returned};
use connectory::connect::link::Link;
use connectory::http::connect_page;
use connectory::secret::Secret;
use poem::http::header::LOCATION;
use reqwest::header::HeaderMap;
use serde_json::{Value as Json, json};
use url::Url;
use uuid::Uuid;

/// Something that must never become markup.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;";

/// An answer to a browser.
struct Shown {
    status: u16,
    headers: HeaderMap,
    text: String,
}

impl Shown {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.transpose().expect("text").unwrap_or_default()
    }

    /// The value of the attribute behind a mark, as the browser reads it.
    fn value(&self, mark: &str) -> String {
        let (_, rest) = self
            .text
            .split_once(mark)
            .unwrap_or_else(|| panic!("no {mark} in {}", self.text));
        let (value, _) = rest.split_once('"').expect("an end");
        value
            .replace("&amp;", "&")
            .replace("&#39;", "'")
            .replace("&quot;", "\"")
    }

    /// Where the browser goes on to.
    fn onward(&self) -> String {
        self.value("<meta http-equiv=\"refresh\" content=\"0;url=")
    }
}

/// As much of a browser as the page needs: its cookie.
struct Browser {
    http: reqwest::Client,
    cookie: Option<String>,
}

impl Browser {
    fn new(t: &TestApp) -> Browser {
        Browser {
            http: t.http.clone(),
            cookie: None,
        }
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Shown {
        let request = match &self.cookie {
            Some(cookie) => request.header("cookie", format!("other=1; {cookie}")),
            None => request,
        };
        let answer = request.send().await.expect("the server answers");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.expect("text");
        if let Some(cookie) = headers.get("set-cookie") {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = Some(cookie.to_owned());
        }
        Shown {
            status,
            headers,
            text,
        }
    }

    async fn open(&mut self, url: &str) -> Shown {
        let request = self.http.get(url);
        self.send(request).await
    }

    async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Shown {
        let request = self.http.post(url).form(fields);
        self.send(request).await
    }

    /// Opens the page and presses its button; more fields as given.
    async fn press(&mut self, url: &str, fields: &[(&str, &str)]) -> Shown {
        let page = self.open(url).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let proof = page.value("name=\"proof\" value=\"");
        let fields = [&[("proof", proof.as_str())], fields].concat();
        self.post(&page.value("action=\""), &fields).await
    }

    fn held(&self) -> Option<Secret> {
        let (_, value) = self.cookie.as_deref()?.split_once('=')?;
        Some(Secret::new(value))
    }
}

const LINK: &str = "mutation($input: WorkspaceConnectorLinkInput!) { workspaceConnectorLink(input: $input) { \
    url expiresAt workspaceConnector { id } userErrors { field code message } } }";

/// Makes a link.
async fn link(s: &Scene<'_>, input: Json) -> String {
    let answer = s.t.ask(&s.member, LINK, json!({ "input": input })).await;
    let payload = &answer.data()["workspaceConnectorLink"];
    assert!(payload["expiresAt"].is_string(), "{payload:#}");
    payload["url"]
        .as_str()
        .unwrap_or_else(|| panic!("{payload:#}"))
        .to_owned()
}

/// An installation of a peer, and a link to it.
async fn linked(s: &Scene<'_>, url: &str) -> (String, String) {
    let id = install(
        s,
        json!({"url": url, "label": "Design", "metadata": {"name": "Linear"}}),
    )
    .await
    .id();
    let link = link(s, json!({"id": id})).await;
    (id, link)
}

async fn state(s: &Scene<'_>, id: &str) -> String {
    let query =
        format!("{{ node(id: \"{id}\") {{ ... on WorkspaceConnector {{ connectionState }} }} }}");
    let node = s.t.data(&s.member, &query).await["node"]["connectionState"].clone();
    node.as_str().unwrap_or("null").to_owned()
}

/// What the browser does when the authorization server sends it back.
async fn come_back(
    t: &TestApp,
    returned: Returned,
    browser: &Browser,
) -> (Landing, Option<String>) {
    let returned = Returned {
        browser: browser.held(),
        ..returned
    };
    let landing = t.app.connect.complete(returned).await.expect("a landing");
    let answer = connect_page::landing(&landing);
    let to = answer
        .headers()
        .get(LOCATION)
        .map(|to| to.to_str().unwrap().to_owned());
    (landing, to)
}

fn is_a_page(shown: &Shown) {
    assert!(
        shown.header("content-type").starts_with("text/html"),
        "{}",
        shown.text
    );
    assert_eq!(shown.text.matches("<h1").count(), 1, "{}", shown.text);
    assert_eq!(shown.text.matches("<main>").count(), 1);
    assert_eq!(shown.header("cache-control"), "no-store");
    assert_eq!(shown.header("referrer-policy"), "no-referrer");
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    let policy = shown.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "img-src 'self' data:",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "style-src 'sha256-",
    ] {
        assert!(policy.contains(part), "{part}: {policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains('*'),
        "{policy}"
    );
}

both! {
    async fn the_page_says_what_is_connected_for_whom_and_by_whom(t) {
        let s = Scene::make(t).await;
        let (id, link) = linked(&s, "https://mcp.example.com:8443/mcp").await;
        assert!(link.starts_with(&format!("{}/connect/{id}?token=", t.url)), "{link}");
        assert_eq!(s.latest(1).await, ["workspace_connector.link done"]);
        t.execute("UPDATE people SET full_name = 'Anna Lindqvist'").await;
        let shown = Browser::new(t).open(&link).await;
        assert_eq!(shown.status, 200, "{}", shown.text);
        is_a_page(&shown);
        for said in ["<h1>Connect <bdi>Linear</bdi></h1>", "<bdi>mcp.example.com:8443</bdi>", "<bdi>home</bdi>", "<bdi>Design</bdi>", "<bdi>Anna Lindqvist</bdi>", "data:image/svg+xml;base64,"] {
            assert!(shown.text.contains(said), "{said}: {}", shown.text);
        }
        assert!(!shown.text.contains("http:") && !shown.text.contains("https:") || shown.text.matches("http").count() == shown.text.matches(&t.url).count(),
            "a foreign host: {}", shown.text);
        let cookie = shown.header("set-cookie");
        assert!(cookie.starts_with("connectory=") && cookie.ends_with("; Path=/; Max-Age=2700; HttpOnly; SameSite=Lax"), "{cookie}");
    }

    async fn over_https_the_cookie_belongs_to_this_host_alone(t) {
        let t = &t.beside(|config| config.public_url = Some("https://connect.example/base".into())).await;
        let s = Scene::make(t).await;
        let (id, link) = linked(&s, "https://mcp.example.com/mcp").await;
        let token = link.strip_prefix(&format!("https://connect.example/base/connect/{id}")).expect("the public address");
        let shown = Browser::new(t).open(&format!("{}/connect/{id}{token}", t.url)).await;
        let cookie = shown.header("set-cookie");
        assert!(cookie.starts_with("__Host-connectory=") && cookie.ends_with("; Path=/; Max-Age=2700; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
        assert_eq!(shown.value("action=\""), link);
    }

    async fn only_who_may_connect_makes_a_link_and_only_to_allowed_origins(t) {
        let t = &t.beside(|config| {
            config.mode = Some(connectory::config::Mode::Production);
            config.redirect_origins = vec!["https://app.example".into()];
        }).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": "https://mcp.example.com/mcp"})).await.id();
        let name = "workspace_connector_link";
        s.refuse(&s.viewer, name, json!({"id": id}), "forbidden", &["may not"]).await;
        s.refuse(&s.colleague, name, json!({"id": id}), "forbidden", &["their own"]).await;
        s.refuse(&s.stranger, name, json!({"id": id}), "not_found", &["there is no"]).await;
        for elsewhere in ["https://evil.example/", "https://app.example.evil.example/", "https://app.example:8443/", "http://127.0.0.1:1/"] {
            s.refuse(&s.member, name, json!({"id": id, "redirectUrl": elsewhere}), "bad_request", &["redirect_origins"]).await;
        }
        link(&s, json!({"id": id, "redirectUrl": "https://app.example/done?x=1"})).await;
    }

    async fn links_that_were_not_made_here_or_have_ended_lead_nowhere(t) {
        let s = Scene::make(t).await;
        let (id, good) = linked(&s, "https://mcp.example.com/one").await;
        let (other, _) = linked(&s, "https://mcp.example.com/two").await;
        let token = good.split_once("token=").expect("a token").1.to_owned();
        let (said, signature) = token.split_once('.').expect("two parts");
        let mut forged = vec![
            format!("{}/connect/{other}?token={token}", t.url),
            format!("{}/connect/{id}", t.url),
            format!("{}/connect/{id}?token=", t.url),
            format!("{}/connect/{id}?token=.", t.url),
            format!("{}/connect/{id}?token={said}.", t.url),
            format!("{}/connect/{id}?token={said}A.{signature}", t.url),
            format!("{}/connect/nothing?token={token}", t.url),
            format!("{}/connect/{}?token={token}", t.url, Uuid::nil()),
        ];
        for at in [0, 30, said.len() - 1, said.len() + 2, token.len() - 3] {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let token = String::from_utf8(bytes).expect("ascii");
            forged.push(format!("{}/connect/{id}?token={token}", t.url));
        }
        for url in &forged {
            let shown = Browser::new(t).open(url).await;
            assert_eq!(shown.status, 404, "{url}: {}", shown.text);
            is_a_page(&shown);
            assert_eq!(shown.header("set-cookie"), "");
            assert_eq!(Browser::new(t).post(url, &[("proof", "x")]).await.status, 404, "{url}");
        }

        let actor = t.actor(&s.member).await;
        let expired = Link {
            installation: id.parse().unwrap(),
            person_id: actor.viewer.person_id,
            api_token_id: actor.token_id.unwrap(),
            redirect_url: None,
            expires_at: Utc::now() - TimeDelta::seconds(2),
        };
        let url = format!("{}/connect/{id}?token={}", t.url, expired.token(&t.app.seal).reveal());
        let shown = Browser::new(t).open(&url).await;
        assert_eq!(shown.status, 410);
        is_a_page(&shown);
        assert!(shown.text.contains("half an hour") && shown.text.contains("for a new one"), "{}", shown.text);

        // The token that made a link says what the link may.
        t.execute("UPDATE api_tokens SET role = 'viewer'").await;
        assert_eq!(Browser::new(t).open(&good).await.status, 410);
        t.execute("UPDATE api_tokens SET role = 'member'").await;
        assert_eq!(Browser::new(t).open(&good).await.status, 200);
        connectory::service::token::revoke(t.db(), &s.member).await.expect("it is revoked");
        let shown = Browser::new(t).open(&good).await;
        assert_eq!(shown.status, 410);
        is_a_page(&shown);
    }

    async fn a_link_to_what_was_removed_says_so(t) {
        let s = Scene::make(t).await;
        let (id, url) = linked(&s, "https://mcp.example.com/mcp").await;
        s.change(&s.member, "workspace_connector_uninstall", json!({"id": id})).await.id();
        let shown = Browser::new(t).open(&url).await;
        assert_eq!(shown.status, 410);
        assert!(shown.text.contains("was removed"), "{}", shown.text);
    }

    async fn a_form_that_does_not_come_from_this_browsers_page_is_refused(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let (id, url) = linked(&s, &peer.url).await;
        let again = link(&s, json!({"id": id, "redirectUrl": format!("{}/elsewhere", t.url)})).await;
        let (mut browser, mut other) = (Browser::new(t), Browser::new(t));
        let proof = browser.open(&url).await.value("name=\"proof\" value=\"");
        let of_other = other.open(&url).await.value("name=\"proof\" value=\"");
        let of_again = browser.open(&again).await.value("name=\"proof\" value=\"");
        for fields in [
            vec![],
            vec![("proof", "")],
            vec![("proof", "x")],
            vec![("proof", of_other.as_str())],
            vec![("proof", of_again.as_str())],
        ] {
            let shown = browser.post(&url, &fields).await;
            assert_eq!(shown.status, 403, "{fields:?}: {}", shown.text);
            is_a_page(&shown);
            assert!(shown.text.contains("role=\"alert\""));
        }
        let without_cookie = Browser::new(t).post(&url, &[("proof", proof.as_str())]).await;
        assert_eq!(without_cookie.status, 403);
        assert_eq!((peer.requests().len(), state(&s, &id).await.as_str()), (0, "CREATED"), "nothing was begun");
        assert_eq!(browser.post(&url, &[("proof", proof.as_str())]).await.status, 200);
        assert_eq!(state(&s, &id).await, "AUTH_REQUIRED");
    }

    async fn a_login_ends_in_the_browser_in_which_it_was_begun(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let (id, url) = linked(&s, &peer.url).await;
        let mut browser = Browser::new(t);
        let shown = browser.press(&url, &[]).await;
        is_a_page(&shown);
        let onward = shown.onward();
        assert!(onward.starts_with(&format!("http://{}/", peer.authority())), "{onward}");
        assert_eq!(shown.value("id=\"onward\" href=\""), onward, "who is not sent on can go");
        assert_eq!(s.latest(1).await, ["workspace_connector.connect done"]);
        assert_eq!(browser.press(&url, &[]).await.onward(), onward, "a pending login goes on");

        let back = browse(&onward).await;
        let mut other = Browser::new(t);
        other.open(&url).await;
        for stranger in [&other, &Browser::new(t)] {
            let (landing, to) = come_back(t, back.clone(), stranger).await;
            assert_eq!(landing.error, Some(("invalid_request".into(), Some("Invalid or expired login attempt.".into()))));
            assert_eq!((to, landing.page), (None, None), "nothing is said of the link");
            assert_eq!(state(&s, &id).await, "AUTH_REQUIRED");
        }
        let (landing, to) = come_back(t, back.clone(), &browser).await;
        assert_eq!((landing.error, to.as_deref()), (None, Some(url.as_str())));
        let shown = browser.open(&url).await;
        is_a_page(&shown);
        assert!(shown.text.contains("<h1>Connected</h1>") && shown.text.contains("<bdi>Design</bdi>"), "{}", shown.text);
        assert!(!shown.text.contains("<form"), "{}", shown.text);
        let (replay, to) = come_back(t, back, &browser).await;
        assert!(replay.error.is_some() && to.is_none());
        assert_eq!(state(&s, &id).await, "CONNECTED");
    }

    async fn who_is_denied_reads_why_and_tries_again(t) {
        let peer = Hostile { authorize: Authorize::Error("access_denied"), ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": peer.url})).await.id();
        let home = format!("{}/elsewhere?a=b", t.url);
        let url = link(&s, json!({"id": id, "redirectUrl": home})).await;
        let mut browser = Browser::new(t);
        let first = browser.press(&url, &[]).await.onward();
        let (landing, to) = come_back(t, browse(&first).await, &browser).await;
        assert_eq!(landing.redirect_url, None, "who is denied stays here");
        let to = to.expect("the page");
        assert!(to.starts_with(&url) && to.contains("error=access_denied"), "{to}");
        let shown = browser.open(&to).await;
        assert!(shown.text.contains("Access was not granted.") && shown.text.contains("Try again"), "{}", shown.text);
        assert_eq!(shown.value("id=\"back\" href=\""), home);
        peer.change(|p| p.authorize = Authorize::Grant);
        let second = browser.press(&to, &[]).await.onward();
        assert_ne!(first, second, "the state was used up");
        let (landing, _) = come_back(t, browse(&second).await, &browser).await;
        assert_eq!((landing.error, landing.redirect_url.as_deref()), (None, Some(home.as_str())));
        assert_eq!(state(&s, &id).await, "CONNECTED");
        let shown = browser.open(&url).await;
        assert_eq!(shown.value("id=\"back\" href=\""), home);
    }

    async fn an_open_server_is_connected_at_once(t) {
        let peer = Hostile { door: Door::Open, ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let (id, url) = linked(&s, &peer.url).await;
        let shown = Browser::new(t).press(&url, &[]).await;
        assert_eq!((shown.status, shown.header("location")), (303, url.as_str()));
        assert_eq!(state(&s, &id).await, "CONNECTED");
        let id = install(&s, json!({"url": peer.url, "label": "Other"})).await.id();
        let home = format!("{}/elsewhere", t.url);
        let url = link(&s, json!({"id": id, "redirectUrl": home})).await;
        assert_eq!(Browser::new(t).press(&url, &[]).await.onward(), home);
    }

    async fn a_token_is_handed_over_and_never_shown(t) {
        let peer = Hostile::default().start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let (id, url) = linked(&s, &peer.url).await;
        let mut browser = Browser::new(t);
        let proof = browser.open(&url).await.value("name=\"proof\" value=\"");
        let shown = browser.press(&url, &[("credential", "k3y-of-nobody"), ("kind", "key"), ("header", "Host")]).await;
        assert_eq!(shown.status, 400, "{}", shown.text);
        assert!(shown.text.contains("must be the name of a header") && !shown.text.contains("k3y-of-nobody"), "{}", shown.text);
        let token = peer.access_token();
        let shown = browser.press(&url, &[("credential", &token), ("kind", "token")]).await;
        assert_eq!(shown.status, 303, "{}", shown.text);
        let shown = browser.open(&url).await;
        assert!(shown.text.contains("<h1>Connected</h1>") && !shown.text.contains(&token), "{}", shown.text);
        assert_eq!(state(&s, &id).await, "CONNECTED");
        // What is connected is not replaced by whoever comes late.
        let late = browser.post(&url, &[("proof", proof.as_str()), ("credential", "another")]).await;
        assert_eq!(late.status, 200);
        assert_eq!(peer.asked("/mcp").last().and_then(|r| r.header("authorization").map(str::to_owned)), Some(format!("Bearer {token}")));
    }

    async fn what_stands_in_the_way_is_said_and_can_be_tried_again(t) {
        let peer = Hostile { door: Door::Open, mcp: Mcp::Status(500, HOSTILE.into()), ..Hostile::default() }.start().await;
        let t = &beside(t, &peer).await;
        let s = Scene::make(t).await;
        let (id, url) = linked(&s, &peer.url).await;
        let mut browser = Browser::new(t);
        let shown = browser.press(&url, &[]).await;
        assert_eq!(shown.status, 502, "{}", shown.text);
        is_a_page(&shown);
        assert!(shown.text.contains("answered with the status 500.") && shown.text.contains("Try again"), "{}", shown.text);
        assert_eq!(state(&s, &id).await, "CREATED");
        peer.change(|p| p.mcp = Mcp::Document);
        assert_eq!(browser.press(&url, &[]).await.status, 303);
    }

    async fn hostile_names_stay_text(t) {
        let s = Scene::make(t).await;
        let id = install(&s, json!({"url": "https://mcp.example.com/mcp", "label": HOSTILE, "metadata": {"name": HOSTILE}})).await.id();
        let url = link(&s, json!({"id": id})).await;
        for table in ["people SET full_name", "workspaces SET name"] {
            t.execute(&format!("UPDATE {table} = '{}'", HOSTILE.replace('\'', "''"))).await;
        }
        let mut spoiled = Url::parse(&url).expect("an address");
        spoiled.query_pairs_mut().append_pair("error", HOSTILE).append_pair("error_description", HOSTILE);
        let shown = Browser::new(t).open(spoiled.as_str()).await;
        is_a_page(&shown);
        assert_eq!(shown.status, 200);
        assert!(!shown.text.contains("<script") && !shown.text.contains("<img src=x") && !shown.text.contains("'>"), "{}", shown.text);
        let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img src=x onerror=alert(2)&gt;&amp;amp;";
        assert!(shown.text.matches(escaped).count() >= 6, "{}", shown.text);

        let landing = Landing { redirect_url: None, page: None, installation: None, error: Some(("access_denied".into(), Some(HOSTILE.into()))) };
        let answer = connect_page::landing(&landing);
        assert_eq!(answer.status(), 200);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        let text = answer.into_body().into_string().await.expect("text");
        assert!(text.contains(escaped) && text.matches("<script").count() == 1 && !text.contains("<img"), "{text}");
    }
}
