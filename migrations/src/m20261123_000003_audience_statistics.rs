//! Daily page statistics, packed months, and sums by segment.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        for table in
            [statistics_batch(), audience_segment(), page_statistics(backend), audience_rollup(backend)]
        {
            manager.create_table(table).await?;
        }
        manager.create_table(page_month(backend)).await?;
        for table in [idempotency_key(), indicator(), methodology()] {
            manager.create_table(table).await?;
        }
        let connection = manager.get_connection();
        for index in INDEXES {
            connection.execute_unprepared(index).await?;
        }
        if backend == DbBackend::Postgres {
            for statement in POSTGRES {
                connection.execute_unprepared(statement).await?;
            }
        }
        let platform = Table::alter().table("client").add_column(big_integer_null("platform_id")).take();
        manager.alter_table(platform).await
    }
}

/// Partial index: few rows are jumps, and queries look for these.
const INDEXES: [&str; 1] =
    ["CREATE INDEX page_statistics_jump ON page_statistics (day, page_id) WHERE is_jump"];

const POSTGRES: [&str; 3] = [
    // Rows arrive in day order, so a block range index finds a day.
    "CREATE INDEX page_statistics_day ON page_statistics USING brin (day) WITH (pages_per_range = 32)",
    // Packed numbers do not compress, and are read often.
    "ALTER TABLE page_month ALTER COLUMN packed SET STORAGE EXTERNAL",
    // Latest statistics are updated every night: free space in each block allows heap-only updates.
    "ALTER TABLE page_latest SET (fillfactor = 50)",
];

/// Metrics that may exceed 2^31. Wide columns come before narrow ones, to avoid alignment padding.
const WIDE: [&str; 2] = ["views", "reach"];
const NARROW: [&str; 10] = [
    "subscribers",
    "posts",
    "reactions",
    "comments",
    "shares",
    "messages_received",
    "messages_answered",
    "videos",
    "shorts",
    "streams",
];

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

/// Makes SQLite store rows in key order.
fn by_key(backend: DbBackend, mut table: TableCreateStatement) -> TableCreateStatement {
    if backend == DbBackend::Sqlite {
        table.extra("WITHOUT ROWID");
    }
    table
}

fn statistics_batch() -> TableCreateStatement {
    table("statistics_batch")
        .col(integer("id").primary_key())
        .col(text("actor"))
        .col(text("source"))
        .col(timestamp_with_time_zone("at"))
        .take()
}

fn audience_segment() -> TableCreateStatement {
    table("audience_segment")
        .col(integer("id").primary_key())
        .col(text("grain"))
        .col(big_integer("platform_id"))
        .col(big_integer_null("region_id"))
        .col(text_null("kind"))
        .col(text_null("level"))
        .col(text_null("branch"))
        .col(big_integer_null("sector_id"))
        .col(integer_null("region_segment_id"))
        .col(integer_null("class_segment_id"))
        .col(integer_null("platform_segment_id"))
        .foreign_key(ForeignKey::create().from("audience_segment", "platform_id").to("platform", "id"))
        .take()
}

fn idempotency_key() -> TableCreateStatement {
    table("idempotency_key")
        .col(big_integer("client_id"))
        .col(text("key"))
        .col(binary("request_hash"))
        .col(text("answer"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("client_id").col("key"))
        .foreign_key(ForeignKey::create().from("idempotency_key", "client_id").to("client", "id"))
        .take()
}

fn indicator() -> TableCreateStatement {
    table("indicator")
        .col(big_integer("id").primary_key())
        .col(text_uniq("code"))
        .col(text("name"))
        .col(text("names"))
        .col(text("unit"))
        .col(text("figures"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

fn methodology() -> TableCreateStatement {
    table("methodology")
        .col(big_integer("id").primary_key())
        .col(text_uniq("code"))
        .col(text("name"))
        .col(text("names"))
        .col(integer("version"))
        .col(text("terms"))
        .col(date("valid_from"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

fn page_statistics(backend: DbBackend) -> TableCreateStatement {
    let mut facts = table("page_statistics");
    facts.col(big_integer("page_id"));
    WIDE.iter().for_each(|name| _ = facts.col(big_integer_null(*name)));
    facts.col(timestamp_with_time_zone("recorded_at")).col(date("day")).col(integer("segment_id"));
    NARROW.iter().for_each(|name| _ = facts.col(integer_null(*name)));
    facts.col(integer("batch_id")).col(boolean("is_jump"));
    facts.primary_key(Index::create().col("page_id").col("day"));
    if backend == DbBackend::Postgres {
        facts.extra("PARTITION BY RANGE (day)");
    }
    by_key(backend, facts)
}

/// Sums of one day's statistics, and numbers of pages with values.
fn audience_rollup(backend: DbBackend) -> TableCreateStatement {
    let mut rollup = table("audience_rollup");
    rollup.col(date("day")).col(integer("segment_id")).col(integer("pages"));
    for name in NARROW.iter().chain(&WIDE) {
        rollup.col(big_integer_null(*name)).col(integer_null(format!("{name}_pages")));
    }
    rollup.primary_key(Index::create().col("segment_id").col("day"));
    by_key(backend, rollup)
}

fn page_month(backend: DbBackend) -> TableCreateStatement {
    let months = table("page_month")
        .col(date("month"))
        .col(small_integer("slot"))
        .col(integer("block"))
        .col(binary("packed"))
        .primary_key(Index::create().col("month").col("slot").col("block"))
        .take();
    by_key(backend, months)
}
