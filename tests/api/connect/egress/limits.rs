//! Time and size: whatever a server does, the request ends, and holds no more than its limit.

use super::peer::{Peer, Reply, answer};
use super::{Egress, Fault, Limits, PATIENT, get, request, towards};
use reqwest::Method;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// For servers that never end: the time is short, as nothing waits for an answer.
const SHORT: Limits = Limits {
    time: Duration::from_millis(200),
    ..PATIENT
};

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

async fn fault(egress: &Egress, url: &str, limits: Limits) -> Fault {
    let answer = egress.send(request(Method::GET, url), limits).await;
    answer.expect_err("no answer")
}

#[tokio::test]
async fn a_body_of_the_limit_is_read_and_one_byte_more_is_too_large() {
    let chunked = |body: &str| {
        let (length, body) = (body.len(), body);
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n")
    };
    let until_end = |body: &str| format!("{HEAD}Connection: close\r\n\r\n{body}");
    for (extra, fits) in [(0, true), (1, false)] {
        let body = "x".repeat(PATIENT.size + extra);
        let answers = [
            answer("200 OK", "", &body),
            chunked(&body).into_bytes(),
            until_end(&body).into_bytes(),
        ];
        for bytes in answers {
            let peer = Peer::start(move |_| Reply::Bytes(bytes.clone())).await;
            match get(&towards(&[&peer]), &peer.at("/")).await {
                Ok(answer) => assert_eq!((answer.body.len(), fits), (body.len(), true)),
                Err(fault) => assert_eq!((fault, fits), (Fault::TooLarge, false)),
            }
        }
    }
}

#[tokio::test]
async fn a_body_without_end_is_too_large_at_the_limit() {
    for head in [
        "Transfer-Encoding: chunked\r\n\r\n",
        "Connection: close\r\n\r\n",
    ] {
        let part = if head.starts_with('T') { "400\r\n" } else { "" };
        let part = format!(
            "{part}{}{}",
            "x".repeat(0x400),
            if part.is_empty() { "" } else { "\r\n" }
        );
        let head = format!("{HEAD}{head}");
        let endless = move |_: &str| Reply::Endless(head.clone().into(), part.clone().into());
        let peer = Peer::start(endless).await;
        let fault = fault(&towards(&[&peer]), &peer.at("/"), PATIENT).await;
        assert_eq!(fault, Fault::TooLarge);
    }
}

#[tokio::test]
async fn an_announced_length_beyond_the_limit_is_refused_before_the_body() {
    for length in ["65537", "52428800", "9223372036854775807"] {
        let head = format!("{HEAD}Content-Length: {length}\r\n\r\n");
        let peer = Peer::start(move |_| Reply::Silent(head.clone().into())).await;
        let fault = fault(&towards(&[&peer]), &peer.at("/"), PATIENT).await;
        assert_eq!(fault, Fault::TooLarge, "{length}");
    }
}

