//! Ingest of submitted rows: each is validated, written and added to the sums, in one transaction.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use chrono::NaiveDate;
use entities::{page_statistics::Model, statistics_batch};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QueryOrder, QuerySelect};

use super::{
    PackedFigures,
    by_page::ByPage,
    chunk::{Judged, Write},
    day_hash::DayHashes,
    existing,
    figure::{Figure, Outcome, Rejection, Sender},
    finality::makes_final,
    late_subscribers::LateSubscribers,
    neighbours::Neighbours,
    partition,
    rows::Rows,
    validation, write,
};
use crate::{
    change_log::{self, ChangeSet},
    model::BatchSource,
    rollup::SumChanges,
    snapshot::Snapshot,
};

/// Ingests rows, and returns the outcome of each, in their order. Call it under the registry's write lock.
///
/// # Errors
/// When the database does not answer; rejected rows are no error.
pub(super) async fn ingest(
    db: &Arc<DatabaseTransaction>,
    change_set: &mut ChangeSet,
    sender: &Sender,
    figures: &PackedFigures,
) -> Result<Vec<Outcome>> {
    let first_segment = change_set.snapshot().segments().len() + 1;
    let batch_id = next_batch(&**db, change_set.snapshot()).await?;
    let mut ingest = Ingest {
        batch_id,
        touched: BTreeMap::new(),
        has_figures: HashMap::new(),
        sums: SumChanges::default(),
        hashes: DayHashes::default(),
        outcomes: vec![Outcome::Duplicate; figures.len()],
    };
    let begun = Instant::now();
    ingest.take_parts(db, change_set, sender, figures).await?;
    let written = begun.elapsed();
    if ingest.touched.is_empty() {
        return Ok(ingest.outcomes);
    }
    write::segments(db, change_set.snapshot().segments(), first_segment).await?;
    ingest.sums.write(db, change_set.snapshot().segments()).await?;
    let (written_ms, total_ms) = (written.as_millis(), begun.elapsed().as_millis());
    tracing::debug!(figures = figures.len(), written_ms, total_ms, "statistics and sums written");
    ingest.record_batch(db, change_set, sender).await
}

/// Next batch number, unused in both the table and the log: the log still has numbers of deleted batches.
async fn next_batch(db: &impl ConnectionTrait, snapshot: &Snapshot) -> Result<i32> {
    use statistics_batch::{Column::Id, Entity};
    let last: Option<i32> =
        Entity::find().select_only().column(Id).order_by_desc(Id).into_tuple().one(db).await?;
    let platforms: Vec<i64> = snapshot.platforms().keys().copied().collect();
    let sealed = change_log::last_batch(db, &platforms).await?;
    let next = last.unwrap_or(0).max(sealed).checked_add(1);
    next.context("`statistics_batch` has the largest possible number; run `registry check`")
}

/// State of an ingest.
pub(super) struct Ingest {
    pub(super) batch_id: i32,
    /// Number of public pages with written rows, by day and platform.
    pub(super) touched: BTreeMap<NaiveDate, BTreeMap<i64, usize>>,
    /// Whether the database had rows of public pages of a day before.
    has_figures: HashMap<NaiveDate, bool>,
    /// Changes of the sums over public pages.
    pub(super) sums: SumChanges,
    hashes: DayHashes,
    outcomes: Vec<Outcome>,
}

impl Ingest {
    /// Validates and writes the rows part by part. While the database writes one part, the next one is validated,
    /// unless it begins with the same page.
    async fn take_parts(
        &mut self,
        db: &Arc<DatabaseTransaction>,
        change_set: &mut ChangeSet,
        sender: &Sender,
        figures: &PackedFigures,
    ) -> Result<()> {
        let mut write = Write::default();
        for part in ByPage::new(figures).parts() {
            if part.goes_on {
                write.finished().await?;
            }
            let indexes = part.indexes.iter().map(|index| *index as usize);
            let chunk: Vec<_> = indexes.map(|index| (index, figures.get(index))).collect();
            let judged = self.judge(db, change_set, sender, (&chunk, part.goes_on)).await?;
            write.finished().await?;
            if self.sums.is_full() {
                self.sums.write(db, change_set.snapshot().segments()).await?;
            }
            write.begin(judged.write(db.clone())).await;
        }
        write.finished().await
    }

