//! Who may do what: every use case beside everybody who could try it, as a table. A use case
//! without a scenario fails the test, and a word that changed does.

use super::scenario;
use super::scene::Scene;
use super::snapshot;
use crate::both;
use crate::connect::lifecycle;
use crate::house::{at, updating};
use crate::support::hostile::Hostile;
use connectory::service::{USE_CASES, UseCase};

const FILE: &str = "tests/api/write/matrix.md";

const HEAD: &str = "\
# Who may do what

Each use case as everybody tries it, on what `home` has, and how it ends. A member tries it on its
own installation and on another member's; the sibling is an owner of a workspace beside `home`, the
stranger one of another organization.

| use case | owner | admin | member, own | member, another's | viewer | sibling | stranger |
|---|---|---|---|---|---|---|---|
";

/// Tries a use case on a thing made for it, held by `holder`, and says how it ended. A refusal
/// leaves everything as it was, and one by role one row in the record.
async fn attempt(s: &Scene<'_>, use_case: &UseCase, actor: &str, holder: &str) -> String {
    let input = scenario::prepare(s, use_case.name, holder).await;
    let (before, refused) = (s.snapshot().await, s.events("refused").await);
    let done = s.events("done").await;
    let sent = scenario::send(s, actor, use_case.name, input);
    let word = sent.await.word();
    let what = format!("{} ({word})", use_case.name);
    if word == "done" {
        // Renewing a token is an event of its own, beside that somebody asked for it.
        assert!(s.events("done").await > done, "{what}");
        assert_eq!(s.latest(1).await, [format!("{} done", use_case.action())]);
    } else {
        snapshot::assert_same(&before, &s.snapshot().await, &what);
        assert_eq!(s.events("done").await, done, "{what}");
    }
    let more = i64::from(word == "forbidden");
    assert_eq!(s.events("refused").await, refused + more, "{what}");
    if more == 1 {
        let latest = format!("{} refused", use_case.action());
        assert_eq!(s.latest(1).await, [latest]);
    }
    word
}

async fn table(s: &Scene<'_>) -> String {
    let actors = [
        (&s.owner, &s.colleague),
        (&s.admin, &s.colleague),
        (&s.member, &s.member),
        (&s.member, &s.colleague),
        (&s.viewer, &s.colleague),
        (&s.sibling, &s.colleague),
        (&s.stranger, &s.colleague),
    ];
    let mut out = HEAD.to_owned();
    for use_case in USE_CASES.iter() {
        let mut words = vec![format!("`{}`", use_case.name)];
        for (actor, holder) in actors {
            words.push(attempt(s, use_case, actor, holder).await);
        }
        assert_eq!(
            words[1], "done",
            "the scenario of {} does not work",
            use_case.name
        );
        out.push_str(&format!("| {} |\n", words.join(" | ")));
    }
    out
}

both! {
    async fn the_table_of_who_may_do_what_is_as_written(t) {
        let peer = Hostile::default().start().await;
        let t = &lifecycle::beside(t, &peer).await;
        let mut s = Scene::make(t).await;
        s.remote = Some(peer.url.clone());
        let made = table(&s).await;
        let file = at(FILE);
        let there = std::fs::read_to_string(&file).unwrap_or_default();
        if there != made && updating() {
            std::fs::write(&file, &made).unwrap();
        } else {
            assert_eq!(there, made, "{FILE} is not current: run with UPDATE=1 and look at what changed");
        }
    }
}
