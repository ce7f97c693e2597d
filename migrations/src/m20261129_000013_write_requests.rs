//! Writes through the API: results of calls with an idempotency key, evidence of changes, limits of clients, and sources of
//! single fields.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let results = Table::create()
            .table("idempotent_result")
            .col(big_integer("client_id"))
            .col(text("key"))
            .col(text("field"))
            .col(binary("request_hash"))
            .col(text("result"))
            .col(big_integer("seq"))
            .col(timestamp_with_time_zone("at"))
            .primary_key(Index::create().col("client_id").col("key").col("field"))
            .take();
        manager.create_table(results).await?;
        let expiry = Index::create().name("idempotent_result_at").table("idempotent_result").col("at").take();
        manager.create_index(expiry).await?;
        // SQLite adds one column per statement.
        let columns = [
            ("change", text_null("evidence")),
            ("client", big_integer_null("organization_id")),
            ("client", big_integer_null("territory_id")),
            ("page", text("field_sources").default("[]").take()),
            ("organization", text("field_sources").default("[]").take()),
        ];
        for (table, column) in columns {
            manager.alter_table(Table::alter().table(table).add_column(column).take()).await?;
        }
        Ok(())
    }
}
