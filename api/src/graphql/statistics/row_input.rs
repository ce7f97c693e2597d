//! Rows of submitted statistics.

use async_graphql::{ID, InputObject, InputType};
use registry::statistics::{submit::UnreadableRow, submitted_row::SentRow};

use crate::graphql::kit::{
    checked::Checked,
    reference::{NativePageRef, PageRef},
    scalar::{self, Date, DateTime, SafeInt},
};

/// Statistics of a page on one day.
#[derive(InputObject)]
pub struct StatisticsRowInput {
    /// The page.
    pub page: PageRef,
    /// Day of the statistics, in the registry's time zone. A day can be reported as soon as it has begun anywhere, at UTC+14;
    /// its statistics are partial (`isFinal`) until they are sent again after its end.
    pub day: Checked<Date>,
    /// Timestamp at which the values were measured; default: now.
    pub recorded_at: Option<Checked<DateTime>>,
    /// Timestamp of the page's last post.
    pub last_post_at: Option<Checked<DateTime>>,
    /// Subscribers at the end of the day.
    pub subscribers: Option<Checked<SafeInt>>,
    /// Views during the day.
    pub views: Option<Checked<SafeInt>>,
    /// Reach during the day, as reported by the platform.
    pub reach: Option<Checked<SafeInt>>,
    /// Posts of the day.
    pub posts: Option<Checked<SafeInt>>,
    /// Reactions of the day, likes included.
    pub reactions: Option<Checked<SafeInt>>,
    /// Comments of the day.
    pub comments: Option<Checked<SafeInt>>,
    /// Shares of the day.
    pub shares: Option<Checked<SafeInt>>,
    /// Citizens' messages received on the day.
    pub messages_received: Option<Checked<SafeInt>>,
    /// Citizens' messages answered on the day.
    pub messages_answered: Option<Checked<SafeInt>>,
    /// Videos published on the day.
    pub videos: Option<Checked<SafeInt>>,
    /// Short videos published on the day.
    pub shorts: Option<Checked<SafeInt>>,
    /// Live streams of the day.
    pub streams: Option<Checked<SafeInt>>,
}

impl StatisticsRowInput {
    /// The row at an index of the input.
    ///
    /// # Errors
    /// The first value that cannot be read.
    pub(super) fn read(self, index: usize) -> Result<SentRow, UnreadableRow> {
        let number = |name, number: Option<Checked<SafeInt>>| -> Result<Option<i64>, UnreadableRow> {
            Ok(value(index, name, number)?.map(|SafeInt(number)| number))
        };
        let time = |name, time: Option<Checked<DateTime>>| value(index, name, time);
        let row = SentRow::default();
        let row = match self.page {
            PageRef::Id(ID(id)) => SentRow { page_id: Some(id), ..row },
            PageRef::Url(url) => SentRow { url: Some(read(index, "page.url", url)?.0), ..row },
            PageRef::Native(NativePageRef { platform_code, native_id: ID(native_id) }) => {
                SentRow { platform_code, native_id: Some(native_id), ..row }
            }
        };
        Ok(SentRow {
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
            ..row
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
