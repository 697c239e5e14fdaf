//! Servers and clients of other makers, from `tests/peers`: an OpenID provider, an MCP server, and
//! two clients that drive a server under test.
//!
//! They are never skipped in silence: without them a test fails with the sentence that says what to
//! do, unless `TEST_NO_PEERS=1` asks for a run without. A process ends with the value that owns it.

mod mcp;
mod provider;

pub use mcp::{Mcp, McpOptions};
pub use provider::{Provider, ProviderOptions};

use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// How long a peer may take to start, or a client to end, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(90);

/// What runs the peers.
struct Programs {
    node: String,
    packages: String,
    python: String,
}

/// The programs; `None` if this run does without peers.
fn programs() -> Option<Programs> {
    let set = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
    match (set("TEST_NODE"), set("TEST_PEERS"), set("TEST_PYTHON")) {
        (Some(node), Some(packages), Some(python)) => Some(Programs {
            node,
            packages,
            python,
        }),
        _ if set("TEST_NO_PEERS").as_deref() == Some("1") => {
            eprintln!("!!! REAL PEERS ARE NOT TESTED in this run: TEST_NO_PEERS=1 !!!");
            None
        }
        _ => panic!(
            "the peers are missing: run `tests/run`, or name Node.js in TEST_NODE, the folder of its packages in \
             TEST_PEERS and Python in TEST_PYTHON, or set TEST_NO_PEERS=1 to test without them"
        ),
    }
}

/// The folder of the scripts.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers")
}

/// A script for Node.js, given its options.
fn node(programs: &Programs, script: &str, options: &Json) -> Command {
    let mut command = Command::new(&programs.node);
    command
        .args(["--no-warnings", "--import", "./resolve.mjs", script])
        .arg(options.to_string())
        .env("TEST_PEERS", &programs.packages)
        .current_dir(folder())
        .kill_on_drop(true);
    command
}

/// A running server. Dropping it kills the process; should the tests themselves be killed, the
/// process ends because its standard input does.
struct Process {
    #[expect(dead_code, reason = "killed when dropped")]
    child: Child,
    #[expect(dead_code, reason = "open as long as the process shall live")]
    stdin: ChildStdin,
    /// What it said when it was ready.
    ready: Json,
}

impl Process {
    async fn start(script: &str, options: &Json) -> Option<Process> {
        let programs = programs()?;
        let mut child = node(&programs, script, options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{} does not start: {e}", programs.node));
        let stdin = child.stdin.take().expect("it is piped");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let said = tokio::time::timeout(PATIENCE, stdout.read_line(&mut line)).await;
        said.unwrap_or_else(|_| panic!("{script} is not ready in time"))
            .expect("its output is text");
        let mut stderr = child.stderr.take().expect("it is piped");
        let Ok(ready) = serde_json::from_str(&line) else {
            let mut why = String::new();
            let _ = stderr.read_to_string(&mut why).await;
            panic!("{script} has not started: {line}{why}");
        };
        // Both are read on: whoever writes into a pipe that nobody reads ends by it.
        tokio::spawn(repeat(script.to_owned(), stdout));
        tokio::spawn(repeat(script.to_owned(), BufReader::new(stderr)));
        Some(Process {
            child,
            stdin,
            ready,
        })
    }

    /// A text of what it said when it was ready.
    fn text(&self, key: &str) -> String {
        let text = self.ready[key].as_str();
        text.unwrap_or_else(|| panic!("no {key} in {}", self.ready))
            .to_owned()
    }

    /// `127.0.0.1:port`, as an exception of the egress guard names it.
    fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.ready["port"])
    }
}

/// Reads on what a peer says, or it would wait for room in the pipe. The provider has advice on
/// what is fine in a test; anything else is of use to whoever looks at a failure.
async fn repeat(script: String, said: impl AsyncBufRead + Unpin) {
    let mut lines = said.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if !line.starts_with("oidc-provider ") {
            eprintln!("{script}: {line}");
        }
    }
}

/// What a control endpoint answers.
async fn control(http: &reqwest::Client, post: bool, url: String) -> Json {
    let request = if post {
        http.post(&url)
    } else {
        http.get(&url)
    };
    let answer = request.send().await.expect("the peer answers");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    assert!(status.is_success(), "{url}: {status} {text}");
    serde_json::from_str(&text).expect("JSON")
}

/// A client that follows no redirect: where a browser is sent is what tests look at.
fn http() -> reqwest::Client {
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    builder.no_proxy().build().expect("a client")
}

/// Runs a client to its end: what it saw, or the sentence that says what surprised it.
async fn finish(name: &str, mut command: Command) -> Result<Json, String> {
    let output = command.stdin(Stdio::null()).output();
    let output = tokio::time::timeout(PATIENCE, output).await;
    let output = output
        .map_err(|_| format!("{name} does not end"))?
        .map_err(|e| format!("{name} does not start: {e}"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{name}, {}: {why}{said}", output.status));
    }
    serde_json::from_str(&said).map_err(|e| format!("{name} says {said:?}: {e}"))
}

/// The official MCP client in one whole session: initialize, list, the tools, the stream of a GET,
/// the end by DELETE. Options as in `tests/peers/mcp_client.mjs`; `url` is needed.
pub async fn mcp_client(options: &Json) -> Option<Result<Json, String>> {
    let programs = programs()?;
    let command = node(&programs, "mcp_client.mjs", options);
    Some(finish("mcp_client.mjs", command).await)
}

/// The published Agent Stack SDK in one whole life of a connector. Options as in
/// `tests/peers/agentstack_flow.py`; `base_url`, `token` and `mcp_url` are needed.
pub async fn agentstack_flow(options: &Json) -> Option<Result<Json, String>> {
    let programs = programs()?;
    let mut command = Command::new(&programs.python);
    command
        .args(["-B", "agentstack_flow.py"])
        .arg(options.to_string())
        .current_dir(folder())
        .kill_on_drop(true);
    Some(finish("agentstack_flow.py", command).await)
}
