//! From resources of a file to rows that can be written: every attribute judged, every problem
//! reported with the position of its row.

use super::file::{Item, Items};
use crate::error::Problem;
use crate::query::Choice;
use crate::resource::choice;
use crate::service::{is_slug, slugify};
use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// Most problems that are reported; a file of another kind makes one for every row.
const MAX_PROBLEMS: usize = 1000;
/// Longest text of an indexed column, in bytes: PostgreSQL's indexes hold no longer ones.
const MAX_SHORT: usize = 500;
/// Longest text of any column, in bytes.
const MAX_LONG: usize = 10_000;

/// A category of a file.
#[derive(Debug)]
pub struct Category {
    pub position: String,
    pub id: Option<String>,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
}

/// A provider of a file.
#[derive(Debug)]
pub struct Provider {
    pub position: String,
    pub id: Option<String>,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub url: Option<String>,
    pub category: Option<String>,
    pub countries: Json,
    pub searchable_terms: Json,
}

/// A publishing workspace of a file.
#[derive(Debug)]
pub struct Workspace {
    pub position: String,
    pub id: Option<String>,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub website: Option<String>,
    pub external_id: Option<String>,
}

/// A picture of a file.
#[derive(Debug)]
pub struct Media {
    pub id: Option<String>,
    pub media_type: String,
    pub label: Option<String>,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub file_size: Option<i32>,
    pub url: Option<String>,
    pub upload_url: Option<String>,
    pub path: Option<String>,
}

/// A connector of a file.
#[derive(Debug)]
pub struct Connector {
    pub position: String,
    pub id: Option<String>,
    pub slug: String,
    pub name: String,
    pub description: Option<String>,
    pub category: String,
    pub direction: String,
    pub tags: Json,
    pub status: String,
    pub state: Option<String>,
    pub version: Option<String>,
    pub data_quality: Option<Json>,
    pub redirect_url: Option<String>,
    pub website: Option<String>,
    pub endpoint_url: Option<String>,
    pub provider: Option<String>,
    pub authorization_flow: Option<String>,
    pub transport: Option<String>,
    pub external_connector_id: Option<String>,
    pub service_id: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    /// What the relationships name, as the file spells it.
    pub published_by: Option<String>,
    pub logo: Option<String>,
    pub maker: Option<String>,
}

/// Everything in a file, judged.
#[derive(Debug, Default)]
pub struct File {
    pub categories: Vec<Category>,
    pub providers: Vec<Provider>,
    pub workspaces: Vec<Workspace>,
    pub media: Vec<Media>,
    pub connectors: Vec<Connector>,
    pub ignored: BTreeMap<String, u64>,
}

/// Judges the resources of a file, and adds to the problems there are already.
pub fn read((items, mut problems): Items) -> Result<File, Vec<Problem>> {
    let mut file = File::default();
    let mut slugs: HashMap<(String, Option<String>), String> = HashMap::new();
    let mut ids: HashMap<String, String> = HashMap::new();
    for item in items {
        let kind = item.kind.clone();
        let mut row = Reader {
            item,
            problems: &mut problems,
        };
        match kind.as_str() {
            "category" => file.categories.push(row.category()),
            "provider" => file.providers.push(row.provider()),
            "workspace" => file.workspaces.push(row.workspace()),
            "media" => file.media.push(row.media()),
            "connector" => {
                let connector = row.connector();
                let key = (connector.slug.clone(), connector.published_by.clone());
                if let Some(other) = slugs.insert(key, connector.position.clone()) {
                    row.refuse("slug", format!("`{}` is also the slug of {other}", connector.slug));
                }
                let given = connector.id.clone().map(|id| (ids.insert(id.clone(), connector.position.clone()), id));
                if let Some((Some(other), id)) = given {
                    row.wrong("id", format!("`{id}` is also the identifier of {other}"));
                }
                file.connectors.push(connector);
            }
            other => row.wrong("type", format!(
                "`{other}` is not read from files; the types are category, provider, workspace, media, connector"
            )),
        }
        for name in row.item.attributes.keys() {
            *file.ignored.entry(format!("{kind}.{name}")).or_default() += 1;
        }
    }
    problems.truncate(MAX_PROBLEMS);
    if problems.is_empty() {
        Ok(file)
    } else {
        Err(problems)
    }
}

/// Takes attributes out of a resource, judging each; what is left at the end nobody asked for.
struct Reader<'a> {
    item: Item,
    problems: &'a mut Vec<Problem>,
}

