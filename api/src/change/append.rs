//! From a draft to rows: the tables, the changes and the chain, in the transaction that was begun for it.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::{
    audience_segment,
    change::{self, SubjectType},
    import_job, import_row_error, import_row_warning, mark_record, page_latest, rating_entry, registry_meta,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};

use super::{
    draft::{Draft, DraftedChange},
    hash,
    progress::JobTaken,
    rows,
};
use crate::{
    facts,
    snapshot::{Record, Snapshot},
};

/// Changes read at once while catching up.
const CATCH_UP: u64 = 2_000;

/// End of the log.
pub(super) struct Head {
    seq: i64,
    hash: Vec<u8>,
    /// Moment of the last change.
    pub(super) at: DateTime<Utc>,
}

/// Place, hash and moment of the last change.
pub(super) async fn head(db: &impl ConnectionTrait) -> Result<Head> {
    use change::Column::{At, Hash, Seq};
    let last = change::Entity::find().select_only().columns([Seq, Hash, At]).order_by_desc(Seq);
    let last: Option<(i64, Vec<u8>, DateTime<Utc>)> = last.into_tuple().one(db).await?;
    let (seq, hash, at) = last.unwrap_or_default();
    Ok(Head { seq, hash, at })
}

/// Hash of the first change.
pub(super) async fn first_hash(db: &impl ConnectionTrait) -> Result<Option<Vec<u8>>> {
    let first = change::Entity::find().select_only().column(change::Column::Hash);
    Ok(first.order_by_asc(change::Column::Seq).into_tuple().one(db).await?)
}

/// Applies to `snapshot` all changes that came after it.
pub(super) async fn catch_up(db: &impl ConnectionTrait, snapshot: &mut Snapshot) -> Result<()> {
    let before = snapshot.seq();
    let mut has_figures = false;
    loop {
        let changes = change::Entity::find().filter(change::Column::Seq.gt(snapshot.seq()));
        let changes = changes.order_by_asc(change::Column::Seq).limit(CATCH_UP).all(db).await?;
        for change in &changes {
            snapshot.apply(Record::parse(change.subject_type, &change.after)?)?;
            snapshot.advance(change.seq);
            has_figures |= change.subject_type == SubjectType::Statistics;
        }
        if (changes.len() as u64) < CATCH_UP {
            break;
        }
    }
    if has_figures {
        catch_up_segments(db, snapshot).await?;
        catch_up_figures(db, snapshot, before).await?;
    }
    Ok(())
}

/// Reads the segments that figures were counted among for the first time.
async fn catch_up_segments(db: &impl ConnectionTrait, snapshot: &mut Snapshot) -> Result<()> {
    use audience_segment::Column::Id;
    let rows = audience_segment::Entity::find().filter(Id.gt(snapshot.segments().len()));
    for row in rows.order_by_asc(Id).all(db).await? {
        snapshot.add_segment((&row).into());
    }
    Ok(())
}

/// Reads the figures that changes after `seq` brought: the log tells of them, but does not hold them.
async fn catch_up_figures(db: &impl ConnectionTrait, snapshot: &mut Snapshot, seq: i64) -> Result<()> {
    use page_latest::Column::Seq;
    // One pass over the table: an index on `seq` would cost every load more than it saves here.
    for row in page_latest::Entity::find().filter(Seq.gt(seq)).all(db).await? {
        // A page newer than this snapshot comes with the changes that follow.
        if snapshot.page(row.page_id).is_some() {
            snapshot.record_figures(row.page_id, row.into());
        }
    }
    Ok(())
}

/// Writes a draft and answers the place of its last change.
pub(super) async fn append(
    transaction: &DatabaseTransaction,
    draft: &Draft,
    Head { mut seq, mut hash, .. }: Head,
) -> Result<i64> {
    let mut changes = Vec::with_capacity(draft.changes.len());
    let mut marks = Vec::new();
    for drafted in &draft.changes {
        seq += 1;
        let mut row = row_of(draft, drafted, seq)?;
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
    rows::insert::<rating_entry::Entity>(transaction, draft.rating_entries.clone()).await?;
    rows::insert::<change::Entity>(transaction, changes).await?;
    for had_others in [true, false] {
        let figures = draft.figures.iter().filter(|(_, (_, had))| *had == had_others);
        let figures = figures.map(|(page_id, (figures, _))| figures.row(*page_id, seq));
        facts::write_latest(transaction, figures.collect(), had_others).await?;
    }
    rows::insert_former_keys(transaction, &draft.former_keys).await?;
    write_notes(transaction, draft).await?;
    Ok(seq)
}

/// Row of a change, not sealed yet.
fn row_of(draft: &Draft, drafted: &DraftedChange, seq: i64) -> Result<change::Model> {
    Ok(change::Model {
        seq,
        at: draft.at,
        kind: drafted.kind,
        subject_type: drafted.after.subject_type(),
        subject_id: drafted.after.id(),
        platform_id: match &drafted.after {
            Record::Page(page) => Some(page.platform_id),
            Record::Platform(platform) => Some(platform.id),
            Record::Statistics(batch) => Some(batch.platform_id),
            _ => None,
        },
        territory_id: drafted.territory_id,
        former_territory_id: drafted.former_territory_id,
        audience: Some(drafted.audience),
        actor: draft.actor.to_string(),
        reason: drafted.reason.as_deref().map(str::to_owned),
        after: drafted.after.to_json()?,
        hash: Vec::new(),
    })
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
        use import_job::Column::{Counts, FinishedAt, FirstSeq, Id, LastSeq, RowsDone, StartedAt, State};
        let id = progress.job.id;
        if progress.is_new && import_job::Entity::find_by_id(id).one(transaction).await?.is_some() {
            return Err(JobTaken(id).into());
        }
        let row = progress.job.clone().into_active_model().reset_all();
        let replace = OnConflict::column(Id)
            .update_columns([Counts, FinishedAt, FirstSeq, LastSeq, RowsDone, StartedAt, State])
            .to_owned();
        import_job::Entity::insert(row).on_conflict(replace).exec_without_returning(transaction).await?;
        if progress.job.rows_done == 0 {
            // A job that begins again, after it was interrupted, tells its refusals anew.
            let earlier = import_row_error::Column::JobId.eq(progress.job.id);
            import_row_error::Entity::delete_many().filter(earlier).exec(transaction).await?;
            let earlier = import_row_warning::Column::JobId.eq(progress.job.id);
            import_row_warning::Entity::delete_many().filter(earlier).exec(transaction).await?;
        }
        rows::insert::<import_row_error::Entity>(transaction, progress.errors.clone()).await?;
        rows::insert::<import_row_warning::Entity>(transaction, progress.warnings.clone()).await?;
    }
    Ok(())
}
