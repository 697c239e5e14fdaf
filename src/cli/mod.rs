//! The command line: one subcommand for each task of an operator.

mod audit;
mod data;
mod keys;
mod serve;
mod token;

use crate::app;
use crate::config::Config;
use crate::error::{Error, Result};
use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

/// A connector catalogue and connection service: GraphQL over connectors, workspaces, media and
/// workspace connectors.
#[derive(Debug, Parser)]
#[command(name = "connectory", version, about, propagate_version = true)]
pub struct Cli {
    /// A file of settings instead of connectory.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve until stopped (the default).
    Serve,
    /// Bring the database up to date and load the starter catalogue into an empty one.
    Migrate {
        /// Leave an empty database empty.
        #[arg(long)]
        no_starter: bool,
    },
    /// Make workspaces.
    #[command(subcommand)]
    Workspace(token::WorkspaceCommand),
    /// Make, list and revoke API tokens.
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Make, list and rotate the keys that encrypt the secrets of connections.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Read the record of what happened.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Print the GraphQL schema.
    Schema,
    /// Print the table of filterable fields and their operators.
    Fields,
    /// Read connectors from files: JSON:API documents or one resource a line.
    Import(data::Import),
    /// Write the catalogue, one resource a line.
    Export(data::Export),
    /// Make a data set of any size, the same for the same seed.
    Generate(data::Generate),
}

/// Parses, runs, prints the error.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let run = Config::load(cli.config.clone()).and_then(|config| {
        start_log(&config)?;
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        if config.workers > 0 {
            runtime.worker_threads(config.workers);
        }
        let runtime = runtime.enable_all().build().map_err(Error::internal)?;
        runtime.block_on(cli.run(config))
    });
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Sentences for people, one for each problem, on standard error.
fn print_error(error: &Error) {
    match error {
        Error::Invalid(problems) => {
            for problem in problems {
                eprintln!("error: {problem}");
            }
        }
        other => eprintln!("error: {other}"),
    }
}

fn start_log(config: &Config) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::builder().parse(&config.log);
    let filter = filter.map_err(|e| Error::invalid("log", format!("cannot be read: {e}")))?;
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .try_init();
    Ok(())
}

impl Cli {
    async fn run(self, config: Config) -> Result<()> {
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(config).await,
            Command::Migrate { no_starter } => migrate(config, no_starter).await,
            Command::Workspace(command) => command.run(&config).await,
            Command::Token(command) => command.run(&config).await,
            Command::Keys(command) => command.run(&config).await,
            Command::Audit(command) => command.run(&config).await,
            Command::Schema => print(&crate::graphql::sdl()),
            Command::Fields => print(&crate::resource::operator_table()),
            Command::Import(command) => command.run(&config).await,
            Command::Export(command) => command.run(&config).await,
            Command::Generate(command) => command.run(&config).await,
        }
    }
}

/// Prints a text as it is; a reader that has had enough (`| head`) is no error.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if !is_enough(&error) => Err(Error::internal(error)),
        _ => Ok(()),
    }
}

/// Whether the reader of standard output has gone.
fn is_enough(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn migrate(mut config: Config, no_starter: bool) -> Result<()> {
    config.migrate = true;
    let db = app::open(&config).await?;
    println!("The database is up to date.");
    if config.starter
        && !no_starter
        && let Some(connectors) = app::load_starter(&db).await?
    {
        println!("Loaded the starter catalogue: {connectors} connectors.");
    }
    db.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
