//! How much one holder has at once in this process: what one token follows over all its
//! connections, how many calls of one connection pass through.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

type Counts = HashMap<Uuid, usize>;

/// Counts what holders have.
#[derive(Clone)]
pub struct Quota {
    counts: Arc<Mutex<Counts>>,
    most: usize,
}

/// Leave to have one thing, until it is dropped.
pub struct Permit {
    quota: Quota,
    holder: Uuid,
}

impl Quota {
    /// A count with a limit for each holder.
    pub fn new(most: usize) -> Self {
        Quota {
            counts: Arc::default(),
            most,
        }
    }

    /// The limit.
    pub fn most(&self) -> usize {
        self.most
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // The numbers are whole whatever thread stopped while holding them.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leave for one more; `None` if the holder has as much as it may.
    pub fn take(&self, holder: Uuid) -> Option<Permit> {
        let mut counts = self.counts();
        let count = counts.entry(holder).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Permit {
            quota: self.clone(),
            holder,
        })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut counts = self.quota.counts();
        match counts.get_mut(&self.holder) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                counts.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_gets_so_many_and_what_it_gives_back() {
        let quota = Quota::new(2);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let first = quota.take(one);
        let second = quota.take(one);
        assert!(first.is_some() && second.is_some() && quota.take(one).is_none());
        assert!(quota.take(other).is_some(), "another has its own");
        drop(first);
        let third = quota.take(one);
        assert!(third.is_some() && quota.take(one).is_none());
        drop((second, third));
        assert!(quota.counts().is_empty(), "nothing is kept of who left");
    }
}
