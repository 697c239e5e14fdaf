//! The arguments of a connection: which rows, in which order, which page. What is wrong with them is
//! reported all at once, by the names the client used.

use super::input;
use super::name::camel;
use super::plan::{DEFAULT_PAGE, MAX_PAGE, Planner};
use crate::error::{Error, Problem, Result};
use crate::query::cursor::Binding;
use crate::query::{Filter, Order, Query, Resource, Select, Window};
use async_graphql::parser::types::Field;
use async_graphql::{Value, Variables};

impl Planner<'_> {
    /// The value of an argument with its variables filled in; `None` if it is absent or null.
    pub fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = field.get_argument(name)?.node.clone();
        // A variable that was not given counts as absent; inside an object its member is left out.
        let value = fill(value, self.variables)?;
        (!matches!(value, Value::Null)).then_some(value)
    }

    /// The question that the arguments of a connection ask; all problems at once.
    pub(super) fn question(&self, resource: &'static Resource, field: &Field) -> Result<Query> {
        let mut problems = Vec::new();
        let node = self
            .argument(field, "filter")
            .map(|v| input::filter(resource, &v));
        let filter = match node.map(|n| Filter::check(resource, &n, "filter")) {
            None => Filter::everything(),
            Some(Ok(filter)) => filter,
            Some(Err(wrong)) => {
                problems.extend(wrong);
                Filter::everything()
            }
        };
        let sorts = self.argument(field, "orderBy").unwrap_or_default();
        let order = input::order(resource, &sorts).map_err(|p| vec![p]);
        let order = match order.and_then(|s| Order::check(resource, &s, "orderBy")) {
            Ok(order) => order,
            Err(wrong) => {
                problems.extend(wrong);
                Order { keys: Vec::new() }
            }
        };
        let window = self.window(resource, &order, field, &mut problems);
        if !problems.is_empty() {
            for problem in &mut problems {
                problem.path = camel(&problem.path);
            }
            return Err(Error::Invalid(problems));
        }
        let select = Select::default();
        Ok(Query {
            resource,
            filter,
            order,
            window: Some(window),
            select,
            keys: false,
            total: false,
        })
    }

    fn window(
        &self,
        resource: &Resource,
        order: &Order,
        field: &Field,
        problems: &mut Vec<Problem>,
    ) -> Window {
        let mut number = |name: &str| match self.argument(field, name)? {
            Value::Number(n) => match n.as_u64().filter(|n| *n <= u64::from(MAX_PAGE)) {
                Some(n) => u32::try_from(n).ok(),
                None => {
                    problems.push(Problem::new(
                        name,
                        format!("must be 0 to {MAX_PAGE}, not {n}"),
                    ));
                    None
                }
            },
            _ => None,
        };
        let (first, last) = (number("first"), number("last"));
        if first.is_some() && last.is_some() {
            problems.push(Problem::new(
                "last",
                "cannot stand beside `first`; give one of them",
            ));
        }
        let binding = Binding::new(resource, order);
        let mut cursor = |name: &str| match self.argument(field, name)? {
            Value::String(text) => {
                let position = self.sealer.open(&binding, order, &text);
                if position.is_none() {
                    problems.push(Problem::new(
                        name,
                        "is not a cursor of this connection in this order; take it from an earlier answer",
                    ));
                }
                position
            }
            _ => None,
        };
        let (after, before) = (cursor("after"), cursor("before"));
        let backward = last.is_some();
        Window {
            limit: first.or(last).unwrap_or(DEFAULT_PAGE),
            backward,
            after,
            before,
            offset: 0,
        }
    }
}

/// Fills variables in; members and items whose variable was not given are left out.
fn fill(value: async_graphql_value::Value, variables: &Variables) -> Option<Value> {
    use async_graphql_value::Value as V;
    Some(match value {
        V::Variable(name) => variables.get(&name)?.clone(),
        V::Null => Value::Null,
        V::Number(n) => Value::Number(n),
        V::String(s) => Value::String(s),
        V::Boolean(b) => Value::Boolean(b),
        V::Binary(b) => Value::Binary(b),
        V::Enum(e) => Value::Enum(e),
        V::List(list) => {
            let fill = |v| fill(v, variables).unwrap_or_default();
            Value::List(list.into_iter().map(fill).collect())
        }
        V::Object(object) => {
            let member = |(name, v)| Some((name, fill(v, variables)?));
            Value::Object(object.into_iter().filter_map(member).collect())
        }
    })
}
