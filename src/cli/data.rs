//! `connectory import`, `export` and `generate`.

use crate::app;
use crate::config::Config;
use crate::error::{Error, Problem, Result};
use crate::service::catalogue::{self, Publish, Report};
use crate::service::{generate, workspace};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Import {
    /// The files; each is read all or not at all.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Publish every connector by this workspace, whatever the file says.
    #[arg(long, value_name = "ID|SLUG", conflicts_with = "global")]
    workspace: Option<String>,
    /// Put every connector into everyone's catalogue, whatever the file says.
    #[arg(long)]
    global: bool,
}

impl Import {
    pub async fn run(self, config: &Config) -> Result<()> {
        let db = app::open(config).await?;
        let publish = match (&self.workspace, self.global) {
            (Some(name), _) => Publish::By(workspace::find(&db, name).await?.id),
            (None, true) => Publish::Global,
            (None, false) => Publish::AsFile,
        };
        let mut refused = Vec::new();
        for file in &self.files {
            let name = file.display().to_string();
            let read = std::fs::read_to_string(file);
            let text =
                read.map_err(|e| Error::invalid(name.clone(), format!("cannot be read: {e}")))?;
            let bar = bar("connectors", None);
            let result =
                catalogue::import(&db, &text, publish, &|done| bar.set_position(done)).await;
            bar.finish_and_clear();
            match result {
                Ok(report) => tell(&name, &report),
                Err(Error::Invalid(problems)) => {
                    eprintln!(
                        "{name}: nothing was read, because of {} problems",
                        problems.len()
                    );
                    refused.extend(
                        problems
                            .into_iter()
                            .map(|p| Problem::new(format!("{name}: {}", p.path), p.issue)),
                    );
                }
                Err(error) => return Err(error),
            }
        }
        db.close().await;
        if refused.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(refused))
        }
    }
}

fn tell(name: &str, report: &Report) {
    println!(
        "{name}: {} connectors; {} rows made, {} changed, {} as they were",
        report.connectors, report.created, report.updated, report.unchanged
    );
    if report.private > 0 {
        println!(
            "{} of them are published by an organization, which alone sees them; `--global` puts them into everyone's catalogue",
            report.private
        );
    }
    for (attribute, count) in &report.ignored {
        println!("left out: `{attribute}`, which no column holds ({count} times)");
    }
}

#[derive(Debug, Args)]
pub struct Export {
    /// Where to write; standard output when left out.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Export {
    pub async fn run(self, config: &Config) -> Result<()> {
        let db = app::open(config).await?;
        let count = match &self.output {
            None => match catalogue::export(&db, &mut std::io::stdout()).await {
                Err(Error::Internal(cause)) if super::is_enough(cause.as_ref()) => return Ok(()),
                result => result?,
            },
            Some(path) => {
                // Written beside and moved into place, so that a file is whole or not there.
                let beside = path.with_extension("part");
                let file = std::fs::File::create(&beside);
                let file =
                    file.map_err(|e| Error::invalid("output", format!("cannot be written: {e}")))?;
                let mut out = BufWriter::new(file);
                let count = catalogue::export(&db, &mut out).await?;
                out.flush().map_err(Error::internal)?;
                std::fs::rename(&beside, path).map_err(Error::internal)?;
                count
            }
        };
        eprintln!("{count} connectors written");
        db.close().await;
        Ok(())
    }
}

#[derive(Debug, Args)]
pub struct Generate {
    /// Workspaces, in one tree.
    #[arg(long, default_value_t = 100)]
    workspaces: usize,
    /// Connectors, each with a logo.
    #[arg(long, default_value_t = 1_000)]
    connectors: usize,
    /// Connectors installed in workspaces.
    #[arg(long, default_value_t = 10_000)]
    workspace_connectors: usize,
    /// The same seed makes the same rows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Generate {
    pub async fn run(self, config: &Config) -> Result<()> {
        let db = app::open(config).await?;
        let size = generate::Size {
            workspaces: self.workspaces,
            connectors: self.connectors,
            workspace_connectors: self.workspace_connectors,
            seed: self.seed,
        };
        // People, memberships, logos, ties and what hangs below installations.
        let rows =
            3 * size.workspaces + 3 * size.connectors + size.workspace_connectors * 115 / 100;
        let bar = bar("rows", Some(rows as u64));
        let made = generate::generate(&db, size, &|done| bar.set_position(done)).await;
        bar.finish_and_clear();
        let made = made?;
        println!(
            "{} rows; tokens of the workspace `{}` see all of them",
            made.rows, made.root
        );
        db.close().await;
        Ok(())
    }
}

/// A progress bar, drawn only on a terminal.
fn bar(unit: &str, length: Option<u64>) -> ProgressBar {
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let template = match length {
        Some(_) => format!("{{bar:40}} {{pos}}/{{len}} {unit}, {{eta}} left"),
        None => format!("{{spinner}} {{pos}} {unit}"),
    };
    bar.with_style(
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}