    /// Validates a part, and returns what is to be written.
    async fn judge(
        &mut self,
        db: &DatabaseTransaction,
        change_set: &mut ChangeSet,
        sender: &Sender,
        (figures, goes_on): (&[(usize, Figure)], bool),
    ) -> Result<Judged> {
        let begun = Instant::now();
        let judge =
            |(_, figure): &(usize, Figure)| validation::check(change_set, sender, figure).map(|page| page.id);
        let judged: Vec<Result<i64, Rejection>> = figures.iter().map(judge).collect();
        let days = self.days_to_read(db, change_set, (figures, goes_on), &judged).await?;
        let mut rows = Rows::new(existing::read(db, &days).await?);
        let makes_final = |stored: &Model, figure: &Figure| makes_final(change_set, stored, figure);
        let changing = rows.changing(figures, &judged, makes_final);
        let neighbours = Neighbours::read(db, change_set, &changing).await?;
        let late = LateSubscribers::new(change_set, &changing);
        let read_ms = begun.elapsed().as_millis();
        for ((index, figure), judged) in figures.iter().zip(judged) {
            self.outcomes[*index] = match judged {
                Ok(page_id) => self.take(change_set, page_id, figure, *index, &mut rows),
                Err(rejection) => Outcome::Rejected(rejection),
            };
        }
        late.correct(db, change_set, &mut rows).await?;
        let others = neighbours.mark(&mut rows);
        self.hashes.apply(change_set.snapshot(), &rows, &others);
        self.mark_jumps(&rows);
        let judged_ms = begun.elapsed().as_millis();
        tracing::debug!(figures = figures.len(), read_ms, judged_ms, "part of the statistics validated");
        Ok(Judged { rows, others })
    }

    /// Pages by day whose existing rows are needed to judge a part.
    async fn days_to_read(
        &mut self,
        db: &DatabaseTransaction,
        change_set: &ChangeSet,
        (figures, goes_on): (&[(usize, Figure)], bool),
        judged: &[Result<i64, Rejection>],
    ) -> Result<HashMap<NaiveDate, Vec<i64>>> {
        let mut days: HashMap<NaiveDate, Vec<i64>> = HashMap::new();
        for (figure, page) in
            figures.iter().zip(judged).filter_map(|((_, figure), page)| Some((figure, (*page).ok()?)))
        {
            days.entry(figure.day).or_default().push(page);
        }
        self.look_up_days(db, change_set, &days).await?;
        // A nightly load has the first rows of its day: none are to be read, except of hidden pages: sums omit them.
        days.retain(|day, pages| {
            if !goes_on && !self.has_figures[day] {
                pages.retain(|page_id| !change_set.snapshot().is_shown(*page_id));
            }
            !pages.is_empty()
        });
        Ok(days)
    }

    /// Looks up which days have rows in the database, and creates missing partitions.
    async fn look_up_days(
        &mut self,
        db: &DatabaseTransaction,
        change_set: &ChangeSet,
        days: &HashMap<NaiveDate, Vec<i64>>,
    ) -> Result<()> {
        let unsure: Vec<NaiveDate> =
            days.keys().copied().filter(|day| !self.has_figures.contains_key(day)).collect();
        partition::ensure(db, unsure.iter().copied()).await?;
        let summed_up = existing::days_summed_up(db, change_set.snapshot().segments(), &unsure).await?;
        self.has_figures.extend(unsure.into_iter().map(|day| (day, summed_up.contains(&day))));
        Ok(())
    }

    /// Sets `is_jump` of the outcomes.
    fn mark_jumps(&mut self, rows: &Rows) {
        for (index, key) in &rows.indexes {
            let jumps = rows.row(*key).is_some_and(|row| row.is_jump);
            if let Outcome::Stored { is_jump } | Outcome::Replaced { is_jump } = &mut self.outcomes[*index] {
                *is_jump = jumps;
            }
        }
    }

    /// Records the batch and its days in the change set, and returns the outcomes.
    async fn record_batch(
        self,
        db: &DatabaseTransaction,
        change_set: &mut ChangeSet,
        sender: &Sender,
    ) -> Result<Vec<Outcome>> {
        let batch = statistics_batch::Model {
            id: self.batch_id,
            actor: change_set.actor().to_string(),
            source: sender.source.clone(),
            at: change_set.now(),
        };
        write::batch(db, batch).await?;
        change_set.note_batch(
            BatchSource { id: self.batch_id, source: sender.source.as_str().into() },
            self.hashes.finish(),
        );
        for (day, platforms) in self.touched {
            platforms.into_iter().for_each(|(platform_id, rows)| change_set.note_day(platform_id, day, rows));
        }
        Ok(self.outcomes)
    }
}
