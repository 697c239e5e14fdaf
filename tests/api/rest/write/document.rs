//! What a document may look like, and what is refused, by its path.

use super::super::JSON_API;
use super::{Site, ask, connector, made, paths, post, problems, refused, rows, text};
use crate::both;
use serde_json::json;

both! {
    async fn both_shapes_both_spellings_and_all_type_words_are_read(t) {
        let site = Site::make(t).await;
        for (i, word) in ["connector", "connectors", "Connector", "CONNECTORS"].iter().enumerate() {
            let attributes = json!({
                "slug": format!("a{i}"), "name": "A", "category": "CRM".to_lowercase(), "direction": "Both",
                "dataQuality": {"imported_fields": ["x"]}, "redirectUrl": "https://a.example/done",
            });
            let wrapped = json!({"data": {"type": word, "attributes": attributes}, "jsonapi": {"version": "1.1"}, "meta": {"any": 1}});
            let document = made(t, &site.owner, &wrapped).await;
            assert_eq!(document["data"]["attributes"]["data_quality"], json!({"imported_fields": ["x"]}));
            assert_eq!(document["data"]["attributes"]["redirect_url"], "https://a.example/done");
            assert_eq!(document["data"]["attributes"]["direction"], "both");
            let mut loose = wrapped["data"].clone();
            loose["attributes"]["slug"] = format!("b{i}").into();
            made(t, &site.owner, &loose).await;
        }
        // Aliases of words.
        for (i, (sent, stored)) in [("input", "import"), ("destination", "export"), ("OUTPUT", "export")].iter().enumerate() {
            let document = made(t, &site.owner, &connector(&format!("c{i}"), json!({"direction": sent}))).await;
            assert_eq!(text(&document, "/data/attributes/direction"), *stored);
        }
    }

    async fn everything_wrong_is_named_at_once_where_it_was_written(t) {
        let site = Site::make(t).await;
        let document = json!({"data": {"type": "connector", "attributes": {
            "slug": "No Slug", "name": "", "direction": "sideways", "colour": "red", "tags": ["a", "a"], "created_at": "2025-01-01T00:00:00Z",
            "redirectUrl": "ftp://x", "published_by": {"name": "x"}, "dataQuality": 7, "data_quality": {},
        }}, "more": 1});
        let got = refused(t, &site.owner, "POST", "/v1/connectors", &document, (400, "SCHEMA_VALIDATION_ERROR")).await;
        let mut found = paths(&got);
        found.sort();
        let mut expected: Vec<_> = ["slug", "name", "direction", "colour", "tags", "created_at", "redirectUrl", "published_by", "dataQuality", "data_quality", "category"]
            .map(|name| format!("data.attributes.{name}")).to_vec();
        expected.push("more".into());
        expected.sort();
        assert_eq!(found, expected, "{:#}", got.json());
        let list = problems(&got);
        let issue = |path: &str| list.iter().find(|(p, _)| p == &format!("data.attributes.{path}")).expect("a problem").1.clone();
        assert_eq!(issue("category"), "is missing");
        assert_eq!(issue("published_by"), "is a relationship; name it in `relationships`");
        assert_eq!(issue("created_at"), "is not changed by this request; leave it out");
        assert!(issue("colour").starts_with("is not known here; known are slug, name"), "{}", issue("colour"));
        assert!(issue("direction").contains("import, export, both"), "{}", issue("direction"));
        // The strict rendering points at the same places, one error each.
        let got = ask(t, &site.owner, "POST", "/v1/connectors", &[("accept", JSON_API)], document.to_string()).await;
        let errors = got.json()["errors"].as_array().expect("errors").clone();
        assert_eq!(errors.len(), expected.len());
        let mut pointers: Vec<_> = errors.iter().map(|e| text(e, "/source/pointer").trim_start_matches('/').replace('/', ".")).collect();
        pointers.sort();
        assert_eq!(pointers, expected);
    }

    async fn shapes_that_are_no_document_are_refused(t) {
        let site = Site::make(t).await;
        let attributes = connector("x", json!({}))["data"]["attributes"].clone();
        for (document, path) in [
            (json!([]), "data"),
            (json!({}), "data"),
            (json!({"data": null}), "data"),
            (json!({"data": []}), "data"),
            (json!({"data": {"type": "connector", "attributes": attributes}, "attributes": attributes}), "data"),
            (json!({"data": {"type": "connector", "attributes": attributes}, "type": "connector"}), "data"),
            (json!({"data": {"attributes": attributes}}), "data.type"),
            (json!({"data": {"type": 7, "attributes": attributes}}), "data.type"),
            (json!({"data": {"type": "workspace", "attributes": attributes}}), "data.type"),
            (json!({"type": "nothing", "attributes": attributes}), "type"),
            (json!({"data": {"type": "connector", "id": "mine", "attributes": attributes}}), "data.id"),
            (json!({"data": {"type": "connector", "attributes": []}}), "data.attributes"),
            (json!({"data": {"type": "connector", "attributes": attributes, "relationships": []}}), "data.relationships"),
            (json!({"data": {"type": "connector", "attributes": attributes, "atributes": {}}}), "data.atributes"),
            (json!({"data": {"type": "connector", "attributes": attributes}, "included": 1}), "included"),
        ] {
            let got = refused(t, &site.owner, "POST", "/v1/connectors", &document, (400, "SCHEMA_VALIDATION_ERROR")).await;
            assert!(paths(&got).contains(&path.to_owned()), "{document} {:#}", got.json());
        }
        // JSON:API has a status of its own for a type that the address does not take.
        let document = json!({"data": {"type": "workspace", "attributes": attributes}});
        let got = ask(t, &site.owner, "POST", "/v1/connectors", &[("accept", JSON_API)], document.to_string()).await;
        assert_eq!((got.status, text(&got.json(), "/errors/0/source/pointer")), (409, "/data/type".into()));
    }

    async fn bodies_are_bounded_and_members_are_given_once(t) {
        let site = Site::make(t).await;
        let before = rows(t).await;
        let send = async |body: String| ask(t, &site.owner, "POST", "/v1/connectors", &[], body).await;
        for body in ["", "{", "nonsense", "{\"data\":{}} x", "{\"data\":1e999}"] {
            let got = send(body.into()).await;
            assert_eq!((got.status, &got.json()["code"]), (400, &"INVALID_JSON".into()), "{body}");
        }
        let twice = r#"{"data":{"type":"connector","attributes":{"slug":"a","slug":"b","name":"A","category":"api","direction":"both"}}}"#;
        let got = send(twice.into()).await;
        assert_eq!((got.status, problems(&got)), (400, vec![("data.attributes.slug".into(), "is given twice".into())]));
        let deep = format!("{{\"data\":{}1{}}}", "{\"a\":".repeat(60), "}".repeat(60));
        let got = send(deep).await;
        assert_eq!((got.status, paths(&got)), (400, vec!["data.a.a".into()]), "{:#}", got.json());
        let deepest = format!("{{\"data\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
        assert_eq!(send(deepest).await.status, 400);
        let large = connector("large", json!({"description": "x".repeat(3_000_000)}));
        let got = send(large.to_string()).await;
        assert_eq!((got.status, &got.json()["code"]), (413, &"PAYLOAD_TOO_LARGE".into()));
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/vnd.api+json; charset=utf-8"] {
            let got = ask(t, &site.owner, "POST", "/v1/connectors", &[("content-type", content_type)], connector("x", json!({})).to_string()).await;
            assert_eq!((got.status, &got.json()["code"]), (415, &"UNSUPPORTED_MEDIA_TYPE".into()), "{content_type}");
        }
        assert_eq!(rows(t).await, before);
    }

    async fn parameters_of_a_write_are_judged_before_anything_is_written(t) {
        let site = Site::make(t).await;
        for query in ["include=nothing", "limit=3", "fields[connector]=nothing"] {
            let got = refused(t, &site.owner, "POST", &format!("/v1/connectors?{query}"), &connector("x", json!({})), (400, "BAD_REQUEST")).await;
            assert_eq!(paths(&got)[0], query.split('=').next().expect("a name"));
        }
        let got = post(t, &site.owner, "/v1/connectors?include=category&fields[connector]=name", &connector("x", json!({}))).await;
        let document = got.json();
        assert_eq!(got.status, 201, "{document:#}");
        assert_eq!(document["data"]["attributes"], json!({"name": "X"}));
        assert_eq!(document["included"][0]["type"], "category");
    }
}
