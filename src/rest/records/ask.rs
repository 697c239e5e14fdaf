//! From a request to a question: the body of `records/query`, or the query of `records/{root}`.

use super::body::Members;
use super::columns::Columns;
use crate::error::{Error, Problem};
use crate::query::cursor::{Binding, Position};
use crate::query::{Filter, Node, Order, Query, Resource, Select, Sort, Window};
use crate::rest::{Call, Rest, filter, name};
use serde_json::Value as Json;
use uuid::Uuid;

/// Rows of a page that asks for no number.
const DEFAULT_LIMIT: u32 = 20;
/// Most rows of a page.
const MAX_LIMIT: u64 = 500;
/// Related rows that a path through a to-many relation shows of each row.
pub const MAX_RELATED: u32 = 100;
/// Most rows one question may ask for, those of to-many relations multiplied out.
pub const MAX_ROWS: u64 = 60_000;

/// The members of a question.
const MEMBERS: &[&str] = &[
    "root",
    "fields",
    "limit",
    "cursor",
    "order_by",
    "filters",
    "where_clause",
    "workspace_id",
];

/// A question, checked and complete.
pub struct Ask {
    /// The engine's question.
    pub query: Query,
    /// How its rows are written.
    pub columns: Columns,
    /// The workspace it is narrowed to.
    pub workspace: Option<Uuid>,
}

/// The resource of a root, or the sentence that lists them.
pub(super) fn root(word: &str) -> Result<&'static Resource, String> {
    name::by_root(&name::snake(word)).ok_or_else(|| {
        let roots: Vec<_> = name::NAMES.iter().filter_map(|name| name.root).collect();
        let word: String = word.chars().take(60).collect();
        format!("must be one of {}, not `{word}`", roots.join(", "))
    })
}

/// Where rows begin and how they are ordered: what a cursor belongs to.
struct Page {
    order: Order,
    limit: u32,
    after: Option<Position>,
}

/// The conditions of `filters` and `whereClause`, both to hold.
pub(super) fn conditions(resource: &'static Resource, members: &mut Members<'_>) -> Filter {
    let mut nodes: Vec<Node> = Vec::new();
    if let Some((path, filters)) = members.get("filters") {
        nodes.extend(members.gather(filter::config(resource, filters, path)));
    }
    if let Some((path, clause)) = members.get("where_clause") {
        nodes.extend(members.gather(filter::clause(resource, clause, path)));
    }
    // One alone is at the depth at which the client wrote it; two share the limits.
    let path = members
        .get("where_clause")
        .map_or("filters", |(spelled, _)| spelled);
    let checked = Filter::check(resource, &Node::all(nodes), path);
    members.gather(checked).unwrap_or_else(Filter::everything)
}

impl Ask {
    /// Reads the body of a question; everything wrong is reported at once.
    pub fn from_body(rest: &Rest, body: &Json, workspace: Option<&str>) -> Result<Ask, Error> {
        let mut members = Members::read(body, MEMBERS);
        let workspace = members.workspace(workspace);
        let limit = match members.get("limit") {
            None => DEFAULT_LIMIT,
            Some((path, value)) => limit(value.as_u64()).unwrap_or_else(|issue| {
                members.refuse(path, issue);
                DEFAULT_LIMIT
            }),
        };
        let Some(resource) = body_root(&mut members) else {
            return Err(Error::Invalid(members.problems));
        };
        let filter = conditions(resource, &mut members);
        let sorts = match members.get("order_by") {
            None => Vec::new(),
            Some((path, order)) => {
                let sorts = filter::order(resource, order, path);
                members.gather(sorts).unwrap_or_default()
            }
        };
        let cursor = members.text("cursor");
        let page = page(rest, resource, &sorts, limit, cursor, "orderBy");
        let page = members.gather(page);
        let (mut columns, mut select) = (Columns::default(), Select::default());
        fields(resource, &mut members, &mut columns, &mut select);
        match page {
            Some(page) if members.problems.is_empty() => {
                finish(resource, filter, page, columns, select, workspace)
            }
            _ => Err(Error::Invalid(members.problems)),
        }
    }

    /// Reads the query of a list; everything wrong is reported at once.
    pub fn from_query(rest: &Rest, call: &Call<'_>) -> Result<Ask, Error> {
        let spelled = call.variable("root");
        let resource = root(spelled).map_err(|issue| Error::invalid("root", issue))?;
        let mut problems = Vec::new();
        let (filter, workspace) = query_filter(resource, call, &mut problems);
        let mut take = |wrong: Vec<Problem>| problems.extend(wrong);
        let sorts = match call.parameters.get("sort") {
            None => Vec::new(),
            Some(text) => filter::sort(resource, text, "sort").unwrap_or_else(|wrong| {
                take(wrong);
                Vec::new()
            }),
        };
        let limit = call.parameters.integer(call.route, "limit");
        let limit = limit.map_err(|problem| take(vec![problem])).ok().flatten();
        let limit = limit
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(DEFAULT_LIMIT);
        let cursor = call.parameters.get("cursor");
        let page = page(rest, resource, &sorts, limit, cursor, "sort").map_err(&mut take);
        let (mut columns, mut select) = (Columns::default(), Select::default());
        if let Err(wrong) = query_fields(resource, call, &mut columns, &mut select) {
            take(wrong);
        }
        match page {
            Ok(page) if problems.is_empty() => {
                finish(resource, filter, page, columns, select, workspace)
            }
            _ => Err(Error::Invalid(problems)),
        }
    }
}

