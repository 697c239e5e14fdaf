//! The pages as a person meets them: a real browser opens GraphiQL, asks and reads; [`docs`] does
//! the same with the REST reference.
//!
//! `TEST_CHROME` and `TEST_CHROMEDRIVER` name the browser and its driver; `tests/run` finds them.

mod connect;
mod docs;
mod driver;

use crate::house::{at, updating};
use crate::support::TestApp;
use connectory::app;
use connectory::service::workspace;
use driver::Browser;
use entity::membership::Role;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// What stands in the response pane.
const RESPONSE: &str =
    "return __MONACO.editor.getModels().find(m => m.uri.path.endsWith('response.json')).getValue()";

/// The page with a token typed in and its schema loaded.
async fn graphiql(t: &TestApp, token: &str) -> Option<Browser> {
    let browser = Browser::open(&format!("{}/graphiql", t.url)).await?;
    browser.type_into("#connectory-token", token).await;
    browser.find("#connectory-bar[data-schema=\"ready\"]").await;
    Some(browser)
}

/// Opens a tab that was not run yet, runs what stands in it and returns the answer.
async fn run_tab(browser: &Browser, number: usize) -> Json {
    browser
        .click(&format!("#graphiql-session-tab-{number}"))
        .await;
    browser.wait(&format!("return document.querySelector('#graphiql-session-tab-{number}').closest('.graphiql-tab').matches('.graphiql-tab-active')")).await;
    let mut before = String::new();
    browser
        .wait(&format!("return (() => {{ {RESPONSE} }})() === ''"))
        .await;
    loop {
        browser.click(".graphiql-execute-button").await;
        let text = browser
            .wait(&format!(
                "const text = (() => {{ {RESPONSE} }})(); return text !== {} && text",
                json!(before)
            ))
            .await;
        let text = text.as_str().expect("a text").to_owned();
        // For a moment after the change GraphiQL still names the operation of the tab before.
        match serde_json::from_str::<Json>(&text) {
            Ok(answer)
                if !answer["errors"][0]["message"]
                    .to_string()
                    .contains("there is no operation") =>
            {
                return answer;
            }
            _ => before = text,
        }
    }
}

/// The starter catalogue and a token to read it with.
async fn catalogue() -> (TestApp, String) {
    let t = TestApp::sqlite().await;
    app::load_starter(t.db()).await.expect("the starter loads");
    let new = workspace::New {
        name: "Acme".into(),
        ..Default::default()
    };
    let made = workspace::create(t.db(), new).await.expect("a workspace");
    let token = t.token(made.id, Role::Owner).await;
    (t, token)
}

/// What belongs to the page and nowhere else: no token in a storage, no foreign host.
async fn assert_private(browser: &Browser, t: &TestApp, token: &str) {
    let stored = browser.script("return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])").await;
    assert!(
        !stored.as_str().expect("a text").contains(token),
        "the token is kept: {stored}"
    );
    assert!(
        !stored.as_str().expect("a text").contains("cty_"),
        "a token is kept: {stored}"
    );
    let databases = browser
        .script("return indexedDB.databases ? indexedDB.databases().then(d => d.length) : 0")
        .await;
    assert_eq!(databases, 0, "the page keeps a database");
    let loaded = browser
        .script("return performance.getEntriesByType('resource').map(e => e.name)")
        .await;
    let loaded = loaded.as_array().expect("a list");
    assert!(loaded.len() >= 3, "{loaded:?}");
    for address in loaded {
        let own = [
            format!("{}/", t.url),
            format!("blob:{}/", t.url),
            "data:".to_owned(),
        ];
        assert!(
            own.iter()
                .any(|o| address.as_str().is_some_and(|a| a.starts_with(o))),
            "{address} is foreign"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_runs_in_graphiql_and_the_documentation_can_be_read() {
    let (t, token) = catalogue().await;
    let Some(browser) = graphiql(&t, &token).await else {
        return t.end().await;
    };
    let mut answers = Vec::new();
    for tab in 0..6 {
        let answer = run_tab(&browser, tab).await;
        assert!(
            answer["errors"].is_null() && answer["data"].is_object(),
            "tab {tab}: {answer:#}"
        );
        answers.push(answer["data"].clone());
    }
    assert!(
        answers[0]["connectors"]["totalCount"].as_i64() >= Some(150),
        "{:#}",
        answers[0]
    );
    assert!(
        answers[0]["connectors"]["nodes"][0]["name"].is_string(),
        "{:#}",
        answers[0]
    );
    assert!(
        answers[1]["connectors"]["totalCount"].as_i64() > Some(0),
        "{:#}",
        answers[1]
    );
    assert!(
        answers[2]["categories"]["nodes"][0]["connectors"]["totalCount"].as_i64() > Some(0),
        "{:#}",
        answers[2]
    );
    assert_eq!(
        answers[3]["connectors"]["edges"].as_array().map(Vec::len),
        Some(5),
        "{:#}",
        answers[3]
    );
    assert!(
        answers[4]["connector"]["name"].is_string(),
        "the example names a connector that is not there"
    );
    assert_eq!(
        answers[5]["viewer"]["workspace"]["slug"], "acme",
        "{:#}",
        answers[5]
    );

    browser.click("#graphiql-session-tab-0").await;
    browser
        .click("button[aria-label=\"Show Documentation Explorer\"]")
        .await;
    browser
        .wait(
            "return document.querySelector('.graphiql-doc-explorer')?.innerText.includes('Query')",
        )
        .await;
    browser.script("[...document.querySelectorAll('.graphiql-doc-explorer a')].find(a => a.innerText === 'Connector').click()").await;
    let sentence = connectory::resource::by_type("Connector")
        .expect("the resource")
        .doc;
    browser
        .wait(&format!(
            "return document.querySelector('.graphiql-doc-explorer').innerText.includes({})",
            json!(sentence)
        ))
        .await;
    picture(&browser).await;
    assert_private(&browser, &t, &token).await;
    browser.close().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_token_is_said_to_be_wrong() {
    let (t, _) = catalogue().await;
    let Some(browser) = Browser::open(&format!("{}/graphiql", t.url)).await else {
        return t.end().await;
    };
    browser.find("#connectory-bar[data-schema=\"none\"]").await;
    browser.type_into("#connectory-token", "cty_wrong").await;
    browser.find("#connectory-bar[data-schema=\"error\"]").await;
    browser.close().await;
    t.end().await;
}

/// With `UPDATE=1` the picture that the README shows: the first example with its answer, and the
/// documentation beside it.
async fn picture(browser: &Browser) {
    if !updating() {
        return;
    }
    browser.resize(1280, 800).await;
    // Bars that fade have faded then.
    browser.script("document.activeElement?.blur()").await;
    tokio::time::sleep(Duration::from_millis(2000)).await;
    std::fs::write(at(".github/graphiql.png"), browser.screenshot().await)
        .expect("the picture can be written");
}
