//! Reading: lists and single resources.

mod narrow;
mod page;
pub mod tag;

use super::document::{self, Asked, Gathered, Writer};
use super::parameter::Parameters;
use super::route::{Content, Paging, Route};
use super::{Answer, Call, Fault, Rendering, Rest};
use crate::error::{Error, Problem};
use crate::query::cursor::Binding;
use crate::query::{Filter, Node, Op, Order, Query, Resource, Select, Sort, Window};
use futures_util::future::{BoxFuture, FutureExt};
use page::Page;
use uuid::Uuid;

/// A page of the resource that the route names.
pub fn list<'a>(rest: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    async move {
        let (resource, paging) = subject(call.route)?;
        let question = question(rest, &call, resource, paging)?;
        let Question {
            query,
            node,
            page,
            asked,
        } = &question;
        let found = query.run(&rest.db, &call.caller.viewer).await?;
        let slice = found.slice(0);
        let gathered = Gathered::new(node, found.views(&slice));
        let binding = Binding::new(resource, &query.order);
        let cursor = |last: bool| {
            let mut views = found.views(&slice);
            let view = if last { views.last() } else { views.next() };
            view?.cursor(&rest.sealer, query, &binding)
        };
        let count = gathered.primary as u64;
        let meta = page.meta(count, slice.total, call.rendering);
        let links = page.links(&call, &slice, cursor);
        let included = asked.include.is_some();
        let body = Writer::page(call.rendering, &gathered, included, &meta, &links);
        Ok(Answer::new(200, call.rendering, body))
    }
    .boxed()
}

/// One resource of the kind that the route names.
pub fn one<'a>(rest: &'a Rest, call: Call<'a>) -> BoxFuture<'a, Result<Answer, Fault>> {
    async move {
        let (resource, _) = subject(call.route)?;
        let key = call.path.first().map_or("", |(_, value)| value.as_str());
        let asked = Asked::read(&call.parameters, call.rendering).map_err(Fault::query)?;
        let mut select = Select::default();
        let node = document::plan(resource, &asked, &mut select).map_err(Fault::query)?;
        let marker = tag::marker(resource).map(|field| (field, select.field(field)));
        let query = single(resource, key, select)?;
        let found = query.run(&rest.db, &call.caller.viewer).await?;
        let slice = found.slice(0);
        let Some(view) = found.views(&slice).next() else {
            return Err(missing(&node, key));
        };
        let gathered = Gathered::new(&node, found.views(&slice));
        let links = match call.rendering {
            Rendering::Strict => vec![("self", Some(page::address(&call)))],
            Rendering::Well => Vec::new(),
        };
        let included = asked.include.is_some();
        let body = Writer::one(call.rendering, &gathered, included, &links);
        let state = marker.and_then(|(field, slot)| tag::state(field, slot, view));
        let tag = tag::of(state, &body);
        let current = call.request.list("if-none-match");
        if current.is_some_and(|list| tag::holds(&list, &tag)) {
            let answer = Answer::new(304, call.rendering, Vec::new());
            return Ok(answer.with("etag", tag));
        }
        Ok(Answer::new(200, call.rendering, body).with("etag", tag))
    }
    .boxed()
}

/// What a route reads, and how its lists are paged.
fn subject(route: &Route) -> Result<(&'static Resource, Paging), Fault> {
    let found = route.outcomes.iter().find_map(|o| match o.content {
        Content::Page(of, paging) => Some((of(), paging)),
        Content::One(of) => Some((of(), Paging::Cursor)),
        _ => None,
    });
    found.ok_or_else(|| Error::internal("the route reads no resource").into())
}

fn missing(node: &document::Node, key: &str) -> Fault {
    Fault::not_found(node.shape.name.word, key)
}

/// A question for a list and how to write its answer.
struct Question {
    query: Query,
    node: document::Node,
    page: Page,
    asked: Asked,
}

