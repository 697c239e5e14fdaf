//! Names: the registry's snake case in GraphQL's camel case, and back.

use crate::query::{Field, Relation, Resource};
use crate::resource::RESOURCES;
use std::collections::HashMap;
use std::sync::LazyLock;

/// `created_at` to `createdAt`; other characters stay, so it also turns dotted paths.
pub fn camel(snake: &str) -> String {
    let mut out = String::with_capacity(snake.len());
    let mut upper = false;
    for c in snake.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                out.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => out.push(c),
        }
    }
    out
}

/// What a name inside a resource's type or inputs stands for.
#[derive(Clone, Copy)]
pub enum Member {
    /// A field.
    Field(&'static Field),
    /// A relation.
    Relation(&'static Relation),
}

/// What a root field of the query type stands for.
#[derive(Clone, Copy)]
pub enum Root {
    /// A connection over a resource.
    List(&'static Resource),
    /// One row of a resource.
    One(&'static Resource),
    /// One row of any resource.
    Node,
    /// Rows of any resource.
    Nodes,
    /// Who asks.
    Viewer,
}

type Members = HashMap<String, Member>;

static MEMBERS: LazyLock<HashMap<&'static str, Members>> = LazyLock::new(|| {
    let members = |resource: &&'static Resource| {
        let resource: &'static Resource = resource;
        let fields = resource
            .fields
            .iter()
            .map(|f| (camel(f.name), Member::Field(f)));
        let relations = resource
            .relations
            .iter()
            .map(|r| (camel(r.name), Member::Relation(r)));
        (resource.type_name, fields.chain(relations).collect())
    };
    RESOURCES.iter().map(members).collect()
});

static ROOTS: LazyLock<HashMap<String, Root>> = LazyLock::new(|| {
    let mut roots = HashMap::from([
        ("node".to_owned(), Root::Node),
        ("nodes".to_owned(), Root::Nodes),
        ("viewer".to_owned(), Root::Viewer),
    ]);
    for resource in RESOURCES.iter().copied() {
        roots.insert(camel(resource.list), Root::List(resource));
        roots.insert(camel(resource.singular), Root::One(resource));
    }
    roots
});

/// The member of that GraphQL name.
pub fn member(resource: &Resource, name: &str) -> Option<Member> {
    MEMBERS.get(resource.type_name)?.get(name).copied()
}

/// The root field of that name.
pub fn root(name: &str) -> Option<Root> {
    ROOTS.get(name).copied()
}
