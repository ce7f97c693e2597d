//! Writes a change set as rows: subject tables, changes and hash chain, in the write transaction.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::{
    audience_segment,
    change::{self, SubjectType},
    mark_record, page_latest, rating_entry,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    chain,
    change_set::{ChangeSet, StagedChange},
    latest, rows,
    timeline::TimelineFault,
};
use crate::{database::bulk, model::Record, snapshot::Snapshot};

/// Number of changes per query while catching up.
const CATCH_UP: u64 = 2_000;

/// Last change of the log.
pub(super) struct Head {
    seq: i64,
    hash: Vec<u8>,
    /// Timestamp of the last change.
    pub(super) at: DateTime<Utc>,
}

/// Sequence number, hash and timestamp of the last change.
pub(super) async fn head(db: &impl ConnectionTrait) -> Result<Head> {
    use change::Column::{At, Hash, Seq};
    let last = change::Entity::find().select_only().columns([Seq, Hash, At]).order_by_desc(Seq);
    let last: Option<(i64, Vec<u8>, DateTime<Utc>)> = last.into_tuple().one(db).await?;
    let (seq, hash, at) = last.unwrap_or_default();
    Ok(Head { seq, hash, at })
}

/// Sequence number and hash of the last change.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn log_end(db: &impl ConnectionTrait) -> Result<(i64, Vec<u8>)> {
    let head = head(db).await?;
    Ok((head.seq, head.hash))
}

/// Hash and timestamp of the first change.
pub(super) async fn first_change(db: &impl ConnectionTrait) -> Result<Option<(Vec<u8>, DateTime<Utc>)>> {
    let first = change::Entity::find().select_only().columns([change::Column::Hash, change::Column::At]);
    Ok(first.filter(change::Column::Seq.eq(1)).into_tuple().one(db).await?)
}

/// Applies to `snapshot` all later changes.
///
/// # Errors
/// When the database does not answer, or its log is not the one that the snapshot was built from.
pub(super) async fn catch_up(db: &impl ConnectionTrait, snapshot: &mut Snapshot) -> Result<()> {
    let before = snapshot.seq();
    let fault = TimelineFault { seq: before };
    let (mut has_figures, mut has_pages) = (false, false);
    // The snapshot's own change is read with the first window; its hash must be unchanged.
    let mut known = (before > 0).then(|| (before, snapshot.hash().to_vec()));
    loop {
        let from = known.as_ref().map_or(snapshot.seq() + 1, |(seq, _)| *seq);
        let changes = change::Entity::find().filter(change::Column::Seq.gte(from));
        let mut changes = changes.order_by_asc(change::Column::Seq).limit(CATCH_UP).all(db).await?;
        let is_last = (changes.len() as u64) < CATCH_UP;
        if let Some((seq, hash)) = known.take() {
            if changes.first().is_none_or(|change| change.seq != seq || change.hash != hash) {
                return Err(fault.into());
            }
            changes.remove(0);
        }
        for change in &changes {
            if change.seq != snapshot.seq() + 1 {
                return Err(fault.into());
            }
            snapshot.apply(Record::parse(change.subject_type, &change.after)?)?;
            snapshot.advance(change.seq, &change.hash, change.at);
            has_figures |= change.subject_type == SubjectType::Statistics;
            has_pages |= change.subject_type == SubjectType::Page;
        }
        if is_last {
            break;
        }
    }
    if has_figures {
        catch_up_segments(db, snapshot).await?;
        catch_up_figures(db, snapshot, before).await?;
        if has_pages {
            // It is unknown here whether pages that were hidden or shown had statistics at that time.
            snapshot.figures_were_hidden_or_shown();
        }
    }
    Ok(())
}

