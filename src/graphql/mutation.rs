//! The mutation type: each root field is a use case. Its input is turned into the attributes of
//! the use case's form, its payload is planned like any other selection and written from what the
//! transaction sees. What a client sent wrong stands in `userErrors` of the payload; what the role
//! does not allow, and faults of the server, are errors of the answer.

mod payload;
mod sent;

use super::error;
use super::name::camel;
use super::root::Asked;
use crate::service::{Ask, Key, USE_CASES, UseCase, perform};
use crate::store::Upload;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerError,
    ServerResult, Value,
};
use payload::Payload;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

/// What a request brings along for its writes.
pub struct Means {
    /// Files, by number.
    pub files: Vec<Upload>,
    /// The key under which answers are kept.
    pub key: Option<Key>,
    /// Set when a write was answered from what was kept.
    pub replayed: Arc<AtomicBool>,
}

/// Use cases by the name of their mutation.
static NAMES: LazyLock<HashMap<String, &'static UseCase>> =
    LazyLock::new(|| USE_CASES.iter().map(|u| (camel(u.name), *u)).collect());

/// The root of mutations. Its fields come from the table of use cases, not from methods.
pub struct MutationRoot;

impl OutputType for MutationRoot {
    fn type_name() -> Cow<'static, str> {
        "Mutation".into()
    }

    fn create_type_info(_registry: &mut Registry) -> String {
        // The query type has put all types there.
        "Mutation!".into()
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        _field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        // One after the other, as the specification wants it.
        async_graphql::resolver_utils::resolve_container_serial(ctx, self).await
    }
}

impl ObjectType for MutationRoot {}

impl ContainerType for MutationRoot {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let field = &ctx.item.node;
        let Some(use_case) = NAMES.get(field.name.node.as_str()) else {
            return Ok(None);
        };
        let asked = Asked::new(ctx);
        if !asked.is_first() {
            return Ok(None);
        }
        match change(asked, use_case, field).await {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                ctx.add_error(ctx.set_error_path(error));
                Ok(Some(Value::Null))
            }
        }
    }
}

async fn change(
    mut asked: Asked<'_>,
    use_case: &'static UseCase,
    field: &Field,
) -> Result<Value, ServerError> {
    let (ctx, pos) = (asked.ctx, asked.ctx.item.pos);
    let failed = |error| error::server_error(&error, pos);
    let means: &Means = ctx.data_unchecked();
    let operation = &ctx.query_env.operation.node.selection_set.node;
    let key = field.response_key().node.as_str();
    let sets = asked.planner.selections("Mutation", operation, key);
    let payload = Payload::plan(&mut asked, use_case, &sets).map_err(failed)?;
    let input = asked.planner.argument(field, "input").unwrap_or_default();
    let ask = Ask {
        use_case,
        sent: &sent::attributes(use_case.form, input),
        path: "input",
        files: means.files.clone(),
        backing: ctx.data_unchecked(),
        key: means.key.as_ref(),
        part: key,
    };
    let written = perform(asked.db, asked.session, ask, &payload)
        .await
        .map_err(failed)?;
    if written.replayed {
        means.replayed.store(true, Ordering::Relaxed);
    }
    for (path, mut error) in payload.failures() {
        error = ctx.set_error_path(error);
        error.path.extend(path);
        ctx.add_error(error);
    }
    Ok(Value::Binary(written.body.into()))
}
