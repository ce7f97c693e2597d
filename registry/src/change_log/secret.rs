//! A secret shared by all servers of a registry through the database; created when a server first opens it.

use anyhow::{Context, Result};
use entities::registry_meta::{Entity, Model};
use rand::{TryRngCore, rngs::OsRng};
use sea_orm::{EntityTrait, IntoActiveModel};

use super::receipt::{hex, unhex};
use crate::database::{self, Database};

/// Key of the secret in `registry_meta`.
const KEY: &str = "secret";

/// Reads the secret, or creates it: 32 bytes.
pub(super) async fn read(database: &Database) -> Result<[u8; 32]> {
    if let Some(known) = Entity::find_by_id(KEY).one(&database.read).await? {
        return parse(&known.value);
    }
    let database = database.clone();
    database::detached(async move {
        let transaction = database::begin_write(&database).await?;
        // Another process may have created it meanwhile.
        if let Some(known) = Entity::find_by_id(KEY).one(&transaction).await? {
            return parse(&known.value);
        }
        let mut secret = [0; 32];
        OsRng.try_fill_bytes(&mut secret)?;
        let row = Model { key: KEY.to_owned(), value: hex(&secret) };
        Entity::insert(row.into_active_model()).exec_without_returning(&transaction).await?;
        transaction.commit().await?;
        Ok(secret)
    })
    .await
}

fn parse(text: &str) -> Result<[u8; 32]> {
    let read = unhex(text).ok().and_then(|bytes| bytes.try_into().ok());
    read.context(
        "the registry's secret, in `registry_meta`, is damaged: restore the database from a backup, or delete that row to \
         create a new one (rate limits of addresses in Redis then restart)",
    )
}
