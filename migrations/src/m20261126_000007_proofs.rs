//! Proofs: packs and statistics sealed by the change log, receipts, and the timeline.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [pack(), statistics_digest(), receipt(), timeline()] {
            manager.create_table(table).await?;
        }
        Ok(())
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

fn pack() -> TableCreateStatement {
    table("pack")
        .col(big_integer("id").primary_key())
        .col(text_uniq("code"))
        .col(big_integer("version"))
        .take()
}

fn statistics_digest() -> TableCreateStatement {
    table("statistics_digest")
        .col(big_integer("platform_id").primary_key())
        .col(blob("latest"))
        .col(blob("days"))
        .take()
}

fn receipt() -> TableCreateStatement {
    table("receipt")
        .col(big_integer("seq").primary_key())
        .col(blob("hash"))
        .col(timestamp_with_time_zone("at"))
        .col(blob("public_key"))
        .col(blob("signature"))
        .take()
}

fn timeline() -> TableCreateStatement {
    table("timeline")
        .col(big_integer("id").primary_key())
        .col(text("epoch"))
        .col(big_integer("common_seq"))
        .col(big_integer_null("lost_seq"))
        .col(text("reason"))
        .col(timestamp_with_time_zone("at"))
        .take()
}
