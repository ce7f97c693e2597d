//! The log as others read it: what came after a place, what happened to one subject, and the digest of the past.

use std::collections::HashMap;

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::change::{self, Audience, Column, Kind, SubjectType};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, prelude::Expr,
};

use super::{Registry, past::last_states};
use crate::snapshot::{PageDigest, Record, Viewer};

/// Rows read at once, when many may be hidden from the viewer.
const BATCH: u64 = 1_000;

/// Rows of one subject's history that are read at once.
const STEPS: u64 = 100;

/// A change without the states that it brought about.
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

/// Which changes a reader follows; empty lists let everything pass.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Scope {
    pub kinds: Vec<Kind>,
    pub subjects: Vec<SubjectType>,
    pub platform_id: Option<i64>,
    /// Changes in any of these territories, or that took their subject out of one.
    pub territory_ids: Vec<i64>,
}

/// A change of one subject, with its state after it and before it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Step {
    pub entry: Entry,
    pub after: Record,
    /// None for the first change, and where the viewer may not see the state before.
    pub before: Option<Record>,
}

impl Registry {
    /// Changes after `after` and up to `until`, the oldest first: at most `count`, as the viewer may see them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn changes(
        &self,
        scope: &Scope,
        viewer: Viewer,
        (after, until): (i64, i64),
        count: usize,
    ) -> Result<Vec<Entry>> {
        let mut found = Vec::new();
        let mut last = after;
        let snapshot = self.snapshot();
        while found.len() < count {
            let rows = change::Entity::find().select_only().columns(ENTRY);
            let rows = rows.filter(scope.condition(viewer)).filter(Column::Seq.gt(last));
            let rows = rows.filter(Column::Seq.lte(until)).order_by_asc(Column::Seq);
            let size = BATCH.min((count - found.len()) as u64);
            let rows = rows.limit(size).into_model::<Entry>().all(&self.database().read).await?;
            let is_last = (rows.len() as u64) < size;
            last = rows.last().map_or(last, |row| row.seq);
            // Changes older than the feed do not say who may learn of them.
            found.extend(rows.into_iter().filter(|row| {
                viewer.is_reviewer()
                    || row.audience.is_some()
                    || snapshot.shows(row.subject_type, row.subject_id)
            }));
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    /// Steps of one subject's history before `before`, the newest first: at most `count`, and how many there are in all.
    ///
    /// # Errors
    /// When the database does not answer, or the log does not hold what it should.
    pub async fn history(
        &self,
        subject: (SubjectType, i64),
        viewer: Viewer,
        (before, until): (Option<i64>, i64),
        count: usize,
    ) -> Result<(Vec<Step>, u64)> {
        let of_subject = Condition::all()
            .add(Column::SubjectType.eq(subject.0))
            .add(Column::SubjectId.eq(subject.1))
            .add(Column::Seq.lte(until));
        let db = &self.database().read;
        let visible = Scope::default().condition(viewer).add(of_subject.clone());
        let total = change::Entity::find().filter(visible).count(db).await?;
        let mut steps: Vec<Step> = Vec::with_capacity(count);
        let mut last = before.unwrap_or(i64::MAX);
        loop {
            let rows = change::Entity::find().filter(of_subject.clone()).filter(Column::Seq.lt(last));
            let rows = rows.order_by_desc(Column::Seq).limit(STEPS).all(db).await?;
            let is_end = (rows.len() as u64) < STEPS;
            last = rows.last().map_or(last, |row| row.seq);
            for row in rows {
                add_step(&mut steps, row, viewer, count)?;
            }
            // The last step still wants a state to be compared with.
            if is_end || steps.len() == count && steps.last().is_none_or(|step| step.before.is_some()) {
                break;
            }
        }
        Ok((steps, total))
    }

    /// Digest of a platform's public pages, or of all, at a place in the log; `None` when more than `most` pages have
    /// changed since.
    ///
    /// # Errors
    /// When the database does not answer, or the log does not hold what it should.
    pub async fn digest_at(
        &self,
        platform_id: Option<i64>,
        seq: i64,
        most: u64,
    ) -> Result<Option<(PageDigest, i64)>> {
        let snapshot = self.snapshot();
        let mut digest = snapshot.digest(platform_id);
        let seq = seq.min(snapshot.seq());
        if seq == snapshot.seq() {
            return Ok(Some((digest, seq)));
        }
        let since = change::Entity::find().select_only().column(Column::SubjectId).distinct();
        let since = since.filter(Column::SubjectType.eq(SubjectType::Page)).filter(Column::Seq.gt(seq));
        let since = since.filter(Column::Seq.lte(snapshot.seq()));
        let since = match platform_id {
            Some(platform_id) => since.filter(Column::PlatformId.eq(platform_id)),
            None => since,
        };
        let changed: Vec<i64> = since.limit(most + 1).into_tuple().all(&self.database().read).await?;
        if changed.len() as u64 > most {
            return Ok(None);
        }
        let mut earlier = HashMap::new();
        last_states(&self.database().read, SubjectType::Page, &changed, seq, &mut earlier).await?;
        for id in changed {
            if let Some(page) = snapshot.page(id).filter(|page| snapshot.is_shown(page.id)) {
                digest.subtract(&snapshot.digest_line(page));
            }
            if let Some((Record::Page(page), audience)) = earlier.get(&(SubjectType::Page, id))
                && audience.map_or(page.is_public(), |audience| audience == Audience::Public)
            {
                digest.add(&snapshot.digest_line(page));
            }
        }
        Ok(Some((digest, seq)))
    }
}

/// Adds a change, and tells the later ones what was before them: the last state that the viewer could see.
fn add_step(steps: &mut Vec<Step>, row: change::Model, viewer: Viewer, count: usize) -> Result<()> {
    let after = Record::parse(row.subject_type, &row.after)?;
    let is_seen =
        viewer.is_reviewer() || !matches!(row.audience, Some(Audience::Internal | Audience::Removal));
    if is_seen {
        steps.iter_mut().rev().take_while(|step| step.before.is_none()).for_each(|step| {
            step.before = Some(after.clone());
        });
    }
    let is_told = viewer.is_reviewer() || row.audience != Some(Audience::Internal);
    if is_told && steps.len() < count {
        steps.push(Step { entry: row.into(), after, before: None });
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

/// Any of these members, read along the log: as an expression the column is no reason to sort by an index of its own.
fn read_along<E: ActiveEnum<Value = String>>(column: &str, members: &[E]) -> Expr {
    // Imported here alone: it has a `min` of its own.
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
