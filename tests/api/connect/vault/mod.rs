//! The vault: values that open in their place only, keys nobody else reads, rotation beside
//! servers that write.

mod cli;
mod file;
mod rotate;
mod value;

use connectory::connect::vault::{Key, Keys, Place, Vault};
use std::path::Path;
use uuid::Uuid;

/// The bytes 0 to 31.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// What [`KEY`] is called.
const KEY_ID: &str = "630dcd29";
const ROW: Uuid = Uuid::from_u128(0x0192_f0a0_1b2c_7d3e_8f40_5a6b_7c8d_9e0f);
const PLACE: Place<'static> = Place {
    table: "connection_credentials",
    row: ROW,
    field: "access_token",
};
const SECRET: &[u8] = b"a token nobody may see";

/// A vault with listed keys.
fn vault(keys: &[&str]) -> Vault {
    let keys = Key::list(keys.iter().copied()).expect("good keys");
    Vault::new(Keys::Listed(keys)).expect("a vault")
}

/// A vault over a key file that is made if need be.
fn over(path: &Path) -> Vault {
    Vault::new(Keys::file(path, true)).expect("a vault")
}

/// A fresh key as it is written.
fn fresh() -> String {
    Key::generate().expect("randomness").to_string()
}

/// What a key is called.
fn id(key: &str) -> String {
    Key::parse(key).expect("a good key").id()
}

/// The cause of a refusal, which stands in the log alone.
fn refusal<T>(result: connectory::error::Result<T>) -> String {
    let Err(error) = result else {
        panic!("it is not refused");
    };
    error.private().unwrap_or_else(|| error.message())
}
