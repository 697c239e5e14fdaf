//! Audits of the parameters of a request.

use super::super::GRAPHQL;
use super::JSON;
use super::audit::{Audit, TYPENAME, Want, get, post};
use serde_json::{Value as Json, json};

/// Parameters of wrong shape, and `null` where it is allowed.
pub(super) fn shapes() -> Vec<Audit> {
    use Want::{Between, NoErrors, Status};
    let typo = || json!({"qeury": TYPENAME});
    let mut audits = vec![
        post(
            "423L",
            "MAY use 400 on missing {query}",
            Some(GRAPHQL),
            json!({"notquery": TYPENAME}),
            &[Status(400)],
        ),
        post(
            "8764",
            "MAY use 4xx or 5xx if parameters are invalid",
            None,
            typo(),
            &[Between(400, 599)],
        ),
        post(
            "3E3A",
            "MAY use 400 if parameters are invalid",
            None,
            typo(),
            &[Status(400)],
        ),
    ];
    let (object, text) = (json!({"obj": "ect"}), json!("string"));
    let refused = [
        ("LKJ", "query", &object),
        ("6C0", "operationName", &object),
        ("476", "variables", &text),
        ("58B", "extensions", &text),
    ];
    for (id, parameter, odd) in refused {
        for (i, wrong) in [odd.clone(), json!(0), json!(false), json!(["array"])]
            .into_iter()
            .enumerate()
        {
            let mut body = json!({"query": TYPENAME});
            body[parameter] = wrong;
            audits.push(post(
                format!("{id}{i}"),
                format!("MAY use 400 on a wrong {{{parameter}}}"),
                None,
                body,
                &[Status(400)],
            ));
        }
    }
    for (i, parameter) in ["variables", "operationName", "extensions"]
        .into_iter()
        .enumerate()
    {
        for (id, accept) in [("94B", GRAPHQL), ("022", JSON)] {
            let mut body = json!({"query": TYPENAME});
            body[parameter] = Json::Null;
            let what = format!("allow null {{{parameter}}} when accepting {accept}");
            audits.push(post(
                format!("{id}{i}"),
                what,
                Some(accept),
                body,
                &[Status(200), NoErrors],
            ));
        }
    }
    audits
}

pub(super) fn parameters() -> Vec<Audit> {
    use Want::{NoErrors, Status};
    let named = || json!({"operationName": "Query", "query": "query Query { __typename }"});
    let document = "query Type($name: String!) { __type(name: $name) { name } }";
    let map = || json!({"query": document, "variables": {"name": "sometype"}});
    let extended = || json!({"query": TYPENAME, "extensions": {"some": "value"}});
    let pairs = [("query", document), ("variables", r#"{"name":"sometype"}"#)];
    let clean = [Status(200), NoErrors];
    vec![
        post(
            "8161",
            "SHOULD allow a string {operationName}",
            Some(GRAPHQL),
            named(),
            &[Status(200)],
        ),
        post(
            "B8B3",
            "MUST allow a string {operationName}",
            Some(JSON),
            named(),
            &clean,
        ),
        post(
            "2EA1",
            "SHOULD allow a map of {variables}",
            Some(GRAPHQL),
            map(),
            &[Status(200)],
        ),
        post(
            "28B9",
            "MUST allow a map of {variables}",
            Some(JSON),
            map(),
            &clean,
        ),
        get(
            "D6D5",
            "MAY allow {variables} in GET",
            Some(GRAPHQL),
            &pairs,
            &clean,
        ),
        get(
            "6A70",
            "MAY allow {variables} in GET",
            Some(JSON),
            &pairs,
            &clean,
        ),
        post(
            "428F",
            "SHOULD allow a map of {extensions}",
            Some(GRAPHQL),
            extended(),
            &[Status(200)],
        ),
        post(
            "1B7A",
            "MUST allow a map of {extensions}",
            Some(JSON),
            extended(),
            &clean,
        ),
    ]
}
