//! Media: logos and pictures.

use super::{choice, connector, person, provider, workspace};
use crate::db::Dialect;
use crate::query::{Kind, Resource, Scope, Table, Writer};
use entity::media::{Column, Entity};
use std::fmt::Write;
use std::sync::LazyLock;

// One line a field: the table is read across.
#[rustfmt::skip]
static RESOURCE: LazyLock<Resource> = LazyLock::new(|| {
    Table::<Entity>::new("media", "media_item", "Media", "A logo or picture.")
        .scope(Scope::Catalogue)
        .shown("media_type", Column::MediaType, Kind::Enum(&choice::MEDIA_TYPE), "What it is used as.")
        .shown("label", Column::Label, Kind::Text, "What it shows, for those who cannot see it.")
        .shown("file_name", Column::FileName, Kind::Text, "Name of the file.")
        .plain("content_type", Column::ContentType, Kind::Text, "Media type (RFC 9110) of the file.")
        .plain("file_size", Column::FileSize, Kind::Number, "Size in bytes.")
        .shown("url", Column::Url, Kind::Text, "Address to show it from.")
        .shown("path", Column::Path, Kind::Text, "Where the store keeps it.")
        .plain("upload_url", Column::UploadUrl, Kind::Text, "Where it was uploaded from.")
        .plain("is_primary", Column::IsPrimary, Kind::Boolean, "Whether it is the one to show first.")
        .plain("uploaded_at", Column::UploadedAt, Kind::Date, "When the file arrived.")
        .plain("processed_at", Column::ProcessedAt, Kind::Date, "When the file was checked.")
        .asked("workspace_id", Column::WorkspaceId, Kind::Workspace, "The workspace that owns it.")
        .composite("composite_media_summary", summary, "The cell that sums it up: label, file name or type.")
        .composite("composite_people_list", people, "The names of the people it shows, joined by commas; null for none.")
        .composite("composite_companies_list", companies, "The names of the workspaces whose picture it is, joined by commas; null for none.")
        .one("workspace", Column::WorkspaceId, workspace::resource, "The workspace that owns it; null for shared media.")
        .many("connectors", connector::resource, entity::connector::Column::LogoId, "Connectors whose logo it is.")
        .many("providers", provider::resource, entity::provider::Column::LogoId, "Providers whose logo it is.")
        .many("people", person::resource, entity::person::Column::MediaId, "People whose picture it is.")
        .many("workspaces", workspace::resource, entity::workspace::Column::MediaId, "Workspaces whose picture it is.")
        .build()
});

/// The resource.
pub fn resource() -> &'static Resource {
    &RESOURCE
}

fn summary(_: &mut Writer<'_>, row: &str, out: &mut String) {
    let _ = write!(
        out,
        "coalesce({row}.label, {row}.file_name, {row}.media_type)"
    );
}

fn people(writer: &mut Writer<'_>, row: &str, out: &mut String) {
    labels(
        writer,
        person::resource(),
        "full_name",
        "media_id",
        row,
        out,
    );
}

fn companies(writer: &mut Writer<'_>, row: &str, out: &mut String) {
    labels(writer, workspace::resource(), "name", "media_id", row, out);
}

/// The labels of rows that name `row`, in scope, joined by commas.
pub(super) fn labels(
    writer: &mut Writer<'_>,
    of: &Resource,
    label: &str,
    column: &str,
    row: &str,
    out: &mut String,
) {
    let alias = writer.alias();
    let join = if writer.dialect == Dialect::Postgres {
        "string_agg"
    } else {
        "group_concat"
    };
    let _ = write!(
        out,
        "SELECT {join}({alias}.{label}, ', ' ORDER BY {alias}.pk) FROM {} {alias} WHERE {alias}.{column} = {row}.id AND ",
        of.table
    );
    writer.exists(of, &alias, false, out);
}
