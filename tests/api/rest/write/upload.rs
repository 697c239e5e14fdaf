//! Uploads in parts.

use super::super::{JSON_API, checker};
use super::{Got, Site, ask, connector, delete, made, number, patch, paths, refused, rows, text};
use crate::both;
use crate::support::TestApp;
use serde_json::json;

const PNG: &[u8] = include_bytes!("../../store/picture/plain.png");
const BOUNDARY: &str = "----a-line-between";

/// A part: name, file name, content type, bytes.
type Piece<'a> = (&'a str, Option<&'a str>, Option<&'a str>, &'a [u8]);

fn body(parts: &[Piece<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, file_name, content_type, bytes) in parts {
        let file_name = file_name.map_or(String::new(), |n| format!("; filename=\"{n}\""));
        let content_type = content_type.map_or(String::new(), |c| format!("Content-Type: {c}\r\n"));
        out.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n{content_type}\r\n").into_bytes());
        out.extend(*bytes);
        out.extend(b"\r\n");
    }
    out.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    out
}

const FILE: Piece<'_> = ("file", Some("a.png"), Some("image/png"), PNG);

async fn send(
    t: &TestApp,
    token: &str,
    target: &str,
    headers: &[(&str, &str)],
    parts: &[Piece<'_>],
) -> Got {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut all = vec![("content-type", content_type.as_str())];
    all.extend(headers);
    ask(t, token, "POST", target, &all, body(parts)).await
}

both! {
    async fn a_document_or_dotted_fields_tell_about_the_file(t) {
        let site = Site::make(t).await;
        let document = json!({"type": "media", "attributes": {"mediaType": "avatar", "is_primary": false, "label": "L"},
            "relationships": {"workspaces": {"data": [{"type": "workspace", "id": site.below_id}]}}}).to_string();
        let wrapped = json!({"data": serde_json::from_str::<serde_json::Value>(&document).expect("JSON")}).to_string();
        let below = site.below_id.to_string();
        let dotted: Vec<Piece<'_>> = vec![
            ("data.type", None, None, b"media"),
            ("data.attributes.media_type", None, None, b"avatar"),
            ("attributes.is_primary", None, None, b"false"),
            ("label", None, None, b"L"),
            ("data[relationships][workspaces][data][0][type]", None, None, b"workspace"),
            ("data.relationships.workspaces.data.0.id", None, None, below.as_bytes()),
            FILE,
        ];
        for (i, parts) in [
            vec![FILE, ("data", None, Some("application/json"), document.as_bytes())],
            vec![("data", None, None, wrapped.as_bytes()), FILE],
            dotted,
        ].into_iter().enumerate() {
            let target = ["/v1/media", "/v1/medias", "/v1/media/"][i];
            let got = send(t, &site.owner, target, &[], &parts).await;
            let made = got.json();
            assert_eq!(got.status, 201, "{made:#}");
            let attributes = &made["data"]["attributes"];
            for (name, expected) in [("media_type", json!("avatar")), ("is_primary", json!(false)), ("label", json!("L")), ("file_name", json!("a.png")), ("content_type", json!("image/png")), ("file_size", json!(PNG.len()))] {
                assert_eq!(attributes[name], expected, "{i} {made:#}");
            }
            assert_eq!(text(&made, "/data/relationships/workspace/data/id"), site.below_id.to_string());
            let picture = t.http.get(format!("{}{}", t.url, text(&made, "/data/attributes/url"))).bearer_auth(&site.owner).send().await.expect("an answer");
            assert_eq!(picture.bytes().await.expect("bytes"), PNG);
        }
    }

    async fn the_least_is_the_file(t) {
        let site = Site::make(t).await;
        let got = send(t, &site.owner, "/v1/media?include=workspace", &[("accept", JSON_API)], &[FILE]).await;
        let made = got.json();
        assert_eq!(got.status, 201, "{made:#}");
        let expect = checker::Expect { included: true, ..checker::Expect::default() };
        assert_eq!(checker::faults(&made, expect), Vec::<String>::new());
        assert_eq!(got.header("location"), made["data"]["links"]["self"].as_str());
    }

    async fn what_is_wrong_with_parts_is_named(t) {
        let site = Site::make(t).await;
        let before = rows(t).await;
        let data = |text: &'static str| ("data", None, None, text.as_bytes());
        let cases: Vec<(Vec<Piece<'_>>, u16, &str, &str)> = vec![
            (vec![("label", None, None, b"L")], 400, "SCHEMA_VALIDATION_ERROR", "file"),
            (vec![FILE, FILE], 400, "SCHEMA_VALIDATION_ERROR", "file"),
            (vec![("file", Some("a.png"), Some("image/png"), b"no picture")], 400, "SCHEMA_VALIDATION_ERROR", "file"),
            (vec![("file", Some("a.png"), Some("image/gif"), PNG)], 400, "SCHEMA_VALIDATION_ERROR", "content_type"),
            (vec![FILE, data("{\"type\":\"media\"}"), ("label", None, None, b"L")], 400, "SCHEMA_VALIDATION_ERROR", "label"),
            (vec![FILE, data("{\"type\":\"connector\"}")], 400, "SCHEMA_VALIDATION_ERROR", "data.type"),
            (vec![FILE, data("{\"type\":\"media\",\"attributes\":{\"colour\":1}}")], 400, "SCHEMA_VALIDATION_ERROR", "data.attributes.colour"),
            (vec![FILE, data("{")], 400, "INVALID_JSON", ""),
            (vec![FILE, ("data.attributes.label", None, None, b"L"), ("label", None, None, b"M")], 400, "SCHEMA_VALIDATION_ERROR", "label"),
            (vec![FILE, ("a..b", None, None, b"L")], 400, "SCHEMA_VALIDATION_ERROR", "a..b"),
            (vec![FILE, ("media_type", None, None, b"poster")], 400, "SCHEMA_VALIDATION_ERROR", "data.attributes.media_type"),
            (vec![FILE, ("label", None, None, b"\xff")], 400, "SCHEMA_VALIDATION_ERROR", "label"),
        ];
        for (parts, status, code, path) in cases {
            let got = send(t, &site.owner, "/v1/media", &[], &parts).await;
            let json = got.json();
            assert_eq!((got.status, json["code"].as_str()), (status, Some(code)), "{path} {json:#}");
            assert_eq!(paths(&got).first().map_or("", String::as_str), path, "{json:#}");
        }
        let large = vec![0_u8; 70_000];
        let got = send(t, &site.owner, "/v1/media", &[], &[FILE, ("label", None, None, &large)]).await;
        assert_eq!(got.status, 413);
        let many: Vec<Piece<'_>> = (0..60).map(|_| ("label", None, None, &b"x"[..])).collect();
        assert_eq!(send(t, &site.owner, "/v1/media", &[], &many).await.status, 400);
        for (content_type, status) in [("multipart/form-data", 400), ("application/json", 415), ("image/png", 415)] {
            let got = ask(t, &site.owner, "POST", "/v1/media", &[("content-type", content_type)], body(&[FILE])).await;
            assert_eq!(got.status, status, "{content_type}");
        }
        assert_eq!(rows(t).await, before);
    }

    async fn a_repeated_upload_is_one(t) {
        let site = Site::make(t).await;
        let key = [("idempotency-key", "k")];
        let first = send(t, &site.owner, "/v1/media", &key, &[FILE]).await;
        let again = send(t, &site.owner, "/v1/media", &key, &[FILE]).await;
        assert_eq!((first.status, again.status, &first.body), (201, 201, &again.body));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        let other = send(t, &site.owner, "/v1/media", &key, &[FILE, ("label", None, None, b"x")]).await;
        assert_eq!((other.status, &other.json()["code"]), (409, &"IDEMPOTENCY_KEY_REUSED".into()));
        assert_eq!(number(t, "SELECT count(*) FROM media").await, 1);
    }

    async fn roles_tenants_changes_and_deletes(t) {
        let site = Site::make(t).await;
        for token in [&site.viewer, &site.member] {
            let before = (rows(t).await, number(t, "SELECT count(*) FROM audit_events WHERE outcome = 'refused'").await);
            let got = send(t, token, "/v1/media", &[], &[FILE]).await;
            assert_eq!(got.status, 403, "{:#}", got.json());
            let after = (rows(t).await, number(t, "SELECT count(*) FROM audit_events WHERE outcome = 'refused'").await);
            assert_eq!(after, (before.0, before.1 + 1));
        }
        let id = text(&send(t, &site.owner, "/v1/media", &[], &[FILE]).await.json(), "/data/id");
        let target = format!("/v1/medias/{id}");
        let change = json!({"data": {"type": "medias", "attributes": {"label": "New", "isPrimary": false}}});
        let got = patch(t, &site.owner, &target, &change).await.document();
        assert_eq!((&got["data"]["attributes"]["label"], &got["data"]["attributes"]["is_primary"]), (&json!("New"), &json!(false)));
        refused(t, &site.other, "PATCH", &target, &change, (404, "NOT_FOUND")).await;
        refused(t, &site.owner, "PATCH", &target, &json!({"data": {"type": "media", "attributes": {"file_name": "x"}}}), (400, "SCHEMA_VALIDATION_ERROR")).await;
        // A picture that is shown is not taken away by chance.
        let mut shown = connector("a", json!({}));
        shown["data"]["relationships"] = json!({"logo": {"data": {"type": "media", "id": id}}});
        made(t, &site.owner, &shown).await;
        refused(t, &site.owner, "DELETE", &target, &json!({}), (409, "CONFLICT")).await;
        assert_eq!(delete(t, &site.owner, &format!("{target}?force=true")).await.status, 204);
        assert_eq!(delete(t, &site.owner, &target).await.status, 404);
    }
}
