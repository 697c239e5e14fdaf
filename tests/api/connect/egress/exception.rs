//! Exceptions: exactly a host and a port, and nothing beside it.

use super::peer::{Peer, to};
use super::{Script, get, refused, towards};
use connectory::connect::egress::{Egress, Exceptions};

#[tokio::test]
async fn an_exception_is_asked_without_tls_in_every_spelling_of_its_address() {
    let peer = Peer::fine().await;
    let port = peer.port();
    let entries = ["127.0.0.1", "127.1", "2130706433", "0x7f.1"];
    for entry in entries {
        let allow = [format!(" {entry}:{port}")];
        let egress = Egress::with_lookup(&allow, Script::new(&[None])).expect("a way out");
        for host in entries {
            let answer = get(&egress, &format!("http://{host}:{port}/x?y")).await;
            assert_eq!(
                answer.expect("an answer").body,
                b"fine",
                "{host} by {entry}"
            );
        }
    }
    let sent = "GET /x?y HTTP/1.1\r\n";
    assert!(
        peer.seen().iter().all(|r| r.starts_with(sent)),
        "{:?}",
        peer.seen()
    );
    assert_eq!(peer.seen().len(), 16);
}

#[tokio::test]
async fn an_excepted_name_may_be_at_any_address() {
    let peer = Peer::fine().await;
    let script = Script::new(&[Some(&["127.0.0.1"])]);
    let allow = [format!("MCP.internal:{}", peer.port())];
    let egress = Egress::with_lookup(&allow, script.clone()).expect("a way out");
    let url = format!("http://mcp.INTERNAL:{}/", peer.port());
    let answer = get(&egress, &url).await.expect("an answer");
    assert_eq!(
        (answer.status.as_u16(), answer.body),
        (200, b"fine".to_vec())
    );
    assert_eq!(script.asked(), 1);
    let host = format!("host: mcp.internal:{}\r\n", peer.port());
    assert!(peer.seen()[0].contains(&host), "{:?}", peer.seen());
}

#[tokio::test]
async fn an_exception_allows_no_other_port_name_or_spelling_of_the_machine() {
    let (peer, other) = (Peer::fine().await, Peer::fine().await);
    let (port, second) = (peer.port(), other.port());
    let script = Script::new(&[Some(&["127.0.0.1"])]);
    let allow = [peer.authority(), format!("mcp.internal:{port}")];
    let egress = Egress::with_lookup(&allow, script).expect("a way out");
    let beside = [
        format!("http://127.0.0.1:{second}/"),
        format!("https://127.0.0.1:{second}/"),
        format!("http://127.0.0.2:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://mcp.internal:{second}/"),
        format!("http://a.mcp.internal:{port}/"),
        format!("https://internal:{port}/"),
        format!("http://mcp.internal.:{port}/"),
        format!("https://mcp.example.com:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("http://127.0.0.1:{port}/#x"),
        format!("ftp://127.0.0.1:{port}/"),
        "http://127.0.0.1/".to_owned(),
    ];
    for url in &beside {
        refused(get(&egress, url).await);
    }
    assert_eq!(peer.connections().await, 0, "{:?}", peer.seen());
    assert_eq!(other.connections().await, 0, "{:?}", other.seen());
}

#[tokio::test]
async fn what_an_exception_redirects_to_is_judged() {
    let other = Peer::fine().await;
    let at = other.at("/");
    let peer = Peer::start(move |_| to("307 Temporary Redirect", &at)).await;
    let egress = towards(&[&peer]);
    refused(get(&egress, &peer.at("/")).await);
    assert_eq!(peer.seen().len(), 1);
    assert_eq!(other.connections().await, 0, "{:?}", other.seen());
}

#[test]
fn entries_and_addresses_are_compared_in_the_one_form_of_a_host() {
    let cases = [
        ("[::1]:9000", "http://[0:0::0:1]:9000/", true),
        ("[0:0:0:0:0:0:0:1]:9000", "https://[::1]:9000/mcp", true),
        ("[::1]:9000", "http://127.0.0.1:9000/", false),
        ("127.0.0.1:443", "https://127.0.0.1/", true),
        ("127.0.0.1:80", "http://127.0.0.1/", true),
        ("127.0.0.1:80", "https://127.0.0.1/", false),
        (
            "M\u{fc}nchen.example:80",
            "http://xn--mnchen-3ya.example/",
            true,
        ),
        ("mcp_1.internal:80", "http://MCP_1.internal:80/", true),
        ("mcp.internal:80", "http://mcp.internal:8080/", false),
    ];
    for (entry, url, allowed) in cases {
        let exceptions = Exceptions::parse(&[entry.to_owned()]).expect(entry);
        let url = url.parse().expect(url);
        assert_eq!(exceptions.allow(&url), allowed, "{entry} for {url}");
    }
}

#[test]
fn an_entry_that_is_no_host_and_port_is_named_with_what_would_be_right() {
    let malformed = [
        "",
        "127.0.0.1",
        "localhost",
        ":8080",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:+80",
        "127.0.0.1:http",
        "::1:9000",
        "[::1]",
        "[::1:9000",
        "1.2.3.4.5:80",
        "256.1.1.1:80",
        "http://127.0.0.1:9000",
        "127.0.0.1:9000/mcp",
        "user@127.0.0.1:9000",
        "*:9000",
        "*.internal:80",
        "a b:80",
        "10.0.0.0/8:80",
        "127.0.0.1:9000 [::1]:9000",
    ];
    for entry in malformed {
        let error = Exceptions::parse(&[entry.to_owned()]).expect_err(entry);
        let [problem] = error.problems() else {
            panic!("{entry}: {error}");
        };
        assert_eq!(problem.path, "egress_allow", "{entry}");
        assert!(problem.issue.contains(&format!("`{entry}`")), "{problem}");
        assert!(
            problem
                .issue
                .contains("a host and a port such as `127.0.0.1:9000`"),
            "{problem}"
        );
        assert!(Egress::new(&[entry.to_owned()]).is_err(), "{entry}");
    }
}

#[test]
fn all_malformed_entries_are_named_at_once() {
    let entries = ["a", "127.0.0.1:9000", "b"].map(str::to_owned);
    let error = Exceptions::parse(&entries).expect_err("two of three");
    let named: Vec<_> = error
        .problems()
        .iter()
        .map(|p| p.issue.split('`').nth(1))
        .collect();
    assert_eq!(named, [Some("a"), Some("b")]);
}
