//! A small world: two tenants with rows in every table, everyone's rows beside them, deleted
//! rows, and ties between the tenants that no use case would make.

use super::TestApp;
use connectory::db::Arg;
use connectory::service::generate::{Size, generate};
use connectory::service::workspace;
use connectory::service::{Entry, audit};
use entity::audit_event::Outcome;
use entity::membership::Role;
use uuid::Uuid;

/// Names of what a test asks for.
pub struct World {
    /// Sees all of the first tenant.
    pub root: String,
    /// Sees one workspace of the first tenant that has others below it.
    pub group: String,
    /// Sees one workspace of the first tenant with none below it.
    pub leaf: String,
    /// Sees all of the second tenant.
    pub other: String,
    /// The root workspace of the first tenant.
    pub root_id: Uuid,
    /// The root workspace of the second tenant.
    pub other_id: Uuid,
}

impl World {
    /// Makes it: seeds 1 and 2 of the generator, see [`Size`], and some rows more.
    pub async fn make(t: &TestApp) -> World {
        let first = Size {
            workspaces: 10,
            connectors: 40,
            workspace_connectors: 220,
            seed: 1,
        };
        let second = Size {
            workspaces: 4,
            connectors: 15,
            workspace_connectors: 60,
            seed: 2,
        };
        generate(t.db(), first, &|_| ())
            .await
            .expect("the first tenant");
        generate(t.db(), second, &|_| ())
            .await
            .expect("the second tenant");
        for statement in EXTRA {
            t.execute(statement).await;
        }
        let root_id = workspace::find(t.db(), "generated-1")
            .await
            .expect("a root")
            .id;
        let other_id = workspace::find(t.db(), "generated-2")
            .await
            .expect("a root")
            .id;
        let group = one(t, "SELECT p.id FROM workspaces p WHERE p.parent_workspace_id = $1 AND EXISTS (SELECT 1 FROM workspaces c WHERE c.parent_workspace_id = p.id) ORDER BY p.pk LIMIT 1", root_id).await;
        let leaf = one(t, "SELECT w.id FROM workspaces w WHERE w.parent_workspace_id = $1 ORDER BY w.pk DESC LIMIT 1", group).await;
        let world = World {
            root: t.token(root_id, Role::Owner).await,
            group: t.token(group, Role::Member).await,
            leaf: t.token(leaf, Role::Viewer).await,
            other: t.token(other_id, Role::Owner).await,
            root_id,
            other_id,
        };
        for token in [&world.root, &world.group, &world.leaf, &world.other] {
            note(t, token).await;
        }
        world
    }
}

/// Something in the record by each token.
async fn note(t: &TestApp, token: &str) {
    let actor = t.actor(token).await;
    let entry = Entry::of("workspaces", actor.viewer.workspace_id);
    let (orm, outcome) = (t.db().orm(), Outcome::Done);
    audit::write(orm, &actor, "workspace.update", outcome, entry)
        .await
        .expect("an event");
}

async fn one(t: &TestApp, sql: &str, id: Uuid) -> Uuid {
    let rows = t
        .db()
        .rows(sql.to_owned(), vec![Arg::Uuid(id)])
        .await
        .expect("the statement runs");
    rows.first().and_then(|row| row.uuid(0)).expect("a row")
}

/// Statements that read the same on both databases. Rows are named by `pk`: tables are filled in
/// order, the first tenant first.
const EXTRA: &[&str] = &[
    // Deleted rows.
    "UPDATE connectors SET deleted_at = updated_at WHERE pk IN (3, 17, 44)",
    "UPDATE workspace_connectors SET deleted_at = updated_at WHERE pk IN (5, 50, 105, 225)",
    "UPDATE media SET deleted_at = updated_at WHERE pk IN (2, 9)",
    // Texts that patterns would trip over, and letters that fold.
    "UPDATE connectors SET name = '100% Öl_Straße' WHERE pk = 5",
    "UPDATE connectors SET name = 'a_b' WHERE pk = 6",
    "UPDATE connectors SET name = 'aXb' WHERE pk = 7",
    "UPDATE connectors SET name = 'back\\slash ÖL' WHERE pk = 8",
    // Pictures of people and workspaces.
    "UPDATE people SET media_id = (SELECT id FROM media WHERE pk = 1) WHERE pk IN (1, 2)",
    "UPDATE workspaces SET media_id = (SELECT id FROM media WHERE pk = 4) WHERE pk IN (2, 3)",
    // Rules: a template, one of each tenant, and one installation that uses its own.
    "INSERT INTO connector_filters (id, connector_id, workspace_id, template, config, natural_language, created_at, updated_at) SELECT media.id, (SELECT id FROM connectors WHERE pk = 1), NULL, TRUE, '{}', 'all', created_at, updated_at FROM media WHERE pk = 1",
    "INSERT INTO connector_filters (id, connector_id, workspace_id, template, config, natural_language, created_at, updated_at) SELECT media.id, (SELECT id FROM connectors WHERE pk = 1), (SELECT id FROM workspaces WHERE pk = 1), FALSE, '{}', 'ours', created_at, updated_at FROM media WHERE pk = 2",
    "INSERT INTO connector_filters (id, connector_id, workspace_id, template, config, natural_language, created_at, updated_at) SELECT media.id, (SELECT id FROM connectors WHERE pk = 1), (SELECT id FROM workspaces WHERE slug = 'generated-2'), FALSE, '{}', 'theirs', created_at, updated_at FROM media WHERE pk = 4",
    "UPDATE workspace_connectors SET connector_filter_id = (SELECT id FROM connector_filters WHERE pk = 2) WHERE pk IN (1, 2)",
    // Ties across the tenants: rows of the first that name rows of the second.
    "UPDATE workspace_connectors SET connector_id = (SELECT id FROM connectors WHERE pk = 42 ), person_id = (SELECT id FROM people WHERE pk = 12), connector_filter_id = (SELECT id FROM connector_filters WHERE pk = 3) WHERE pk IN (10, 11)",
    "UPDATE connectors SET published_by_id = (SELECT id FROM workspaces WHERE slug = 'generated-2'), logo_id = (SELECT id FROM media WHERE pk = 43) WHERE pk = 10",
];
