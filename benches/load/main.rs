//! A load run over HTTP: Connectory beside a raw handler that answers with the same JSON from the
//! same rows, interleaved in one run, so that what disturbs one disturbs the other.
//!
//! ```text
//! cargo bench --bench load                                  # SQLite, makes its data set
//! BENCH_DATABASE_URL=postgres://… cargo bench --bench load  # and PostgreSQL, an empty database
//! ```
//!
//! `BENCH_SCALE` (1.0), `BENCH_ROUNDS` (5), `BENCH_SECONDS` (2) and `BENCH_CONNECTIONS` (16) change
//! the size of the run; `BENCH_SQLITE` names a file to keep the data set in. It prints, for each
//! question, both rates, their paired median ratio, times, processor time for each answer
//! (database not included) and the memory of the server.

mod client;
mod raw;

use client::{Burst, Connection, NUMBER, burst, request};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PAGE: &str = "{ connectors(first: 50, orderBy: [{name: ASC}]) { nodes { id slug name description direction status version transport authorizationFlow website createdAt updatedAt publishedBy { id name } logo { id url } } } }";
const NESTED: &str = "{ workspaces(first: 20) { nodes { id name workspaceConnectors(first: 20) { nodes { id status connector { id name publishedBy { id name } } } } } } }";

/// A connector with a new publisher and a new logo.
const CREATE: &str = "mutation($input: ConnectorCreateInput!) { connectorCreate(input: $input) { connector { id slug publishedBy { name } } userErrors { message } } }";

/// The slug of a category that is there.
async fn category(server: &Running, token: &str) -> String {
    let asked = request(
        "/graphql",
        Some(token),
        Some(&body(
            "{ categories(first: 1) { nodes { slug } } }",
            &serde_json::Value::Null,
        )),
    );
    let mut connection = Connection::open(server.address)
        .await
        .expect("the server listens");
    let answer: serde_json::Value =
        serde_json::from_slice(connection.ask(&asked).await.expect("an answer")).expect("JSON");
    answer["data"]["categories"]["nodes"][0]["slug"]
        .as_str()
        .expect("a category")
        .to_owned()
}

/// The same page of the catalogue as a REST list, its total included.
const CATALOGUE: &str = "/v1/connectors?limit=50&include=published_by,logo";

fn setting(name: &str, otherwise: f64) -> f64 {
    std::env::var(name)
        .ok()
        .and_then(|v| v.parse().ok())
        .unwrap_or(otherwise)
}

/// A server process, ended when dropped.
struct Running {
    child: Child,
    address: SocketAddr,
    /// From the start of the process to its first line.
    ready: Duration,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    fn start(mut command: Command) -> Running {
        let began = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let line = lines
            .find_map(|l| l.ok().filter(|l| l.starts_with("GraphQL")))
            .expect("its address");
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|a| a.split('/').next());
        let address = address.and_then(|a| a.parse().ok()).expect("an address");
        // The pipe must stay open, or the server's next line ends it.
        std::thread::spawn(move || lines.for_each(drop));
        Running {
            child,
            address,
            ready: began.elapsed(),
        }
    }

    /// Processor time so far, in microseconds.
    fn cpu(&self) -> f64 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .collect();
        let ticks = |i: usize| {
            fields
                .get(i)
                .and_then(|f| f.parse::<f64>().ok())
                .unwrap_or_default()
        };
        (ticks(11) + ticks(12)) * 10_000.0
    }

    /// Greatest memory so far, in MiB.
    fn peak(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let kib = line
            .and_then(|l| l.split_whitespace().next())
            .and_then(|n| n.parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }
}

fn connectory(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectory"));
    command
        .env("DATABASE_URL", url)
        .env("CONNECTORY_LISTEN", "127.0.0.1:0")
        .env("CONNECTORY_LOG", "warn");
    command
}

/// Runs a command of Connectory and returns what it printed.
fn run(url: &str, args: &[&str]) -> String {
    let output = connectory(url)
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .expect("the command runs");
    assert!(output.status.success(), "connectory {args:?} failed");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_by(f64::total_cmp);
    list[list.len() / 2]
}

struct Compared {
    ratio: f64,
    ours: f64,
    theirs: f64,
}

