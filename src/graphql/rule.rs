//! Rules of the specification (section 5, Validation) that the validator behind leaves out:
//! merging of fields below the first level, variables in positions of another type, texts where
//! an enumeration is due, and numbers that are no `Int`. A document is judged once and remembered.

use super::error::request_error;
use crate::error::Code;
use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
    SelectionSet, Type,
};
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::{Name, Pos, Positioned, ServerError};
use async_graphql_value::Value;
use std::collections::{HashMap, HashSet};

/// Judges a document whose fragments do not spread themselves.
pub fn check(registry: &Registry, document: &ExecutableDocument) -> Result<(), Vec<ServerError>> {
    let mut wrong = Vec::new();
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut judge = Judge {
            registry,
            document,
            operation,
            wrong: Vec::new(),
        };
        judge.defaults();
        let root = match operation.ty {
            OperationType::Query => Some(&registry.query_type),
            OperationType::Mutation => registry.mutation_type.as_ref(),
            OperationType::Subscription => registry.subscription_type.as_ref(),
        };
        if let Some(root) = root {
            judge.level(&[(root.as_str(), &operation.selection_set.node)]);
            if operation.ty == OperationType::Subscription {
                judge.single_root(root);
            }
        }
        wrong.append(&mut judge.wrong);
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

struct Judge<'a> {
    registry: &'a Registry,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    wrong: Vec<ServerError>,
}

/// A field and the type it is asked of.
type Asked<'a> = (&'a str, &'a Positioned<Field>);

impl<'a> Judge<'a> {
    /// A subscription asks for one field of the root, always (5.2.4.1).
    fn single_root(&mut self, root: &'a str) {
        let set = &self.operation.selection_set;
        let (mut opened, mut fields) = (HashSet::new(), Vec::new());
        self.open(root, &set.node, &mut opened, &mut fields);
        let keys: HashSet<_> = fields
            .iter()
            .map(|(_, field)| field.node.response_key().node.as_str())
            .collect();
        if keys.len() > 1 {
            let issue = "a subscription has one field at its root; send one subscription for each";
            self.report(set.pos, issue.to_owned());
        }
        let mut spreads: Vec<&SelectionSet> = vec![&set.node];
        let fragments = opened
            .iter()
            .filter_map(|name| self.document.fragments.get(*name));
        spreads.extend(fragments.map(|f| &f.node.selection_set.node));
        let conditional = |item: &Positioned<Selection>| {
            let directives = item.node.directives().iter();
            directives
                .map(|d| d.node.name.node.as_str())
                .any(|name| matches!(name, "skip" | "include"))
        };
        if spreads.iter().any(|set| set.items.iter().any(conditional)) {
            let issue = "the field at the root of a subscription cannot be skipped";
            self.report(set.pos, issue.to_owned());
        }
    }

    fn report(&mut self, pos: Pos, issue: String) {
        let mut error = request_error(Code::BadRequest, issue);
        error.locations.push(pos);
        self.wrong.push(error);
    }

