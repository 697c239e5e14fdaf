//! Schemas of filters: the tree of `whereClause`, one schema for each resource, and the flat rules
//! of `filters`. Which operators there are is the engine's table and not repeated here.

use super::node::{Members, Node, list, object, schema_ref};
use super::value;
use crate::query::{Choice, Kind, MAX_LIST, MAX_TEXT, Op, Resource};
use crate::resource::RESOURCES;
use crate::rest::name;

/// The name of the schema of a condition on a resource.
pub fn name_of(resource: &Resource) -> String {
    format!("{}Where", resource.type_name)
}

/// Every schema of a filter.
pub fn schemas() -> Members {
    let mut all: Members = RESOURCES
        .iter()
        .map(|resource| (name_of(resource).into(), condition(resource)))
        .collect();
    for kind in kinds() {
        all.push((comparison_name(kind).into(), comparison(kind)));
    }
    all.push(("RelationPresence".into(), presence()));
    all.push(("FilterConfig".into(), rule()));
    all
}

/// A kind of each sort; enumerations one by one.
fn kinds() -> Vec<Kind> {
    let plain = [
        Kind::Text,
        Kind::Number,
        Kind::Date,
        Kind::Boolean,
        Kind::Workspace,
        Kind::Texts,
        Kind::Json,
    ];
    let choices = choices().into_iter().map(Kind::Enum);
    plain.into_iter().chain(choices).collect()
}

/// Every enumeration of the registry, in the order it is met.
pub fn choices() -> Vec<&'static Choice> {
    let mut found: Vec<&'static Choice> = Vec::new();
    for field in RESOURCES.iter().flat_map(|r| &r.fields) {
        if let Kind::Enum(choice) = field.kind
            && !found.iter().any(|known| known.name == choice.name)
        {
            found.push(choice);
        }
    }
    found
}

fn comparison_name(kind: Kind) -> String {
    match kind {
        Kind::Enum(choice) => format!("{}Comparison", choice.name),
        kind => {
            let word = kind.name();
            format!("{}{}Comparison", word[..1].to_uppercase(), &word[1..])
        }
    }
}

/// What a field of a kind may be compared with: all members must hold.
fn comparison(kind: Kind) -> Node {
    let member = |op: &Op| (format!("_{}", op.name()).into(), operand(kind, *op));
    object! {
        "description" => format!("Comparisons of a field of type {}; all of them must hold.", kind.name()),
        "type" => "object",
        "properties" => kind.raw_ops().iter().map(member).collect::<Members>(),
        "additionalProperties" => false,
    }
}

/// What an operator takes.
fn operand(kind: Kind, op: Op) -> Node {
    let text = || object! { "type" => "string", "maxLength" => MAX_TEXT };
    let many = |of: Node| object! { "type" => "array", "items" => of, "maxItems" => MAX_LIST };
    let schema = match op {
        Op::In | Op::Nin => many(value::compared(kind)),
        Op::IsNull | Op::IsNotNull => object! { "type" => "boolean" },
        Op::HasKey => text(),
        Op::HasKeysAny | Op::HasKeysAll => many(text()),
        Op::Like | Op::Nlike | Op::Ilike | Op::Nilike => text(),
        Op::Regex | Op::Nregex | Op::Iregex | Op::Niregex => text(),
        _ => value::compared(kind),
    };
    match schema {
        // A sentence beside a reference goes with it.
        Node::Object(members) => {
            let mut all: Members = vec![("description".into(), op.doc().into())];
            all.extend(members);
            Node::Object(all)
        }
        other => other,
    }
}

/// A condition on rows of a resource.
fn condition(resource: &Resource) -> Node {
    let own = schema_ref(&name_of(resource));
    let many = object! { "type" => "array", "items" => own.clone(), "maxItems" => MAX_LIST };
    let mut members: Members = vec![
        (
            "_and".into(),
            many.clone()
                .with("description", "All of these hold; an empty list holds."),
        ),
        (
            "_or".into(),
            many.with(
                "description",
                "At least one of these holds; an empty list does not.",
            ),
        ),
        (
            "_not".into(),
            own.with("description", "This does not hold."),
        ),
    ];
    for field in &resource.fields {
        let schema = schema_ref(&comparison_name(field.kind)).with("description", field.doc);
        members.push((field.name.into(), schema));
    }
    for alias in identifiers(resource) {
        let schema = schema_ref(&comparison_name(Kind::Text));
        members.push((
            alias.into(),
            schema.with("description", "The same as `id`."),
        ));
    }
    for relation in &resource.relations {
        let target = schema_ref(&name_of((relation.target)()));
        let schema = if relation.many {
            quantified(relation.doc, &target)
        } else {
            object! {
                "description" => relation.doc,
                "anyOf" => list![target, schema_ref("RelationPresence")],
            }
        };
        members.push((relation.name.into(), schema));
    }
    object! {
        "description" => format!(
            "A condition on {}: all members must hold, `{{}}` holds for every row. Names are also accepted in camel case.",
            resource.list.replace('_', " ")
        ),
        "type" => "object",
        "properties" => members,
        "additionalProperties" => false,
    }
}

