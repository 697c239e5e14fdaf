//! What a redirect makes of a request, by RFC 9110, and what of it another origin may see.

use super::{Fault, Request};
use reqwest::header::{self, HeaderMap};
use reqwest::{Method, StatusCode};
use url::Url;

/// What goes along to another origin. A key may stand in a header of any name, so these are
/// listed and not the others.
const HARMLESS: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "content-type",
    "mcp-protocol-version",
    "user-agent",
];

/// What describes a body and goes with it.
const OF_BODY: &[&str] = &[
    "content-encoding",
    "content-language",
    "content-length",
    "content-location",
    "content-type",
];

/// Where an answer sends the client, if it does.
pub(super) fn location(
    from: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Url>, Fault> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let mut named = headers.get_all(header::LOCATION).iter();
    let Some(first) = named.next() else {
        return Ok(None);
    };
    let to = first.to_str().ok().and_then(|to| from.join(to).ok());
    match to.filter(|_| named.next().is_none()) {
        Some(to) => Ok(Some(to)),
        None => refused("the server redirects to what is no address"),
    }
}

/// The request after a redirect.
pub(super) fn follow(mut request: Request, status: StatusCode, to: Url) -> Result<Request, Fault> {
    if request.url.scheme() == "https" && to.scheme() != "https" {
        return refused("the server redirects to an address without TLS");
    }
    let forgets = match status {
        StatusCode::SEE_OTHER => request.method != Method::HEAD,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => request.method == Method::POST,
        _ => false,
    };
    if forgets {
        request.method = Method::GET;
        request.body.clear();
        for name in OF_BODY {
            request.headers.remove(*name);
        }
    }
    if request.url.origin() != to.origin() {
        if !request.body.is_empty() {
            // It was written for the first: a code, a secret, a token.
            return refused("the server redirects what was sent to another server");
        }
        request.headers = harmless(&request.headers);
    }
    request.url = to;
    Ok(request)
}

fn harmless(headers: &HeaderMap) -> HeaderMap {
    let kept = headers
        .iter()
        .filter(|(name, _)| HARMLESS.contains(&name.as_str()));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn refused<T>(why: &str) -> Result<T, Fault> {
    Err(Fault::Refused(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(from: &str, to: &str) -> Result<Request, Fault> {
        let request = Request {
            method: Method::GET,
            url: from.parse().expect("an address"),
            headers: HeaderMap::from_iter([(
                header::AUTHORIZATION,
                "planted".parse().expect("ok"),
            )]),
            body: Vec::new(),
        };
        let to = to.parse().expect("an address");
        follow(request, StatusCode::FOUND, to)
    }

    #[test]
    fn a_redirect_never_leaves_tls() {
        for to in [
            "http://a.example/",
            "http://a.example:443/",
            "http://b.example/",
        ] {
            let fault = step("https://a.example/", to).expect_err(to);
            assert!(matches!(fault, Fault::Refused(_)), "{to}: {fault}");
        }
        assert!(step("http://a.example/", "http://b.example/").is_ok());
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let cases = [
            ("https://a.example/", "https://a.example:443/x", true),
            ("https://a.example/", "https://A.example/x", true),
            ("https://a.example/", "https://a.example:8443/", false),
            ("https://a.example/", "https://b.a.example/", false),
            ("http://a.example:443/", "https://a.example/", false),
        ];
        for (from, to, same) in cases {
            let next = step(from, to).expect(to);
            let kept = next.headers.contains_key(header::AUTHORIZATION);
            assert_eq!(kept, same, "{from} to {to}");
        }
    }
}