/// Reads a list's parameters; everything wrong is reported at once.
fn question(
    rest: &Rest,
    call: &Call<'_>,
    resource: &'static Resource,
    paging: Paging,
) -> Result<Question, Fault> {
    let mut problems = Vec::new();
    let mut keep = |found: Vec<Problem>| problems.extend(found);
    let parameters = &call.parameters;
    let asked = Asked::read(parameters, call.rendering).unwrap_or_else(|found| {
        keep(found);
        Asked::default()
    });
    let mut select = Select::default();
    let node = document::plan(resource, &asked, &mut select).map_err(&mut keep);
    let filter = narrow::filter(resource, call.route, parameters).map_err(&mut keep);
    let order = order(resource, parameters).map_err(&mut keep);
    let page = Page::read(call.route, parameters, paging, call.rendering).map_err(&mut keep);
    let window = match (&order, &page) {
        (Ok(order), Ok(page)) => page.window(rest, resource, order, parameters).map_err(keep),
        _ => Err(()),
    };
    let (Ok(node), Ok(filter), Ok(order), Ok(page), Ok(window)) =
        (node, filter, order, page, window)
    else {
        return Err(Fault::query(problems));
    };
    affordable(&select, u64::from(window.limit))?;
    let query = Query {
        resource,
        filter,
        order,
        window: Some(window),
        select,
        keys: page.by_cursor(),
        total: page.counts(call.rendering),
    };
    if problems.is_empty() {
        Ok(Question {
            query,
            node,
            page,
            asked,
        })
    } else {
        Err(Fault::query(problems))
    }
}

/// Refuses what could come to too many rows.
fn affordable(select: &Select, rows: u64) -> Result<(), Fault> {
    fn most(select: &Select, rows: u64) -> u64 {
        let many = select.many.iter().map(|many| {
            let limit = many.query.window.as_ref().map_or(0, |w| u64::from(w.limit));
            let rows = rows.saturating_mul(limit);
            rows.saturating_add(most(&many.query.select, rows))
        });
        let one = select.one.iter().map(|one| most(&one.select, rows));
        many.chain(one).fold(0, u64::saturating_add)
    }
    let rows = most(select, rows);
    if rows <= document::MAX_ROWS {
        return Ok(());
    }
    let most = document::MAX_ROWS;
    let issue = format!(
        "`include` could come to {rows} related rows; the limit is {most}: ask for a smaller `limit` or include less"
    );
    Err(Error::TooComplex(issue).into())
}

fn order(resource: &'static Resource, parameters: &Parameters) -> Result<Order, Vec<Problem>> {
    let Some(sent) = parameters.sent("sort") else {
        return Order::check(resource, &[], "sort");
    };
    let words = sent
        .value
        .split(',')
        .map(str::trim)
        .filter(|w| !w.is_empty());
    let sorts: Vec<Sort> = words.map(|word| narrow::sort(resource, word)).collect();
    Order::check(resource, &sorts, "sort").map_err(|problems| {
        let here = |p: Problem| Problem::new(&*sent.spelled, p.issue);
        problems.into_iter().map(here).collect()
    })
}

/// The question for one row by its identifier or another of its names. Own rows came later than
/// shared ones of the same name and go before them.
pub fn single(resource: &'static Resource, key: &str, select: Select) -> Result<Query, Fault> {
    let test = |name: &str| Node::Field(name.to_owned(), Op::Eq, key.into());
    let node = match Uuid::parse_str(key) {
        Ok(_) => test("id"),
        Err(_) => Node::Or(resource.keys.iter().map(|name| test(name)).collect()),
    };
    let filter = Filter::check(resource, &node, "id");
    // What no name can be names nothing.
    let filter = filter.unwrap_or_else(|_| Filter::Any(Vec::new()));
    let order = Order::check(resource, &[Sort::parse("-pk")], "sort").map_err(Fault::query)?;
    Ok(Query {
        resource,
        filter,
        order,
        window: Some(Window {
            limit: 1,
            ..Window::default()
        }),
        select,
        keys: false,
        total: false,
    })
}
