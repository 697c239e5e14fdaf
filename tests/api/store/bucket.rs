//! Files in a bucket. Everything runs against a peer that checks signatures, and again against a
//! real service where `TEST_S3_URL` (`http://key:secret@host:port/bucket`) names one.

use super::peer::{KEY, Peer, SECRET};
use super::{LIMIT, picture, png_of, read, sound};
use connectory::config::Config;
use connectory::error::{Code, Error};
use connectory::secret::Secret;
use connectory::store::{Format, Store};
use std::time::Duration;
use uuid::Uuid;

/// Settings for a bucket.
fn config(endpoint: &str, address: &str, secret: &str) -> Config {
    Config {
        media_store: Some(address.into()),
        media_store_endpoint: Some(endpoint.into()),
        media_store_region: Some("eu-central-1".into()),
        media_store_access_key: Some(Secret::new(KEY)),
        media_store_secret_key: Some(Secret::new(secret)),
        ..Config::default()
    }
}

fn open(config: &Config) -> Store {
    let options = config.media().expect("the settings are complete");
    Store::open(&options).expect("nothing is asked yet")
}

/// A real service, if one is named.
fn real() -> Option<Store> {
    let url = std::env::var("TEST_S3_URL").ok()?;
    let mut url = url::Url::parse(&url).expect("TEST_S3_URL is an address");
    let (key, secret) = (
        url.username().to_owned(),
        url.password().expect("a secret").to_owned(),
    );
    let address = format!("s3:/{}/{}", url.path(), Uuid::now_v7());
    url.set_username("").expect("it had one");
    url.set_password(None).expect("it had one");
    url.set_path("");
    Some(open(&Config {
        media_store_access_key: Some(Secret::new(key)),
        media_store_region: None,
        ..config(url.as_str(), &address, &secret)
    }))
}

/// Stores a file, reads it in parts, replaces and deletes it.
async fn keeps_files(store: &Store) {
    let bytes = png_of(300_000, 3);
    let upload = sound(bytes.clone());
    assert_eq!(store.head(upload.key()).await.expect("an answer"), None);
    assert!(
        store
            .get(upload.key(), None)
            .await
            .expect("an answer")
            .is_none()
    );
    for _ in 0..2 {
        assert_eq!(
            store.put(&upload).await.expect("it is kept"),
            upload.stored()
        );
    }
    assert_eq!(
        store.head(upload.key()).await.expect("an answer"),
        Some(300_000)
    );
    assert_eq!(read(store, &upload, None).await, bytes);
    assert_eq!(
        read(store, &upload, Some(10..250_000)).await,
        bytes[10..250_000]
    );
    for _ in 0..2 {
        store
            .delete(upload.key())
            .await
            .expect("deleting twice is no fault");
        assert_eq!(store.head(upload.key()).await.expect("an answer"), None);
    }
}

/// Hands out an address, takes a file there, and fetches it to be checked.
async fn takes_uploads(store: &Store) {
    let (id, bytes) = (Uuid::now_v7(), picture("plain.gif"));
    let minute = Duration::from_secs(60);
    let asked = store.presign(id, Format::Gif, minute).await;
    let address = asked.expect("an answer").expect("a bucket can");
    assert_eq!(store.incoming(id).await.expect("an answer"), None);
    let sent = send(&address.url, &address.headers, bytes).await;
    assert_eq!(sent, 200, "{address:?}");
    let arrived = store
        .incoming(id)
        .await
        .expect("an answer")
        .expect("it arrived");
    assert_eq!(arrived, bytes);
    store.put(&sound(arrived)).await.expect("it is kept");
    store.discard_incoming(id).await.expect("it is removed");
    assert_eq!(store.incoming(id).await.expect("an answer"), None);
}

