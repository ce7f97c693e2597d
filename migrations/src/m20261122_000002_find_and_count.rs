//! Search and counts: latest statistics, obligations, exemptions, abbreviations, historical keys, and the
//! columns that the change feed needs.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [page_latest()].into_iter().chain(obligation_tables()).chain(search_tables()) {
            manager.create_table(table).await?;
        }
        // SQLite adds one column per statement.
        for (table, column) in columns() {
            let alter = Table::alter().table(table).add_column(column).take();
            manager.alter_table(alter).await?;
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }
}

const INDEXES: [&str; 5] = [
    "CREATE INDEX change_at ON change (at)",
    "CREATE INDEX change_platform ON change (platform_id, seq)",
    "CREATE INDEX change_territory ON change (territory_id, seq)",
    "CREATE INDEX page_latest_seq ON page_latest (seq)",
    "CREATE INDEX exemption_organization ON exemption (organization_id)",
];

fn columns() -> [(&'static str, ColumnDef); 4] {
    [
        ("change", text_null("audience").take()),
        ("change", big_integer_null("former_territory_id").take()),
        ("page", timestamp_with_time_zone_null("lifecycle_at").take()),
        ("organization", timestamp_with_time_zone_null("status_at").take()),
    ]
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

fn reference(from: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(from, column).to(to, "id").take()
}

fn page_latest() -> TableCreateStatement {
    table("page_latest")
        .col(big_integer("page_id").primary_key())
        .col(big_integer_null("subscribers"))
        .col(timestamp_with_time_zone_null("last_post_at"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(big_integer("seq"))
        .foreign_key(&mut reference("page_latest", "page_id", "page"))
        .take()
}

fn obligation_tables() -> Vec<TableCreateStatement> {
    vec![
        table("obligation_rule")
            .col(big_integer("id").primary_key())
            .col(text_uniq("code"))
            .col(text("name"))
            .col(text("names"))
            .col(text("terms"))
            .col(date("valid_from"))
            .col(date_null("valid_to"))
            .col(timestamp_with_time_zone("updated_at"))
            .take(),
        table("exemption")
            .col(big_integer("id").primary_key())
            .col(big_integer("organization_id"))
            .col(big_integer_null("rule_id"))
            .col(text("reason"))
            .col(text_null("basis"))
            .col(text_null("decided_by"))
            .col(date("valid_from"))
            .col(date_null("valid_to"))
            .col(text("source"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(&mut reference("exemption", "organization_id", "organization"))
            .foreign_key(&mut reference("exemption", "rule_id", "obligation_rule"))
            .take(),
    ]
}

fn search_tables() -> Vec<TableCreateStatement> {
    vec![
        table("abbreviation")
            .col(big_integer("id").primary_key())
            .col(text_uniq("code"))
            .col(text("expansions"))
            .col(timestamp_with_time_zone("updated_at"))
            .take(),
        table("former_key")
            .col(text("space"))
            .col(text("key"))
            .col(big_integer("subject_id"))
            .primary_key(Index::create().col("space").col("key").col("subject_id"))
            .take(),
    ]
}
