//! Media: what is said of a picture, deleting it, and uploads past the API.

use super::scene::Scene;
use super::upload::{UPLOAD, one, post};
use crate::both;
use serde_json::{Value as Json, json};

const PNG: &[u8] = include_bytes!("../store/picture/plain.png");
const UPDATE: &str = "media_update";
const DELETE: &str = "media_delete";
const BEGIN: &str = "media_upload_begin";
const COMPLETE: &str = "media_upload_complete";
const ADDRESS: &str = "mutation($input: MediaUploadBeginInput!) { mediaUploadBegin(input: $input) { uploadUrl uploadHeaders uploadExpiresAt \
                       mediaItem { id revision label mediaType isPrimary fileName contentType fileSize url path uploadedAt workspace { slug } } userErrors { message } } }";
const FILLED: &str = "id revision fileName contentType fileSize url uploadedAt processedAt";

/// A picture of `home`.
async fn picture(s: &Scene<'_>) -> String {
    let operations =
        json!({"query": UPLOAD, "variables": {"file": null, "label": "x"}}).to_string();
    let (_, answer) = post(s, &s.owner, &one(&operations, "a.png", "image/png", PNG)).await;
    let id = &answer["data"]["mediaUpload"]["mediaItem"]["id"];
    id.as_str()
        .unwrap_or_else(|| panic!("{answer:#}"))
        .to_owned()
}

fn declared(size: usize) -> Json {
    json!({"fileName": "sent.png", "contentType": "image/png", "fileSize": size, "label": "Sent", "mediaType": "AVATAR", "workspace": "below"})
}

/// Begins an upload: what was answered.
async fn begun(s: &Scene<'_>, size: usize) -> Json {
    let answer =
        s.t.ask(&s.owner, ADDRESS, json!({"input": declared(size)}))
            .await;
    answer.data()["mediaUploadBegin"].clone()
}

