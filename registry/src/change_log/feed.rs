//! Reading the change log: the changes after a sequence number, and the history of one subject.

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::{self, Audience, Column, Kind, SubjectType};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{Registry, feed_query::visible_to, hash_at, mark_of, next_seq::next_seq};
use crate::{
    model::Record,
    view::{FeedScope, Owners, View, Viewer},
};

/// Maximum rows per query.
const BATCH: u64 = 1_000;

/// Maximum number of changes scanned per request.
pub const MAX_SCANNED: i64 = 5_000;

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

/// A change in a reader's feed.
#[derive(Clone, Debug)]
pub struct FeedItem {
    /// The change.
    pub entry: Entry,
    /// Whether a copy must remove the subject: it is no longer public, or was moved out of the reader's territories.
    pub is_removal: bool,
}

/// Result of reading the feed.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The changes.
    pub items: Vec<FeedItem>,
    /// Sequence number where scanning stopped, with its hash mark; `None` when it reached the end.
    pub scanned_to: Option<(i64, u64)>,
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
    /// most [`MAX_SCANNED`] changes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changes(
        &self,
        scope: &FeedScope,
        view: &View,
        (after, until): (i64, i64),
        count: usize,
    ) -> Result<Found> {
        let (db, view) = (&self.database().read, &view.without_limits());
        let (viewer, snapshot) = (view.viewer(), self.snapshot());
        let (mut items, mut last, mut left) = (Vec::new(), after, MAX_SCANNED);
        let mut owners = Owners::new(scope, view);
        while items.len() < count && last < until {
            // Rare kinds are found by index, frequent ones by scanning the log.
            match next_seq(db, scope, viewer, last).await? {
                Some(next) if next <= until => last = next - 1,
                _ => break,
            }
            if left == 0 {
                return Ok(Found { items, scanned_to: Some(self.with_mark(last).await?) });
            }
            let end = until.min(last + left);
            // The database does not know which organizations are owners: few of its rows may remain.
            let wanted = if scope.with_owners { BATCH } else { (count - items.len()) as u64 };
            let (rows, reached) = self.rows(scope.condition(viewer), (last, end), BATCH.min(wanted)).await?;
            left -= reached - last;
            last = reached;
            // Changes from before the column `audience` existed do not record their visibility.
            let shown = rows.into_iter().filter(|row| {
                viewer.is_reviewer()
                    || row.audience.is_some()
                    || snapshot.shows(row.subject_type, row.subject_id)
            });
            items.extend(shown.filter_map(|row| item(scope, &mut owners, row)));
        }
        items.truncate(count);
        Ok(Found { items, scanned_to: None })
    }

    /// Rows in `after < seq <= end`, at most `size`, and the sequence number up to which they are complete.
    async fn rows(
        &self,
        condition: Condition,
        (after, end): (i64, i64),
        size: u64,
    ) -> Result<(Vec<Entry>, i64)> {
        let rows = change::Entity::find().select_only().columns(ENTRY).filter(condition);
        let rows = rows.filter(Column::Seq.gt(after)).filter(Column::Seq.lte(end));
        let rows = rows.order_by_asc(Column::Seq).limit(size).into_model::<Entry>();
        let rows = rows.all(&self.database().read).await?;
        let is_whole = (rows.len() as u64) < size;
        let reached = rows.last().filter(|_| !is_whole).map_or(end, |row| row.seq);
        Ok((rows, reached))
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
        let visible = visible_to(viewer).add(of_subject.clone());
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

/// The change as an item of a reader's feed; `None` if it is of an organization that does not match. The database has
/// checked all other conditions of the scope.
fn item(scope: &FeedScope, owners: &mut Owners<'_>, entry: Entry) -> Option<FeedItem> {
    let is_organization = entry.subject_type == SubjectType::Organization;
    let is_owner = is_organization && owners.contain(entry.subject_id);
    let is_in_territory = scope.has_territory(entry.territory_id);
    if is_organization && !is_owner && scope.with_owners {
        // Organizations have no platform.
        let was_in_territory = entry.former_territory_id.is_some_and(|id| scope.has_territory(Some(id)));
        let is_of_scope = scope.has_subject(SubjectType::Organization) && scope.has_platform(None);
        if !is_of_scope || !(is_in_territory || was_in_territory) {
            return None;
        }
    }
    let is_removal = entry.audience == Some(Audience::Removal) || !(is_in_territory || is_owner);
    Some(FeedItem { entry, is_removal })
}

/// Adds an entry, and sets the state before of later entries to the last state that the viewer may see.
fn add_step(steps: &mut Vec<HistoryStep>, row: change::Model, viewer: Viewer, count: usize) -> Result<()> {
    let after = Record::parse(row.subject_type, &row.after)?;
    let is_of_operators = matches!(row.audience, Some(Audience::Internal | Audience::Unchanged));
    let is_visible = viewer.is_reviewer() || !is_of_operators;
    if is_visible && (viewer.is_reviewer() || row.audience != Some(Audience::Removal)) {
        steps.iter_mut().rev().take_while(|step| step.before.is_none()).for_each(|step| {
            step.before = Some(after.clone());
        });
    }
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
