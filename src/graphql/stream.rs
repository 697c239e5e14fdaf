//! Running a subscription: a stream of written answers.
//!
//! async-graphql looks for the root field of a subscription among the plain fields of its
//! operation. A document may also name it in fragments, so they are opened first; after the check
//! all of them name one field with the same arguments.

use super::subscription::{BEHIND, CURSOR, Means};
use super::{Graph, MAX_FAILURES, Request, operation, write_response};
use crate::service::Actor;
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
    OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Value};
use futures_util::stream::{self, BoxStream, StreamExt};
use std::collections::HashMap;
use tokio::sync::watch;

/// One answer of a subscription.
pub enum Step {
    /// Something happened.
    Next {
        /// The response document, written.
        body: Vec<u8>,
        /// Its place: a later subscription can go on from here.
        cursor: Option<String>,
    },
    /// It did not begin, or cannot go on; the response document says why. The last one.
    Refused(Vec<u8>),
    /// Its client takes answers too slowly; the response document says so. The last one.
    Behind(Vec<u8>),
}

impl Graph {
    /// Whether the operation that the request asks for is a subscription. One that cannot be read
    /// is not.
    pub fn subscribes(&self, request: &Request) -> bool {
        let name = request.operation_name.as_deref().filter(|n| !n.is_empty());
        let document = self.document(&request.query);
        document.is_ok_and(|document| {
            operation(&document, name).is_ok_and(|o| o.ty == OperationType::Subscription)
        })
    }

    /// Runs a subscription for whoever `actor` names at any time. `resume` is the cursor of the
    /// last event that an earlier connection told.
    pub fn subscribe(
        &self,
        request: Request,
        actor: watch::Receiver<Actor>,
        resume: Option<String>,
    ) -> BoxStream<'static, Step> {
        let session = actor.borrow().clone();
        let trace_id = session.trace_id.clone();
        let (inner, _) = match self.prepare(request, session) {
            Ok(prepared) => prepared,
            Err(refused) => return stream::iter([Step::Refused(refused.body)]).boxed(),
        };
        let mut inner = inner.data(Means { actor, resume });
        // It was parsed before, so this cannot fail.
        if let Ok(document) = inner.parsed_query() {
            let flat = flattened(document.clone());
            inner.set_parsed_query(flat);
        }
        let responses = self.schema.execute_stream(inner);
        responses.map(move |r| step(r, &trace_id)).boxed()
    }
}

fn step(mut response: async_graphql::Response, trace_id: &str) -> Step {
    response.errors.truncate(MAX_FAILURES);
    if response.data == Value::Null {
        let body = write_response(None, &response.errors, trace_id);
        return match response.extensions.contains_key(BEHIND) {
            true => Step::Behind(body),
            false => Step::Refused(body),
        };
    }
    let cursor = match response.extensions.remove(CURSOR) {
        Some(Value::String(cursor)) => Some(cursor),
        _ => None,
    };
    let body = write_response(Some(&response.data), &response.errors, trace_id);
    Step::Next { body, cursor }
}

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The document with the root fields of its subscriptions written out, each merged into one, and
/// without the fragments that named them.
fn flattened(mut document: ExecutableDocument) -> ExecutableDocument {
    let fragments = document.fragments.clone();
    let flatten = |operation: &mut OperationDefinition| {
        if operation.ty == OperationType::Subscription {
            let mut fields = Vec::new();
            collect(&operation.selection_set.node, &fragments, &mut fields);
            operation.selection_set.node.items = merged(fields);
        }
    };
    match &mut document.operations {
        DocumentOperations::Single(operation) => flatten(&mut operation.node),
        DocumentOperations::Multiple(all) => all.values_mut().for_each(|o| flatten(&mut o.node)),
    }
    document
        .fragments
        .retain(|_, f| f.node.type_condition.node.on.node != "Subscription");
    document
}

fn collect(set: &SelectionSet, fragments: &Fragments, out: &mut Vec<Positioned<Field>>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => out.push(field.clone()),
            Selection::InlineFragment(inline) => {
                collect(&inline.node.selection_set.node, fragments, out);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    collect(&fragment.node.selection_set.node, fragments, out);
                }
            }
        }
    }
}

/// One field with the selections of all.
fn merged(fields: Vec<Positioned<Field>>) -> Vec<Positioned<Selection>> {
    let mut fields = fields.into_iter();
    let Some(mut first) = fields.next() else {
        return Vec::new();
    };
    for other in fields {
        let items = other.node.selection_set.node.items;
        first.node.selection_set.node.items.extend(items);
    }
    let pos = first.pos;
    vec![Positioned::new(Selection::Field(first), pos)]
}