/// Sends bytes to an address of the server.
async fn put(s: &Scene<'_>, url: &str, content_type: &str, bytes: &[u8]) -> u16 {
    let request =
        s.t.http
            .put(format!("{}{url}", s.t.url))
            .header("content-type", content_type);
    request
        .body(bytes.to_vec())
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

both! {
    async fn what_is_said_of_a_picture_changes(t) {
        let s = Scene::make(t).await;
        let id = picture(&s).await;
        let input = json!({"id": id, "revision": 1, "label": null, "mediaType": "LOGO", "isPrimary": true});
        let done = s.ask(&s.admin, UPDATE, input, "id revision label mediaType isPrimary fileName").await;
        assert_eq!(done.record(), &json!({"id": id, "revision": 2, "label": null, "mediaType": "LOGO", "isPrimary": true, "fileName": "a.png"}));
        s.refuse(&s.admin, UPDATE, json!({"id": id, "revision": 1, "label": "y"}), "precondition_failed", &["at revision 2, not 1"]).await;
        s.refuse(&s.member, UPDATE, json!({"id": id, "label": "y"}), "forbidden", &["may not change the catalogue"]).await;
        s.refuse(&s.sibling, UPDATE, json!({"id": id, "label": "y"}), "forbidden", &["that this token does not reach"]).await;
        s.refuse(&s.stranger, UPDATE, json!({"id": id, "label": "y"}), "not_found", &["there is no media"]).await;
        s.refuse(&s.stranger, DELETE, json!({"id": id}), "not_found", &["there is no media"]).await;
        t.execute("UPDATE media SET organization_id = NULL, workspace_id = NULL").await;
        for name in [UPDATE, DELETE] {
            s.refuse(&s.root, name, json!({"id": id}), "forbidden", &["media of the shared catalogue are read-only"]).await;
        }
    }

    async fn a_picture_that_is_shown_is_not_deleted_unawares(t) {
        let s = Scene::make(t).await;
        let id = picture(&s).await;
        s.connector(json!({"logo": {"id": id}})).await;
        s.change(&s.owner, "workspace_update", json!({"id": "below", "mediaId": id})).await.record();
        let says = &["is the picture of 1 of kind connector and 1 of kind workspace; send `force`"];
        s.refuse(&s.owner, DELETE, json!({"id": id}), "conflict", says).await;
        let done = s.ask(&s.owner, DELETE, json!({"id": id, "force": true}), "deletedAt revision").await;
        assert!(done.record()["deletedAt"].is_string());
        let shown = t.data(&s.owner, "{ connectors { nodes { logo { id } } } workspaces { nodes { picture { id } } } }").await;
        assert_eq!(shown["connectors"]["nodes"][0]["logo"], Json::Null);
        let url = format!("{}/media/{id}", t.url);
        assert_eq!(t.http.get(url).bearer_auth(&s.owner).send().await.unwrap().status(), 404);
        s.refuse(&s.owner, DELETE, json!({"id": id, "force": true}), "not_found", &["there is no media"]).await;
        let free = picture(&s).await;
        s.change(&s.owner, DELETE, json!({"id": free})).await.record();
    }

    async fn an_upload_in_two_steps(t) {
        let s = Scene::make(t).await;
        let begun = begun(&s, PNG.len()).await;
        let row = &begun["mediaItem"];
        let id = row["id"].as_str().expect("an id");
        assert_eq!((&row["contentType"], &row["fileSize"], &row["fileName"]), (&json!("image/png"), &json!(PNG.len()), &json!("sent.png")));
        assert_eq!((&row["label"], &row["mediaType"], &row["workspace"]["slug"]), (&json!("Sent"), &json!("AVATAR"), &json!("below")));
        assert_eq!((&row["url"], &row["path"], &row["uploadedAt"]), (&Json::Null, &Json::Null, &Json::Null));
        assert_eq!(begun["uploadHeaders"], json!({"content-type": "image/png"}));
        assert!(begun["uploadExpiresAt"].is_string());
        let url = begun["uploadUrl"].as_str().unwrap();
        s.refuse(&s.owner, COMPLETE, json!({"id": id}), "conflict", &["of which nothing has arrived"]).await;
        assert_eq!(put(&s, url, "image/png", PNG).await, 204);
        for token in [&s.sibling, &s.stranger] {
            let done = s.change(token, COMPLETE, json!({"id": id})).await;
            assert_ne!(done.word(), "done");
        }
        let done = s.ask(&s.admin, COMPLETE, json!({"id": id, "revision": 1}), FILLED).await;
        let record = done.record();
        assert_eq!((&record["revision"], &record["url"]), (&json!(2), &json!(format!("/media/{id}"))));
        assert!(record["uploadedAt"].is_string() && record["processedAt"].is_string());
        let fetched = t.http.get(format!("{}/media/{id}", t.url)).bearer_auth(&s.owner).send().await.unwrap();
        assert_eq!(fetched.bytes().await.unwrap(), PNG);
        s.refuse(&s.admin, COMPLETE, json!({"id": id}), "conflict", &["was completed already"]).await;
        assert_eq!(put(&s, url, "image/png", PNG).await, 409, "a picture never changes");
        let left = t.app.store.incoming(id.parse().unwrap()).await.unwrap();
        assert!(left.is_none(), "the bytes that arrived are tidied up");
        assert_eq!(s.latest(2).await, ["media_upload.complete refused", "media_upload.complete done"]);
    }

    async fn an_address_takes_what_was_agreed(t) {
        let s = Scene::make(t).await;
        let begun = begun(&s, PNG.len()).await;
        let url = begun["uploadUrl"].as_str().unwrap();
        let (path, token) = url.split_once("?token=").unwrap();
        let other = self::begun(&s, PNG.len()).await["uploadUrl"].as_str().unwrap().to_owned();
        let foreign = format!("{path}?token={}", other.split_once("?token=").unwrap().1);
        assert_eq!(put(&s, path, "image/png", PNG).await, 403);
        assert_eq!(put(&s, &foreign, "image/png", PNG).await, 403);
        assert_eq!(put(&s, &format!("/media/uploads/{}?token={token}", s.home), "image/png", PNG).await, 403);
        assert_eq!(put(&s, &format!("/media/uploads/x?token={token}"), "image/png", PNG).await, 403);
        assert_eq!(put(&s, url, "image/gif", PNG).await, 400);
        assert_eq!(put(&s, url, "image/png", &PNG[1..]).await, 400);
        assert_eq!(put(&s, url, "image/png", &[PNG, b"x"].concat()).await, 400);
        let id = begun["mediaItem"]["id"].as_str().unwrap();
        assert!(t.app.store.incoming(id.parse().unwrap()).await.unwrap().is_none());
        // Bytes of the right length that are no picture are found out when they are looked at.
        let junk = vec![b'x'; PNG.len()];
        assert_eq!(put(&s, url, "image/png", &junk).await, 204);
        s.refuse(&s.owner, COMPLETE, json!({"id": id}), "bad_request", &["`input.id` names a file whose `file` is no picture"]).await;
        // They can be sent again.
        assert_eq!(put(&s, url, "image/png", PNG).await, 204);
        s.change(&s.owner, COMPLETE, json!({"id": id})).await.record();
    }

    async fn an_upload_that_could_not_be_kept_does_not_begin(t) {
        let s = Scene::make(t).await;
        let input = json!({"fileName": "a.pdf", "contentType": "application/pdf", "fileSize": t.app.config.media_limit + 1});
        s.refuse(&s.owner, BEGIN, input, "bad_request", &["`input.contentType` is not accepted", "`input.fileSize` is more than"]).await;
        let input = json!({"fileName": "a.png", "contentType": "image/png", "fileSize": 0});
        s.refuse(&s.owner, BEGIN, input, "bad_request", &["`input.fileSize` must be 1 to"]).await;
        s.refuse(&s.member, BEGIN, declared(1), "forbidden", &["may not change the catalogue"]).await;
        let mut elsewhere = declared(1);
        elsewhere["workspace"] = "sibling".into();
        s.refuse(&s.owner, BEGIN, elsewhere, "bad_request", &["`input.workspace` names no workspace"]).await;
        let whole = picture(&s).await;
        s.refuse(&s.owner, COMPLETE, json!({"id": whole}), "conflict", &["was completed already"]).await;
        s.refuse(&s.owner, COMPLETE, json!({"id": s.home}), "not_found", &["there is no media"]).await;
    }
}
