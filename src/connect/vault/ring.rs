//! The keys a process holds, and how it notices that its key file changed: a process that runs for
//! months takes part in a rotation without a restart.

use super::file::{self, Stamp};
use super::key::{Id, Key, Keys};
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

/// How long sealing goes by what the key file held before.
pub(super) const FRESH: Duration = Duration::from_secs(1);

/// A key file.
pub(super) struct Source {
    pub path: PathBuf,
    made: bool,
}

/// Keys, the current one first.
pub(super) struct Ring {
    source: Option<Source>,
    held: RwLock<Held>,
}

struct Held {
    keys: Vec<Arc<Key>>,
    /// The file as it was read.
    stamp: Option<Stamp>,
    looked: Instant,
}

impl Ring {
    /// Reads the keys, where there are some already.
    pub fn new(keys: Keys) -> Result<Ring> {
        let (source, keys, stamp) = match keys {
            Keys::Listed(keys) => (None, keys, None),
            Keys::File { path, made } => match file::read(&path)? {
                Some((keys, stamp)) => (Some(Source { path, made }), keys, Some(stamp)),
                None if made => (Some(Source { path, made }), Vec::new(), None),
                None => return Err(file::missing(&path)),
            },
        };
        let held = RwLock::new(Held {
            keys: keys.into_iter().map(Arc::new).collect(),
            stamp,
            looked: Instant::now(),
        });
        Ok(Ring { source, held })
    }

    /// The key that seals.
    pub fn current(&self) -> Result<Arc<Key>> {
        let known = {
            let held = self.held();
            let fresh = self.source.is_none() || held.looked.elapsed() < FRESH;
            held.keys.first().filter(|_| fresh).cloned()
        };
        match (known, &self.source) {
            (Some(key), _) => Ok(key),
            (None, Some(source)) => self.sought(source),
            (None, None) => Err(Error::internal("the vault has no key")),
        }
    }

    /// The key that seals, after a look at the file, which is made where that is allowed.
    fn sought(&self, source: &Source) -> Result<Arc<Key>> {
        self.look();
        if let Some(key) = self.held().keys.first() {
            return Ok(key.clone());
        }
        // What a client sent is not to blame, so the refusal of a file becomes a fault of ours.
        let fault = |error: Error| Error::internal(error.to_string());
        if !source.made {
            return Err(fault(file::missing(&source.path)));
        }
        if file::make(&source.path).map_err(fault)? {
            let path = source.path.display();
            tracing::info!(%path, "made a key for the secrets of connections; keep a copy of it");
        }
        self.load().map_err(fault)?;
        let key = self.held().keys.first().cloned();
        key.ok_or_else(|| fault(file::missing(&source.path)))
    }

    /// The key of that name, after a second look at the file if need be.
    pub fn find(&self, id: Id) -> Option<Arc<Key>> {
        let find = || self.held().keys.iter().find(|key| key.id == id).cloned();
        find().or_else(|| {
            self.source.as_ref()?;
            self.look();
            find()
        })
    }

    /// What the keys are called, the current one first.
    pub fn ids(&self) -> Vec<String> {
        self.held().keys.iter().map(|key| key.id()).collect()
    }

    /// The setting the keys come from.
    pub fn setting(&self) -> &'static str {
        match self.source {
            Some(_) => file::SETTING,
            None => "encryption_keys",
        }
    }

    /// The key file.
    pub fn file(&self) -> Option<&Path> {
        self.source.as_ref().map(|source| source.path.as_path())
    }

    /// Reads the file again if it changed. One that cannot be used is said in the log, and the
    /// keys that are held go on working: a slip of an operator must not stop the server.
    fn look(&self) {
        let Some(source) = &self.source else {
            return;
        };
        let seen = file::stamp(&source.path);
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.looked = Instant::now();
        if seen.is_none() || held.stamp == seen {
            return;
        }
        match file::read(&source.path) {
            Ok(Some((keys, stamp))) => {
                held.keys = keys.into_iter().map(Arc::new).collect();
                held.stamp = Some(stamp);
            }
            Ok(None) => {}
            Err(error) => {
                // Said once for each change, not once a second.
                held.stamp = seen;
                tracing::error!(%error, "the changed key file is not used");
            }
        }
    }

    /// Reads the file now, changed or not.
    pub fn load(&self) -> Result<()> {
        let Some(source) = &self.source else {
            return Ok(());
        };
        let (keys, stamp) = file::read(&source.path)?.ok_or_else(|| file::missing(&source.path))?;
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.keys = keys.into_iter().map(Arc::new).collect();
        held.stamp = Some(stamp);
        held.looked = Instant::now();
        Ok(())
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        // Every change of what is held is one assignment, so a panic leaves nothing half done.
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }
}
