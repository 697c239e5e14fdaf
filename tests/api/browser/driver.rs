//! A browser driven over the WebDriver protocol (W3C), as far as these tests need it.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value as Json, json};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long the page may take for a step before the test gives up; far more than it needs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser and its driver; `None` if both were left out on purpose.
fn programs() -> Option<(String, String)> {
    let set = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    match (set("TEST_CHROME"), set("TEST_CHROMEDRIVER")) {
        (Some(browser), Some(driver)) => Some((browser, driver)),
        _ if set("TEST_SQLITE_ONLY").as_deref() == Some("1")
            && set("TEST_NO_BROWSER").as_deref() == Some("1") =>
        {
            eprintln!("!!! GraphiQL IS NOT TESTED IN A BROWSER in this run: TEST_NO_BROWSER=1 !!!");
            None
        }
        _ => panic!(
            "the browser is missing: run `tests/run`, or name Chromium in TEST_CHROME and its driver in \
             TEST_CHROMEDRIVER, or set TEST_SQLITE_ONLY=1 and TEST_NO_BROWSER=1 to test without a browser"
        ),
    }
}

/// A page in a browser, and what has to be ended with it.
pub struct Browser {
    driver: Child,
    http: reqwest::Client,
    /// The address of the session.
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens a page; `None` if the browser was left out on purpose.
    pub async fn open(url: &str) -> Option<Browser> {
        let (program, driver) = programs()?;
        let (driver, address) = start(&driver).await;
        let profile = tempfile::tempdir().expect("a temporary folder");
        let options = json!({"binary": program, "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--window-size=1280,800", format!("--user-data-dir={}", profile.path().display()),
        ]});
        let mut browser = Browser {
            driver,
            http: reqwest::Client::new(),
            session: format!("{address}/session"),
            _profile: profile,
        };
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}});
        let made = browser.post("", wanted).await;
        let id = made["sessionId"]
            .as_str()
            .unwrap_or_else(|| panic!("no session: {made}"));
        browser.session = format!("{}/{id}", browser.session);
        browser.post("/url", json!({"url": url})).await;
        Some(browser)
    }

    /// Ends the browser and its driver.
    pub async fn close(mut self) {
        self.send(Method::DELETE, "", None)
            .await
            .expect("the browser closes");
        self.driver.kill().await.expect("the driver ends");
    }

    /// A command; an error is what the driver says.
    async fn send(&self, method: Method, path: &str, body: Option<Json>) -> Result<Json, Json> {
        let mut request = self.http.request(method, format!("{}{path}", self.session));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("the driver answers");
        let good = response.status().is_success();
        let value = response
            .json::<Json>()
            .await
            .expect("the driver speaks JSON")["value"]
            .take();
        if good { Ok(value) } else { Err(value) }
    }

    async fn post(&self, path: &str, body: Json) -> Json {
        self.send(Method::POST, path, Some(body))
            .await
            .unwrap_or_else(|e| panic!("{path}: {e:#}"))
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> Json {
        self.post("/execute/sync", json!({"script": script, "args": []}))
            .await
    }

    /// Waits until a script returns something.
    pub async fn wait(&self, script: &str) -> Json {
        let end = Instant::now() + PATIENCE;
        loop {
            let value = self.script(script).await;
            if value != Json::Null && value != json!(false) && value != json!("") {
                return value;
            }
            assert!(Instant::now() < end, "this never came true: {script}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for an element and returns the path of its commands.
    pub async fn find(&self, css: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            let body = json!({"using": "css selector", "value": css});
            match self.send(Method::POST, "/element", Some(body)).await {
                Ok(element) => {
                    let id = element
                        .as_object()
                        .and_then(|e| e.values().next())
                        .and_then(Json::as_str);
                    return format!("/element/{}", id.expect("an element has a reference"));
                }
                Err(error) if error["error"] != "no such element" || Instant::now() > end => {
                    let page = self
                        .script("return location.href + ': ' + document.body.innerText")
                        .await;
                    panic!("{css}: {}; the page is {page}", error["message"]);
                }
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Clicks on an element.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.post(&format!("{element}/click"), json!({})).await;
    }

    /// Types into an element.
    pub async fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        self.post(&format!("{element}/value"), json!({"text": text}))
            .await;
    }

    /// Makes the inside of the window that large.
    pub async fn resize(&self, width: u64, height: u64) {
        let frame = self
            .script("return [outerWidth - innerWidth, outerHeight - innerHeight]")
            .await;
        let frame = |i: usize| frame[i].as_u64().expect("a number");
        self.post(
            "/window/rect",
            json!({"width": width + frame(0), "height": height + frame(1)}),
        )
        .await;
        self.wait(&format!(
            "return innerWidth === {width} && innerHeight === {height}"
        ))
        .await;
    }

    /// Shows the page as on a screen of that size, which may be smaller than any window.
    pub async fn view(&self, width: u64, height: u64) {
        let screen =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": screen});
        self.post("/goog/cdp/execute", command).await;
        self.wait(&format!(
            "return innerWidth === {width} && innerHeight === {height}"
        ))
        .await;
    }

    /// Makes the page believe that the person prefers `light` or `dark`, and no motion: colours
    /// that fade are no colours to judge.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!([
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]);
        let command =
            json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}});
        self.post("/goog/cdp/execute", command).await;
        self.wait(&format!(
            "return matchMedia('(prefers-color-scheme: {scheme})').matches"
        ))
        .await;
    }

    /// What the window shows, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        let image = self
            .send(Method::GET, "/screenshot", None)
            .await
            .expect("a picture");
        BASE64_STANDARD
            .decode(image.as_str().expect("a text"))
            .expect("base64")
    }
}

/// Starts the driver on a free port and returns its address.
async fn start(driver: &str) -> (Child, String) {
    let mut command = Command::new(driver);
    let mut child = command
        .arg("--port=0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the driver starts");
    let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    loop {
        let line = said
            .next_line()
            .await
            .expect("a line")
            .expect("the driver says its port");
        if let Some((_, port)) = line.split_once("successfully on port ") {
            // Its pipe must not fill up.
            tokio::spawn(async move { while let Ok(Some(_)) = said.next_line().await {} });
            return (
                child,
                format!("http://127.0.0.1:{}", port.trim_end_matches('.')),
            );
        }
    }
}
