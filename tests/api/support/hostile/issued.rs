//! What the authorization server of the hostile peer has given out, and to whom.

use super::{Hostile, Request};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What was given out.
#[derive(Default)]
pub(super) struct Issued {
    number: u64,
    /// Secret by client; `None` for a public one.
    clients: BTreeMap<String, Option<String>>,
    /// The parameters of the authorization request by code.
    codes: BTreeMap<String, BTreeMap<String, String>>,
    /// Family by access token.
    pub access: BTreeMap<String, u64>,
    /// Family by refresh token, and whether it was used.
    refresh: BTreeMap<String, (u64, bool)>,
}

impl Issued {
    /// A new text that nobody can guess, and that says what it is.
    pub fn next(&mut self, what: &str) -> String {
        self.number += 1;
        format!(
            "{what}-{:04}-{}",
            self.number,
            uuid::Uuid::new_v4().simple()
        )
    }

    /// A new family: what comes of one consent.
    pub fn family(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// A new access token of a family.
    pub fn access(&mut self, family: u64) -> String {
        let token = self.next("access");
        self.access.insert(token.clone(), family);
        token
    }

    /// Whether a token is good now.
    pub fn knows(&self, token: &str) -> bool {
        let fresh = self.refresh.get(token).is_some_and(|(_, used)| !used);
        fresh || self.access.contains_key(token)
    }

    /// A new code, for the parameters of an authorization request.
    pub fn code(&mut self, asked: BTreeMap<String, String>) -> String {
        let code = self.next("code");
        self.codes.insert(code.clone(), asked);
        code
    }

    /// Remembers a client.
    pub fn add_client(&mut self, id: String, secret: Option<String>) {
        self.clients.insert(id, secret);
    }

    /// A token dies; what a refresh token gave goes with it.
    pub fn revoke(&mut self, token: &str) {
        self.access.remove(token);
        if let Some((family, _)) = self.refresh.get(token).copied() {
            self.kill(family);
        }
    }

    fn kill(&mut self, family: u64) {
        self.access.retain(|_, f| *f != family);
        self.refresh.retain(|_, (f, _)| *f != family);
    }
}

/// The client that a request is from: its id, if it proves it.
pub(super) fn client(issued: &Issued, request: &Request) -> Result<String, &'static str> {
    let form = request.form();
    let basic = request.header("authorization");
    let basic = basic.and_then(|a| STANDARD.decode(a.strip_prefix("Basic ")?).ok());
    let basic = basic.and_then(|pair| String::from_utf8(pair).ok());
    let (id, secret) = match basic.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, secret)) => (id.to_owned(), Some(secret.to_owned())),
        None => {
            let id = form.get("client_id").ok_or("invalid_client")?;
            (id.clone(), form.get("client_secret").cloned())
        }
    };
    match issued.clients.get(&id) {
        // One that was made beforehand is whatever it says.
        None => Ok(id),
        Some(known) if *known == secret => Ok(id),
        Some(_) => Err("invalid_client"),
    }
}

/// What the token endpoint gives, or the error it answers with.
pub(super) fn grant(
    issued: &mut Issued,
    manner: &Hostile,
    request: &Request,
) -> Result<Json, &'static str> {
    let form = request.form();
    let text = |name: &str| form.get(name).map_or("", String::as_str);
    let client = client(issued, request)?;
    let family = match text("grant_type") {
        "authorization_code" => {
            // Good for one use, whatever comes of it.
            let asked = issued.codes.remove(text("code")).ok_or("invalid_grant")?;
            let same = |name: &str| asked.get(name).is_some_and(|v| v == text(name));
            if !same("redirect_uri") || asked.get("client_id") != Some(&client) {
                return Err("invalid_grant");
            }
            let proof = URL_SAFE_NO_PAD.encode(Sha256::digest(text("code_verifier")));
            if manner.pkce && asked.get("code_challenge") != Some(&proof) {
                return Err("invalid_grant");
            }
            issued.family()
        }
        "refresh_token" => return refresh(issued, manner, text("refresh_token")),
        "client_credentials" => {
            let family = issued.family();
            return Ok(tokens(issued, manner, family, None));
        }
        _ => return Err("unsupported_grant_type"),
    };
    let refresh = manner.refreshes.then(|| issued.next("refresh"));
    Ok(tokens(issued, manner, family, refresh))
}

fn refresh(issued: &mut Issued, manner: &Hostile, token: &str) -> Result<Json, &'static str> {
    let (family, used) = *issued.refresh.get(token).ok_or("invalid_grant")?;
    if !manner.rotation {
        return Ok(tokens(issued, manner, family, None));
    }
    if used {
        issued.kill(family);
        return Err("invalid_grant");
    }
    issued.refresh.insert(token.to_owned(), (family, true));
    let refresh = issued.next("refresh");
    Ok(tokens(issued, manner, family, Some(refresh)))
}

fn tokens(issued: &mut Issued, manner: &Hostile, family: u64, refresh: Option<String>) -> Json {
    let mut answer = json!({"access_token": issued.access(family), "token_type": "Bearer"});
    if let Some(seconds) = manner.expires_in {
        answer["expires_in"] = json!(seconds);
    }
    if let Some(token) = refresh {
        answer["refresh_token"] = json!(token);
        issued.refresh.insert(token, (family, false));
    }
    answer
}
