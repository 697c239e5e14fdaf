//! The record: every write is in it with what changed, no secret is, and nobody alters it.

use super::crash::{prepare, serve};
use super::{Client, Ground, connector, number, token_of};
use crate::cli::run;
use crate::support::TestApp;
use crate::{both, both_empty};
use entity::audit_event::{Column, Entity, Model};
use entity::membership::Role;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::{Value as Json, json};

/// Values that must be nowhere in the record.
const PLANTED: &str = "planted-secret";

const LIST: &str = "{ auditEvents(first: 100, orderBy: [{createdAt: ASC}]) { nodes {
  id createdAt action outcome resource recordId revision before after address traceId
  workspace { id } person { id } apiToken { id } } } }";

async fn events(t: &TestApp) -> Vec<Model> {
    let events = Entity::find().order_by_asc(Column::Pk).all(t.db().orm());
    events.await.expect("events")
}

/// The members of one side of an event that a test looks at.
fn members(side: &Option<Json>, names: &[&str]) -> Json {
    let pick = |name: &&str| {
        (
            name.to_string(),
            side.as_ref().map_or(Json::Null, |s| s[*name].clone()),
        )
    };
    Json::Object(names.iter().map(pick).collect())
}

/// A connector whose free-form facts hold what belongs in no record.
fn careless(slug: &str) -> Json {
    let mut input = connector(slug);
    input["dataQuality"] = json!({
        "apiToken": PLANTED, "rows": 12, "source": {"client_secret": PLANTED, "kept": "yes"},
        "runs": [{"Authorization": PLANTED, "number": 1}],
    });
    input["publicConfigKeys"] = json!(["shown"]);
    input
}

