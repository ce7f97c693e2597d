//! Submission of statistics.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use registry::{
    change_log::Registry,
    model::Scope,
    statistics::{
        submit::{self, MAX_ROWS, Outcome, Recorded},
        submitted_row::SentRow,
    },
};

use crate::graphql::{
    error::{Error, Result},
    kit::{
        context::Pinned,
        scalar::{Count, Date, DateTime, Url, WholeNumber},
        user_error::UserError,
    },
};

/// Maximum length of a source, in characters.
const MAX_SOURCE: usize = 200;
/// Maximum length of an idempotency key, in characters.
const MAX_KEY: usize = 255;

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
    pub url: Option<Url>,
    /// Day of the statistics, in the registry's time zone. A day can be reported as soon as it has begun anywhere, at UTC+14;
    /// its statistics are partial (`isFinal`) until they are sent again after its end.
    pub day: Date,
    /// Timestamp at which the values were measured; default: now.
    pub recorded_at: Option<DateTime>,
    /// Timestamp of the page's last post.
    pub last_post_at: Option<DateTime>,
    /// Subscribers at the end of the day.
    pub subscribers: Option<WholeNumber>,
    /// Views during the day.
    pub views: Option<WholeNumber>,
    /// Reach during the day, as reported by the platform.
    pub reach: Option<WholeNumber>,
    /// Posts of the day.
    pub posts: Option<WholeNumber>,
    /// Reactions of the day, likes included.
    pub reactions: Option<WholeNumber>,
    /// Comments of the day.
    pub comments: Option<WholeNumber>,
    /// Shares of the day.
    pub shares: Option<WholeNumber>,
    /// Citizens' messages received on the day.
    pub messages_received: Option<WholeNumber>,
    /// Citizens' messages answered on the day.
    pub messages_answered: Option<WholeNumber>,
    /// Videos published on the day.
    pub videos: Option<WholeNumber>,
    /// Short videos published on the day.
    pub shorts: Option<WholeNumber>,
    /// Live streams of the day.
    pub streams: Option<WholeNumber>,
}

impl From<StatisticsRowInput> for SentRow {
    fn from(row: StatisticsRowInput) -> Self {
        let number = |number: Option<WholeNumber>| number.map(|WholeNumber(number)| number);
        Self {
            page_id: row.page_id.map(|id| id.0),
            platform: row.platform,
            native_id: row.native_id.map(|id| id.0),
            url: row.url.map(|url| url.0),
            day: row.day.0,
            recorded_at: row.recorded_at.map(|at| at.0),
            last_post_at: row.last_post_at.map(|at| at.0),
            subscribers: number(row.subscribers),
            views: number(row.views),
            reach: number(row.reach),
            posts: number(row.posts),
            reactions: number(row.reactions),
            comments: number(row.comments),
            shares: number(row.shares),
            messages_received: number(row.messages_received),
            messages_answered: number(row.messages_answered),
            videos: number(row.videos),
            shorts: number(row.shorts),
            streams: number(row.streams),
        }
    }
}

/// Statistics to record.
#[derive(InputObject)]
pub struct StatisticsSubmitInput {
    /// Rows, from 1 to 1,000, each of one page and one day.
    pub rows: Vec<StatisticsRowInput>,
    /// Source of the statistics, at most 200 characters; default: the name of the key.
    pub source: Option<String>,
    /// Idempotency key, at most 255 characters. Repeated within a day with the same rows, it returns the same result and
    /// records nothing; with other rows, it gives `IDEMPOTENCY_MISMATCH`.
    pub idempotency_key: Option<String>,
}

/// Status of a row.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum StatisticsRowStatus {
    /// Stored: the day had no statistics.
    Stored,
    /// Stored over other or fewer values, or over partial ones; values that the row lacks stay unchanged.
    Replaced,
    /// Not stored: the day already has these values.
    Duplicate,
    /// Rejected; see `code`.
    Rejected,
}

/// Result of one row.
#[derive(SimpleObject)]
pub struct StatisticsRowResult {
    /// Index of the row in the input, from 0.
    pub index: i32,
    /// Status of the row.
    pub status: StatisticsRowStatus,
    /// Stable code of the reason for the rejection; null if the row was not rejected.
    pub code: Option<String>,
    /// What is wrong, and what to do; null if the row was not rejected.
    pub message: Option<String>,
    /// Whether subscribers rose more than tenfold, or fell below a tenth, since the previous value, at most seven days
    /// earlier; such rows are stored and listed by `statisticsJumps`.
    pub is_jump: bool,
}

