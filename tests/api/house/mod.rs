//! The rules of the house: what no compiler checks and every change must keep.

mod index;
mod layer;
mod schema;

use std::path::{Path, PathBuf};

/// A file or folder of the repository.
pub fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether generated files are to be rewritten instead of compared.
pub fn updating() -> bool {
    std::env::var("UPDATE").as_deref() == Ok("1")
}

/// The file holds exactly `made`; with `UPDATE=1` it is made to.
fn assert_current(path: &str, made: &str) {
    let file = at(path);
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    if there == made {
        return;
    }
    assert!(
        updating(),
        "{path} is not current: run `UPDATE=1 cargo test house` and look at what changed"
    );
    std::fs::write(&file, made).unwrap_or_else(|e| panic!("{path} cannot be written: {e}"));
}

#[test]
fn the_schema_file_is_what_the_program_serves() {
    assert_current("schema.graphql", &connectory::graphql::sdl());
}

#[test]
fn the_openapi_file_is_what_the_program_serves() {
    assert_current("tests/openapi.json", &connectory::rest::openapi::pretty());
}

#[test]
fn the_field_table_of_the_readme_is_what_the_program_takes() {
    const BEGIN: &str = "<!-- fields -->\n";
    const END: &str = "<!-- /fields -->";
    let readme = std::fs::read_to_string(at("README.md")).unwrap_or_default();
    let parts = readme
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let Some((before, after)) = parts else {
        panic!(
            "README.md has no lines `<!-- fields -->` and `<!-- /fields -->`, between which the table of fields stands"
        )
    };
    let table = connectory::resource::operator_table();
    assert_current(
        "README.md",
        &format!("{before}{BEGIN}\n{table}\n{END}{after}"),
    );
}
