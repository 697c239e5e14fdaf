//! Makes `audit_events` the one record of what happened: each row says how it ended and which
//! state of the record it left, carries what orders it among others, and is never changed again.
//! Nothing wrote to the table before, so it is made anew.

use crate::column::{choice, integer, json, reference, text, uuid};
use crate::table::{NewTable, drop};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// On PostgreSQL rows become visible in the order of commits and not of keys; the number of the
/// transaction tells which rows are complete. SQLite has one writer, so there the key is enough.
const POSTGRES: &str = r#"
ALTER TABLE audit_events ADD COLUMN transaction_id BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);
CREATE INDEX idx_audit_events_transaction_id ON audit_events (transaction_id, pk);
CREATE FUNCTION audit_events_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('connectory_events', '');
  RETURN NULL;
END $$;
CREATE TRIGGER audit_events_told AFTER INSERT ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_events_told();
CREATE FUNCTION audit_events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit events are never changed or removed';
END $$;
CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_events_stay();
CREATE TRIGGER audit_events_stay_all BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_events_stay();
"#;

/// `REPLACE` removes rows without asking the trigger for removals, so it has one of its own.
const SQLITE: &str = r#"
ALTER TABLE audit_events ADD COLUMN transaction_id INTEGER NOT NULL DEFAULT 0;
CREATE INDEX idx_audit_events_transaction_id ON audit_events (transaction_id, pk);
CREATE TRIGGER audit_events_unchanged BEFORE UPDATE ON audit_events BEGIN
  SELECT RAISE(ABORT, 'audit events are never changed or removed');
END;
CREATE TRIGGER audit_events_unremoved BEFORE DELETE ON audit_events BEGIN
  SELECT RAISE(ABORT, 'audit events are never changed or removed');
END;
CREATE TRIGGER audit_events_unreplaced BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE pk = NEW.pk OR id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'audit events are never changed or removed');
END;
"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "audit_events").await?;
        NewTable::listed("audit_events")
            .columns([
                reference("workspace_id", "workspaces").optional(),
                reference("person_id", "people").optional(),
                reference("api_token_id", "api_tokens").optional(),
                text("action").sought(),
                choice("outcome", "done|refused"),
                text("resource").sought(),
                uuid("record_id").optional().sought(),
                integer("revision").optional(),
                json("before").optional(),
                json("after").optional(),
                text("address").optional(),
                text("trace_id").optional(),
            ])
            .create(manager)
            .await?;
        let rest = match manager.get_database_backend() {
            DbBackend::Postgres => POSTGRES,
            _ => SQLITE,
        };
        manager.get_connection().execute_unprepared(rest).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, "audit_events").await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let functions = "DROP FUNCTION audit_events_told(); DROP FUNCTION audit_events_stay();";
            manager
                .get_connection()
                .execute_unprepared(functions)
                .await?;
        }
        NewTable::internal("audit_events")
            .columns([
                reference("workspace_id", "workspaces").optional(),
                reference("person_id", "people").optional(),
                reference("api_token_id", "api_tokens").optional(),
                text("action"),
                text("resource"),
                uuid("record_id").optional(),
                json("before").optional(),
                json("after").optional(),
                text("address").optional(),
                text("trace_id").optional(),
            ])
            .create(manager)
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
