//! The authorization server of the hostile peer.

use super::issued::{client, grant};
use super::{Hostile, Reply, Request, State, merge};
use serde_json::{Value as Json, json};
use url::Url;

/// Where the metadata of the authorization server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// RFC 8414: `/.well-known/oauth-authorization-server` and the path of the issuer.
    OAuth,
    /// `/.well-known/openid-configuration` and the path of the issuer.
    OidcInserted,
    /// The path of the issuer and `/.well-known/openid-configuration`.
    OidcAppended,
}

/// Dynamic registration.
#[derive(Clone, Debug)]
pub enum Registration {
    /// As it should be.
    On,
    /// There is no endpoint.
    Off,
    /// There is one that answers with this status and error.
    Failing(u16, &'static str),
    /// The answer is changed by a merge patch, such as `client_secret_expires_at`.
    Patched(Json),
}

/// What happens to a browser at the authorization endpoint.
#[derive(Clone, Debug)]
pub enum Authorize {
    /// It is sent back with a code at once.
    Grant,
    /// It is sent back with an error.
    Error(&'static str),
    /// It sees a page and is not sent back.
    Page,
}

/// The `iss` of the authorization response.
#[derive(Clone, Debug)]
pub enum Iss {
    /// The issuer, and the metadata promises it.
    Right,
    /// Left out, and not promised.
    Absent,
    /// Left out, although it was promised.
    Forgotten,
    /// That of another.
    Other(String),
}

/// How the token endpoint answers.
#[derive(Clone, Debug)]
pub enum Token {
    /// As it should.
    Right,
    /// With a success that is changed by a merge patch, such as `token_type`.
    Patched(Json),
    /// 400 with this error.
    Error(&'static str),
    /// A status and a text.
    Status(u16, &'static str),
    /// 200 and a web page.
    Html,
    /// 200, said to be JSON, and not.
    Garbage,
    /// No answer.
    Silence,
    /// Refreshing gives what it should, but the answer is lost: the connection is closed.
    Lost,
}

/// The revocation endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// As it should be.
    On,
    /// There is none.
    Off,
    /// 503.
    Failing,
    /// No answer.
    Silence,
}

/// The answer at any path that is not the MCP server's.
pub(super) fn answer(state: &State, manner: &Hostile, request: &Request) -> Reply {
    let path = &*request.path;
    let wanted = match manner.discovery {
        Discovery::OAuth => {
            format!(
                "/.well-known/oauth-authorization-server{}",
                manner.issuer_path
            )
        }
        Discovery::OidcInserted => {
            format!("/.well-known/openid-configuration{}", manner.issuer_path)
        }
        Discovery::OidcAppended => {
            format!("{}/.well-known/openid-configuration", manner.issuer_path)
        }
    };
    if path == wanted {
        return manner.server.reply(metadata(state, manner));
    }
    match path.strip_prefix(manner.issuer_path) {
        Some("/authorize") => authorize(state, manner, request),
        Some("/token") => token(state, manner, request),
        Some("/register") => register(state, manner, request),
        Some("/revoke") => revoke(state, manner, request),
        _ => Reply::of(404, "text/plain", "not found"),
    }
}

fn metadata(state: &State, manner: &Hostile) -> Json {
    let issuer = format!("{}{}", state.origin, manner.issuer_path);
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "token_endpoint_auth_methods_supported":
            ["none", "client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": !matches!(manner.iss, Iss::Absent),
    });
    if matches!(manner.registration, Registration::Off) {
        merge(&mut document, &json!({"registration_endpoint": null}));
    }
    if manner.revocation == Revocation::Off {
        merge(&mut document, &json!({"revocation_endpoint": null}));
    }
    document
}

fn refuse(error: &str) -> Reply {
    Reply::json(
        400,
        &json!({"error": error, "error_description": "refused by the peer"}),
    )
}

fn register(state: &State, manner: &Hostile, request: &Request) -> Reply {
    match manner.registration {
        Registration::Off => return Reply::of(404, "text/plain", "not found"),
        Registration::Failing(status, error) => {
            return Reply::json(status, &json!({"error": error}));
        }
        Registration::On | Registration::Patched(_) => {}
    }
    let mut answer = request.json();
    if !answer["redirect_uris"].is_array() {
        return refuse("invalid_redirect_uri");
    }
    let mut issued = state.issued.lock().unwrap();
    let id = issued.next("client");
    answer["client_id"] = json!(id);
    // Left out, it means HTTP Basic.
    if answer["token_endpoint_auth_method"] != "none" {
        answer["client_secret"] = json!(issued.next("secret"));
        answer["client_secret_expires_at"] = json!(0);
    }
    if let Registration::Patched(patch) = &manner.registration {
        merge(&mut answer, patch);
    }
    let secret = answer["client_secret"].as_str().map(str::to_owned);
    issued.add_client(id, secret);
    Reply::json(201, &answer)
}

/// Sends the browser back, without asking anybody.
fn authorize(state: &State, manner: &Hostile, request: &Request) -> Reply {
    let asked = request.parameters();
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    let Ok(mut back) = Url::parse(text("redirect_uri")) else {
        return refuse("invalid_redirect_uri");
    };
    let s256 = text("code_challenge_method") == "S256" && !text("code_challenge").is_empty();
    let mut pairs = vec![("state", text("state").to_owned())];
    match manner.authorize {
        Authorize::Page => return Reply::of(200, "text/html", "<h1>Not today</h1>"),
        Authorize::Error(error) => pairs.push(("error", error.into())),
        Authorize::Grant if manner.pkce && !s256 => {
            pairs.push(("error", "invalid_request".into()));
        }
        Authorize::Grant => {
            let mut issued = state.issued.lock().unwrap();
            pairs.push(("code", issued.code(asked.clone())));
        }
    }
    match &manner.iss {
        Iss::Right => pairs.push(("iss", format!("{}{}", state.origin, manner.issuer_path))),
        Iss::Other(issuer) => pairs.push(("iss", issuer.clone())),
        Iss::Absent | Iss::Forgotten => {}
    }
    back.query_pairs_mut().extend_pairs(pairs);
    Reply::redirect(302, back.as_str())
}

fn token(state: &State, manner: &Hostile, request: &Request) -> Reply {
    if manner.failing > 0 {
        let mut manner = state.manner.lock().unwrap();
        manner.failing = manner.failing.saturating_sub(1);
        return Reply::of(503, "text/plain", "later");
    }
    match &manner.token {
        Token::Error(error) => return refuse(error),
        Token::Status(status, text) => return Reply::of(*status, "text/plain", *text),
        Token::Html => return Reply::of(200, "text/html", "<!doctype html><h1>Welcome</h1>"),
        Token::Garbage => return Reply::of(200, "application/json", "{\"access_token\": "),
        Token::Silence => return Reply::Silence,
        Token::Right | Token::Patched(_) | Token::Lost => {}
    }
    let granted = grant(&mut state.issued.lock().unwrap(), manner, request);
    let mut answer = match granted {
        Ok(answer) => answer,
        Err("invalid_client") => return Reply::json(401, &json!({"error": "invalid_client"})),
        Err(error) => return refuse(error),
    };
    match &manner.token {
        Token::Lost => return Reply::Hangup,
        Token::Patched(patch) => merge(&mut answer, patch),
        _ => {}
    }
    Reply::json(200, &answer).with("cache-control", "no-store")
}

fn revoke(state: &State, manner: &Hostile, request: &Request) -> Reply {
    match manner.revocation {
        Revocation::Failing => return Reply::of(503, "text/plain", "later"),
        Revocation::Silence => return Reply::Silence,
        Revocation::Off => return Reply::of(404, "text/plain", "not found"),
        Revocation::On => {}
    }
    let mut issued = state.issued.lock().unwrap();
    if client(&issued, request).is_err() {
        return Reply::json(401, &json!({"error": "invalid_client"}));
    }
    let form = request.form();
    issued.revoke(form.get("token").map_or("", String::as_str));
    Reply::of(200, "application/json", "")
}
