//! The program as an operator runs it: the real binary, in a folder of its own, with no
//! environment but what the test gives it.

mod data;
pub mod serve;
mod setting;
mod token;

use crate::both_empty;
use crate::house::at;
use crate::schema::Empty;
use std::process::{Output, Stdio};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What a run left.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        Run {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("errors are UTF-8"),
        }
    }
}

impl Run {
    /// Standard output of a run that went well.
    pub fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{self:#?}");
        self.out
    }

    /// Standard error of a run that was refused, with nothing on standard output.
    pub fn refused(self) -> String {
        assert!(self.code.is_some_and(|c| c != 0), "{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self.err
    }
}

/// The program, about to be run in the folder of a database.
pub fn program(e: &Empty) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_connectory"));
    command
        .env_clear()
        .env("DATABASE_URL", &e.url)
        .env("CONNECTORY_LOG", "warn")
        .current_dir(e.path(""));
    // Where coverage is measured, the program says where to put what it saw.
    if let Some(profile) = std::env::var_os("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", profile);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs it to the end.
pub async fn run(e: &Empty, args: &[&str]) -> Run {
    program(e)
        .args(args)
        .output()
        .await
        .expect("the program runs")
        .into()
}

/// Runs it with something on standard input.
pub async fn run_with(e: &Empty, args: &[&str], input: &str) -> Run {
    let mut command = program(e);
    command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(input.as_bytes())
        .await
        .expect("the program reads");
    drop(stdin);
    child
        .wait_with_output()
        .await
        .expect("the program ends")
        .into()
}

/// How many rows a table has.
async fn count(e: &Empty, table: &str) -> i64 {
    let db = connectory::app::open(&e.config())
        .await
        .expect("the database opens");
    let rows = db
        .rows(format!("SELECT count(*) FROM {table}"), Vec::new())
        .await
        .expect("a number");
    db.close().await;
    rows[0].int(0).expect("a number")
}

const COMMANDS: &[&[&str]] = &[
    &[],
    &["serve"],
    &["migrate"],
    &["workspace"],
    &["workspace", "create"],
    &["token"],
    &["token", "create"],
    &["token", "list"],
    &["token", "revoke"],
    &["keys"],
    &["keys", "generate"],
    &["keys", "list"],
    &["keys", "rotate"],
    &["schema"],
    &["fields"],
    &["import"],
    &["export"],
    &["generate"],
];

#[tokio::test]
async fn every_command_explains_itself() {
    let e = Empty::sqlite();
    for command in COMMANDS {
        let help = run(&e, &[command, &["--help"][..]].concat()).await.good();
        let usage = ["Usage: connectory", &command.join(" ")].join(if command.is_empty() {
            ""
        } else {
            " "
        });
        assert!(help.contains(&usage), "{help}");
        let first = help.lines().next().unwrap_or_default();
        assert!(
            first.len() > 10 && first.starts_with(char::is_uppercase),
            "{command:?} begins with `{first}`"
        );
        if let [name] = command {
            let main = run(&e, &["--help"]).await.good();
            assert!(main.contains(&format!("\n  {name} ")), "{main}");
        }
    }
    assert!(!e.path("connectory.db").exists(), "help made a database");
}

#[tokio::test]
async fn an_unknown_command_or_option_is_named() {
    let e = Empty::sqlite();
    for (args, named) in [
        (&["sevre"][..], "sevre"),
        (&["generate", "--sede", "1"], "--sede"),
        (&["import"], "<FILES>"),
    ] {
        let run = run(&e, args).await;
        assert_eq!(run.code, Some(2), "{run:#?}");
        assert!(run.refused().contains(named));
    }
}

#[tokio::test]
async fn schema_prints_the_schema_file_and_fields_the_table() {
    let e = Empty::sqlite();
    let file = std::fs::read_to_string(at("schema.graphql")).expect("the file is there");
    assert_eq!(run(&e, &["schema"]).await.good(), file);
    assert_eq!(
        run(&e, &["fields"]).await.good(),
        connectory::resource::operator_table()
    );
    assert!(
        !e.path("connectory.db").exists(),
        "printing made a database"
    );
}

#[tokio::test]
async fn a_reader_that_has_had_enough_is_no_error() {
    let e = Empty::sqlite();
    run(&e, &["migrate"]).await.good();
    for command in ["schema", "fields", "export", "token list"] {
        let pipe = format!(
            "set -o pipefail; '{}' {command} | true",
            env!("CARGO_BIN_EXE_connectory")
        );
        let mut shell = Command::new("bash");
        shell
            .arg("-c")
            .arg(pipe)
            .env("DATABASE_URL", &e.url)
            .current_dir(e.path(""));
        let run = Run::from(shell.output().await.expect("bash runs"));
        assert!(
            !run.err.contains("panicked") && !run.err.contains("error"),
            "{command}: {run:#?}"
        );
        assert_eq!(run.code, Some(0), "{command}: {run:#?}");
    }
}

both_empty! {
    async fn migrate_loads_the_starter_once(e) {
        let first = run(e, &["migrate"]).await.good();
        assert!(first.contains("up to date") && first.contains("starter catalogue"), "{first}");
        let made = count(e, "connectors").await;
        assert!(made >= 150, "{made}");
        let before = data::dump(e).await;
        let second = run(e, &["migrate"]).await.good();
        assert!(second.contains("up to date") && !second.contains("starter catalogue"), "{second}");
        assert!(data::dump(e).await == before, "the second run changed something");
    }

    async fn migrate_can_leave_the_database_empty(e) {
        run(e, &["migrate", "--no-starter"]).await.good();
        let mut switched_off = program(e);
        switched_off.arg("migrate").env("CONNECTORY_STARTER", "false");
        Run::from(switched_off.output().await.expect("the program runs")).good();
        assert_eq!((count(e, "connectors").await, count(e, "categories").await, count(e, "media").await), (0, 0, 0));
    }

    async fn logs_go_to_standard_error_and_results_to_standard_output(e) {
        let mut loud = program(e);
        loud.arg("migrate").env("CONNECTORY_LOG", "debug,sqlx=info");
        let run = Run::from(loud.output().await.expect("the program runs"));
        assert!(run.err.contains("Applying migration") || run.err.contains("INFO"), "{run:#?}");
        assert_eq!(run.good().lines().count(), 2);
    }
}
