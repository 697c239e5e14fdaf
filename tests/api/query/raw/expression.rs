//! Regular expressions: both databases match what the `regex` crate matches, and what cannot be
//! matched alike, or in linear time, is refused with a sentence.

use super::script::EXPRESSIONS;
use super::truth::expression;
use super::{found, make};
use crate::both;
use crate::query::ask::resource;
use crate::query::model::{Sight, Val};
use crate::query::property::runner;
use crate::support::TestApp;
use connectory::query::{Filter, Node, Op};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Texts to match: the names of these rows are set to them.
const TEXTS: &[&str] = &[
    "",
    "a",
    "ab",
    "aXb",
    "A_b",
    "a\nb",
    "line\n",
    "\n",
    "Öl 12",
    "straße",
    "STRASSE",
    "ſ",
    "K",
    "é-e\u{301}",
    "１２",
    "a\u{2028}b",
    "x.y*z",
    "[a]",
    "\\",
    "über_all",
    "ab ab",
    "😀a",
    "\u{feff}",
    "ǅ",
    "aaaaaaaaaaaaaaaaaaaaaaaa",
];

/// Pieces that expressions are made of.
const PIECES: &[&str] = &[
    "a",
    "b",
    "ö",
    "S",
    "k",
    ".",
    r"\w",
    r"\W",
    r"\d",
    r"\s",
    r"\S",
    r"\b",
    r"\B",
    "^",
    "$",
    r"\A",
    r"\z",
    "[a-c]",
    "[^a]",
    "[^\n]",
    r"[\w.]",
    "[[:alpha:]]",
    r"\p{L}",
    r"\P{Lu}",
    r"\pN",
    "(?i:s)",
    "(?-s:.)",
    "(?m:^)",
    "(?m:$)",
    r"\x{1F600}",
    r"\n",
    r"\.",
    r"\*",
    "[à-ü]",
    "(?-u:\\b)",
    "(?-u:\\w)",
    "(?s-i:A)",
    "[&&a]",
    "[a--b]",
    r"\b{start}",
    r"\b{end}",
];

/// Repetitions, most of them none.
const REPEATS: &[&str] = &[
    "", "", "", "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "??",
];

fn pattern() -> impl Strategy<Value = String> {
    let piece = (0..PIECES.len(), 0..REPEATS.len())
        .prop_map(|(p, r)| format!("(?:{}){}", PIECES[p], REPEATS[r]));
    let flat = prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat());
    flat.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|list| format!("({})", list.join("|"))),
            (inner.clone(), 0..REPEATS.len()).prop_map(|(p, r)| format!("(?:{p}){}", REPEATS[r])),
            (inner.clone(), inner).prop_map(|(a, b)| format!("{a}{b}")),
        ]
    })
}

