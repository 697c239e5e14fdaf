//! What the object of each resource holds: attributes and relationships, in the dialect's own
//! documents and in JSON:API. Fields and relations themselves are the registry's; here stands
//! only which of them the dialect prints and what it calls them.

mod table;

use crate::query::{Field, Relation, Resource};
use crate::rest::Rendering;
use crate::rest::name::{self, Name};
use std::sync::LazyLock;

/// An attribute: a field of the row, or of a to-one related row.
#[derive(Clone, Copy)]
pub struct Attribute {
    /// What it is called.
    pub key: &'static str,
    /// The related row it is read from.
    pub through: Option<&'static Relation>,
    /// The field.
    pub field: &'static Field,
}

/// A relationship.
pub struct Link {
    /// What it is called in JSON:API and in `include`; camel case is accepted there as well.
    pub name: &'static str,
    /// What the dialect's own documents call it.
    pub key: &'static str,
    /// The registry's relation.
    pub relation: &'static Relation,
    /// Whether linkage in the dialect's own documents names the class and not the type.
    pub class: bool,
    /// Whether the dialect's own documents print it without being asked.
    pub always: bool,
    /// The field and word that a related row must have to take part.
    pub only: Option<(&'static str, &'static str)>,
}

/// What objects of a resource hold.
pub struct Shape {
    /// The resource.
    pub resource: &'static Resource,
    /// How it is called.
    pub name: &'static Name,
    /// The address of one of them, up to the identifier; `None` where there is none.
    pub address: Option<&'static str>,
    /// Attributes of the dialect's own documents.
    well: Vec<Attribute>,
    /// The same in `included`.
    included: Vec<Attribute>,
    /// Attributes in JSON:API: all that the registry shows.
    strict: Vec<Attribute>,
    /// Relationships.
    pub links: Vec<Link>,
}

/// The shapes of all resources.
pub static SHAPES: LazyLock<Vec<Shape>> =
    LazyLock::new(|| table::ROWS.iter().filter_map(build).collect());

/// The shape of a resource.
pub fn of(resource: &Resource) -> Option<&'static Shape> {
    SHAPES.iter().find(|s| std::ptr::eq(s.resource, resource))
}

impl Shape {
    /// The attributes of a rendering; `included` objects of the dialect hold less.
    pub fn attributes(&self, rendering: Rendering, included: bool) -> &[Attribute] {
        match (rendering, included) {
            (Rendering::Strict, _) => &self.strict,
            (Rendering::Well, false) => &self.well,
            (Rendering::Well, true) => &self.included,
        }
    }

    /// The attribute of that name, in the rendering or, beyond it, in the registry.
    pub fn attribute(&self, rendering: Rendering, key: &str) -> Option<Attribute> {
        let own = self.attributes(rendering, false).iter();
        own.chain(&self.strict).find(|a| a.key == key).copied()
    }

    /// The relationship of that name, in any spelling.
    pub fn link(&self, spelled: &str) -> Option<(usize, &Link)> {
        let name = name::snake(spelled);
        let alias = table::ALIASES
            .iter()
            .find(|(of, alias, _)| *of == self.resource.name && *alias == name);
        let name = alias.map_or(&*name, |(_, _, name)| name);
        self.links.iter().enumerate().find(|(_, l)| l.name == name)
    }

    /// Whether its rows are of two types, `workspace` and `organization`.
    pub fn is_workspace(&self) -> bool {
        self.resource.name == "workspaces"
    }
}

fn build(row: &table::Row) -> Option<Shape> {
    let resource: &'static Resource = (row.resource)();
    let parse = |list: &[&'static str]| -> Vec<Attribute> {
        list.iter()
            .filter_map(|text| attribute(resource, text))
            .collect()
    };
    let shown = |field: &&'static Field| field.shown() && field.name != "id";
    let strict = resource.fields.iter().filter(shown).map(|field| Attribute {
        key: field.name,
        through: None,
        field,
    });
    // Attributes and relationships share one set of names, and relationships are the registry's.
    let free = |a: &Attribute| resource.find_relation(a.key).is_none();
    let well = parse(row.attributes);
    Some(Shape {
        resource,
        name: name::of(resource)?,
        address: row.address,
        included: if row.included.is_empty() {
            well.clone()
        } else {
            parse(row.included)
        },
        well,
        strict: strict.filter(free).collect(),
        links: row.links.iter().filter_map(|l| link(resource, l)).collect(),
    })
}

/// `name`, `key=name` or `key=relation.name`.
fn attribute(resource: &'static Resource, text: &'static str) -> Option<Attribute> {
    let (key, path) = text.split_once('=').unwrap_or((text, text));
    let (through, field) = match path.split_once('.') {
        None => (None, resource.find_field(path)?),
        Some((relation, field)) => {
            let relation = resource.find_relation(relation)?;
            (Some(relation), (relation.target)().find_field(field)?)
        }
    };
    Some(Attribute {
        key,
        through,
        field,
    })
}

fn link(resource: &'static Resource, row: &table::LinkRow) -> Option<Link> {
    Some(Link {
        name: row.name,
        key: row.key,
        relation: resource.find_relation(row.relation)?,
        class: row.class,
        always: row.always,
        only: row.only,
    })
}
