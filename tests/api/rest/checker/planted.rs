//! Faults planted in a good document: each must be found.

use super::{Expect, faults};
use serde_json::{Value as Json, json};

fn good() -> Json {
    json!({
        "jsonapi": {"version": "1.1"},
        "links": {"self": "/v1/connectors", "first": "/v1/connectors", "prev": null, "next": "/v1/connectors?page%5Bcursor%5D=x"},
        "data": [
            {"type": "connector", "id": "1", "attributes": {"name": "a"}, "relationships": {"logo": {"data": {"type": "media", "id": "7"}}, "rules": {"data": []}}, "links": {"self": "/v1/connectors/1"}},
            {"type": "connector", "id": "2", "attributes": {"name": null}, "relationships": {"logo": {"data": null}}}
        ],
        "included": [{"type": "media", "id": "7", "attributes": {"url": "x"}}],
        "meta": {"count": 2}
    })
}

const EXPECT: Expect<'_> = Expect {
    included: true,
    list: true,
    sparse: &[],
};

type Fault = (&'static str, fn(&mut Json));

const FAULTS: &[Fault] = &[
    ("a member of its own at the top", |d| d["extra"] = 1.into()),
    ("no version", |d| d["jsonapi"] = json!({})),
    ("data beside errors", |d| {
        d["errors"] = json!([{"status": "400"}])
    }),
    ("no data at all", |d| {
        let o = d.as_object_mut().expect("one");
        for m in ["data", "meta"] {
            o.remove(m);
        }
    }),
    ("one resource for a list", |d| {
        d["data"] = d["data"][0].clone()
    }),
    ("no included", |d| {
        d.as_object_mut().expect("one").remove("included");
    }),
    ("a resource without id", |d| {
        d["data"][0].as_object_mut().expect("one").remove("id");
    }),
    ("an id that is a number", |d| d["data"][0]["id"] = 1.into()),
    ("a type with a space", |d| {
        d["data"][1]["type"] = "a connector".into()
    }),
    ("a resource twice in data", |d| {
        d["data"][1]["id"] = "1".into()
    }),
    ("a resource twice in included", |d| {
        let one = d["included"][0].clone();
        d["included"].as_array_mut().expect("one").push(one);
    }),
    ("a primary resource included again", |d| {
        let one = d["data"][1].clone();
        d["included"].as_array_mut().expect("one").push(one);
    }),
    ("an included resource nobody links to", |d| {
        d["included"][0]["id"] = "8".into()
    }),
    ("linkage of another type", |d| {
        d["data"][0]["relationships"]["logo"]["data"]["type"] = "Media".into()
    }),
    ("linkage without id", |d| {
        d["data"][0]["relationships"]["logo"]["data"] = json!({"type": "media"})
    }),
    ("linkage that is a text", |d| {
        d["data"][0]["relationships"]["logo"]["data"] = json!("7")
    }),
    ("linkage twice", |d| {
        d["data"][0]["relationships"]["rules"]["data"] =
            json!([{"type": "r", "id": "1"}, {"type": "r", "id": "1"}])
    }),
    ("an empty relationship", |d| {
        d["data"][0]["relationships"]["logo"] = json!({})
    }),
    ("a relationship with a member of its own", |d| {
        d["data"][0]["relationships"]["logo"]["x"] = 1.into()
    }),
    ("an attribute that is a relationship", |d| {
        d["data"][0]["attributes"]["logo"] = 1.into()
    }),
    ("an attribute called id", |d| {
        d["data"][0]["attributes"]["id"] = 1.into()
    }),
    ("attributes that are a list", |d| {
        d["data"][0]["attributes"] = json!([])
    }),
    ("a bare cursor for a link", |d| {
        d["links"]["next"] = "abc".into()
    }),
    ("a link that does not exist", |d| {
        d["links"]["onwards"] = "/v1".into()
    }),
    ("meta that is a number", |d| d["meta"] = 1.into()),
    ("a resource with a member of its own", |d| {
        d["data"][0]["name"] = "x".into()
    }),
];

#[test]
fn a_good_document_has_no_faults() {
    assert_eq!(faults(&good(), EXPECT), Vec::<String>::new());
}

#[test]
fn every_planted_fault_is_found() {
    for (what, plant) in FAULTS {
        let mut document = good();
        plant(&mut document);
        assert!(
            !faults(&document, EXPECT).is_empty(),
            "{what} went unnoticed"
        );
    }
}

#[test]
fn faults_of_errors_are_found() {
    let good = json!({"jsonapi": {"version": "1.1"}, "errors": [{"id": "x", "status": "400", "code": "BAD_REQUEST", "title": "t", "detail": "d", "source": {"pointer": "/data/type"}}]});
    assert_eq!(faults(&good, Expect::default()), Vec::<String>::new());
    let planted: [Fault; 5] = [
        ("no error", |d| d["errors"] = json!([])),
        ("a status that is a number", |d| {
            d["errors"][0]["status"] = 400.into()
        }),
        ("a member of its own", |d| {
            d["errors"][0]["message"] = "x".into()
        }),
        ("a pointer without slash", |d| {
            d["errors"][0]["source"]["pointer"] = "data".into()
        }),
        ("an unknown source", |d| {
            d["errors"][0]["source"]["path"] = "x".into()
        }),
    ];
    for (what, plant) in planted {
        let mut document = good.clone();
        plant(&mut document);
        assert!(
            !faults(&document, Expect::default()).is_empty(),
            "{what} went unnoticed"
        );
    }
}
