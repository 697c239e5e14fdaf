//! What all tables share, so that a migration states only what is its own.

use crate::column::{Column, Target, time, uuid};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A table to be created, with its indexes.
pub(crate) struct NewTable {
    name: &'static str,
    columns: Vec<Column>,
    indexes: Vec<IndexCreateStatement>,
    /// Whether clients list the rows, hence seek them by time.
    listed: bool,
    soft: bool,
}

impl NewTable {
    /// A table whose rows clients list.
    pub(crate) fn listed(name: &'static str) -> Self {
        Self {
            listed: true,
            ..Self::internal(name)
        }
    }

    /// A table whose rows no client lists.
    pub(crate) fn internal(name: &'static str) -> Self {
        Self {
            name,
            columns: Vec::new(),
            indexes: Vec::new(),
            listed: false,
            soft: false,
        }
    }

    /// Rows are marked as deleted instead of being removed.
    pub(crate) fn soft(self) -> Self {
        Self { soft: true, ..self }
    }

    /// The columns of its own: the key, the id and the times are there already.
    pub(crate) fn columns<const N: usize>(mut self, columns: [Column; N]) -> Self {
        self.columns.extend(columns);
        self
    }

    /// An index over several columns, or over one alone.
    pub(crate) fn index<const N: usize>(mut self, columns: [&'static str; N]) -> Self {
        self.indexes.push(index(self.name, &columns));
        self
    }

    /// No two rows share these columns.
    pub(crate) fn unique<const N: usize>(
        mut self,
        suffix: &str,
        columns: [&'static str; N],
    ) -> Self {
        self.indexes.push(unique(self.name, suffix, &columns));
        self
    }

    /// No two rows for which `condition` holds share these columns.
    pub(crate) fn unique_where<const N: usize>(
        mut self,
        suffix: &str,
        columns: [&'static str; N],
        condition: Expr,
    ) -> Self {
        self.indexes.push(
            unique(self.name, suffix, &columns)
                .and_where(condition)
                .take(),
        );
        self
    }

    /// Creates it.
    pub(crate) async fn create(self, manager: &SchemaManager<'_>) -> Result<(), DbErr> {
        let table = self.completed();
        let statement = statement(table.name, &table.columns, manager.get_database_backend());
        manager.create_table(statement).await?;
        for column in table.columns.iter().filter(|column| column.sought) {
            // Sorting ends in the key, so that no two rows tie.
            let statement = index(table.name, &[column.name, "pk"]);
            manager.create_index(statement).await?;
        }
        for statement in table.indexes {
            manager.create_index(statement).await?;
        }
        Ok(())
    }

    fn completed(mut self) -> Self {
        let mut times = vec![time("created_at"), time("updated_at")];
        if self.soft {
            times.push(time("deleted_at").optional());
        }
        if self.listed {
            times = times.into_iter().map(Column::sought).collect();
        }
        self.columns.insert(0, uuid("id").unique());
        self.columns.extend(times);
        self
    }
}

/// Removes a table, and its indexes with it.
pub(crate) async fn drop(manager: &SchemaManager<'_>, name: &'static str) -> Result<(), DbErr> {
    manager.drop_table(Table::drop().table(name).take()).await
}

/// The condition that a row is not deleted.
pub(crate) fn live() -> Expr {
    Expr::col("deleted_at").is_null()
}

/// The foreign key of a column that holds ids of `target`.
pub(crate) fn foreign_key(table: &str, column: &str, target: &str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(foreign_key_name(table, column))
        .from(Alias::new(table), Alias::new(column))
        .to(Alias::new(target), "id")
        .take()
}

/// The name of the foreign key of a column.
pub(crate) fn foreign_key_name(table: &str, column: &str) -> String {
    format!("fk_{table}_{column}")
}

fn statement(name: &'static str, columns: &[Column], backend: DbBackend) -> TableCreateStatement {
    let mut statement = Table::create();
    statement.table(name).col(
        ColumnDef::new("pk")
            .big_integer()
            .not_null()
            .auto_increment()
            .primary_key(),
    );
    for column in columns {
        statement.col(column.definition(name, backend));
        if let Some(Target { table, later }) = column.target
            && !(later && backend == DbBackend::Postgres)
        {
            statement.foreign_key(&mut foreign_key(name, column.name, table));
        }
    }
    statement
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let named: Vec<_> = columns
        .iter()
        .copied()
        .filter(|column| *column != "pk")
        .collect();
    over(columns)
        .name(format!("idx_{table}_{}", named.join("_")))
        .table(table)
        .take()
}

fn unique(table: &'static str, suffix: &str, columns: &[&'static str]) -> IndexCreateStatement {
    over(columns)
        .name(format!("uq_{table}_{suffix}"))
        .table(table)
        .unique()
        .take()
}

fn over(columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create();
    for column in columns {
        statement.col(*column);
    }
    statement
}
