//! Pictures over HTTP: who may see one, what caches may keep, and parts of it.

use super::{picture, png_of, sound};
use crate::both;
use crate::support::{TestApp, World};
use chrono::Duration;
use connectory::service::media;
use connectory::store::{Purpose, Upload};
use reqwest::header::HeaderMap;
use uuid::Uuid;

/// What came back.
struct Got {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |v| v.to_str().expect("text"))
    }
}

async fn ask(t: &TestApp, method: &str, target: &str, headers: &[(&str, &str)]) -> Got {
    let method = method.parse().expect("a method");
    let mut request = t.http.request(method, format!("{}{target}", t.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.expect("an answer");
    Got {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.expect("a body").to_vec(),
    }
}

async fn get(t: &TestApp, target: &str, headers: &[(&str, &str)]) -> Got {
    ask(t, "GET", target, headers).await
}

/// A media row with a stored file, of an organization or of none; its identifier.
async fn kept(t: &TestApp, upload: &Upload, organization: Option<Uuid>, name: &str) -> Uuid {
    let stored = t.app.store.put(upload).await.expect("it is kept");
    row(t, &stored.path, Some(&stored.sha256), organization, name).await
}

/// A media row.
async fn row(
    t: &TestApp,
    path: &str,
    hash: Option<&str>,
    organization: Option<Uuid>,
    name: &str,
) -> Uuid {
    let id = Uuid::now_v7();
    let quoted = |value: Option<String>| value.map_or("NULL".into(), |v| format!("'{v}'"));
    // SQLite keeps identifiers as bytes.
    let uuid = |id: Uuid| {
        if t.is_sqlite() {
            format!("x'{}'", id.simple())
        } else {
            format!("'{id}'")
        }
    };
    let owner = organization.map_or("NULL".into(), uuid);
    t.execute(&format!(
        "INSERT INTO media (id, workspace_id, organization_id, media_type, path, content_hash, file_name, is_primary, created_at, updated_at) \
         VALUES ({}, {owner}, {owner}, 'logo', '{path}', {}, '{name}', true, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')",
        uuid(id), quoted(hash.map(str::to_owned)),
    ))
    .await;
    id
}

/// The first and last byte of a part.
type Part = Option<(usize, usize)>;

/// Ranges of a file of 1,000 bytes, with the answer: a part, all of it, or 416.
const RANGES: &[(&str, Part, u16)] = &[
    ("bytes=0-0", Some((0, 0)), 206),
    ("bytes=0-499", Some((0, 499)), 206),
    ("bytes=500-", Some((500, 999)), 206),
    ("bytes=999-", Some((999, 999)), 206),
    ("bytes=0-99999", Some((0, 999)), 206),
    ("bytes=10-18446744073709551615", Some((10, 999)), 206),
    ("bytes=10-99999999999999999999999", Some((10, 999)), 206),
    ("bytes=-1", Some((999, 999)), 206),
    ("bytes=-1000", Some((0, 999)), 206),
    ("bytes=-5000", Some((0, 999)), 206),
    ("Bytes=1-2", Some((1, 2)), 206),
    ("bytes=1000-", None, 416),
    ("bytes=1000-1001", None, 416),
    ("bytes=99999999999999999999999-", None, 416),
    ("bytes=-0", None, 416),
    ("bytes=5-4", None, 200),
    ("bytes=-", None, 200),
    ("bytes=", None, 200),
    ("bytes", None, 200),
    ("bytes=a-b", None, 200),
    ("bytes=+1-2", None, 200),
    ("bytes=1-2-3", None, 200),
    ("bytes=0x1-2", None, 200),
    ("bytes=0-0,2-3", None, 200),
    ("items=0-1", None, 200),
    ("", None, 200),
];

both! {
    async fn a_file_is_sent_with_all_that_is_known_of_it(t) {
        for (name, content_type) in [("plain.png", "image/png"), ("plain.svg", "image/svg+xml"), ("icon.ico", "image/vnd.microsoft.icon")] {
            let upload = sound(picture(name));
            let id = kept(t, &upload, None, "Größe \"1\".png").await;
            let got = get(t, &media::address(id), &[]).await;
            assert_eq!((got.status, got.body.as_slice()), (200, picture(name)));
            for (header, value) in [
                ("content-type", content_type),
                ("content-length", &picture(name).len().to_string()),
                ("etag", &format!("\"{}\"", upload.key().sha256())),
                ("cache-control", "public, max-age=31536000, immutable"),
                ("accept-ranges", "bytes"),
                ("x-content-type-options", "nosniff"),
                ("cross-origin-resource-policy", "cross-origin"),
                ("content-disposition", "inline; filename=\"Gr__e _1_.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.png"),
            ] {
                assert_eq!(got.header(header), value, "{name}");
            }
            let policy = got.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.ends_with("sandbox"), "{policy}");
            let head = ask(t, "HEAD", &media::address(id), &[("range", "bytes=0-1")]).await;
            assert_eq!((head.status, head.body.len()), (200, 0));
            for same in ["content-type", "content-length", "etag", "cache-control", "accept-ranges", "content-disposition"] {
                assert_eq!(head.header(same), got.header(same), "{same}");
            }
        }
    }

    async fn a_range_is_answered_with_its_part(t) {
        let bytes = png_of(1_000, 5);
        let id = kept(t, &sound(bytes.clone()), None, "a.png").await;
        for (range, part, status) in RANGES {
            let got = get(t, &media::address(id), &[("range", range)]).await;
            assert_eq!(got.status, *status, "{range}");
            match (part, status) {
                (Some((first, last)), _) => {
                    assert_eq!(got.header("content-range"), format!("bytes {first}-{last}/1000"), "{range}");
                    assert_eq!(got.body, bytes[*first..=*last], "{range}");
                }
                (None, 416) => assert_eq!(got.header("content-range"), "bytes */1000", "{range}"),
                _ => assert_eq!((got.header("content-range"), &got.body), ("", &bytes), "{range}"),
            }
        }
    }

    async fn conditions_are_judged_before_ranges(t) {
        let upload = sound(png_of(1_000, 6));
        let target = media::address(kept(t, &upload, None, "a.png").await);
        let tag = format!("\"{}\"", upload.key().sha256());
        let weak = format!("W/{tag}");
        let listed = format!("\"other\", {weak}");
        let cases: [(&[(&str, &str)], u16); 14] = [
            (&[("if-none-match", &tag)], 304),
            (&[("if-none-match", &weak)], 304),
            (&[("if-none-match", &listed)], 304),
            (&[("if-none-match", "*")], 304),
            (&[("if-none-match", "\"other\"")], 200),
            (&[("if-none-match", upload.key().sha256())], 200),
            (&[("if-none-match", &tag), ("range", "bytes=0-1")], 304),
            (&[("if-range", &tag), ("range", "bytes=0-1")], 206),
            (&[("if-range", &weak), ("range", "bytes=0-1")], 200),
            (&[("if-range", "\"other\""), ("range", "bytes=5000-")], 200),
            (&[("if-range", "Thu, 01 Jan 2099 00:00:00 GMT"), ("range", "bytes=0-1")], 200),
            (&[("if-match", &tag)], 200),
            (&[("if-match", &weak)], 412),
            (&[("if-match", "\"other\"")], 412),
        ];
        for (headers, status) in cases {
            for method in ["GET", "HEAD"] {
                // A range is for GET alone.
                let expected = if (method, status) == ("HEAD", 206) { 200 } else { status };
                let got = ask(t, method, &target, headers).await;
                assert_eq!(got.status, expected, "{method} {headers:?}");
                if status == 304 {
                    assert_eq!((got.header("etag"), got.body.len()), (tag.as_str(), 0));
                    assert!(got.header("cache-control").contains("immutable"));
                }
            }
        }
    }

    async fn generated_pictures_answer_the_same_questions(t) {
        let id = row(t, "monogram/acme.svg", None, None, "acme.svg").await;
        let target = media::address(id);
        let whole = get(t, &target, &[]).await;
        assert_eq!((whole.status, whole.header("content-type")), (200, "image/svg+xml"));
        assert_eq!(whole.header("cache-control"), "public, max-age=3600");
        let part = get(t, &target, &[("range", "bytes=1-3")]).await;
        assert_eq!((part.status, part.body.as_slice()), (206, &whole.body[1..=3]));
        assert_eq!(get(t, &target, &[("if-none-match", whole.header("etag"))]).await.status, 304);
        t.execute("UPDATE media SET label = 'Zebra'").await;
        let changed = get(t, &target, &[("if-none-match", whole.header("etag"))]).await;
        assert_eq!(changed.status, 200, "other words make another picture");
    }

    async fn a_file_of_an_organization_is_for_its_tokens_and_signed_addresses(t) {
        let world = World::make(t).await;
        let bytes = png_of(1_000, 7);
        let id = kept(t, &sound(bytes.clone()), Some(world.root_id), "a.png").await;
        let target = media::address(id);
        let bearer = |token: &str| format!("Bearer {token}");
        for token in [&world.root, &world.group, &world.leaf] {
            let got = get(t, &target, &[("authorization", &bearer(token))]).await;
            assert_eq!((got.status, &got.body), (200, &bytes));
            assert_eq!(got.header("cache-control"), "private, max-age=31536000, immutable");
            assert_eq!(got.header("vary"), "Authorization");
        }
        assert_eq!(get(t, &target, &[]).await.status, 404);
        assert_eq!(get(t, &target, &[("authorization", &bearer(&world.other))]).await.status, 404);
        let signed = media::public_url(&t.app.seal, id, Duration::minutes(5));
        let got = get(t, &signed, &[]).await;
        assert_eq!((got.status, &got.body), (200, &bytes));
        let control = got.header("cache-control");
        let age = control.strip_prefix("private, max-age=").and_then(|c| c.strip_suffix(", immutable"));
        let age: i64 = age.and_then(|a| a.parse().ok()).expect(control);
        assert!((290..=65 * 60).contains(&age), "{control} ends with the address");
        assert_eq!(get(t, &signed, &[("range", "bytes=0-9")]).await.body, bytes[..10]);
    }

    async fn a_signed_address_opens_nothing_else(t) {
        let world = World::make(t).await;
        let id = kept(t, &sound(png_of(1_000, 8)), Some(world.root_id), "a.png").await;
        let other = kept(t, &sound(png_of(1_000, 9)), Some(world.root_id), "b.png").await;
        let signed = media::public_url(&t.app.seal, id, Duration::minutes(5));
        let token = signed.split_once("?token=").expect("a token").1;
        let expired = media::public_url(&t.app.seal, id, Duration::hours(-2));
        let upload = t.app.seal.sign(Purpose::Upload, &id.to_string(), chrono::Utc::now() + Duration::hours(1));
        let target = media::address(id);
        for target in [
            format!("{}?token={token}", media::address(other)),
            format!("{target}?token={upload}"),
            format!("{target}?token={}", &token[1..]),
            format!("{target}?token="),
            expired,
        ] {
            assert_eq!(get(t, &target, &[]).await.status, 404, "{target}");
        }
        t.execute("UPDATE media SET deleted_at = updated_at").await;
        assert_eq!(get(t, &signed, &[]).await.status, 404, "the row is deleted");
    }

    async fn a_path_that_no_upload_wrote_opens_no_file(t) {
        let upload = sound(png_of(1_000, 10));
        let stored = t.app.store.put(&upload).await.expect("it is kept");
        let other = "0".repeat(64);
        for (path, hash) in [
            (stored.path.as_str(), None),
            (&stored.path, Some(other.as_str())),
            ("../../etc/passwd", Some(&stored.sha256)),
            (&format!("../{}", stored.path), Some(&stored.sha256)),
        ] {
            let id = row(t, path, hash, None, "a.png").await;
            assert_eq!(get(t, &media::address(id), &[]).await.status, 404, "{path} {hash:?}");
        }
    }

    async fn a_file_that_is_lost_is_not_there(t) {
        let upload = sound(png_of(1_000, 11));
        let target = media::address(kept(t, &upload, None, "a.png").await);
        assert_eq!(get(t, &target, &[]).await.status, 200);
        t.app.store.delete(upload.key()).await.expect("it is removed");
        for method in ["GET", "HEAD"] {
            assert_eq!(ask(t, method, &target, &[]).await.status, 404, "{method}");
        }
        assert_eq!(ask(t, "POST", &target, &[]).await.status, 405);
    }
}
