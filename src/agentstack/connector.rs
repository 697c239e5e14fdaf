//! Connectors as the dialect shows them, read through the engine and written from its rows.

use super::{AgentStack, Answer, Answered, Call, Fault, said};
use crate::connect::{Connect, Shown};
use crate::db::{Db, write_text};
use crate::error::{Code, Error, Result};
use crate::query::{
    Field, Filter, Node, Op, Order, Query, Resource, Select, Sort, View, Viewer, Window,
};
use crate::resource::workspace_connector;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Members of a connector, in the order in which they are written, and the fields they show. Those
/// of the dialect come first, then what this server says beside them.
const MEMBERS: [(&str, Shows); 19] = [
    ("id", Shows::Field("id")),
    ("url", Shows::Field("url")),
    ("state", Shows::Field("connection_state")),
    ("auth_request", Shows::Login),
    ("disconnect_reason", Shows::Field("disconnect_reason")),
    ("metadata", Shows::Field("metadata")),
    ("created_at", Shows::Field("created_at")),
    ("updated_at", Shows::Field("updated_at")),
    ("created_by", Shows::Owner),
    ("label", Shows::Field("label")),
    ("shared", Shows::Field("shared")),
    ("disconnect_code", Shows::Field("disconnect_code")),
    ("disconnect_permanent", Shows::Field("disconnect_permanent")),
    ("token_expires_at", Shows::Field("token_expires_at")),
    (
        "authorization_expires_at",
        Shows::Field("authorization_expires_at"),
    ),
    ("last_checked_at", Shows::Field("last_checked_at")),
    ("last_connected_at", Shows::Field("last_connected_at")),
    ("has_client_secret", Shows::ClientSecret),
    ("version", Shows::Field("revision")),
];

/// What a member shows.
#[derive(Clone, Copy)]
enum Shows {
    /// A field of the row.
    Field(&'static str),
    /// Where the owner logs in.
    Login,
    /// Who owns it.
    Owner,
    /// Whether its OAuth client has a secret.
    ClientSecret,
}

/// A test of a field.
pub fn test(field: &str, op: Op, value: impl Into<Json>) -> Node {
    Node::Field(field.to_owned(), op, value.into())
}

/// The connectors of a workspace, whoever they belong to.
pub fn of_workspace(viewer: &Viewer) -> Vec<Node> {
    vec![
        test("workspace_id", Op::Eq, viewer.workspace_id.to_string()),
        test("url", Op::IsNotNull, true),
    ]
}

/// The connectors that exist for a caller: their own, and those shared with their workspace.
pub fn visible(viewer: &Viewer) -> Vec<Node> {
    let mut tests = of_workspace(viewer);
    let own = test("id", Op::Eq, viewer.person_id.to_string());
    tests.push(Node::Or(vec![
        Node::One("person".into(), Box::new(own)),
        Node::Raw("shared".into(), Op::Eq, true.into()),
    ]));
    tests
}

/// A row, read.
pub struct Connector {
    /// The identifier.
    pub id: Uuid,
    /// Its owner.
    pub owner: Option<Uuid>,
    /// Its revision.
    pub revision: i64,
    /// The document.
    pub body: Vec<u8>,
}

impl Connector {
    /// What tells this state of it from others.
    pub fn tag(&self) -> String {
        format!("\"r{}\"", self.revision)
    }