impl Reader<'_> {
    fn wrong(&mut self, path: &str, issue: impl Into<String>) {
        self.problems.push(Problem::new(
            format!("{}.{path}", self.item.position),
            issue,
        ));
    }

    fn refuse(&mut self, attribute: &str, issue: impl Into<String>) {
        self.wrong(&format!("attributes.{attribute}"), issue);
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        self.item.attributes.remove(name).filter(|v| !v.is_null())
    }

    fn text(&mut self, name: &str, most: usize) -> Option<String> {
        match self.take(name)? {
            Json::String(text) if text.trim().is_empty() => None,
            Json::String(text) if text.len() > most => {
                self.refuse(
                    name,
                    format!("has {} bytes; the limit is {most}", text.len()),
                );
                None
            }
            Json::String(text) if text.contains('\0') => {
                self.refuse(name, "holds a NUL character");
                None
            }
            Json::String(text) => Some(text),
            other => {
                self.refuse(name, format!("must be a text, not {}", kind_of(&other)));
                None
            }
        }
    }

    fn required(&mut self, name: &str, most: usize) -> String {
        let missing = self
            .item
            .attributes
            .get(name)
            .is_none_or(|v| v.is_null() || v.as_str().is_some_and(|t| t.trim().is_empty()));
        if missing {
            self.take(name);
            self.refuse(name, "is required");
            return String::new();
        }
        self.text(name, most).unwrap_or_default()
    }

    fn url(&mut self, name: &str) -> Option<String> {
        let text = self.text(name, MAX_SHORT)?;
        let web = url::Url::parse(&text)
            .is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
        if !web {
            self.refuse(
                name,
                format!("must be an http or https address, not `{text}`"),
            );
        }
        web.then_some(text)
    }

    fn slug(&mut self, name: &str) -> String {
        let slug = self
            .text("slug", MAX_SHORT)
            .unwrap_or_else(|| slugify(name));
        if !is_slug(&slug) && !name.is_empty() {
            self.refuse("slug", format!("must be lower-case letters and digits joined by `-` or `_`, at most 100 of them, not `{slug}`"));
        }
        slug
    }

    fn word(&mut self, name: &str, choice: &Choice, aliases: &[(&str, &str)]) -> Option<String> {
        let text = self.text(name, MAX_SHORT)?;
        let word = aliases
            .iter()
            .find(|(alias, _)| *alias == text)
            .map_or(text.as_str(), |(_, word)| word);
        if choice.has(word) {
            return Some(word.to_owned());
        }
        let known: Vec<_> = choice.values.iter().map(|(word, _)| *word).collect();
        self.refuse(
            name,
            format!("must be one of {}, not `{text}`", known.join(", ")),
        );
        None
    }

    fn texts(&mut self, name: &str, most: usize) -> Json {
        match self.take(name) {
            None => Json::Array(Vec::new()),
            Some(Json::Array(list)) if list.len() > most => {
                self.refuse(
                    name,
                    format!("has {} items; the limit is {most}", list.len()),
                );
                Json::Array(Vec::new())
            }
            Some(Json::Array(list))
                if list.iter().all(|v| {
                    v.as_str()
                        .is_some_and(|t| t.len() <= 64 && !t.contains('\0'))
                }) =>
            {
                Json::Array(list)
            }
            Some(_) => {
                self.refuse(name, "must be a list of texts of at most 64 bytes");
                Json::Array(Vec::new())
            }
        }
    }

    fn object(&mut self, name: &str) -> Option<Json> {
        match self.take(name)? {
            // A NUL character is written like this and stands behind no other backslash.
            object @ Json::Object(_)
                if object.to_string().replace("\\\\", "").contains("\\u0000") =>
            {
                self.refuse(name, "holds a NUL character");
                None
            }
            object @ Json::Object(_) if object.to_string().len() <= MAX_LONG => Some(object),
            Json::Object(_) => {
                self.refuse(name, format!("is larger than {MAX_LONG} bytes"));
                None
            }
            other => {
                self.refuse(name, format!("must be an object, not {}", kind_of(&other)));
                None
            }
        }
    }

    fn moment(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.text(name, MAX_SHORT)?;
        match DateTime::parse_from_rfc3339(&text) {
            Ok(moment) => Some(moment.to_utc().trunc_subsecs(6)),
            Err(_) => {
                self.refuse(name, format!("must be an RFC 3339 moment, not `{text}`"));
                None
            }
        }
    }

    fn size(&mut self, name: &str) -> Option<i32> {
        let value = self.take(name)?;
        let size = value
            .as_i64()
            .and_then(|n| i32::try_from(n).ok())
            .filter(|n| *n >= 0);
        if size.is_none() {
            self.refuse(
                name,
                format!("must be a whole number from 0 to {}, not {value}", i32::MAX),
            );
        }
        size
    }

    fn named(&mut self, relationship: &str) -> Option<String> {
        match self.item.one.remove(relationship)? {
            Json::Null => None,
            Json::String(id) => Some(id),
            Json::Number(id) => Some(id.to_string()),
            other => {
                let issue = format!(
                    "must name one resource by its `id`, not {}",
                    kind_of(&other)
                );
                self.wrong(&format!("relationships.{relationship}"), issue);
                None
            }
        }
    }

    /// Leaves attributes out that the server itself owns.
    fn owned(&mut self, names: &[&str]) {
        for name in names {
            self.item.attributes.remove(*name);
        }
    }

    fn category(&mut self) -> Category {
        let name = self.required("name", MAX_SHORT);
        self.owned(&["created_at", "updated_at"]);
        Category {
            position: self.item.position.clone(),
            id: self.item.id.clone(),
            slug: self.slug(&name),
            name,
            description: self.text("description", MAX_LONG),
        }
    }

    fn provider(&mut self) -> Provider {
        let name = self.required("name", MAX_SHORT);
        self.owned(&["created_at", "updated_at", "deleted_at"]);
        Provider {
            position: self.item.position.clone(),
            id: self.item.id.clone(),
            slug: self.slug(&name),
            name,
            description: self.text("description", MAX_LONG),
            url: self.url("url"),
            category: self.text("category", MAX_SHORT),
            countries: self.texts("countries", 300),
            searchable_terms: self.texts("searchable_terms", 100),
        }
    }

    fn workspace(&mut self) -> Workspace {
        let name = self.required("name", 400);
        self.owned(&["created_at", "updated_at", "deleted_at"]);
        let external = self.text("external_workspace_id", MAX_SHORT);
        Workspace {
            position: self.item.position.clone(),
            id: self.item.id.clone(),
            slug: self.slug(&name),
            name,
            description: self.text("description", MAX_LONG),
            website: self.url("website"),
            external_id: external.or_else(|| self.text("external_id", MAX_SHORT)),
        }
    }

    fn media(&mut self) -> Media {
        self.owned(&[
            "created_at",
            "updated_at",
            "deleted_at",
            "is_primary",
            "uploaded_at",
            "processed_at",
        ]);
        Media {
            id: self.item.id.clone(),
            media_type: self
                .word("media_type", &choice::MEDIA_TYPE, &[])
                .unwrap_or_else(|| "logo".into()),
            label: self.text("label", MAX_SHORT),
            file_name: self.text("file_name", MAX_SHORT),
            content_type: self.text("content_type", MAX_SHORT),
            file_size: self.size("file_size"),
            url: self.text("url", MAX_SHORT),
            upload_url: self.url("upload_url"),
            path: self.text("path", MAX_SHORT),
        }
    }

    fn connector(&mut self) -> Connector {
        const DIRECTIONS: &[(&str, &str)] = &[
            ("input", "import"),
            ("source", "import"),
            ("output", "export"),
            ("destination", "export"),
        ];
        let name = self.required("name", MAX_SHORT);
        let direction = match self.item.attributes.get("direction") {
            None | Some(Json::Null) => {
                self.refuse("direction", "is required: import, export or both");
                None
            }
            Some(_) => self.word("direction", &choice::DIRECTION, DIRECTIONS),
        };
        self.owned(&["updated_at", "deleted_at", "category_id"]);
        Connector {
            position: self.item.position.clone(),
            id: self.item.id.clone(),
            slug: self.slug(&name),
            name,
            description: self.text("description", MAX_LONG),
            category: self.category_slug(),
            direction: direction.unwrap_or_default(),
            tags: self.texts("tags", 50),
            status: self
                .word("status", &choice::CONNECTOR_STATUS, &[])
                .unwrap_or_else(|| "active".into()),
            state: self.text("state", MAX_SHORT),
            version: self.text("version", MAX_SHORT),
            data_quality: self.object("data_quality"),
            redirect_url: self.url("redirect_url"),
            website: self.url("website"),
            endpoint_url: self.url("endpoint_url"),
            provider: self.word("provider", &choice::CONNECTOR_PROVIDER, &[]),
            authorization_flow: self.word("authorization_flow", &choice::AUTHORIZATION_FLOW, &[]),
            transport: self.word("transport", &choice::TRANSPORT, &[]),
            external_connector_id: self.text("external_connector_id", MAX_SHORT),
            service_id: self.text("service_id", MAX_SHORT),
            created_at: self.moment("created_at"),
            published_by: self.named("published_by"),
            logo: self.named("logo"),
            maker: self.named("provider"),
        }
    }

    /// The category's slug, by attribute or relationship.
    fn category_slug(&mut self) -> String {
        let related = self.named("category");
        let given = self
            .item
            .attributes
            .get("category")
            .is_some_and(|v| !v.is_null());
        if let (false, Some(named)) = (given, related) {
            return named;
        }
        let slug = self.required("category", MAX_SHORT);
        if !slug.is_empty() && !is_slug(&slug) {
            self.refuse(
                "category",
                format!("must be the slug of a category, e.g. `crm`, not `{slug}`"),
            );
        }
        slug
    }
}

fn kind_of(value: &Json) -> String {
    match value {
        Json::Array(_) => "a list".into(),
        Json::Object(_) => "an object".into(),
        other => {
            let mut text = String::new();
            let _ = write!(text, "`{other}`");
            text
        }
    }
}
