//! `connectory workspace` and `connectory token`.

use crate::app;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::service::{token, workspace};
use chrono::{SecondsFormat, Utc};
use clap::{Subcommand, ValueEnum};
use entity::membership::Role;
use sea_orm::ActiveEnum;

#[derive(Debug, Subcommand)]
pub enum WorkspaceCommand {
    /// Make a workspace and print its identifier.
    Create {
        /// Display name.
        name: String,
        /// Short name; made from the name when left out.
        #[arg(long)]
        slug: Option<String>,
        /// The workspace above, by identifier or slug; without it the new one is an organization.
        #[arg(long, value_name = "ID|SLUG")]
        parent: Option<String>,
    },
}

impl WorkspaceCommand {
    pub async fn run(self, config: &Config) -> Result<()> {
        let WorkspaceCommand::Create { name, slug, parent } = self;
        let db = app::open(config).await?;
        let parent = match parent {
            Some(parent) => Some(workspace::find(&db, &parent).await?.id),
            None => None,
        };
        let made = workspace::create(&db, workspace::New { name, slug, parent }).await?;
        println!("{}", made.id);
        db.close().await;
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RoleName {
    Owner,
    Admin,
    Member,
    Viewer,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Role {
        match name {
            RoleName::Owner => Role::Owner,
            RoleName::Admin => Role::Admin,
            RoleName::Member => Role::Member,
            RoleName::Viewer => Role::Viewer,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it: the only time it is seen.
    Create {
        /// The workspace it belongs to.
        #[arg(long, value_name = "ID|SLUG")]
        workspace: String,
        /// What it may do.
        #[arg(long, value_enum)]
        role: RoleName,
        /// What it is called.
        #[arg(long)]
        name: String,
        /// How long it works, e.g. 90d, 12h, 1s; without it, until it is revoked.
        #[arg(long, value_name = "DURATION")]
        expires: Option<humantime::Duration>,
    },
    /// List tokens; their values are not known.
    List {
        /// Only those of this workspace.
        #[arg(long, value_name = "ID|SLUG")]
        workspace: Option<String>,
    },
    /// Revoke a token. When the command returns, no server accepts it any more.
    Revoke {
        /// Its identifier, its visible beginning, or the token itself.
        token: String,
    },
}

impl TokenCommand {
    pub async fn run(self, config: &Config) -> Result<()> {
        let db = app::open(config).await?;
        match self {
            TokenCommand::Create {
                workspace,
                role,
                name,
                expires,
            } => {
                let workspace = workspace::find(&db, &workspace).await?.id;
                let expires_at = match expires {
                    None => None,
                    Some(after) => {
                        let after = chrono::Duration::from_std(*after).ok();
                        let end = after.and_then(|a| Utc::now().checked_add_signed(a));
                        Some(end.ok_or_else(|| Error::invalid("expires", "is too long"))?)
                    }
                };
                println!(
                    "{}",
                    token::create(
                        &db,
                        token::New {
                            workspace,
                            role: role.into(),
                            name,
                            expires_at
                        }
                    )
                    .await?
                );
            }
            TokenCommand::List { workspace } => {
                super::print(&list(&token::list(&db, workspace.as_deref()).await?))?
            }
            TokenCommand::Revoke { token } => {
                token::revoke(&db, &token).await?;
                println!("Revoked.");
            }
        }
        db.close().await;
        Ok(())
    }
}

fn list(tokens: &[entity::api_token::Model]) -> String {
    let mut out = format!(
        "{:<36}  {:<10}  {:<6}  {:<36}  {:<20}  {:<8}  NAME\n",
        "ID", "BEGINS", "ROLE", "WORKSPACE", "EXPIRES", "STATE"
    );
    for token in tokens {
        let expires = token.expires_at.map_or("never".to_owned(), |t| {
            t.to_rfc3339_opts(SecondsFormat::Secs, true)
        });
        let state = match token.expires_at {
            _ if token.revoked_at.is_some() => "revoked",
            Some(end) if end <= Utc::now() => "expired",
            _ => "active",
        };
        out.push_str(&format!(
            "{:<36}  {:<10}  {:<6}  {:<36}  {expires:<20}  {state:<8}  {}\n",
            token.id,
            token.prefix,
            token.role.to_value(),
            token.workspace_id,
            token.name
        ));
    }
    out
}
