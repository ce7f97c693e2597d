//! From a draft to rows: the tables, the changes and the chain, in the transaction that was begun for it.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use entities::{change, import_job, import_row_error, mark_record, registry_meta};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use super::{draft::Draft, hash, rows};
use crate::snapshot::{Record, Snapshot};

/// Changes read at once while catching up.
const CATCH_UP: u64 = 2_000;

/// Place and hash of the last change.
pub(super) async fn head(db: &impl ConnectionTrait) -> Result<(i64, Vec<u8>)> {
    let last = change::Entity::find().select_only().columns([change::Column::Seq, change::Column::Hash]);
    let last: Option<(i64, Vec<u8>)> = last.order_by_desc(change::Column::Seq).into_tuple().one(db).await?;
    Ok(last.unwrap_or_default())
}

/// Applies to `snapshot` all changes that came after it.
pub(super) async fn catch_up(db: &impl ConnectionTrait, snapshot: &mut Snapshot) -> Result<()> {
    loop {
        let changes = change::Entity::find().filter(change::Column::Seq.gt(snapshot.seq()));
        let changes = changes.order_by_asc(change::Column::Seq).limit(CATCH_UP).all(db).await?;
        for change in &changes {
            snapshot.apply(Record::parse(change.subject_type, &change.after)?)?;
            snapshot.advance(change.seq);
        }
        if (changes.len() as u64) < CATCH_UP {
            return Ok(());
        }
    }
}

/// Writes a draft and answers the place of its last change.
pub(super) async fn append(
    transaction: &DatabaseTransaction,
    draft: &Draft,
    (mut seq, mut hash): (i64, Vec<u8>),
) -> Result<i64> {
    let mut changes = Vec::with_capacity(draft.changes.len());
    let mut marks = Vec::new();
    for drafted in &draft.changes {
        seq += 1;
        let mut row = change::Model {
            seq,
            at: draft.at,
            kind: drafted.kind,
            subject_type: drafted.after.subject_type(),
            subject_id: drafted.after.id(),
            platform_id: match &drafted.after {
                Record::Page(page) => Some(page.platform_id),
                Record::Platform(platform) => Some(platform.id),
                _ => None,
            },
            territory_id: drafted.territory_id,
            actor: draft.actor.to_string(),
            reason: drafted.reason.as_deref().map(str::to_owned),
            after: drafted.after.to_json()?,
            hash: Vec::new(),
        };
        hash = hash::seal(&hash, &row);
        row.hash.clone_from(&hash);
        if drafted.changes_mark
            && let Record::Page(page) = &drafted.after
        {
            marks.push(rows::mark(seq, page));
        }
        changes.push(row);
    }
    write_subjects(transaction, draft).await?;
    rows::insert::<mark_record::Entity>(transaction, marks).await?;
    rows::insert::<change::Entity>(transaction, changes).await?;
    write_notes(transaction, draft).await?;
    Ok(seq)
}

/// Writes each subject once, in its last state.
async fn write_subjects(transaction: &DatabaseTransaction, draft: &Draft) -> Result<()> {
    let mut last = BTreeMap::new();
    let mut freed = Vec::new();
    let mut is_new = HashSet::new();
    for drafted in &draft.changes {
        let key = (drafted.after.subject_type(), drafted.after.id());
        last.insert(key, &drafted.after);
        if drafted.is_new {
            is_new.insert(key);
        }
        if drafted.frees_key {
            freed.push(key.1);
        }
    }
    let known: Vec<_> = last.keys().filter(|key| !is_new.contains(*key)).collect();
    rows::clear_children(transaction, &known).await?;
    rows::free_keys(transaction, &freed).await?;
    rows::upsert(transaction, last.into_values()).await
}

async fn write_notes(transaction: &DatabaseTransaction, draft: &Draft) -> Result<()> {
    for (key, value) in &draft.meta {
        let row =
            registry_meta::Model { key: key.clone(), value: value.clone() }.into_active_model().reset_all();
        let replace = OnConflict::column(registry_meta::Column::Key)
            .update_column(registry_meta::Column::Value)
            .to_owned();
        registry_meta::Entity::insert(row).on_conflict(replace).exec_without_returning(transaction).await?;
    }
    if let Some(progress) = &draft.progress {
        use import_job::Column::{Counts, FinishedAt, Id, RowsDone, StartedAt, State};
        let row = progress.job.clone().into_active_model().reset_all();
        let replace = OnConflict::column(Id)
            .update_columns([Counts, FinishedAt, RowsDone, StartedAt, State])
            .to_owned();
        import_job::Entity::insert(row).on_conflict(replace).exec_without_returning(transaction).await?;
        if progress.job.rows_done == 0 {
            // A job that begins again, after it was interrupted, tells its refusals anew.
            let earlier = import_row_error::Column::JobId.eq(progress.job.id);
            import_row_error::Entity::delete_many().filter(earlier).exec(transaction).await?;
        }
        rows::insert::<import_row_error::Entity>(transaction, progress.errors.clone()).await?;
    }
    Ok(())
}
