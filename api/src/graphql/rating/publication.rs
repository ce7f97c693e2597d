//! GraphQL type of a rating, computed now or published once.

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
    methodology::{Methodology, RatingPlace},
    query::window,
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        context::Pinned,
        scalar::{Date, DateTime},
        sequential::in_turn,
    },
};

/// Places by a method of rating in a period.
pub struct Rating {
    methodology: Arc<registry::model::Methodology>,
    days: (NaiveDate, NaiveDate),
    list: List,
    places: Places,
}

in_turn!(Rating);

enum Places {
    /// From the figures as they are now.
    Computed(Vec<Scored>),
    /// As they were published.
    Published(Arc<registry::model::Rating>),
}

impl Rating {
    /// A rating that was computed just now; `list` is what its cursors are of.
    pub(super) fn computed(
        methodology: Arc<registry::model::Methodology>,
        days: (NaiveDate, NaiveDate),
        list: List,
        places: Vec<Scored>,
    ) -> Self {
        Self { methodology, days, list, places: Places::Computed(places) }
    }

    /// A published rating.
    pub(super) fn published(
        methodology: Arc<registry::model::Methodology>,
        rating: Arc<registry::model::Rating>,
    ) -> Self {
        let list = List::new("rating", &snapshot::Filter::default(), rating.id);
        Self { methodology, days: (rating.from, rating.to), list, places: Places::Published(rating) }
    }

    fn publication(&self) -> Option<&registry::model::Rating> {
        match &self.places {
            Places::Computed(_) => None,
            Places::Published(rating) => Some(rating),
        }
    }
}

/// Places by a method of rating in a period.
#[Object]
impl Rating {
    /// The method.
    async fn methodology(&self) -> Methodology<'_> {
        Methodology(&self.methodology)
    }

    /// First day that the places are of.
    async fn from(&self) -> Date {
        Date(self.days.0)
    }

    /// Last day that the places are of.
    async fn to(&self) -> Date {
        Date(self.days.1)
    }

    /// Timestamp at which the places were frozen; null where they are computed from the figures as they are now.
    async fn published_at(&self) -> Option<DateTime> {
        self.publication().map(|rating| DateTime(rating.published_at))
    }

    /// BLAKE3 over all places, in hexadecimal, as the change log keeps it; null where they are not published.
    async fn digest(&self) -> Option<&str> {
        self.publication().map(|rating| &*rating.digest)
    }

    /// The places, the first one first, each with what its score is made of.
    async fn places<'a>(
        &self,
        ctx: &Context<'a>,
        #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
        #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
    ) -> Result<Connection<RatingPlace<'a>>> {
        let view = ctx.view();
        let kind = score::kind_of(&self.methodology);
        let rating = match &self.places {
            Places::Computed(scores) => {
                return window(&self.list, (first, after), scores.len(), |place| {
                    Some(RatingPlace::new(view, kind, &scores[place]))
                });
            }
            Places::Published(rating) => rating,
        };
        check_first(first, MAX_FIRST)?;
        let opened =
            after.as_ref().map(|cursor| self.list.open(cursor).ok_or(Error::InvalidCursor)).transpose()?;
        let begin = opened.map_or(0, |place| place as usize + 1);
        let database = ctx.data_unchecked::<Registry>().database();
        let count = first.unsigned_abs().into();
        let read = rating_entry::read(database, rating, &self.methodology, begin, count)
            .await
            .map_err(Error::from)?;
        window(&self.list, (first, after), rating.places as usize, |place| {
            Some(RatingPlace::new(view, kind, read.get(place - begin)?))
        })
    }
}
