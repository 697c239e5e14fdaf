//! One row after the other, from one stream of random numbers for each table, so that a larger
//! set of one table does not change the rows of another.

use super::{Size, word};
use crate::service::catalogue::{MONOGRAMS, monogram};
use crate::service::slugify;
use chrono::{DateTime, Duration, Utc};
use entity::connector::{
    AuthorizationFlow, ConnectorProvider, Direction, Status as ConnectorStatus, Transport,
};
use entity::connector_mapping::TargetModel;
use entity::membership::Role;
use entity::sync_diagnostic::Reason;
use entity::workspace::{Kind, Stage};
use entity::workspace_connector::Status;
use entity::{
    category, connector, connector_mapping, media, membership, person, provenance_link, provider,
    provider_connector, sync_diagnostic, sync_log, sync_target, workspace, workspace_connector,
};
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

/// The first moment of the data set, in seconds: 2024-01-01T00:00:00Z.
const EPOCH: i64 = 1_704_067_200;
/// How long the data set lasts, in seconds: two years.
const SPAN: i64 = 2 * 365 * 86_400;

/// Tables, to number their identifiers and streams.
#[derive(Clone, Copy)]
enum Table {
    Workspace = 1,
    Person,
    Membership,
    Category,
    Provider,
    Media,
    Connector,
    Tie,
    Installation,
    Log,
    Mapping,
    Diagnostic,
    Target,
    Link,
}

/// Makes rows; asked for the same row twice it makes the same row.
pub(super) struct Maker {
    size: Size,
    categories: Vec<Uuid>,
}

impl Maker {
    pub fn new(size: Size) -> Self {
        Maker {
            size,
            categories: Vec::new(),
        }
    }

    /// The random numbers of one row.
    fn random(&self, table: Table, i: usize) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(
            self.size.seed ^ (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
        );
        random.set_stream(table as u64);
        random
    }

    /// A version 8 UUID (RFC 9562) of table, seed and number.
    fn id(&self, table: Table, i: usize) -> Uuid {
        let mut random = self.random(table, i);
        random.set_word_pos(1 << 20);
        let mut bytes = [0; 16];
        random.fill_bytes(&mut bytes);
        Uuid::new_v8(bytes)
    }

    pub fn root_slug(&self) -> String {
        format!("generated-{}", self.size.seed)
    }

    /// Groups below the root: about the square root of all.
    fn groups(&self) -> usize {
        self.size
            .workspaces
            .isqrt()
            .min(self.size.workspaces.saturating_sub(1))
    }

    /// The workspace above: root above groups, groups above the rest, large groups larger.
    fn parent(&self, i: usize) -> Option<usize> {
        match i {
            0 => None,
            i if i <= self.groups() => Some(0),
            i => Some(1 + skewed(&mut self.random(Table::Workspace, i), self.groups())),
        }
    }

    fn path(&self, i: usize) -> String {
        let above = self
            .parent(i)
            .map_or_else(|| "/".to_owned(), |p| self.path(p));
        format!("{above}{}/", self.id(Table::Workspace, i))
    }

