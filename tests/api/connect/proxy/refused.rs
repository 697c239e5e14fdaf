//! Who may call, and when a call is refused before anybody is asked.

use super::stage::Stage;
use super::{Desk, refusal};
use crate::both;
use connectory::service::workspace;
use entity::membership::Role;
use reqwest::Method;
use serde_json::{Value as Json, json};

/// What stands in the record about refused calls: action and outcome by kind of record.
const RECORD: &str = "action = 'workspace_connector.proxy' AND outcome = 'refused'";

both! {
    async fn the_owner_calls_and_members_if_it_is_shared(t) {
        let stage = Stage::open().await;
        let desk = Desk::connected(t, &stage.url, |_| ()).await;
        let unknown = json!({"detail": format!("connector with id {} not found", desk.id),
            "code": "NOT_FOUND"});
        let member = desk.server.token(desk.workspace, Role::Member).await;
        let admin = desk.server.token(desk.workspace, Role::Owner).await;
        let viewer = desk.server.token(desk.workspace, Role::Viewer).await;
        let elsewhere = workspace::New { name: "Other".into(), ..Default::default() };
        let elsewhere = workspace::create(desk.server.db(), elsewhere).await.unwrap().id;
        let stranger = desk.server.token(elsewhere, Role::Owner).await;
        for token in [&member, &admin, &stranger] {
            let answer = desk.call_by(token, Method::POST).send().await.unwrap();
            assert_eq!(refusal(answer).await, (404, unknown.clone()));
        }
        desk.put("shared = TRUE").await;
        for token in [&desk.token, &member, &admin] {
            let answering = async {
                stage.guest().await.answer("200 OK", "", "said").await;
            };
            let (answer, ()) = tokio::join!(desk.call_by(token, Method::POST).send(), answering);
            assert_eq!(answer.unwrap().text().await.unwrap(), "said");
        }
        let answer = desk.call_by(&stranger, Method::POST).send().await.unwrap();
        assert_eq!(refusal(answer).await, (404, unknown));
        assert_eq!(desk.count("audit_events", RECORD).await, 0);
        for _ in 0..3 {
            let answer = desk.call_by(&viewer, Method::POST).send().await.unwrap();
            let wanted = json!({"detail": "Insufficient permissions", "code": "FORBIDDEN"});
            assert_eq!(refusal(answer).await, (403, wanted));
        }
        assert_eq!(desk.count("audit_events", RECORD).await, 1, "once, however often they try");
        assert!(!stage.is_asked().await);
        desk.end().await;
    }

    async fn only_what_is_connected_is_called(t) {
        let stage = Stage::open().await;
        let desk = Desk::open(t, &stage.url, |_| ()).await;
        let open = "Connector is not connected";
        for (columns, detail, state, status) in [
            ("", open, "created", "to_configure"),
            ("connection_state = 'auth_required', status = 'need_reconnect'", open, "auth_required", "need_reconnect"),
            ("connection_state = 'disconnected', status = 'error', disconnect_permanent = FALSE, disconnect_code = 'network', disconnect_reason = 'r'", open, "disconnected", "error"),
            ("connection_state = 'disconnected', status = 'disabled', disconnect_permanent = TRUE, disconnect_code = 'client_request', disconnect_reason = 'r'", open, "disconnected", "disabled"),
            ("connection_state = 'connected', status = 'disabled', disconnect_permanent = NULL, disconnect_code = NULL, disconnect_reason = NULL", "Connector is paused", "connected", "disabled"),
            ("status = 'suspended'", "Connector is suspended", "connected", "suspended"),
        ] {
            if !columns.is_empty() {
                desk.put(columns).await;
            }
            let answer = desk.list().send().await.unwrap();
            let wanted = json!({"detail": detail, "code": "CONFLICT", "state": state,
                "status": status});
            assert_eq!(refusal(answer).await, (409, wanted));
        }
        assert!(!stage.is_asked().await);
        assert_eq!(desk.count("audit_events", RECORD).await, 1, "once, however often they try");
        desk.put("status = 'active', deleted_at = updated_at").await;
        assert_eq!(desk.list().send().await.unwrap().status(), 404);
        desk.end().await;
    }

    async fn an_address_that_may_not_be_asked_is_not_asked(t) {
        let stage = Stage::open().await;
        let port = stage.url.trim_start_matches("http://127.0.0.1:").to_owned();
        let desk = Desk::connected(t, "http://127.0.0.1:1/mcp", |_| ()).await;
        for url in [
            stage.url.clone(),
            format!("http://localhost:{port}"),
            format!("http://[::ffff:127.0.0.1]:{port}"),
            format!("https://127.0.0.1:{port}"),
            "http://169.254.169.254/latest/meta-data/".into(),
            "https://169.254.169.254/latest/meta-data/".into(),
            "https://10.0.0.1/mcp".into(),
            "https://[fd00::1]/mcp".into(),
            "https://0x7f000001/mcp".into(),
            "https://metadata.google.internal.localhost/mcp".into(),
            "ftp://127.0.0.1/mcp".into(),
        ] {
            desk.put(&format!("url = '{url}'")).await;
            let (status, body) = refusal(desk.list().send().await.unwrap()).await;
            assert_eq!((status, &body["code"]), (400, &json!("ADDRESS_REFUSED")), "{url}: {body}");
        }
        assert!(!stage.is_asked().await);
        desk.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_call_at_all() {
    let t = crate::support::TestApp::sqlite().await;
    let desk = Desk::connected(&t, "http://127.0.0.1:1/mcp", |_| ()).await;
    for token in ["", "cty_unknown"] {
        let answer = desk.call_by(token, Method::POST).send().await.unwrap();
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        let (status, body) = refusal(answer).await;
        assert_eq!((status, &body["code"]), (401, &json!("UNAUTHORIZED")));
        assert!(body["detail"].is_string());
    }
    for method in ["PUT", "PATCH", "HEAD", "OPTIONS"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = desk.call(method.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{method}");
        assert_eq!(answer.headers()["allow"], "GET, POST, DELETE");
    }
    let url = format!("{}/api/v1/connectors/seven/mcp", desk.server.url);
    let request = desk.server.http.get(url).bearer_auth(&desk.token);
    let (status, body) = refusal(request.send().await.unwrap()).await;
    assert_eq!(
        (status, &body["code"]),
        (422, &json!("SCHEMA_VALIDATION_ERROR"))
    );
    let finding: &Json = &body["detail"][0];
    assert_eq!(
        (&finding["type"], &finding["input"]),
        (&json!("uuid_parsing"), &json!("seven"))
    );
    // Beside the words of the face at the address above it, which are the same.
    let above = format!("{}/api/v1/connectors/seven", desk.server.url);
    let above = desk
        .server
        .http
        .get(above)
        .bearer_auth(&desk.token)
        .send()
        .await
        .unwrap();
    assert_eq!(refusal(above).await.1["detail"], body["detail"]);
    desk.end().await;
    t.end().await;
}
