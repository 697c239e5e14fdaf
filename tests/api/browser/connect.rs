//! The page on which a person connects, as a person meets it: a real browser follows the link,
//! logs in at a certified OpenID provider, with a server made with the official MCP SDK behind it.

use super::driver::Browser;
use crate::connect::lifecycle::install;
use crate::house::{at, updating};
use crate::support::TestApp;
use crate::support::peer::{Mcp, McpOptions, Provider, ProviderOptions};
use crate::write::scene::Scene;
use serde_json::{Value as Json, json};

/// A provider, a server that it protects, and one of ours that may ask both.
async fn peers(t: &TestApp) -> Option<(Provider, Mcp, TestApp)> {
    let provider = Provider::start(ProviderOptions::default()).await?;
    let mcp = Mcp::start(McpOptions::protected_by(&provider)).await?;
    let allow = vec![provider.authority(), mcp.authority()];
    let ours = t.beside(|config| config.egress_allow = allow).await;
    Some((provider, mcp, ours))
}

/// A link to an installation of the server.
async fn link(s: &Scene<'_>, mcp: &Mcp, redirect: Option<&str>) -> (String, String) {
    let input = json!({"url": mcp.url, "label": "Design team", "metadata": {"name": "Linear"}});
    let id = install(s, input).await.id();
    s.t.execute("UPDATE people SET full_name = 'Anna Lindqvist'")
        .await;
    s.t.execute("UPDATE workspaces SET name = 'Acme Industries'")
        .await;
    let query = "mutation($input: WorkspaceConnectorLinkInput!) { workspaceConnectorLink(input: $input) { url } }";
    let input = json!({"input": {"id": id, "redirectUrl": redirect}});
    let answer = s.t.ask(&s.member, query, input).await;
    let url = &answer.data()["workspaceConnectorLink"]["url"];
    (id, url.as_str().expect("a link").to_owned())
}

async fn state(s: &Scene<'_>, id: &str) -> Json {
    let query =
        format!("{{ node(id: \"{id}\") {{ ... on WorkspaceConnector {{ connectionState }} }} }}");
    s.t.data(&s.member, &query).await["node"]["connectionState"].clone()
}

/// Signs in at the provider and answers its question.
async fn sign_in(browser: &Browser, answer: &str) {
    browser.type_into("input[name=login]", "anna").await;
    browser.click("#sign-in").await;
    browser.click(answer).await;
}

/// Waits for the page to say something in its heading.
async fn says(browser: &Browser, heading: &str) {
    let script = format!(
        "return document.readyState === 'complete' && document.querySelector('h1')?.innerText === {}",
        json!(heading)
    );
    browser.wait(&script).await;
}

