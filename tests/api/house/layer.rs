//! Who may know whom, read from the sources themselves.

use super::at;
use std::path::{Path, PathBuf};

/// A folder or file and the paths that must not be named in it.
const RULES: &[(&str, &[&str])] = &[
    (
        "src/query",
        &[
            "async_graphql",
            "poem",
            "entity",
            "migration",
            "crate::graphql",
            "crate::http",
            "crate::service",
            "crate::cli",
            "crate::store",
            "crate::resource",
        ],
    ),
    (
        "src/resource",
        &[
            "async_graphql",
            "poem",
            "crate::graphql",
            "crate::http",
            "crate::service",
            "crate::cli",
            "crate::store",
            "migration",
        ],
    ),
    (
        "src/live",
        &[
            "async_graphql",
            "poem",
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "crate::graphql",
            "crate::http",
            "crate::rest",
            "crate::service",
            "crate::cli",
            "crate::app",
        ],
    ),
    (
        "src/service",
        &[
            "async_graphql",
            "poem",
            "crate::graphql",
            "crate::http",
            "crate::cli",
            "crate::app",
            "migration",
        ],
    ),
    (
        "src/graphql",
        &[
            "poem",
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "crate::http",
            "crate::cli",
        ],
    ),
    (
        "src/rest",
        &[
            "async_graphql",
            "poem",
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "crate::graphql",
            "crate::http",
            "crate::cli",
            "crate::app",
        ],
    ),
    (
        "src/http",
        &[
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "crate::cli",
            "crate::query",
        ],
    ),
    (
        "src/store",
        &[
            "async_graphql",
            "poem",
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::db",
            "crate::graphql",
            "crate::http",
            "crate::query",
            "crate::resource",
            "crate::service",
        ],
    ),
    (
        "src/connect/egress",
        &[
            "async_graphql",
            "poem",
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::db",
            "crate::graphql",
            "crate::http",
            "crate::query",
            "crate::resource",
            "crate::rest",
            "crate::service",
            "crate::store",
        ],
    ),
    (
        "src/connect/oauth",
        &[
            "async_graphql",
            "poem",
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::db",
            "crate::graphql",
            "crate::http",
            "crate::query",
            "crate::resource",
            "crate::rest",
            "crate::service",
            "crate::store",
        ],
    ),
    (
        "src/connect/probe",
        &[
            "async_graphql",
            "poem",
            "sqlx",
            "sea_orm",
            "entity",
            "migration",
            "oauth2",
            "crate::app",
            "crate::cli",
            "crate::config",
            "crate::db",
            "crate::graphql",
            "crate::http",
            "crate::query",
            "crate::resource",
            "crate::rest",
            "crate::service",
            "crate::store",
        ],
    ),
    ("src/secret.rs", &["crate"]),
    (
        "src/db",
        &[
            "async_graphql",
            "poem",
            "entity",
            "crate::query",
            "crate::resource",
            "crate::graphql",
            "crate::http",
            "crate::service",
            "crate::cli",
            "crate::store",
        ],
    ),
    (
        "src/error.rs",
        &["async_graphql", "poem", "entity", "crate"],
    ),
    ("migration/src", &["entity", "connectory", "sqlx"]),
];

/// All that `entity` may name beside itself.
const ENTITY: &[&str] = &["sea_orm", "super", "Self"];

/// Rust sources below a folder, or the one file.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut found: Vec<_> = entries
        .flat_map(|entry| sources_of_entry(&entry.unwrap().path()))
        .collect();
    found.sort();
    found
}

fn sources_of_entry(path: &Path) -> Vec<PathBuf> {
    let rust = path.extension().is_some_and(|e| e == "rs");
    // The bundle of the page is JavaScript and what installs it.
    let foreign = path.ends_with("node_modules");
    if (path.is_dir() && !foreign) || rust {
        sources(path)
    } else {
        Vec::new()
    }
}

/// The code of a file without comments and texts.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let bare = |line: &str| {
        let mut outside = true;
        let plain: String = line
            .replace("\\\"", "")
            .replace("'\"'", "")
            .split('"')
            .fold(String::new(), |mut all, part| {
                if outside {
                    all.push_str(part);
                    all.push(' ');
                }
                outside = !outside;
                all
            });
        plain.split("//").next().unwrap_or_default().to_owned()
    };
    text.lines().map(bare).collect::<Vec<_>>().join("\n")
}

