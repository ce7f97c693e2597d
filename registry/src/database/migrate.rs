//! Database migrations.

use anyhow::{Result, bail};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, TransactionTrait};

use super::{Database, detached};

/// Advisory lock key: concurrent migrations of one Postgres database wait for each other.
const MIGRATION_LOCK_KEY: i64 = 0x7265_6769_6d69;

/// Applies the pending migrations in one transaction and returns their number.
///
/// # Errors
/// When the database is of a newer version, or rejects a statement; nothing is applied then.
pub async fn migrate(database: &Database) -> Result<usize> {
    let writer = database.write.clone();
    detached(async move {
        let transaction = writer.begin().await?;
        if transaction.get_database_backend() == DbBackend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK_KEY})");
            transaction.execute_unprepared(&lock).await?;
        }
        let pending = Migrator::get_pending_migrations(&transaction).await.map_err(newer)?.len();
        Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
        Ok(pending)
    })
    .await
}

/// Checks that the database has exactly the migrations of this binary.
///
/// # Errors
/// When it was never migrated, or was migrated by an older or a newer version.
pub async fn require_current(database: &Database) -> Result<()> {
    let pending = Migrator::get_pending_migrations_read_only(&database.read).await.map_err(newer)?;
    match pending.len() {
        0 => Ok(()),
        1 => bail!("the database lacks a migration; run `registry migrate` first."),
        more => bail!("the database lacks {more} migrations; run `registry migrate` first."),
    }
}

fn newer(error: DbErr) -> anyhow::Error {
    match error {
        DbErr::Custom(text) if text.contains("is missing") => {
            anyhow::anyhow!(
                "the database was migrated by a newer version of the registry; update this program. ({text})"
            )
        }
        other => other.into(),
    }
}
