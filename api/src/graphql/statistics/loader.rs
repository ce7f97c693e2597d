//! Data loader: reads the statistics of all pages of a response in one statement.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_graphql::dataloader::{DataLoader, Loader};
use chrono::NaiveDate;
use entities::page_statistics::Model;
use registry::{analytics::series::Span, database::Database, statistics};

use crate::graphql::error::{Error, Result};

/// Key: statistics of a page on the days of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct DaysOf {
    page_id: i64,
    span: Span,
}

/// Key: statistics of a page on its last day with statistics, up to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct LastDayOf {
    page_id: i64,
    until: NaiveDate,
}

/// Time without new keys after which a batch is read.
const QUIET: Duration = Duration::from_millis(1);

/// Reads batches of statistics.
struct Figures {
    database: Database,
}

/// Loader of one request; never shared between requests, so that viewers do not share rows.
pub struct StatisticsLoader {
    loader: DataLoader<Figures>,
    asked: Arc<AtomicUsize>,
}

impl StatisticsLoader {
    /// Creates the loader of a request.
    pub fn new(database: &Database) -> Self {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let spawn = move |loading| tokio::spawn(when_quiet(counted.clone(), loading));
        let loader = DataLoader::new(Figures { database: database.clone() }, spawn).delay(Duration::ZERO);
        Self { loader, asked }
    }

    /// Statistics of a page on the days of a span, in order of days.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn days(&self, page_id: i64, span: Span) -> Result<Arc<Vec<Model>>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let days = self.loader.load_one(DaysOf { page_id, span }).await;
        Ok(days.map_err(Error::Internal)?.unwrap_or_default())
    }

    /// Statistics of a page on its last day with statistics, up to a day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_day(&self, page_id: i64, until: NaiveDate) -> Result<Option<Arc<Model>>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.loader.load_one(LastDayOf { page_id, until }).await.map_err(Error::Internal)
    }
}

/// Waits until there are no new keys: the executor resolves the items of a list two at a time and yields in between.
async fn when_quiet(asked: Arc<AtomicUsize>, loading: impl Future<Output = ()>) {
    let mut known = 0;
    loop {
        let now = asked.load(Ordering::Relaxed);
        if now == known {
            break;
        }
        known = now;
        tokio::time::sleep(QUIET).await;
    }
    loading.await;
}

impl Loader<DaysOf> for Figures {
    type Value = Arc<Vec<Model>>;
    type Error = Arc<anyhow::Error>;

    async fn load(&self, keys: &[DaysOf]) -> Result<HashMap<DaysOf, Self::Value>, Self::Error> {
        let mut by_span: HashMap<Span, Vec<i64>> = HashMap::new();
        keys.iter().for_each(|key| by_span.entry(key.span).or_default().push(key.page_id));
        let mut found: HashMap<DaysOf, Vec<Model>> = HashMap::new();
        for (span, pages) in by_span {
            for row in statistics::days(&self.database, &pages, span.0, span.1).await? {
                found.entry(DaysOf { page_id: row.page_id, span }).or_default().push(row);
            }
        }
        Ok(found.into_iter().map(|(key, rows)| (key, Arc::new(rows))).collect())
    }
}

impl Loader<LastDayOf> for Figures {
    type Value = Arc<Model>;
    type Error = Arc<anyhow::Error>;

    async fn load(&self, keys: &[LastDayOf]) -> Result<HashMap<LastDayOf, Self::Value>, Self::Error> {
        let mut by_day: HashMap<NaiveDate, Vec<i64>> = HashMap::new();
        keys.iter().for_each(|key| by_day.entry(key.until).or_default().push(key.page_id));
        let mut found = HashMap::new();
        for (until, pages) in by_day {
            let rows = statistics::last_days(&self.database, &pages, until).await?;
            found.extend(
                rows.into_iter().map(|row| (LastDayOf { page_id: row.page_id, until }, Arc::new(row))),
            );
        }
        Ok(found)
    }
}
