//! `connectory workspace` and `connectory token`.

use super::{Run, count, run};
use crate::both_empty;
use crate::schema::Empty;
use uuid::Uuid;

/// Makes a workspace and a token for it by the words of `more`.
async fn token(e: &Empty, workspace: &str, more: &[&str]) -> Run {
    let args = ["token", "create", "--workspace", workspace];
    run(e, &[&args[..], more].concat()).await
}

/// The only line of an output.
fn alone(out: &str) -> &str {
    let line = out
        .strip_suffix('\n')
        .unwrap_or_else(|| panic!("`{out}` ends in no line break"));
    assert!(
        !line.contains(char::is_whitespace),
        "`{out}` is not one word"
    );
    line
}

both_empty! {
    async fn workspace_create_prints_the_identifier_alone(e) {
        let root = run(e, &["workspace", "create", "Acme & Söhne"]).await.good();
        let root: Uuid = alone(&root).parse().expect("an identifier");
        let below = run(e, &["workspace", "create", "Büro", "--slug", "office", "--parent", "acme-s-hne"]).await.good();
        let below: Uuid = alone(&below).parse().expect("an identifier");
        assert_ne!(root, below);
        let db = connectory::app::open(&e.config()).await.expect("the database opens");
        let found = connectory::service::workspace::find(&db, "office").await.expect("it is there");
        assert_eq!((found.id, found.parent_workspace_id, found.organization_id), (below, Some(root), root));
        assert_eq!(found.path, format!("/{root}/{below}/"));
        db.close().await;
    }

    async fn a_workspace_that_cannot_be_made_is_refused_by_name(e) {
        run(e, &["workspace", "create", "Acme"]).await.good();
        let long = "x".repeat(101);
        let cases: &[(&[&str], &str)] = &[
            (&["Acme"], "slug"),
            (&[""], "name"),
            (&[&long], "name"),
            (&["東京"], "slug"),
            (&["Fine", "--slug", "Not Fine"], "Not Fine"),
            (&["Fine", "--parent", "nowhere"], "nowhere"),
        ];
        for (args, named) in cases {
            let refused = run(e, &[&["workspace", "create"], *args].concat()).await.refused();
            assert!(refused.starts_with("error: ") && refused.contains(named), "{args:?}: {refused}");
        }
        assert_eq!(count(e, "workspaces").await, 1);
    }

    async fn token_create_prints_the_token_alone_and_stores_no_token(e) {
        let id = run(e, &["workspace", "create", "Acme"]).await.good();
        for (workspace, role) in [(alone(&id), "owner"), ("acme", "admin"), ("acme", "member"), ("acme", "viewer")] {
            let made = token(e, workspace, &["--role", role, "--name", "Script"]).await.good();
            assert!(alone(&made).starts_with("cty_") && made.len() > 40, "{made}");
        }
        let made = token(e, "acme", &["--role", "viewer", "--name", "Short", "--expires", "1s"]).await.good();
        let listed = run(e, &["token", "list", "--workspace", "acme"]).await.good();
        assert_eq!(listed.lines().count(), 6, "{listed}");
        assert!(listed.contains(&alone(&made)[..10]) && !listed.contains(alone(&made)), "{listed}");
        for word in ["owner", "admin", "member", "viewer", "never", "active", "Script", "Short"] {
            assert!(listed.contains(word), "{word}: {listed}");
        }
    }

    async fn token_list_says_what_has_expired(e) {
        run(e, &["workspace", "create", "Acme"]).await.good();
        token(e, "acme", &["--role", "viewer", "--name", "Short", "--expires", "1ms"]).await.good();
        token(e, "acme", &["--role", "viewer", "--name", "Long", "--expires", "90d"]).await.good();
        let listed = run(e, &["token", "list"]).await.good();
        let state = |name: &str| listed.lines().find(|l| l.ends_with(name)).map(str::to_owned).unwrap_or_default();
        assert!(state("Short").contains("expired") && state("Long").contains("active"), "{listed}");
    }

    async fn token_revoke_takes_identifier_beginning_or_value(e) {
        run(e, &["workspace", "create", "Acme"]).await.good();
        for by in 0..3 {
            let made = token(e, "acme", &["--role", "viewer", "--name", &format!("T{by}")]).await.good();
            let listed = run(e, &["token", "list"]).await.good();
            let line = listed.lines().find(|l| l.ends_with(&format!("T{by}"))).expect("it is listed");
            let names: Vec<_> = line.split_whitespace().take(2).chain([alone(&made)]).collect();
            let said = run(e, &["token", "revoke", names[by]]).await.good();
            assert_eq!(said, "Revoked.\n");
        }
        let listed = run(e, &["token", "list"]).await.good();
        assert_eq!(listed.matches("revoked").count(), 3, "{listed}");
    }

    async fn what_a_token_cannot_be_made_or_revoked_by_is_named(e) {
        run(e, &["workspace", "create", "Acme"]).await.good();
        let none = Uuid::nil().to_string();
        let create: &[(&[&str], &str)] = &[
            (&["acme", "--role", "boss", "--name", "T"], "boss"),
            (&["nowhere", "--role", "owner", "--name", "T"], "nowhere"),
            (&[&none, "--role", "owner", "--name", "T"], &none),
            (&["acme", "--role", "owner", "--name", "T", "--expires", "soon"], "soon"),
            (&["acme", "--role", "owner", "--name", "T", "--expires", "300000years"], "expires"),
            (&["acme", "--role", "owner", "--name", " "], "name"),
            (&["acme", "--role", "owner"], "--name"),
        ];
        for (args, named) in create {
            let refused = token(e, args[0], &args[1..]).await.refused();
            assert!(refused.starts_with("error: ") && refused.contains(named), "{args:?}: {refused}");
        }
        for name in [none.as_str(), "cty_abcdef", "cty_abcdefghijklmnopqrstuvwxyz"] {
            let refused = run(e, &["token", "revoke", name]).await.refused();
            assert!(refused.contains(name), "{refused}");
        }
        assert_eq!((count(e, "api_tokens").await, count(e, "people").await), (0, 0));
    }
}
