//! The end of the record of what happened, read from the table. The only place that knows how
//! events are ordered and when the order is final.

use super::Position;
use super::event::{COLUMNS, Event, position};
use crate::db::{Arg, Db, Dialect};
use crate::error::Result;

/// Most rows of one reading.
pub(super) const BATCH: usize = 200;

/// The oldest transaction that still runs, or the next one: nothing appears below it any more.
const OLDEST: &str = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/// Reads events of a database.
#[derive(Clone)]
pub(super) struct Tail {
    db: Db,
    /// Rows up to this key came with numbers of transactions of another server: the database was
    /// restored from a dump. They are history, whatever their numbers say.
    restored: i64,
}

/// What one reading of the table gave.
pub(super) struct Batch {
    /// The events, in order.
    pub events: Vec<Event>,
    /// How far it read; `None` if there was nothing.
    pub end: Option<Position>,
    /// Whether there was more than fits.
    pub full: bool,
}

/// Which events a moment already knew of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moment {
    /// SQLite: all up to a key.
    Key(i64),
    /// PostgreSQL: all of transactions that had ended.
    Snapshot {
        /// All below had ended.
        oldest: i64,
        /// None from here on had begun.
        next: i64,
        /// Those between that still ran.
        running: Vec<i64>,
    },
}

impl Moment {
    /// Whether the event was there already.
    pub fn knew(&self, of: Position) -> bool {
        match self {
            Moment::Key(newest) => of.pk <= *newest,
            Moment::Snapshot {
                oldest,
                next,
                running,
            } => {
                let number = of.transaction;
                number < *oldest || (number < *next && !running.contains(&number))
            }
        }
    }

    /// A snapshot as PostgreSQL writes it: `oldest:next:running,…`.
    fn parse(text: &str) -> Option<Moment> {
        let mut parts = text.split(':');
        let (oldest, next) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let running = parts.next().unwrap_or_default().split(',');
        let running = running.filter_map(|n| n.parse().ok()).collect();
        Some(Moment::Snapshot {
            oldest,
            next,
            running,
        })
    }
}

impl Tail {
    /// Finds out what is history in any case.
    pub async fn open(db: &Db) -> Result<Tail> {
        let mut tail = Tail {
            db: db.clone(),
            restored: 0,
        };
        if tail.is_postgres() {
            let sql = "SELECT coalesce(max(pk), 0) FROM audit_events \
                       WHERE transaction_id >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
            let rows = db.rows(sql.to_owned(), Vec::new()).await?;
            tail.restored = rows.first().and_then(|r| r.int(0)).unwrap_or_default();
        }
        Ok(tail)
    }

    /// The database behind it.
    pub fn db(&self) -> &Db {
        &self.db
    }

    fn is_postgres(&self) -> bool {
        self.db.dialect() == Dialect::Postgres
    }

    /// The condition under which the place of `e` is final.
    fn settled(&self) -> String {
        match self.is_postgres() {
            true => format!("e.pk > {} AND e.transaction_id < {OLDEST}", self.restored),
            false => "TRUE".to_owned(),
        }
    }

    /// Where the events end now.
    pub async fn end(&self) -> Result<Position> {
        let sql = format!(
            "SELECT e.transaction_id, e.pk FROM audit_events e WHERE {} \
             ORDER BY e.transaction_id DESC, e.pk DESC LIMIT 1",
            self.settled()
        );
        let rows = self.db.rows(sql, Vec::new()).await?;
        Ok(rows.first().map(position).unwrap_or_default())
    }

    /// Which events are there now, also those whose place is not final.
    pub async fn now(&self) -> Result<Moment> {
        let sql = match self.is_postgres() {
            true => "SELECT pg_current_snapshot()::text",
            false => "SELECT coalesce(max(pk), 0) FROM audit_events",
        };
        let rows = self.db.rows(sql.to_owned(), Vec::new()).await?;
        let row = rows.first();
        let moment = match self.is_postgres() {
            true => row.and_then(|r| Moment::parse(r.text(0)?)),
            false => row.and_then(|r| r.int(0)).map(Moment::Key),
        };
        moment.ok_or_else(|| crate::error::Error::internal("the database does not say what it has"))
    }

    /// Whether the event of that place is there and final.
    pub async fn has(&self, at: Position) -> Result<bool> {
        let sql = format!(
            "SELECT e.pk FROM audit_events e WHERE e.transaction_id = $1 AND e.pk = $2 AND {}",
            self.settled()
        );
        let args = vec![Arg::Int(at.transaction), Arg::Int(at.pk)];
        Ok(!self.db.rows(sql, args).await?.is_empty())
    }

    /// Whether there are rows whose place is not final yet.
    pub async fn waits(&self) -> Result<bool> {
        if !self.is_postgres() {
            return Ok(false);
        }
        let sql = format!(
            "SELECT e.pk FROM audit_events e WHERE e.transaction_id >= {OLDEST} AND e.pk > {} LIMIT 1",
            self.restored
        );
        Ok(!self.db.rows(sql, Vec::new()).await?.is_empty())
    }

    /// The events after a place, of all resources.
    pub async fn after(&self, place: Position) -> Result<Batch> {
        self.read(place, None).await
    }

    /// The events of one resource after a place and up to another.
    pub async fn between(&self, place: Position, to: Position, resource: &str) -> Result<Batch> {
        self.read(place, Some((to, resource))).await
    }

    async fn read(&self, place: Position, only: Option<(Position, &str)>) -> Result<Batch> {
        let mut args = vec![Arg::Int(place.transaction), Arg::Int(place.pk)];
        let mut wanted = String::new();
        if let Some((to, resource)) = only {
            args.extend([Arg::Int(to.transaction), Arg::Int(to.pk)]);
            args.push(Arg::Text(resource.to_owned()));
            wanted.push_str(" AND (e.transaction_id, e.pk) <= ($3, $4) AND e.resource = $5");
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM audit_events e LEFT JOIN workspaces w ON w.id = e.workspace_id \
             WHERE (e.transaction_id, e.pk) > ($1, $2) AND {}{wanted} \
             ORDER BY e.transaction_id, e.pk LIMIT {BATCH}",
            self.settled()
        );
        let rows = self.db.rows(sql, args).await?;
        Ok(Batch {
            end: rows.last().map(position),
            full: rows.len() == BATCH,
            events: rows.iter().filter_map(Event::read).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_knows_what_had_ended() {
        let moment = Moment::parse("10:20:10,15").expect("a snapshot");
        let at = |transaction| Position { transaction, pk: 1 };
        let known: Vec<i64> = (8..22).filter(|n| moment.knew(at(*n))).collect();
        assert_eq!(known, [8, 9, 11, 12, 13, 14, 16, 17, 18, 19]);
        let quiet = Moment::parse("7:7:").expect("a snapshot");
        assert!(quiet.knew(at(6)) && !quiet.knew(at(7)));
        assert_eq!(Moment::parse("7"), None);
    }
}
