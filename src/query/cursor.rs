//! Cursors: the sort keys of a row, sealed.
//!
//! A cursor is `base64url(version || AES-256-GCM-SIV(keys))`. The resource and the order are
//! associated data, so a cursor opens only for the connection it came from, and a changed byte
//! opens for none. The cipher is the misuse-resistant one because the nonce is fixed: the same
//! row gives the same cursor, which clients compare and caches like. The key belongs to the
//! database (every server process beside it shares it), not to the process.

use super::{Order, Resource};
use crate::db::{Arg, Storage};
use aes_gcm_siv::aead::{Aead, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Key as CipherKey, KeyInit, Nonce};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::DateTime;
use serde_json::Value as Json;
use uuid::Uuid;

/// The first byte of every cursor; another layout gets another number.
const VERSION: u8 = 1;

/// The longest cursor that is looked at, in characters.
const MAX_LENGTH: usize = 64 * 1024;

/// The keys of a row in its order; `None` is null.
pub type Position = Vec<Option<Arg>>;

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Sealer(Aes256GcmSiv);

impl Sealer {
    /// A sealer with a key of 32 bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Sealer(Aes256GcmSiv::new(CipherKey::<Aes256GcmSiv>::from_slice(
            key,
        )))
    }

    /// The cursor of a row.
    pub fn seal(&self, binding: &Binding, position: &[Option<Arg>]) -> String {
        let keys: Vec<Json> = position
            .iter()
            .map(|k| k.as_ref().map_or(Json::Null, write))
            .collect();
        let plain = serde_json::to_vec(&keys).unwrap_or_default();
        let payload = Payload {
            msg: &plain,
            aad: &binding.0,
        };
        let mut bytes = vec![VERSION];
        // Sealing fails only for messages of many gigabytes.
        bytes.extend(
            self.0
                .encrypt(&Nonce::default(), payload)
                .unwrap_or_default(),
        );
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The keys in a cursor; `None` if it is not one of this resource and order.
    pub fn open(&self, binding: &Binding, order: &Order, cursor: &str) -> Option<Position> {
        let keys: Vec<Storage> = order.keys.iter().map(super::Key::storage).collect();
        self.open_keys(binding, &keys, cursor)
    }

    /// As [`Sealer::open`], for keys that are held so.
    pub fn open_keys(
        &self,
        binding: &Binding,
        storages: &[Storage],
        cursor: &str,
    ) -> Option<Position> {
        if cursor.len() > MAX_LENGTH {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (version, sealed) = bytes.split_first()?;
        if *version != VERSION {
            return None;
        }
        let payload = Payload {
            msg: sealed,
            aad: &binding.0,
        };
        let plain = self.0.decrypt(&Nonce::default(), payload).ok()?;
        let keys: Vec<Json> = serde_json::from_slice(&plain).ok()?;
        if keys.len() != storages.len() {
            return None;
        }
        let key = |(storage, json): (&Storage, Json)| read(*storage, &json);
        storages.iter().zip(keys).map(key).collect()
    }
}

/// What a cursor belongs to: layout, resource and order.
pub struct Binding(Vec<u8>);

impl Binding {
    /// The binding of cursors of `resource` in `order`.
    pub fn new(resource: &Resource, order: &Order) -> Self {
        Binding(format!("{VERSION}|{}|{}", resource.name, order.signature()).into_bytes())
    }

    /// The binding of cursors of something that is no resource; no resource has `|` in its name.
    pub fn named(name: &str) -> Self {
        Binding(format!("{VERSION}||{name}").into_bytes())
    }
}

fn write(arg: &Arg) -> Json {
    match arg {
        Arg::Text(text) => text.as_str().into(),
        Arg::Int(number) => (*number).into(),
        Arg::Bool(yes) => (*yes).into(),
        Arg::Uuid(id) => id.to_string().into(),
        Arg::Time(moment) => moment.timestamp_micros().into(),
        Arg::Texts(_) | Arg::Uuids(_) | Arg::Ints(_) | Arg::Times(_) => Json::Null,
    }
}

/// `Some(None)` is a null key, `None` is no key of this storage.
#[expect(clippy::option_option, reason = "null is a value of a key")]
fn read(storage: Storage, json: &Json) -> Option<Option<Arg>> {
    if json.is_null() {
        return Some(None);
    }
    let arg = match storage {
        Storage::Text | Storage::Json => Arg::Text(json.as_str()?.to_owned()),
        Storage::Int | Storage::BigInt => Arg::Int(json.as_i64()?),
        Storage::Bool => Arg::Bool(json.as_bool()?),
        Storage::Uuid => Arg::Uuid(Uuid::parse_str(json.as_str()?).ok()?),
        Storage::Time => Arg::Time(DateTime::from_timestamp_micros(json.as_i64()?)?),
    };
    Some(Some(arg))
}
