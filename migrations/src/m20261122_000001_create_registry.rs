//! Tables of the registry, its change log, its clients and its imports.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            reference_tables().into_iter().chain(registry_tables()).chain(log_tables()).chain(import_tables())
        {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        if manager.get_database_backend() == DbBackend::Postgres {
            for constraint in DEFERRED {
                manager.get_connection().execute_unprepared(constraint).await?;
            }
        }
        Ok(())
    }
}

/// A batch may write a child before its parent; SQLite uses `PRAGMA defer_foreign_keys` instead.
const DEFERRED: [&str; 3] = [
    "ALTER TABLE territory ALTER CONSTRAINT territory_parent_id_fkey DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE organization ALTER CONSTRAINT organization_parent_id_fkey DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE organization ALTER CONSTRAINT organization_founder_id_fkey DEFERRABLE INITIALLY DEFERRED",
];

/// Native ids and handles are unique among live pages; other pages may share them.
const INDEXES: [&str; 8] = [
    "CREATE UNIQUE INDEX page_live_native_id ON page (platform_id, native_id) \
     WHERE lifecycle IN ('PROPOSED', 'UNDER_REVIEW', 'REGISTERED', 'COMPROMISED')",
    "CREATE UNIQUE INDEX page_live_handle ON page (platform_id, handle) \
     WHERE lifecycle IN ('PROPOSED', 'UNDER_REVIEW', 'REGISTERED', 'COMPROMISED')",
    "CREATE INDEX page_owner ON page (owner_id)",
    "CREATE INDEX page_co_owner_organization ON page_co_owner (organization_id)",
    "CREATE INDEX organization_parent ON organization (parent_id)",
    "CREATE INDEX organization_identifier_value ON organization_identifier (scheme, value)",
    "CREATE INDEX change_subject ON change (subject_type, subject_id, seq)",
    "CREATE INDEX import_job_fingerprint ON import_job (fingerprint)",
];

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).take()
}

fn reference(from: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(from, column).to(to, "id").take()
}

fn id() -> ColumnDef {
    big_integer("id").primary_key().take()
}

fn reference_tables() -> Vec<TableCreateStatement> {
    vec![
        table("territory")
            .col(id())
            .col(text_uniq("code"))
            .col(text("kind"))
            .col(text("name"))
            .col(text("names"))
            .col(big_integer_null("parent_id"))
            .col(text_null("timezone"))
            .col(big_integer_null("population"))
            .col(date_null("population_date"))
            .col(text_null("population_source"))
            .col(text_null("coordinating_centre"))
            .col(text("scheme_codes"))
            .col(text("source"))
            .col(timestamp_with_time_zone("updated_at"))
            .foreign_key(&mut reference("territory", "parent_id", "territory"))
            .take(),
        named("sector").take(),
        named("identifier_scheme").col(text("rules")).take(),
        named("platform")
            .col(text_null("website"))
            .col(text("status"))
            .col(text("address_rules"))
            .col(text("metrics"))
            .take(),
        table("registry_meta").col(text("key").primary_key()).col(text("value")).take(),
    ]
}

