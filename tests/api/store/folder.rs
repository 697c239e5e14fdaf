//! Files in a folder: once each, whole or not at all, and nowhere else.

use super::{LIMIT, picture, png_of, read, sound, store_in};
use connectory::config::Config;
use connectory::secret::Secret;
use connectory::store::{Format, Key, Options, Place, Store};
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    };
    entries
        .flat_map(|e| below(e.expect("an entry").path()))
        .collect()
}

#[tokio::test]
async fn a_file_lies_under_its_hash_and_is_read_whole_or_in_part() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let bytes = png_of(100_000, 1);
    let upload = sound(bytes.clone());
    let stored = store.put(&upload).await.expect("it is kept");
    let hash = stored.sha256.as_str();
    assert_eq!(
        stored.path,
        format!("{}/{}/{hash}.png", &hash[..2], &hash[2..4])
    );
    assert_eq!(
        std::fs::read(folder.path().join(&stored.path)).expect("it is there"),
        bytes
    );
    assert_eq!(
        store.head(upload.key()).await.expect("an answer"),
        Some(100_000)
    );
    assert_eq!(read(&store, &upload, None).await, bytes);
    assert_eq!(
        read(&store, &upload, Some(7..50_000)).await,
        bytes[7..50_000]
    );
    assert_eq!(
        read(&store, &upload, Some(99_999..100_000)).await,
        bytes[99_999..]
    );
    assert_eq!(Key::parse(&stored.path).as_ref(), Some(upload.key()));
}

#[tokio::test]
async fn the_same_bytes_are_one_file_however_often_they_come() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let uploads: Vec<_> = (0..3).map(|seed| sound(png_of(300_000, seed))).collect();
    let tasks: Vec<_> = (0..48)
        .map(|i| {
            let (store, upload) = (store.clone(), uploads[i % 3].clone());
            tokio::spawn(async move { store.put(&upload).await })
        })
        .collect();
    for (i, task) in tasks.into_iter().enumerate() {
        let stored = task.await.expect("it ends").expect("it is kept");
        assert_eq!(stored, uploads[i % 3].stored());
    }
    assert_eq!(files(folder.path()).len(), 3, "{:?}", files(folder.path()));
    for upload in &uploads {
        assert_eq!(read(&store, upload, None).await, upload.bytes()[..]);
    }
}

#[tokio::test]
async fn a_damaged_or_deleted_file_is_whole_after_the_next_put() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let upload = sound(picture("plain.gif"));
    let stored = store.put(&upload).await.expect("it is kept");
    std::fs::write(folder.path().join(&stored.path), b"GIF").expect("damage");
    store.put(&upload).await.expect("it is kept again");
    assert_eq!(read(&store, &upload, None).await, picture("plain.gif"));
    for _ in 0..2 {
        store
            .delete(upload.key())
            .await
            .expect("deleting twice is no fault");
        assert_eq!(store.head(upload.key()).await.expect("an answer"), None);
        assert!(
            store
                .get(upload.key(), None)
                .await
                .expect("an answer")
                .is_none()
        );
    }
    store.put(&upload).await.expect("it is kept once more");
    assert_eq!(store.head(upload.key()).await.expect("an answer"), Some(61));
}

#[tokio::test]
async fn a_body_is_received_in_parts_and_judged_with_what_was_said_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let parts = || {
        let parts = picture("plain.jpg").chunks(100).map(|part| Ok(part.into()));
        futures_util::stream::iter(parts)
    };
    let said = |text: &str| Some(text.to_owned());
    let upload = store
        .receive(parts(), said("image/jpeg"), said("a/me.jpeg"))
        .await;
    let upload = upload.expect("it passes");
    assert_eq!(
        (upload.file_name(), upload.bytes().len()),
        (Some("me.jpeg"), 639)
    );
    let refused = store.receive(parts(), said("image/png"), None).await;
    let refused = refused.expect_err("it is no PNG");
    assert_eq!(refused.problems()[0].path, "content_type");
    assert_eq!(
        files(folder.path()),
        Vec::<PathBuf>::new(),
        "nothing was kept"
    );
}