/// Every path the code names: `a::b::c`, with the groups of `use` written out.
fn paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for statement in code.split(';') {
        match statement
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .rsplit_once("use ")
        {
            Some((_, tree)) if !tree.contains(['(', '=']) => flatten("", tree.trim(), &mut found),
            _ => {}
        }
    }
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    found.extend(
        code.split(|c| !inside(c))
            .filter(|word| word.contains("::"))
            .map(|p| p.trim_matches(':').to_owned()),
    );
    found
}

fn flatten(prefix: &str, tree: &str, found: &mut Vec<String>) {
    let Some((head, group)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap_or_default().trim();
        found.push(format!("{prefix}{path}"));
        return;
    };
    let (mut depth, mut from) = (0, 0);
    let inner = group.rsplit_once('}').map_or(group, |(inner, _)| inner);
    for (i, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let item = inner[from..i].trim();
                if !item.is_empty() {
                    flatten(&format!("{prefix}{head}"), item, found);
                }
                from = i + 1;
            }
            _ => {}
        }
    }
}

fn begins(path: &str, with: &str) -> bool {
    path == with
        || path
            .strip_prefix(with)
            .is_some_and(|rest| rest.starts_with("::"))
}

/// Offences against a rule, as sentences.
fn offences(folder: &str, offends: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut all = Vec::new();
    for file in sources(&at(folder)) {
        let name = file.strip_prefix(at("")).unwrap().display().to_string();
        let named = paths(&code(&file));
        all.extend(
            named
                .iter()
                .filter(|path| offends(&name, path))
                .map(|path| format!("{name} names `{path}`")),
        );
    }
    all
}

#[test]
fn groups_of_use_are_written_out() {
    let found = paths(
        "use crate::{db::{self, Db}, graphql as g};\nlet x = poem::get(1);\nfn f() { use a::b; }",
    );
    for path in [
        "crate::db::self",
        "crate::db::Db",
        "crate::graphql",
        "poem::get",
        "a::b",
    ] {
        assert!(
            found.iter().any(|p| p == path),
            "{path} is not among {found:?}"
        );
    }
}

#[test]
fn no_layer_names_one_above_it() {
    let mut all = Vec::new();
    for (folder, forbidden) in RULES {
        all.extend(offences(folder, |_, path| {
            forbidden.iter().any(|f| begins(path, f))
        }));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn the_engine_names_the_orm_only_where_tables_are_declared() {
    let all = offences("src/query", |file, path| {
        file != "src/query/table.rs" && begins(path, "sea_orm")
    });
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn only_the_store_names_what_keeps_its_files() {
    let all = offences("src", |file, path| {
        !file.starts_with("src/store/") && begins(path, "object_store")
    });
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn only_the_way_out_names_what_sends_requests() {
    let sends = ["reqwest::Client", "reqwest::ClientBuilder", "reqwest::get"];
    let all = offences("src", |file, path| {
        file != "src/connect/egress.rs" && sends.iter().any(|s| begins(path, s))
    });
    assert!(all.is_empty(), "{}", all.join("\n"));
    let there = offences("src/connect/egress.rs", |_, path| begins(path, sends[0]));
    assert!(!there.is_empty(), "this test no longer finds the client");
}

#[test]
fn entities_name_only_the_orm() {
    let foreign = |path: &str| {
        let first = path.split("::").next().unwrap_or_default();
        first.starts_with(char::is_lowercase) && !ENTITY.contains(&first)
    };
    let all = offences("entity/src", |_, path| foreign(path));
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn only_the_settings_read_the_environment() {
    let reads = |path: &str| {
        ["std::env", "env", "tokio::env", "figment::providers::Env"]
            .iter()
            .any(|e| begins(path, e))
    };
    let all = offences("src", |file, path| file != "src/config.rs" && reads(path));
    assert!(all.is_empty(), "{}", all.join("\n"));
    let settings = offences("src/config.rs", |_, path| reads(path));
    assert!(
        !settings.is_empty(),
        "this test no longer finds where the environment is read"
    );
}

#[test]
fn nothing_is_unsafe() {
    for folder in ["src", "entity/src", "migration/src", "tests"] {
        for file in sources(&at(folder)) {
            let word = ["un", "safe"].concat();
            let code = code(&file);
            let words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
            assert!(
                words.into_iter().all(|w| w != word),
                "{} says `{word}`",
                file.display()
            );
        }
    }
}
