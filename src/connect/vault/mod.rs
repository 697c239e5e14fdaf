//! The vault: secrets of connections, encrypted where they lie. It knows keys, places and bytes; it
//! knows no transport, no face and not what a secret is good for.
//!
//! Every value is sealed alone with AES-256-GCM under a random nonce. What binds it (version, key,
//! table, row and field) is associated data, so a value that was copied into another row or field
//! does not open there. A sealed value says itself which key it needs: the first key seals, all
//! open, and [`rotate`] moves values to the first key while servers write.
//!
//! ```text
//! version (1 byte) · key id (4 bytes) · nonce (12 bytes) · ciphertext · tag (16 bytes)
//! ```
//!
//! Random nonces of 96 bits are good for 2^32 values under one key (NIST SP 800-38D, section 8.3).

mod file;
mod key;
mod ring;
pub mod rotate;
mod sealed;

pub use key::{Key, Keys};

use crate::config::Config;
use crate::error::{Error, Result};
use key::Id;
use ring::Ring;
use sealed::Header;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Where a value lies: bound into the ciphertext as associated data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row, by its public identifier.
    pub row: Uuid,
    /// The field; where a row has one value only, its column.
    pub field: &'a str,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { table, row, field } = self;
        write!(f, "the value `{field}` of row {row} of `{table}`")
    }
}

/// Seals and opens values. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Ring>);

impl fmt::Debug for Vault {
    /// Keys are not shown, not even by their number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// With keys. A key file that is there is read now, and refused if it is malformed or others
    /// may read it; one that is not there is made on the first need, or refused.
    pub fn new(keys: Keys) -> Result<Vault> {
        Ok(Vault(Arc::new(Ring::new(keys)?)))
    }

    /// With the keys of the settings.
    pub fn from_config(config: &Config) -> Result<Vault> {
        Vault::new(config.keys()?)
    }

    /// Encrypts a value for its place: version, key id, nonce, ciphertext and tag.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
        sealed::seal(&*self.0.current()?, place, plain)
    }

    /// Decrypts a value that was sealed for this place. Whatever is wrong with it is a fault of
    /// ours, told by row and field and never by value.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let refused = |why: &str| Error::internal(format!("{place} cannot be opened: {why}"));
        let header = Header::read(sealed).ok_or_else(|| refused("it is no sealed value"))?;
        let Some(key) = self.0.find(header.key) else {
            let id = header.key;
            return Err(refused(&format!("there is no key `{id}`")));
        };
        sealed::open(&key, place, sealed)
            .ok_or_else(|| refused("it was changed, or sealed for another place"))
    }

    /// The identifier of the key that seals now; empty while a key file is still to be made. To
    /// label a sealed value use [`Vault::key_id_of`]: the key may change in between.
    pub fn current_key_id(&self) -> String {
        self.0.ids().first().cloned().unwrap_or_default()
    }

    /// The identifiers of all keys, the current one first.
    pub fn key_ids(&self) -> Vec<String> {
        self.0.ids()
    }

    /// Whether it has the key of that name. A key file is looked at again before the answer is no:
    /// it may have got the key since.
    pub fn has(&self, id: &str) -> bool {
        Id::parse(id).is_some_and(|id| self.0.find(id).is_some())
    }

    /// The identifier of the key that a value was sealed with; `None` if it is no sealed value.
    pub fn key_id_of(sealed: &[u8]) -> Option<String> {
        Header::read(sealed).map(|header| header.key.to_string())
    }

    /// Puts a fresh key before the others in the key file. `None` where the keys are settings: those
    /// are for the operator to change.
    pub fn renew(&self) -> Result<Option<String>> {
        let Some(path) = self.0.file() else {
            return Ok(None);
        };
        file::add(path)?;
        self.0.load()?;
        Ok(self.key_ids().into_iter().next())
    }

    /// Drops keys from the key file. What is sealed under them is lost.
    pub fn forget(&self, ids: &[String]) -> Result<()> {
        match self.0.file() {
            Some(path) if !ids.is_empty() => {
                file::remove(path, ids)?;
                self.0.load()
            }
            _ => Ok(()),
        }
    }

    /// The key file; `None` where the keys are settings.
    pub fn file(&self) -> Option<&Path> {
        self.0.file()
    }

    /// The setting that its keys come from, for sentences about them.
    pub fn setting(&self) -> &'static str {
        self.0.setting()
    }
}
