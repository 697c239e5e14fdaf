//! `If-Match`: the state that a change was made against. A tag begins with the revision of its
//! row, whatever rendering and fieldset was read, and a change asks for that revision; the use
//! case compares it where nobody can come between.

use super::Asked;
use crate::error::{Error, Problem};
use crate::query::{Field, Select};
use crate::rest::read::{single, tag};
use crate::rest::{Call, Fault, Rest};

/// A revision that no row has.
const NONE: i64 = i32::MAX as i64;

/// What a request demands of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    None,
    /// A state that `If-Match` names.
    Matches,
}

/// Reads `If-Match` into the revision that the use case compares.
pub async fn read(rest: &Rest, call: &Call<'_>, asked: &mut Asked) -> Result<Condition, Fault> {
    let named = call.path.first().map(|(_, key)| key.as_str());
    let (Some(list), Some(key)) = (call.request.list("if-match"), named) else {
        return Ok(Condition::None);
    };
    let tags = tag::split(&list);
    if tags.contains(&"*") {
        return Ok(Condition::None);
    }
    let revisions: Vec<i64> = tags.iter().filter_map(|t| tag::revision(t)).collect();
    let takes = asked.use_case.form.find("revision").is_some();
    let wanted = match revisions.as_slice() {
        [] => NONE,
        [one] if takes => *one,
        // Of several the row's own is wanted, so that it cannot change on the way.
        _ => match current(rest, call, asked, key).await? {
            Some(current) if revisions.contains(&current) => current,
            // No such row: the use case says so.
            None => return Ok(Condition::Matches),
            Some(_) => NONE,
        },
    };
    if !takes {
        return match wanted {
            NONE => Err(unmet(None)),
            _ => Ok(Condition::Matches),
        };
    }
    let sent = &mut asked.document.sent;
    if sent
        .get("revision")
        .is_some_and(|sent| sent.as_i64() != Some(wanted))
    {
        let path = asked
            .document
            .spots
            .problem(&Problem::new("revision", ""))
            .path;
        let problem = Problem::new(
            path,
            "is another revision than `If-Match` names; send one of them",
        );
        asked.document.problems.push(problem);
    }
    sent.insert("revision".to_owned(), wanted.into());
    Ok(Condition::Matches)
}

/// The revision of the row; `None` if there is none for the caller.
async fn current(
    rest: &Rest,
    call: &Call<'_>,
    asked: &Asked,
    key: &str,
) -> Result<Option<i64>, Fault> {
    let resource = (asked.use_case.resource)();
    let field: Option<&'static Field> = resource.find_field("revision");
    let field = field.ok_or_else(|| Error::internal("the resource has no revision"))?;
    let mut select = Select::default();
    let slot = select.field(field);
    let found = single(resource, key, select)?
        .run(&rest.db, &call.caller.viewer)
        .await?;
    let view = found.views(&found.slice(0)).next();
    Ok(view.and_then(|view| tag::state(field, slot, view)))
}

/// The refusal of a change that was made against another state.
pub fn unmet(current: Option<i32>) -> Fault {
    let now = current.map_or(String::new(), |r| format!(": it is at revision {r} now"));
    let issue =
        format!("names no state that the resource is in{now}; read it again and repeat the change");
    Fault::PreconditionFailed(Problem::new("If-Match", issue))
}
