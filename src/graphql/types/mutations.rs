//! What a client can change: one input for each form, one payload for each use case.

use super::{enumeration, input, input_object, object, output, payload_name};
use crate::error::Code;
use crate::graphql::name::camel;
use crate::service::form::{Attribute, Form, Shape};
use crate::service::{ExtraKind, USE_CASES, UseCase};
use async_graphql::registry::Registry;

/// Codes of mistakes, with their meaning; other errors are no mistakes and stand at the top level.
pub(in crate::graphql) const CODES: [(Code, &str); 7] = [
    (
        Code::BadRequest,
        "What was sent is malformed or out of bounds.",
    ),
    (Code::NotFound, "There is no such row for the viewer."),
    (
        Code::Conflict,
        "Another row has that name, or the state of the row does not allow it.",
    ),
    (
        Code::PreconditionFailed,
        "The row has changed since it was read.",
    ),
    (
        Code::UpstreamError,
        "Another server answered otherwise than it should.",
    ),
    (
        Code::UpstreamUnreachable,
        "Another server cannot be reached or takes too long.",
    ),
    (
        Code::AddressRefused,
        "The address of another server may not be asked.",
    ),
];

fn input_name(form: &Form) -> String {
    format!("{}Input", form.name)
}

fn type_of(shape: Shape) -> String {
    match shape {
        Shape::Word(choice) => choice.name.to_owned(),
        Shape::Boolean => "Boolean".to_owned(),
        Shape::Whole(..) => "Int".to_owned(),
        Shape::Moment => "DateTime".to_owned(),
        Shape::Texts(..) => "[String!]".to_owned(),
        Shape::Object(_) | Shape::Settings(_) | Shape::Labels(..) => "JSON".to_owned(),
        Shape::Id | Shape::Key => "ID".to_owned(),
        Shape::File => "Upload".to_owned(),
        Shape::Nested(form) => input_name(form),
        Shape::Text(..)
        | Shape::Secret(_)
        | Shape::Slug
        | Shape::Url
        | Shape::Email
        | Shape::Timezone
        | Shape::Colour => "String".to_owned(),
    }
}

fn form(registry: &mut Registry, form: &Form) {
    let name = input_name(form);
    if registry.types.contains_key(&name) {
        return;
    }
    let member = |a: &Attribute| {
        let required = if a.required { "!" } else { "" };
        input(
            &camel(a.name),
            format!("{}{required}", type_of(a.shape)),
            a.doc,
        )
    };
    let members = form.attributes.iter().map(member).collect();
    input_object(registry, &name, form.doc, false, members);
    for attribute in form.attributes {
        if let Shape::Nested(inner) = attribute.shape {
            self::form(registry, inner);
        }
    }
}

fn payload(registry: &mut Registry, use_case: &UseCase) {
    let resource = (use_case.resource)();
    let mut fields = vec![output(
        &camel(resource.singular),
        resource.type_name.to_owned(),
        "The record as it is now; null if nothing was done.",
    )];
    for extra in use_case.extra {
        let ty = match extra.kind {
            ExtraKind::Text | ExtraKind::Secret => "String",
            ExtraKind::Moment => "DateTime",
            ExtraKind::Json => "JSON",
        };
        fields.push(output(&camel(extra.name), ty.to_owned(), extra.doc));
    }
    fields.push(output(
        "userErrors",
        "[UserError!]!".to_owned(),
        "What was wrong with what was sent; empty if it was done.",
    ));
    let doc = format!("What `{}` answers.", camel(use_case.name));
    object(registry, &payload_name(use_case), &doc, fields);
}

/// Puts the mutation type, and all it needs, into the registry.
pub(super) fn register(registry: &mut Registry) {
    let codes = CODES
        .into_iter()
        .map(|(code, doc)| (code.as_str().to_owned(), doc));
    enumeration(registry, "UserErrorCode", "The kind of a mistake.", codes);
    let error = vec![
        output(
            "field",
            "[String!]".to_owned(),
            "Where it stands in the arguments, e.g. `[\"input\", \"slug\"]`; null if it is not in one place.",
        ),
        output(
            "code",
            "UserErrorCode!".to_owned(),
            "What kind of mistake it is.",
        ),
        output(
            "message",
            "String!".to_owned(),
            "What is wrong, and what would be right.",
        ),
    ];
    object(registry, "UserError", "A mistake in what was sent.", error);
    let mut fields = Vec::new();
    for use_case in USE_CASES.iter() {
        form(registry, use_case.form);
        payload(registry, use_case);
        let (name, mut field) = output(&camel(use_case.name), payload_name(use_case), use_case.doc);
        let argument = input(
            "input",
            format!("{}!", input_name(use_case.form)),
            "What is sent.",
        );
        field.args = [argument].into_iter().collect();
        fields.push((name, field));
    }
    object(
        registry,
        "Mutation",
        "Everything that can be changed. Each mutation is one transaction.",
        fields,
    );
}
