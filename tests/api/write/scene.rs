//! Who acts in these tests, and how: a tree of workspaces with a token for every role, a sibling
//! workspace, another organization; and mutations by the names of their use cases.

use super::snapshot::{self, Snapshot};
use crate::support::TestApp;
use connectory::db::Arg;
use connectory::service::workspace::{self, New};
use connectory::service::{UseCase, use_case};
use entity::category;
use entity::membership::Role;
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

/// The people, their tokens and their workspaces.
pub struct Scene<'a> {
    /// The server.
    pub t: &'a TestApp,
    /// Token of an owner of the root.
    pub root: String,
    /// Token of an owner of `home`.
    pub owner: String,
    /// Token of an admin of `home`.
    pub admin: String,
    /// Token of a member of `home`.
    pub member: String,
    /// Token of another member of `home`.
    pub colleague: String,
    /// Token of a viewer of `home`.
    pub viewer: String,
    /// Token of an owner of `sibling`.
    pub sibling: String,
    /// Token of an owner of another organization.
    pub stranger: String,
    /// The root of the tree.
    pub root_id: Uuid,
    /// A workspace below the root, where most of it happens.
    pub home: Uuid,
    /// A workspace below `home`.
    pub below: Uuid,
    /// Address of a remote server that takes part, where one does.
    pub remote: Option<String>,
    number: AtomicU32,
}

/// The answer to a mutation.
pub struct Done {
    body: Json,
    field: String,
    record: String,
}

/// `snake_case` as GraphQL spells it.
pub fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        let (head, tail) = part.split_at(1);
        all + &head.to_uppercase() + tail
    })
}

impl Done {
    fn payload(&self) -> &Json {
        &self.body["data"][&self.field]
    }

    /// How it ended, in one word.
    pub fn word(&self) -> String {
        let refused = &self.body["errors"][0]["extensions"]["code"];
        let mistaken = &self.payload()["userErrors"][0]["code"];
        let code = refused.as_str().or(mistaken.as_str()).unwrap_or("done");
        code.to_lowercase()
    }

    /// The record, after making sure that it was done.
    pub fn record(&self) -> &Json {
        assert_eq!(self.word(), "done", "{:#}", self.body);
        let record = &self.payload()[&self.record];
        assert!(record.is_object(), "{:#}", self.body);
        record
    }

    /// The identifier of the record.
    pub fn id(&self) -> String {
        self.record()["id"].as_str().expect("an id").to_owned()
    }

    /// The fields and sentences of all mistakes; of a refusal the sentence alone.
    pub fn mistakes(&self) -> Vec<String> {
        if let Some(message) = self.body["errors"][0]["message"].as_str() {
            return vec![message.to_owned()];
        }
        let errors = self.payload()["userErrors"].as_array();
        let said = |e: &Json| e["message"].as_str().unwrap_or_default().to_owned();
        errors.into_iter().flatten().map(said).collect()
    }
}

async fn plant(t: &TestApp, name: &str, parent: Option<Uuid>) -> Uuid {
    let new = New {
        name: name.into(),
        slug: Some(name.into()),
        parent,
    };
    workspace::create(t.db(), new)
        .await
        .expect("a workspace")
        .id
}

