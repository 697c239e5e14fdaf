//! Spellings of addresses that must not be asked, one by one, and those that may.

use super::{PATIENT, Peer, Script, refused, request};
use connectory::connect::egress::Egress;
use reqwest::Method;
use std::time::Duration;

/// The port of a listener takes the place of `PORT`.
const REFUSED: &[&str] = &[
    // Loopback, spelled in every way that reaches it.
    "https://127.0.0.1:PORT/",
    "https://127.0.0.1./",
    "https://127.1:PORT/",
    "https://127.0.1:PORT/",
    "https://127.255.255.254:PORT/",
    "https://2130706433:PORT/",
    "https://0x7f000001:PORT/",
    "https://0x7f.0.0.1:PORT/",
    "https://0x7f.1:PORT/",
    "https://0177.0.0.1:PORT/",
    "https://017700000001:PORT/",
    "https://0177.0x0.0.01:PORT/",
    "https://%31%32%37.0.0.1:PORT/",
    "https://127%2e0%2e0%2e1:PORT/",
    "https://\u{ff11}\u{ff12}\u{ff17}.\u{ff10}.\u{ff10}.\u{ff11}:PORT/",
    "https://127\u{3002}0\u{3002}0\u{3002}1:PORT/",
    "https://\u{2460}\u{2461}\u{2466}.0.0.1:PORT/",
    "https://[::1]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "https://[0:0:0:0:0:ffff:7f00:0001]:PORT/",
    "https://[::127.0.0.1]:PORT/",
    "https://[64:ff9b::127.0.0.1]:PORT/",
    "https://[64:ff9b::7f00:1]:PORT/",
    "https://[64:ff9b:1::7f00:1]:PORT/",
    "https://[2002:7f00:1::]:PORT/",
    "https://[2001:0:7f00:1::]:PORT/",
    // Any address of this machine.
    "https://0.0.0.0:PORT/",
    "https://0:PORT/",
    "https://[::]:PORT/",
    // Metadata and private networks.
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[fd00:ec2::254]/",
    "https://100.100.100.200/",
    "https://168.63.129.16/",
    "https://10.0.0.1/",
    "https://10.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://192.168.257/",
    "https://3232235777/",
    "https://255.255.255.255/",
    "https://224.0.0.1/",
    "https://[fe80::1]/",
    "https://[fc00::1]/",
    "https://[ff02::1]/",
    // Names of networks at hand.
    "https://localhost:PORT/",
    "https://LOCALHOST:PORT/",
    "https://localhost.:PORT/",
    "https://l%6fcalhost:PORT/",
    "https://\u{24db}ocalhost:PORT/",
    "https://app.localhost:PORT/",
    "https://localhost.localdomain:PORT/",
    "https://ip6-localhost:PORT/",
    "https://printer.local/",
    "https://metadata/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://metadata.google.internal./",
    "https://METADATA.GOOGLE.INTERNAL/",
    "https://mcp.internal:PORT/",
    "https://router.home.arpa/",
    "https://intranet/",
    "https://wiki.corp/",
    "https://hidden.onion/",
    "https://mcp.example.com./",
    // Schemes, credentials, fragments, ports.
    "http://127.0.0.1:PORT/",
    "http://mcp.example.com/",
    "http://8.8.8.8/",
    "ftp://mcp.example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/",
    "data:text/plain,x",
    "unix:/run/docker.sock",
    "ws://mcp.example.com/",
    "https://user@mcp.example.com/",
    "https://user:password@mcp.example.com/",
    "https://:password@mcp.example.com/",
    "https://mcp.example.com@127.0.0.1:PORT/",
    "https://mcp.example.com/#fragment",
    "https://mcp.example.com/#",
    "https://mcp.example.com:0/",
    "https://mcp.example.com:22/",
    "https://mcp.example.com:25/",
    "https://mcp.example.com:6667/",
    "https://mcp.example.com:10080/",
];

/// May be asked, as far as can be told without a lookup.
const JUDGED_FINE: &[&str] = &[
    "https://mcp.example.com/",
    "https://MCP.Example.COM:8443/mcp?q=1",
    "https://m\u{fc}nchen.example/",
    "https://xn--mnchen-3ya.example/",
    "https://8.8.8.8/",
    "https://134744072/",
    "https://[2606:4700::1111]/",
    "https://[::ffff:8.8.8.8]/",
    "https://[64:ff9b::8.8.8.8]/",
    "https://localhost.example.com/",
    "https://notlocalhost.com/",
    "https://internal.example.com/",
    "https://127.0.0.1.example.com/",
    "https://mcp.example.com:80/",
    // A backslash ends the host, as in browsers: the rest is a path.
    "https://mcp.example.com\\@127.0.0.1:22/",
];

#[tokio::test]
async fn no_spelling_of_a_refused_address_reaches_a_resolver_or_a_server() {
    let peer = Peer::fine().await;
    let script = Script::new(&[Some(&["127.0.0.1"])]);
    let egress = Egress::with_lookup(&[], script.clone()).expect("a way out");
    for spelling in REFUSED {
        let url = spelling.replace("PORT", &peer.port().to_string());
        let sent = request(Method::GET, &url);
        refused_at(&url, egress.judge(&sent.url));
        let opened = reqwest::Request::new(Method::GET, sent.url.clone());
        refused_at(&url, egress.send(sent, PATIENT).await);
        refused_at(&url, egress.open(opened, Duration::from_secs(30)).await);
    }
    assert_eq!(script.asked(), 0, "a name was looked up");
    assert_eq!(peer.connections().await, 0, "{:?}", peer.seen());
}

fn refused_at<T: std::fmt::Debug>(url: &str, answer: Result<T, super::Fault>) {
    let why = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| refused(answer)));
    assert!(why.is_ok(), "{url} is not refused");
}

#[test]
fn an_address_of_the_public_internet_is_judged_fine() {
    let egress = Egress::new(&[]).expect("a way out");
    for spelling in JUDGED_FINE {
        let url = spelling
            .parse()
            .unwrap_or_else(|e| panic!("{spelling}: {e}"));
        assert_eq!(egress.judge(&url), Ok(()), "{spelling}");
    }
}

#[test]
fn a_refusal_says_why_and_what_would_be_right() {
    let egress = Egress::new(&[]).expect("a way out");
    let cases = [
        (
            "ftp://a.example/",
            "the scheme `ftp` is not asked; an address begins with `https://`",
        ),
        (
            "http://a.example/",
            "an address without TLS is not asked; it must begin with `https://`",
        ),
        (
            "https://u:secret@a.example/",
            "an address with user name or password is not asked",
        ),
        (
            "https://a.example/#x",
            "an address with a fragment (`#…`) is not asked",
        ),
        (
            "https://a.example:25/",
            "port 25 belongs to another protocol and is not asked",
        ),
        (
            "https://10.0.0.1/",
            "the host is no address of the public internet and is not asked",
        ),
        (
            "https://a.local/",
            "`a.local` is a name of a private network and is not asked",
        ),
        (
            "https://a.example./",
            "a host is named without a dot at its end",
        ),
    ];
    for (url, why) in cases {
        assert_eq!(refused(egress.judge(&url.parse().unwrap())), why, "{url}");
    }
}
