//! Finding what a document holds: each resource once, by type and identifier, however many ways
//! lead to it.

use super::plan::{Followed, Node, Way};
use crate::query::View;
use std::collections::HashMap;
use uuid::Uuid;

/// A row and how to write it.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// How.
    pub node: &'a Node,
    /// The row.
    pub view: View<'a>,
}

/// One resource; more than one place if several ways lead to it, each with linkage of its own.
pub struct Entry<'a> {
    /// Where it was found first.
    pub first: Place<'a>,
    /// Where it was found again, with another node.
    pub others: Vec<Place<'a>>,
}

/// The resources of a document: primary data first, in its order, then what is included.
#[derive(Default)]
pub struct Gathered<'a> {
    /// All resources.
    pub entries: Vec<Entry<'a>>,
    /// How many of them are primary data.
    pub primary: usize,
    known: HashMap<(*const super::Shape, Uuid), usize>,
}

impl<'a> Gathered<'a> {
    /// Everything that rows of primary data lead to.
    pub fn new(node: &'a Node, views: impl ExactSizeIterator<Item = View<'a>> + Clone) -> Self {
        let mut gathered = Gathered::default();
        gathered.entries.reserve(views.len() * 2);
        for view in views.clone() {
            gathered.add(Place { node, view });
        }
        gathered.primary = gathered.entries.len();
        if node.links.iter().flatten().any(|l| l.child.is_some()) {
            for view in views {
                gathered.follow(Place { node, view });
            }
        }
        gathered
    }

    /// Adds a row; `false` if this way of writing it is known already.
    fn add(&mut self, place: Place<'a>) -> bool {
        let Some(id) = place.view.id(place.node.id) else {
            return false;
        };
        let key = (std::ptr::from_ref(place.node.shape), id);
        let next = self.entries.len();
        let at = *self.known.entry(key).or_insert(next);
        match self.entries.get_mut(at) {
            None => self.entries.push(Entry {
                first: place,
                others: Vec::new(),
            }),
            Some(entry) => {
                let mut nodes = std::iter::once(&entry.first).chain(&entry.others);
                if nodes.any(|p| std::ptr::eq(p.node, place.node)) {
                    return false;
                }
                entry.others.push(place);
            }
        }
        true
    }

    fn follow(&mut self, place: Place<'a>) {
        for followed in place.node.links.iter().flatten() {
            let Some(child) = &followed.child else {
                continue;
            };
            for view in related(followed, place.view) {
                let place = Place { node: child, view };
                if self.add(place) {
                    self.follow(place);
                }
            }
        }
    }
}

/// The rows a relationship leads to.
fn related<'a>(followed: &Followed, view: View<'a>) -> Box<dyn Iterator<Item = View<'a>> + 'a> {
    match followed.way {
        Way::One(slot, ..) => Box::new(view.one(slot).into_iter()),
        Way::Many(slot, ..) => match view.many(slot) {
            Some((found, slice)) => Box::new(found.views(&slice)),
            None => Box::new(std::iter::empty()),
        },
        Way::Linked(_) => Box::new(std::iter::empty()),
    }
}
