//! Rows with the values of the contract's examples.

use crate::support::TestApp;
use chrono::{DateTime, Utc};
use connectory::service::workspace;
use entity::membership::Role;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

/// The first workspace connector of the examples.
pub const FIRST: &str = "7a8b9c0d-1e2f-4304-95a6-b7c8d9e0f1a2";

fn id(text: &str) -> Uuid {
    Uuid::parse_str(text).expect("an identifier")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

/// Two connectors, their publisher and their logos; a token of the publisher.
pub async fn catalogue(t: &TestApp) -> String {
    let new = workspace::New {
        name: "Well Technologies".into(),
        ..workspace::New::default()
    };
    let made = workspace::create(t.db(), new).await.expect("a workspace");
    let owner = made.id;
    let mut row = made.into_active_model();
    row.description = Set(Some(
        "Open-source data integration and financial technology platform".into(),
    ));
    row.website = Set(Some("https://well.com".into()));
    row.external_workspace_id = Set(Some("well_org_001".into()));
    row.update(t.db().orm())
        .await
        .expect("the workspace changes");
    let salesforce = json!({"imported_fields": ["invoice", "company", "people"], "last_synced": "2025-06-20T09:00:00Z"});
    let github =
        json!({"imported_fields": ["company", "people"], "last_synced": "2025-06-19T15:30:00Z"});
    connector(
        t,
        owner,
        Example {
            id: "f47ac10b-58cc-4372-a567-0e02b2c3d479",
            slug: "salesforce",
            name: "Salesforce",
            description: "Connects to Salesforce CRM for sync.",
            category: "crm",
            direction: entity::connector::Direction::Import,
            tags: &["crm", "cloud", "sync"],
            version: "2.1.0",
            data_quality: salesforce,
            logo: ("550e8400-e29b-41d4-a716-446655440002", 15420),
            times: ["2025-10-07T14:30:00Z", "2025-10-07T14:30:00Z"],
        },
    )
    .await;
    connector(
        t,
        owner,
        Example {
            id: "a1b2c3d4-58cc-4372-a567-0e02b2c3d480",
            slug: "github",
            name: "GitHub",
            description: "Connects to GitHub for repository management and CI/CD.",
            category: "ci_cd",
            direction: entity::connector::Direction::Both,
            tags: &["git", "version-control", "ci-cd"],
            version: "1.5.2",
            data_quality: github,
            logo: ("550e8400-e29b-41d4-a716-446655440003", 18750),
            times: ["2025-09-15T08:00:00Z", "2025-10-01T12:00:00Z"],
        },
    )
    .await;
    t.token(owner, Role::Member).await
}

struct Example {
    id: &'static str,
    slug: &'static str,
    name: &'static str,
    description: &'static str,
    category: &'static str,
    direction: entity::connector::Direction,
    tags: &'static [&'static str],
    version: &'static str,
    data_quality: serde_json::Value,
    logo: (&'static str, i32),
    times: [&'static str; 2],
}

async fn connector(t: &TestApp, owner: Uuid, e: Example) {
    use entity::{category, connector, media};
    let now = at(e.times[0]);
    let category = category::ActiveModel {
        id: Set(Uuid::now_v7()),
        slug: Set(e.category.into()),
        name: Set(e.category.to_uppercase()),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let category = category.insert(t.db().orm()).await.expect("a category").id;
    let logo = media::ActiveModel {
        id: Set(id(e.logo.0)),
        workspace_id: Set(Some(owner)),
        organization_id: Set(Some(owner)),
        media_type: Set(media::MediaType::Logo),
        file_name: Set(Some(format!("{}_logo.png", e.slug))),
        content_type: Set(Some("image/png".into())),
        file_size: Set(Some(e.logo.1)),
        upload_url: Set(Some(format!(
            "https://storage.well.com/media/{}_logo.png",
            e.slug
        ))),
        is_primary: Set(true),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    media::Entity::insert(logo)
        .exec(t.db().orm())
        .await
        .expect("a logo");
    let row = connector::ActiveModel {
        id: Set(id(e.id)),
        slug: Set(e.slug.into()),
        name: Set(e.name.into()),
        description: Set(Some(e.description.into())),
        category_id: Set(category),
        public_config_keys: Set(json!(["account_label", "mailbox"])),
        direction: Set(e.direction),
        tags: Set(json!(e.tags)),
        status: Set(connector::Status::Active),
        state: Set(Some("active".into())),
        version: Set(Some(e.version.into())),
        data_quality: Set(Some(e.data_quality)),
        redirect_url: Set(Some(format!(
            "https://app.well.com/connectors/{}/success",
            e.slug
        ))),
        published_by_id: Set(Some(owner)),
        organization_id: Set(Some(owner)),
        logo_id: Set(Some(id(e.logo.0))),
        created_at: Set(now),
        updated_at: Set(at(e.times[1])),
        ..Default::default()
    };
    connector::Entity::insert(row)
        .exec(t.db().orm())
        .await
        .expect("a connector");
}

/// Two workspace connectors with one row on each of their relations; a token of their workspace.
pub async fn installations(t: &TestApp) -> String {
    use entity::{connector, person, workspace as space};
    let token = catalogue(t).await;
    let owner = space::Entity::find()
        .one(t.db().orm())
        .await
        .expect("rows")
        .expect("one")
        .id;
    let connector = connector::Entity::find()
        .one(t.db().orm())
        .await
        .expect("rows")
        .expect("one")
        .id;
    let person = person::Entity::find()
        .one(t.db().orm())
        .await
        .expect("rows")
        .expect("one")
        .id;
    let rows = [
        (
            FIRST,
            json!({"account_label": "Mercury operating", "access_token": "hidden"}),
            ["2026-06-01T09:14:00Z", "2026-06-07T08:00:00Z"],
        ),
        (
            "3b4c5d6e-7f80-4912-a3b4-c5d6e7f80912",
            json!({"mailbox": "remy@foldspace.ai", "label": {"account_label": "hidden"}}),
            ["2026-06-02T10:20:00Z", "2026-06-07T08:05:00Z"],
        ),
    ];
    for (name, config, times) in rows {
        installation(
            t,
            [owner, connector, person],
            id(name),
            config,
            times.map(at),
        )
        .await;
    }
    token
}

async fn installation(
    t: &TestApp,
    [owner, connector, person]: [Uuid; 3],
    id: Uuid,
    config: serde_json::Value,
    [made, changed]: [DateTime<Utc>; 2],
) {
    use entity::{connector_filter, workspace_connector};
    let orm = t.db().orm();
    let filter = connector_filter::ActiveModel {
        id: Set(Uuid::now_v7()),
        connector_id: Set(connector),
        workspace_id: Set(Some(owner)),
        template: Set(false),
        config: Set(json!({})),
        created_at: Set(made),
        updated_at: Set(made),
        ..Default::default()
    };
    let filter = filter.insert(orm).await.expect("a rule").id;
    let row = workspace_connector::ActiveModel {
        id: Set(id),
        workspace_id: Set(owner),
        connector_id: Set(connector),
        person_id: Set(Some(person)),
        connector_filter_id: Set(Some(filter)),
        status: Set(workspace_connector::Status::Active),
        config: Set(Some(config)),
        created_at: Set(made),
        updated_at: Set(changed),
        ..Default::default()
    };
    row.insert(orm).await.expect("an installation");
    below(t, owner, id, made).await;
}

/// One row on each to-many relation of an installation, and one link that is no document's.
async fn below(t: &TestApp, owner: Uuid, installation: Uuid, made: DateTime<Utc>) {
    use entity::{connector_mapping, provenance_link, sync_diagnostic, sync_log, sync_target};
    let orm = t.db().orm();
    macro_rules! plant {
        ($table:ident { $($field:ident: $value:expr),* $(,)? }) => {
            $table::ActiveModel {
                id: Set(Uuid::now_v7()),
                workspace_connector_id: Set(installation),
                workspace_id: Set(owner),
                created_at: Set(made),
                updated_at: Set(made),
                $($field: Set($value),)*
                ..Default::default()
            }
            .insert(orm)
            .await
            .expect("a row")
        };
    }
    plant!(sync_target {});
    plant!(connector_mapping {
        target_model: connector_mapping::TargetModel::Invoice,
        tool_name: "list".into(),
        expression: "$".into()
    });
    plant!(sync_diagnostic {
        target_model: connector_mapping::TargetModel::Invoice,
        reason: sync_diagnostic::Reason::Timeout
    });
    plant!(sync_log {
        status: sync_log::Status::Success
    });
    for kind in [
        provenance_link::Kind::Document,
        provenance_link::Kind::Invoice,
    ] {
        plant!(provenance_link {
            kind: kind,
            record_id: Uuid::now_v7(),
            direction: provenance_link::Direction::Input
        });
    }
}
