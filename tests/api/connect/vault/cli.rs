//! Keys as an operator meets them: settings, refusals to start, `connectory keys`.

use super::rotate::{keep, prepare};
use super::{KEY, KEY_ID, fresh, id, over, vault};
use crate::both_empty;
use crate::cli::serve::Server;
use crate::cli::{Run, program, run};
use crate::schema::Empty;
use std::os::unix::fs::PermissionsExt;

async fn with(e: &Empty, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = program(e);
    command.args(args).envs(variables.iter().copied());
    command.output().await.expect("the program runs").into()
}

#[tokio::test]
async fn production_without_a_key_refuses_to_start() {
    let e = Empty::sqlite();
    let cases = [
        // An address of nobody's: it would be refused anyway, but later.
        &[("CONNECTORY_LISTEN", "192.0.2.1:0")][..],
        &[
            ("CONNECTORY_MODE", "production"),
            ("CONNECTORY_LISTEN", "127.0.0.1:0"),
        ],
    ];
    for variables in cases {
        for command in [&["serve"][..], &["keys", "list"], &["keys", "rotate"]] {
            let refused = with(&e, variables, command).await.refused();
            for part in [
                "`encryption_keys`",
                "connectory keys generate",
                "`encryption_key_file`",
            ] {
                assert!(refused.contains(part), "{refused}");
            }
        }
    }
    assert_eq!(
        std::fs::read_dir(e.path("")).unwrap().count(),
        0,
        "something was made"
    );
    let key = fresh();
    std::fs::write(e.path("connectory.key"), &key).expect("a file");
    let refused = with(&e, cases[1], &["serve"]).await.refused();
    assert!(
        refused.contains("connectory.key") && !refused.contains(&key),
        "{refused}"
    );
}

#[tokio::test]
async fn a_key_that_was_generated_is_taken_in_production() {
    let e = Empty::sqlite();
    let key = run(&e, &["keys", "generate"]).await.good();
    let other = run(&e, &["keys", "generate"]).await.good();
    assert!(
        key != other && key.len() == 45 && key.ends_with('\n'),
        "no key"
    );
    let production = ("CONNECTORY_MODE", "production");
    let variables = [production, ("CONNECTORY_ENCRYPTION_KEYS", key.trim())];
    let end = Server::start(&e, &[], &variables).await.stop("TERM").await;
    assert_eq!(end.code, Some(0), "{end:#?}");
    assert!(
        !format!("{end:?}").contains(key.trim()),
        "the key was printed"
    );

    let file = e.path("operator.key");
    let named = [
        production,
        ("CONNECTORY_ENCRYPTION_KEY_FILE", "operator.key"),
    ];
    let refused = with(&e, &named, &["serve"]).await.refused();
    assert!(
        refused.contains("operator.key") && refused.contains("not there"),
        "{refused}"
    );
    std::fs::write(&file, &key).expect("a file");
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&file, open).expect("it is ours");
    let refused = with(&e, &named, &["serve"]).await.refused();
    assert!(
        refused.contains("operator.key") && refused.contains("0644"),
        "{refused}"
    );
    let closed = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&file, closed).expect("it is ours");
    let end = Server::start(&e, &[], &named).await.stop("TERM").await;
    assert_eq!(end.code, Some(0), "{end:#?}");
}

#[tokio::test]
async fn malformed_keys_are_refused_by_name_and_not_quoted() {
    let e = Empty::sqlite();
    let half = &KEY[..30];
    let cases = [
        (half.to_owned(), "key 1"),
        (format!("{KEY},"), "key 2"),
        (format!("{KEY},{half}"), "key 2"),
        (format!("{KEY}, {KEY}"), "twice"),
        (String::new(), "32 bytes"),
        ("12345678".to_owned(), "in quotes"),
    ];
    for (keys, part) in cases {
        let variables = [("CONNECTORY_ENCRYPTION_KEYS", keys.as_str())];
        let refused = with(&e, &variables, &["migrate"]).await.refused();
        assert!(
            refused.contains("`encryption_keys`") && refused.contains(part),
            "{refused}"
        );
        assert!(
            !refused.contains(half) && !refused.contains("12345678"),
            "{refused}"
        );
    }
    let both = [
        ("CONNECTORY_ENCRYPTION_KEYS", KEY),
        ("CONNECTORY_ENCRYPTION_KEY_FILE", "x"),
    ];
    let refused = with(&e, &both, &["migrate"]).await.refused();
    assert!(refused.contains("`encryption_key_file`"), "{refused}");
    let refused = with(&e, &[("CONNECTORY_MODE", "staging")], &["migrate"])
        .await
        .refused();
    assert!(
        refused.contains("`mode`") && refused.contains("production"),
        "{refused}"
    );
    assert!(
        !e.path("connectory.db").exists(),
        "a database was made all the same"
    );
}

