//! From what a client asks for to a projection and a tree of what to write.

use super::shape::{self, Attribute, Link, Shape};
use super::{MAX_INCLUDE_DEPTH, MAX_INCLUDES, MAX_LINKED};
use crate::db::Storage;
use crate::error::Problem;
use crate::query::{
    Filter, Linked, Node as Tested, Op, Order, Query, Resource, Select, Sort, Window,
};
use crate::rest::Rendering;
use crate::rest::name::{self, ORGANIZATION};
use crate::rest::parameter::{Parameters, Sent};

/// What a client asks a document to hold.
#[derive(Default)]
pub struct Asked {
    /// How it is written.
    pub strict: bool,
    /// Paths of relationships to include; `None` if the client did not say.
    pub include: Option<Vec<String>>,
    /// Sparse fieldsets.
    pub fields: Fieldsets,
}

/// Members wanted of each type; a type that is not named has all its members.
#[derive(Default)]
pub struct Fieldsets(Vec<(&'static str, Vec<String>)>);

impl Fieldsets {
    fn of(&self, word: &str) -> Option<&[String]> {
        let found = self.0.iter().find(|(w, _)| *w == word);
        found.map(|(_, names)| names.as_slice())
    }
}

impl Asked {
    /// Reads `include` and `fields` for documents about `resource`.
    pub fn read(parameters: &Parameters, rendering: Rendering) -> Result<Asked, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut fields = Fieldsets::default();
        for (word, sent) in &parameters.fields {
            if let Err(found) = fields.take(word, sent, rendering) {
                problems.extend(found);
            }
        }
        let include = parameters.sent("include").map(|sent| list(&sent.value));
        if include.as_ref().is_some_and(|i| i.len() > MAX_INCLUDES) {
            problems.push(Problem::new(
                "include",
                format!("has more than {MAX_INCLUDES} paths"),
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Asked {
            strict: rendering == Rendering::Strict,
            include,
            fields,
        })
    }

    /// The same, and what is included, and how much of it, where the client did not say.
    pub fn or_else_include(
        mut self,
        include: &[&str],
        fields: &[(&'static str, &[&str])],
    ) -> Asked {
        if self.include.is_some() || include.is_empty() {
            return self;
        }
        self.include = Some(include.iter().map(|name| (*name).to_owned()).collect());
        for (word, names) in fields {
            if self.fields.of(word).is_none() {
                let names = names.iter().map(|name| (*name).to_owned()).collect();
                self.fields.0.push((word, names));
            }
        }
        self
    }

    fn rendering(&self) -> Rendering {
        if self.strict {
            Rendering::Strict
        } else {
            Rendering::Well
        }
    }
}

/// Names separated by commas, without empty ones.
fn list(text: &str) -> Vec<String> {
    let names = text.split(',').map(str::trim).filter(|n| !n.is_empty());
    names.map(str::to_owned).collect()
}

impl Fieldsets {
    fn take(&mut self, word: &str, sent: &Sent, rendering: Rendering) -> Result<(), Vec<Problem>> {
        let shape = name::by_type(word).and_then(|n| shape::of((n.resource)()));
        let Some(shape) = shape else {
            return Err(vec![Problem::new(
                &*sent.spelled,
                "names no type of resource",
            )]);
        };
        let own = match word {
            ORGANIZATION | "organizations" => ORGANIZATION,
            _ => shape.name.word,
        };
        let (mut names, mut problems) = (Vec::new(), Vec::new());
        for spelled in list(&sent.value) {
            let name = name::snake(&spelled).into_owned();
            let external = own == ORGANIZATION && name == "external_id";
            match shape.link(&name) {
                Some((_, link)) => names.push(link.name.to_owned()),
                None if external || shape.attribute(rendering, &name).is_some() => {}
                None => problems.push(Problem::new(
                    &*sent.spelled,
                    format!("`{own}` has no member `{spelled}`"),
                )),
            }
            names.push(name);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        self.0.push((own, names));
        Ok(())
    }
}

/// What to write of one kind of row at one place of the document.
pub struct Node {
    /// The shape.
    pub shape: &'static Shape,
    /// The slot of the identifier.
    pub id: usize,
    /// The slot of the word that tells an organization from a workspace.
    pub kind: Option<usize>,
    /// Attributes.
    pub attributes: Vec<Member>,
    /// Attributes of an organization, where they differ.
    pub organization: Vec<Member>,
    /// Relationships by their place in the shape; `None` for those that are neither printed nor
    /// followed.
    pub links: Vec<Option<Followed>>,
}

/// An attribute to write.
pub struct Member {
    /// The key as JSON, `"name":`.
    pub key: String,
    /// The slot of the related row it is read from.
    pub through: Option<usize>,
    /// The slot of the field.
    pub slot: usize,
    /// How it is held.
    pub storage: Storage,
}

/// A relationship to write, to follow, or both.
pub struct Followed {
    /// The key as JSON.
    pub key: String,
    /// Whether it is written: for objects of the resource's type, and for organizations.
    pub printed: [bool; 2],
    /// Where its rows are.
    pub way: Way,
    /// How linkage calls a related row: a class, or its type.
    pub word: &'static str,
    /// What to write of its rows in `included`.
    pub child: Option<Node>,
}

/// Where related rows are.
pub enum Way {
    /// In the joined row of a slot; slots of its identifier and kind.
    One(usize, usize, Option<usize>),
    /// In the nested page of a slot; slots of their identifier and kind.
    Many(usize, usize, Option<usize>),
    /// In the list of identifiers of a slot.
    Linked(usize),
}

/// Plans documents about `resource`: adds what they need to `select`. The names in `include` are
/// judged here, because only the shapes know them.
pub fn plan(
    resource: &'static Resource,
    asked: &Asked,
    select: &mut Select,
) -> Result<Node, Vec<Problem>> {
    let mut planner = Planner {
        asked,
        problems: Vec::new(),
    };
    let paths: Vec<Vec<&str>> = asked
        .include
        .iter()
        .flatten()
        .map(|path| path.split('.').collect())
        .collect();
    let shape = shape::of(resource)
        .ok_or_else(|| vec![Problem::new("include", "is not known of this resource")])?;
    let node = planner.node(shape, &paths, select, 0);
    if planner.problems.is_empty() {
        Ok(node)
    } else {
        Err(planner.problems)
    }
}

struct Planner<'a> {
    asked: &'a Asked,
    problems: Vec<Problem>,
}

impl Planner<'_> {
    fn node(
        &mut self,
        shape: &'static Shape,
        paths: &[Vec<&str>],
        select: &mut Select,
        depth: usize,
    ) -> Node {
        let id = slot(shape.resource, "id", select);
        let kind = shape
            .is_workspace()
            .then(|| slot(shape.resource, "kind", select));
        let attributes = self.attributes(shape, shape.name.word, select, depth > 0);
        let organization = if kind.is_some() {
            self.attributes(shape, ORGANIZATION, select, depth > 0)
        } else {
            Vec::new()
        };
        let below = self.below(shape, paths, depth);
        let mut links = Vec::with_capacity(shape.links.len());
        for (i, link) in shape.links.iter().enumerate() {
            let paths = below
                .iter()
                .find(|(at, _)| *at == i)
                .map(|(_, p)| p.as_slice());
            links.push(self.link(shape, link, paths, select, depth));
        }
        Node {
            shape,
            id,
            kind,
            attributes,
            organization,
            links,
        }
    }

    /// Paths by the relationship they begin with.
    fn below<'p>(
        &mut self,
        shape: &'static Shape,
        paths: &[Vec<&'p str>],
        depth: usize,
    ) -> Vec<(usize, Vec<Vec<&'p str>>)> {
        let mut below: Vec<(usize, Vec<Vec<&str>>)> = Vec::new();
        for path in paths {
            let Some((first, rest)) = path.split_first() else {
                continue;
            };
            let found = shape.link(first).filter(|_| depth < MAX_INCLUDE_DEPTH);
            let Some((at, _)) = found else {
                self.problems
                    .push(Problem::new("include", unknown(shape, first, depth)));
                continue;
            };
            match below.iter_mut().find(|(i, _)| *i == at) {
                Some((_, list)) => list.push(rest.to_vec()),
                None => below.push((at, vec![rest.to_vec()])),
            }
        }
        below
    }

    fn attributes(
        &self,
        shape: &'static Shape,
        word: &str,
        select: &mut Select,
        included: bool,
    ) -> Vec<Member> {
        let rendering = self.asked.rendering();
        let own = |a: &Attribute| rename(a, word, rendering, included);
        let mut list: Vec<Attribute> = match self.asked.fields.of(word) {
            None => shape
                .attributes(rendering, included)
                .iter()
                .flat_map(own)
                .collect(),
            Some(names) => {
                let all = |name: &String| shape.attribute(rendering, unrenamed(name, word));
                names.iter().filter_map(all).flat_map(|a| own(&a)).collect()
            }
        };
        let mut seen = Vec::new();
        list.retain(|a| {
            let new = !seen.contains(&a.key);
            seen.push(a.key);
            new
        });
        list.into_iter().map(|a| member(&a, select)).collect()
    }

    fn link(
        &mut self,
        shape: &'static Shape,
        link: &'static Link,
        paths: Option<&[Vec<&str>]>,
        select: &mut Select,
        depth: usize,
    ) -> Option<Followed> {
        let included = paths.is_some();
        let printed = [
            self.printed(shape.name.word, link, included, depth),
            shape.is_workspace() && self.printed(ORGANIZATION, link, included, depth),
        ];
        if printed == [false, false] && !included {
            return None;
        }
        let target = shape::of((link.relation.target)())?;
        let strict = self.asked.strict;
        let (way, child) = match (link.relation.many, paths) {
            (true, None) => (linked(link, select), None),
            (true, Some(paths)) => {
                let mut inner = Select::default();
                let child = self.node(target, paths, &mut inner, depth + 1);
                let slot = select.many(link.relation, nested(link, inner));
                (Way::Many(slot, child.id, child.kind), Some(child))
            }
            (false, paths) => {
                let slot = select.one(link.relation);
                let mut inner = std::mem::take(&mut select.one[slot].select);
                let child = paths.map(|p| self.node(target, p, &mut inner, depth + 1));
                let id = self::slot(target.resource, "id", &mut inner);
                let kind = target
                    .is_workspace()
                    .then(|| self::slot(target.resource, "kind", &mut inner));
                select.one[slot].select = inner;
                (Way::One(slot, id, kind), child)
            }
        };
        Some(Followed {
            key: json_key(if strict { link.name } else { link.key }),
            printed,
            way,
            word: if link.class && !strict {
                target.name.class
            } else {
                target.name.word
            },
            child,
        })
    }

    /// Whether objects of a type print a relationship. A sparse fieldset is the whole answer, also
    /// for what is included.
    fn printed(&self, word: &str, link: &Link, included: bool, depth: usize) -> bool {
        if let Some(names) = self.asked.fields.of(word) {
            return names.iter().any(|n| n == link.name);
        }
        let usual = match self.asked.strict {
            true => link.always || !link.relation.many,
            false => link.always && depth == 0,
        };
        included || usual
    }
}

/// The attribute as objects of that type call it: what a workspace calls `external_workspace_id`
/// an organization calls `external_id`; alone it answers to both in the dialect's own documents.
fn rename(a: &Attribute, word: &str, rendering: Rendering, included: bool) -> Vec<Attribute> {
    if word != ORGANIZATION || a.key != "external_workspace_id" {
        return vec![*a];
    }
    let external = Attribute {
        key: "external_id",
        ..*a
    };
    match (rendering, included) {
        (Rendering::Well, false) => vec![external, *a],
        _ => vec![external],
    }
}

fn unrenamed<'a>(name: &'a str, word: &str) -> &'a str {
    match name {
        "external_id" if word == ORGANIZATION => "external_workspace_id",
        name => name,
    }
}

fn unknown(shape: &Shape, spelled: &str, depth: usize) -> String {
    let spelled: String = spelled.chars().take(60).collect();
    if depth >= MAX_INCLUDE_DEPTH {
        return format!("goes deeper than {MAX_INCLUDE_DEPTH} relationships with `{spelled}`");
    }
    let names: Vec<_> = shape.links.iter().map(|l| l.name).collect();
    format!(
        "`{}` has no relationship `{spelled}` (it has {})",
        shape.name.word,
        names.join(", ")
    )
}

fn slot(resource: &'static Resource, field: &str, select: &mut Select) -> usize {
    resource.find_field(field).map_or(0, |f| select.field(f))
}

fn member(attribute: &Attribute, select: &mut Select) -> Member {
    let (through, slot) = match attribute.through {
        None => (None, select.field(attribute.field)),
        Some(relation) => {
            let one = select.one(relation);
            (Some(one), select.one[one].select.field(attribute.field))
        }
    };
    Member {
        key: json_key(attribute.key),
        through,
        slot,
        storage: attribute.field.storage,
    }
}

pub(super) fn json_key(key: &str) -> String {
    format!("\"{key}\":")
}

/// The related rows that take part. The names are the table's own, so they pass.
fn part(link: &Link) -> Filter {
    let test = |(field, word): (&str, &str)| {
        let node = Tested::Field(field.to_owned(), Op::Eq, word.into());
        Filter::check((link.relation.target)(), &node, "").ok()
    };
    link.only.and_then(test).unwrap_or_else(Filter::everything)
}

fn linked(link: &Link, select: &mut Select) -> Way {
    Way::Linked(select.linked(Linked {
        relation: link.relation,
        filter: part(link),
        limit: MAX_LINKED,
    }))
}

/// The page of included related rows, in the order in which bare identifiers come as well.
fn nested(link: &Link, select: Select) -> Query {
    let resource = (link.relation.target)();
    let newest = [Sort::parse("-pk")];
    Query {
        resource,
        filter: part(link),
        order: Order::check(resource, &newest, "").unwrap_or_else(|_| Order { keys: Vec::new() }),
        window: Some(Window {
            limit: MAX_LINKED,
            ..Window::default()
        }),
        select,
        keys: false,
        total: false,
    }
}
