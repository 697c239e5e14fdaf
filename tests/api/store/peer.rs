//! A bucket that speaks as much of S3 as the store needs and believes nobody: every request must
//! be signed (Signature Version 4), by header or by address.

use chrono::{Duration, NaiveDateTime, Utc};
use connectory::http::listen;
use hmac::{Hmac, Mac};
use poem::http::{Method, StatusCode, header};
use poem::{Request, Response, Server};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// The credential it knows.
pub const KEY: &str = "AKIATEST";
/// The secret that belongs to it.
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Objects by path, with their content types.
type Objects = Arc<Mutex<BTreeMap<String, (Vec<u8>, String)>>>;

/// A running peer.
pub struct Peer {
    /// Its address.
    pub url: String,
    objects: Objects,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Peer {
    /// Starts it.
    pub async fn start() -> Peer {
        let address = "127.0.0.1:0".parse().expect("an address");
        let (acceptor, address) = listen(address).await.expect("a free port");
        let objects = Objects::default();
        let known = objects.clone();
        let endpoint = poem::endpoint::make(move |request| answer(known.clone(), request));
        let server = tokio::spawn(async move {
            let _ = Server::new_with_acceptor(acceptor).run(endpoint).await;
        });
        Peer {
            url: format!("http://{address}"),
            objects,
            server,
        }
    }

    /// What it holds: path and content type.
    pub fn list(&self) -> Vec<(String, String)> {
        let objects = self.objects.lock().expect("nobody panicked");
        objects
            .iter()
            .map(|(p, (_, t))| (p.clone(), t.clone()))
            .collect()
    }
}

async fn answer(objects: Objects, mut request: Request) -> poem::Result<Response> {
    let body = request.take_body().into_vec().await?;
    if let Err(why) = signed(&request, &body) {
        return Ok(failure(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            &why,
        ));
    }
    let path = request.uri().path().to_owned();
    let mut objects = objects.lock().expect("nobody panicked");
    let done = |status: StatusCode| Response::builder().status(status).header("etag", "\"x\"");
    match (request.method(), objects.get(&path)) {
        (&Method::PUT, _) => {
            let content_type = request.content_type().unwrap_or_default().to_owned();
            objects.insert(path, (body, content_type));
            Ok(done(StatusCode::OK).finish())
        }
        (&Method::DELETE, _) => {
            objects.remove(&path);
            Ok(done(StatusCode::NO_CONTENT).finish())
        }
        (&Method::GET | &Method::HEAD, Some((bytes, _))) => Ok(show(&request, bytes)),
        _ => Ok(failure(StatusCode::NOT_FOUND, "NoSuchKey", "no such key")),
    }
}

/// An object, or the part of it that `Range: bytes=a-b` names.
fn show(request: &Request, bytes: &[u8]) -> Response {
    let range = request
        .header("range")
        .and_then(|r| r.strip_prefix("bytes="));
    let bounds = range.and_then(|r| r.split_once('-'));
    let bounds =
        bounds.and_then(|(a, b)| Some((a.parse::<usize>().ok()?, b.parse::<usize>().ok()?)));
    let response = Response::builder()
        .header("etag", "\"x\"")
        .header("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT");
    let (response, part) = match bounds {
        Some((from, to)) => {
            let to = to.min(bytes.len() - 1);
            let sent = format!("bytes {from}-{to}/{}", bytes.len());
            let response = response.status(StatusCode::PARTIAL_CONTENT);
            (
                response.header(header::CONTENT_RANGE, sent),
                &bytes[from..=to],
            )
        }
        None => (response, bytes),
    };
    let response = response.header(header::CONTENT_LENGTH, part.len());
    if request.method() == Method::HEAD {
        response.finish()
    } else {
        response.body(part.to_vec())
    }
}

fn failure(status: StatusCode, code: &str, message: &str) -> Response {
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Response::builder()
        .status(status)
        .content_type("application/xml")
        .body(body)
}

/// What a request says about its signature.
struct Claim {
    credential: String,
    /// The signed headers, joined by semicolons.
    names: String,
    signature: String,
    date: String,
    /// The hash of the body, or the word that it is not signed.
    payload: String,
}

/// A claim in the address, if there is one, which must not have expired.
fn claim_of_address(query: &str) -> Result<Option<Claim>, String> {
    let part = |name: &str| {
        let found = query
            .split('&')
            .find_map(|p| p.strip_prefix(&format!("{name}=")));
        found.map(percent_decoded)
    };
    let Some(signature) = part("X-Amz-Signature") else {
        return Ok(None);
    };
    let part = |name| part(name).ok_or(format!("no {name}"));
    let date = part("X-Amz-Date")?;
    let made = NaiveDateTime::parse_from_str(&date, "%Y%m%dT%H%M%SZ").map_err(|e| e.to_string())?;
    let lasts = part("X-Amz-Expires")?
        .parse()
        .map_err(|_| "X-Amz-Expires is no number")?;
    if made.and_utc() + Duration::seconds(lasts) < Utc::now() {
        return Err("expired".into());
    }
    Ok(Some(Claim {
        credential: part("X-Amz-Credential")?,
        names: part("X-Amz-SignedHeaders")?,
        signature,
        date,
        payload: "UNSIGNED-PAYLOAD".into(),
    }))
}

/// The claim in the headers.
fn claim_of_headers(request: &Request, body: &[u8]) -> Result<Claim, String> {
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    let sent = header("authorization");
    let part = |name: &str| {
        let found = sent
            .split([' ', ','])
            .find_map(|p| p.strip_prefix(&format!("{name}=")));
        found.map(str::to_owned).ok_or(format!("no {name}"))
    };
    let payload = header("x-amz-content-sha256");
    if payload != format!("{:x}", Sha256::digest(body)) && payload != "UNSIGNED-PAYLOAD" {
        return Err("the payload is not the one that was signed".into());
    }
    Ok(Claim {
        credential: part("Credential")?,
        names: part("SignedHeaders")?,
        signature: part("Signature")?,
        date: header("x-amz-date"),
        payload,
    })
}

/// Whether a request carries the signature that its parts have, by the specification of AWS.
fn signed(request: &Request, body: &[u8]) -> Result<(), String> {
    let query = request.uri().query().unwrap_or_default();
    let claim = match claim_of_address(query)? {
        Some(claim) => claim,
        None => claim_of_headers(request, body)?,
    };
    let mut pairs: Vec<_> = query.split('&').filter(|p| !p.is_empty()).collect();
    pairs.retain(|p| !p.starts_with("X-Amz-Signature="));
    pairs.sort_unstable();
    let header = |name: &str| request.header(name).unwrap_or_default().trim().to_owned();
    let names: Vec<_> = claim.names.split(';').collect();
    let headers: String = names
        .iter()
        .map(|n| format!("{n}:{}\n", header(n)))
        .collect();
    let canonical = [
        request.method().as_str(),
        request.uri().path(),
        &pairs.join("&"),
        &headers,
        &claim.names,
        &claim.payload,
    ];
    let (key, scope) = claim.credential.split_once('/').ok_or("no credential")?;
    let hash = Sha256::digest(canonical.join("\n"));
    let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{hash:x}", claim.date);
    let first = format!("AWS4{SECRET}").into_bytes();
    let signing = scope.split('/').fold(first, |key, part| mac(&key, part));
    let bytes = mac(&signing, &text);
    let expected: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    if key == KEY && names.contains(&"host") && expected == claim.signature {
        Ok(())
    } else {
        Err("the signature is wrong".into())
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

fn percent_decoded(text: &str) -> String {
    let pair = format!("x={text}");
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    pairs.next().expect("a pair").1.into_owned()
}
