//! Replays the log: verifies the chain and computes what every table should contain.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::{change, mark_record};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Verdict, rows as tables};
use crate::{
    change_log::{Actor, Receipt, chain, change_set::changes_mark, rows},
    model::{FigureDigests, Record, StatisticsBatch},
    snapshot::{FormerKey, Snapshot},
};

const WINDOW: u64 = 5_000;

/// Sender of a statistics batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) actor: String,
    pub(super) source: String,
    pub(super) at: DateTime<Utc>,
}

/// State after the changes replayed so far.
#[derive(Default)]
pub(super) struct Replay {
    snapshot: Snapshot,
    hash: Vec<u8>,
    /// Hash of the first change: the identity of the registry.
    registry: Vec<u8>,
    pub(super) former_keys: BTreeSet<FormerKey>,
    /// Last digests of each platform's statistics; `None` when its last change is older than digests.
    pub(super) digests: BTreeMap<i64, Option<FigureDigests>>,
    /// Number and digest of the segments, from the last change with digests.
    pub(super) segments: Option<(i32, Box<str>)>,
    pub(super) batches: BTreeMap<i32, Sent>,
    /// Whether there are batches from before the log recorded them.
    pub(super) has_old_batches: bool,
    /// Digests of imports.
    pub(super) jobs: BTreeMap<i64, Box<str>>,
    /// Imports that made changes: source, and first change of each.
    pub(super) imports: BTreeMap<i64, (Box<str>, i64)>,
    marks: Vec<mark_record::Model>,
    last_at: DateTime<Utc>,
}

impl Replay {
    pub(super) fn seq(&self) -> i64 {
        self.snapshot.seq()
    }

    /// Timestamp of the last change.
    pub(super) fn last_at(&self) -> DateTime<Utc> {
        self.last_at
    }

    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(super) fn first_difference(&self, loaded: &Snapshot) -> Option<String> {
        self.snapshot.first_difference(loaded)
    }

    /// Replays the next window of changes, up to `last`; returns the first fault.
    pub(super) async fn window(&mut self, db: &DatabaseTransaction, last: i64) -> Result<Option<Verdict>> {
        let first = self.seq() + 1;
        let changes = change::Entity::find().filter(change::Column::Seq.between(first, last));
        let changes = changes.order_by_asc(change::Column::Seq).limit(WINDOW).all(db).await?;
        let (Some(from), Some(to)) = (changes.first(), changes.last()) else {
            return Ok(Some(Verdict::Broken { seq: first }));
        };
        let receipts = tables::receipts(db, (from.seq, to.seq)).await?;
        for change in &changes {
            self.hash = chain::seal(&self.hash, change);
            if change.seq != self.seq() + 1 || self.hash != change.hash {
                return Ok(Some(Verdict::Broken { seq: change.seq }));
            }
            if change.seq == 1 {
                self.registry.clone_from(&change.hash);
            }
            if let Some(why) = receipts
                .get(&change.seq)
                .and_then(|row| Receipt::of_row(&self.registry, row).denial(&self.registry, &change.hash))
            {
                return Ok(Some(Verdict::Contradicted { seq: change.seq, why }));
            }
            if let Some(subject) = self.apply(change)? {
                return Ok(Some(Verdict::Differs { subject }));
            }
        }
        let seq = mark_record::Column::Seq;
        let marks = mark_record::Entity::find().filter(seq.between(from.seq, to.seq)).order_by_asc(seq);
        let marks = marks.all(db).await?;
        let expected = std::mem::take(&mut self.marks);
        Ok((marks != expected).then(|| {
            let differs = |mark: &&mark_record::Model| !expected.contains(mark);
            let missing = |mark: &&mark_record::Model| !marks.contains(mark);
            let mark = marks.iter().find(differs).or_else(|| expected.iter().find(missing));
            Verdict::Differs {
                subject: format!("the mark of change {}", mark.map_or(from.seq, |mark| mark.seq)),
            }
        }))
    }

    /// Applies a change; returns what is invalid in it.
    fn apply(&mut self, change: &change::Model) -> Result<Option<String>> {
        let actor = Actor::parse(&change.actor);
        if let Actor::Client(name) = &actor
            && self.snapshot.client_by_name(name).is_none()
        {
            return Ok(Some(format!("change {}, made by a client that is not in the log", change.seq)));
        }
        let mut wrong = None;
        let record = Record::parse(change.subject_type, &change.after)?;
        match &record {
            Record::Page(page) if changes_mark(self.snapshot.page(page.id), page) => {
                self.marks.push(rows::mark(change.seq, page));
            }
            Record::Statistics(batch) => wrong = self.apply_batch(change, batch),
            Record::ImportJob(job) => _ = self.jobs.insert(job.id, job.digest.clone()),
            _ => {}
        }
        if let Actor::Import { source, job } | Actor::Undo { source, job } = actor {
            self.imports.entry(job).or_insert((source, change.seq));
        }
        self.former_keys.extend(self.snapshot.lost_keys(&record));
        self.snapshot.apply(record)?;
        self.snapshot.advance(change.seq, &change.hash, change.at);
        self.last_at = change.at;
        Ok(wrong)
    }

    fn apply_batch(&mut self, change: &change::Model, batch: &StatisticsBatch) -> Option<String> {
        if let Some(digests) = &batch.digests {
            self.segments = Some(digests.segments.clone());
        }
        self.digests.insert(batch.platform_id, batch.digests.clone());
        self.has_old_batches |= batch.days.is_some() && batch.batch.is_none();
        if let Some(sent) = &batch.batch {
            let (actor, source) = (change.actor.clone(), sent.source.to_string());
            let sender = Sent { actor, source, at: change.at };
            // A batch has one change per platform.
            let known = self.batches.entry(sent.id).or_insert_with(|| sender.clone());
            return (*known != sender)
                .then(|| format!("the batch of figures {}, which has two senders", sent.id));
        }
        None
    }
}
