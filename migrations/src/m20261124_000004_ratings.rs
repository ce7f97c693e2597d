//! Published ratings with their entries; cheaper updates of latest statistics.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(rating()).await?;
        manager.create_table(rating_entry(manager.get_database_backend())).await?;
        // The index made a nightly load write each row twice more: Postgres can use heap-only updates only
        // when no indexed column changes.
        manager.get_connection().execute_unprepared("DROP INDEX page_latest_seq").await.map(|_| ())
    }
}

fn rating() -> TableCreateStatement {
    Table::create()
        .table("rating")
        .col(big_integer("id").primary_key())
        .col(big_integer("methodology_id"))
        .col(date("from_day"))
        .col(date("to_day"))
        .col(integer("places"))
        .col(text("digest"))
        .col(timestamp_with_time_zone("published_at"))
        .index(Index::create().unique().col("methodology_id").col("from_day").col("to_day"))
        .foreign_key(ForeignKey::create().from("rating", "methodology_id").to("methodology", "id"))
        .take()
}

fn rating_entry(backend: DbBackend) -> TableCreateStatement {
    let mut entries = Table::create()
        .table("rating_entry")
        .col(big_integer("rating_id"))
        .col(integer("position"))
        .col(integer("rank"))
        .col(big_integer("subject_id"))
        .col(double("score"))
        .col(text("parts"))
        .primary_key(Index::create().col("rating_id").col("position"))
        .foreign_key(ForeignKey::create().from("rating_entry", "rating_id").to("rating", "id"))
        .take();
    if backend == DbBackend::Sqlite {
        entries.extra("WITHOUT ROWID");
    }
    entries
}
