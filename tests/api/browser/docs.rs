//! The REST reference as a person meets it: opens the page, types a token, sends a request, reads
//! the answer.

use super::driver::Browser;
use super::{assert_private, catalogue};
use crate::support::TestApp;
use serde_json::Value as Json;

/// The operation that the test opens.
const BLOCK: &str = "#operations-connectors-listConnectors";

/// Opens the page at an operation.
async fn reference(t: &TestApp) -> Option<Browser> {
    let browser = Browser::open(&format!("{}/docs", t.url)).await?;
    browser
        .find("#connectory-bar[data-document=\"ready\"]")
        .await;
    browser
        .click(&format!("{BLOCK} .opblock-summary-control"))
        .await;
    browser.find(&format!("{BLOCK} .btn.execute")).await;
    Some(browser)
}

/// Sends the request and returns the status and the body that the page shows.
async fn send(browser: &Browser) -> (String, Json) {
    browser.click(&format!("{BLOCK} .btn.execute")).await;
    let table = format!("{BLOCK} .live-responses-table");
    let status = format!("{table} .response .response-col_status");
    let status = browser
        .wait(&format!(
            "return document.querySelector('{status}')?.firstChild?.textContent"
        ))
        .await;
    let body = format!("{table} .highlight-code pre");
    let body = browser
        .wait(&format!(
            "return document.querySelector('{body}')?.textContent"
        ))
        .await;
    let body = body.as_str().expect("a text");
    let body = serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {body}"));
    (status.as_str().expect("a text").trim().to_owned(), body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_sent_from_the_reference_with_the_token_that_was_typed() {
    let (t, token) = catalogue().await;
    let Some(browser) = reference(&t).await else {
        return t.end().await;
    };
    let (status, refusal) = send(&browser).await;
    assert_eq!(
        (status.as_str(), &refusal["code"]),
        ("401", &"UNAUTHORIZED".into())
    );
    browser.click(&format!("{BLOCK} .btn-clear")).await;
    browser.type_into("#connectory-token", &token).await;
    browser.find("#connectory-bar[data-token=\"set\"]").await;
    let (status, page) = send(&browser).await;
    assert_eq!(status, "200", "{page:#}");
    assert_eq!(page["data"].as_array().map(Vec::len), Some(25), "{page:#}");
    assert_private(&browser, &t, &token).await;
    let kept = "return (await caches.keys()).length + (await navigator.serviceWorker.getRegistrations()).length";
    assert_eq!(
        browser
            .script(&format!("return (async () => {{ {kept} }})()"))
            .await,
        0
    );
    browser.close().await;
    t.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_reference_shows_every_operation_of_the_document() {
    let (t, _) = catalogue().await;
    let Some(browser) = reference(&t).await else {
        return t.end().await;
    };
    for route in connectory::rest::ROUTES {
        let block = format!("operations-{}-{}", route.tag, route.operation_id);
        browser
            .wait(&format!(
                "return document.getElementById('{block}') !== null"
            ))
            .await;
    }
    let broken = "return document.querySelectorAll('.errors-wrapper .error-wrapper').length";
    assert_eq!(
        browser.script(broken).await,
        0,
        "the viewer finds fault with the document"
    );
    browser.close().await;
    t.end().await;
}
