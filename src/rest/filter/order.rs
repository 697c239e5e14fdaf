//! `orderBy`: an object `{field, direction}` or a list of them; `sort`: field names separated by
//! commas. A dot goes through a to-one relation; a to-many relation orders by a figure over its
//! rows, `logs_aggregate.count` or `logs_aggregate.max.created_at`.

use super::{relation, what};
use crate::error::{Problem, clip};
use crate::query::{Key, MAX_SORTS, Resource, Sort};
use crate::rest::name;
use serde_json::{Map, Value as Json};

/// The members of a key.
const MEMBERS: &[&str] = &["field", "direction", "nulls"];

/// Reads `orderBy` of `resource`; `path` is where the client wrote it.
pub fn order(
    resource: &'static Resource,
    order: &Json,
    path: &str,
) -> Result<Vec<Sort>, Vec<Problem>> {
    let (list, indexed) = match order {
        Json::Array(list) => (list.as_slice(), true),
        one => (std::slice::from_ref(one), false),
    };
    if list.len() > MAX_SORTS {
        let issue = format!("has {} keys; the limit is {MAX_SORTS}", list.len());
        return Err(vec![Problem::new(path, issue)]);
    }
    let (mut sorts, mut problems) = (Vec::new(), Vec::new());
    for (i, key) in list.iter().enumerate() {
        let path = if indexed {
            format!("{path}[{i}]")
        } else {
            path.to_owned()
        };
        sorts.extend(read(resource, key, &path, &mut problems));
    }
    if problems.is_empty() {
        Ok(sorts)
    } else {
        Err(problems)
    }
}

/// Reads `sort` of `resource`, such as `-created_at,workspace.name`.
pub fn sort(
    resource: &'static Resource,
    text: &str,
    path: &str,
) -> Result<Vec<Sort>, Vec<Problem>> {
    let keys: Vec<&str> = text.split(',').map(str::trim).collect();
    if keys.len() > MAX_SORTS {
        let issue = format!("has {} keys; the limit is {MAX_SORTS}", keys.len());
        return Err(vec![Problem::new(path, issue)]);
    }
    let (mut sorts, mut problems) = (Vec::new(), Vec::new());
    for key in keys {
        let mut sort = Sort::parse(key);
        sort.path = registered(resource, &sort.path);
        match Key::parse(resource, &sort.path, false) {
            Ok(_) => sorts.push(sort),
            Err(issue) => problems.push(Problem::new(path, issue)),
        }
    }
    if problems.is_empty() {
        Ok(sorts)
    } else {
        Err(problems)
    }
}

/// One key; what is wrong with it goes to `problems`.
fn read(
    resource: &'static Resource,
    key: &Json,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Sort> {
    let Json::Object(members) = key else {
        let issue = format!(
            "must be an object such as {{\"field\": \"created_at\", \"direction\": \"desc\"}}, not {}",
            what(key)
        );
        problems.push(Problem::new(path, issue));
        return None;
    };
    let before = problems.len();
    for name in members
        .keys()
        .filter(|name| !MEMBERS.contains(&name.as_str()))
    {
        let issue = format!("is no member of an order; it has {}", MEMBERS.join(", "));
        problems.push(Problem::new(format!("{path}.{}", clip(name)), issue));
    }
    let descending = direction(members, path, problems);
    nulls(members, descending, path, problems);
    let field = match members.get("field") {
        Some(Json::String(field)) => registered(resource, field),
        _ => {
            let issue = "must be the name of a field, or a path such as `workspace.name`";
            problems.push(Problem::new(format!("{path}.field"), issue));
            return None;
        }
    };
    if let Err(issue) = Key::parse(resource, &field, false) {
        problems.push(Problem::new(format!("{path}.field"), issue));
    }
    (problems.len() == before).then_some(Sort {
        path: field,
        descending,
    })
}

fn direction(members: &Map<String, Json>, path: &str, problems: &mut Vec<Problem>) -> bool {
    let word = match members.get("direction") {
        None | Some(Json::Null) => return false,
        Some(Json::String(word)) => word.to_ascii_lowercase(),
        Some(_) => String::new(),
    };
    if word != "asc" && word != "desc" {
        let issue = "must be `asc` or `desc`";
        problems.push(Problem::new(format!("{path}.direction"), issue));
    }
    word == "desc"
}

/// Null is the greatest value; the member can say so and nothing else.
fn nulls(members: &Map<String, Json>, descending: bool, path: &str, problems: &mut Vec<Problem>) {
    let place = if descending { "first" } else { "last" };
    match members.get("nulls") {
        None | Some(Json::Null) => {}
        Some(Json::String(word)) if word.eq_ignore_ascii_case(place) => {}
        Some(_) => {
            let issue = format!(
                "must be `{place}` or be left out: null is the greatest value, last ascending and first descending"
            );
            problems.push(Problem::new(format!("{path}.nulls"), issue));
        }
    }
}

/// The path with the names of the registry; what cannot be found stays and is refused by name.
fn registered(resource: &'static Resource, path: &str) -> String {
    let (mut on, mut names) = (resource, Vec::new());
    let parts: Vec<&str> = path.split('.').collect();
    let last = parts.len().saturating_sub(1);
    for (i, part) in parts.into_iter().enumerate() {
        if i == last {
            let name = name::member(on, part).into_owned();
            let key = format!("{name}_id");
            // A to-one relation orders by its identifier, if that is a field of the row.
            let by_key = on.find_field(&name).is_none() && on.find_field(&key).is_some();
            names.push(if by_key { key } else { name });
            break;
        }
        let snake = name::snake(part).into_owned();
        let many = snake.strip_suffix("_aggregate").unwrap_or(&snake);
        if let Some(relation) = relation(on, many) {
            on = (relation.target)();
        }
        names.push(snake);
    }
    names.join(".")
}
