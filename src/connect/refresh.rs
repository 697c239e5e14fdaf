//! Renewing a token: once for any number of callers and processes. Callers in one process queue;
//! processes take turns by a lease on the row; whoever comes later finds the new token there. A
//! refresh token that was used is replaced in the transaction that stores what it brought.

use super::change::{Change, Guard, Reason};
use super::login::{Beginner, upstream};
use super::oauth::{self, Failure, Tokens};
use super::state::Event;
use super::{Connect, Held, Subject};
use crate::error::{Error, Result, Upstream};
use crate::service::workspace_connector as installation;
use crate::service::{Actor, now};
use chrono::TimeDelta;
use entity::connection::{Column, Entity};
use entity::workspace_connector::DisconnectCode;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use std::time::Duration;
use tracing::Instrument;
use uuid::Uuid;

/// How long a lease holds if its process dies.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(30);

/// Between two looks at a lease that somebody else holds.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks at a lease before the caller is told to come back: longer than a lease holds.
const LOOKS: u32 = 800;

/// What came of it.
#[derive(Debug)]
pub enum Fresh {
    /// There is a newer token, whoever fetched it.
    Renewed(Box<Subject>),
    /// There is none to be had: the connection waits for a person now.
    Ended,
}

/// What a look at a connection comes to.
enum Look {
    /// Somebody was faster, or there is nothing to renew.
    Decided(Fresh),
    /// The token is to be renewed.
    Due(Box<Subject>),
}

impl Connect {
    /// A token newer than the one of `generation`.
    ///
    /// # Errors
    ///
    /// [`Error::Upstream`] where the authorization server cannot issue one now.
    pub async fn refresh(&self, id: Uuid, generation: i32) -> Result<Fresh> {
        let connect = self.clone();
        // In a task of its own: a caller who leaves must not take the new refresh token along, which
        // is issued once.
        let renewing = async move { connect.refresh_in_turn(id, generation).await };
        let renewing = tokio::spawn(renewing.in_current_span());
        renewing.await.map_err(Error::internal)?
    }

