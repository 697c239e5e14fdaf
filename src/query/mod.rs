//! The engine: one neutral question, asked by every face, answered with projected rows.
//!
//! A face spells a [`Node`] (filter), [`Sort`]s, a [`Window`] (page) and a [`Select`]
//! (projection); [`Filter::check`] and [`Order::check`] judge them against the registry;
//! [`Query::run`] writes the SQL, runs it and hands out rows. It must not know a face: nothing in
//! here names GraphQL, HTTP or a wire format.
//!
//! # Contract
//!
//! * **Operators** follow from the kind of a field: [`Kind::ops`] is the only table. The raw grammar
//!   ([`Node::Raw`]) reaches further, [`Kind::raw_ops`], and may name any field that is returned or
//!   asked. A negated operator is the negation of its positive one, so null matches neither.
//! * **Patterns** (`like`) respect case, `ilike` folds as `contains` does; `%` is any text, `_` any
//!   character, the backslash takes the next one literally. **Expressions** are those that both
//!   databases match alike and in linear time (see `regex`). **Documents** contain each other as
//!   PostgreSQL's `jsonb` does.
//! * **Text.** `contains`, `starts_with`, `ends_with` ignore case and take `%`, `_` and `\`
//!   literally; `eq` and `neq` respect case. A needle of ASCII characters folds ASCII letters; any
//!   other needle folds Unicode letters one by one. Texts compare by bytes on both databases.
//! * **Identifiers** are texts: any spelling of a UUID equals itself, `contains` looks at the
//!   hyphenated lower-case form.
//! * **Dates** are moments with microseconds. `eq` with a date alone means that whole UTC day.
//! * **Null.** `neq` does not match null, `is_null` does. `not` is SQL's: what is unknown stays
//!   unknown. In an order null is the greatest value: last ascending, first descending.
//! * **Empty lists.** `and: []` is true, `or: []` is false, and so is `in: []`, for null as well.
//! * **Relations.** To-one: the related row exists and matches. To-many: `some` is at least one,
//!   `none` is its negation, `every` says there is no row for which the condition is not true (an
//!   unknown counts against it); over no rows `every` and `none` are true. Each hop adds the scope
//!   of its target, so rows outside the viewer's scope do not exist for a filter or an order.
//! * **Order** is a list of fields, also through to-one relations; it always ends in `pk`, in the
//!   direction of the key before it, so that it is total and one index serves both directions. A
//!   to-many relation orders by a figure over its rows that exist for the viewer: their number, or
//!   the least or greatest value of a field.
//! * **Figures** ([`Statistics`]) are one statement, over the rows that a list would hold.
//! * **Cursors** are opaque and authenticated, and belong to a resource and an order; another
//!   order or a changed byte refuses them (see [`cursor`]).
//! * **Deleted rows** are left out of lists, hops and lookups, unless the filter names
//!   `deleted_at` at that level. A relation marked [`Relation::even_deleted`] still shows them.
//! * **Cost.** A page is one statement with all its to-one relations joined; `total` is one more;
//!   a nested page is one statement for all its parents. Nothing grows with the number of rows.
//! * **Linked rows.** [`Linked`] reads bare identifiers of related rows within the page's statement.
//! * **Limits** ([`MAX_DEPTH`], [`MAX_TESTS`], [`MAX_LIST`], [`MAX_TEXT`], [`MAX_SORTS`]) hold for
//!   every face; page sizes belong to the face.
//! * **Mistakes** are [`Problem`](crate::error::Problem)s with a path; all are reported, not the first.
//!
//! # Why
//!
//! SQL text is written here and not by a query builder: the two dialects differ in exactly the
//! places the engine lives from (LATERAL against a correlated `IN`, array parameters against
//! `json_each`, case folding), and a page's statement is built on every request.

mod compile;
pub mod cursor;
mod filter;
mod json;
mod keyset;
mod kind;
mod node;
mod order;
mod pattern;
mod raw;
mod regex;
mod resource;
mod run;
mod scope;
mod select;
mod statement;
mod statistics;
mod table;
mod text;
mod value;

pub use compile::Writer;
pub use filter::{Filter, Test};
pub use kind::{Choice, Kind, Op};
pub use node::{Node, Quantifier};
pub use order::{Key, Order, Sort};
pub use resource::{Access, Field, Relation, Resource, Scope, Source};
pub use run::{Found, Lookup, Slice, View};
pub use scope::Viewer;
pub use select::{Linked, Many, One, Query, Select, Window};
pub use statistics::{Figures, Function, MAX_GROUPS, Measure, Statistics};
pub use table::Table;
pub use value::read_moment;

/// Levels of `and`, `or`, `not` and relations in one filter.
pub const MAX_DEPTH: usize = 12;
/// Tests on fields in one filter.
pub const MAX_TESTS: usize = 100;
/// Values in one `in` list, and branches of one `and` or `or`.
pub const MAX_LIST: usize = 500;
/// Bytes of one text value.
pub const MAX_TEXT: usize = 4096;
/// Relations that one key of an order, or one path of a projection, walks.
pub const MAX_HOPS: usize = 5;
/// Keys in one order, `pk` not counted.
pub const MAX_SORTS: usize = 8;
