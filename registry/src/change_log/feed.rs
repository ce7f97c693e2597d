//! Reading the change log: the changes after a sequence number, and the history of one subject.

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::{self, Audience, Column, Kind, SubjectType};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, prelude::Expr,
};

use super::{Registry, hash_at, mark_of, next_seq::next_seq};
use crate::{model::Record, view::Viewer};

/// Maximum rows per query.
const BATCH: u64 = 1_000;

/// Maximum number of changes scanned per request.
pub const MOST_SCANNED: i64 = 5_000;

/// Rows per query while reading the history of one subject.
const HISTORY_BATCH: u64 = 100;

/// A change without its states.
#[derive(Clone, Debug, FromQueryResult)]
#[allow(missing_docs)]
pub struct Entry {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub kind: Kind,
    pub subject_type: SubjectType,
    pub subject_id: i64,
    pub platform_id: Option<i64>,
    pub territory_id: Option<i64>,
    pub former_territory_id: Option<i64>,
    pub audience: Option<Audience>,
    pub actor: String,
    pub reason: Option<String>,
    pub hash: Vec<u8>,
}

/// Result of reading the feed.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The changes.
    pub entries: Vec<Entry>,
    /// Sequence number where scanning stopped, with its hash mark; `None` when it reached the end.
    pub scanned_to: Option<(i64, u64)>,
}

/// Filter of the feed; empty lists match everything.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Scope {
    pub kinds: Vec<Kind>,
    pub subjects: Vec<SubjectType>,
    pub platform_id: Option<i64>,
    /// Changes in any of these territories, or that moved their subject out of one.
    pub territory_ids: Vec<i64>,
}

/// A change of one subject, with its states before and after.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct HistoryStep {
    pub entry: Entry,
    pub after: Record,
    /// `None` for the first change, and when the viewer may not see the state before.
    pub before: Option<Record>,
}

impl Registry {
    /// Changes in `after < seq <= until` that the viewer may see, the oldest first, at most `count`. Scans at
    /// most [`MOST_SCANNED`] changes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changes(
        &self,
        scope: &Scope,
        viewer: Viewer,
        (after, until): (i64, i64),
        count: usize,
    ) -> Result<Found> {
        let db = &self.database().read;
        let (mut entries, mut last, mut left) = (Vec::new(), after, MOST_SCANNED);
        let snapshot = self.snapshot();
        while entries.len() < count && last < until {
            // Rare kinds are found by index, frequent ones by scanning the log.
            match next_seq(db, scope, viewer, last).await? {
                Some(next) if next <= until => last = next - 1,
                _ => break,
            }
            if left == 0 {
                return Ok(Found { entries, scanned_to: Some(self.with_mark(last).await?) });
            }
            let end = until.min(last + left);
            let rows = change::Entity::find().select_only().columns(ENTRY);
            let rows = rows.filter(scope.condition(viewer)).filter(Column::Seq.gt(last));
            let rows = rows.filter(Column::Seq.lte(end)).order_by_asc(Column::Seq);
            let size = BATCH.min((count - entries.len()) as u64);
            let rows = rows.limit(size).into_model::<Entry>().all(db).await?;
            let is_whole = (rows.len() as u64) < size;
            let reached = rows.last().filter(|_| !is_whole).map_or(end, |row| row.seq);
            left -= reached - last;
            last = reached;
            // Changes from before the column `audience` existed do not record their visibility.
            entries.extend(rows.into_iter().filter(|row| {
                viewer.is_reviewer()
                    || row.audience.is_some()
                    || snapshot.shows(row.subject_type, row.subject_id)
            }));
        }
        Ok(Found { entries, scanned_to: None })
    }

    /// A sequence number with its hash mark.
    async fn with_mark(&self, seq: i64) -> Result<(i64, u64)> {
        let hash = hash_at(self.database(), seq).await?;
        let timeline = self.snapshot().timeline().clone();
        Ok((seq, hash.map_or(0, |hash| mark_of(&hash, &timeline))))
    }

    /// History entries of one subject before `before`, the newest first, at most `count`; and their total
    /// number.
    ///
    /// # Errors
    /// When the database does not answer, or a change cannot be parsed.
    pub async fn history(
        &self,
        subject: (SubjectType, i64),
        viewer: Viewer,
        window: (Option<i64>, i64),
        count: usize,
    ) -> Result<(Vec<HistoryStep>, u64)> {
        let _turn = self.history_turn().await?;
        // Boxed, and only after the permit: many requests may be waiting.
        Box::pin(self.read_history(subject, viewer, window, count)).await
    }

    async fn read_history(
        &self,
        subject: (SubjectType, i64),
        viewer: Viewer,
        (before, until): (Option<i64>, i64),
        count: usize,
    ) -> Result<(Vec<HistoryStep>, u64)> {
        let of_subject = Condition::all()
            .add(Column::SubjectType.eq(subject.0))
            .add(Column::SubjectId.eq(subject.1))
            .add(Column::Seq.lte(until));
        let db = &self.database().read;
        let visible = Scope::default().condition(viewer).add(of_subject.clone());
        let total = change::Entity::find().filter(visible).count(db).await?;
        let mut steps: Vec<HistoryStep> = Vec::with_capacity(count);
        let mut last = before.unwrap_or(i64::MAX);
        // One more than requested, for the state before the last entry; then full windows, because some
        // entries may be hidden.
        let mut size = (count as u64 + 1).min(HISTORY_BATCH);
        loop {
            let rows = change::Entity::find().filter(of_subject.clone()).filter(Column::Seq.lt(last));
            let rows = rows.order_by_desc(Column::Seq).limit(size).all(db).await?;
            let is_end = (rows.len() as u64) < size;
            size = HISTORY_BATCH;
            last = rows.last().map_or(last, |row| row.seq);
            for row in rows {
                add_step(&mut steps, row, viewer, count)?;
            }
            // The last entry still needs its state before.
            if is_end || steps.len() == count && steps.last().is_none_or(|step| step.before.is_some()) {
                break;
            }
        }
        Ok((steps, total))
    }
}

