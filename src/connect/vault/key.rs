//! Keys: how they are written, made and called.

use crate::error::{Error, Result};
use aes_gcm::{Aes256Gcm, KeyInit};
use base64::{Engine, prelude::BASE64_STANDARD};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Bytes of a key.
const LENGTH: usize = 32;
/// Bytes that 44 characters of base64 may stand for.
const ROOM: usize = 36;

/// What a key is called: the first four bytes of its SHA-256, which say nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id(pub [u8; 4]);

impl Id {
    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Id> {
        let number = u32::from_str_radix(text, 16).ok()?;
        (text.len() == 8).then_some(Id(number.to_be_bytes()))
    }
}

impl fmt::Display for Id {
    /// Eight hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// A key of the vault, ready to use. Its memory is wiped when it is dropped; nothing shows it.
pub struct Key {
    pub(super) id: Id,
    pub(super) cipher: Box<Aes256Gcm>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Reads a key: base64 of 32 bytes. The issue does not quote the text.
    pub fn parse(text: &str) -> std::result::Result<Key, String> {
        let mut bytes = Zeroizing::new([0; ROOM]);
        match BASE64_STANDARD.decode_slice(text, &mut bytes[..]) {
            Ok(LENGTH) => Ok(Key::new(&bytes[..LENGTH])),
            _ => Err("must be base64 of 32 bytes, as `connectory keys generate` prints".into()),
        }
    }

    /// Reads keys, the current one first.
    pub fn list<'a>(texts: impl Iterator<Item = &'a str>) -> std::result::Result<Vec<Key>, String> {
        let mut keys: Vec<Key> = Vec::new();
        for (number, text) in (1..).zip(texts) {
            let key =
                Key::parse(text).map_err(|issue| format!("has a key {number} that {issue}"))?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(format!("has the key `{}` twice", key.id));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    fn new(bytes: &[u8]) -> Key {
        let digest = Sha256::digest(bytes);
        Key {
            id: Id([digest[0], digest[1], digest[2], digest[3]]),
            cipher: Box::new(Aes256Gcm::new(bytes.into())),
        }
    }

    /// A fresh key as it is written in settings and key files.
    pub fn generate() -> Result<Zeroizing<String>> {
        // Filled where they lie: a returned array would leave copies.
        let mut bytes = Zeroizing::new([0; LENGTH]);
        OsRng
            .try_fill_bytes(&mut bytes[..])
            .map_err(Error::internal)?;
        Ok(Zeroizing::new(BASE64_STANDARD.encode(&bytes[..])))
    }

    /// What the key is called: the first 8 hexadecimal digits of its SHA-256.
    pub fn id(&self) -> String {
        self.id.to_string()
    }
}

/// Where the keys of a vault come from.
#[derive(Debug)]
pub enum Keys {
    /// Settings: they are what they are until the process ends.
    Listed(Vec<Key>),
    /// A file, which may change while the process runs.
    File {
        /// Its path.
        path: PathBuf,
        /// Whether a file that is missing is made on the first need.
        made: bool,
    },
}

impl Keys {
    /// A key file, one key a line.
    pub fn file(path: impl Into<PathBuf>, made: bool) -> Keys {
        Keys::File {
            path: path.into(),
            made,
        }
    }
}
