//! The name of a stored file: its SHA-256 and its format, in folders that stay small.

use super::Format;
use sha2::{Digest, Sha256};
use std::fmt;

/// Where a file lies: `ab/cd/<sha256>.<extension>`, the folders being the first digits of the
/// hash. Nothing else is a key, so no column can point outside the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    sha256: String,
    format: Format,
}

impl Key {
    /// The key of bytes.
    pub fn of(bytes: &[u8], format: Format) -> Key {
        Key {
            sha256: format!("{:x}", Sha256::digest(bytes)),
            format,
        }
    }

    /// Reads a key as it was written; `None` for any other text.
    pub fn parse(path: &str) -> Option<Key> {
        let (folders, file) = path.rsplit_once('/')?;
        let (sha256, extension) = file.split_once('.')?;
        let hexadecimal = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if sha256.len() != 64 || !sha256.bytes().all(hexadecimal) {
            return None;
        }
        let key = Key {
            sha256: sha256.to_owned(),
            format: Format::of_extension(extension)?,
        };
        // One text for one file: folders that do not belong to the hash are no key.
        (key.to_string() == format!("{folders}/{file}")).then_some(key)
    }

    /// The hash, 64 hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The format.
    pub fn format(&self) -> Format {
        self.format
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (outer, inner) = (&self.sha256[..2], &self.sha256[2..4]);
        let extension = self.format.extension();
        write!(f, "{outer}/{inner}/{}.{extension}", self.sha256)
    }
}