    async fn refresh_in_turn(&self, id: Uuid, generation: i32) -> Result<Fresh> {
        let queue = self.0.queues.get_with(id, Default::default);
        let _turn = queue.lock().await;
        for _ in 0..LOOKS {
            if let Look::Decided(fresh) = self.look(id, generation).await? {
                return Ok(fresh);
            }
            if self.lease(id).await? {
                // Who held it until now may have renewed the token after the look above.
                let fresh = match self.look(id, generation).await {
                    Ok(Look::Decided(fresh)) => Ok(fresh),
                    Ok(Look::Due(subject)) => self.renew(*subject).await,
                    Err(error) => Err(error),
                };
                self.release(id).await?;
                return fresh;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(Error::Unavailable(
            "a lease on a connection is not given back".into(),
        ))
    }

    /// Whether the token of `generation` is still the one to be renewed.
    async fn look(&self, id: Uuid, generation: i32) -> Result<Look> {
        let Some(row) = installation::find(self.db().orm(), id).await? else {
            return Ok(Look::Decided(Fresh::Ended));
        };
        let subject = Box::new(self.subject(self.db().orm(), row).await?);
        if subject.generation != generation && subject.held().is_some() {
            return Ok(Look::Decided(Fresh::Renewed(subject)));
        }
        if !subject.held().is_some_and(Held::is_renewable) {
            return Ok(Look::Decided(Fresh::Ended));
        }
        Ok(Look::Due(subject))
    }

    /// Takes the lease on a connection, unless somebody holds it.
    pub(super) async fn lease(&self, id: Uuid) -> Result<bool> {
        let free = Condition::any()
            .add(Column::LeaseUntil.is_null())
            .add(Column::LeaseUntil.lte(now()));
        let taken = Entity::update_many()
            .col_expr(Column::LeaseBy, Expr::value(self.0.process))
            .col_expr(Column::LeaseUntil, Expr::value(now() + LEASE))
            .filter(Column::WorkspaceConnectorId.eq(id))
            .filter(free)
            .exec(self.db().orm())
            .await?;
        Ok(taken.rows_affected == 1)
    }

    /// Gives the lease back.
    pub(super) async fn release(&self, id: Uuid) -> Result<()> {
        Entity::update_many()
            .col_expr(
                Column::LeaseUntil,
                Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None),
            )
            .filter(Column::WorkspaceConnectorId.eq(id))
            .filter(Column::LeaseBy.eq(self.0.process))
            .exec(self.db().orm())
            .await?;
        Ok(())
    }

    /// Asks the authorization server; the lease is held.
    async fn renew(&self, subject: Subject) -> Result<Fresh> {
        let actor = self.server_actor(&subject.row).await?;
        let fetched = self.fetch(&subject).await;
        let outcome = fetched.as_ref().map_or_else(Failure::word, |_| "renewed");
        self.metrics().refreshed(outcome);
        match fetched {
            Ok(held) => self.keep(&actor, subject, held).await,
            Err(Failure::InvalidGrant) => {
                self.revoked(&actor, &subject).await?;
                Ok(Fresh::Ended)
            }
            Err(failure) => {
                tracing::warn!(id = %subject.row.id, %failure, "a token was not renewed");
                Err(upstream(&failure))
            }
        }
    }

    async fn fetch(&self, subject: &Subject) -> std::result::Result<Held, Failure> {
        let Some((server, client)) = subject.credentials.issuer() else {
            return Err(Failure::InvalidGrant);
        };
        match subject.held() {
            Some(Held::Grant {
                tokens:
                    Tokens {
                        refresh: Some(refresh),
                        ..
                    },
            }) => {
                let tokens = oauth::refresh(self.egress(), server, &client, refresh).await?;
                Ok(Held::Grant { tokens })
            }
            Some(Held::Machine { .. }) => {
                let tokens = oauth::client_credentials(self.egress(), server, &client).await?;
                Ok(Held::Machine { tokens })
            }
            _ => Err(Failure::InvalidGrant),
        }
    }

    /// Stores a new token, unless somebody disconnected meanwhile: then it is taken back.
    async fn keep(&self, actor: &Actor, subject: Subject, held: Held) -> Result<Fresh> {
        let id = subject.row.id;
        let change = Change {
            held: Some(held.clone()),
            ..Change::default()
        };
        let guard = Guard {
            phase: None,
            ..Guard::of(&subject)
        };
        if self
            .happen(actor, id, (Event::Refreshed, change), guard)
            .await?
            .is_none()
        {
            let mut credentials = subject.credentials;
            credentials.held = Some(held);
            super::login::revoke(self.clone(), credentials).await;
            return Ok(Fresh::Ended);
        }
        let row = installation::find(self.db().orm(), id).await?;
        let Some(row) = row else {
            return Ok(Fresh::Ended);
        };
        Ok(Fresh::Renewed(Box::new(
            self.subject(self.db().orm(), row).await?,
        )))
    }

    /// The grant is over: a login is begun in its place, so that its owner finds one to finish.
    pub(super) async fn revoked(&self, actor: &Actor, subject: &Subject) -> Result<()> {
        let beginner = Beginner {
            person_id: subject.row.person_id,
            ..Beginner::default()
        };
        let attempt = match subject.credentials.issuer() {
            Some((server, client)) => self.attempt(server.clone(), client, beginner),
            None => Err(Error::Upstream(Upstream::Unreachable)),
        };
        let happened = match attempt {
            Ok(attempt) => {
                let change = Change {
                    attempt: Some(attempt),
                    ..Change::default()
                };
                (Event::Revoked, change)
            }
            Err(_) => {
                let reason = Reason::new(DisconnectCode::AuthRevoked, "Access was revoked");
                (Event::Lost, Change::because(reason))
            }
        };
        self.happen(actor, subject.row.id, happened, Guard::of(subject))
            .await?;
        Ok(())
    }
}
