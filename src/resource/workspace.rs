//! Workspaces: the tenants, in trees.

use super::{
    api_token, audit_event, choice, connector, connector_filter, connector_mapping, media,
    membership, provenance_link, sync_diagnostic, sync_log, sync_target, workspace_connector,
};
use crate::query::{Kind, Resource, Scope, Table};
use entity::workspace::{Column, Entity};
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("workspaces", "workspace", "Workspace", "A tenant. Workspaces form trees; a parent sees what lies below it.")
        .scope(Scope::Workspace)
        .keys(&["slug", "external_workspace_id"])
        .shown("slug", Column::Slug, Kind::Text, "Short name for addresses, unique.")
        .shown("name", Column::Name, Kind::Text, "Display name.")
        .plain("description", Column::Description, Kind::Text, "What the workspace is for.")
        .shown("kind", Column::Kind, Kind::Enum(&choice::WORKSPACE_KIND), "What it is in its tree.")
        .shown("stage", Column::Stage, Kind::Enum(&choice::WORKSPACE_STAGE), "Where it stands in its life.")
        .shown("external_workspace_id", Column::ExternalWorkspaceId, Kind::Text, "The client's own identifier, unique in its organization.")
        .plain("website", Column::Website, Kind::Text, "Web site.")
        .plain("avatar_image", Column::AvatarImage, Kind::Text, "Address of a picture.")
        .plain("avatar_color", Column::AvatarColor, Kind::Text, "Colour behind the initials, e.g. `#5B8DEF`.")
        .plain("trusted", Column::Trusted, Kind::Boolean, "Whether the operator has verified it.")
        .plain("auto_extract_enabled", Column::AutoExtractEnabled, Kind::Boolean, "Whether documents are read without being asked.")
        .plain("timezone", Column::Timezone, Kind::Text, "IANA time zone, e.g. `Europe/Paris`.")
        .asked("organization_id", Column::OrganizationId, Kind::Workspace, "The root of its tree.")
        .asked("parent_workspace_id", Column::ParentWorkspaceId, Kind::Workspace, "The workspace above.")
        .one("parent_workspace", Column::ParentWorkspaceId, resource, "The workspace above, if the viewer may see it.")
        .one("organization", Column::OrganizationId, resource, "The root of its tree, if the viewer may see it.")
        .one("picture", Column::MediaId, media::resource, "Its picture.")
        .many("child_workspaces", resource, Column::ParentWorkspaceId, "The workspaces directly below.")
        .many("memberships", membership::resource, entity::membership::Column::WorkspaceId, "Who belongs to it.")
        .many("connectors", connector::resource, entity::connector::Column::PublishedById, "Connectors it published.")
        .many("media", media::resource, entity::media::Column::WorkspaceId, "Media it owns.")
        .many("workspace_connectors", workspace_connector::resource, entity::workspace_connector::Column::WorkspaceId, "Connectors installed in it.")
        .many("connector_filters", connector_filter::resource, entity::connector_filter::Column::WorkspaceId, "Its own routing rules.")
        .many("sync_targets", sync_target::resource, entity::sync_target::Column::WorkspaceId, "Installations elsewhere that also feed it.")
        .many("connector_mappings", connector_mapping::resource, entity::connector_mapping::Column::WorkspaceId, "Mappings of its installations.")
        .many("sync_diagnostics", sync_diagnostic::resource, entity::sync_diagnostic::Column::WorkspaceId, "What its syncs noticed.")
        .many("sync_logs", sync_log::resource, entity::sync_log::Column::WorkspaceId, "Its syncs.")
        .many("provenance_links", provenance_link::resource, entity::provenance_link::Column::WorkspaceId, "Records that came or went by its installations.")
        .many("api_tokens", api_token::resource, entity::api_token::Column::WorkspaceId, "Tokens that act for it; empty for members and viewers.")
        .many("audit_events", audit_event::resource, entity::audit_event::Column::WorkspaceId, "What happened in it; empty for members and viewers.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}
