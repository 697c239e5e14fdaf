//! Requests with files, after the GraphQL multipart request specification, from the raw bytes on.

use super::scene::Scene;
use super::snapshot;
use crate::both;
use serde_json::{Value as Json, json};

const PNG: &[u8] = include_bytes!("../store/picture/plain.png");
pub(super) const UPLOAD: &str = "mutation($file: Upload!, $label: String) { mediaUpload(input: {file: $file, label: $label, mediaType: BANNER, isPrimary: false}) \
                      { mediaItem { id revision label mediaType isPrimary fileName contentType fileSize url uploadedAt processedAt workspace { slug } } \
                      userErrors { field code message } } }";

/// A part of a form: its name, its file name and content type if it is a file, and its bytes.
pub(super) type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [u8]);

/// A form as `curl -F` writes it.
fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, file, bytes) in parts {
        out.extend_from_slice(
            format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some((file_name, content_type)) = file {
            let file = format!("; filename=\"{file_name}\"\r\nContent-Type: {content_type}");
            out.extend_from_slice(file.as_bytes());
        }
        out.extend_from_slice(b"\r\n\r\n");
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"--cut--\r\n");
    out
}

/// Sends a form and returns status and document.
pub(super) async fn send(
    s: &Scene<'_>,
    token: &str,
    header: Option<(&str, &str)>,
    body: Vec<u8>,
) -> (u16, Json) {
    let mut request =
        s.t.http
            .post(format!("{}/graphql", s.t.url))
            .bearer_auth(token);
    request = request.header("content-type", "multipart/form-data; boundary=cut");
    request = request.header("accept", "application/graphql-response+json");
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    let response = request.body(body).send().await.expect("the server answers");
    let status = response.status().as_u16();
    (status, response.json().await.expect("JSON"))
}

/// Sends these parts with the header that is asked for.
pub(super) async fn post(s: &Scene<'_>, token: &str, parts: &[Part<'_>]) -> (u16, Json) {
    send(s, token, Some(("graphql-preflight", "1")), form(parts)).await
}

fn operations(label: &str) -> String {
    json!({"query": UPLOAD, "variables": {"file": null, "label": label}}).to_string()
}

const MAP: &[u8] = br#"{"0": ["variables.file"]}"#;

/// The parts of a request that uploads one picture.
pub(super) fn one<'a>(
    operations: &'a str,
    file_name: &'a str,
    content_type: &'a str,
    bytes: &'a [u8],
) -> [Part<'a>; 3] {
    [
        ("operations", None, operations.as_bytes()),
        ("map", None, MAP),
        ("0", Some((file_name, content_type)), bytes),
    ]
}

