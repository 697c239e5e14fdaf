//! Parameters that narrow and order a list, as the engine's filters and sorts.

use crate::error::Problem;
use crate::query::{Filter, Kind, MAX_TESTS, Node, Op, Resource, Sort};
use crate::rest::name;
use crate::rest::parameter::{In, Parameters, Sent, Shape};
use crate::rest::route::Route;
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde_json::Value as Json;
use uuid::Uuid;

/// What all narrowing parameters ask together.
pub fn filter(
    resource: &'static Resource,
    route: &Route,
    parameters: &Parameters,
) -> Result<Filter, Vec<Problem>> {
    let (mut filters, mut problems) = (Vec::new(), Vec::new());
    let mut judge = |node: Result<Node, String>, sent: &Sent| {
        let issues = match node {
            Ok(node) => match Filter::check(resource, &node, &sent.spelled) {
                Ok(filter) => return filters.push(filter),
                Err(found) => found.into_iter().map(|p| p.issue).collect(),
            },
            Err(issue) => vec![issue],
        };
        let here = |issue| Problem::new(&*sent.spelled, issue);
        problems.extend(issues.into_iter().map(here));
    };
    for parameter in route.parameters().filter(|p| p.place == In::Query) {
        if let Some(sent) = parameters.sent(parameter.name)
            && let Some(node) = named(resource, parameter.name, parameter.shape, &sent.value)
        {
            judge(node, sent);
        }
    }
    for (words, sent) in parameters.filters.iter().take(MAX_TESTS) {
        judge(bracketed(resource, words, &sent.value), sent);
    }
    if parameters.filters.len() > MAX_TESTS {
        let issue = format!("is given more than {MAX_TESTS} times");
        problems.push(Problem::new("filter", issue));
    }
    problems.extend(crossed(parameters));
    if problems.is_empty() {
        Ok(Filter::All(filters))
    } else {
        Err(problems)
    }
}

/// The test of a declared parameter; `None` if it does not narrow.
fn named(
    resource: &Resource,
    parameter: &str,
    shape: Shape,
    value: &str,
) -> Option<Result<Node, String>> {
    let test = |field: &str, op| Node::Field(field.to_owned(), op, value.into());
    if let Shape::Uuid = shape
        && Uuid::parse_str(value).is_err()
    {
        return Some(Err("must be a UUID".into()));
    }
    let node = match (resource.name, parameter) {
        (_, "include" | "sort" | "limit" | "cursor" | "before" | "page") => return None,
        (_, "created_at_from") => return Some(from("created_at", value)),
        (_, "created_at_to") => return Some(to("created_at", value)),
        (_, "updated_at_from") => return Some(from("updated_at", value)),
        (_, "updated_at_to") => return Some(to("updated_at", value)),
        ("connectors", "published_by" | "workspace_id") => test("published_by_id", Op::Eq),
        ("connectors", "category") => category(value),
        ("workspace_connector_sync_logs", "workspace_connector_id") => {
            Node::One("workspace_connector".into(), Box::new(test("id", Op::Eq)))
        }
        (_, "name") => test("name", Op::Contains),
        (_, field) => test(field, Op::Eq),
    };
    Some(Ok(node))
}

/// A category by its slug, whatever the case and the separators, or by its name.
fn category(value: &str) -> Node {
    let slug = value.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let test = |field: &str, value: &str| Node::Field(field.to_owned(), Op::Eq, value.into());
    let either = vec![
        test("slug", &slug),
        test("slug", value),
        test("name", value),
    ];
    Node::One("category".into(), Box::new(Node::Or(either)))
}

/// `filter[field]` and `filter[field][operator]`. A word of several, separated by commas, is one
/// of them.
fn bracketed(resource: &Resource, words: &[String], value: &str) -> Result<Node, String> {
    let (path, op) = match words {
        [path] => (path, None),
        [path, op] => (path, Some(operator(op)?)),
        _ => return Err("is written `filter[field]` or `filter[field][operator]`".into()),
    };
    let (mut through, mut on) = (Vec::new(), resource);
    let mut parts: Vec<&str> = path.split('.').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let relation = on.find_relation(&name::snake(part)).filter(|r| !r.many);
        let relation = relation
            .ok_or_else(|| format!("names no to-one relationship `{part}` of `{}`", on.name))?;
        through.push(relation.name);
        on = (relation.target)();
    }
    let field = name::member(on, last);
    let kind = on.find_field(&field).filter(|f| f.asked()).map(|f| f.kind);
    let Some(kind) = kind else {
        let known: Vec<_> = on
            .fields
            .iter()
            .filter(|f| f.asked())
            .map(|f| f.name)
            .collect();
        return Err(format!(
            "names no filterable field of `{}` (it has {})",
            on.name,
            known.join(", ")
        ));
    };
    let listed = matches!(kind, Kind::Enum(_)) && value.contains(',');
    let op = op.unwrap_or(if listed { Op::In } else { Op::Eq });
    let test = Node::Field(field.into_owned(), op, typed(kind, op, value));
    let nest = |node, relation: &&str| Node::One((*relation).to_owned(), Box::new(node));
    Ok(through.iter().rev().fold(test, nest))
}

