//! Where an event stands among all events.

use crate::db::{Arg, Storage};
use crate::query::cursor::{Binding, Sealer};

/// What cursors of events belong to.
const NAME: &str = "events";

/// The place of an event: the number of its transaction, then its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Position {
    /// The number of the transaction; 0 on SQLite.
    pub transaction: i64,
    /// The key of the row.
    pub pk: i64,
}

impl Position {
    /// The cursor that a client comes back with.
    pub fn seal(self, sealer: &Sealer) -> String {
        let keys = [self.transaction, self.pk].map(|n| Some(Arg::Int(n)));
        sealer.seal(&Binding::named(NAME), &keys)
    }

    /// The place that a cursor names; `None` if it is none of an event.
    pub fn open(sealer: &Sealer, cursor: &str) -> Option<Position> {
        let keys = sealer.open_keys(&Binding::named(NAME), &[Storage::BigInt; 2], cursor)?;
        match keys.as_slice() {
            [Some(Arg::Int(transaction)), Some(Arg::Int(pk))] => Some(Position {
                transaction: *transaction,
                pk: *pk,
            }),
            _ => None,
        }
    }
}