#[test]
fn only_a_hash_in_its_own_folders_is_a_key() {
    let hash = "ab".repeat(32);
    let good = format!("ab/ab/{hash}.png");
    assert_eq!(
        Key::parse(&good).map(|k| (k.format(), k.to_string())),
        Some((Format::Png, good))
    );
    for path in [
        "",
        "x",
        "../../etc/passwd",
        "monogram/acme.svg",
        &format!("{hash}.png"),
        &format!("/ab/ab/{hash}.png"),
        &format!("ab/ab/../ab/{hash}.png"),
        &format!("ab/cd/{hash}.png"),
        &format!("ab/ab/{hash}.html"),
        &format!("ab/ab/{hash}.jpeg"),
        &format!("ab/ab/{hash}.png#1"),
        &format!("ab/ab/{hash}"),
        &format!("AB/AB/{}.png", hash.to_uppercase()),
        &format!("ab/ab/{}.png", &hash[1..]),
        &format!("ab/ab/{}é.png", &hash[2..]),
    ] {
        assert_eq!(Key::parse(path), None, "{path}");
    }
}

#[tokio::test]
async fn a_folder_hands_out_no_addresses_and_has_nothing_incoming() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store_in(folder.path());
    let id = Uuid::now_v7();
    let asked = store
        .presign(id, Format::Png, Duration::from_secs(60))
        .await;
    assert_eq!(asked.expect("an answer"), None);
    assert_eq!(store.incoming(id).await.expect("an answer"), None);
    store
        .discard_incoming(id)
        .await
        .expect("there is nothing to do");
}

#[test]
fn a_place_that_cannot_be_used_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, b"x").expect("a file");
    for path in [file.clone(), file.join("below")] {
        for make in [true, false] {
            let place = Place::Folder {
                path: path.clone(),
                make,
            };
            let refused = Store::open(&Options {
                place,
                limit: LIMIT,
            });
            let named = |e: connectory::error::Error| {
                e.problems()[0].path == "media_store" && e.message().contains("file")
            };
            assert!(
                refused.is_err_and(named) || (!make && path != file),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn addresses_name_a_folder_or_a_bucket() {
    let config = |address: &str| Config {
        media_store: Some(address.into()),
        ..Config::default()
    };
    let place = |address: &str| config(address).media().map(|o| o.place);
    for (address, folder) in [
        ("/srv/media", "/srv/media"),
        ("file:///srv/a%20b", "/srv/a b"),
    ] {
        let named = Place::Folder {
            path: folder.into(),
            make: true,
        };
        assert_eq!(place(address).expect(address), named);
    }
    for (address, name, prefix) in [
        ("s3://pictures", "pictures", ""),
        ("s3://pictures/", "pictures", ""),
        ("s3://my.bucket-1/a/b/", "my.bucket-1", "a/b"),
    ] {
        let Ok(Place::Bucket(bucket)) = place(address) else {
            panic!("{address} is a bucket");
        };
        assert_eq!(
            (bucket.name.as_str(), bucket.prefix.as_str()),
            (name, prefix)
        );
    }
    for address in [
        "",
        " ",
        "s3://",
        "s3://ab",
        "s3://UPPER",
        "s3://b_d/x",
        "s3://bucket/a//b",
        "gs://bucket",
        "https://host/media",
        "file://host/media",
    ] {
        let refused = place(address).expect_err(address);
        assert_eq!(refused.problems()[0].path, "media_store", "{address}");
    }
}

#[test]
fn without_a_setting_files_lie_beside_the_database() {
    let here = std::env::current_dir().expect("a working folder");
    for (url, folder) in [
        ("sqlite:///srv/c.db?mode=rwc", PathBuf::from("/srv/media")),
        ("sqlite://c.db?mode=rwc", here.join("media")),
        ("sqlite:data/c.db", here.join("data/media")),
        ("postgres://localhost/c", here.join("media")),
    ] {
        let config = Config {
            database_url: url.into(),
            ..Config::default()
        };
        let place = config.media().expect(url).place;
        assert_eq!(
            place,
            Place::Folder {
                path: folder,
                make: false
            },
            "{url}"
        );
    }
}

#[test]
fn keys_and_passwords_are_never_shown() {
    let config = Config {
        database_url: "postgres://me:hunter2@host/db".into(),
        media_store: Some("s3://pictures".into()),
        media_store_access_key: Some(Secret::new("AKIAHUNTER")),
        media_store_secret_key: Some(Secret::new("hunter2")),
        ..Config::default()
    };
    let options = config.media().expect("it is complete");
    let store = Store::open(&options).expect("nothing is asked yet");
    let shown = format!("{config:#?} {options:?} {store:?}");
    assert!(!shown.to_lowercase().contains("hunter"), "{shown}");
    assert!(
        shown.contains("media_store_secret_key") && shown.contains("pictures"),
        "{shown}"
    );
}
