//! Several keys of a client, each with its expiry, and the days on which keys were last used.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// The only key of each client gets the id of its client.
const KEYS: &str = "INSERT INTO client_key (id, client_id, key_hash, created_at) \
                    SELECT id, id, key_hash, created_at FROM";
const CLIENTS: &str = "INSERT INTO client \
                       (id, name, scopes, platform_id, organization_id, territory_id, created_at, revoked_at) \
                       SELECT id, name, scopes, platform_id, organization_id, territory_id, created_at, revoked_at \
                       FROM former_client";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Sqlite => move_in_sqlite(manager).await?,
            _ => {
                manager.create_table(client_key()).await?;
                let connection = manager.get_connection();
                connection.execute_unprepared(&format!("{KEYS} client")).await?;
                connection.execute_unprepared("ALTER TABLE client DROP COLUMN key_hash").await?;
            }
        }
        let of_client = Index::create().name("client_key_client").table("client_key").col("client_id").take();
        manager.create_index(of_client).await?;
        let uses = Table::create()
            .table("client_key_use")
            .col(big_integer("key_id").primary_key())
            .col(date("last_used_on"))
            .take();
        manager.create_table(uses).await
    }
}

/// SQLite drops no column that is unique: the table is made again. References of other tables to its rows are checked when the
/// transaction ends.
async fn move_in_sqlite(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in [
        "PRAGMA defer_foreign_keys = ON",
        "CREATE TABLE former_client AS SELECT * FROM client",
        "DROP TABLE client",
    ] {
        connection.execute_unprepared(statement).await?;
    }
    manager.create_table(client()).await?;
    connection.execute_unprepared(CLIENTS).await?;
    manager.create_table(client_key()).await?;
    connection.execute_unprepared(&format!("{KEYS} former_client")).await?;
    connection.execute_unprepared("DROP TABLE former_client").await?;
    Ok(())
}

fn client() -> TableCreateStatement {
    Table::create()
        .table("client")
        .col(big_integer("id").primary_key())
        .col(text_uniq("name"))
        .col(text("scopes"))
        .col(big_integer_null("platform_id"))
        .col(big_integer_null("organization_id"))
        .col(big_integer_null("territory_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .take()
}

fn client_key() -> TableCreateStatement {
    Table::create()
        .table("client_key")
        .col(big_integer("id").primary_key())
        .col(big_integer("client_id"))
        .col(text_uniq("key_hash"))
        .col(text_null("prefix"))
        .col(text_null("label"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .foreign_key(ForeignKey::create().from("client_key", "client_id").to("client", "id"))
        .take()
}