fn operator(spelled: &str) -> Result<Op, String> {
    const ALL: [Op; 12] = [
        Op::Contains,
        Op::Eq,
        Op::Neq,
        Op::StartsWith,
        Op::EndsWith,
        Op::Gt,
        Op::Gte,
        Op::Lt,
        Op::Lte,
        Op::In,
        Op::IsNull,
        Op::IsNotNull,
    ];
    let name = name::snake(spelled);
    let found = ALL.into_iter().find(|op| op.name() == name);
    found.ok_or_else(|| {
        let known = ALL.map(Op::name).join(", ");
        format!("names no operator `{spelled}` (there are {known})")
    })
}

/// The text of a query as a value of that kind; what cannot be one is left for the engine to judge.
fn typed(kind: Kind, op: Op, text: &str) -> Json {
    let boolean = || {
        text.parse::<bool>()
            .map_or_else(|_| text.into(), Json::Bool)
    };
    match (op, kind) {
        (Op::IsNull | Op::IsNotNull, _) | (_, Kind::Boolean) => boolean(),
        (Op::In, _) => text.split(',').map(|w| Json::from(w.trim())).collect(),
        (_, Kind::Number) => text.parse::<i64>().map_or_else(|_| text.into(), Json::from),
        _ => text.into(),
    }
}

/// Not before a moment. The columns hold microseconds, so that is after the one before.
fn from(field: &str, text: &str) -> Result<Node, String> {
    let before = moment(text)?.0 - TimeDelta::microseconds(1);
    Ok(bound(field, Op::Gt, before))
}

/// Not after a moment, or after the day of a date.
fn to(field: &str, text: &str) -> Result<Node, String> {
    Ok(bound(field, Op::Lt, moment(text)?.1))
}

fn bound(field: &str, op: Op, moment: DateTime<Utc>) -> Node {
    let text = moment.to_rfc3339_opts(SecondsFormat::Micros, true);
    Node::Field(field.to_owned(), op, text.into())
}

/// The first moment that a text means, and the first one after it.
fn moment(text: &str) -> Result<(DateTime<Utc>, DateTime<Utc>), String> {
    let issue = || {
        let text: String = text.chars().take(40).collect();
        format!("must be an RFC 3339 moment such as 2026-01-31T09:30:00Z, or a date, not `{text}`")
    };
    let midnight = |date: NaiveDate| Some(date.and_hms_opt(0, 0, 0)?.and_utc());
    if let Ok(date) = text.parse::<NaiveDate>() {
        let next = date.checked_add_days(Days::new(1));
        return midnight(date)
            .zip(next.and_then(midnight))
            .ok_or_else(issue);
    }
    // A plus sign that was not encoded arrives as a space.
    let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).map_err(|_| issue())?;
    let moment = moment.to_utc().trunc_subsecs(6);
    Ok((moment, moment + TimeDelta::microseconds(1)))
}

/// Bounds that no moment lies between.
fn crossed(parameters: &Parameters) -> Vec<Problem> {
    let pairs = [
        ("created_at_from", "created_at_to"),
        ("updated_at_from", "updated_at_to"),
    ];
    let read = |name: &str| moment(&parameters.sent(name)?.value).ok();
    let crossed = |(from, to): &(&str, &str)| {
        let (least, most) = (read(from)?, read(to)?);
        (least.0 >= most.1).then(|| Problem::new(*from, format!("must not be later than `{to}`")))
    };
    pairs.iter().filter_map(crossed).collect()
}

/// One word of `sort`, in any spelling: `-createdAt`, `connector_id`, `category`.
pub fn sort(resource: &Resource, word: &str) -> Sort {
    let mut sort = Sort::parse(word);
    let path = match sort.path.rsplit_once('.') {
        Some(_) => name::snake(&sort.path).into_owned(),
        None => name::member(resource, &sort.path).into_owned(),
    };
    sort.path = match (resource.name, path.as_str()) {
        // Its identifiers have no order that means anything to a reader.
        ("connectors", "category") => "category.slug".into(),
        _ => path,
    };
    sort
}