both! {
    async fn each_write_is_one_event_with_what_changed(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let before = events(t).await.len();
        let id = client.connector("notes").await;
        client.mutate(None, "connectorUpdate", json!({"id": id, "name": "Other", "tags": ["a"]})).await.record();
        let installed = client.mutate(None, "workspaceConnectorInstall", json!({"connector": id})).await;
        let installed = installed.record()["id"].clone();
        client.mutate(None, "workspaceConnectorPause", json!({"id": installed})).await.record();
        client.mutate(None, "connectorDelete", json!({"id": id})).await.record();
        let events = events(t).await.split_off(before);
        let actions: Vec<_> = events.iter().map(|e| (e.action.as_str(), e.revision)).collect();
        assert_eq!(actions, [
            ("connector.create", Some(1)), ("connector.update", Some(2)), ("workspace_connector.install", Some(1)),
            ("workspace_connector.pause", Some(2)), ("connector.delete", Some(3)),
        ]);
        let [made, changed, _, paused, deleted] = &events[..] else { panic!("five") };
        assert_eq!(made.before, None);
        assert_eq!(members(&made.after, &["slug", "name"]), json!({"slug": "notes", "name": "notes"}));
        // What stayed is on neither side.
        assert_eq!(members(&changed.before, &["name", "tags", "slug"]), json!({"name": "notes", "tags": [], "slug": null}));
        assert_eq!(members(&changed.after, &["name", "tags", "slug"]), json!({"name": "Other", "tags": ["a"], "slug": null}));
        assert_eq!((members(&paused.before, &["status"]), members(&paused.after, &["status"])), (json!({"status": "active"}), json!({"status": "disabled"})));
        assert!(members(&deleted.before, &["deleted_at"])["deleted_at"].is_null());
        assert!(members(&deleted.after, &["deleted_at"])["deleted_at"].is_string(), "{deleted:?}");
        let actor = t.actor(&ground.token).await;
        for event in &events {
            assert_eq!((event.workspace_id, event.person_id), (Some(ground.workspace), Some(actor.viewer.person_id)));
            assert_eq!((event.api_token_id, event.address.as_deref()), (actor.token_id, Some("127.0.0.1")));
            assert_eq!(event.trace_id.as_ref().map(String::len), Some(32), "{event:?}");
        }
    }

    async fn mistakes_leave_no_event_and_refusals_of_a_role_do(t) {
        let ground = Ground::make(t.db()).await;
        let owner = Client::of(t, &ground.token);
        let id = owner.connector("notes").await;
        let before = events(t).await.len();
        let mistakes = [
            ("connectorCreate", connector("notes")),
            ("connectorCreate", connector("No slug")),
            ("connectorUpdate", json!({"id": id, "revision": 7, "name": "Other"})),
            ("connectorDelete", json!({"id": "nowhere"})),
        ];
        for (mutation, input) in mistakes {
            assert!(owner.mutate(None, mutation, input).await.code().is_some(), "{mutation}");
        }
        assert_eq!(events(t).await.len(), before);
        let viewer = Client::of(t, &token_of(t.db(), ground.workspace, Role::Viewer).await);
        let refused = viewer.mutate(None, "connectorDelete", json!({"id": id})).await;
        assert_eq!(refused.code(), Some("FORBIDDEN"), "{refused:#?}");
        let events = events(t).await.split_off(before);
        let [event] = &events[..] else { panic!("{events:#?}") };
        assert_eq!((event.action.as_str(), event.outcome), ("connector.delete", entity::audit_event::Outcome::Refused));
        assert_eq!((&event.before, &event.after, event.revision), (&None, &None, None));
        assert_eq!(number(t.db(), "SELECT count(*) FROM connectors WHERE deleted_at IS NULL AND revision = 1").await, 1);
    }

    async fn no_secret_gets_into_the_record(t) {
        let ground = Ground::make(t.db()).await;
        let client = Client::of(t, &ground.token);
        let made = client.mutate(None, "connectorCreate", careless("notes")).await;
        let id = made.record()["id"].clone();
        let quality = json!({"password": PLANTED, "rows": 13});
        client.mutate(None, "connectorUpdate", json!({"id": id, "dataQuality": quality})).await.record();
        // Of an installation's settings only those that the connector declares public are kept.
        let settings = json!({"shown": "sandbox", "account": PLANTED});
        client.mutate(None, "workspaceConnectorInstall", json!({"connector": id, "config": settings})).await.record();
        let token = r#"mutation { apiTokenCreate(input: {name: "robot", role: VIEWER}) { token } }"#;
        let token = client.send(None, token, json!({})).await;
        let token = token.body["data"]["apiTokenCreate"]["token"].as_str().expect("a token").to_owned();
        let events = events(t).await;
        let hash = hash_of(t).await;
        for event in &events {
            let written = format!("{:?} {:?}", event.before, event.after);
            for secret in [PLANTED, &token, &hash] {
                assert!(!written.contains(secret), "{written}");
            }
        }
        let find = |action: &str| events.iter().find(|e| e.action == action).expect("an event").after.clone().expect("what it became");
        assert_eq!(find("connector.create")["data_quality"], json!({
            "apiToken": "[redacted]", "rows": 12, "source": {"client_secret": "[redacted]", "kept": "yes"},
            "runs": [{"Authorization": "[redacted]", "number": 1}],
        }));
        assert_eq!(find("connector.update")["data_quality"], json!({"password": "[redacted]", "rows": 13}));
        assert_eq!(find("workspace_connector.install")["config"], json!({"shown": "sandbox", "account": "[redacted]"}));
    }

    async fn no_statement_changes_or_removes_an_event(t) {
        let ground = Ground::make(t.db()).await;
        Client::of(t, &ground.token).connector("notes").await;
        let before = events(t).await;
        assert!(!before.is_empty());
        let mut statements = vec![
            "UPDATE audit_events SET action = 'other'",
            "UPDATE audit_events SET after = NULL WHERE pk = 1",
            "DELETE FROM audit_events",
            "DELETE FROM audit_events WHERE pk = 1",
        ];
        statements.push(match t.is_sqlite() {
            true => "REPLACE INTO audit_events SELECT * FROM audit_events",
            false => "TRUNCATE audit_events",
        });
        for statement in statements {
            let refused = t.db().orm().execute_unprepared(statement).await;
            let refused = refused.expect_err(statement).to_string();
            assert!(refused.contains("audit events are never changed or removed"), "{statement}: {refused}");
        }
        assert_eq!(events(t).await, before);
    }

    async fn events_are_shown_to_those_who_administer_their_tree(t) {
        let ground = Ground::make(t.db()).await;
        let below = Ground::another(t.db(), "Below", Some(ground.workspace)).await;
        let other = Ground::another(t.db(), "Other", None).await;
        for (ground, slug) in [(&ground, "above"), (&below, "below"), (&other, "other")] {
            Client::of(t, &ground.token).connector(slug).await;
        }
        let slugs = async |token: &str| -> Vec<Json> {
            let list = t.data(token, LIST).await;
            let nodes = list["auditEvents"]["nodes"].as_array().expect("a list").clone();
            nodes.into_iter().map(|n| n["after"]["slug"].clone()).collect()
        };
        let token = async |workspace, role| token_of(t.db(), workspace, role).await;
        assert_eq!(slugs(&ground.token).await, ["above", "below"]);
        assert_eq!(slugs(&token(ground.workspace, Role::Admin).await).await, ["above", "below"]);
        assert_eq!(slugs(&token(below.workspace, Role::Admin).await).await, ["below"]);
        assert_eq!(slugs(&other.token).await, ["other"]);
        for role in [Role::Member, Role::Viewer] {
            assert!(slugs(&token(ground.workspace, role).await).await.is_empty(), "{role:?}");
        }
    }
}

