//! A submitted row: page, day, values.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::deserialize_day,
    global_id,
    snapshot::Snapshot,
    statistics::{Figure, Rejection},
    verification::page_at,
    view::View,
};

/// Former name of `platformCode`, still accepted.
pub(super) const FORMER_PLATFORM_CODE: &str = "platform";

/// Statistics of a page on one day. The page is given by its global id, by platform and native id, or by its address; if by
/// several of them, they must name the same page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs)]
pub struct SentRow {
    #[serde(default)]
    pub page_id: Option<String>,
    #[serde(default, alias = "platform")]
    pub platform_code: Option<String>,
    #[serde(default)]
    pub native_id: Option<String>,
    #[serde(default)]
    pub url: Option<String>,
    #[serde(deserialize_with = "deserialize_day")]
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
    /// The values with the resolved page. Native ids without `platform_code` are of the sender's own platform.
    pub fn figure(&self, view: &View, snapshot: &Snapshot, own_platform: Option<i64>) -> Figure {
        Figure {
            page_id: self.named_page(view, snapshot, own_platform),
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

    /// The page that the first reference names; the others must name it, too.
    fn named_page(
        &self,
        view: &View,
        snapshot: &Snapshot,
        own_platform: Option<i64>,
    ) -> Result<i64, Rejection> {
        let (native_id, code) = (self.native_id.as_deref(), self.platform_code.as_deref());
        let by_native_id = |native_id| {
            let platform_id = match code {
                Some(code) => snapshot.platform_by_code(code).map(|platform| platform.id),
                None => own_platform,
            };
            view.page_by_native_id(platform_id?, native_id)
        };
        let page = match (&self.page_id, native_id, &self.url) {
            (Some(global), _, _) => global_id::key("Page", global).and_then(|id| view.page(id)),
            (None, Some(native_id), _) => by_native_id(native_id),
            (None, None, Some(url)) => page_at(view, url),
            (None, None, None) => None,
        };
        let page = page.ok_or(Rejection::PageNotFound)?;
        if self.page_id.is_none() && native_id.is_none() {
            return Ok(page.id);
        }
        // Pages that are no longer live may share a native id: the page is compared, not looked up.
        let has_native_id = native_id.is_none_or(|native_id| {
            page.native_id.as_deref() == Some(native_id)
                && code.is_none_or(|code| code == page.platform_code())
        });
        let has_url =
            self.url.as_ref().is_none_or(|url| page_at(view, url).is_some_and(|it| it.id == page.id));
        if has_native_id && has_url { Ok(page.id) } else { Err(Rejection::ContradictoryReference) }
    }
}