fn body_root(members: &mut Members<'_>) -> Option<&'static Resource> {
    if members.get("root").is_none() {
        members.refuse("root", "is missing: say the root, e.g. `connectors`");
    }
    let word = members.text("root")?;
    root(word)
        .map_err(|issue| members.refuse("root", issue))
        .ok()
}

fn limit(number: Option<u64>) -> Result<u32, String> {
    number
        .filter(|n| (1..=MAX_LIMIT).contains(n))
        .and_then(|n| u32::try_from(n).ok())
        .ok_or_else(|| format!("must be a whole number from 1 to {MAX_LIMIT}"))
}

fn page(
    rest: &Rest,
    resource: &'static Resource,
    sorts: &[Sort],
    limit: u32,
    cursor: Option<&str>,
    path: &str,
) -> Result<Page, Vec<Problem>> {
    let order = Order::check(resource, sorts, path)?;
    let after = match cursor.filter(|cursor| !cursor.is_empty()) {
        None => None,
        Some(cursor) => {
            let binding = Binding::new(resource, &order);
            let position = rest.sealer.open(&binding, &order, cursor);
            let issue = "is not a cursor of this root in this order; take it from `meta.nextCursor` of an earlier answer";
            Some(position.ok_or_else(|| vec![Problem::new("cursor", issue)])?)
        }
    };
    Ok(Page {
        order,
        limit,
        after,
    })
}

/// The columns that the body names: lists of words, or paths joined by dots.
fn fields(
    resource: &'static Resource,
    members: &mut Members<'_>,
    columns: &mut Columns,
    select: &mut Select,
) {
    let form = "must be a list with at least one path such as [\"connectors\", \"name\"]: the root, then relations, then a field";
    let list = match members.get("fields") {
        Some((_, Json::Array(list))) if !list.is_empty() => list,
        _ => return members.refuse("fields", form),
    };
    for (i, path) in list.iter().enumerate() {
        let words: Option<Vec<&str>> = match path {
            Json::String(path) => Some(path.split('.').collect()),
            Json::Array(words) => words.iter().map(Json::as_str).collect(),
            _ => None,
        };
        let added = match words {
            None => Err("must be a list of texts such as [\"connectors\", \"name\"]".to_owned()),
            Some(words) => column(resource, &words, columns, select),
        };
        if let Err(issue) = added {
            members.refuse(format!("fields[{i}]"), issue);
        }
    }
}

/// The columns that the query names, or all of the root.
fn query_fields(
    resource: &'static Resource,
    call: &Call<'_>,
    columns: &mut Columns,
    select: &mut Select,
) -> Result<(), Vec<Problem>> {
    let refused = |issue| vec![Problem::new("fields", issue)];
    let Some(paths) = call.parameters.get("fields") else {
        let root = root_word(resource);
        return columns.add_all(resource, root, select).map_err(refused);
    };
    let mut problems = Vec::new();
    for path in paths.split(',').map(str::trim) {
        let words: Vec<&str> = path.split('.').collect();
        if let Err(issue) = column(resource, &words, columns, select) {
            let path: String = path.chars().take(60).collect();
            problems.push(Problem::new("fields", format!("at `{path}`: {issue}")));
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

fn root_word(resource: &'static Resource) -> &'static str {
    let name = name::of(resource);
    name.and_then(|name| name.root).unwrap_or(resource.name)
}

/// Adds the column of a path that begins with the root.
fn column(
    resource: &'static Resource,
    words: &[&str],
    columns: &mut Columns,
    select: &mut Select,
) -> Result<(), String> {
    let own = root_word(resource);
    match words {
        [root, path @ ..] if name::snake(root).replace('-', "_") == own && !path.is_empty() => {
            columns.add(resource, root, path, select)
        }
        _ => Err(format!(
            "must begin with the root, `{own}`, and go on to a field, e.g. `{own}.created_at`"
        )),
    }
}

/// `where`, and the workspace.
fn query_filter(
    resource: &'static Resource,
    call: &Call<'_>,
    problems: &mut Vec<Problem>,
) -> (Filter, Option<Uuid>) {
    let workspace = call.parameters.get("workspace_id").and_then(|text| {
        let id = Uuid::parse_str(text).ok();
        if id.is_none() {
            problems.push(Problem::new(
                "workspaceId",
                "must be the UUID of a workspace",
            ));
        }
        id
    });
    let read = |text: &str| {
        let clause: Json = serde_json::from_str(text)
            .map_err(|error| vec![Problem::new("where", format!("is no JSON: {error}"))])?;
        let node = filter::clause(resource, &clause, "where")?;
        Filter::check(resource, &node, "where")
    };
    let filter = call.parameters.get("where").map(read);
    match filter {
        None => (Filter::everything(), workspace),
        Some(Ok(filter)) => (filter, workspace),
        Some(Err(wrong)) => {
            problems.extend(wrong);
            (Filter::everything(), workspace)
        }
    }
}

fn finish(
    resource: &'static Resource,
    filter: Filter,
    page: Page,
    columns: Columns,
    select: Select,
    workspace: Option<Uuid>,
) -> Result<Ask, Error> {
    let rows = u64::from(page.limit) * (1 + u64::from(MAX_RELATED) * manies(&select));
    if rows > MAX_ROWS {
        return Err(Error::TooComplex(format!(
            "the question asks for up to {rows} rows, {MAX_RELATED} for each relation that has many; the limit is {MAX_ROWS}: ask for fewer rows or paths"
        )));
    }
    let window = Some(Window {
        limit: page.limit,
        after: page.after,
        ..Window::default()
    });
    let query = Query {
        resource,
        filter,
        order: page.order,
        window,
        select,
        keys: true,
        total: true,
    };
    Ok(Ask {
        query,
        columns,
        workspace,
    })
}

/// Pages of related rows in a projection.
fn manies(select: &Select) -> u64 {
    let joined: u64 = select.one.iter().map(|one| manies(&one.select)).sum();
    select.many.len() as u64 + joined
}
