//! Validity dates from sources, mark methods, import warnings, and the range of changes of an import.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column per statement.
        for (table, column) in [
            ("organization", date_null("valid_from")),
            ("organization", date_null("valid_to")),
            ("page", date_null("valid_from")),
            ("platform", text("mark_methods").default("[]").take()),
            ("import_job", text("kind").default("").take()),
            ("import_job", big_integer_null("first_seq")),
            ("import_job", big_integer_null("last_seq")),
        ] {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        manager.create_table(import_row_warning()).await
    }
}

fn import_row_warning() -> TableCreateStatement {
    Table::create()
        .table("import_row_warning")
        .col(big_integer("job_id"))
        .col(big_integer("position"))
        .col(big_integer("row_number"))
        .col(text("code"))
        .col(text("text"))
        .col(text("suggestion"))
        .col(text("cells"))
        .primary_key(Index::create().col("job_id").col("position"))
        .foreign_key(ForeignKey::create().from("import_row_warning", "job_id").to("import_job", "id"))
        .take()
}