/// What is wrong with the page for those who see little, use a keyboard or a screen reader, as far
/// as a script can tell.
const FAULTS: &str = r#"
// Colours that are still on their way are nobody's fault.
document.getAnimations().forEach(animation => animation.finish());
const faults = [];
const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b; };
const rgb = text => text.match(/[\d.]+/g).map(Number);
const behind = element => { for (let e = element; e; e = e.parentElement) {
  const [r, g, b, a = 1] = rgb(getComputedStyle(e).backgroundColor); if (a > 0) return [r, g, b]; } return [255, 255, 255]; };
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + .05) / (y + .05); };
for (const element of document.querySelectorAll('body *')) {
  if (!element.checkVisibility() || ['SCRIPT', 'STYLE'].includes(element.tagName)) continue;
  const style = getComputedStyle(element);
  if ([...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) {
    const ratio = contrast(rgb(style.color).slice(0, 3), behind(element));
    if (ratio < 4.5) faults.push(`contrast ${ratio.toFixed(2)}: ${element.outerHTML.slice(0, 80)}`);
  }
  if (element.matches('input:not([type=hidden]), select') && ![...element.labels].some(l => l.innerText.trim()))
    faults.push(`no label: ${element.outerHTML}`);
  if (element.matches('input:not([type=hidden]), select') && contrast(rgb(style.borderTopColor).slice(0, 3), behind(element.parentElement)) < 3)
    faults.push(`faint border: ${element.outerHTML}`);
  if (element.matches('button, .button, input:not([type=hidden]), select, summary') && element.getBoundingClientRect().height < 24)
    faults.push(`small: ${element.outerHTML}`);
  if (element.matches('img') && !element.hasAttribute('alt')) faults.push('an image without alt');
  if (element.matches('img') && !(element.complete && element.naturalWidth > 0)) faults.push('an image that is not shown');
}
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
if (new Set(ids).size !== ids.length) faults.push(`ids twice: ${ids}`);
for (const element of document.querySelectorAll('[aria-describedby]'))
  if (!document.getElementById(element.getAttribute('aria-describedby'))) faults.push(`describes nothing: ${element.outerHTML}`);
if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
if (!document.documentElement.lang || !document.title) faults.push('no language or title');
if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the window: ${document.documentElement.scrollWidth}`);
const first = [...document.querySelectorAll('button, a.button, summary')].find(e => e.checkVisibility());
if (first) { first.focus({focusVisible: true}); const style = getComputedStyle(first);
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) faults.push('the focus is not seen'); first.blur(); }
const foreign = performance.getEntriesByType('resource').map(e => e.name).filter(n => !n.startsWith(location.origin + '/') && !n.startsWith('data:'));
faults.push(...foreign.map(n => `foreign: ${n}`));
return faults;
"#;

/// Looks at the page in light and dark, on a desk, on the smallest phone and at twice the size of
/// letters; with `UPDATE=1` it keeps the pictures of the README.
async fn inspect(browser: &Browser, name: &str) {
    for scheme in ["light", "dark"] {
        browser.prefer(scheme).await;
        for (width, height, zoom) in [(320, 640, "100%"), (640, 720, "200%"), (960, 760, "100%")] {
            browser.view(width, height).await;
            let zoom = format!("document.documentElement.style.fontSize = '{zoom}'; return true");
            browser.script(&zoom).await;
            let faults = browser.script(FAULTS).await;
            assert_eq!(faults, json!([]), "{name}, {scheme}, {width}: {faults:#}");
        }
        if updating() && name == "ask" {
            let file = at(&format!(".github/connect-{scheme}.png"));
            std::fs::write(file, browser.screenshot().await).expect("it can be written");
        }
    }
    browser.prefer("light").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_denies_tries_again_and_is_connected() {
    let home = TestApp::sqlite().await;
    let Some((provider, mcp, t)) = peers(&home).await else {
        return home.end().await;
    };
    let s = Scene::make(&t).await;
    let (id, url) = link(&s, &mcp, None).await;
    let Some(browser) = Browser::open(&url).await else {
        t.end().await;
        return home.end().await;
    };
    says(&browser, "Connect Linear").await;
    inspect(&browser, "ask").await;
    browser.click("#connect").await;
    browser.find("#sign-in").await;
    let place = browser.script("return location.origin").await;
    assert_eq!(place, json!(provider.issuer));
    sign_in(&browser, "#deny").await;
    says(&browser, "Connect Linear").await;
    let alert = browser
        .script("return document.querySelector('[role=alert]').innerText")
        .await;
    let alert = alert.as_str().expect("a text");
    assert!(
        alert.contains("Access was not granted.") && alert.contains("the user has denied access"),
        "{alert}"
    );
    assert_eq!(state(&s, &id).await, "AUTH_REQUIRED");
    inspect(&browser, "denied").await;

    browser.click("#connect").await;
    browser.find("#sign-in, #allow").await;
    if browser
        .script("return !!document.querySelector('#sign-in')")
        .await
        == json!(true)
    {
        browser.type_into("input[name=login]", "anna").await;
        browser.click("#sign-in").await;
    }
    browser.click("#allow").await;
    says(&browser, "Connected").await;
    assert_eq!(state(&s, &id).await, "CONNECTED");
    let place = browser.script("return location.href").await;
    assert_eq!(place, json!(url), "no code is left in the address");
    let text = browser
        .script("return document.querySelector('main').innerText")
        .await;
    let text = text.as_str().expect("a text");
    for said in [
        "Acme Industries now has access to Linear as Design team.",
        "Anna Lindqvist",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(
        browser.script("return document.cookie").await,
        "",
        "scripts do not see the cookie"
    );
    inspect(&browser, "done").await;
    browser.close().await;
    t.end().await;
    home.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_browser_cannot_finish_a_login_and_the_right_one_goes_where_the_link_says() {
    let home = TestApp::sqlite().await;
    let Some((provider, mcp, t)) = peers(&home).await else {
        return home.end().await;
    };
    let s = Scene::make(&t).await;
    let after = format!("{}/healthz?from=login", home.url);
    let (id, url) = link(&s, &mcp, Some(&after)).await;
    let Some(browser) = Browser::open(&url).await else {
        t.end().await;
        return home.end().await;
    };
    says(&browser, "Connect Linear").await;
    browser.click("#connect").await;
    browser.find("#sign-in").await;
    // The address of a pending login, brought to somebody else, who logs in with their account.
    let pending = t
        .app
        .connect
        .authorization_url(id.parse().expect("an id"))
        .await;
    let pending = pending.expect("it is read").expect("a pending login");
    let victim = Browser::open(&pending).await.expect("a browser");
    sign_in(&victim, "#allow").await;
    says(&victim, "Not connected").await;
    let text = victim
        .script("return document.querySelector('main').innerText")
        .await;
    assert!(
        text.as_str()
            .expect("a text")
            .contains("Invalid or expired login attempt."),
        "{text}"
    );
    inspect(&victim, "refused").await;
    victim.close().await;
    assert_eq!(state(&s, &id).await, "AUTH_REQUIRED");
    assert_eq!(
        provider.log_of("token").await.len(),
        0,
        "no code was exchanged"
    );

    sign_in(&browser, "#allow").await;
    browser
        .wait(&format!("return location.href === {}", json!(after)))
        .await;
    assert_eq!(state(&s, &id).await, "CONNECTED");
    browser.close().await;
    t.end().await;
    home.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_handed_over_without_a_script() {
    let home = TestApp::sqlite().await;
    let Some(mcp) = Mcp::start(McpOptions::key("header", "an-api-key")).await else {
        return home.end().await;
    };
    let allow = vec![mcp.authority()];
    let t = home.beside(|config| config.egress_allow = allow).await;
    let s = Scene::make(&t).await;
    let (id, url) = link(&s, &mcp, None).await;
    let Some(browser) = Browser::open(&url).await else {
        t.end().await;
        return home.end().await;
    };
    says(&browser, "Connect Linear").await;
    browser.click("summary").await;
    inspect(&browser, "key").await;
    browser.type_into("#credential", "an-api-key").await;
    browser.type_into("#kind", "An API key").await;
    browser.click("#hand-over").await;
    says(&browser, "Connected").await;
    assert_eq!(state(&s, &id).await, "CONNECTED");
    let shown = browser
        .script("return document.documentElement.outerHTML")
        .await;
    assert!(!shown.as_str().expect("a text").contains("an-api-key"));
    browser.close().await;
    t.end().await;
    home.end().await;
}