/// Further names of a resource's `id`, where no field has them.
fn identifiers(resource: &Resource) -> impl Iterator<Item = &'static str> {
    let known = name::of(resource).map_or(&[][..], |name| name.id);
    known
        .iter()
        .copied()
        .filter(|id| resource.find_field(id).is_none())
}

fn quantified(doc: &'static str, target: &Node) -> Node {
    let member = |quantifier: &'static str, doc: &'static str| {
        (quantifier.into(), target.clone().with("description", doc))
    };
    let members: Members = vec![
        member("_some", "At least one related row meets this."),
        member(
            "_every",
            "Every related row meets this; true where there is none.",
        ),
        member("_none", "No related row meets this."),
    ];
    object! {
        "description" => doc,
        "type" => "object",
        "properties" => members,
        "minProperties" => 1,
        "additionalProperties" => false,
    }
}

fn presence() -> Node {
    object! {
        "description" => "Whether there is a related row; conditions on it may stand beside.",
        "type" => "object",
        "required" => list!["_is_null"],
        "properties" => object! {
            "_is_null" => object! { "description" => "`true`: there is none; `false`: there is one.", "type" => "boolean" },
        },
    }
}

/// One rule of `filters`.
fn rule() -> Node {
    let operators: Vec<Op> = kinds().iter().flat_map(|k| k.ops()).copied().collect();
    let mut words: Vec<&str> = Vec::new();
    for op in &operators {
        if !words.contains(&op.name()) {
            words.push(op.name());
        }
    }
    let scalar = list![
        object! { "type" => list!["string", "number", "boolean"] },
        object! { "type" => "array", "items" => object! { "type" => list!["string", "number"] }, "maxItems" => MAX_LIST },
        object! { "type" => "null" },
    ];
    let silent = object! { "properties" => object! { "operator" => object! { "enum" => list!["is_null", "is_not_null"] } }, "required" => list!["operator"] };
    object! {
        "description" => "One rule: a field, an operator that its type takes, and a value. `and` binds tighter than `or`; the `conjunction` of the last rule has no effect.",
        "type" => "object",
        "required" => list!["field", "operator"],
        "properties" => object! {
            "field" => object! {
                "description" => "The field, with a dot path through to-one relations.",
                "type" => "string",
                "examples" => list!["name", "connector.name"],
            },
            "operator" => object! {
                "description" => operator_doc(),
                "type" => "string",
                "enum" => words.into_iter().collect::<Node>(),
            },
            "value" => object! {
                "description" => "What to compare with; a list for `in`; left out for `is_null` and `is_not_null`.",
                "anyOf" => scalar,
            },
            "conjunction" => object! {
                "description" => "How this rule joins the next one.",
                "type" => "string",
                "enum" => list!["and", "or"],
                "default" => "and",
            },
        },
        "additionalProperties" => false,
        "if" => silent,
        "then" => object! { "properties" => object! { "value" => object! { "type" => "null" } } },
        "else" => object! { "required" => list!["value"] },
        "examples" => list![serde_json::json!({"field": "status", "operator": "in", "value": ["active", "maintenance"], "conjunction": "and"})],
    }
}

fn operator_doc() -> String {
    let mut doc = String::from("Which operators a field takes follows from its type:\n");
    let mut seen = Vec::new();
    for kind in kinds() {
        let ops: Vec<_> = kind
            .ops()
            .iter()
            .map(|op| format!("`{}`", op.name()))
            .collect();
        if !ops.is_empty() && !seen.contains(&kind.name()) {
            seen.push(kind.name());
            doc.push_str(&format!("\n* {}: {}", kind.name(), ops.join(" ")));
        }
    }
    doc
}

/// The filterable fields of a resource as a table.
pub fn table(resource: &Resource) -> String {
    let mut out = String::from("| field | type | operators |\n|---|---|---|\n");
    for field in resource.fields.iter().filter(|f| f.asked()) {
        let ops: Vec<_> = field
            .kind
            .ops()
            .iter()
            .map(|op| format!("`{}`", op.name()))
            .collect();
        out.push_str(&format!(
            "| `{}` | {} | {} |\n",
            field.name,
            field.kind.name(),
            ops.join(" ")
        ));
    }
    out
}
