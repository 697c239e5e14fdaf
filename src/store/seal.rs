//! Signed addresses: a token that lets whoever holds it do one thing with one row until a moment.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Stands before everything signed, so that the key can never be made to sign anything else.
const CONTEXT: &[u8] = b"connectory media token, version 1\0";
/// Bytes of the moment of expiry.
const MOMENT: usize = 8;
/// Bytes of a token: the moment and the whole of an HMAC-SHA256.
const LENGTH: usize = MOMENT + 32;

/// What a token is good for; a token for one is none for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Fetching the file of a row.
    Show,
    /// Sending the file of a row. That it is sent once only is for the row to know.
    Upload,
    /// Connecting an installation in a browser.
    Connect,
    /// Sending the form of a page, from the browser that was shown it.
    Form,
}

/// Why a token does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It was not made here for this purpose and row.
    Forged,
    /// Its time is over.
    Expired,
}

/// What signs and checks tokens, with the key that all servers over one database share.
#[derive(Clone)]
pub struct Seal(Hmac<Sha256>);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

impl Seal {
    /// With a key.
    pub fn new(key: &[u8; 32]) -> Seal {
        // HMAC is defined over keys of every length; one of 32 bytes cannot be refused.
        Seal(Hmac::new_from_slice(key).expect("a key of 32 bytes"))
    }

    /// A token. `subject` is what it is about, whole: the row, and for an upload whatever else
    /// was agreed.
    pub fn sign(&self, purpose: Purpose, subject: &str, expires_at: DateTime<Utc>) -> String {
        let moment = expires_at.timestamp().to_be_bytes();
        let tag = self.mac(purpose, subject, moment).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([&moment[..], &tag[..]].concat())
    }

    /// Until when a token is good.
    pub fn check(
        &self,
        purpose: Purpose,
        subject: &str,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, Refusal> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| Refusal::Forged)?;
        let (moment, tag) = match bytes.split_first_chunk::<MOMENT>() {
            Some((moment, tag)) if bytes.len() == LENGTH => (*moment, tag),
            _ => return Err(Refusal::Forged),
        };
        self.mac(purpose, subject, moment)
            .verify_slice(tag)
            .map_err(|_| Refusal::Forged)?;
        let expires_at = DateTime::from_timestamp(i64::from_be_bytes(moment), 0);
        match expires_at {
            Some(expires_at) if now < expires_at => Ok(expires_at),
            _ => Err(Refusal::Expired),
        }
    }

    /// What is signed. Purpose and moment have fixed lengths, so no two triples read the same.
    fn mac(&self, purpose: Purpose, subject: &str, moment: [u8; MOMENT]) -> Hmac<Sha256> {
        let purpose = match purpose {
            Purpose::Show => b's',
            Purpose::Upload => b'u',
            Purpose::Connect => b'c',
            Purpose::Form => b'f',
        };
        self.0
            .clone()
            .chain_update(CONTEXT)
            .chain_update([purpose])
            .chain_update(moment)
            .chain_update(subject)
    }
}
