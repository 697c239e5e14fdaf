//! The world of these tests: [`World`] and rows that make every field worth asking: nulls,
//! duplicates, deleted rows in every table that has them, words of every kind.

use super::model::{Model, Sight};
use crate::support::{TestApp, World};
use connectory::query::Viewer;

/// A world with its rows read.
pub struct Known {
    /// The tokens.
    pub world: World,
    /// The rows.
    pub model: Model,
}

impl Known {
    /// Makes the world, adds rows, reads all.
    pub async fn make(t: &TestApp) -> Known {
        let world = World::make(t).await;
        for statement in PLANTED {
            t.execute(statement).await;
        }
        Known {
            world,
            model: Model::read(t).await,
        }
    }

    /// The tokens with names.
    pub fn tokens(&self) -> [(&'static str, &str); 4] {
        let World {
            root,
            group,
            leaf,
            other,
            ..
        } = &self.world;
        [
            ("root", root),
            ("group", group),
            ("leaf", leaf),
            ("other", other),
        ]
    }

    /// What the holder of a token sees.
    pub async fn sight(&self, t: &TestApp, token: &str) -> Sight<'_> {
        Sight::new(&self.model, viewer(t, token).await)
    }
}

/// Who a token speaks for.
pub async fn viewer(t: &TestApp, token: &str) -> Viewer {
    t.actor(token).await.viewer
}

