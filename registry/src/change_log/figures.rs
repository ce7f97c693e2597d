//! Statistics of a write: one change per platform, with digests of all statistics after the write.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Result;
use chrono::{DateTime, NaiveDate, Utc};
use entities::{
    change::{self, Kind, SubjectType},
    page_latest, statistics_digest,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};

use super::{
    chain::Fields,
    change_set::ChangeSet,
    lt_hash::LtHash,
    sealed_figures::{check_segments, hashes_of_figures},
    stamp::in_micros,
};
use crate::{
    database::bulk,
    model::{BatchSource, FigureDigests, Figures, Record, Segments, StatisticsBatch},
};

/// Version of the hash input of statistics and segments.
const VERSION: u8 = 1;
/// Pages hashed per thread.
const HASHED_AT_ONCE: usize = 50_000;

/// Statistics in a change set.
#[derive(Default)]
pub(super) struct StagedFigures {
    /// Latest statistics of pages, new and before.
    latest: BTreeMap<i64, (Figures, Option<Figures>)>,
    /// First and last day with new statistics, and number of public pages, by platform.
    days: BTreeMap<i64, (NaiveDate, NaiveDate, usize)>,
    /// Changes to the hashes of daily statistics, by platform.
    day_hashes: BTreeMap<i64, LtHash>,
    batch: Option<BatchSource>,
}

impl StagedFigures {
    /// Latest statistics of pages that had some before, or of pages that had none.
    pub(super) fn latest(&self, had_others: bool) -> Vec<page_latest::Model> {
        let of_these = self.latest.iter().filter(|(_, (_, before))| before.is_some() == had_others);
        of_these.map(|(page_id, (figures, _))| figures.row(*page_id)).collect()
    }
}

impl ChangeSet {
    /// Puts the latest statistics of a page; returns `false` when the registry has the same or later ones.
    pub fn put_figures(&mut self, page_id: i64, figures: Figures) -> bool {
        let figures = Figures {
            last_post_at: figures.last_post_at.map(in_micros),
            recorded_at: in_micros(figures.recorded_at),
            ..figures
        };
        let known = self.snapshot.figures(page_id).copied();
        if known
            .is_some_and(|known| known.has_same_values(&figures) || known.recorded_at > figures.recorded_at)
        {
            return false;
        }
        self.snapshot.record_figures(page_id, figures);
        self.figures
            .latest
            .entry(page_id)
            .and_modify(|(latest, _)| *latest = figures)
            .or_insert((figures, known));
        true
    }

    /// Adds a day with new statistics of a platform, and the number of public pages among them.
    pub fn note_day(&mut self, platform_id: i64, day: NaiveDate, pages: usize) {
        let (first, last, number) = self.figures.days.entry(platform_id).or_insert((day, day, 0));
        *first = day.min(*first);
        *last = day.max(*last);
        *number += pages;
    }

    /// Sets the batch of the daily statistics, and their changes to the hashes of platforms.
    pub fn note_batch(&mut self, batch: BatchSource, hashes: BTreeMap<i64, LtHash>) {
        self.figures.batch = Some(batch);
        self.figures.day_hashes = hashes;
    }

    /// Adds one change per platform for the statistics that were put, with digests of all statistics after
    /// the write. The segments `before` the write must be those sealed in the log.
    pub(super) async fn close_figures(&mut self, db: &DatabaseTransaction, before: &Segments) -> Result<()> {
        let mut batches = self.batches();
        if !batches.is_empty() {
            check_segments(db, &digest_of_segments(before)).await?;
        }
        let last_seq = self.snapshot.seq() + (self.changes.len() + batches.len()) as i64;
        for (page_id, (figures, _)) in &mut self.figures.latest {
            figures.seq = last_seq;
            self.snapshot.record_figures(*page_id, *figures);
        }
        self.seal(db, &mut batches).await?;
        for batch in batches.into_values() {
            self.push(Kind::StatisticsRecorded, Record::Statistics(Arc::new(batch)), None, false)?;
        }
        Ok(())
    }