/// Reads newly added segments.
async fn catch_up_segments(db: &impl ConnectionTrait, snapshot: &mut Snapshot) -> Result<()> {
    use audience_segment::Column::Id;
    let rows = audience_segment::Entity::find().filter(Id.gt(snapshot.segments().len()));
    for row in rows.order_by_asc(Id).all(db).await? {
        snapshot.add_segment((&row).into());
    }
    Ok(())
}

/// Reads the latest statistics recorded after `seq`: the log announces them but does not contain them.
async fn catch_up_figures(db: &impl ConnectionTrait, snapshot: &mut Snapshot, seq: i64) -> Result<()> {
    use page_latest::Column::Seq;
    // A single scan: an index on `seq` would cost each bulk load more than it saves here.
    for row in page_latest::Entity::find().filter(Seq.gt(seq)).all(db).await? {
        // A page that is newer than this snapshot is added by later changes.
        if snapshot.page(row.page_id).is_some() {
            snapshot.record_figures(row.page_id, row.into());
        }
    }
    Ok(())
}

/// Writes a change set; returns the sequence number and the hash of its last change.
pub(super) async fn append(
    transaction: &DatabaseTransaction,
    change_set: &ChangeSet,
    Head { mut seq, mut hash, .. }: Head,
) -> Result<(i64, Vec<u8>)> {
    let mut changes = Vec::with_capacity(change_set.changes.len());
    let mut marks = Vec::new();
    for staged in &change_set.changes {
        seq += 1;
        let mut row = row_of(change_set, staged, seq)?;
        hash = chain::seal(&hash, &row);
        row.hash.clone_from(&hash);
        if staged.changes_mark
            && let Record::Page(page) = &staged.after
        {
            marks.push(rows::mark(seq, page));
        }
        changes.push(row);
    }
    write_subjects(transaction, change_set).await?;
    bulk::insert::<mark_record::Entity>(transaction, marks).await?;
    bulk::insert::<rating_entry::Entity>(transaction, change_set.rating_entries.clone()).await?;
    bulk::insert::<change::Entity>(transaction, changes).await?;
    for had_others in [true, false] {
        latest::write(transaction, change_set.figures.latest(had_others), had_others).await?;
    }
    rows::insert_former_keys(transaction, &change_set.former_keys).await?;
    Ok((seq, hash))
}

/// Row of a change, without its hash.
fn row_of(change_set: &ChangeSet, staged: &StagedChange, seq: i64) -> Result<change::Model> {
    Ok(change::Model {
        seq,
        at: change_set.at,
        kind: staged.kind,
        subject_type: staged.after.subject_type(),
        subject_id: staged.after.id(),
        platform_id: match &staged.after {
            Record::Page(page) => Some(page.platform_id),
            Record::Platform(platform) => Some(platform.id),
            Record::Statistics(batch) => Some(batch.platform_id),
            _ => None,
        },
        territory_id: staged.territory_id,
        former_territory_id: staged.former_territory_id,
        audience: Some(staged.audience),
        actor: change_set.actor.to_string(),
        reason: staged.reason.as_deref().or(change_set.reason.as_deref()).map(str::to_owned),
        evidence: change_set.evidence.as_ref().map(serde_json::to_string).transpose()?,
        after: staged.after.to_json()?,
        hash: Vec::new(),
    })
}

/// Writes each subject once, in its final state.
async fn write_subjects(transaction: &DatabaseTransaction, change_set: &ChangeSet) -> Result<()> {
    let mut last = BTreeMap::new();
    let mut freed = Vec::new();
    let mut is_new = HashSet::new();
    for staged in &change_set.changes {
        let key = (staged.after.subject_type(), staged.after.id());
        last.insert(key, &staged.after);
        if staged.is_new {
            is_new.insert(key);
        }
        if staged.frees_key {
            freed.push(key.1);
        }
    }
    let known: Vec<_> = last.keys().filter(|key| !is_new.contains(*key)).collect();
    rows::clear_children(transaction, &known).await?;
    rows::free_keys(transaction, &freed).await?;
    rows::upsert(transaction, last.into_values()).await
}