    pub fn workspace(&mut self, i: usize) -> workspace::ActiveModel {
        let mut random = self.random(Table::Workspace, i);
        random.set_word_pos(64);
        let name = pair(&mut random);
        let (slug, name) = match i {
            0 => (self.root_slug(), format!("Generated {}", self.size.seed)),
            i => (
                format!("{}-{}-{i}", slugify(&name), self.size.seed),
                format!("{name} {i}"),
            ),
        };
        let made = moment(&mut random);
        workspace::ActiveModel {
            id: Set(self.id(Table::Workspace, i)),
            slug: Set(slug),
            name: Set(name),
            description: Set(Some("A made-up workspace.".into())),
            kind: Set(if i == 0 {
                Kind::Organization
            } else {
                Kind::Workspace
            }),
            organization_id: Set(self.id(Table::Workspace, 0)),
            parent_workspace_id: Set(self.parent(i).map(|p| self.id(Table::Workspace, p))),
            path: Set(self.path(i)),
            external_workspace_id: Set(i
                .is_multiple_of(3)
                .then(|| format!("ext-{}-{i}", self.size.seed))),
            website: Set(None),
            avatar_image: Set(None),
            avatar_color: Set(Some("#5B8DEF".into())),
            media_id: Set(None),
            trusted: Set(i.is_multiple_of(10)),
            auto_extract_enabled: Set(true),
            stage: Set(if i % 50 == 49 {
                Stage::Suspended
            } else {
                Stage::Active
            }),
            timezone: Set(Some("Europe/Paris".into())),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    pub fn person(&mut self, i: usize) -> person::ActiveModel {
        let mut random = self.random(Table::Person, i);
        let (given, family) = (
            pick(&mut random, word::GIVEN),
            pick(&mut random, word::FAMILY),
        );
        let made = moment(&mut random);
        person::ActiveModel {
            id: Set(self.id(Table::Person, i)),
            full_name: Set(format!("{given} {family}")),
            first_name: Set(given.into()),
            last_name: Set(Some(family.into())),
            email: Set(Some(format!("{}.{i}@example.com", slugify(given)))),
            job_title: Set(random
                .random_bool(0.7)
                .then(|| pick(&mut random, word::TITLES).into())),
            avatar_image: Set(None),
            media_id: Set(None),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    pub fn membership(&mut self, i: usize) -> membership::ActiveModel {
        let mut random = self.random(Table::Membership, i);
        let made = moment(&mut random);
        membership::ActiveModel {
            id: Set(self.id(Table::Membership, i)),
            workspace_id: Set(self.id(Table::Workspace, i)),
            person_id: Set(self.id(Table::Person, i)),
            role: Set(weighted(
                &mut random,
                &[
                    (3, Role::Owner),
                    (2, Role::Admin),
                    (4, Role::Member),
                    (1, Role::Viewer),
                ],
            )),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    /// The categories that are missing; those there are used as well.
    pub fn categories(&mut self, known: Vec<category::Model>) -> Vec<category::ActiveModel> {
        let mut missing = Vec::new();
        for (i, (slug, name)) in word::CATEGORIES.iter().enumerate() {
            match known.iter().find(|c| c.slug == *slug) {
                Some(known) => self.categories.push(known.id),
                None => {
                    let id = self.id(Table::Category, i);
                    self.categories.push(id);
                    missing.push(category::ActiveModel {
                        id: Set(id),
                        slug: Set((*slug).into()),
                        name: Set((*name).into()),
                        description: Set(None),
                        created_at: Set(at(0)),
                        updated_at: Set(at(0)),
                        ..Default::default()
                    });
                }
            }
        }
        missing
    }

    pub fn provider_count(&self) -> usize {
        self.size.connectors.div_ceil(20)
    }

    pub fn provider(&mut self, i: usize) -> provider::ActiveModel {
        let mut random = self.random(Table::Provider, i);
        let name = format!("{} {i}", pair(&mut random));
        let made = moment(&mut random);
        provider::ActiveModel {
            id: Set(self.id(Table::Provider, i)),
            slug: Set(format!("{}-{}", slugify(&name), self.size.seed)),
            url: Set(Some(format!("https://{}.example.com", slugify(&name)))),
            name: Set(name),
            description: Set(None),
            logo_id: Set(None),
            category: Set(Some("Software".into())),
            countries: Set(json!(["FR"])),
            searchable_terms: Set(json!([])),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    /// The workspace that publishes a connector; one in ten is everyone's.
    fn publisher(&self, i: usize) -> Option<usize> {
        let mut random = self.random(Table::Connector, i);
        (!random.random_bool(0.1)).then(|| skewed(&mut random, self.size.workspaces))
    }

    fn connector_name(&self, i: usize) -> String {
        let mut random = self.random(Table::Connector, i);
        random.set_word_pos(64);
        format!("{} {i}", pair(&mut random))
    }

    pub fn logo(&mut self, i: usize) -> media::ActiveModel {
        let (id, name) = (self.id(Table::Media, i), self.connector_name(i));
        let made = moment(&mut self.random(Table::Media, i));
        let publisher = self.publisher(i);
        media::ActiveModel {
            id: Set(id),
            workspace_id: Set(publisher.map(|p| self.id(Table::Workspace, p))),
            organization_id: Set(publisher.map(|_| self.id(Table::Workspace, 0))),
            media_type: Set(media::MediaType::Logo),
            file_name: Set(Some(format!("{}.svg", slugify(&name)))),
            content_type: Set(Some("image/svg+xml".into())),
            file_size: Set(i32::try_from(monogram(&name).len()).ok()),
            url: Set(Some(format!("/media/{id}"))),
            path: Set(Some(format!("{MONOGRAMS}{}.svg", slugify(&name)))),
            label: Set(Some(name)),
            is_primary: Set(true),
            uploaded_at: Set(Some(made)),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    pub fn connector(&mut self, i: usize) -> connector::ActiveModel {
        let name = self.connector_name(i);
        let mut random = self.random(Table::Connector, i);
        random.set_word_pos(128);
        let made = moment(&mut random);
        let publisher = self.publisher(i);
        let category = skewed(&mut random, self.categories.len());
        connector::ActiveModel {
            id: Set(self.id(Table::Connector, i)),
            slug: Set(format!("{}-{}", slugify(&name), self.size.seed)),
            description: Set(Some(format!("Reads and writes the records of {name}."))),
            category_id: Set(self.categories.get(category).copied().unwrap_or_default()),
            direction: Set(weighted(
                &mut random,
                &[
                    (5, Direction::Import),
                    (2, Direction::Export),
                    (3, Direction::Both),
                ],
            )),
            tags: Set(json!([
                slugify(pick(&mut random, word::SECOND)),
                "generated"
            ])),
            status: Set(weighted(
                &mut random,
                &[
                    (80, ConnectorStatus::Active),
                    (6, ConnectorStatus::Inactive),
                    (6, ConnectorStatus::ComingSoon),
                    (3, ConnectorStatus::Maintenance),
                    (5, ConnectorStatus::Deprecated),
                ],
            )),
            state: Set(Some("active".into())),
            version: Set(Some(format!(
                "{}.{}.{}",
                random.random_range(1..5),
                random.random_range(0..20),
                random.random_range(0..10)
            ))),
            data_quality: Set(Some(json!({"imported_fields": ["company", "people"]}))),
            redirect_url: Set(None),
            website: Set(Some(format!("https://{}.example.com", slugify(&name)))),
            endpoint_url: Set(None),
            provider: Set(weighted(
                &mut random,
                &[
                    (6, None),
                    (2, Some(ConnectorProvider::Well)),
                    (1, Some(ConnectorProvider::Apideck)),
                    (1, Some(ConnectorProvider::Chift)),
                ],
            )),
            authorization_flow: Set(weighted(
                &mut random,
                &[
                    (5, Some(AuthorizationFlow::Oauth2)),
                    (3, Some(AuthorizationFlow::ApiKey)),
                    (1, Some(AuthorizationFlow::Basic)),
                    (1, None),
                ],
            )),
            transport: Set(weighted(
                &mut random,
                &[
                    (6, Some(Transport::Rest)),
                    (2, Some(Transport::Mcp)),
                    (1, Some(Transport::Webhook)),
                    (1, None),
                ],
            )),
            external_connector_id: Set(i.is_multiple_of(2).then(|| format!("xc_{i:06}"))),
            service_id: Set(Some(slugify(&name))),
            published_by_id: Set(publisher.map(|p| self.id(Table::Workspace, p))),
            organization_id: Set(publisher.map(|_| self.id(Table::Workspace, 0))),
            logo_id: Set(Some(self.id(Table::Media, i))),
            name: Set(name),
            created_at: Set(made),
            updated_at: Set(made + Duration::seconds(random.random_range(0..86_400 * 30))),
            ..Default::default()
        }
    }

    pub fn tie(&mut self, i: usize) -> provider_connector::ActiveModel {
        let mut random = self.random(Table::Tie, i);
        let made = moment(&mut random);
        provider_connector::ActiveModel {
            id: Set(self.id(Table::Tie, i)),
            provider_id: Set(self.id(Table::Provider, skewed(&mut random, self.provider_count()))),
            connector_id: Set(self.id(Table::Connector, i)),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    /// The workspace of an installation: half of them anywhere, half in the large ones.
    fn home(&self, i: usize) -> usize {
        let mut random = self.random(Table::Installation, i);
        if random.random_bool(0.5) {
            random.random_range(0..self.size.workspaces)
        } else {
            skewed(&mut random, self.size.workspaces)
        }
    }

    pub fn installation(&mut self, i: usize) -> workspace_connector::ActiveModel {
        let home = self.home(i);
        let mut random = self.random(Table::Installation, i);
        random.set_word_pos(64);
        let connector = skewed(&mut random, self.size.connectors);
        let made = moment(&mut random);
        workspace_connector::ActiveModel {
            id: Set(self.id(Table::Installation, i)),
            workspace_id: Set(self.id(Table::Workspace, home)),
            connector_id: Set(self.id(Table::Connector, connector)),
            person_id: Set(random
                .random_bool(0.8)
                .then(|| self.id(Table::Person, home))),
            connector_filter_id: Set(None),
            status: Set(weighted(
                &mut random,
                &[
                    (70, Status::Active),
                    (8, Status::ToConfigure),
                    (6, Status::NeedReconnect),
                    (5, Status::Error),
                    (4, Status::Disabled),
                    (3, Status::Processing),
                    (2, Status::Degraded),
                    (2, Status::Suspended),
                ],
            )),
            label: Set(random.random_bool(0.3).then(|| pair(&mut random))),
            config: Set(None),
            created_at: Set(made),
            updated_at: Set(made + Duration::seconds(random.random_range(0..86_400 * 30))),
            ..Default::default()
        }
    }

    pub fn sync_log(&mut self, i: usize) -> sync_log::ActiveModel {
        use sync_log::{Status, TriggerType};
        let mut random = self.random(Table::Log, i);
        let started = moment(&mut random);
        let milliseconds = random.random_range(50..90_000);
        let status = weighted(
            &mut random,
            &[
                (85, Status::Success),
                (10, Status::Error),
                (3, Status::InProgress),
                (2, Status::Scheduled),
            ],
        );
        let ended = matches!(status, Status::Success | Status::Error);
        sync_log::ActiveModel {
            id: Set(self.id(Table::Log, i)),
            workspace_connector_id: Set(self.id(Table::Installation, i)),
            workspace_id: Set(self.id(Table::Workspace, self.home(i))),
            trigger_type: Set(Some(weighted(
                &mut random,
                &[
                    (6, TriggerType::Scheduled),
                    (2, TriggerType::Manual),
                    (1, TriggerType::Webhook),
                    (1, TriggerType::Initial),
                ],
            ))),
            started_at: Set((status != Status::Scheduled).then_some(started)),
            completed_at: Set(ended.then(|| started + Duration::milliseconds(milliseconds.into()))),
            duration_ms: Set(ended.then_some(milliseconds)),
            error: Set((status == Status::Error).then(|| pick(&mut random, word::ERRORS).into())),
            cloud_task_id: Set(random.random_bool(0.5).then(|| format!("task-{i}"))),
            metadata: Set(Some(
                json!({"records_synced": random.random_range(0..5_000)}),
            )),
            status: Set(status),
            created_at: Set(started),
            updated_at: Set(started),
            ..Default::default()
        }
    }

    pub fn mapping(&mut self, i: usize) -> connector_mapping::ActiveModel {
        let mut random = self.random(Table::Mapping, i);
        let made = moment(&mut random);
        connector_mapping::ActiveModel {
            id: Set(self.id(Table::Mapping, i)),
            workspace_connector_id: Set(self.id(Table::Installation, i)),
            workspace_id: Set(self.id(Table::Workspace, self.home(i))),
            target_model: Set(target_model(&mut random)),
            tool_name: Set(pick(&mut random, word::TOOLS).into()),
            expression: Set("items.{ \"name\": title }".into()),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    pub fn diagnostic(&mut self, i: usize) -> sync_diagnostic::ActiveModel {
        let mut random = self.random(Table::Diagnostic, i);
        let made = moment(&mut random);
        sync_diagnostic::ActiveModel {
            id: Set(self.id(Table::Diagnostic, i)),
            workspace_connector_id: Set(self.id(Table::Installation, i)),
            workspace_id: Set(self.id(Table::Workspace, self.home(i))),
            target_model: Set(target_model(&mut random)),
            tool_name: Set(Some(pick(&mut random, word::TOOLS).into())),
            reason: Set(weighted(
                &mut random,
                &[
                    (4, Reason::RateLimited),
                    (3, Reason::Timeout),
                    (2, Reason::SchemaMismatch),
                    (1, Reason::AuthorizationFailed),
                ],
            )),
            detail: Set(Some(pick(&mut random, word::ERRORS).into())),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    pub fn target(&mut self, i: usize) -> sync_target::ActiveModel {
        let mut random = self.random(Table::Target, i);
        let made = moment(&mut random);
        sync_target::ActiveModel {
            id: Set(self.id(Table::Target, i)),
            workspace_connector_id: Set(self.id(Table::Installation, i)),
            workspace_id: Set(self.id(
                Table::Workspace,
                random.random_range(0..self.size.workspaces),
            )),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }

    pub fn link(&mut self, i: usize) -> provenance_link::ActiveModel {
        use provenance_link::{Direction, Kind};
        let mut random = self.random(Table::Link, i);
        let made = moment(&mut random);
        let kind = weighted(
            &mut random,
            &[
                (4, Kind::Document),
                (3, Kind::Invoice),
                (2, Kind::Transaction),
                (1, Kind::Account),
            ],
        );
        provenance_link::ActiveModel {
            id: Set(self.id(Table::Link, i)),
            workspace_connector_id: Set(self.id(Table::Installation, i)),
            workspace_id: Set(self.id(Table::Workspace, self.home(i))),
            kind: Set(kind),
            record_id: Set(Uuid::new_v8(random.random())),
            label: Set(Some(format!("{} {i}", pick(&mut random, word::SECOND)))),
            direction: Set(weighted(
                &mut random,
                &[(7, Direction::Input), (3, Direction::Output)],
            )),
            created_at: Set(made),
            updated_at: Set(made),
            ..Default::default()
        }
    }
}

fn target_model(random: &mut ChaCha8Rng) -> TargetModel {
    weighted(
        random,
        &[
            (4, TargetModel::Invoice),
            (3, TargetModel::Transaction),
            (2, TargetModel::Company),
            (1, TargetModel::People),
        ],
    )
}

/// A number below `count`, small ones far more often: the density falls with the square root.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "counts are far below 2^52"
)]
fn skewed(random: &mut ChaCha8Rng, count: usize) -> usize {
    let part: f64 = random.random();
    ((part * part * count as f64) as usize).min(count.saturating_sub(1))
}

fn pick(random: &mut ChaCha8Rng, list: &[&'static str]) -> &'static str {
    list[random.random_range(0..list.len())]
}

fn pair(random: &mut ChaCha8Rng) -> String {
    format!(
        "{} {}",
        pick(random, word::FIRST),
        pick(random, word::SECOND)
    )
}

fn weighted<T: Clone>(random: &mut ChaCha8Rng, choices: &[(u32, T)]) -> T {
    let mut at = random.random_range(0..choices.iter().map(|(weight, _)| weight).sum());
    for (weight, value) in choices {
        if at < *weight {
            return value.clone();
        }
        at -= weight;
    }
    choices[0].1.clone()
}

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(EPOCH + second, 0).unwrap_or_default()
}

/// A moment with microseconds; in a tenth of the rows whole days, so that many rows share one.
fn moment(random: &mut ChaCha8Rng) -> DateTime<Utc> {
    let second = random.random_range(0..SPAN);
    if random.random_bool(0.1) {
        return at(second - second % 86_400);
    }
    at(second) + Duration::microseconds(random.random_range(0..1_000_000))
}
