//! Every writing operation has a use case, every use case it names is there, and what documents
//! call its attributes is the form's.

use connectory::resource::RESOURCES;
use connectory::rest::ROUTES;
use connectory::rest::route::{Body, Content, Method};
use connectory::rest::write::{self, ALIASES, Done, LINKS, WRITES};
use connectory::service::form::Shape;
use connectory::service::{USE_CASES, use_case};
use std::collections::BTreeSet;

/// Operations that ask with a body and write nothing.
const QUESTIONS: [&str; 2] = ["queryRecords", "recordStatistics"];

#[test]
fn every_writing_route_has_a_use_case_and_the_other_way_round() {
    let routes: BTreeSet<_> = ROUTES
        .iter()
        .filter(|r| r.method != Method::Get && !QUESTIONS.contains(&r.operation_id))
        .map(|r| r.operation_id)
        .collect();
    let writes: BTreeSet<_> = WRITES.iter().map(|w| w.operation_id).collect();
    assert_eq!(routes, writes);
    assert_eq!(WRITES.len(), writes.len(), "an operation stands twice");
    for write in WRITES {
        let all = std::iter::once(&write.use_case).chain(write.states.iter().map(|(_, name)| name));
        for name in all {
            assert!(
                use_case(name).is_some(),
                "{}: there is no use case `{name}`",
                write.operation_id
            );
        }
    }
}

#[test]
fn a_route_answers_as_its_use_case_does() {
    for route in ROUTES {
        let Some(write) = write::of(route.operation_id) else {
            continue;
        };
        let case = use_case(write.use_case).expect("a use case");
        let resource = (case.resource)();
        let first = &route.outcomes[0];
        let expected = match write.done {
            Done::Created => 201,
            Done::Changed => 200,
            Done::Gone => 204,
        };
        assert_eq!(first.status, expected, "{}", route.operation_id);
        match first.content {
            Content::One(of) => assert!(std::ptr::eq(of(), resource), "{}", route.operation_id),
            Content::Empty => assert_eq!(write.done, Done::Gone),
            _ => panic!("{} answers with something else", route.operation_id),
        }
        match (route.body, write.body) {
            (Some(Body::Document(of)), write::Body::Document) => {
                assert!(std::ptr::eq(of(), resource))
            }
            (Some(Body::Upload), write::Body::Upload) | (None, write::Body::Nothing) => {}
            _ => panic!("{} reads something else than it says", route.operation_id),
        }
        // What names the row is in the address, and a create has no row to name.
        let named = route.path.contains('{');
        assert_eq!(
            case.form.find("id").is_some(),
            named,
            "{}",
            route.operation_id
        );
        let header = |name: &str| route.parameters().any(|p| p.name == name);
        assert_eq!(
            header("Idempotency-Key"),
            route.method == Method::Post,
            "{}",
            route.operation_id
        );
        assert_eq!(header("If-Match"), named, "{}", route.operation_id);
        assert_eq!(
            header("force"),
            case.form.find("force").is_some(),
            "{}",
            route.operation_id
        );
        // Everything that must be sent can be sent.
        for attribute in case
            .form
            .attributes
            .iter()
            .filter(|a| a.required && a.name != "id")
        {
            let link = LINKS
                .iter()
                .any(|l| l.of == resource.name && l.attribute == attribute.name);
            let plain = !matches!(attribute.shape, Shape::Nested(_) | Shape::File);
            let file = write.body == write::Body::Upload && matches!(attribute.shape, Shape::File);
            assert!(
                link || plain || file,
                "{} cannot send `{}`",
                route.operation_id,
                attribute.name
            );
        }
    }
}

#[test]
fn links_and_aliases_name_what_some_form_has() {
    let forms = |of: &str| {
        let cases = USE_CASES.iter().filter(move |c| (c.resource)().name == of);
        cases.map(|c| c.form).collect::<Vec<_>>()
    };
    for link in LINKS {
        let found = forms(link.of)
            .iter()
            .any(|f| f.find(link.attribute).is_some());
        assert!(found, "no form of `{}` has `{}`", link.of, link.attribute);
    }
    for (of, alias, name) in ALIASES {
        let nested = RESOURCES.iter().any(|r| r.name == *of);
        let found = forms(of).iter().any(|f| f.find(name).is_some());
        assert!(nested && found, "no form of `{of}` has `{name}`");
        assert!(
            !forms(of).iter().any(|f| f.find(alias).is_some()),
            "`{alias}` of `{of}` is a name of its own"
        );
    }
}