/// Sends bytes to an address; the status of the answer.
async fn send(url: &str, headers: &[(&str, String)], bytes: &[u8]) -> u16 {
    let mut request = reqwest::Client::new().put(url).body(bytes.to_vec());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_bucket_keeps_files_under_its_prefix_with_their_types() {
    let peer = Peer::start().await;
    let store = open(&config(&peer.url, "s3://pictures/tenant/a", SECRET));
    keeps_files(&store).await;
    let upload = sound(picture("plain.svg"));
    let stored = store.put(&upload).await.expect("it is kept");
    let there = (
        format!("/pictures/tenant/a/{}", stored.path),
        "image/svg+xml".to_owned(),
    );
    assert_eq!(peer.list(), [there]);
    if let Some(store) = real() {
        keeps_files(&store).await;
    }
}

#[tokio::test]
async fn a_bucket_takes_uploads_at_a_signed_address() {
    let peer = Peer::start().await;
    takes_uploads(&open(&config(&peer.url, "s3://pictures", SECRET))).await;
    let left: Vec<_> = peer.list().into_iter().map(|(path, _)| path).collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(!left[0].contains("incoming"), "{left:?}");
    if let Some(store) = real() {
        takes_uploads(&store).await;
    }
}

#[tokio::test]
async fn a_signed_address_takes_the_agreed_file_alone() {
    let peer = Peer::start().await;
    let store = open(&config(&peer.url, "s3://pictures", SECRET));
    let minute = Duration::from_secs(60);
    let asked = store.presign(Uuid::now_v7(), Format::Png, minute).await;
    let address = asked.expect("an answer").expect("a bucket can");
    assert!(!address.url.contains(SECRET));
    let html = [("content-type", "text/html".to_owned())];
    assert_eq!(
        send(&address.url, &html, &[0; 100]).await,
        403,
        "another type"
    );
    let elsewhere = address.url.replace("incoming", "outgoing");
    assert_eq!(
        send(&elsewhere, &address.headers, &[0; 100]).await,
        403,
        "another place"
    );
    assert_eq!(send(&address.url, &address.headers, &[0; 100]).await, 200);
}

#[tokio::test]
async fn what_arrives_unchecked_is_read_no_further_than_the_limit() {
    let peer = Peer::start().await;
    let store = open(&config(&peer.url, "s3://pictures", SECRET));
    let (id, size) = (Uuid::now_v7(), LIMIT + 1);
    let minute = Duration::from_secs(60);
    let asked = store.presign(id, Format::Png, minute).await;
    let address = asked.expect("an answer").expect("a bucket can");
    assert_eq!(
        send(&address.url, &address.headers, &vec![0; size]).await,
        200
    );
    match store.incoming(id).await {
        Err(Error::Invalid(problems)) => assert_eq!(problems[0].path, "file"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_bucket_that_refuses_or_is_gone_is_no_missing_file() {
    let peer = Peer::start().await;
    let upload = sound(picture("plain.png"));
    let wrong = open(&config(&peer.url, "s3://pictures", "another"));
    let refused = wrong.put(&upload).await.expect_err("the secret is wrong");
    assert_eq!(refused.code(), Code::Internal);
    assert!(!refused.to_string().contains("another") && peer.list().is_empty());
    assert!(wrong.get(upload.key(), None).await.is_err());
    let gone = open(&config("http://127.0.0.1:1", "s3://pictures", SECRET));
    let refused = gone.head(upload.key()).await.expect_err("nobody is there");
    assert_eq!(refused.code(), Code::Unavailable, "{refused}");
}

#[test]
fn settings_of_a_bucket_must_be_complete_and_belong_to_one() {
    let good = || config("https://s3.example:9000", "s3://pictures", SECRET);
    good().media().expect("it is complete");
    let cases: [(&str, Config); 6] = [
        (
            "media_store_secret_key",
            Config {
                media_store_secret_key: None,
                ..good()
            },
        ),
        (
            "media_store_access_key",
            Config {
                media_store_access_key: None,
                ..good()
            },
        ),
        (
            "media_store_endpoint",
            config("s3.example", "s3://pictures", SECRET),
        ),
        (
            "media_store_endpoint",
            config("ftp://s3.example", "s3://pictures", SECRET),
        ),
        (
            "media_store_region",
            config("https://s3.example", "/srv/media", SECRET),
        ),
        (
            "media_store_path_style",
            Config {
                media_store_path_style: Some(true),
                ..Config::default()
            },
        ),
    ];
    for (named, config) in cases {
        let refused = config.media().expect_err(named);
        assert_eq!(refused.problems()[0].path, named);
    }
}
