//! Version 2 of the hash chain: each field with its tag and length. The version 1 chain is verified before it
//! is replaced.

use chrono::{DateTime, Utc};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, FromQueryResult, Statement},
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Number of changes resealed per statement.
const WINDOW: i64 = 2_000;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (mut seq, mut old, mut new) = (0, Vec::new(), Vec::new());
        loop {
            let window = window(db, seq).await?;
            let mut hashes = Vec::with_capacity(window.len());
            for change in &window {
                old = first_seal(&old, change);
                if change.seq != seq + 1 || old != change.hash {
                    let text = "the chain of the change log breaks at change";
                    return Err(DbErr::Custom(format!(
                        "{text} {}: it was altered, or one before it removed. Restore the database from a backup.",
                        change.seq
                    )));
                }
                new = second_seal(&new, change);
                seq = change.seq;
                hashes.push((seq, blake3::Hash::from_slice(&new).expect("32 bytes").to_hex().to_string()));
            }
            if hashes.is_empty() {
                return Ok(());
            }
            db.execute_unprepared(&update(db.get_database_backend(), &hashes)).await?;
        }
    }
}

#[derive(FromQueryResult)]
struct Change {
    seq: i64,
    at: DateTime<Utc>,
    kind: String,
    subject_type: String,
    subject_id: i64,
    platform_id: Option<i64>,
    territory_id: Option<i64>,
    former_territory_id: Option<i64>,
    audience: Option<String>,
    actor: String,
    reason: Option<String>,
    after: String,
    hash: Vec<u8>,
}

async fn window(db: &SchemaManagerConnection<'_>, after: i64) -> Result<Vec<Change>, DbErr> {
    let sql = format!("SELECT * FROM change WHERE seq > {after} ORDER BY seq LIMIT {WINDOW}");
    Change::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await
}

/// Statement that sets the new hashes, given in hexadecimal.
fn update(backend: DbBackend, hashes: &[(i64, String)]) -> String {
    let row = |(seq, hash): &(i64, String)| match backend {
        DbBackend::Postgres => format!("({seq}, '\\x{hash}'::bytea)"),
        _ => format!("({seq}, x'{hash}')"),
    };
    let rows: Vec<String> = hashes.iter().map(row).collect();
    format!(
        "WITH sealed(seq, hash) AS (VALUES {}) \
         UPDATE change SET hash = sealed.hash FROM sealed WHERE sealed.seq = change.seq",
        rows.join(", "),
    )
}

fn first_seal(previous: &[u8], change: &Change) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(&change.seq.to_le_bytes());
    hasher.update(&change.at.timestamp_micros().to_le_bytes());
    hasher.update(&change.subject_id.to_le_bytes());
    for id in [change.platform_id, change.territory_id] {
        hasher.update(&id.unwrap_or(0).to_le_bytes());
    }
    let texts = [&change.kind, &change.subject_type, &change.actor, &change.after].map(String::as_str);
    for text in texts.into_iter().chain(change.reason.as_deref()) {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    if let Some(territory_id) = change.former_territory_id {
        hasher.update(&territory_id.to_le_bytes());
    }
    if let Some(audience) = &change.audience {
        hasher.update(audience.as_bytes());
    }
    hasher.finalize().as_bytes().to_vec()
}

fn second_seal(previous: &[u8], change: &Change) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[2]);
    let mut add = |tag: u8, bytes: &[u8]| {
        hasher.update(&[tag]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(1, previous);
    add(2, &change.seq.to_le_bytes());
    add(3, &change.at.timestamp_micros().to_le_bytes());
    add(4, change.kind.as_bytes());
    add(5, change.subject_type.as_bytes());
    add(6, &change.subject_id.to_le_bytes());
    for (tag, id) in [(7, change.platform_id), (8, change.territory_id), (9, change.former_territory_id)] {
        id.into_iter().for_each(|id| add(tag, &id.to_le_bytes()));
    }
    change.audience.iter().for_each(|audience| add(10, audience.as_bytes()));
    add(11, change.actor.as_bytes());
    change.reason.iter().for_each(|reason| add(12, reason.as_bytes()));
    add(13, change.after.as_bytes());
    hasher.finalize().as_bytes().to_vec()
}
