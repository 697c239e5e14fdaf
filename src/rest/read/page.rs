//! Pages: by number or by cursor, what `meta` says of them and where `links` lead.

use crate::error::Problem;
use crate::query::cursor::Binding;
use crate::query::{Order, Resource, Slice, Window};
use crate::rest::document::{Links, Meta};
use crate::rest::parameter::Parameters;
use crate::rest::route::{Paging, Route};
use crate::rest::{Call, Rendering, Rest};

/// Names of parameters that choose a page, in all spellings.
const PAGING: [&str; 8] = [
    "cursor",
    "before",
    "page",
    "page[cursor]",
    "page[after]",
    "page[before]",
    "page[number]",
    "offset",
];

/// Which page was asked for.
pub struct Page {
    limit: u32,
    /// The number, if pages are numbered.
    number: Option<u64>,
    /// Whether it begins after a row.
    after: bool,
    /// Whether it ends before a row.
    before: bool,
}

impl Page {
    /// Reads the parameters.
    pub fn read(
        route: &Route,
        parameters: &Parameters,
        paging: Paging,
        rendering: Rendering,
    ) -> Result<Page, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut integer = |name: &str| {
            parameters.integer(route, name).unwrap_or_else(|problem| {
                problems.push(problem);
                None
            })
        };
        let limit = integer("limit").unwrap_or(1);
        let asked = integer("page");
        let cursors: Vec<_> = ["cursor", "before"]
            .into_iter()
            .filter_map(|name| parameters.sent(name))
            .collect();
        if let (Some(sent), Some(_)) = (cursors.first(), parameters.sent("page")) {
            let issue = "is a cursor and cannot be sent with the number of a page";
            problems.push(Problem::new(&*sent.spelled, issue));
        }
        if let [_, second] = cursors.as_slice() {
            let issue = "ends a page that another cursor begins; send one of them";
            problems.push(Problem::new(&*second.spelled, issue));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let numbered = paging == Paging::Number && rendering == Rendering::Well;
        let by_default = (numbered && cursors.is_empty()).then_some(1);
        Ok(Page {
            limit: u32::try_from(limit).unwrap_or(1),
            number: asked.or(by_default),
            after: parameters.get("cursor").is_some(),
            before: parameters.get("before").is_some(),
        })
    }

    /// Whether cursors lead on from it.
    pub fn by_cursor(&self) -> bool {
        self.number.is_none()
    }

    /// Whether all matching rows are counted: the dialect's documents always say how many there
    /// are, JSON:API's where the last page has a link.
    pub fn counts(&self, rendering: Rendering) -> bool {
        rendering == Rendering::Well || self.number.is_some()
    }

    /// The window on the rows.
    pub fn window(
        &self,
        rest: &Rest,
        resource: &Resource,
        order: &Order,
        parameters: &Parameters,
    ) -> Result<Window, Vec<Problem>> {
        let open = |name: &str| {
            let Some(sent) = parameters.sent(name).filter(|s| !s.value.is_empty()) else {
                return Ok(None);
            };
            let binding = Binding::new(resource, order);
            let position = rest.sealer.open(&binding, order, &sent.value);
            let issue = "is no cursor of this list in this order; take it from `links`";
            position
                .map(Some)
                .ok_or_else(|| vec![Problem::new(&*sent.spelled, issue)])
        };
        let rows_before = self.number.unwrap_or(1).saturating_sub(1) * u64::from(self.limit);
        Ok(Window {
            limit: self.limit,
            backward: self.before,
            after: open("cursor")?,
            before: open("before")?,
            offset: rows_before,
        })
    }

    /// What the document says of the page.
    pub fn meta(&self, count: u64, total: Option<u64>, rendering: Rendering) -> Meta {
        match (self.number, total) {
            (Some(page), Some(total)) => {
                let limit = u64::from(self.limit);
                let pages = total.div_ceil(limit);
                vec![
                    ("page", page),
                    ("limit", limit),
                    ("total", total),
                    ("total_pages", pages),
                ]
            }
            (_, Some(total)) if rendering == Rendering::Well => {
                vec![("total", total), ("count", count)]
            }
            _ => vec![("count", count)],
        }
    }

    /// Where to go from the page. In the dialect's own documents `next` is a bare cursor.
    pub fn links(
        &self,
        call: &Call<'_>,
        slice: &Slice,
        cursor: impl Fn(bool) -> Option<String>,
    ) -> Links {
        let next = || cursor(true).filter(|_| slice.more || self.before);
        if call.rendering == Rendering::Well {
            return match self.number {
                Some(_) => Vec::new(),
                None => vec![("next", next())],
            };
        }
        let here = ("self", Some(address(call)));
        let to = |name, value: String| Some(beside(call, Some((name, value))));
        let Some(number) = self.number else {
            let more = if self.before { slice.more } else { self.after };
            let previous = cursor(false).filter(|_| more);
            return vec![
                here,
                ("first", Some(beside(call, None))),
                ("prev", previous.and_then(|c| to("page[before]", c))),
                ("next", next().and_then(|c| to("page[cursor]", c))),
            ];
        };
        let total = slice.total.unwrap_or_default();
        let last = total.div_ceil(u64::from(self.limit)).max(1);
        let page = |n: u64| to("page[number]", n.to_string());
        vec![
            here,
            ("first", page(1)),
            (
                "prev",
                (number > 1).then(|| page((number - 1).min(last))).flatten(),
            ),
            ("next", (number < last).then(|| page(number + 1)).flatten()),
            ("last", page(last)),
        ]
    }
}

/// The address of the request.
pub fn address(call: &Call<'_>) -> String {
    let (path, query) = (&call.request.path, &call.request.query);
    if query.is_empty() {
        path.clone()
    } else {
        format!("{path}?{query}")
    }
}

/// The address of another page of the same list.
fn beside(call: &Call<'_>, page: Option<(&str, String)>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(call.request.query.as_bytes()) {
        if !PAGING.contains(&&*name) {
            query.append_pair(&name, &value);
        }
    }
    if let Some((name, value)) = page {
        query.append_pair(name, &value);
    }
    let query = query.finish();
    if query.is_empty() {
        call.request.path.clone()
    } else {
        format!("{}?{query}", call.request.path)
    }
}