    fn batches(&mut self) -> BTreeMap<i64, StatisticsBatch> {
        let mut batches: BTreeMap<i64, StatisticsBatch> = BTreeMap::new();
        for (page_id, (figures, _)) in &self.figures.latest {
            let Some(platform_id) = self.snapshot.page(*page_id).map(|page| page.platform_id) else {
                continue;
            };
            let batch = batches.entry(platform_id).or_insert(empty_batch(platform_id, figures.recorded_at));
            if !self.snapshot.is_shown(*page_id) {
                // The public part of the change counts public pages only.
                continue;
            }
            batch.recorded_at = match batch.pages {
                0 => figures.recorded_at,
                _ => batch.recorded_at.max(figures.recorded_at),
            };
            batch.pages += 1;
        }
        for (platform_id, (first, last, pages)) in std::mem::take(&mut self.figures.days) {
            let batch = batches.entry(platform_id).or_insert(empty_batch(platform_id, self.at));
            *batch = StatisticsBatch {
                pages: if pages > 0 { pages } else { batch.pages },
                days: Some((first, last)),
                batch: self.figures.batch.clone(),
                ..batch.clone()
            };
        }
        batches
    }

    /// Updates the digests of the platforms' statistics.
    async fn seal(
        &self,
        db: &DatabaseTransaction,
        batches: &mut BTreeMap<i64, StatisticsBatch>,
    ) -> Result<()> {
        if batches.is_empty() {
            return Ok(());
        }
        let mut latest = self.latest_hashes().await?;
        let platforms = statistics_digest::Column::PlatformId.is_in(batches.keys().copied());
        let known = statistics_digest::Entity::find().filter(platforms).all(db).await?;
        let known: BTreeMap<_, _> = known.into_iter().map(|row| (row.platform_id, row)).collect();
        let segments = digest_of_segments(self.snapshot.segments());
        let mut sealed = Vec::with_capacity(batches.len());
        for (platform_id, batch) in batches {
            let before = hashes_of_figures(db, *platform_id, known.get(platform_id)).await?;
            // The platform has statistics from before digests existed, which are not hashed yet.
            let Some((mut of_latest, mut of_days)) = before else { continue };
            latest.remove(platform_id).iter().for_each(|change| of_latest.merge(change));
            self.figures.day_hashes.get(platform_id).iter().for_each(|change| of_days.merge(change));
            batch.digests = Some(FigureDigests {
                latest: of_latest.digest().into(),
                days: of_days.digest().into(),
                segments: segments.clone(),
            });
            let (platform_id, latest, days) = (*platform_id, of_latest.bytes(), of_days.bytes());
            sealed.push(statistics_digest::Model { platform_id, latest, days });
        }
        bulk::upsert::<statistics_digest::Entity>(db, sealed).await
    }

    /// Creates the digests of platforms whose statistics are older than digests; `days` are the hashes of
    /// their daily statistics.
    pub(super) async fn begin_digests(
        &mut self,
        db: &DatabaseTransaction,
        days: &BTreeMap<i64, LtHash>,
    ) -> Result<()> {
        let known = statistics_digest::Entity::find().all(db).await?;
        let mut latest: BTreeMap<i64, LtHash> = BTreeMap::new();
        for page in self.snapshot.pages().values() {
            if let Some(figures) = self.snapshot.figures(page.id) {
                latest.entry(page.platform_id).or_default().add(&latest_element(&figures.row(page.id)));
            }
        }
        let segments = digest_of_segments(self.snapshot.segments());
        for platform_id in platforms_with_figures(db).await? {
            if known.iter().any(|row| row.platform_id == platform_id) {
                continue;
            }
            let of_latest = latest.remove(&platform_id).unwrap_or_default();
            let of_days = days.get(&platform_id).cloned().unwrap_or_default();
            let digests = FigureDigests {
                latest: of_latest.digest().into(),
                days: of_days.digest().into(),
                segments: segments.clone(),
            };
            let (latest, days) = (of_latest.bytes(), of_days.bytes());
            let row = statistics_digest::Model { platform_id, latest, days };
            bulk::insert::<statistics_digest::Entity>(db, vec![row]).await?;
            let batch = StatisticsBatch { digests: Some(digests), ..empty_batch(platform_id, self.at) };
            self.push(Kind::StatisticsRecorded, Record::Statistics(Arc::new(batch)), None, true)?;
        }
        Ok(())
    }