both! {
    async fn a_picture_is_uploaded_and_fetched_again(t) {
        let s = Scene::make(t).await;
        let operations = operations("Our mark");
        let (status, answer) = post(&s, &s.admin, &one(&operations, "mark.png", "image/png", PNG)).await;
        assert_eq!(status, 200, "{answer:#}");
        assert_eq!(answer["data"]["mediaUpload"]["userErrors"], json!([]), "{answer:#}");
        let row = answer["data"]["mediaUpload"]["mediaItem"].clone();
        let id = row["id"].as_str().expect("an id");
        for (name, value) in [
            ("revision", json!(1)), ("label", json!("Our mark")), ("mediaType", json!("BANNER")), ("isPrimary", json!(false)),
            ("fileName", json!("mark.png")), ("contentType", json!("image/png")), ("fileSize", json!(PNG.len())),
            ("url", json!(format!("/media/{id}"))), ("workspace", json!({"slug": "home"})),
        ] {
            assert_eq!(row[name], value, "{name}");
        }
        assert!(row["uploadedAt"].is_string() && row["processedAt"].is_string(), "{row:#}");
        let url = format!("{}/media/{id}", t.url);
        let fetched = t.http.get(&url).bearer_auth(&s.owner).send().await.unwrap();
        assert_eq!(fetched.bytes().await.unwrap(), PNG);
        assert_eq!(t.http.get(&url).bearer_auth(&s.stranger).send().await.unwrap().status(), 404);
        assert_eq!(s.latest(1).await, ["media.upload done"]);
    }

    async fn one_of_three_headers_must_be_there(t) {
        let s = Scene::make(t).await;
        let operations = operations("x");
        let body = || form(&one(&operations, "mark.png", "image/png", PNG));
        for header in [None, Some(("graphql-preflight", " ")), Some(("x-requested-with", "1"))] {
            let before = s.snapshot().await;
            let (status, answer) = send(&s, &s.owner, header, body()).await;
            assert_eq!(status, 400, "{answer:#}");
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains("`GraphQL-Preflight: 1`"), "{message}");
            snapshot::assert_same(&before, &s.snapshot().await, "a form without a header");
        }
        for header in ["GraphQL-Preflight", "Apollo-Require-Preflight", "X-Apollo-Operation-Name"] {
            let (status, answer) = send(&s, &s.owner, Some((header, "yes")), body()).await;
            assert_eq!((status, &answer["errors"]), (200, &Json::Null), "{header}: {answer:#}");
        }
    }

    async fn forms_that_break_the_rules_are_refused(t) {
        let s = Scene::make(t).await;
        let sound = operations("x");
        let ops = |text: &'static str| ("operations", None, text.as_bytes());
        let good: Part<'_> = ("operations", None, sound.as_bytes());
        let file: Part<'_> = ("0", Some(("a.png", "image/png")), PNG);
        let map: Part<'_> = ("map", None, MAP);
        let eleven: Json = (0..11).map(|i| (i.to_string(), json!(["variables.file"]))).collect::<serde_json::Map<_, _>>().into();
        let eleven = eleven.to_string();
        let cases: Vec<(Vec<Part<'_>>, &str)> = vec![
            (vec![], "the part `operations` is missing"),
            (vec![map, good, file], "the part `operations` is missing"),
            (vec![good, file], "the part `map` is missing"),
            (vec![ops("no json"), map, file], "the body is no JSON"),
            (vec![ops("[]"), map, file], "batches are not taken"),
            (vec![good, ("map", None, b"[]"), file], "`map` must be an object"),
            (vec![good, ("map", None, br#"{"0": []}"#), file], "names no variable for the file `0`"),
            (vec![good, ("map", None, br#"{"0": ["query"]}"#), file], "names `query`, which is no variable that is null"),
            (vec![good, ("map", None, br#"{"0": ["variables.label"]}"#), file], "names `variables.label`, which is no variable"),
            (vec![good, ("map", None, br#"{"0": ["variables.none.at.all"]}"#), file], "names `variables.none.at.all`"),
            (vec![good, ("map", None, eleven.as_bytes()), file], "`map` names 11 files; the limit is 10"),
            (vec![good, map], "the part `0` that `map` names is missing"),
            (vec![good, map, file, file], "the part `0` comes twice"),
            (vec![good, map, file, ("1", Some(("b.png", "image/png")), PNG)], "the part `1` is not named by `map`"),
            (vec![good, map, ("0", Some(("a.png", "image/png")), b"no picture")], "the file `0` is refused: `file` is no picture"),
            (vec![good, map, ("0", Some(("a.gif", "image/gif")), PNG)], "the file `0` is refused: `content_type` says `image/gif`"),
        ];
        let before = s.snapshot().await;
        for (parts, says) in cases {
            let (status, answer) = post(&s, &s.owner, &parts).await;
            let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(message.contains(says), "`{message}` lacks `{says}`");
            assert_eq!(status, 400, "{says}");
        }
        snapshot::assert_same(&before, &s.snapshot().await, "refused forms");
        assert_eq!(s.events("done").await, 0);
    }

    async fn what_is_too_large_is_refused(t) {
        let s = Scene::make(t).await;
        let sound = operations("x");
        let large = vec![0; t.app.config.media_limit + 1];
        let (status, answer) = post(&s, &s.owner, &one(&sound, "a.png", "image/png", &large)).await;
        assert_eq!(status, 413, "{answer:#}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "PAYLOAD_TOO_LARGE");
        let long = vec![b' '; t.app.config.body_limit + 1];
        let (status, answer) = post(&s, &s.owner, &[("operations", None, &long)]).await;
        assert_eq!(status, 413, "{answer:#}");
    }

    async fn numbers_that_no_file_has_are_refused(t) {
        let s = Scene::make(t).await;
        for file in [json!(0), json!(7), json!("0"), json!({"path": "/etc/passwd"})] {
            let before = s.snapshot().await;
            let answer = t.ask(&s.owner, UPLOAD, json!({"file": file})).await;
            let errors = &answer.data()["mediaUpload"]["userErrors"];
            assert_eq!(errors[0]["field"], json!(["input", "file"]), "{errors}");
            assert!(errors[0]["message"].as_str().unwrap().contains("must be a file"), "{errors}");
            snapshot::assert_same(&before, &s.snapshot().await, "a number without a file");
        }
        let operations = json!({
            "query": "mutation($file: Upload!, $other: Upload!) { a: mediaUpload(input: {file: $file}) { mediaItem { id } userErrors { message } } \
                      b: mediaUpload(input: {file: $other}) { mediaItem { id } userErrors { message } } }",
            "variables": {"file": null, "other": 1},
        }).to_string();
        let (status, answer) = post(&s, &s.owner, &one(&operations, "a.png", "image/png", PNG)).await;
        assert_eq!(status, 200, "{answer:#}");
        assert!(answer["data"]["a"]["mediaItem"]["id"].is_string(), "{answer:#}");
        assert!(answer["data"]["b"]["mediaItem"].is_null(), "{answer:#}");
    }

    async fn roles_that_may_not_write_leave_no_file(t) {
        let s = Scene::make(t).await;
        let sound = operations("x");
        for token in [&s.member, &s.viewer] {
            let before = s.snapshot().await;
            let (_, answer) = post(&s, token, &one(&sound, "a.png", "image/png", PNG)).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
            snapshot::assert_same(&before, &s.snapshot().await, "a refused upload");
        }
        assert_eq!(s.events("refused").await, 2);
        let key = connectory::store::Key::of(PNG, connectory::store::Format::Png);
        assert_eq!(t.app.store.head(&key).await.unwrap(), None);
    }

    async fn a_connector_is_made_with_its_logo_in_one_request(t) {
        let s = Scene::make(t).await;
        let query = "mutation($input: ConnectorCreateInput!) { connectorCreate(input: $input) { connector { logo { url fileName } } userErrors { message } } }";
        let input = json!({"slug": "c", "name": "C", "category": "tools", "direction": "BOTH", "logo": {"file": null, "label": "C"}});
        let operations = json!({"query": query, "variables": {"input": input}}).to_string();
        let parts: [Part<'_>; 3] = [
            ("operations", None, operations.as_bytes()),
            ("map", None, br#"{"f": ["variables.input.logo.file"]}"#),
            ("f", Some(("c.png", "image/png")), PNG),
        ];
        let (_, answer) = post(&s, &s.owner, &parts).await;
        let logo = &answer["data"]["connectorCreate"]["connector"]["logo"];
        assert_eq!(logo["fileName"], "c.png", "{answer:#}");
        assert!(logo["url"].as_str().unwrap().starts_with("/media/"), "{answer:#}");
    }
}
