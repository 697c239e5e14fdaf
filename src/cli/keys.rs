//! `connectory keys`.

use crate::app;
use crate::config::Config;
use crate::connect::vault::{Key, Vault, rotate};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use clap::Subcommand;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Print a fresh key.
    Generate,
    /// List the keys: which is current, and how many values each has sealed.
    List,
    /// Move every value to the current key, while servers run. With a key file a fresh key is made
    /// first; servers notice it by themselves.
    Rotate {
        /// Drop the keys from the key file that no value needs any more, once every request that
        /// began before has ended.
        #[arg(long)]
        prune: bool,
        /// Make no fresh key: move every value to the key that is first already, e.g. where
        /// several machines have copies of the key file.
        #[arg(long)]
        no_new_key: bool,
    },
}

impl KeysCommand {
    pub async fn run(self, config: &Config) -> Result<()> {
        match self {
            KeysCommand::Generate => super::print(&format!("{}\n", *Key::generate()?)),
            KeysCommand::List => {
                let vault = Vault::from_config(config)?;
                let db = app::open(config).await?;
                let uses = rotate::uses(&db).await?;
                db.close().await;
                super::print(&list(&vault, uses))
            }
            KeysCommand::Rotate { prune, no_new_key } => {
                let vault = Vault::from_config(config)?;
                if prune && vault.file().is_none() {
                    let issue = "is for a key file; remove keys from `encryption_keys` yourself";
                    return Err(Error::invalid("--prune", issue));
                }
                let db = app::open(config).await?;
                let added = !no_new_key;
                let done = rotate(&db, &vault, settling(&vault, config, prune), added, prune).await;
                db.close().await;
                done
            }
        }
    }
}

/// The keys that are there, then those that are missed.
fn list(vault: &Vault, mut uses: BTreeMap<Option<String>, u64>) -> String {
    let mut out = format!("{:<8}  {:<7}  VALUES\n", "KEY", "STATE");
    let mut line = |key: &str, state: &str, values: u64| {
        out.push_str(&format!("{key:<8}  {state:<7}  {values}\n"));
    };
    for (number, key) in vault.key_ids().iter().enumerate() {
        let state = if number == 0 { "current" } else { "opens" };
        line(key, state, uses.remove(&Some(key.clone())).unwrap_or(0));
    }
    for (key, values) in uses {
        match key {
            // Put into the key file while this was read.
            Some(key) if vault.has(&key) => line(&key, "opens", values),
            Some(key) => line(&key, "missing", values),
            None => line("none", "broken", values),
        }
    }
    out
}

async fn rotate(
    db: &Db,
    vault: &Vault,
    settling: Duration,
    added: bool,
    prune: bool,
) -> Result<()> {
    // Before a key is made: what needs a key that is missing would stay behind.
    rotate::check(db, vault).await?;
    let before = vault.key_ids();
    if added && let Some(key) = vault.renew()? {
        println!("Made the key `{key}`; it is the current one.");
    }
    let report = rotate::run(db, vault, settling).await?;
    let current = vault.current_key_id();
    println!(
        "Values sealed anew under the key `{current}`: {}.",
        report.moved
    );
    if !report.unreadable.is_empty() {
        return Err(unreadable(report.unreadable));
    }
    let uses = rotate::uses(db).await?;
    let idle = |key: &String| *key != current && !uses.contains_key(&Some(key.clone()));
    let idle: Vec<String> = before.into_iter().filter(idle).collect();
    if idle.is_empty() {
        return Ok(());
    }
    let names = idle.join("`, `");
    if prune {
        vault.forget(&idle)?;
        println!("Dropped `{names}`.");
    } else {
        println!("No value needs `{names}` any more.");
    }
    Ok(())
}

/// How long servers may still write what they sealed under the key before.
fn settling(vault: &Vault, config: &Config, prune: bool) -> Duration {
    match (vault.file().is_some(), prune) {
        // The keys are settings, and every server was restarted with them.
        (false, _) => Duration::ZERO,
        (true, false) => rotate::NOTICED,
        // A value under a key that is dropped is lost, so even the slowest request is waited for.
        (true, true) => rotate::NOTICED + Duration::from_secs(config.request_timeout),
    }
}

fn unreadable(values: Vec<String>) -> Error {
    let problem = |issue| Problem::new("connectory keys rotate", format!("left out: {issue}"));
    Error::Invalid(values.into_iter().map(problem).collect())
}
