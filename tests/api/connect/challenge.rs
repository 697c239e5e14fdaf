//! What a server says with a 401, friendly or not.

use connectory::connect::oauth::Challenge;
use proptest::prelude::*;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};

/// Reads the challenge of some headers.
fn read(values: &[&str]) -> Challenge {
    read_bytes(values.iter().map(|value| value.as_bytes()))
}

fn read_bytes<'a>(values: impl Iterator<Item = &'a [u8]>) -> Challenge {
    let mut headers = HeaderMap::new();
    for value in values {
        let value = HeaderValue::from_bytes(value).expect("a header takes it");
        headers.append(WWW_AUTHENTICATE, value);
    }
    Challenge::read(&headers)
}

/// A challenge of its parts; empty is absent.
fn challenge(metadata: &str, scope: &str, error: &str) -> Challenge {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Challenge {
        resource_metadata: some(metadata).map(|url| url.parse().unwrap()),
        scope: some(scope),
        error: some(error),
    }
}

#[test]
fn the_parameters_are_read_as_the_specification_spells_them() {
    let all = challenge("https://h/.well-known/x", "a b", "invalid_token");
    let url = "resource_metadata=\"https://h/.well-known/x\"";
    let cases = [
        format!("Bearer {url}, scope=\"a b\", error=\"invalid_token\""),
        format!("bearer   error=invalid_token ,scope = \"a b\",\t{url}"),
        format!(
            "BEARER realm=\"a, Bearer scope=\\\"no\\\"\", SCOPE=\"a b\", {url}, error=\"invalid\\_token\""
        ),
        format!(", , Bearer {url},, error=invalid_token, scope=\"a b\" ,"),
    ];
    for case in cases {
        assert_eq!(read(&[&case]), all, "{case}");
    }
}

#[test]
fn the_challenge_for_bearer_tokens_is_found_among_others() {
    let all = challenge("https://h/m", "", "");
    let bearer = "Bearer resource_metadata=\"https://h/m\"";
    let one = [
        format!("Negotiate, {bearer}"),
        format!("Basic realm=\"x\", {bearer}"),
        format!("{bearer}, Basic realm=\"x\", scope=\"of basic\""),
        format!("Negotiate a87421000492aa874209af8bc028==, {bearer}"),
        format!("NTLM TlRMTVNTUAACAAAA+/=, {bearer}, DPoP algs=\"ES256\""),
    ];
    for header in &one {
        assert_eq!(read(&[header]), all, "{header}");
    }
    assert_eq!(read(&["Basic realm=\"x\"", bearer]), all);
    assert_eq!(read(&["Bearer", "Bearer scope=\"early\"", bearer]), all);
    assert_eq!(
        read(&["Bearer scope=\"first\"", "Bearer scope=\"second\""])
            .scope
            .unwrap(),
        "first"
    );
}

#[test]
fn what_is_absent_or_malformed_says_nothing() {
    let silent = [
        "",
        "Bearer",
        "Basic realm=\"x\", scope=\"of basic\"",
        "Bearer scope=\"never ends",
        "Bearer scope=\"ends in a backslash\\",
        "Bearer scope=",
        "Bearer scope=\"a\" error=\"no comma\"",
        "Bearer scope=\"a\"; error=\"another sign\"",
        "Bearer scope=\"a\", error=",
        "Bearer\tscope=\"a\"",
        "scope=\"a\"",
        "Bearer scope=\"a\", scope=\"b\"",
        "Bearer scope=\"a\", Scope=\"a\"",
        "Bearer scope=\"a \\\" b\"",
        "Bearer scope=\"a  b\"",
        "Bearer scope=\"\"",
        "Bearer resource_metadata=\"javascript:alert(1)\"",
        "Bearer resource_metadata=\"file:///etc/passwd\"",
        "Bearer resource_metadata=\"/relative\"",
        "Bearer resource_metadata=\"https://user:word@h/\"",
        "Bearer resource_metadata=\"https://h/#part\"",
        "Bearer error=\"two words\\\\\"",
    ];
    for header in silent {
        assert_eq!(read(&[header]), Challenge::default(), "{header}");
    }
    let long = "x".repeat(5000);
    assert_eq!(
        read(&[&format!("Bearer scope=\"{long}\", error={long}")]),
        Challenge::default()
    );
    assert_eq!(read(&[]), Challenge::default());
}

