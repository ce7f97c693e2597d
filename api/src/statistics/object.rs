//! GraphQL types of figures.

use async_graphql::{Object, SimpleObject};

use crate::{
    kit::scalar::{Count, DateTime},
    snapshot::PageView,
};

/// Figures of a page.
pub struct PageStatistics<'a>(pub PageView<'a>);

/// Figures of a page at one moment.
#[derive(SimpleObject)]
pub struct PageFigures {
    /// Number of subscribers; null where the platform did not say.
    pub subscribers: Option<Count>,
    /// Timestamp of the page's last post; null where it never posted, or nobody looked.
    pub last_post_at: Option<DateTime>,
    /// Timestamp that the figures are of.
    pub recorded_at: DateTime,
}

/// Figures of a page.
#[Object]
impl PageStatistics<'_> {
    /// Latest figures of the page; null where there are none, and for a page of the past.
    async fn latest(&self) -> Option<PageFigures> {
        self.0.figures().map(|figures| PageFigures {
            subscribers: figures.subscribers.map(|number| Count(u64::from(number))),
            last_post_at: figures.last_post_at.map(DateTime),
            recorded_at: DateTime(figures.recorded_at),
        })
    }
}
