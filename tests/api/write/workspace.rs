//! Workspaces: made with an owner, changed, deleted.

use super::scene::Scene;
use crate::both;
use serde_json::json;

const CREATE: &str = "workspace_create";
const UPDATE: &str = "workspace_update";
const DELETE: &str = "workspace_delete";
const ALL: &str = "id revision slug name description kind stage trusted externalWorkspaceId website avatarImage avatarColor \
                   autoExtractEnabled timezone deletedAt parentWorkspace { slug } organization { slug } \
                   memberships { nodes { role person { fullName firstName lastName email jobTitle } } }";

both! {
    async fn a_workspace_is_made_as_it_was_described(t) {
        let s = Scene::make(t).await;
        let input = json!({
            "name": "Paris Office", "slug": "paris", "description": "The one in Paris.", "website": "https://paris.example",
            "externalWorkspaceId": "crm-7", "avatarImage": "https://paris.example/a.png", "avatarColor": "#5B8def",
            "autoExtractEnabled": false, "timezone": "Europe/Paris", "parent": "below",
            "owner": {"fullName": "Ada Lovelace", "email": "ada@example.com", "jobTitle": "Analyst"},
        });
        let done = s.ask(&s.owner, CREATE, input, ALL).await;
        let id = done.id();
        assert_eq!(done.record(), &json!({
            "id": id, "revision": 1, "slug": "paris", "name": "Paris Office", "description": "The one in Paris.",
            "kind": "WORKSPACE", "stage": "ACTIVE", "trusted": false, "externalWorkspaceId": "crm-7",
            "website": "https://paris.example", "avatarImage": "https://paris.example/a.png", "avatarColor": "#5B8def",
            "autoExtractEnabled": false, "timezone": "Europe/Paris", "deletedAt": null,
            "parentWorkspace": {"slug": "below"}, "organization": null,
            "memberships": {"nodes": [{"role": "OWNER", "person": {
                "fullName": "Ada Lovelace", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com", "jobTitle": "Analyst",
            }}]},
        }));
        assert_eq!(s.latest(1).await, ["workspace.create done"]);
        let seen = s.count("SELECT count(*) FROM audit_events WHERE action = 'workspace.create' AND outcome = 'done'").await;
        assert_eq!(seen, 1, "one row of the record for all that was made");
    }

    async fn what_is_left_out_is_made_up(t) {
        let s = Scene::make(t).await;
        let select = "id slug autoExtractEnabled parentWorkspace { slug } memberships { nodes { role person { id } } }";
        let first = s.ask(&s.admin, CREATE, json!({"name": "Büro Süd!"}), select).await;
        let me = s.person(&s.admin).await;
        assert_eq!(first.record()["slug"], "b-ro-s-d");
        assert_eq!(first.record()["parentWorkspace"]["slug"], "home");
        assert_eq!(first.record()["autoExtractEnabled"], true);
        assert_eq!(first.record()["memberships"]["nodes"], json!([{"role": "OWNER", "person": {"id": me}}]));
        let second = s.ask(&s.admin, CREATE, json!({"name": "Büro Süd!"}), "id slug").await;
        let slug = second.record()["slug"].as_str().unwrap().to_owned();
        assert!(slug.starts_with("b-ro-s-d-") && slug.len() == "b-ro-s-d-".len() + 8, "{slug}");
        let third = s.ask(&s.admin, CREATE, json!({"name": "日本"}), "id slug").await;
        assert_eq!(third.record()["slug"], "workspace");
        let long = s.ask(&s.admin, CREATE, json!({"name": "n".repeat(100)}), "id slug").await;
        assert!(long.record()["slug"].as_str().unwrap().len() <= 100);
    }

    async fn a_new_workspace_is_seen_by_those_above_it_at_once(t) {
        let s = Scene::make(t).await;
        let leaf = t.token(s.below, entity::membership::Role::Owner).await;
        let before = t.data(&leaf, "{ workspaces { totalCount } }").await;
        assert_eq!(before["workspaces"]["totalCount"], 1);
        s.change(&leaf, CREATE, json!({"name": "New"})).await.record();
        let after = t.data(&leaf, "{ workspaces { totalCount } }").await;
        assert_eq!(after["workspaces"]["totalCount"], 2, "a leaf that got a child is no leaf");
    }

    async fn everything_wrong_is_said_at_once(t) {
        let s = Scene::make(t).await;
        let input = json!({
            "name": "", "slug": "No Slug", "website": "ftp://x", "avatarImage": "x", "avatarColor": "#12345", "timezone": "nowhere?",
            "externalWorkspaceId": "", "owner": {"email": "nobody"},
        });
        let says = [
            "`input.name` must not be empty", "`input.slug` must be lower-case", "`input.website` must be an absolute",
            "`input.externalWorkspaceId` must not be empty", "`input.avatarImage` must be an absolute", "`input.avatarColor` must be a colour",
            "`input.timezone` must be an IANA time zone", "`input.owner.email` must be a mail address",
        ];
        s.refuse(&s.owner, CREATE, input, "bad_request", &says).await;
        s.refuse(&s.owner, CREATE, json!({"name": "x", "owner": {"lastName": "Only"}}), "bad_request", &["`input.owner.fullName` is needed"]).await;
        for name in ["rebeccapurple", "Teal"] {
            s.change(&s.owner, CREATE, json!({"name": name, "avatarColor": name})).await.record();
        }
    }

    async fn names_of_others_are_taken(t) {
        let s = Scene::make(t).await;
        s.change(&s.owner, CREATE, json!({"name": "A", "slug": "a", "externalWorkspaceId": "x"})).await.record();
        for slug in ["a", "stranger", "sibling"] {
            s.refuse(&s.owner, CREATE, json!({"name": "B", "slug": slug}), "conflict", &["`input.slug` is taken"]).await;
            s.refuse(&s.owner, UPDATE, json!({"id": "below", "slug": slug}), "conflict", &["`input.slug` is taken"]).await;
        }
        let external = &["`input.externalWorkspaceId` is taken"];
        s.refuse(&s.owner, CREATE, json!({"name": "B", "externalWorkspaceId": "x"}), "conflict", external).await;
        s.refuse(&s.owner, UPDATE, json!({"id": "below", "externalWorkspaceId": "x"}), "conflict", external).await;
        // Another organization has its own.
        s.change(&s.stranger, CREATE, json!({"name": "B", "externalWorkspaceId": "x"})).await.record();
    }

    async fn a_workspace_is_found_by_each_of_its_names_and_changed(t) {
        let s = Scene::make(t).await;
        let set = json!({"id": "below", "externalWorkspaceId": "ext", "description": "d", "website": "https://a.example", "timezone": "UTC", "avatarColor": "red"});
        let done = s.ask(&s.owner, UPDATE, set, ALL).await;
        assert_eq!(done.record()["revision"], 2);
        let input = json!({"id": "ext", "revision": 2, "name": "Beneath", "slug": "beneath", "description": null, "autoExtractEnabled": false});
        let done = s.ask(&s.owner, UPDATE, input, ALL).await;
        let record = done.record();
        assert_eq!((&record["name"], &record["slug"], &record["description"]), (&json!("Beneath"), &json!("beneath"), &json!(null)));
        assert_eq!((&record["website"], &record["timezone"], &record["avatarColor"]), (&json!("https://a.example"), &json!("UTC"), &json!("red")));
        assert_eq!((&record["revision"], &record["autoExtractEnabled"]), (&json!(3), &json!(false)));
        s.refuse(&s.owner, UPDATE, json!({"id": s.below, "revision": 2, "name": "x"}), "precondition_failed", &["at revision 3, not 2"]).await;
        s.refuse(&s.owner, UPDATE, json!({"id": s.below, "name": null}), "bad_request", &["`input.name` must not be null"]).await;
        s.refuse(&s.owner, UPDATE, json!({"id": s.below, "mediaId": s.home}), "bad_request", &["`input.mediaId` names no media"]).await;
    }

    async fn other_trees_are_out_of_reach(t) {
        let s = Scene::make(t).await;
        for parent in ["acme", "sibling", "stranger"] {
            let input = json!({"name": "x", "parent": parent});
            s.refuse(&s.owner, CREATE, input, "bad_request", &["`input.parent` names no workspace that this token reaches"]).await;
            for name in [UPDATE, DELETE] {
                s.refuse(&s.owner, name, json!({"id": parent}), "not_found", &["there is no workspace"]).await;
            }
        }
        let owner = json!({"name": "x", "owner": {"id": s.person(&s.stranger).await}});
        s.refuse(&s.owner, CREATE, owner, "bad_request", &["`input.owner.id` names nobody"]).await;
        for token in [&s.member, &s.viewer] {
            s.refuse(token, CREATE, json!({"name": "x"}), "forbidden", &["may not administer the workspace"]).await;
        }
    }

    async fn a_workspace_that_holds_something_is_not_deleted_unawares(t) {
        let s = Scene::make(t).await;
        s.refuse(&s.owner, DELETE, json!({"id": "home"}), "conflict", &["belongs to; use a token of one above"]).await;
        s.refuse(&s.root, DELETE, json!({"id": "home", "force": true}), "conflict", &["has 1 workspace below it"]).await;
        let token = t.token(s.below, entity::membership::Role::Admin).await;
        s.refuse(&s.owner, DELETE, json!({"id": "below"}), "conflict", &["has no installations and 1 token; send `force`"]).await;
        s.refuse(&s.owner, DELETE, json!({"id": "below", "revision": 2, "force": true}), "precondition_failed", &["at revision 1, not 2"]).await;
        let done = s.ask(&s.owner, DELETE, json!({"id": "below", "force": true}), "id revision deletedAt").await;
        assert!(done.record()["deletedAt"].is_string());
        assert_eq!(done.record()["revision"], 2);
        assert_eq!(t.ask(&token, "{ viewer { __typename } }", json!({})).await.status, 401, "its token is revoked");
        s.refuse(&s.owner, DELETE, json!({"id": "below"}), "not_found", &["there is no workspace"]).await;
        s.refuse(&s.owner, CREATE, json!({"name": "x", "parent": "below"}), "bad_request", &["`input.parent` names no workspace"]).await;
    }

    async fn one_slug_is_given_to_one_of_many(t) {
        let s = Scene::make(t).await;
        let asked = (0..8).map(|i| s.change(&s.owner, CREATE, json!({"name": format!("N{i}"), "slug": "wanted"})));
        let words: Vec<_> = futures_util::future::join_all(asked).await.iter().map(|d| d.word()).collect();
        assert_eq!(words.iter().filter(|w| *w == "done").count(), 1, "{words:?}");
        assert_eq!(words.iter().filter(|w| *w == "conflict").count(), 7, "{words:?}");
        let asked = (0..8).map(|_| s.change(&s.owner, CREATE, json!({"name": "Same"})));
        let words: Vec<_> = futures_util::future::join_all(asked).await.iter().map(|d| d.word()).collect();
        assert!(words.iter().all(|w| w == "done"), "a name is no slug: {words:?}");
    }
}