/// Names every connector by one of the texts.
async fn rename(t: &TestApp) {
    for (i, text) in TEXTS.iter().enumerate() {
        let text = if t.is_sqlite() {
            format!("CAST(x'{}' AS TEXT)", hex(text))
        } else {
            format!("convert_from('\\x{}', 'UTF8')", hex(text))
        };
        t.execute(&format!(
            "UPDATE connectors SET name = {text} WHERE pk = {}",
            i + 1
        ))
        .await;
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

fn matching(sight: &Sight<'_>, flags: &str, pattern: &str) -> BTreeSet<Uuid> {
    let expression = expression(flags, pattern);
    let connectors = resource("connectors");
    let name = connectors.find_field("name").expect("a field");
    let is_match = |row: &&crate::query::model::Record| match sight.value(connectors, row, name) {
        Some(Val::Text(text)) => expression.is_match(&text),
        _ => false,
    };
    sight
        .alive(connectors)
        .filter(is_match)
        .map(|row| row.id)
        .collect()
}

both! {
    async fn random_expressions_match_what_the_regex_crate_matches(t) {
        let mut known = make(t).await;
        rename(t).await;
        known.model = crate::query::model::Model::read(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let connectors = resource("connectors");
        let mut all: Vec<(String, bool)> = EXPRESSIONS.iter().map(|p| ((*p).to_owned(), false)).collect();
        all.extend(PIECES.iter().flat_map(|p| [((*p).to_owned(), true), (format!("^(?:{p})+$"), false)]));
        let (mut taken, mut some) = (0, 0);
        let check = |pattern: &str, fold: bool| {
            let word = if fold { "_iregex" } else { "_regex" };
            let clause = json!({"name": {word: pattern}});
            let asked = found(t, &sight, connectors, &clause);
            let asked =
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(asked));
            (clause, asked)
        };
        for (pattern, fold) in &all {
            let (clause, asked) = check(pattern, *fold);
            let truth = matching(&sight, if *fold { "(?is)" } else { "(?s)" }, pattern);
            assert_eq!(asked, Ok(truth), "{clause}");
        }
        let outcome = runner(3).run(&(pattern(), any::<bool>()), |(pattern, fold)| {
            let (clause, asked) = check(&pattern, fold);
            match asked {
                Err(issue) if issue.contains("too large") || issue.contains("large classes") || issue.contains("bytes long") => {}
                asked => {
                    let truth = matching(&sight, if fold { "(?is)" } else { "(?s)" }, &pattern);
                    prop_assert_eq!(asked, Ok(truth), "{}", clause);
                }
            }
            Ok(())
        });
        outcome.unwrap_or_else(|e| panic!("{e}"));
        for (pattern, fold) in &all {
            let (_, asked) = check(pattern, *fold);
            taken += usize::from(asked.is_ok());
            some += usize::from(asked.is_ok_and(|ids| !ids.is_empty()));
        }
        assert!(taken == all.len() && some * 2 > taken, "{taken} taken, {some} match");
    }

    async fn the_costliest_expressions_that_are_taken_are_answered(t) {
        let known = make(t).await;
        let sight = known.sight(t, &known.world.root).await;
        let connectors = resource("connectors");
        for pattern in [r"(?:a?){120}a{120}$", r"(a+)+$", r"(?:(?:a?){15}){15}x", r"(\w|\w\w)+\b$", r"(.*)(.*)(.*)(.*)(.*)x", r"[\w\s]{1,60}z"] {
            // What was read takes its time at the database, whose limit on a statement ends it.
            let asked = found(t, &sight, connectors, &json!({"name": {"_regex": pattern}})).await;
            assert_eq!(asked, Ok(matching(&sight, "(?s)", pattern)), "{pattern}");
        }
    }
}

#[test]
fn what_is_no_linear_expression_is_refused_by_its_reason() {
    let long = "a".repeat(1_001);
    let cases = [
        (r"(a)\1", "backreferences are not supported"),
        (r"a(?=b)", "look-around"),
        (r"(?<!b)a", "look-around"),
        ("(", "unclosed group"),
        ("a{3,1}", "invalid repetition"),
        ("*", "repetition operator missing expression"),
        ("[b-a]", "invalid character class range"),
        (r"\p{Nope}", "property"),
        ("a{256}", "more than 255 times"),
        ("(?:a{100}){100}", "too large"),
        ("(?:(?:a?){30}){30}", "too large"),
        (r"(?:\w{100}){9}", "too large"),
        (long.as_str(), "1001 bytes long"),
        (r"(?mR)^a", "CR LF"),
    ];
    let connectors = resource("connectors");
    for (pattern, reason) in cases {
        let node = Node::Raw("name".into(), Op::Regex, json!(pattern));
        let problems = Filter::check(connectors, &node, "where")
            .err()
            .unwrap_or_else(|| panic!("{pattern} is taken"));
        assert_eq!(problems[0].path, "where.name._regex");
        assert!(
            problems[0].issue.contains(reason),
            "{pattern}: {}",
            problems[0].issue
        );
    }
}