#[tokio::test]
async fn a_key_file_that_others_may_read_refuses_in_development_too() {
    let e = Empty::sqlite();
    let file = e.path("connectory.key");
    std::fs::write(&file, fresh()).expect("a file");
    let open = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(&file, open).expect("it is ours");
    let refused = run(&e, &["serve"]).await.refused();
    assert!(
        refused.contains("connectory.key") && refused.contains("0640"),
        "{refused}"
    );
    assert!(
        !e.path("connectory.db").exists(),
        "a database was made all the same"
    );
}

#[tokio::test]
async fn prune_is_not_for_keys_among_the_settings() {
    let e = Empty::sqlite();
    let variables = [("CONNECTORY_ENCRYPTION_KEYS", KEY)];
    let refused = with(&e, &variables, &["keys", "rotate", "--prune"])
        .await
        .refused();
    assert!(
        refused.contains("--prune") && refused.contains("`encryption_keys`"),
        "{refused}"
    );
}

/// The words of each line of `keys list`, without the heading.
fn lines(said: &str) -> Vec<Vec<&str>> {
    said.lines()
        .skip(1)
        .map(|line| line.split_whitespace().collect())
        .collect()
}

both_empty! {
    async fn a_missing_key_refuses_to_start(e) {
        let (db, connections) = prepare(e).await;
        let (lost, other) = (fresh(), fresh());
        keep(&db, &vault(&[&lost]), connections[0], "access_token", "a").await;
        keep(&db, &vault(&[&lost]), connections[0], "refresh_token", "b").await;
        let lost_id = id(&lost);
        for command in [&["serve"][..], &["keys", "rotate"]] {
            let refused = with(e, &[("CONNECTORY_ENCRYPTION_KEYS", &other)], command).await.refused();
            assert!(refused.contains("`encryption_keys` lacks the key") && refused.contains(&format!("`{lost_id}`")), "{refused}");
            assert!(refused.contains("(2)"), "{refused}");
            // The file that development would make is no substitute, and is not made.
            let refused = run(e, command).await.refused();
            assert!(refused.contains(&lost_id) && refused.contains("connectory.key"), "{refused}");
            assert!(!e.path("connectory.key").exists());
        }
        let said = with(e, &[("CONNECTORY_ENCRYPTION_KEYS", &other)], &["keys", "list"]).await.good();
        assert_eq!(lines(&said), [[&id(&other), "current", "0"], [lost_id.as_str(), "missing", "2"]]);
        let back = [("CONNECTORY_ENCRYPTION_KEYS", &*format!("{other},{lost}"))];
        let end = Server::start(e, &["serve"], &back).await.stop("TERM").await;
        assert_eq!(end.code, Some(0), "{end:#?}");
        db.close().await;
    }

    async fn listed_keys_are_rotated_by_their_order(e) {
        let (db, connections) = prepare(e).await;
        keep(&db, &vault(&[KEY]), connections[0], "access_token", "a").await;
        let new = fresh();
        let both = [("CONNECTORY_ENCRYPTION_KEYS", &*format!("{new}, {KEY}"))];
        let before = with(e, &both, &["keys", "list"]).await.good();
        assert_eq!(lines(&before), [[&*id(&new), "current", "0"], [KEY_ID, "opens", "1"]]);
        let said = with(e, &both, &["keys", "rotate"]).await.good();
        assert!(said.contains("anew under the key") && said.contains(": 1.") && said.contains(KEY_ID), "{said}");
        let after = with(e, &both, &["keys", "list"]).await.good();
        assert_eq!(lines(&after), [[&*id(&new), "current", "1"], [KEY_ID, "opens", "0"]]);
        for said in [before, said, after] {
            assert!(!said.contains(&new) && !said.contains(KEY), "a key was printed");
        }
        assert!(!e.path("connectory.key").exists());
        db.close().await;
    }

    async fn the_first_rotation_makes_the_key_file(e) {
        let said = run(e, &["keys", "list"]).await.good();
        assert_eq!(lines(&said).len(), 0, "{said}");
        assert!(!e.path("connectory.key").exists(), "looking made a key");
        let said = run(e, &["keys", "rotate"]).await.good();
        let made = over(&e.path("connectory.key"));
        assert_eq!(made.key_ids().len(), 1);
        assert!(said.contains(&made.current_key_id()), "{said}");
        let mode = std::fs::metadata(e.path("connectory.key")).expect("a file").permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }

    async fn processes_that_make_the_key_file_at_once_agree(e) {
        run(e, &["migrate", "--no-starter"]).await.good();
        let (one, two, three) = tokio::join!(run(e, &["keys", "rotate"]), run(e, &["keys", "rotate"]), run(e, &["keys", "rotate"]));
        let said = [one, two, three].map(Run::good);
        // Each made one, or put one before the others; none is lost.
        let left = over(&e.path("connectory.key")).key_ids();
        assert_eq!(left.len(), 3, "{said:?}");
        assert!(left.iter().all(|key| said.iter().any(|s| s.contains(&format!("Made the key `{key}`")))), "{left:?} {said:?}");
    }
}
