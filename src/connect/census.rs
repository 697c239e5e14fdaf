//! What has to be looked up for the figures of the process: how many connections there are of each
//! state, and what passed through.

use super::Connect;
use crate::error::Result;
use entity::workspace_connector::{Column, ConnectionState, Entity};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QuerySelect};
use std::time::{Duration, Instant};

/// How long a count is good.
const GOOD: Duration = Duration::from_secs(10);

impl Connect {
    /// Brings the figures up to date. Connections that were counted a moment ago are not counted
    /// again.
    pub async fn count(&self) -> Result<()> {
        self.count_calls();
        let mut counted = self.0.counted.lock().await;
        if counted.is_some_and(|at| at.elapsed() < GOOD) {
            return Ok(());
        }
        let found = Entity::find()
            .select_only()
            .column(Column::ConnectionState)
            .column_as(Column::Pk.count(), "count")
            .filter(Column::ConnectionState.is_not_null())
            .filter(Column::DeletedAt.is_null())
            .group_by(Column::ConnectionState)
            .into_tuple::<(ConnectionState, i64)>()
            .all(self.db().orm())
            .await?;
        for state in ConnectionState::iter() {
            let count = found.iter().find(|(of, _)| *of == state);
            self.metrics()
                .connections(word(state), count.map_or(0, |(_, count)| *count));
        }
        *counted = Some(Instant::now());
        Ok(())
    }

    fn count_calls(&self) {
        let counted = self.traffic().counts.now();
        let calls = [
            ("admitted", counted.calls),
            ("refused", counted.refusals),
            ("failed", counted.failures),
            ("repeated", counted.repetitions),
        ];
        self.metrics().passed(calls, counted.open, counted.bytes);
    }
}

const fn word(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Created => "created",
        ConnectionState::AuthRequired => "auth_required",
        ConnectionState::Connected => "connected",
        ConnectionState::Disconnected => "disconnected",
    }
}
