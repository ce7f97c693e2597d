//! GraphQL type of a rating, computed on request or published.

use std::sync::Arc;

use async_graphql::{Context, Object};
use chrono::NaiveDate;
use registry::{
    analytics::{
        rating_entry,
        score::{self, Scored},
    },
    change_log::Registry,
    snapshot,
};

use super::{
    methodology::{Methodology, RatingEntry},
    query::window,
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        context::Pinned,
        scalar::{Date, DateTime},
        sequential::resolve_sequentially,
    },
};

/// Rating of a period by a methodology: computed from the current statistics, or published.
pub struct Rating {
    methodology: Arc<registry::model::Methodology>,
    days: (NaiveDate, NaiveDate),
    list: List,
    entries: Entries,
}

resolve_sequentially!(Rating);

enum Entries {
    /// Computed from the current statistics.
    Computed(Vec<Scored>),
    /// Read from a published rating.
    Published(Arc<registry::model::Rating>),
}

impl Rating {
    /// A rating computed from the current statistics; `list` is the list of its cursors.
    pub(super) fn computed(
        methodology: Arc<registry::model::Methodology>,
        days: (NaiveDate, NaiveDate),
        list: List,
        scores: Vec<Scored>,
    ) -> Self {
        Self { methodology, days, list, entries: Entries::Computed(scores) }
    }

    /// A published rating.
    pub(super) fn published(
        methodology: Arc<registry::model::Methodology>,
        rating: Arc<registry::model::Rating>,
    ) -> Self {
        let list = List::new("rating", &snapshot::Filter::default(), rating.id);
        Self { methodology, days: (rating.from, rating.to), list, entries: Entries::Published(rating) }
    }

    fn publication(&self) -> Option<&registry::model::Rating> {
        match &self.entries {
            Entries::Computed(_) => None,
            Entries::Published(rating) => Some(rating),
        }
    }
}

/// Rating of a period by a methodology: computed from the current statistics, or published.
#[Object]
impl Rating {
    /// Methodology of the rating.
    async fn methodology(&self) -> Methodology<'_> {
        Methodology(&self.methodology)
    }

    /// First day of the rated period.
    async fn from(&self) -> Date {
        Date(self.days.0)
    }

    /// Last day of the rated period.
    async fn to(&self) -> Date {
        Date(self.days.1)
    }

    /// Timestamp of publication; null if the rating is computed from the current statistics.
    async fn published_at(&self) -> Option<DateTime> {
        self.publication().map(|rating| DateTime(rating.published_at))
    }

    /// BLAKE3 hash of all entries, in hexadecimal, as recorded in the change log; null if the rating is not published.
    async fn digest(&self) -> Option<&str> {
        self.publication().map(|rating| &*rating.digest)
    }

    /// Entries of the rating, highest score first, each with the components of its score.
    async fn entries<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
    ) -> Result<Connection<RatingEntry<'a>>> {
        let view = ctx.view();
        let kind = score::kind_of(&self.methodology);
        let rating = match &self.entries {
            Entries::Computed(scores) => {
                return window(&self.list, (first, after), scores.len(), |index| {
                    Some(RatingEntry::new(view, kind, &scores[index]))
                });
            }
            Entries::Published(rating) => rating,
        };
        check_first(first, MAX_FIRST)?;
        let opened =
            after.as_ref().map(|cursor| self.list.open(cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let begin = opened.map_or(0, |position| position as usize + 1);
        let read = &ctx.data_unchecked::<Registry>().database().read;
        let count = first.unsigned_abs().into();
        let entries =
            rating_entry::read(read, rating, &self.methodology, begin, count).await.map_err(Error::from)?;
        window(&self.list, (first, after), rating.places as usize, |index| {
            Some(RatingEntry::new(view, kind, entries.get(index - begin)?))
        })
    }
}