/// What is stored of the newest token.
async fn hash_of(t: &TestApp) -> String {
    use entity::api_token::{Column, Entity};
    let newest = Entity::find()
        .order_by_desc(Column::Pk)
        .one(t.db().orm())
        .await;
    format!("{:?}", newest.expect("rows").expect("a token").hash)
}

/// An event of GraphQL as the export writes it.
fn as_exported(node: &Json) -> Json {
    json!({
        "id": node["id"], "action": node["action"], "resource": node["resource"], "record_id": node["recordId"],
        "revision": node["revision"], "before": node["before"], "after": node["after"], "address": node["address"],
        "trace_id": node["traceId"], "outcome": node["outcome"].as_str().map(str::to_lowercase),
        "workspace_id": node["workspace"]["id"], "person_id": node["person"]["id"], "api_token_id": node["apiToken"]["id"],
    })
}

/// The lines of an export, each without the moment, which GraphQL may write otherwise.
async fn exported(e: &crate::schema::Empty, options: &[&str]) -> Vec<Json> {
    let text = run(e, &[&["audit", "export"], options].concat())
        .await
        .good();
    let line = |line: &str| serde_json::from_str::<Json>(line).expect("JSON");
    text.lines().map(line).collect()
}

both_empty! {
    async fn the_export_has_the_same_events_and_can_be_narrowed(e) {
        let ground = prepare(e).await;
        let server = serve(e).await;
        let client = Client::new(&server.graphql, &ground.token);
        for slug in ["one", "two", "three"] {
            client.connector(slug).await;
        }
        let below = client.mutate(None, "workspaceCreate", json!({"name": "Below"})).await.record()["id"].clone();
        let list = client.send(None, LIST, json!({})).await;
        assert_eq!(server.stop("TERM").await.code, Some(0));
        let nodes = list.body["data"]["auditEvents"]["nodes"].as_array().expect("a list").clone();
        assert_eq!(nodes.len(), 4, "{list:#?}");
        let mut all = exported(e, &[]).await;
        let moments: Vec<String> = all.iter().map(|l| l["created_at"].as_str().expect("a moment").to_owned()).collect();
        let ids = |lines: &[Json]| lines.iter().map(|l| l["id"].clone()).collect::<Vec<_>>();
        let every = ids(&all);
        assert_eq!(ids(&exported(e, &["--since", &moments[1]]).await), every[1..]);
        assert_eq!(ids(&exported(e, &["--until", &moments[2]]).await), every[..2]);
        assert_eq!(ids(&exported(e, &["--since", &moments[1], "--until", &moments[3]]).await), every[1..3]);
        let of_below = exported(e, &["--workspace", below.as_str().expect("an identifier")]).await;
        let of_acme = exported(e, &["--workspace", "acme"]).await;
        assert_eq!(of_below.len() + of_acme.len(), 4);
        assert!(of_acme.iter().all(|l| l["workspace_id"] == ground.workspace.to_string()), "{of_acme:#?}");
        for line in &mut all {
            line.as_object_mut().expect("an object").remove("created_at");
        }
        assert_eq!(all, nodes.iter().map(as_exported).collect::<Vec<_>>());
    }

    async fn a_moment_or_workspace_that_is_none_is_refused_and_named(e) {
        prepare(e).await;
        for (option, value, named) in [
            ("--since", "yesterday", "--since"), ("--until", "2026-13-01", "--until"), ("--workspace", "nobody", "nobody"),
        ] {
            let refused = run(e, &["audit", "export", option, value]).await.refused();
            assert!(refused.contains(named), "{option}: {refused}");
        }
    }
}
