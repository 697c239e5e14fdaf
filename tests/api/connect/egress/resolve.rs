//! Names: every address counts, and what was checked is what is connected to.

use super::{PATIENT, Peer, Script, get, refused};
use connectory::connect::egress::{Egress, Fault, Names};
use reqwest::dns::Resolve;
use std::net::SocketAddr;

/// Addresses of a name of which none may be asked for one that is special.
const MIXED: &[&[&str]] = &[
    &["127.0.0.1"],
    &["::1"],
    &["169.254.169.254"],
    &["10.0.0.7"],
    &["::ffff:127.0.0.1"],
    &["64:ff9b::7f00:1"],
    &["8.8.8.8", "127.0.0.1"],
    &["127.0.0.1", "8.8.8.8"],
    &["8.8.8.8", "1.1.1.1", "9.9.9.9", "192.168.0.1"],
    &["2606:4700::1111", "fd00::1"],
    &["8.8.8.8", "::1"],
];

#[tokio::test]
async fn one_address_that_may_not_be_asked_refuses_the_name() {
    let peer = Peer::fine().await;
    for addresses in MIXED {
        let script = Script::new(&[Some(addresses)]);
        let egress = Egress::with_lookup(&[], script.clone()).expect("a way out");
        let url = format!("https://mcp.example.com:{}/", peer.port());
        let why = refused(get(&egress, &url).await);
        assert_eq!(
            why,
            "the host `mcp.example.com` is not of the public internet alone"
        );
        let opened = reqwest::Request::new(reqwest::Method::POST, url.parse().unwrap());
        assert_eq!(refused(egress.open(opened, PATIENT.time).await), why);
        assert_eq!(script.asked(), 2, "each attempt looks up once");
    }
    assert_eq!(peer.connections().await, 0, "{:?}", peer.seen());
}

#[tokio::test]
async fn a_name_without_addresses_is_unreachable() {
    for nothing in [None, Some(&[][..])] {
        let egress = Egress::with_lookup(&[], Script::new(&[nothing])).expect("a way out");
        let fault = get(&egress, "https://mcp.example.com/").await.unwrap_err();
        let issue = "the host `mcp.example.com` has no address";
        assert_eq!(fault, Fault::Unreachable(issue.into()));
    }
}

#[tokio::test]
async fn what_is_handed_to_the_connection_is_what_was_checked_in_one_lookup() {
    let script = Script::new(&[Some(&["8.8.8.8", "2606:4700::1111"]), Some(&["127.0.0.1"])]);
    let names = Names::guarded(script.clone());
    let found = names.resolve("mcp.example.com".parse().unwrap()).await;
    let found: Vec<SocketAddr> = found.expect("public addresses").collect();
    let expected = ["8.8.8.8:0", "[2606:4700::1111]:0"];
    assert_eq!(found, expected.map(|a| a.parse().unwrap()));
    assert_eq!(script.asked(), 1);
    let again = names.resolve("mcp.example.com".parse().unwrap()).await;
    let fault = again.map(|_| ()).expect_err("loopback");
    let fault = fault.downcast::<Fault>().expect("a fault");
    assert!(matches!(*fault, Fault::Refused(_)), "{fault:?}");
}

/// The client is bound to the loopback interface, from which no public address can be reached:
/// the first attempt fails in the kernel and nothing leaves the machine.
#[tokio::test]
async fn a_name_that_turns_to_this_machine_after_the_check_never_reaches_it() {
    let peer = Peer::fine().await;
    let script = Script::new(&[Some(&["8.8.8.8"]), Some(&["127.0.0.1"])]);
    let client = reqwest::Client::builder()
        .no_proxy()
        .local_address(std::net::IpAddr::from([127, 0, 0, 1]))
        .dns_resolver(std::sync::Arc::new(Names::guarded(script.clone())))
        .build()
        .expect("a client");
    let url = format!("http://rebind.example.com:{}/", peer.port());
    let first = Fault::from(client.get(&url).send().await.expect_err("not reached"));
    assert_eq!(
        first,
        Fault::Unreachable("the server takes no connection".into())
    );
    assert_eq!(
        script.asked(),
        1,
        "the check and the connection share one lookup"
    );
    let second = Fault::from(client.get(&url).send().await.expect_err("not reached"));
    assert!(matches!(second, Fault::Refused(_)), "{second:?}");
    assert_eq!(peer.connections().await, 0, "{:?}", peer.seen());
}

#[tokio::test]
async fn a_lookup_that_does_not_end_is_too_slow() {
    struct Never;
    impl connectory::connect::egress::Lookup for Never {
        fn lookup(
            &self,
            _: &str,
        ) -> futures_util::future::BoxFuture<'static, std::io::Result<Vec<std::net::IpAddr>>>
        {
            Box::pin(std::future::pending())
        }
    }
    let egress = Egress::with_lookup(&[], std::sync::Arc::new(Never)).expect("a way out");
    let limits = super::Limits {
        time: std::time::Duration::from_millis(100),
        ..PATIENT
    };
    let sent = super::request(reqwest::Method::GET, "https://mcp.example.com/");
    assert_eq!(egress.send(sent, limits).await.unwrap_err(), Fault::TooSlow);
}
