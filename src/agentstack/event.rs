//! What happened to a connector, from the record, newest first. It is for its owner and for those
//! who administer, and shows of each change what became of the connection.

use super::connector::{self, missing, of_workspace};
use super::list::{MOST, PAGE, page};
use super::{AgentStack, Answer, Call, Fault};
use crate::db::{Arg, Dialect, Row, Storage};
use crate::error::{Error, Result as Outcome};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

/// What is shown of a row before and after: the member and the column.
const SHOWN: [(&str, &str); 6] = [
    ("state", "connection_state"),
    ("disconnect_reason", "disconnect_reason"),
    ("disconnect_code", "disconnect_code"),
    ("disconnect_permanent", "disconnect_permanent"),
    ("label", "label"),
    ("shared", "shared"),
];

impl AgentStack {
    /// Answers with the record of a connector.
    pub(super) async fn events(&self, call: &Call<'_>) -> Result<Answer, Fault> {
        let (id, viewer) = (call.named()?, &call.caller.viewer);
        let mut findings = Vec::new();
        let mut keep = |found| findings.extend(found);
        let limit = call.queried("limit", |v| v.count(MOST)).map_err(&mut keep);
        let after = call.queried("page_token", |v| v.uuid()).map_err(&mut keep);
        let (Ok(limit), Ok(after)) = (limit, after) else {
            return Err(Fault::Invalid(findings));
        };
        let tests = match call.caller.administers() {
            true => of_workspace(viewer),
            false => connector::visible(viewer),
        };
        let connect = &self.backing.connect;
        let found = connector::one(connect, &self.db, viewer, id, tests).await?;
        let found = found.ok_or_else(|| missing(id))?;
        call.caller.manages(found.owner)?;
        let limit = limit.unwrap_or(PAGE);
        Ok(self.recorded(id, after, limit).await?)
    }

    async fn recorded(&self, id: Uuid, after: Option<Uuid>, limit: u32) -> Outcome<Answer> {
        let mut args = vec![Arg::Uuid(id)];
        args.extend(after.map(Arg::Uuid));
        let sql = statement(self.db.dialect(), after.is_some(), limit);
        let rows = self.db.rows(sql, args).await?;
        let more = rows.len() > limit as usize;
        let rows = rows
            .get(..rows.len().min(limit as usize))
            .unwrap_or_default();
        let items: Vec<Vec<u8>> = rows.iter().map(event).collect::<Outcome<_>>()?;
        let total = self.counted(id).await?;
        let next = rows.last().filter(|_| more).and_then(|row| row.uuid(0));
        let items: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
        Ok(Answer::json(200, page(&items, total, more, next)))
    }

    async fn counted(&self, id: Uuid) -> Outcome<u64> {
        let sql = format!("SELECT count(*) FROM audit_events WHERE {ABOUT}");
        let rows = self.db.rows(sql, vec![Arg::Uuid(id)]).await?;
        let count = rows.first().and_then(|row| row.int(0));
        Ok(count
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or_default())
    }
}

/// Events about one installation. Who may read them was decided by whoever found it.
const ABOUT: &str = "record_id = $1 AND resource = 'workspace_connectors'";

fn statement(dialect: Dialect, after: bool, limit: u32) -> String {
    let text = |column: &str| match dialect {
        Dialect::Postgres => format!("{column}::text"),
        Dialect::Sqlite => column.to_owned(),
    };
    let beyond = match after {
        true => " AND pk < (SELECT pk FROM audit_events WHERE id = $2)",
        false => "",
    };
    let (before, after) = (text("before"), text("after"));
    let limit = u64::from(limit) + 1;
    format!(
        "SELECT id, action, outcome, created_at, person_id, {before}, {after}, trace_id \
         FROM audit_events WHERE {ABOUT}{beyond} ORDER BY pk DESC LIMIT {limit}"
    )
}

fn event(row: &Row) -> Outcome<Vec<u8>> {
    let mut out = Map::new();
    let columns = [
        ("id", 0, Storage::Uuid),
        ("action", 1, Storage::Text),
        ("outcome", 2, Storage::Text),
        ("created_at", 3, Storage::Time),
        ("created_by", 4, Storage::Uuid),
        ("request_id", 7, Storage::Text),
    ];
    for (name, column, storage) in columns {
        let mut value = Vec::new();
        row.write_json(column, storage, &mut value);
        let value = serde_json::from_slice(&value).map_err(Error::internal)?;
        out.insert(name.to_owned(), value);
    }
    out.insert("before".into(), side(row.text(5)));
    out.insert("after".into(), side(row.text(6)));
    Ok(Json::Object(out).to_string().into_bytes())
}

/// What is shown of one side of a change; null where nothing of it changed.
fn side(document: Option<&str>) -> Json {
    let document: Json = document
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let member = |(name, column): &(&str, &str)| {
        let value = document.get(column)?;
        Some(((*name).to_owned(), value.clone()))
    };
    let members: Map<String, Json> = SHOWN.iter().filter_map(member).collect();
    match members.is_empty() {
        true => Json::Null,
        false => Json::Object(members),
    }
}
