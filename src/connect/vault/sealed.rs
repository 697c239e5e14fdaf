//! The form of a sealed value, and the one place that encrypts and decrypts.

use super::Place;
use super::key::{Id, Key};
use crate::error::{Error, Result};
use crate::service::setting::random;
use aes_gcm::{AeadInPlace, Nonce, Tag};
use zeroize::{Zeroize, Zeroizing};

/// The only version there is.
const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
/// Bytes before the nonce: the version and the key id.
const HEAD: usize = 1 + 4;

/// What every value that a key sealed begins with.
pub(super) fn head(key: Id) -> [u8; HEAD] {
    let Id([a, b, c, d]) = key;
    [VERSION, a, b, c, d]
}

/// The key that such a beginning names; `None` if it is none.
pub(super) fn key_of(head: &[u8]) -> Option<Id> {
    match *head {
        [VERSION, a, b, c, d] => Some(Id([a, b, c, d])),
        _ => None,
    }
}

/// What a sealed value says about itself.
pub(super) struct Header {
    /// The key it needs.
    pub key: Id,
}

impl Header {
    /// Reads it; `None` where it cannot be one.
    pub fn read(sealed: &[u8]) -> Option<Header> {
        let (head, rest) = sealed.split_first_chunk::<HEAD>()?;
        let key = key_of(head)?;
        (rest.len() >= NONCE + TAG).then_some(Header { key })
    }
}

/// Everything a value is bound to. Lengths stand before texts, so no two places read the same.
fn bound(key: Id, place: &Place<'_>) -> Vec<u8> {
    let mut out = vec![VERSION];
    let row = place.row.into_bytes();
    for part in [
        &key.0[..],
        place.table.as_bytes(),
        &row,
        place.field.as_bytes(),
    ] {
        out.extend_from_slice(&(part.len() as u64).to_be_bytes());
        out.extend_from_slice(part);
    }
    out
}

/// Encrypts a value for its place.
pub(super) fn seal(key: &Key, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>> {
    let nonce = random::<NONCE>()?;
    // All of it at once: a buffer that grows would leave the value behind.
    let mut out = Vec::with_capacity(HEAD + NONCE + plain.len() + TAG);
    out.extend_from_slice(&head(key.id));
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let (nonce, bound) = (Nonce::from(nonce), bound(key.id, place));
    let value = &mut out[HEAD + NONCE..];
    match key.cipher.encrypt_in_place_detached(&nonce, &bound, value) {
        Ok(tag) => {
            out.extend_from_slice(&tag);
            Ok(out)
        }
        Err(_) => {
            out.zeroize();
            Err(Error::internal(format!("{place} is too long to be sealed")))
        }
    }
}

/// Decrypts a value; `None` if a bit of it, its place or its key is another.
pub(super) fn open(key: &Key, place: &Place<'_>, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.get(HEAD..)?.split_first_chunk::<NONCE>()?;
    let (value, tag) = rest.split_last_chunk::<TAG>()?;
    let mut plain = Zeroizing::new(value.to_vec());
    let (nonce, tag) = (Nonce::from(*nonce), Tag::from(*tag));
    let bound = bound(key.id, place);
    let opened = key
        .cipher
        .decrypt_in_place_detached(&nonce, &bound, &mut plain, &tag);
    opened.ok().map(|()| plain)
}
