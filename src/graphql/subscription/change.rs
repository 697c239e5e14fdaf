//! What a subscription tells of one event: planned once, written for each.

use super::CURSOR;
use crate::db::write_text;
use crate::error::{Error, Problem, Result};
use crate::graphql::error::server_error;
use crate::graphql::input;
use crate::graphql::name::camel;
use crate::graphql::plan::{Object, json_key};
use crate::graphql::root::Asked;
use crate::graphql::types;
use crate::graphql::write::Answer;
use crate::live::{Event, Position, Topic};
use crate::query::{Filter, Query, Resource, Select, Viewer};
use async_graphql::parser::types::Field;
use async_graphql::{Name, Response, Value};
use chrono::SecondsFormat;

/// A planned subscription.
pub(super) struct Plan {
    /// Rows of what.
    pub resource: &'static Resource,
    /// Where to go on; without it, from now on.
    pub after: Option<Position>,
    key: Name,
    type_name: String,
    entries: Vec<(String, Out)>,
    select: Select,
    filter: Filter,
}

/// A member of a change.
enum Out {
    TypeName,
    Action,
    Id,
    Revision,
    At,
    Cursor,
    /// The row.
    Record(Object),
}

impl Plan {
    /// Judges the arguments, all problems at once, and plans the selections.
    pub fn new(
        asked: &mut Asked<'_>,
        topic: &'static Topic,
        field: &Field,
        resume: Option<&str>,
    ) -> Result<Plan> {
        let resource = (topic.resource)();
        let (filter, after) = arguments(asked, resource, field, resume)?;
        let operation = &asked.ctx.query_env.operation.node.selection_set.node;
        let key = field.response_key().node.clone();
        let sets = asked
            .planner
            .selections("Subscription", operation, key.as_str());
        let type_name = types::change_name(resource);
        let (mut entries, mut select) = (Vec::new(), Select::default());
        for (field, sets) in asked.planner.fields(&type_name, &sets) {
            let out = match field.name.node.as_str() {
                "action" => Out::Action,
                "id" => Out::Id,
                "revision" => Out::Revision,
                "at" => Out::At,
                "cursor" => Out::Cursor,
                "__typename" => Out::TypeName,
                _ => Out::Record(asked.planner.object(resource, &sets, &mut select, 1)?),
            };
            entries.push((json_key(field.response_key().node.as_str()), out));
        }
        Ok(Plan {
            resource,
            after,
            key,
            type_name,
            entries,
            select,
            filter,
        })
    }

    /// The response that tells of an event; `None` if the viewer does not see its row, or the
    /// filter does not match it.
    pub async fn written(
        &self,
        asked: &Asked<'_>,
        event: &Event,
        viewer: &Viewer,
    ) -> Result<Option<Response>> {
        let mut query = Query::by_id(self.resource, event.id, self.select.clone())?;
        query.filter = Filter::All(vec![query.filter, self.filter.clone()]);
        let found = query.run(asked.db, viewer).await?;
        let Some(view) = found.views(&found.slice(0)).next() else {
            return Ok(None);
        };
        let cursor = event.position.seal(asked.sealer);
        let mut answer = Answer::new(asked.sealer, Some(&found));
        answer.entries_of(&self.entries, |answer, out| match out {
            Out::TypeName => write_text(&self.type_name, &mut answer.out),
            Out::Action => write_text(event.change.word(), &mut answer.out),
            Out::Id => write_text(&event.id.to_string(), &mut answer.out),
            Out::Revision => match event.revision {
                Some(revision) => answer.out.extend(revision.to_string().into_bytes()),
                None => answer.null(),
            },
            Out::At => write_text(&moment(event), &mut answer.out),
            Out::Cursor => write_text(&cursor, &mut answer.out),
            Out::Record(object) => answer.object(object, view),
        });
        let mut errors = Vec::new();
        for (path, failure) in answer.failed {
            let error = server_error(&failure.error, failure.pos);
            let mut error = asked.ctx.set_error_path(error);
            error.path.extend(path);
            errors.push(error);
        }
        let data = [(self.key.clone(), Value::Binary(answer.out.into()))];
        let mut response = Response::new(Value::Object(data.into_iter().collect()));
        response.errors = errors;
        Ok(Some(response.extension(CURSOR, Value::String(cursor))))
    }
}

/// When it happened, as moments of rows are written.
fn moment(event: &Event) -> String {
    let micros = event.at.timestamp_subsec_micros();
    let precision = match micros.is_multiple_of(1000) {
        true => SecondsFormat::Millis,
        false => SecondsFormat::Micros,
    };
    event.at.to_rfc3339_opts(precision, true)
}

fn arguments(
    asked: &Asked<'_>,
    resource: &'static Resource,
    field: &Field,
    resume: Option<&str>,
) -> Result<(Filter, Option<Position>)> {
    let mut problems = Vec::new();
    let node = asked.planner.argument(field, "filter");
    let node = node.map(|value| input::filter(resource, &value));
    let filter = match node.map(|node| Filter::check(resource, &node, "filter")) {
        None => Filter::everything(),
        Some(Ok(filter)) => filter,
        Some(Err(wrong)) => {
            problems.extend(wrong);
            Filter::everything()
        }
    };
    let after = match asked.planner.argument(field, "after") {
        Some(Value::String(text)) => Some(text),
        _ => None,
    };
    let after = resume.map(str::to_owned).or(after);
    let place = after
        .as_deref()
        .map(|text| Position::open(asked.sealer, text));
    if let Some(None) = place {
        let issue = "is not a cursor of a change; take it from an earlier one";
        problems.push(Problem::new("after", issue));
    }
    if problems.is_empty() {
        return Ok((filter, place.flatten()));
    }
    for problem in &mut problems {
        problem.path = camel(&problem.path);
    }
    Err(Error::Invalid(problems))
}
