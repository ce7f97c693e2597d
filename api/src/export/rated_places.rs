//! Places of a published rating, read from the database in windows: between two windows no connection is held.

use std::sync::Arc;

use anyhow::{Result, ensure};
use registry::{
    analytics::{
        rating_entry,
        score::{Scored, kind_of},
    },
    database::Database,
    model::{Methodology, Rating},
    view::View,
};

use super::{cell::Cell, places::rated_row};

/// Places of a published rating.
pub(crate) struct RatedPlaces {
    database: Database,
    rating: Arc<Rating>,
    methodology: Arc<Methodology>,
    /// Places that were read last, from the offset `start`.
    window: Vec<Scored>,
    start: usize,
}

impl RatedPlaces {
    /// The places of a rating, none of which is read yet.
    pub(super) fn new(database: Database, rating: Arc<Rating>, methodology: Arc<Methodology>) -> Self {
        Self { database, rating, methodology, window: Vec::new(), start: 0 }
    }

    /// Number of places.
    pub(super) fn len(&self) -> usize {
        usize::try_from(self.rating.places).unwrap_or(0)
    }

    /// Reads the places from the offset `start`, at most `count`, unless they are those that were read last.
    ///
    /// # Errors
    /// When the database fails, or has not all of them.
    pub(super) async fn read(&mut self, start: usize, count: usize) -> Result<()> {
        let count = count.min(self.len().saturating_sub(start));
        if self.start == start && self.window.len() == count {
            return Ok(());
        }
        let export = &self.database.export;
        let wanted = u64::try_from(count)?;
        self.window = rating_entry::read(export, &self.rating, &self.methodology, start, wanted).await?;
        self.start = start;
        ensure!(self.window.len() == count, "places of the rating {} are missing", self.rating.id);
        Ok(())
    }

    /// Rows of the places that were read last.
    pub(super) fn rows(&self, view: &View) -> impl Iterator<Item = Vec<Cell>> {
        let kind = kind_of(&self.methodology);
        self.window.iter().map(move |scored| rated_row(view, kind, scored))
    }
}