async fn shelve(t: &TestApp) {
    let now = chrono::Utc::now();
    let row = category::ActiveModel {
        id: Set(Uuid::now_v7()),
        slug: Set("tools".into()),
        name: Set("Tools".into()),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let made = category::Entity::insert(row);
    let made = made.exec_without_returning(t.db().orm()).await;
    made.expect("a category");
}

impl<'a> Scene<'a> {
    /// Makes it.
    pub async fn make(t: &'a TestApp) -> Scene<'a> {
        shelve(t).await;
        let root_id = plant(t, "acme", None).await;
        let home = plant(t, "home", Some(root_id)).await;
        let below = plant(t, "below", Some(home)).await;
        let sibling_id = plant(t, "sibling", Some(root_id)).await;
        let stranger_id = plant(t, "stranger", None).await;
        let colleague = t.token(home, Role::Member).await;
        t.execute("UPDATE people SET email = 'colleague@example.com' WHERE pk = (SELECT max(pk) FROM people)").await;
        Scene {
            t,
            root: t.token(root_id, Role::Owner).await,
            owner: t.token(home, Role::Owner).await,
            admin: t.token(home, Role::Admin).await,
            member: t.token(home, Role::Member).await,
            colleague,
            viewer: t.token(home, Role::Viewer).await,
            sibling: t.token(sibling_id, Role::Owner).await,
            stranger: t.token(stranger_id, Role::Owner).await,
            root_id,
            home,
            below,
            remote: None,
            number: AtomicU32::new(1),
        }
    }

    /// A name that nothing has yet.
    pub fn fresh(&self, word: &str) -> String {
        format!("{word}-{}", self.number.fetch_add(1, Ordering::Relaxed))
    }

    /// Who a token speaks for.
    pub async fn person(&self, token: &str) -> Uuid {
        self.t.actor(token).await.viewer.person_id
    }

    /// Sends a mutation and asks for these fields of its record.
    pub async fn ask(&self, token: &str, name: &str, input: Json, select: &str) -> Done {
        let use_case: &UseCase = use_case(name).unwrap_or_else(|| panic!("no use case {name}"));
        let (field, form) = (camel(name), use_case.form.name);
        let record = camel((use_case.resource)().singular);
        let query = format!(
            "mutation($input: {form}Input!) {{ {field}(input: $input) {{ {record} {{ {select} }} \
             userErrors {{ field code message }} }} }}"
        );
        let answer = self.t.ask(token, &query, json!({"input": input})).await;
        Done {
            body: answer.body,
            field,
            record,
        }
    }

    /// Sends a mutation.
    pub async fn change(&self, token: &str, name: &str, input: Json) -> Done {
        self.ask(token, name, input, "id revision").await
    }

    /// Sends `media_upload` with a picture for `home`.
    pub async fn upload(&self, token: &str, picture: &[u8]) -> Done {
        let query = format!(
            "mutation($file: Upload!) {{ mediaUpload(input: {{file: $file, workspace: \"{}\"}}) \
             {{ mediaItem {{ id revision }} userErrors {{ field code message }} }} }}",
            self.home
        );
        let operations = json!({"query": query, "variables": {"file": null}});
        let head = format!(
            "--cut\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{operations}\r\n\
             --cut\r\nContent-Disposition: form-data; name=\"map\"\r\n\r\n{{\"0\": [\"variables.file\"]}}\r\n\
             --cut\r\nContent-Disposition: form-data; name=\"0\"; filename=\"a.png\"\r\n\
             Content-Type: image/png\r\n\r\n"
        );
        let body = [head.as_bytes(), picture, b"\r\n--cut--\r\n"].concat();
        let request = self.t.http.post(format!("{}/graphql", self.t.url));
        let request = request
            .bearer_auth(token)
            .header("accept", "application/graphql-response+json")
            .header("content-type", "multipart/form-data; boundary=cut")
            .header("graphql-preflight", "1");
        let response = request.body(body).send().await.expect("an answer");
        Done {
            body: response.json().await.expect("JSON"),
            field: "mediaUpload".into(),
            record: "mediaItem".into(),
        }
    }

    /// All rows.
    pub async fn snapshot(&self) -> Snapshot {
        snapshot::take(self.t).await
    }

    /// The number a statement finds.
    pub async fn count(&self, sql: &str) -> i64 {
        let rows = self.t.db().rows(sql.to_owned(), Vec::<Arg>::new()).await;
        let rows = rows.expect("the statement runs");
        rows[0].int(0).expect("a number")
    }

    /// How many rows the record has of an outcome.
    pub async fn events(&self, outcome: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM audit_events WHERE outcome = '{outcome}'");
        self.count(&sql).await
    }

    /// Actions and outcomes of the latest rows of the record, oldest first.
    pub async fn latest(&self, count: usize) -> Vec<String> {
        let sql = format!(
            "SELECT action || ' ' || outcome FROM audit_events ORDER BY pk DESC LIMIT {count}"
        );
        let rows = self.t.db().rows(sql, Vec::<Arg>::new()).await;
        let rows = rows.expect("the statement runs");
        let texts = rows.iter().rev().map(|row| row.text(0));
        texts.map(|t| t.unwrap_or_default().to_owned()).collect()
    }

    /// Sends a mutation that is refused: with this word, with sentences that hold these texts, and
    /// without a trace but the one in the record that a role was refused.
    pub async fn refuse(&self, token: &str, name: &str, input: Json, word: &str, says: &[&str]) {
        let what = format!("{name} {input}");
        let (before, done) = (self.snapshot().await, self.events("done").await);
        let refused = self.events("refused").await;
        let answer = self.change(token, name, input).await;
        assert_eq!(answer.word(), word, "{what}: {:#}", answer.body);
        let mistakes = answer.mistakes();
        assert_eq!(mistakes.len(), says.len(), "{what}: {mistakes:#?}");
        for (mistake, text) in mistakes.iter().zip(says) {
            assert!(mistake.contains(text), "{what}: `{mistake}` lacks `{text}`");
        }
        snapshot::assert_same(&before, &self.snapshot().await, &what);
        assert_eq!(self.events("done").await, done, "{what}");
        let more = i64::from(word == "forbidden");
        assert_eq!(self.events("refused").await, refused + more, "{what}");
    }

    /// A connector of the organization; `more` adds attributes.
    pub async fn connector(&self, more: Json) -> String {
        let slug = self.fresh("connector");
        let mut input =
            json!({"slug": slug, "name": slug, "category": "tools", "direction": "BOTH"});
        for (name, value) in more.as_object().into_iter().flatten() {
            input[name] = value.clone();
        }
        let made = self.change(&self.root, "connector_create", input).await;
        made.id()
    }

    /// An installation of a new connector in `home`, active, by the holder of a token.
    pub async fn installed(&self, token: &str) -> String {
        let connector = self.connector(json!({})).await;
        let input = json!({"connector": connector, "workspace": self.home});
        let made = self.change(token, "workspace_connector_install", input);
        made.await.id()
    }

    /// Sets the state of an installation, as the service or the operator would.
    pub async fn set_status(&self, id: &str, status: &str) {
        let id = match self.t.is_sqlite() {
            true => format!("x'{}'", id.replace('-', "")),
            false => format!("'{id}'"),
        };
        let sql = format!("UPDATE workspace_connectors SET status = '{status}' WHERE id = {id}");
        self.t.execute(&sql).await;
    }
}
