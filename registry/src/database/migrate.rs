//! Bringing a database to the version that this binary knows.

use anyhow::{Result, bail};
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, TransactionTrait};

use super::{Database, detached};

/// Any two processes that migrate one Postgres wait for each other on this key.
const MIGRATION_LOCK_KEY: i64 = 0x7265_6769_6d69;

/// Applies the missing migrations in one transaction and answers how many there were.
///
/// # Errors
/// When the database was made by a newer version, or refuses a statement; nothing is then applied.
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

/// Checks that the database has exactly the migrations that this binary knows.
///
/// # Errors
/// When it was never migrated, or by an older or a newer version.
pub async fn require_current(database: &Database) -> Result<()> {
    let pending = Migrator::get_pending_migrations_read_only(&database.read).await.map_err(newer)?;
    if !pending.is_empty() {
        bail!("the database lacks {} migration(s); run `registry migrate` first.", pending.len());
    }
    Ok(())
}

fn newer(error: DbErr) -> anyhow::Error {
    match error {
        DbErr::Custom(text) if text.contains("is missing") => {
            anyhow::anyhow!(
                "the database was made by a newer version of the registry; update this program. ({text})"
            )
        }
        other => other.into(),
    }
}
