//! Ingest of submitted rows: each is validated, written and added to the sums, in one transaction.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use entities::{
    page_statistics::{Metric, Model},
    statistics_batch,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait, QueryOrder, QuerySelect};

use super::{
    PackedFigures,
    by_page::ByPage,
    chunk::{Judged, Write},
    day_hash::DayHashes,
    existing,
    figure::{Figure, Outcome, Rejection, Sender, Values, merged},
    late_subscribers::LateSubscribers,
    neighbours::Neighbours,
    partition,
    rows::Rows,
    validation, write,
};
use crate::{
    change_log::{self, ChangeSet},
    model::{BatchSource, Figures},
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
    // While the database writes one part, the next one is validated, unless it begins with the same page.
    let mut write = Write::default();
    for part in ByPage::new(figures).parts() {
        if part.goes_on {
            write.finished().await?;
        }
        let places = part.places.iter().map(|place| *place as usize);
        let chunk: Vec<_> = places.map(|place| (place, figures.get(place))).collect();
        let judged = ingest.judge(db, change_set, sender, (&chunk, part.goes_on)).await?;
        write.finished().await?;
        if ingest.sums.is_full() {
            ingest.sums.write(db, change_set.snapshot().segments()).await?;
        }
        write.begin(judged.write(db.clone())).await;
    }
    write.finished().await?;
    let written = begun.elapsed();
    if ingest.touched.is_empty() {
        return Ok(ingest.outcomes);
    }
    write::segments(db, change_set.snapshot().segments(), first_segment).await?;
    ingest.sums.write(db, change_set.snapshot().segments()).await?;
    let (written_ms, total_ms) = (written.as_millis(), begun.elapsed().as_millis());
    tracing::debug!(figures = figures.len(), written_ms, total_ms, "statistics and sums written");
    let batch = statistics_batch::Model {
        id: batch_id,
        actor: change_set.actor().to_string(),
        source: sender.source.clone(),
        at: change_set.now(),
    };
    write::batch(db, batch).await?;
    change_set.note_batch(
        BatchSource { id: batch_id, source: sender.source.as_str().into() },
        ingest.hashes.finish(),
    );
    for (day, platforms) in ingest.touched {
        platforms.into_iter().for_each(|(platform_id, rows)| change_set.note_day(platform_id, day, rows));
    }
    Ok(ingest.outcomes)
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
struct Ingest {
    batch_id: i32,
    /// Number of public pages with written rows, by day and platform.
    touched: BTreeMap<NaiveDate, BTreeMap<i64, usize>>,
    /// Whether the database had rows of public pages of a day before.
    has_figures: HashMap<NaiveDate, bool>,
    /// Changes of the sums over public pages.
    sums: SumChanges,
    hashes: DayHashes,
    outcomes: Vec<Outcome>,
}

impl Ingest {
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
        let mut days: HashMap<NaiveDate, Vec<i64>> = HashMap::new();
        for (figure, page) in
            figures.iter().zip(&judged).filter_map(|((_, figure), page)| Some((figure, (*page).ok()?)))
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
        let mut rows = Rows::new(existing::read(db, &days).await?);
        let changing = rows.changing(figures, &judged);
        let neighbours = Neighbours::read(db, change_set, &changing).await?;
        let late = LateSubscribers::new(change_set, &changing);
        let read_ms = begun.elapsed().as_millis();
        for ((place, figure), judged) in figures.iter().zip(judged) {
            self.outcomes[*place] = match judged {
                Ok(page_id) => self.take(change_set, page_id, figure, *place, &mut rows),
                Err(rejection) => Outcome::Rejected(rejection),
            };
        }
        late.correct(db, change_set, &mut rows).await?;
        let others = neighbours.mark(&mut rows);
        self.hashes.apply(change_set.snapshot(), &rows, &others);
        self.tell_jumps(&rows);
        let judged_ms = begun.elapsed().as_millis();
        tracing::debug!(figures = figures.len(), read_ms, judged_ms, "part of the statistics validated");
        Ok(Judged { rows, others })
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

    /// Merges a valid row.
    fn take(
        &mut self,
        change_set: &mut ChangeSet,
        page_id: i64,
        figure: &Figure,
        place: usize,
        rows: &mut Rows,
    ) -> Outcome {
        let key = (page_id, figure.day);
        let known = rows.row(key);
        let before = known.map(Model::values).unwrap_or_default();
        let after = merged(before, figure.values);
        let recorded_at = figure.recorded_at.unwrap_or_else(|| change_set.now());
        let counted = known.map(|known| (known.segment_id, before));
        let is_known = known.is_some();
        let is_older = known.is_some_and(|known| figure.recorded_at.is_some_and(|at| at < known.recorded_at));
        if is_older && after != before {
            return Outcome::Rejected(Rejection::OlderThanKnown);
        }
        let is_latest = take_latest(change_set, page_id, figure, recorded_at);
        if after == before {
            // The timestamp of a last post is not a value of a day: alone, it makes no row.
            return match (is_latest, is_known) {
                (true, true) => Outcome::Replaced { is_jump: false },
                (true, false) => Outcome::Stored { is_jump: false },
                (false, _) => Outcome::Duplicate,
            };
        }
        let Some(page) = change_set.snapshot().page(page_id).cloned() else {
            return Outcome::Rejected(Rejection::PageNotFound);
        };
        // A correction keeps the segment of the day, even if the page's segment has changed since.
        let segment_id = match counted {
            Some((segment_id, _)) => segment_id,
            None => change_set.segment_id(change_set.snapshot().segment_of(&page)),
        };
        let row = row(key, segment_id, after, self.batch_id, recorded_at);
        let is_shown = change_set.snapshot().is_shown(page_id);
        if is_shown {
            self.sums.count(figure.day, counted, (segment_id, after));
        }
        let is_first = rows.put(key, row, place);
        *self.touched.entry(figure.day).or_default().entry(page.platform_id).or_default() +=
            usize::from(is_first && is_shown);
        if is_known { Outcome::Replaced { is_jump: false } } else { Outcome::Stored { is_jump: false } }
    }

    /// Sets `is_jump` of the outcomes.
    fn tell_jumps(&mut self, rows: &Rows) {
        for (place, key) in &rows.places {
            let jumps = rows.row(*key).is_some_and(|row| row.is_jump);
            if let Outcome::Stored { is_jump } | Outcome::Replaced { is_jump } = &mut self.outcomes[*place] {
                *is_jump = jumps;
            }
        }
    }
}

fn row(
    (page_id, day): (i64, NaiveDate),
    segment_id: i32,
    values: Values,
    batch_id: i32,
    recorded_at: DateTime<Utc>,
) -> Model {
    let mut row = Model {
        page_id,
        day,
        segment_id,
        subscribers: None,
        views: None,
        reach: None,
        posts: None,
        reactions: None,
        comments: None,
        shares: None,
        messages_received: None,
        messages_answered: None,
        videos: None,
        shorts: None,
        streams: None,
        batch_id,
        recorded_at,
        is_jump: false,
    };
    row.set_values(values);
    row
}

/// Puts values as the latest of their page, if they are; returns whether that changes them.
fn take_latest(
    change_set: &mut ChangeSet,
    page_id: i64,
    figure: &Figure,
    recorded_at: DateTime<Utc>,
) -> bool {
    let subscribers =
        figure.values[Metric::Subscribers as usize].and_then(|number| u32::try_from(number).ok());
    let first = figure.day.and_time(NaiveTime::MIN).and_utc();
    let known = change_set.snapshot().figures(page_id).copied();
    let figures = Figures {
        subscribers: subscribers.or(known.and_then(|known| known.subscribers)),
        last_post_at: figure.last_post_at.or(known.and_then(|known| known.last_post_at)),
        // Clamped to the day: values of a past day count as measured at its end.
        recorded_at: recorded_at.clamp(first, first + TimeDelta::seconds(86_399)),
        seq: 0,
    };
    let tells = known.is_none_or(|known| {
        known.recorded_at <= figures.recorded_at
            && (known.subscribers, known.last_post_at) != (figures.subscribers, figures.last_post_at)
    });
    change_set.put_figures(page_id, figures) && tells
}
