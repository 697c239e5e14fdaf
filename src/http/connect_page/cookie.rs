//! The cookie by which a browser that began a login is known again, and the proof that a form
//! comes from a page that this browser was shown.

use crate::app::App;
use crate::error::Result;
use crate::secret::Secret;
use crate::service::setting;
use crate::store::{Purpose, Seal};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use poem::Request;
use poem::http::header::COOKIE;
use sha2::{Digest, Sha256};

/// Bytes that a browser holds.
const BYTES: usize = 32;

/// Seconds that a browser keeps them: a link and a login that was begun at its end.
const LIFE: u32 = 2_700;

/// The name. With the prefix, browsers take it from this very host over HTTPS only.
fn name(app: &App) -> &'static str {
    match is_secure(app) {
        true => "__Host-connectory",
        false => "connectory",
    }
}

fn is_secure(app: &App) -> bool {
    app.connect.settings().public_url.scheme() == "https"
}

/// What the browser holds, if it was given something here.
pub fn held(app: &App, request: &Request) -> Option<Secret> {
    let cookies = request.headers().get_all(COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name(app))?;
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(value).ok()?;
    (bytes.len() == BYTES).then(|| Secret::new(value))
}

/// What the browser holds from now on, if it holds nothing yet. What it holds stays, as logins in
/// other windows were begun with it.
pub fn held_or_new(app: &App, request: &Request) -> Result<Secret> {
    match held(app, request) {
        Some(held) => Ok(held),
        None => Ok(Secret::new(
            BASE64_URL_SAFE_NO_PAD.encode(setting::random::<BYTES>()?),
        )),
    }
}

/// The header that gives it to the browser. `Lax` sends it along when the authorization server sends
/// the browser back, and not with what other sites post.
pub fn set(app: &App, held: &Secret) -> String {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    format!(
        "{}={}; Path=/; Max-Age={LIFE}; HttpOnly; SameSite=Lax{secure}",
        name(app),
        held.reveal()
    )
}

/// What a form carries to show that this browser was shown it behind that link.
pub fn proof(seal: &Seal, held: &Secret, link: &str, until: DateTime<Utc>) -> String {
    seal.sign(Purpose::Form, &subject(held, link), until)
}

/// Whether a form comes from a page that this browser was shown behind that link.
pub fn is_proven(seal: &Seal, held: &Secret, link: &str, proof: &str) -> bool {
    let subject = subject(held, link);
    seal.check(Purpose::Form, &subject, proof, Utc::now())
        .is_ok()
}

fn subject(held: &Secret, link: &str) -> String {
    format!("{:x}{link}", Sha256::digest(held.reveal()))
}