/// Statements that read the same on both databases. An identifier is borrowed from a row of
/// another table, because the databases spell a literal differently.
const PLANTED: &[&str] = &[
    // Letters that fold in their own ways, and duplicates.
    "UPDATE connectors SET name = 'ΟΔΥΣΣΕΥΣ' WHERE pk = 9",
    "UPDATE connectors SET name = 'Große STRASSE' WHERE pk = 11",
    "UPDATE connectors SET name = 'µ-ϑeta ſ' WHERE pk = 16",
    "UPDATE connectors SET name = 'Same' WHERE pk IN (12, 13, 14, 46)",
    "UPDATE connectors SET service_id = NULL WHERE pk IN (4, 12, 15)",
    // Nulls where the generator leaves none.
    "UPDATE people SET last_name = NULL WHERE pk IN (3, 12)",
    "UPDATE people SET email = NULL WHERE pk = 4",
    "UPDATE media SET label = NULL WHERE pk IN (6, 7, 43)",
    "UPDATE media SET file_name = NULL WHERE pk = 7",
    "UPDATE media SET url = NULL, path = NULL WHERE pk = 8",
    "UPDATE providers SET category = NULL WHERE pk = 3",
    "UPDATE connector_sync_diagnostics SET tool_name = NULL WHERE pk = 2",
    "UPDATE workspace_connector_sync_logs SET trigger_type = NULL WHERE pk IN (3, 25)",
    "UPDATE workspace_connector_sync_logs SET status = 'error', error = 'refused' WHERE pk IN (6, 8)",
    // Words and moments where the generator has one alone.
    "UPDATE media SET media_type = 'avatar' WHERE pk IN (1, 4)",
    "UPDATE media SET media_type = 'banner' WHERE pk = 12",
    "UPDATE workspaces SET stage = 'suspended' WHERE pk = 4",
    "UPDATE categories SET created_at = (SELECT created_at FROM connectors WHERE pk = 1), updated_at = (SELECT updated_at FROM connectors WHERE pk = 2) WHERE pk IN (2, 3, 5)",
    // Rules of the first tenant: one more that lives and one that does not.
    "INSERT INTO connector_filters (id, connector_id, workspace_id, template, config, natural_language, created_at, updated_at) SELECT media.id, (SELECT id FROM connectors WHERE pk = 2), (SELECT id FROM workspaces WHERE pk = 2), FALSE, '{}', 'ours, too', created_at, updated_at FROM media WHERE pk = 5",
    "INSERT INTO connector_filters (id, connector_id, workspace_id, template, config, natural_language, created_at, updated_at, deleted_at) SELECT media.id, (SELECT id FROM connectors WHERE pk = 1), (SELECT id FROM workspaces WHERE pk = 1), FALSE, '{}', 'once ours', created_at, updated_at, updated_at FROM media WHERE pk = 6",
    "UPDATE workspace_connectors SET connector_filter_id = (SELECT id FROM connector_filters WHERE pk = 4) WHERE pk IN (3, 4, 6)",
    "UPDATE workspace_connectors SET url = 'https://mcp.example.com/' || pk, connection_state = CASE pk % 2 WHEN 0 THEN 'connected' ELSE 'created' END, token_expires_at = updated_at WHERE pk % 5 = 0",
    "UPDATE workspace_connectors SET connector_filter_id = (SELECT id FROM connector_filters WHERE pk = 5) WHERE pk = 7",
    // Logos of providers.
    "UPDATE providers SET logo_id = (SELECT id FROM media WHERE pk = 3) WHERE pk IN (1, 3)",
    // Deleted rows of the other tables.
    "UPDATE people SET deleted_at = updated_at WHERE pk IN (6, 11)",
    "UPDATE workspaces SET deleted_at = updated_at WHERE pk = (SELECT max(pk) FROM workspaces WHERE parent_workspace_id IS NOT NULL AND organization_id = (SELECT id FROM workspaces WHERE pk = 1) AND id NOT IN (SELECT workspace_id FROM api_tokens))",
    "UPDATE providers SET deleted_at = updated_at WHERE pk = 2",
    "UPDATE provider_connectors SET deleted_at = updated_at WHERE pk IN (4, 5, 50)",
    "UPDATE workspace_connector_sync_targets SET deleted_at = updated_at WHERE pk = 2",
    "UPDATE connector_mappings SET deleted_at = updated_at WHERE pk = 2",
    "UPDATE workspace_connector_sync_logs SET deleted_at = updated_at WHERE pk IN (4, 5, 23)",
    // Targets and diagnostics enough to walk.
    "INSERT INTO workspace_connector_sync_targets (id, workspace_connector_id, workspace_id, created_at, updated_at) SELECT wc.id, wc.id, (SELECT id FROM workspaces WHERE pk = 1 + wc.pk % 7), wc.created_at, wc.updated_at FROM workspace_connectors wc WHERE wc.pk BETWEEN 20 AND 27",
    "INSERT INTO connector_sync_diagnostics (id, workspace_connector_id, workspace_id, target_model, tool_name, reason, detail, created_at, updated_at) SELECT wc.id, wc.id, wc.workspace_id, 'document', NULL, 'empty_result', NULL, wc.created_at, wc.updated_at FROM workspace_connectors wc WHERE wc.pk BETWEEN 30 AND 36",
    // Records of every kind, two for some installations, some without a label, and one that
    // belongs to the other tenant.
    "INSERT INTO provenance_links (id, workspace_connector_id, workspace_id, kind, record_id, label, direction, created_at, updated_at) SELECT wc.id, wc.id, wc.workspace_id, CASE wc.pk % 8 WHEN 0 THEN 'account' WHEN 1 THEN 'document' WHEN 2 THEN 'invoice' WHEN 3 THEN 'journal_entry' WHEN 4 THEN 'journal' WHEN 5 THEN 'ledger_account' WHEN 6 THEN 'payment_means' ELSE 'transaction' END, wc.id, CASE WHEN wc.pk % 5 = 0 THEN NULL ELSE 'First ' || wc.pk END, 'input', wc.created_at, wc.updated_at FROM workspace_connectors wc WHERE wc.pk BETWEEN 12 AND 40",
    "INSERT INTO provenance_links (id, workspace_connector_id, workspace_id, kind, record_id, label, direction, created_at, updated_at) SELECT s.id, wc.id, wc.workspace_id, 'journal', wc.id, 'Second ' || wc.pk, 'output', wc.created_at, wc.updated_at FROM workspace_connectors wc JOIN connectors s ON s.pk = wc.pk WHERE wc.pk IN (12, 20, 21)",
    "INSERT INTO provenance_links (id, workspace_connector_id, workspace_id, kind, record_id, label, direction, created_at, updated_at) SELECT s.id, wc.id, (SELECT id FROM workspaces WHERE slug = 'generated-2'), 'journal', wc.id, 'Foreign', 'output', wc.created_at, wc.updated_at FROM workspace_connectors wc JOIN connectors s ON s.pk = wc.pk WHERE wc.pk IN (22, 28)",
];
