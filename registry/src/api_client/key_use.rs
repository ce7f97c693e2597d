//! Days on which keys were last used: written by every server now and then, outside the change log.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, RwLock},
};

use anyhow::Result;
use chrono::NaiveDate;
use entities::client_key_use::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use crate::database::{self, Database, bulk};

/// Days on which keys were last used on this server.
#[derive(Default)]
pub struct KeyUse {
    /// Last day of each key that was used since the server started.
    known: RwLock<HashMap<i64, NaiveDate>>,
    /// Those that are not written yet.
    unwritten: Mutex<HashMap<i64, NaiveDate>>,
}

impl KeyUse {
    /// Notes that a key was used on a day. Cheap after the first time in a day.
    pub fn note(&self, key_id: i64, day: NaiveDate) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&key_id).copied();
        if known.is_some_and(|known| known >= day) {
            return;
        }
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(key_id, day);
        add(&self.unwritten, key_id, day);
    }

    /// Writes what is not written yet; what another server has written of a later day stays.
    ///
    /// # Errors
    /// When the database does not answer; the next call writes it.
    pub async fn write(&self, database: &Database) -> Result<()> {
        let noted = std::mem::take(&mut *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner));
        if noted.is_empty() {
            return Ok(());
        }
        let (database, rows) = (database.clone(), noted.clone());
        let written = database::detached(async move { upsert(&database, rows).await }).await;
        if written.is_err() {
            noted.into_iter().for_each(|(key_id, day)| add(&self.unwritten, key_id, day));
        }
        written
    }
}

fn add(days: &Mutex<HashMap<i64, NaiveDate>>, key_id: i64, day: NaiveDate) {
    let mut days = days.lock().unwrap_or_else(PoisonError::into_inner);
    days.entry(key_id).and_modify(|known| *known = day.max(*known)).or_insert(day);
}

/// Writes days that are later than those in the database. Under the write lock, so that servers do not overwrite each other.
async fn upsert(database: &Database, days: HashMap<i64, NaiveDate>) -> Result<()> {
    let transaction = database::begin_write(database).await?;
    let ids: Vec<i64> = days.keys().copied().collect();
    let known = read(&transaction, &ids).await?;
    let is_later = |(key_id, day): &(i64, NaiveDate)| known.get(key_id).is_none_or(|known| known < day);
    let rows = days.into_iter().filter(is_later);
    let rows = rows.map(|(key_id, last_used_on)| Model { key_id, last_used_on }).collect();
    bulk::upsert::<Entity>(&transaction, rows).await?;
    transaction.commit().await?;
    Ok(())
}

/// Days on which these keys were last used, as far as servers have written it.
///
/// # Errors
/// When the database does not answer.
pub async fn last_used(database: &Database, key_ids: &[i64]) -> Result<HashMap<i64, NaiveDate>> {
    read(&database.read, key_ids).await
}

async fn read(db: &impl ConnectionTrait, key_ids: &[i64]) -> Result<HashMap<i64, NaiveDate>> {
    let mut found = HashMap::with_capacity(key_ids.len());
    for ids in key_ids.chunks(bulk::MAX_VALUES) {
        let rows = Entity::find().filter(Column::KeyId.is_in(ids.iter().copied())).all(db).await?;
        found.extend(rows.into_iter().map(|row| (row.key_id, row.last_used_on)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_noted_once_a_day() {
        let days = |number: u32| NaiveDate::from_ymd_opt(2026, 11, number).expect("a day");
        let uses = KeyUse::default();
        for day in [22, 22, 21, 23, 22] {
            uses.note(7, days(day));
        }
        let unwritten = uses.unwritten.lock().expect("no panic");
        assert_eq!((unwritten.len(), unwritten.get(&7)), (1, Some(&days(23))));
    }
}
