//! Writing figures.

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

/// Longest name of a source.
const MAX_SOURCE: usize = 200;
/// Longest idempotency key.
const MAX_KEY: usize = 255;

/// Figures of a page on one day. The page is named by one of: its global id; its native id; its address.
#[derive(InputObject)]
pub struct StatisticsRowInput {
    /// Global id of the page.
    pub page_id: Option<ID>,
    /// Code of the platform that `nativeId` is one of; without it, the platform of the key.
    pub platform: Option<String>,
    /// Permanent id of the page on its platform.
    pub native_id: Option<String>,
    /// Address of the page in any form.
    pub url: Option<Url>,
    /// Day that the figures are of, in UTC.
    pub day: Date,
    /// Timestamp at which the figures were taken; now, where it is left out.
    pub recorded_at: Option<DateTime>,
    /// Timestamp of the page's last post.
    pub last_post_at: Option<DateTime>,
    /// Subscribers at the end of the day.
    pub subscribers: Option<WholeNumber>,
    /// Views during the day.
    pub views: Option<WholeNumber>,
    /// People reached during the day, as the platform counts them.
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
            native_id: row.native_id,
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

/// Figures to record.
#[derive(InputObject)]
pub struct StatisticsSubmitInput {
    /// The figures: at most 1,000 rows, each of one page and one day.
    pub rows: Vec<StatisticsRowInput>,
    /// Where the figures are from, in at most 200 characters; the key's name, where it is left out.
    pub source: Option<String>,
    /// Name of this call, at most 255 characters: sent again within a day with the same rows, it answers the same and
    /// records nothing.
    pub idempotency_key: Option<String>,
}

/// What became of a row.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum StatisticsRowStatus {
    /// The day had no figures, and has these now.
    Stored,
    /// The day had other figures, or fewer, and has these now; what the row does not say stays as it was.
    Replaced,
    /// The day has these figures already.
    Duplicate,
    /// The figures cannot be; `code` says why.
    Rejected,
}

/// What became of one row.
#[derive(SimpleObject)]
pub struct StatisticsRowResult {
    /// Place of the row in the input, from 0.
    pub index: i32,
    /// What became of it.
    pub status: StatisticsRowStatus,
    /// Stable code of the reason why it was rejected; null for the others.
    pub code: Option<String>,
    /// What is wrong, and what to do; null for rows that were not rejected.
    pub message: Option<String>,
    /// Whether subscribers went more than tenfold up, or below a tenth, since the figure before, at most seven days
    /// earlier: recorded all the same, and listed for review.
    pub is_jump: bool,
}

/// What became of figures that were sent.
#[derive(Default, SimpleObject)]
pub struct StatisticsSubmitPayload {
    /// What became of each row, in the order of the input; empty where the input as a whole is wrong.
    pub results: Vec<StatisticsRowResult>,
    /// Mistakes in the input as a whole; nothing was recorded where there are any. Ten at most.
    pub user_errors: Vec<UserError>,
    /// Place in the change log that the registry has reached with these figures.
    pub seq: Option<Count>,
}

/// Writes of figures.
#[derive(Default)]
pub struct StatisticsMutation;

#[Object]
impl StatisticsMutation {
    /// Records figures of pages, each row for itself: what can be is recorded, and the rest is told by code. Needs a key
    /// with the scope `statistics`; a key of a platform records figures of that platform's pages alone.
    async fn statistics_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Figures to record.")] input: StatisticsSubmitInput,
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
                    "Other rows were sent by this key within a day; take another one.",
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
        let text =
            format!("A source has from 1 to {MAX_SOURCE} characters, and no line breaks or other controls.");
        mistakes.push(UserError::new("BAD_SOURCE", text, "source"));
    }
    if input.idempotency_key.as_ref().is_some_and(|key| !is_plain(key, MAX_KEY)) {
        let text = format!("An idempotency key has from 1 to {MAX_KEY} characters, and no controls.");
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
