//! A submitted row: page, day, values.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{global_id, snapshot::Snapshot, statistics::Figure, verification::page_at, view::View};

/// Statistics of a page on one day. The page is given by its global id, by platform and native id, or by its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SentRow {
    #[serde(default)]
    pub page_id: Option<String>,
    #[serde(default)]
    pub platform: Option<String>,
    #[serde(default)]
    pub native_id: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    pub day: NaiveDate,
    #[serde(default)]
    pub recorded_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub last_post_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub subscribers: Option<i64>,
    #[serde(default)]
    pub views: Option<i64>,
    #[serde(default)]
    pub reach: Option<i64>,
    #[serde(default)]
    pub posts: Option<i64>,
    #[serde(default)]
    pub reactions: Option<i64>,
    #[serde(default)]
    pub comments: Option<i64>,
    #[serde(default)]
    pub shares: Option<i64>,
    #[serde(default)]
    pub messages_received: Option<i64>,
    #[serde(default)]
    pub messages_answered: Option<i64>,
    #[serde(default)]
    pub videos: Option<i64>,
    #[serde(default)]
    pub shorts: Option<i64>,
    #[serde(default)]
    pub streams: Option<i64>,
}

impl SentRow {
    /// The values with the resolved page. Native ids without `platform` are of the sender's own platform.
    pub fn figure(&self, view: &View, snapshot: &Snapshot, own_platform: Option<i64>) -> Figure {
        let by_native_id = || {
            let platform = match &self.platform {
                Some(code) => snapshot.platform_by_code(code).map(|platform| platform.id),
                None => own_platform,
            };
            view.page_by_native_id(platform?, self.native_id.as_deref()?)
        };
        let page = match (&self.page_id, &self.native_id, &self.url) {
            (Some(global), _, _) => global_id::key("Page", global).and_then(|id| view.page(id)),
            (None, Some(_), _) => by_native_id(),
            (None, None, Some(url)) => page_at(view, url),
            (None, None, None) => None,
        };
        Figure {
            page_id: page.map(|page| page.id),
            day: self.day,
            // In the order of `Metric::ALL`.
            values: [
                self.subscribers,
                self.views,
                self.reach,
                self.posts,
                self.reactions,
                self.comments,
                self.shares,
                self.messages_received,
                self.messages_answered,
                self.videos,
                self.shorts,
                self.streams,
            ],
            last_post_at: self.last_post_at,
            recorded_at: self.recorded_at,
        }
    }
}