    /// The answer with it.
    fn answer(self, status: u16) -> Answer {
        let tag = self.tag();
        Answer::json(status, self.body).with("etag", tag)
    }
}

/// A projection of rows, and where in it things are.
struct Columns {
    select: Select,
    fields: Vec<(usize, &'static Field)>,
    owner: (usize, usize),
}

fn field(resource: &'static Resource, name: &str) -> Result<&'static Field> {
    let found = resource.find_field(name);
    found.ok_or_else(|| Error::internal(format!("{} has no {name}", resource.name)))
}

impl Columns {
    fn new() -> Result<Columns> {
        let resource = workspace_connector::resource();
        let mut select = Select::default();
        let mut fields = Vec::with_capacity(MEMBERS.len());
        for (_, shows) in MEMBERS {
            if let Shows::Field(name) = shows {
                let field = field(resource, name)?;
                fields.push((select.field(field), field));
            }
        }
        let relation = resource.find_relation("person");
        let relation = relation.ok_or_else(|| Error::internal("a connector has no owner"))?;
        let one = select.one(relation);
        let id = field((relation.target)(), "id")?;
        let slot = select
            .one
            .get_mut(one)
            .map(|person| person.select.field(id));
        Ok(Columns {
            select,
            fields,
            owner: (one, slot.unwrap_or_default()),
        })
    }

    fn owner(&self, view: View<'_>) -> Option<Uuid> {
        view.one(self.owner.0)?.id(self.owner.1)
    }

    /// Writes the document of a row for a viewer.
    fn write(&self, view: View<'_>, viewer: &Viewer, shown: &Shown) -> Vec<u8> {
        let owner = self.owner(view);
        let mut out = Vec::with_capacity(512);
        let mut fields = self.fields.iter();
        for (i, (name, shows)) in MEMBERS.into_iter().enumerate() {
            out.push(if i == 0 { b'{' } else { b',' });
            write_text(name, &mut out);
            out.push(b':');
            match shows {
                Shows::Field(_) => match (fields.next(), view.row()) {
                    (Some((slot, field)), Some(row)) => {
                        row.write_json(view.column(*slot), field.storage, &mut out);
                    }
                    _ => out.extend_from_slice(b"null"),
                },
                Shows::Login => {
                    let url = shown.authorization_url.as_deref();
                    let own = owner == Some(viewer.person_id);
                    out.extend(login(url.filter(|_| own)).to_string().bytes());
                }
                Shows::Owner => write_text(&owner.unwrap_or_default().to_string(), &mut out),
                Shows::ClientSecret => {
                    out.extend(shown.has_client_secret.to_string().bytes());
                }
            }
        }
        out.push(b'}');
        out
    }
}

fn login(url: Option<&str>) -> Json {
    url.map_or(
        Json::Null,
        |url| json!({ "type": "code", "authorization_endpoint": url }),
    )
}

/// What was read of a question.
pub struct Read {
    /// The connectors.
    pub connectors: Vec<Connector>,
    /// Whether rows follow.
    pub more: bool,
    /// All that match, if they were counted.
    pub total: Option<u64>,
}

/// Reads connectors: the page in one statement, what is shown of their secrets in another.
pub async fn read(
    connect: &Connect,
    db: &Db,
    viewer: &Viewer,
    tests: Vec<Node>,
    (window, total): (Window, bool),
) -> Result<Read> {
    let resource = workspace_connector::resource();
    let columns = Columns::new()?;
    let filter = Filter::check(resource, &Node::And(tests), "filter").map_err(Error::Invalid)?;
    let query = Query {
        resource,
        filter,
        order: Order::check(resource, &[Sort::parse("pk")], "sort").map_err(Error::Invalid)?,
        window: Some(window),
        select: columns.select.clone(),
        keys: false,
        total,
    };
    run(connect, db, viewer, &query, &columns).await
}

async fn run(
    connect: &Connect,
    db: &Db,
    viewer: &Viewer,
    query: &Query,
    columns: &Columns,
) -> Result<Read> {
    let found = query.run(db, viewer).await?;
    let slice = found.slice(0);
    let id = |view: View<'_>| columns.fields.first().and_then(|(slot, _)| view.id(*slot));
    let ids: Vec<Uuid> = found.views(&slice).filter_map(id).collect();
    let shown: HashMap<Uuid, Shown> = connect.shown(db, &ids).await?;
    let nothing = Shown::default();
    let connectors = found.views(&slice).filter_map(|view| {
        let id = id(view)?;
        let (slot, field) = columns.fields.last()?;
        Some(Connector {
            id,
            owner: columns.owner(view),
            revision: view.row()?.number(view.column(*slot), field.storage)?,
            body: columns.write(view, viewer, shown.get(&id).unwrap_or(&nothing)),
        })
    });
    Ok(Read {
        connectors: connectors.collect(),
        more: slice.more,
        total: slice.total,
    })
}

/// The connector of an identifier among those that pass the tests.
pub async fn one(
    connect: &Connect,
    db: &Db,
    viewer: &Viewer,
    id: Uuid,
    mut tests: Vec<Node>,
) -> Result<Option<Connector>> {
    tests.push(test("id", Op::Eq, id.to_string()));
    let window = Window {
        limit: 1,
        ..Window::default()
    };
    let read = read(connect, db, viewer, tests, (window, false)).await?;
    Ok(read.connectors.into_iter().next())
}

/// There is no such connector for the caller.
pub fn missing(id: Uuid) -> Fault {
    let detail = format!("connector with id {id} not found");
    said(404, Code::NotFound, detail)
}

impl AgentStack {
    /// The connector that a request names, if it exists for the caller.
    pub(super) async fn named(&self, call: &Call<'_>, id: Uuid) -> Answered<Connector> {
        let (connect, viewer) = (&self.backing.connect, &call.caller.viewer);
        let found = one(connect, &self.db, viewer, id, visible(viewer)).await?;
        found.ok_or_else(|| missing(id))
    }

    /// Answers with one connector.
    pub(super) async fn get(&self, call: &Call<'_>) -> Answered<Answer> {
        let id = call.named()?;
        Ok(self.named(call, id).await?.answer(200))
    }
}
