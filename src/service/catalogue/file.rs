//! The formats of a file, down to single resources with their positions.

use crate::error::Problem;
use serde_json::{Map, Value as Json};

/// Most problems of one kind that are reported one by one.
const MAX_PROBLEMS: usize = 1000;
/// Longest identifier, in bytes.
const MAX_ID: usize = 500;

/// A resource as it stands in a file.
#[derive(Debug)]
pub struct Item {
    /// Where: `data[3]`, `included[0]`, `line 12`.
    pub position: String,
    /// Its type, folded: singular, snake case.
    pub kind: String,
    /// Its identifier in the file.
    pub id: Option<String>,
    /// Its attributes.
    pub attributes: Map<String, Json>,
    /// For each relationship the identifier it names, or what stands there instead.
    pub one: Map<String, Json>,
}

/// What a file holds: its resources, and what is wrong with those that are none.
pub type Items = (Vec<Item>, Vec<Problem>);

/// The resources of a file, whatever its format. Fails if it is no such file at all.
pub fn items(text: &str) -> Result<Items, Vec<Problem>> {
    let text = text.trim_start_matches('\u{feff}');
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(document)) if document.contains_key("data") => document_items(document),
        Ok(Json::Array(list)) => Ok(collect(numbered("", list))),
        Ok(resource @ Json::Object(_)) => Ok(collect(vec![("line 1".to_owned(), resource)])),
        Ok(_) => Err(vec![Problem::new(
            "file",
            "must hold JSON:API resources, not a bare value",
        )]),
        Err(whole) => lines(text, &whole),
    }
}

fn numbered(name: &str, list: Vec<Json>) -> Vec<(String, Json)> {
    list.into_iter()
        .enumerate()
        .map(|(i, json)| (format!("{name}[{i}]"), json))
        .collect()
}

fn document_items(mut document: Map<String, Json>) -> Result<Items, Vec<Problem>> {
    let mut all = Vec::new();
    for name in ["included", "data"] {
        match document.remove(name) {
            Some(Json::Array(list)) => all.extend(numbered(name, list)),
            Some(resource @ Json::Object(_)) if name == "data" => {
                all.push(("data".into(), resource))
            }
            None | Some(Json::Null) => {}
            Some(_) => return Err(vec![Problem::new(name, "must be a list of resources")]),
        }
    }
    Ok(collect(all))
}

/// One resource a line. A text of one line that does not parse is no such file, so its own error
/// is the better one.
fn lines(text: &str, whole: &serde_json::Error) -> Result<Items, Vec<Problem>> {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
    {
        let position = format!("line {}", number + 1);
        match serde_json::from_str(line) {
            Ok(json) => all.push((position, json)),
            Err(error) => problems.push(Problem::new(position, format!("is no JSON: {error}"))),
        }
    }
    if all.is_empty() {
        return Err(vec![Problem::new(
            "file",
            format!("holds no JSON:API document and no lines of resources: {whole}"),
        )]);
    }
    problems.truncate(MAX_PROBLEMS);
    let (items, more) = collect(all);
    problems.extend(more);
    Ok((items, problems))
}

fn collect(all: Vec<(String, Json)>) -> Items {
    let (mut items, mut problems) = (Vec::with_capacity(all.len()), Vec::new());
    for (position, json) in all {
        match item(position, json) {
            Ok(item) => items.push(item),
            Err(problem) => problems.push(problem),
        }
    }
    problems.truncate(MAX_PROBLEMS);
    (items, problems)
}

fn item(position: String, json: Json) -> Result<Item, Problem> {
    let Json::Object(mut object) = json else {
        return Err(Problem::new(position, "must be a resource object"));
    };
    let kind = match object.remove("type") {
        Some(Json::String(kind)) => fold(&kind),
        _ => {
            return Err(Problem::new(
                format!("{position}.type"),
                "is missing; every resource has a type",
            ));
        }
    };
    let id = match object.remove("id") {
        None | Some(Json::Null) => None,
        Some(Json::String(id)) => Some(id),
        Some(Json::Number(id)) => Some(id.to_string()),
        Some(_) => return Err(Problem::new(format!("{position}.id"), "must be a text")),
    };
    match &id {
        Some(id) if id.contains('\0') => {
            return Err(Problem::new(
                format!("{position}.id"),
                "holds a NUL character",
            ));
        }
        Some(id) if id.len() > MAX_ID => {
            let issue = format!("has {} bytes; the limit is {MAX_ID}", id.len());
            return Err(Problem::new(format!("{position}.id"), issue));
        }
        _ => {}
    }
    let mut member = |name: &str| match object.remove(name) {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(map)) => Ok(map),
        Some(_) => Err(Problem::new(
            format!("{position}.{name}"),
            "must be an object",
        )),
    };
    let (attributes, relationships) = (member("attributes")?, member("relationships")?);
    let one = relationships
        .into_iter()
        .filter_map(|(name, json)| Some((name, named(&json)?)))
        .collect();
    Ok(Item {
        position,
        kind,
        id,
        attributes,
        one,
    })
}

/// The identifier that a relationship names; where it names none, what stands there.
fn named(relationship: &Json) -> Option<Json> {
    let data = relationship.get("data")?;
    Some(data.get("id").unwrap_or(data).clone())
}

/// A type name folded: lower case, snake case, singular (`Workspace-Connectors`,
/// `workspace_connector`).
fn fold(kind: &str) -> String {
    let kind = kind.to_lowercase().replace('-', "_");
    match kind.as_str() {
        "categories" => "category".into(),
        "medias" | "media" => "media".into(),
        "organization" | "organizations" | "workspaces" => "workspace".into(),
        other => other
            .strip_suffix('s')
            .filter(|k| !k.is_empty())
            .unwrap_or(other)
            .to_owned(),
    }
}