    fn field(&self, of: &str, name: &str) -> Option<&'a MetaField> {
        self.registry.types.get(of)?.field_by_name(name)
    }

    /// Selections that are answered by the same objects.
    fn level(&mut self, sets: &[(&'a str, &'a SelectionSet)]) {
        let (mut groups, mut places) = (Vec::<Vec<Asked<'a>>>::new(), HashMap::new());
        let mut opened = HashSet::new();
        let mut fields = Vec::new();
        for (of, set) in sets {
            self.open(of, set, &mut opened, &mut fields);
        }
        for field in fields {
            let key = field.1.node.response_key().node.as_str();
            let place = *places.entry(key).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(field),
                None => groups.push(vec![field]),
            }
        }
        for group in groups {
            self.group(&group);
        }
    }

    /// Fields of a selection, each fragment opened once.
    fn open(
        &mut self,
        of: &'a str,
        set: &'a SelectionSet,
        opened: &mut HashSet<&'a Name>,
        out: &mut Vec<Asked<'a>>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    self.directives(&field.node.directives);
                    out.push((of, field));
                }
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.node.directives);
                    let on = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map_or(of, |c| c.node.on.node.as_str());
                    self.open(on, &inline.node.selection_set.node, opened, out);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives);
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name)
                        && opened.insert(name)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.open(on, &fragment.node.selection_set.node, opened, out);
                    }
                }
            }
        }
    }

    /// Fields of one response key: they must be one field with the same arguments, except of
    /// objects that are never the same, whose values must still be of one shape.
    fn group(&mut self, group: &[Asked<'a>]) {
        let Some(first) = group.first() else { return };
        for other in &group[1..] {
            if let Some(issue) = self.conflict(first, other) {
                self.report(other.1.pos, issue);
                return;
            }
        }
        let mut kinds: Vec<&str> = Vec::new();
        for (of, field) in group {
            self.arguments(of, field);
            if !kinds.contains(of) {
                kinds.push(of);
            }
        }
        let alone = kinds.len() == 1;
        kinds.retain(|kind| alone || self.is_object(kind));
        for kind in kinds {
            let below = |(of, field): &Asked<'a>| {
                let ty = (*of == kind || !self.is_object(of))
                    .then(|| self.field(of, &field.node.name.node))??;
                Some((concrete(&ty.ty), &field.node.selection_set.node))
            };
            let sets: Vec<_> = group
                .iter()
                .filter_map(below)
                .filter(|(_, set)| !set.items.is_empty())
                .collect();
            if !sets.is_empty() {
                self.level(&sets);
            }
        }
    }

    fn is_object(&self, name: &str) -> bool {
        matches!(self.registry.types.get(name), Some(MetaType::Object { .. }))
    }

    fn conflict(&self, (of, one): &Asked<'a>, (on, other): &Asked<'a>) -> Option<String> {
        let key = &one.node.response_key().node;
        let (a, b) = (&one.node.name.node, &other.node.name.node);
        let apart = of != on && self.is_object(of) && self.is_object(on);
        if !apart && a != b {
            return Some(format!(
                "`{key}` cannot be both `{a}` and `{b}`; give one of them another alias"
            ));
        }
        let arguments = |field: &Field| -> HashMap<Name, Value> {
            field
                .arguments
                .iter()
                .map(|(name, value)| (name.node.clone(), value.node.clone()))
                .collect()
        };
        if !apart && arguments(&one.node) != arguments(&other.node) {
            return Some(format!(
                "`{key}` is asked with different arguments; give one of them another alias"
            ));
        }
        let shape = |of: &str, name: &str| self.field(of, name).map(|f| self.shape(&f.ty));
        match (shape(of, a), shape(on, b)) {
            (Some(one), Some(other)) if one != other => Some(format!(
                "`{key}` is both `{one}` and `{other}`; give one of them another alias"
            )),
            _ => None,
        }
    }

    /// A type with the names of objects left out: any two may stand under one key.
    fn shape(&self, ty: &str) -> String {
        let name = concrete(ty);
        let leaf = matches!(
            self.registry.types.get(name),
            Some(MetaType::Scalar { .. } | MetaType::Enum { .. }) | None
        );
        if leaf {
            ty.to_owned()
        } else {
            ty.replace(name, "object")
        }
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives {
            if matches!(directive.node.name.node.as_str(), "skip" | "include") {
                for (_, value) in &directive.node.arguments {
                    self.value("Boolean!", false, &value.node, value.pos);
                }
            }
        }
    }

    fn arguments(&mut self, of: &str, field: &'a Positioned<Field>) {
        let Some(known) = self.field(of, &field.node.name.node) else {
            return;
        };
        for (name, value) in &field.node.arguments {
            if let Some(argument) = known.args.get(name.node.as_str()) {
                self.value(
                    &argument.ty,
                    argument.default_value.is_some(),
                    &value.node,
                    value.pos,
                );
            }
        }
    }

    fn defaults(&mut self) {
        for variable in &self.operation.variable_definitions {
            if let Some(default) = &variable.node.default_value {
                let value = default.node.clone().into();
                self.value(
                    &variable.node.var_type.node.to_string(),
                    false,
                    &value,
                    default.pos,
                );
            }
        }
    }

    /// Judges a value at a place of type `ty`; `default` says that the place has a value of its own.
    fn value(&mut self, ty: &str, default: bool, value: &Value, pos: Pos) {
        let Some(due) = Type::new(ty) else { return };
        match (value, &due.base) {
            (Value::Variable(name), _) => self.variable(name, &due, default, pos),
            (Value::List(items), BaseType::List(inner)) => {
                for item in items {
                    self.value(&inner.to_string(), false, item, pos);
                }
            }
            (value, BaseType::List(inner)) => self.value(&inner.to_string(), false, value, pos),
            (Value::Object(members), BaseType::Named(name)) => {
                let Some(MetaType::InputObject {
                    input_fields,
                    oneof,
                    ..
                }) = self.registry.types.get(name.as_str())
                else {
                    return;
                };
                for (name, value) in members {
                    if let Some(member) = input_fields.get(name.as_str()) {
                        // What must be given may not come from a variable that may be null.
                        let ty = if *oneof {
                            format!("{}!", member.ty)
                        } else {
                            member.ty.clone()
                        };
                        self.value(&ty, member.default_value.is_some(), value, pos);
                    }
                }
            }
            (Value::String(text), BaseType::Named(name)) => {
                if let Some(MetaType::Enum { .. }) = self.registry.types.get(name.as_str()) {
                    let shown: String = text.chars().take(60).collect();
                    self.report(
                        pos,
                        format!("a value of `{name}` is a word without quotes, not \"{shown}\""),
                    );
                }
            }
            (Value::Number(number), BaseType::Named(name))
                if name.as_str() == "Int"
                    && number.as_i64().is_none_or(|n| i32::try_from(n).is_err()) =>
            {
                self.report(
                    pos,
                    format!("{number} is no `Int`, a whole number of 32 bits"),
                );
            }
            _ => {}
        }
    }

    fn variable(&mut self, name: &Name, due: &Type, default: bool, pos: Pos) {
        let mut all = self.operation.variable_definitions.iter().map(|d| &d.node);
        // The validator says which variables are not defined.
        let Some(definition) = all.find(|d| d.name.node == *name) else {
            return;
        };
        let given = &definition.var_type.node;
        let fallback = default
            || definition
                .default_value
                .as_ref()
                .is_some_and(|d| d.node != Default::default());
        let fine = if fallback && given.nullable {
            fits_base(&given.base, &due.base)
        } else {
            fits(given, due)
        };
        if !fine {
            self.report(
                pos,
                format!("variable `${name}` of type `{given}` cannot stand where `{due}` is due"),
            );
        }
    }
}

/// Whether every value of `given` is one of `due` (specification, Variables Are In Allowed Positions).
fn fits(given: &Type, due: &Type) -> bool {
    (due.nullable || !given.nullable) && fits_base(&given.base, &due.base)
}

fn fits_base(given: &BaseType, due: &BaseType) -> bool {
    match (given, due) {
        (BaseType::Named(given), BaseType::Named(due)) => given == due,
        (BaseType::List(given), BaseType::List(due)) => fits(given, due),
        _ => false,
    }
}

/// The name in a type.
fn concrete(ty: &str) -> &str {
    ty.trim_matches(['[', ']', '!'])
}