/// Result of a submission of statistics.
#[derive(Default, SimpleObject)]
pub struct StatisticsSubmitPayload {
    /// Result of each row, in input order; empty if there are `userErrors`.
    pub results: Vec<StatisticsRowResult>,
    /// Errors in the input as a whole, at most 10; if there are any, nothing was recorded.
    pub user_errors: Vec<UserError>,
    /// Sequence number of the change log after the submission; null if there are `userErrors`.
    pub seq: Option<Count>,
}

/// Mutations of statistics.
#[derive(Default)]
pub struct StatisticsMutation;

#[Object]
impl StatisticsMutation {
    /// Records statistics of pages. Each row is validated separately: valid rows are recorded, others are rejected with a
    /// code. Requires a key with the scope `statistics`, else `FORBIDDEN`; a key of a platform can record statistics of its
    /// pages only.
    async fn statistics_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Statistics to record.")] input: StatisticsSubmitInput,
    ) -> Result<StatisticsSubmitPayload> {
        let client = ctx.client(Scope::Statistics)?;
        let mistakes = mistakes(&input);
        if !mistakes.is_empty() {
            return Ok(StatisticsSubmitPayload { user_errors: mistakes, ..Default::default() });
        }
        let registry = ctx.data_unchecked::<Registry>();
        let rows: Vec<SentRow> = input.rows.into_iter().map(Into::into).collect();
        let recorded = submit::submit(registry, client, &rows, input.source, input.idempotency_key).await;
        Ok(match recorded.map_err(Error::from)? {
            Recorded::Outcomes(outcomes) => StatisticsSubmitPayload {
                results: (0..).zip(outcomes).map(|(index, outcome)| result(index, outcome)).collect(),
                seq: Some(Count(registry.snapshot().seq().unsigned_abs())),
                ..Default::default()
            },
            Recorded::OtherCall => StatisticsSubmitPayload {
                user_errors: vec![UserError::new(
                    "IDEMPOTENCY_MISMATCH",
                    "Other rows were sent with this idempotency key within a day; use another one.",
                    "idempotencyKey",
                )],
                ..Default::default()
            },
        })
    }
}

fn mistakes(input: &StatisticsSubmitInput) -> Vec<UserError> {
    let mut mistakes = Vec::new();
    if input.rows.is_empty() {
        mistakes.push(UserError::new("NO_ROWS", "Send at least one row.", "rows"));
    }
    if input.rows.len() > MAX_ROWS {
        let text = format!("Send at most {MAX_ROWS} rows at once, or use `POST /statistics`.");
        mistakes.push(UserError::new("TOO_MANY_ROWS", text, "rows"));
    }
    let is_plain = |text: &String, most: usize| {
        !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    if input.source.as_ref().is_some_and(|source| !is_plain(source, MAX_SOURCE)) {
        let text = format!("`source` must have 1 to {MAX_SOURCE} characters, without control characters.");
        mistakes.push(UserError::new("BAD_SOURCE", text, "source"));
    }
    if input.idempotency_key.as_ref().is_some_and(|key| !is_plain(key, MAX_KEY)) {
        let text =
            format!("`idempotencyKey` must have 1 to {MAX_KEY} characters, without control characters.");
        mistakes.push(UserError::new("BAD_IDEMPOTENCY_KEY", text, "idempotencyKey"));
    }
    mistakes
}

fn result(index: i32, outcome: Outcome) -> StatisticsRowResult {
    let (status, is_jump, reason) = match outcome {
        Outcome::Stored { is_jump } => (StatisticsRowStatus::Stored, is_jump, None),
        Outcome::Replaced { is_jump } => (StatisticsRowStatus::Replaced, is_jump, None),
        Outcome::Duplicate => (StatisticsRowStatus::Duplicate, false, None),
        Outcome::Rejected(reason) => (StatisticsRowStatus::Rejected, false, Some(reason)),
    };
    StatisticsRowResult {
        index,
        status,
        code: reason.map(|reason| reason.code().to_owned()),
        message: reason.map(|reason| reason.text().to_owned()),
        is_jump,
    }
}