/// Adds an entry, and sets the state before of later entries to the last state that the viewer may see.
fn add_step(steps: &mut Vec<HistoryStep>, row: change::Model, viewer: Viewer, count: usize) -> Result<()> {
    let after = Record::parse(row.subject_type, &row.after)?;
    let is_seen =
        viewer.is_reviewer() || !matches!(row.audience, Some(Audience::Internal | Audience::Removal));
    if is_seen {
        steps.iter_mut().rev().take_while(|step| step.before.is_none()).for_each(|step| {
            step.before = Some(after.clone());
        });
    }
    let is_visible = viewer.is_reviewer() || row.audience != Some(Audience::Internal);
    if is_visible && steps.len() < count {
        steps.push(HistoryStep { entry: row.into(), after, before: None });
    }
    Ok(())
}

const ENTRY: [Column; 12] = [
    Column::Seq,
    Column::At,
    Column::Kind,
    Column::SubjectType,
    Column::SubjectId,
    Column::PlatformId,
    Column::TerritoryId,
    Column::FormerTerritoryId,
    Column::Audience,
    Column::Actor,
    Column::Reason,
    Column::Hash,
];

impl Scope {
    fn condition(&self, viewer: Viewer) -> Condition {
        let mut all = Condition::all();
        if !viewer.is_reviewer() {
            let is_shown =
                Condition::any().add(Column::Audience.is_null()).add(Column::Audience.ne(Audience::Internal));
            all = all.add(is_shown).add(Column::SubjectType.ne(SubjectType::Client));
        }
        if !self.kinds.is_empty() {
            all = all.add(read_along("kind", &self.kinds));
        }
        if !self.subjects.is_empty() {
            all = all.add(read_along("subject_type", &self.subjects));
        }
        if let Some(platform_id) = self.platform_id {
            all = all.add(Column::PlatformId.eq(platform_id));
        }
        if !self.territory_ids.is_empty() {
            let ids = || self.territory_ids.iter().copied();
            let touches = Condition::any()
                .add(Column::TerritoryId.is_in(ids()))
                .add(Column::FormerTerritoryId.is_in(ids()));
            all = all.add(touches);
        }
        all
    }
}

/// Condition on members, as an expression: it keeps the planner from choosing the column's own index, so the
/// log is read in order.
pub(super) fn read_along<E: ActiveEnum<Value = String>>(column: &str, members: &[E]) -> Expr {
    // Imported locally: the trait also defines `min`.
    use sea_orm::ExprTrait;
    Expr::cust(format!("{column} || ''")).is_in(members.iter().map(ActiveEnum::to_value))
}

impl From<change::Model> for Entry {
    fn from(row: change::Model) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            kind: row.kind,
            subject_type: row.subject_type,
            subject_id: row.subject_id,
            platform_id: row.platform_id,
            territory_id: row.territory_id,
            former_territory_id: row.former_territory_id,
            audience: row.audience,
            actor: row.actor,
            reason: row.reason,
            hash: row.hash,
        }
    }
}
