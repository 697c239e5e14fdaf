//! `connectory serve`, which is also what the program does when told nothing.

use super::{Run, count, program, run};
use crate::both_empty;
use crate::schema::Empty;
use serde_json::{Value as Json, json};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A running server and what it said first.
pub struct Server {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    /// The address of GraphQL.
    pub graphql: String,
    /// The address of GraphiQL.
    graphiql: String,
    /// The token, if one was made.
    token: Option<String>,
}

impl Server {
    /// Starts it on a free port and reads what it prints until it serves.
    pub async fn start(e: &Empty, args: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut command = program(e);
        command
            .args(args)
            .env("CONNECTORY_LISTEN", "127.0.0.1:0")
            .env("CONNECTORY_LOG", "info")
            .envs(variables.iter().copied());
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let graphql = word(&mut said, "GraphQL").await;
        let graphiql = word(&mut said, "GraphiQL").await;
        word(&mut said, "REST").await;
        Server {
            child,
            said,
            graphql,
            graphiql,
            token: None,
        }
    }

    /// As [`Server::start`], and reads the token.
    async fn start_with_token(e: &Empty, args: &[&str], variables: &[(&str, &str)]) -> Server {
        let mut server = Self::start(e, args, variables).await;
        server.token = Some(word(&mut server.said, "Token").await);
        server
    }

    async fn ask(&self, token: &str, query: &str) -> Json {
        let request = reqwest::Client::new()
            .post(&self.graphql)
            .bearer_auth(token)
            .json(&json!({"query": query}));
        request
            .send()
            .await
            .expect("the server answers")
            .json()
            .await
            .expect("JSON")
    }

    /// Ends it at once, as a loss of power would.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it runs");
    }

    /// Asks it to stop; the exit code, the rest of standard output and standard error.
    pub async fn stop(self, signal: &str) -> Run {
        let Server {
            mut child,
            mut said,
            ..
        } = self;
        let id = child.id().expect("it runs");
        let sent = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -{signal} {id}"))
            .status()
            .await
            .expect("a shell");
        assert!(sent.success());
        let (mut out, mut err) = (String::new(), String::new());
        while let Some(line) = said.next_line().await.expect("a line") {
            out.push_str(&line);
            out.push('\n');
        }
        child
            .stderr
            .take()
            .expect("a pipe")
            .read_to_string(&mut err)
            .await
            .expect("it can be read");
        Run {
            code: child.wait().await.expect("it ends").code(),
            out,
            err,
        }
    }
}

/// The word behind `name` on the next line.
async fn word(said: &mut Lines<BufReader<ChildStdout>>, name: &str) -> String {
    // A server that says nothing more would keep the test for ever.
    let line = tokio::time::timeout(Duration::from_secs(60), said.next_line()).await;
    let line = line
        .unwrap_or_else(|_| panic!("it never says {name}"))
        .expect("a line");
    let line = line.unwrap_or_else(|| panic!("it ended before it said {name}"));
    let rest = line
        .strip_prefix(name)
        .unwrap_or_else(|| panic!("`{line}` does not begin with {name}"));
    rest.trim().to_owned()
}