#[tokio::test]
async fn the_length_of_what_a_head_request_does_not_bring_is_no_size() {
    let head = format!("{HEAD}Content-Length: 52428800\r\n\r\n");
    let peer = Peer::start(move |_| Reply::Bytes(head.clone().into())).await;
    let sent = request(Method::HEAD, &peer.at("/"));
    let answer = towards(&[&peer]).send(sent, PATIENT).await.expect("a head");
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn a_server_that_stops_speaking_is_too_slow() {
    let silences = [
        String::new(),
        "HTTP/1.1 2".to_owned(),
        format!("{HEAD}X-Begun: "),
        format!("{HEAD}Content-Length: 10\r\n\r\nbegun"),
        format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nbegun"),
        format!("{HEAD}Content-Type: text/event-stream\r\n\r\n: begun\n\n"),
    ];
    for silence in silences {
        let said = silence.clone();
        let peer = Peer::start(move |_| Reply::Silent(said.clone().into())).await;
        let fault = fault(&towards(&[&peer]), &peer.at("/"), SHORT).await;
        assert_eq!(fault, Fault::TooSlow, "{silence:?}");
        assert_eq!(peer.seen().len(), 1, "it was asked");
    }
}

#[tokio::test]
async fn a_server_that_speaks_a_little_at_a_time_is_too_slow() {
    let trickles = [
        (HEAD.to_owned(), "X-More: x\r\n"),
        (format!("{HEAD}Connection: close\r\n\r\n"), "x"),
        (
            format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n"),
            "1\r\nx\r\n",
        ),
        (
            format!("{HEAD}Content-Type: text/event-stream\r\n\r\n"),
            ": still here\n\n",
        ),
    ];
    for (first, again) in trickles {
        let said = first.clone();
        let trickle = move |_: &str| Reply::Trickle(said.clone().into(), again.into());
        let peer = Peer::start(trickle).await;
        let fault = fault(&towards(&[&peer]), &peer.at("/"), SHORT).await;
        assert_eq!(fault, Fault::TooSlow, "{first:?}");
    }
}

#[tokio::test]
async fn the_time_counts_over_all_redirects() {
    let peer = Peer::start(|request| match request.contains("/silent") {
        true => Reply::Silent(Vec::new()),
        false => super::peer::to("302 Found", "/silent"),
    })
    .await;
    let fault = fault(&towards(&[&peer]), &peer.at("/"), SHORT).await;
    assert_eq!((fault, peer.seen().len()), (Fault::TooSlow, 2));
}

#[tokio::test]
async fn a_head_without_end_is_an_answer_in_no_http() {
    let endless = |_: &str| {
        Reply::Endless(
            HEAD.into(),
            format!("X-More: {}\r\n", "x".repeat(1000)).into(),
        )
    };
    let peer = Peer::start(endless).await;
    let fault = fault(&towards(&[&peer]), &peer.at("/"), PATIENT).await;
    let issue = "the server gave no answer in HTTP";
    assert_eq!(fault, Fault::Unreachable(issue.into()));
}

#[tokio::test]
async fn a_broken_answer_says_what_broke() {
    let cases = [
        (
            "SSH-2.0-OpenSSH_9.9\r\n\r\n".to_owned(),
            "the server gave no answer in HTTP",
        ),
        (String::new(), "the server gave no answer in HTTP"),
        (
            format!("{HEAD}Content-Length: 10\r\n\r\nbegun"),
            "the answer of the server broke off",
        ),
    ];
    for (bytes, issue) in cases {
        let peer = Peer::start(move |_| Reply::Bytes(bytes.clone().into())).await;
        let fault = fault(&towards(&[&peer]), &peer.at("/"), PATIENT).await;
        assert_eq!(fault, Fault::Unreachable(issue.into()));
    }
}

#[tokio::test]
async fn no_connection_and_no_certificate_are_told_apart_without_an_address() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let authority = listener.local_addr().unwrap().to_string();
    let url = format!("https://{authority}/");
    let egress = Egress::new(&[authority]).expect("a way out");
    let plain = async {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        let _ = stream.write_all(answer).await;
    };
    let (fault, ()) = tokio::join!(fault(&egress, &url, PATIENT), plain);
    let issue = "the server has no certificate that is trusted, or speaks no TLS";
    assert_eq!(fault, Fault::Unreachable(issue.into()));
    // Bound and not listening: nobody else can take the port in between.
    let silent = tokio::net::TcpSocket::new_v4().expect("a socket");
    silent.bind("127.0.0.1:0".parse().unwrap()).expect("a port");
    let authority = silent.local_addr().unwrap().to_string();
    let url = format!("http://{authority}/");
    let egress = Egress::new(&[authority]).expect("a way out");
    let fault = self::fault(&egress, &url, PATIENT).await;
    let issue = "the server takes no connection";
    assert_eq!(fault, Fault::Unreachable(issue.into()));
}

#[tokio::test]
async fn a_body_that_is_packed_stays_packed() {
    let packed = "Content-Encoding: gzip\r\n";
    let peer =
        Peer::start(move |_| Reply::Bytes(answer("200 OK", packed, "not gzip at all"))).await;
    let answer = get(&towards(&[&peer]), &peer.at("/"))
        .await
        .expect("an answer");
    assert_eq!(answer.body, b"not gzip at all");
    assert_eq!(answer.headers["content-encoding"], "gzip");
    assert!(
        !peer.seen()[0].contains("accept-encoding"),
        "{:?}",
        peer.seen()
    );
}

#[tokio::test]
async fn a_stream_is_handed_on_as_it_comes_and_its_head_is_waited_for_with_patience() {
    let head = format!("{HEAD}Content-Type: text/event-stream\r\n\r\ndata: 1\n\n");
    let peer = Peer::start(move |request| match request.contains("/stream") {
        true => Reply::Silent(head.clone().into()),
        false => Reply::Silent(Vec::new()),
    })
    .await;
    let egress = towards(&[&peer]);
    let open = |path: &str, patience| {
        let request = reqwest::Request::new(Method::GET, peer.at(path).parse().unwrap());
        egress.open(request, patience)
    };
    let mut stream = open("/stream", PATIENT.time).await.expect("a stream");
    let first = stream.chunk().await.expect("an event").expect("an event");
    assert_eq!(
        &*first, b"data: 1\n\n",
        "the first event comes before the end"
    );
    let fault = open("/silent", SHORT.time).await.expect_err("no head");
    assert_eq!(fault, Fault::TooSlow);
}

#[tokio::test]
async fn what_is_printed_of_a_request_and_an_answer_holds_no_secret() {
    let headers = "Set-Cookie: planted\r\n";
    let peer = Peer::start(move |_| Reply::Bytes(answer("200 OK", headers, "planted"))).await;
    let mut sent = request(Method::POST, &peer.at("/?key=planted"));
    sent.headers.insert("x-api-key", "planted".parse().unwrap());
    sent.body = b"planted".to_vec();
    let said = format!("{sent:?}");
    let answer = towards(&[&peer])
        .send(sent, PATIENT)
        .await
        .expect("an answer");
    let said = format!("{said} {answer:?}");
    assert!(
        said.contains("x-api-key") && !said.contains("planted"),
        "{said}"
    );
}
