//! Memberships: who belongs, as what, and that a workspace keeps an owner.

use super::scene::Scene;
use crate::both;
use entity::membership::Role;
use serde_json::{Value as Json, json};

const CREATE: &str = "membership_create";
const UPDATE: &str = "membership_update";
const DELETE: &str = "membership_delete";
const ALL: &str =
    "id revision role workspace { slug } person { id fullName firstName lastName email }";

/// The membership of a token's person in `home`.
async fn place(s: &Scene<'_>, token: &str) -> String {
    let person = s.person(token).await;
    let query = "{ memberships(first: 100) { nodes { id person { id } } } }";
    let all = s.t.data(&s.root, query).await;
    let nodes = all["memberships"]["nodes"].as_array().unwrap().clone();
    let found = nodes
        .iter()
        .find(|n| n["person"]["id"] == person.to_string());
    found.unwrap()["id"].as_str().unwrap().to_owned()
}

async fn status(s: &Scene<'_>, token: &str) -> u16 {
    s.t.ask(token, "{ viewer { __typename } }", json!({}))
        .await
        .status
}

both! {
    async fn somebody_new_becomes_a_member(t) {
        let s = Scene::make(t).await;
        let input = json!({"workspace": "below", "role": "MEMBER", "person": {"firstName": "Grace", "lastName": "Hopper", "email": "Grace@Example.com"}});
        let done = s.ask(&s.admin, CREATE, input, ALL).await;
        let (id, person) = (done.id(), done.record()["person"]["id"].clone());
        assert_eq!(done.record(), &json!({
            "id": id, "revision": 1, "role": "MEMBER", "workspace": {"slug": "below"},
            "person": {"id": person, "fullName": "Grace Hopper", "firstName": "Grace", "lastName": "Hopper", "email": "Grace@Example.com"},
        }));
        assert_eq!(s.latest(1).await, ["membership.create done"]);
        // The address is hers, in whatever case; no second person is made.
        let people = s.count("SELECT count(*) FROM people").await;
        let again = json!({"role": "VIEWER", "person": {"email": "grace@example.COM"}});
        let done = s.ask(&s.admin, CREATE, again.clone(), ALL).await;
        assert_eq!((&done.record()["person"]["id"], &done.record()["workspace"]["slug"]), (&person, &json!("home")));
        assert_eq!(s.count("SELECT count(*) FROM people").await, people);
        s.refuse(&s.admin, CREATE, again, "conflict", &["`input.person` is a member of the workspace already"]).await;
        s.refuse(&s.admin, CREATE, json!({"role": "VIEWER", "personId": person}), "conflict", &["is a member of the workspace already"]).await;
    }

    async fn people_of_other_trees_cannot_be_named(t) {
        let s = Scene::make(t).await;
        let stranger = s.person(&s.stranger).await;
        t.execute("UPDATE people SET email = 'strange@example.com' WHERE pk = (SELECT max(pk) FROM people)").await;
        let input = json!({"role": "VIEWER", "personId": stranger});
        s.refuse(&s.owner, CREATE, input, "bad_request", &["`input.personId` names nobody"]).await;
        let input = json!({"role": "VIEWER", "person": {"id": stranger}});
        s.refuse(&s.owner, CREATE, input, "bad_request", &["`input.person.id` names nobody"]).await;
        let done = s.ask(&s.owner, CREATE, json!({"role": "VIEWER", "person": {"email": "strange@example.com"}}), ALL).await;
        assert_ne!(done.record()["person"]["id"], json!(stranger), "somebody new with the same address");
        assert_eq!(done.record()["person"]["fullName"], "strange@example.com");
    }

    async fn a_person_is_said_once(t) {
        let s = Scene::make(t).await;
        let me = s.person(&s.member).await;
        for (input, says) in [
            (json!({"role": "VIEWER"}), "`input.person` is missing"),
            (json!({"role": "VIEWER", "personId": me, "person": {"id": me}}), "`input.personId` says the same as `person`"),
            (json!({"role": "VIEWER", "person": {}}), "`input.person.fullName` is needed"),
            (json!({"role": "VIEWER", "person": {"id": me, "email": "a@b.example"}}), "`input.person.id` names somebody who is there"),
            (json!({"role": "VIEWER", "personId": me, "workspace": "sibling"}), "`input.workspace` names no workspace"),
        ] {
            s.refuse(&s.owner, CREATE, input, "bad_request", &[says]).await;
        }
    }

    async fn only_owners_make_and_unmake_owners(t) {
        let s = Scene::make(t).await;
        let (owner, member) = (place(&s, &s.owner).await, place(&s, &s.member).await);
        let says = &["only owners make or unmake owners"];
        let input = json!({"role": "OWNER", "personId": s.person(&s.member).await, "workspace": "below"});
        s.refuse(&s.admin, CREATE, input.clone(), "forbidden", says).await;
        s.refuse(&s.admin, UPDATE, json!({"id": member, "role": "OWNER"}), "forbidden", says).await;
        s.refuse(&s.admin, UPDATE, json!({"id": owner, "role": "MEMBER"}), "forbidden", says).await;
        s.refuse(&s.admin, DELETE, json!({"id": owner}), "forbidden", says).await;
        s.change(&s.owner, CREATE, input).await.record();
        for token in [&s.member, &s.viewer] {
            s.refuse(token, DELETE, json!({"id": member}), "forbidden", &["may not administer"]).await;
        }
        for token in [&s.sibling, &s.stranger] {
            s.refuse(token, UPDATE, json!({"id": member, "role": "VIEWER"}), "not_found", &["there is no membership"]).await;
            s.refuse(token, DELETE, json!({"id": member}), "not_found", &["there is no membership"]).await;
        }
    }

    async fn the_last_owner_stays(t) {
        let s = Scene::make(t).await;
        let (owner, member) = (place(&s, &s.owner).await, place(&s, &s.member).await);
        s.refuse(&s.owner, UPDATE, json!({"id": owner, "role": "ADMIN"}), "conflict", &["takes the last owner"]).await;
        s.refuse(&s.root, DELETE, json!({"id": owner}), "conflict", &["names the last owner"]).await;
        let done = s.ask(&s.owner, UPDATE, json!({"id": member, "revision": 1, "role": "OWNER"}), ALL).await;
        assert_eq!((&done.record()["role"], &done.record()["revision"]), (&json!("OWNER"), &json!(2)));
        s.refuse(&s.owner, UPDATE, json!({"id": member, "revision": 1, "role": "ADMIN"}), "precondition_failed", &["at revision 2, not 1"]).await;
        s.change(&s.owner, UPDATE, json!({"id": owner, "role": "ADMIN"})).await.record();
    }

    async fn tokens_go_with_the_membership(t) {
        let s = Scene::make(t).await;
        let (admin, member) = (place(&s, &s.admin).await, place(&s, &s.member).await);
        s.change(&s.owner, UPDATE, json!({"id": admin, "role": "VIEWER"})).await.record();
        let input = json!({"name": "no more"});
        s.refuse(&s.admin, "workspace_create", input, "forbidden", &["the role `viewer` may not"]).await;
        assert_eq!(status(&s, &s.member).await, 200);
        let gone = s.change(&s.owner, DELETE, json!({"id": member, "revision": 1})).await;
        assert_eq!(gone.word(), "done");
        assert_eq!(status(&s, &s.member).await, 401, "the token is revoked when the answer is there");
        assert_eq!(status(&s, &s.colleague).await, 200);
        s.refuse(&s.owner, DELETE, json!({"id": member}), "not_found", &["there is no membership"]).await;
    }

    async fn two_owners_cannot_remove_each_other(t) {
        let s = Scene::make(t).await;
        for round in 0..6 {
            let home = s.fresh("race");
            let made = s.change(&s.root, "workspace_create", json!({"name": home})).await.id();
            let (one, two) = (t.token(made.parse().unwrap(), Role::Owner).await, t.token(made.parse().unwrap(), Role::Owner).await);
            let (first, second) = (place(&s, &one).await, place(&s, &two).await);
            let own = own_place(&s, &made).await;
            s.change(&s.root, DELETE, json!({"id": own})).await;
            let (a, b) = tokio::join!(
                s.change(&one, DELETE, json!({"id": second})),
                s.change(&two, DELETE, json!({"id": first}))
            );
            let words = [a.word(), b.word()];
            assert_eq!(words.iter().filter(|w| *w == "done").count(), 1, "round {round}: {words:?}");
            let sql = "SELECT count(*) FROM memberships m JOIN workspaces w ON w.id = m.workspace_id WHERE m.role = 'owner' AND w.slug = ";
            assert_eq!(s.count(&format!("{sql}'{home}'")).await, 1, "round {round}");
        }
    }
}

/// The membership in a workspace of the person that the root token acts as.
async fn own_place(s: &Scene<'_>, workspace: &str) -> String {
    let query = "{ memberships(first: 100) { nodes { id workspace { id } person { id } } } }";
    let all = s.t.data(&s.root, query).await;
    let me = s.person(&s.root).await.to_string();
    let mine = |n: &&Json| n["workspace"]["id"] == workspace && n["person"]["id"] == me.as_str();
    let nodes = all["memberships"]["nodes"].as_array().unwrap().clone();
    let found = nodes.iter().find(mine).unwrap();
    found["id"].as_str().unwrap().to_owned()
}
