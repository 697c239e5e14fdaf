//! The contract's example of a create: the request as it is printed, the answer member by member.

use super::super::golden::{compare, example};
use super::super::{JSON, JSON_API, checker, get};
use super::{Site, ask, post, rows, text};
use crate::both;
use crate::support::TestApp;
use std::process::Stdio;
use tokio::process::Command;

const REQUEST: &str = include_str!("../seeds/create_connector_request.json");

/// The example's request, as it is pasted into a shell.
async fn pasted(t: &TestApp, token: &str) -> (u16, serde_json::Value, String) {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--include", "--request", "POST"])
        .args(["--url", &format!("{}/v1/connectors", t.url)])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--header", "Content-Type: application/json", "--data"])
        .arg(format!("\n{REQUEST}"))
        .stdin(Stdio::null())
        .output()
        .await
        .expect("curl runs; the example is a command for it");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (head, body) = said
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("{said} {}", String::from_utf8_lossy(&output.stderr)));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|s| s.parse().ok())
        .expect("a status");
    (
        status,
        serde_json::from_str(body).expect("JSON"),
        head.to_ascii_lowercase(),
    )
}

both! {
    async fn the_contracts_request_makes_the_contracts_answer(t) {
        let site = Site::make(t).await;
        let (status, document, head) = pasted(t, &site.owner).await;
        assert_eq!(status, 201, "{document:#}");
        compare("create_connector", &document);
        let id = text(&document, "/data/id");
        assert!(head.contains(&format!("location: /v1/connectors/{id}")), "{head}");
        assert!(head.contains("etag: \"r1-"), "{head}");
        // What was sent and not printed is there as well.
        let sent = example("create_connector_request");
        let read = get(t, &site.owner, &format!("/v1/connectors/{id}?include=published_by,logo"), JSON).await.document();
        assert_eq!(read["data"], document["data"]);
        assert_eq!(read["data"]["attributes"]["version"], sent["attributes"]["version"]);
        let included = read["included"].as_array().expect("a list");
        for (i, name) in [(0, "external_workspace_id"), (1, "file_size"), (1, "media_type"), (1, "upload_url")] {
            assert_eq!(included[i]["attributes"][name], sent["included"][i]["attributes"][name]);
        }
    }

    async fn a_second_request_finds_the_workspace_and_names_the_conflict(t) {
        let site = Site::make(t).await;
        assert_eq!(pasted(t, &site.owner).await.0, 201);
        let before = rows(t).await;
        let (status, error, _) = pasted(t, &site.owner).await;
        assert_eq!((status, &error["code"]), (409, &"CONNECTOR_ALREADY_EXISTS".into()), "{error:#}");
        assert_eq!(error["details"]["path"], "attributes.slug");
        assert_eq!(rows(t).await, before, "neither a second workspace nor a second logo is left");
        let mut other = example("create_connector_request");
        other["attributes"]["slug"] = "salesforce-two".into();
        let got = post(t, &site.owner, "/v1/connectors", &other).await;
        assert_eq!(got.status, 201, "{:#}", got.json());
        assert_eq!(rows(t).await[..3], [before[0] + 1, before[1], before[2] + 1]);
    }

    async fn the_strict_rendering_of_the_answer_is_json_api(t) {
        let site = Site::make(t).await;
        let got = ask(t, &site.owner, "POST", "/v1/connectors?include=published_by,logo", &[("accept", JSON_API), ("content-type", JSON_API)], REQUEST).await;
        let document = got.json();
        assert_eq!(got.status, 201, "{document:#}");
        let expect = checker::Expect { included: true, ..checker::Expect::default() };
        assert_eq!(checker::faults(&document, expect), Vec::<String>::new(), "{document:#}");
        assert_eq!(got.header("location"), document["data"]["links"]["self"].as_str());
        assert_eq!(document["links"]["self"], document["data"]["links"]["self"]);
        let got = ask(t, &site.owner, "POST", "/v1/connectors", &[("accept", JSON_API), ("content-type", JSON_API)], REQUEST).await;
        let document = got.json();
        assert_eq!((got.status, &document["errors"][0]["code"]), (409, &"CONNECTOR_ALREADY_EXISTS".into()));
        assert_eq!(document["errors"][0]["source"]["pointer"], "/attributes/slug");
        assert!(checker::faults(&document, checker::Expect::default()).is_empty());
    }
}