/// Asks both servers in turn and prints what came out.
async fn compare(name: &str, ours: (&Running, &[u8]), theirs: (&Running, &[u8])) -> Compared {
    let (rounds, seconds) = (
        setting("BENCH_ROUNDS", 5.0) as usize,
        setting("BENCH_SECONDS", 2.0),
    );
    let connections = setting("BENCH_CONNECTIONS", 16.0) as usize;
    let time = Duration::from_secs_f64(seconds);
    let (mut a, mut b, mut cpu) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
    for round in 0..=rounds {
        let one = async |who: (&Running, &[u8]), cpu: &mut Vec<f64>| -> Burst {
            let before = who.0.cpu();
            let burst = burst(who.0.address, who.1, connections, time).await;
            if round > 0 {
                cpu.push((who.0.cpu() - before) / burst.count as f64);
            }
            burst
        };
        let (x, y) = (one(ours, &mut cpu.0).await, one(theirs, &mut cpu.1).await);
        // The first round warms caches and connections.
        if round > 0 {
            a.push(x);
            b.push(y);
        }
    }
    let ratio = median(a.iter().zip(&b).map(|(x, y)| x.rate / y.rate).collect());
    let of = |list: &[Burst], f: fn(&Burst) -> f64| median(list.iter().map(f).collect());
    let (rate_a, rate_b) = (of(&a, |x| x.rate), of(&b, |x| x.rate));
    println!(
        "{name:<14} {rate_a:>8.0} {rate_b:>8.0} {ratio:>7.2} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>8.0} {:>8.0}",
        of(&a, |x| x.p50),
        of(&b, |x| x.p50),
        of(&a, |x| x.p99),
        of(&b, |x| x.p99),
        median(cpu.0),
        median(cpu.1)
    );
    Compared {
        ratio,
        ours: rate_a,
        theirs: rate_b,
    }
}

fn body(query: &str, variables: &serde_json::Value) -> String {
    serde_json::json!({"query": query, "variables": variables}).to_string()
}

/// Median time of a page at a depth, in milliseconds; walks there once.
async fn depths(server: &Running, token: &str, rows: usize) -> Vec<(usize, f64)> {
    let query = "query($after: String, $n: Int) { workspaceConnectors(first: $n, after: $after, orderBy: [{createdAt: ASC}]) { nodes { id status createdAt connector { name } } pageInfo { endCursor } } }";
    let walk = "query($after: String) { workspaceConnectors(first: 100, after: $after, orderBy: [{createdAt: ASC}]) { pageInfo { endCursor } } }";
    let wanted = [rows / 100, rows / 10, rows / 2, rows / 10 * 9];
    let mut connection = Connection::open(server.address)
        .await
        .expect("the server listens");
    let (mut after, mut found) = (serde_json::Value::Null, Vec::new());
    for at in (100..=rows / 10 * 9).step_by(100) {
        let asked = request(
            "/graphql",
            Some(token),
            Some(&body(walk, &serde_json::json!({"after": after}))),
        );
        let answer: serde_json::Value =
            serde_json::from_slice(connection.ask(&asked).await.expect("an answer")).expect("JSON");
        after = answer["data"]["workspaceConnectors"]["pageInfo"]["endCursor"].clone();
        if wanted.contains(&at) {
            let asked = request(
                "/graphql",
                Some(token),
                Some(&body(query, &serde_json::json!({"after": after, "n": 50}))),
            );
            let mut times = Vec::new();
            for _ in 0..50 {
                let began = Instant::now();
                connection.ask(&asked).await.expect("an answer");
                times.push(began.elapsed().as_secs_f64() * 1000.0);
            }
            found.push((at, median(times)));
        }
    }
    found
}

