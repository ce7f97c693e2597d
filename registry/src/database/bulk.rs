//! Bulk inserts and upserts, on either database.

use anyhow::Result;
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, Iterable, PrimaryKeyToColumn,
    sea_query::OnConflict,
};

/// Maximum values bound per statement: SQLite accepts 32,766, Postgres 65,535.
pub(crate) const MAX_VALUES: usize = 30_000;
/// Few long statements: sqlx leaves Nagle's algorithm on, so each statement may wait 40 ms for an
/// acknowledgement over TCP.
const MAX_ROWS: usize = 2_000;

/// Inserts new rows.
pub(crate) async fn insert<E>(db: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    write::<E>(db, rows, false).await
}

/// Inserts rows, and replaces those with the same keys.
pub(crate) async fn upsert<E>(db: &DatabaseTransaction, rows: Vec<E::Model>) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    write::<E>(db, rows, true).await
}

async fn write<E>(db: &DatabaseTransaction, rows: Vec<E::Model>, may_exist: bool) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    let size = (MAX_VALUES / E::Column::iter().count()).min(MAX_ROWS);
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let mut statement = E::insert_many(rows.by_ref().take(size));
        if may_exist {
            let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
            let replace = OnConflict::columns(key).update_columns(E::Column::iter()).to_owned();
            statement = statement.on_conflict(replace);
        }
        statement.exec_without_returning(db).await?;
    }
    Ok(())
}
