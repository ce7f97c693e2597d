//! Rows of submitted statistics.

use async_graphql::{ID, InputObject, InputType};
use registry::statistics::{submit::UnreadableRow, submitted_row::SentRow};

use crate::graphql::kit::{
    checked::Checked,
    scalar::{self, Date, DateTime, Url, WholeNumber},
};

/// Statistics of a page on one day. The page is identified by `pageId`, `nativeId` or `url`; the first one given is used.
#[derive(InputObject)]
pub struct StatisticsRowInput {
    /// Global id of the page.
    pub page_id: Option<ID>,
    /// Code of the platform of `nativeId`; default: the platform of the key.
    pub platform: Option<String>,
    /// Permanent id of the page on its platform.
    pub native_id: Option<ID>,
    /// Address of the page in any form.
    pub url: Option<Checked<Url>>,
    /// Day of the statistics, in the registry's time zone. A day can be reported as soon as it has begun anywhere, at UTC+14;
    /// its statistics are partial (`isFinal`) until they are sent again after its end.
    pub day: Checked<Date>,
    /// Timestamp at which the values were measured; default: now.
    pub recorded_at: Option<Checked<DateTime>>,
    /// Timestamp of the page's last post.
    pub last_post_at: Option<Checked<DateTime>>,
    /// Subscribers at the end of the day.
    pub subscribers: Option<Checked<WholeNumber>>,
    /// Views during the day.
    pub views: Option<Checked<WholeNumber>>,
    /// Reach during the day, as reported by the platform.
    pub reach: Option<Checked<WholeNumber>>,
    /// Posts of the day.
    pub posts: Option<Checked<WholeNumber>>,
    /// Reactions of the day, likes included.
    pub reactions: Option<Checked<WholeNumber>>,
    /// Comments of the day.
    pub comments: Option<Checked<WholeNumber>>,
    /// Shares of the day.
    pub shares: Option<Checked<WholeNumber>>,
    /// Citizens' messages received on the day.
    pub messages_received: Option<Checked<WholeNumber>>,
    /// Citizens' messages answered on the day.
    pub messages_answered: Option<Checked<WholeNumber>>,
    /// Videos published on the day.
    pub videos: Option<Checked<WholeNumber>>,
    /// Short videos published on the day.
    pub shorts: Option<Checked<WholeNumber>>,
    /// Live streams of the day.
    pub streams: Option<Checked<WholeNumber>>,
}

impl StatisticsRowInput {
    /// The row at an index of the input.
    ///
    /// # Errors
    /// The first value that cannot be read.
    pub(super) fn read(self, index: usize) -> Result<SentRow, UnreadableRow> {
        let number = |name, number: Option<Checked<WholeNumber>>| -> Result<Option<i64>, UnreadableRow> {
            Ok(value(index, name, number)?.map(|WholeNumber(number)| number))
        };
        let time = |name, time: Option<Checked<DateTime>>| value(index, name, time);
        Ok(SentRow {
            page_id: self.page_id.map(|id| id.0),
            platform: self.platform,
            native_id: self.native_id.map(|id| id.0),
            url: value(index, "url", self.url)?.map(|url| url.0),
            day: read(index, "day", self.day)?.0,
            recorded_at: time("recordedAt", self.recorded_at)?.map(|at| at.0),
            last_post_at: time("lastPostAt", self.last_post_at)?.map(|at| at.0),
            subscribers: number("subscribers", self.subscribers)?,
            views: number("views", self.views)?,
            reach: number("reach", self.reach)?,
            posts: number("posts", self.posts)?,
            reactions: number("reactions", self.reactions)?,
            comments: number("comments", self.comments)?,
            shares: number("shares", self.shares)?,
            messages_received: number("messagesReceived", self.messages_received)?,
            messages_answered: number("messagesAnswered", self.messages_answered)?,
            videos: number("videos", self.videos)?,
            shorts: number("shorts", self.shorts)?,
            streams: number("streams", self.streams)?,
        })
    }
}

/// The value of an optional field of the row at an index.
fn value<T: InputType>(
    index: usize,
    name: &str,
    value: Option<Checked<T>>,
) -> Result<Option<T>, UnreadableRow> {
    value.map(|value| read(index, name, value)).transpose()
}

/// The value of a field of the row at an index.
fn read<T: InputType>(index: usize, name: &str, Checked(value): Checked<T>) -> Result<T, UnreadableRow> {
    value.map_err(|value| UnreadableRow {
        message: format!("Invalid value at `input.rows[{index}].{name}`: {}.", scalar::form(&T::type_name())),
        value: value.to_string(),
    })
}