async fn measure(url: &str) {
    let scale = setting("BENCH_SCALE", 1.0);
    let sized = |n: f64| ((n * scale) as usize).max(100);
    let (connectors, installed) = (sized(50_000.0), sized(1_000_000.0));
    let began = Instant::now();
    run(url, &["migrate", "--no-starter"]);
    let there = run(url, &["token", "list"]).lines().count() > 1;
    if !there {
        let (c, w) = (connectors.to_string(), installed.to_string());
        let made = run(
            url,
            &[
                "generate",
                "--workspaces",
                "1000",
                "--connectors",
                &c,
                "--workspace-connectors",
                &w,
                "--seed",
                "1",
            ],
        );
        println!("{made} ({:.1} s)", began.elapsed().as_secs_f64());
    }
    let token = run(
        url,
        &[
            "token",
            "create",
            "--workspace",
            "generated-1",
            "--role",
            "owner",
            "--name",
            "bench",
        ],
    );
    let server = Running::start(connectory(url));
    let mut yardstick = Command::new(std::env::current_exe().expect("this program"));
    yardstick.env("BENCH_RAW", url);
    let yardstick = Running::start(yardstick);

    let first = Instant::now();
    let typename = request(
        "/graphql",
        Some(&token),
        Some(&body("{__typename}", &serde_json::Value::Null)),
    );
    let mut connection = Connection::open(server.address)
        .await
        .expect("the server listens");
    connection.ask(&typename).await.expect("an answer");
    println!(
        "first answer {:.0} ms after the start of the process",
        (server.ready + first.elapsed()).as_secs_f64() * 1000.0
    );

    let same = |a: &[u8], b: &[u8]| {
        let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
        let rows = |v: &serde_json::Value| {
            v["data"]
                .as_object()
                .and_then(|d| d.values().next())
                .map(|c| c["nodes"].as_array().map(Vec::len))
        };
        assert_eq!(
            rows(&read(a)),
            rows(&read(b)),
            "both answer with the same rows"
        );
    };
    println!(
        "{:<14} {:>8} {:>8} {:>7} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "", "req/s", "raw", "ratio", "p50 ms", "raw", "p99 ms", "raw", "cpu µs", "raw"
    );
    let mut page_rate = 0.0;
    for (name, query, path) in [("page", PAGE, "/page"), ("nested", NESTED, "/nested")] {
        let ours = request(
            "/graphql",
            Some(&token),
            Some(&body(query, &serde_json::Value::Null)),
        );
        let theirs = request(path, None, None);
        let mut raw = Connection::open(yardstick.address)
            .await
            .expect("the yardstick listens");
        same(
            connection.ask(&ours).await.expect("an answer"),
            raw.ask(&theirs).await.expect("an answer"),
        );
        let compared = compare(name, (&server, &ours), (&yardstick, &theirs)).await;
        debug_assert!(compared.ratio > 0.0 && compared.ours > 0.0);
        if name == "page" {
            page_rate = compared.theirs;
        }
    }
    if !url.starts_with("sqlite") {
        let variables = serde_json::json!({"input": {
            "slug": format!("ours-{}-{NUMBER}", std::process::id()), "name": "Ours", "category": category(&server, &token).await,
            "direction": "IMPORT", "logo": {"fileName": "a.png", "uploadUrl": "https://example.com/a.png"},
            "publishedBy": {"externalWorkspaceId": format!("ours-{}-{NUMBER}", std::process::id()), "name": "Ours"},
        }});
        let raw = format!("{{\"slug\":\"raw-{}-{NUMBER}\"}}", std::process::id());
        let ours = request("/graphql", Some(&token), Some(&body(CREATE, &variables)));
        let theirs = request("/create", None, Some(&raw));
        compare("create", (&server, &ours), (&yardstick, &theirs)).await;
    }
    for (name, path, against) in [
        ("rest list", CATALOGUE.to_owned(), "/catalogue"),
        ("rest cursor", format!("{CATALOGUE}&cursor="), "/catalogue"),
    ] {
        let (ours, theirs) = (
            request(&path, Some(&token), None),
            request(against, None, None),
        );
        let mut raw = Connection::open(yardstick.address)
            .await
            .expect("the yardstick listens");
        let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
        let ours_once = read(connection.ask(&ours).await.expect("an answer"));
        let theirs_once = read(raw.ask(&theirs).await.expect("an answer"));
        let same = ["data", "included"];
        assert!(
            same.iter().all(|part| ours_once[part] == theirs_once[part]),
            "both answer with the same rows"
        );
        compare(name, (&server, &ours), (&yardstick, &theirs)).await;
    }
    let raw = request("/page", None, None);
    let compared = compare("__typename", (&server, &typename), (&yardstick, &raw)).await;
    println!(
        "__typename answers {:.1} times as often as the raw page ({page_rate:.0} req/s)",
        compared.ratio
    );
    for (depth, time) in depths(&server, &token, installed).await {
        println!("50 rows at depth {depth:>7}: {time:.2} ms");
    }
    println!(
        "memory: {:.0} MiB at most ({:.0} MiB the yardstick)",
        server.peak(),
        yardstick.peak()
    );
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    if let Ok(url) = std::env::var("BENCH_RAW") {
        runtime.block_on(raw::serve(&url));
        return;
    }
    // `cargo test --all-targets` runs benchmarks as well; they are not tests.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = std::env::var("BENCH_SQLITE")
        .unwrap_or_else(|_| folder.path().join("bench.db").display().to_string());
    println!("# SQLite");
    runtime.block_on(measure(&format!("sqlite://{file}?mode=rwc")));
    if let Ok(url) = std::env::var("BENCH_DATABASE_URL") {
        println!("# PostgreSQL");
        runtime.block_on(measure(&url));
    }
}