    /// Changes to the hashes of latest statistics, by platform; computed in parallel, because there may be
    /// many.
    async fn latest_hashes(&self) -> Result<BTreeMap<i64, LtHash>> {
        let platform_of = |page_id: i64| self.snapshot.page(page_id).map(|page| page.platform_id);
        let changes = self.figures.latest.iter();
        let changes =
            changes.filter_map(|(id, (after, before))| Some((platform_of(*id)?, *id, *before, *after)));
        let changes: Vec<_> = changes.collect();
        let parts: Vec<_> = changes.chunks(HASHED_AT_ONCE).map(<[_]>::to_vec).collect();
        let threads: Vec<_> = parts
            .into_iter()
            .map(|part| {
                tokio::task::spawn_blocking(move || {
                    let mut hashes: BTreeMap<i64, LtHash> = BTreeMap::new();
                    for (platform_id, page_id, before, after) in part {
                        let hash = hashes.entry(platform_id).or_default();
                        before.iter().for_each(|before| hash.remove(&latest_element(&before.row(page_id))));
                        hash.add(&latest_element(&after.row(page_id)));
                    }
                    hashes
                })
            })
            .collect();
        let mut all: BTreeMap<i64, LtHash> = BTreeMap::new();
        for thread in threads {
            for (platform_id, hash) in thread.await? {
                all.entry(platform_id).or_default().merge(&hash);
            }
        }
        Ok(all)
    }
}

fn empty_batch(platform_id: i64, recorded_at: DateTime<Utc>) -> StatisticsBatch {
    StatisticsBatch { platform_id, pages: 0, recorded_at, days: None, batch: None, digests: None }
}

/// Platforms with recorded statistics according to the log.
async fn platforms_with_figures(db: &DatabaseTransaction) -> Result<Vec<i64>> {
    use change::Column::{SubjectId, SubjectType as Type};
    let platforms = change::Entity::find().select_only().column(SubjectId).distinct();
    Ok(platforms.filter(Type.eq(SubjectType::Statistics)).into_tuple().all(db).await?)
}

/// Latest statistics of a page as an element of the hashed set.
pub(super) fn latest_element(row: &page_latest::Model) -> blake3::Hasher {
    let mut fields = Fields::begin(VERSION);
    fields.add(1, &row.page_id.to_le_bytes());
    fields.add_number(2, row.subscribers);
    fields.add_number(3, row.last_post_at.map(|at| at.timestamp_micros()));
    fields.add(4, &row.recorded_at.timestamp_micros().to_le_bytes());
    fields.add(5, &row.seq.to_le_bytes());
    fields.into_hasher()
}

/// Number and digest of all segments.
fn digest_of_segments(segments: &Segments) -> (i32, Box<str>) {
    let mut all = blake3::Hasher::new();
    for row in (1..=segments.len()).filter_map(|id| segments.row(id)) {
        all.update(&segment_hash(&row));
    }
    (segments.len(), all.finalize().to_hex().as_str().into())
}

/// Hash of a segment's row.
pub(super) fn segment_hash(row: &entities::audience_segment::Model) -> Vec<u8> {
    use sea_orm::ActiveEnum;
    let mut fields = Fields::begin(VERSION);
    fields.add(1, &row.id.to_le_bytes());
    fields.add(2, row.grain.to_value().as_bytes());
    fields.add(3, &row.platform_id.to_le_bytes());
    fields.add_number(4, row.region_id);
    fields.add_text(5, row.kind.map(|kind| kind.to_value()).as_deref());
    fields.add_text(6, row.level.map(|level| level.to_value()).as_deref());
    fields.add_text(7, row.branch.map(|branch| branch.to_value()).as_deref());
    fields.add_number(8, row.sector_id);
    let coarser = [row.region_segment_id, row.class_segment_id, row.platform_segment_id];
    for (tag, id) in (9..).zip(coarser) {
        fields.add_number(tag, id.map(i64::from));
    }
    fields.hash()
}