#[test]
fn a_mistake_costs_the_challenge_that_holds_it_and_no_earlier_one() {
    let header = "Bearer scope=\"good\", Digest realm=\"never ends, Bearer scope=\"bad\"";
    assert_eq!(read(&[header]).scope.unwrap(), "good");
    assert_eq!(
        read(&["Bearer scope=\"never ends", "Bearer scope=\"good\""])
            .scope
            .unwrap(),
        "good"
    );
}

/// A text as a quoted string, some of its characters escaped without need.
fn quoted(text: &str, escape: u64) -> String {
    let escaped = text.chars().enumerate().map(|(i, c)| {
        let needs = matches!(c, '"' | '\\') || escape >> (i % 64) & 1 == 1;
        if needs {
            format!("\\{c}")
        } else {
            c.to_string()
        }
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn scope() -> impl Strategy<Value = String> {
    proptest::collection::vec("[!#-\\[\\]-~]{1,12}", 1..5).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(values in proptest::collection::vec(
        proptest::collection::vec(prop_oneof![0x20u8..0x7f, Just(b'"'), Just(b','), Just(b'='), Just(b'\\'), 0x80u8..=0xff], 0..80),
        0..4,
    )) {
        let read = read_bytes(values.iter().map(Vec::as_slice));
        if let Some(url) = read.resource_metadata {
            prop_assert!(matches!(url.scheme(), "http" | "https"));
        }
        for text in [read.scope, read.error].into_iter().flatten() {
            prop_assert!(!text.is_empty() && text.bytes().all(|b| (0x20..0x7f).contains(&b)));
        }
    }

    #[test]
    fn a_written_challenge_is_read_back(
        scope in scope(),
        error in "[a-z_]{1,20}",
        path in "[a-z0-9/]{0,20}",
        realm in "[ -~]{0,30}",
        escape in any::<u64>(),
        order in Just([0, 1, 2, 3]).prop_shuffle(),
        space in prop_oneof![Just(","), Just(", "), Just(" ,\t"), Just(",, ")],
        before in prop_oneof![Just(""), Just("Basic realm=\"a\", "), Just("Negotiate YQ==, "), Just("Hoba, ")],
        after in prop_oneof![Just(""), Just(", Basic realm=\"b\", scope=\"c\""), Just(", Negotiate"), Just(",")],
    ) {
        let url = format!("https://h.example/{path}");
        let parameters = [
            format!("scope={}", quoted(&scope, escape)),
            format!("error={error}"),
            format!("resource_metadata={}", quoted(&url, escape.rotate_left(7))),
            format!("realm={}", quoted(&realm, escape.rotate_left(13))),
        ];
        let parameters: Vec<_> = order.iter().map(|i| parameters[*i].clone()).collect();
        let header = format!("{before}Bearer {}{after}", parameters.join(space));
        prop_assert_eq!(read(&[&header]), challenge(&url, &scope, &error), "{}", header);
    }

    #[test]
    fn a_challenge_that_is_cut_off_never_says_more_than_the_whole(
        scope in scope(),
        cut in any::<prop::sample::Index>(),
    ) {
        let header = format!("Bearer error=\"invalid_token\", scope={}", quoted(&scope, 0));
        let read = read(&[&header[..cut.index(header.len())]]);
        prop_assert!(read.scope.is_none());
        prop_assert!(read.error.is_none_or(|error| error == "invalid_token"));
    }
}