fn named(name: &'static str) -> TableCreateStatement {
    table(name)
        .col(id())
        .col(text_uniq("code"))
        .col(text("name"))
        .col(text("names"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

fn registry_tables() -> Vec<TableCreateStatement> {
    vec![
        organization(),
        table("organization_identifier")
            .col(big_integer("organization_id"))
            .col(text("scheme"))
            .col(text("value"))
            .col(text("state"))
            .primary_key(Index::create().col("organization_id").col("scheme").col("value"))
            .foreign_key(&mut reference("organization_identifier", "organization_id", "organization"))
            .take(),
        page(),
        table("page_co_owner")
            .col(big_integer("page_id"))
            .col(big_integer("organization_id"))
            .primary_key(Index::create().col("page_id").col("organization_id"))
            .foreign_key(&mut reference("page_co_owner", "page_id", "page"))
            .foreign_key(&mut reference("page_co_owner", "organization_id", "organization"))
            .take(),
        table("page_alias")
            .col(big_integer("page_id"))
            .col(text("handle"))
            .col(text("kind"))
            .col(timestamp_with_time_zone_null("since"))
            .col(timestamp_with_time_zone_null("until"))
            .primary_key(Index::create().col("page_id").col("handle"))
            .foreign_key(&mut reference("page_alias", "page_id", "page"))
            .take(),
        table("mark_record")
            .col(big_integer("seq").primary_key())
            .col(big_integer("page_id"))
            .col(text("mark"))
            .col(text_null("method"))
            .col(timestamp_with_time_zone_null("at"))
            .foreign_key(&mut reference("mark_record", "page_id", "page"))
            .take(),
    ]
}

fn organization() -> TableCreateStatement {
    table("organization")
        .col(id())
        .col(text_uniq("code"))
        .col(text("kind"))
        .col(text("name"))
        .col(text_null("short_name"))
        .col(text("other_names"))
        .col(text_null("level"))
        .col(text_null("branch"))
        .col(text_null("sector"))
        .col(big_integer_null("founder_id"))
        .col(big_integer_null("territory_id"))
        .col(big_integer_null("parent_id"))
        .col(text_null("website"))
        .col(text("status"))
        .col(text("successors"))
        .col(text("source"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut reference("organization", "founder_id", "organization"))
        .foreign_key(&mut reference("organization", "territory_id", "territory"))
        .foreign_key(&mut reference("organization", "parent_id", "organization"))
        .take()
}

fn page() -> TableCreateStatement {
    table("page")
        .col(id())
        .col(big_integer("platform_id"))
        .col(text_null("native_id"))
        .col(text_null("handle"))
        .col(text("title"))
        .col(text_null("page_type"))
        .col(big_integer("owner_id"))
        .col(text_null("office_title"))
        .col(text("languages"))
        .col(text_null("category"))
        .col(text("lifecycle"))
        .col(text("availability"))
        .col(text("mark"))
        .col(text_null("mark_method"))
        .col(timestamp_with_time_zone_null("mark_at"))
        .col(text("widget"))
        .col(text("source"))
        .col(timestamp_with_time_zone_null("registered_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut reference("page", "platform_id", "platform"))
        .foreign_key(&mut reference("page", "owner_id", "organization"))
        .take()
}

fn log_tables() -> Vec<TableCreateStatement> {
    vec![
        table("change")
            .col(big_integer("seq").primary_key())
            .col(timestamp_with_time_zone("at"))
            .col(text("kind"))
            .col(text("subject_type"))
            .col(big_integer("subject_id"))
            .col(big_integer_null("platform_id"))
            .col(big_integer_null("territory_id"))
            .col(text("actor"))
            .col(text_null("reason"))
            .col(text("after"))
            .col(blob("hash"))
            .take(),
        table("client")
            .col(id())
            .col(text_uniq("name"))
            .col(text("scopes"))
            .col(text_uniq("key_hash"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .take(),
    ]
}

fn import_tables() -> Vec<TableCreateStatement> {
    vec![
        table("import_job")
            .col(id())
            .col(text("fingerprint"))
            .col(text("source"))
            .col(text("file_name"))
            .col(text("state"))
            .col(big_integer("rows_done"))
            .col(text("counts"))
            .col(timestamp_with_time_zone("started_at"))
            .col(timestamp_with_time_zone_null("finished_at"))
            .take(),
        table("import_row_error")
            .col(big_integer("job_id"))
            .col(big_integer("row_number"))
            .col(text("code"))
            .col(text("text"))
            .col(text("suggestion"))
            .col(text("cells"))
            .primary_key(Index::create().col("job_id").col("row_number"))
            .foreign_key(&mut reference("import_row_error", "job_id", "import_job"))
            .take(),
    ]
}
