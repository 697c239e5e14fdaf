//! `connectory audit`.

use crate::app;
use crate::config::Config;
use crate::error::{Error, Problem, Result};
use crate::query::read_moment;
use crate::service::audit::{self, Which};
use crate::service::workspace;
use clap::Subcommand;
use std::io::{BufWriter, Write};

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Write what happened, one JSON object a line, oldest first.
    Export {
        /// Only what happened in this workspace.
        #[arg(long, value_name = "ID|SLUG")]
        workspace: Option<String>,
        /// Only from this moment on, e.g. 2026-01-31 or 2026-01-31T09:30:00Z.
        #[arg(long, value_name = "MOMENT")]
        since: Option<String>,
        /// Only before this moment.
        #[arg(long, value_name = "MOMENT")]
        until: Option<String>,
    },
}

impl AuditCommand {
    pub async fn run(self, config: &Config) -> Result<()> {
        let AuditCommand::Export {
            workspace: name,
            since,
            until,
        } = self;
        let moment = |name: &str, text: Option<String>| match text.map(|t| read_moment(&t)) {
            None => Ok(None),
            Some(Ok(moment)) => Ok(Some(moment)),
            Some(Err(issue)) => Err(Error::Invalid(vec![Problem::new(name, issue)])),
        };
        let (since, until) = (moment("--since", since)?, moment("--until", until)?);
        let db = app::open(config).await?;
        let workspace = match name {
            Some(name) => Some(workspace::find(&db, &name).await?.id),
            None => None,
        };
        let which = Which {
            workspace,
            since,
            until,
        };
        let mut out = BufWriter::new(std::io::stdout());
        let written = audit::export(&db, &which, &mut out).await.map(|_| ());
        let flushed = out.flush().map_err(Error::internal);
        db.close().await;
        match written.and(flushed) {
            // A reader that has had enough is no error.
            Err(Error::Internal(cause)) if super::is_enough(&*cause) => Ok(()),
            other => other,
        }
    }
}