const COUNT: &str = "{ connectors { totalCount } viewer { role workspace { slug } } }";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serving_is_what_the_program_does_and_the_first_start_makes_a_token() {
    let e = Empty::sqlite();
    let first = Server::start_with_token(&e, &[], &[]).await;
    assert!(
        first.graphql.starts_with("http://127.0.0.1:") && first.graphql.ends_with("/graphql"),
        "{}",
        first.graphql
    );
    assert_eq!(
        first.graphiql,
        first.graphql.replace("/graphql", "/graphiql")
    );
    let token = first.token.clone().expect("a token");
    let answer = first.ask(&token, COUNT).await;
    assert!(
        answer["data"]["connectors"]["totalCount"].as_i64() >= Some(150),
        "{answer}"
    );
    assert_eq!(
        answer["data"]["viewer"],
        json!({"role": "OWNER", "workspace": {"slug": "development"}})
    );
    let page = reqwest::get(&first.graphiql).await.expect("the page");
    assert_eq!(page.status().as_u16(), 200);
    let end = first.stop("TERM").await;
    assert_eq!(end.code, Some(0), "{end:#?}");
    assert!(!end.err.contains(&token), "the token stands in the log");

    let second = Server::start(&e, &["serve"], &[]).await;
    let same = second.ask(&token, COUNT).await;
    assert_eq!(same, answer);
    let end = second.stop("INT").await;
    assert_eq!(
        (end.code, end.out.as_str()),
        (Some(0), ""),
        "the second start prints no token"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_server_leaves_one_whole_file() {
    let e = Empty::sqlite();
    let server = Server::start_with_token(&e, &[], &[]).await;
    let before = server
        .ask(&server.token.clone().expect("a token"), COUNT)
        .await;
    assert!(
        e.path("connectory.db-wal").exists(),
        "it does not write ahead while it runs"
    );
    assert_eq!(server.stop("TERM").await.code, Some(0));
    let mut names: Vec<_> = std::fs::read_dir(e.path(""))
        .unwrap()
        .map(|f| f.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["connectory.db"]);
    let connectors = count(&e, "connectors").await;
    assert_eq!(before["data"]["connectors"]["totalCount"], connectors);
}

both_empty! {
    async fn a_server_answers_with_a_token_of_the_command_line(e) {
        run(e, &["workspace", "create", "Acme"]).await.good();
        let token = run(e, &["token", "create", "--workspace", "acme", "--role", "viewer", "--name", "T"]).await.good();
        let server = Server::start(e, &["serve"], &[]).await;
        let answer = server.ask(token.trim(), COUNT).await;
        assert_eq!(answer["data"]["viewer"]["workspace"]["slug"], "acme", "{answer}");
        run(e, &["token", "revoke", token.trim()]).await.good();
        let refused = server.ask(token.trim(), COUNT).await;
        assert!(refused["data"].is_null() && refused["errors"].is_array(), "{refused}");
        let end = server.stop("TERM").await;
        assert_eq!((end.code, end.out.as_str()), (Some(0), ""), "{end:#?}");
    }

    async fn a_token_is_made_where_the_settings_say_so(e) {
        let wanted = Server::start_with_token(e, &[], &[("CONNECTORY_BOOTSTRAP", "true"), ("CONNECTORY_STARTER", "false")]).await;
        let answer = wanted.ask(&wanted.token.clone().expect("a token"), COUNT).await;
        assert_eq!(answer["data"]["connectors"]["totalCount"], 0, "{answer}");
        assert_eq!(wanted.stop("TERM").await.code, Some(0));
    }

    async fn no_token_is_made_where_the_settings_say_so(e) {
        let silent = Server::start(e, &[], &[("CONNECTORY_BOOTSTRAP", "false")]).await;
        let end = silent.stop("TERM").await;
        assert_eq!((end.code, end.out.as_str()), (Some(0), ""), "{end:#?}");
        assert_eq!(count(e, "api_tokens").await, 0);
    }

    async fn an_address_that_is_taken_is_named_and_uses_up_no_token(e) {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = taken.local_addr().expect("its address").to_string();
        let mut command = program(e);
        command.env("CONNECTORY_LISTEN", &address).env("CONNECTORY_BOOTSTRAP", "true");
        let refused = Run::from(command.output().await.expect("the program runs")).refused();
        assert!(refused.contains("`listen`") && refused.contains(&address), "{refused}");
        // A token made now would never have been shown.
        let next = Server::start_with_token(e, &[], &[("CONNECTORY_BOOTSTRAP", "true")]).await;
        assert_eq!(next.stop("TERM").await.code, Some(0));
    }

    async fn without_tables_and_migrations_the_server_does_not_start(e) {
        let mut command = program(e);
        command.env("CONNECTORY_MIGRATE", "false").env("CONNECTORY_LISTEN", "127.0.0.1:0");
        let refused = Run::from(command.output().await.expect("the program runs")).refused();
        assert!(refused.starts_with("error: "), "{refused}");
        // The tables are made by this command, so they were not there.
        let made = run(e, &["migrate"]).await.good();
        assert!(made.contains("starter catalogue"), "{made}");
    }
}
