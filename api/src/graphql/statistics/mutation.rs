//! Submission of statistics.

use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use registry::{
    change_log::Registry,
    idempotency::KeyMismatch,
    model::Scope,
    statistics::submit::{self, CallKey, MAX_ROWS, Outcome, UnreadableRow},
};

use super::{
    row_input::StatisticsRowInput,
    submit_error::{StatisticsRowErrorCode, StatisticsSubmitError, StatisticsSubmitErrorCode as Code},
};
use crate::graphql::{
    error::{Error, Result},
    kit::{context::Pinned, scalar::SafeInt},
};

/// Maximum length of a source, in characters.
const MAX_SOURCE: usize = 200;
/// Maximum length of an idempotency key, in characters.
const MAX_KEY: usize = 255;

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
    pub code: Option<StatisticsRowErrorCode>,
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
    pub user_errors: Vec<StatisticsSubmitError>,
    /// Sequence number of the change log with the submission; of a repeated call, that of the first one; null if there are
    /// `userErrors`.
    pub seq: Option<SafeInt>,
}

/// Mutations of statistics.
#[derive(Default)]
pub struct StatisticsMutation;

#[Object]
impl StatisticsMutation {
    /// Records statistics of pages. Each row is validated separately: valid rows are recorded, others are rejected with a
    /// code, also a row with a day, a timestamp, a URL or a number that cannot be read (`MALFORMED`). Requires a key with the
    /// scope `statistics:write`, else `FORBIDDEN`; a key with limits can record statistics of the pages within them only.
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
        let rows: Vec<_> = (0..).zip(input.rows).map(|(index, row)| row.read(index)).collect();
        let has_own_key = input.idempotency_key.is_some();
        let of_request = ctx.write_request(Scope::Statistics)?.call.map(CallKey::Request);
        let key = input.idempotency_key.map(CallKey::Submission).or(of_request);
        match submit::submit(registry, client, &rows, input.source, key).await {
            Ok(recorded) => Ok(StatisticsSubmitPayload {
                results: results(rows, recorded.result),
                seq: Some(SafeInt(recorded.seq)),
                ..Default::default()
            }),
            Err(error) if has_own_key && error.is::<KeyMismatch>() => {
                Ok(StatisticsSubmitPayload { user_errors: vec![other_rows()], ..Default::default() })
            }
            Err(error) => Err(Error::from(error)),
        }
    }
}

/// The error of a submission whose own key was sent with other rows.
fn other_rows() -> StatisticsSubmitError {
    let text = "Other rows were sent with this idempotency key within a day; use another one.";
    StatisticsSubmitError::new(Code::IdempotencyMismatch, text, "idempotencyKey")
}

fn mistakes(input: &StatisticsSubmitInput) -> Vec<StatisticsSubmitError> {
    let mut mistakes = Vec::new();
    if input.rows.is_empty() {
        mistakes.push(StatisticsSubmitError::new(Code::NoRows, "Send at least one row.", "rows"));
    }
    if input.rows.len() > MAX_ROWS {
        let text = format!("Send at most {MAX_ROWS} rows at once, or use `POST /statistics`.");
        mistakes.push(StatisticsSubmitError::new(Code::TooManyRows, text, "rows"));
    }
    let is_plain = |text: &String, most: usize| {
        !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    if input.source.as_ref().is_some_and(|source| !is_plain(source, MAX_SOURCE)) {
        let text = format!("`source` must have 1 to {MAX_SOURCE} characters, without control characters.");
        mistakes.push(StatisticsSubmitError::new(Code::BadSource, text, "source"));
    }
    if input.idempotency_key.as_ref().is_some_and(|key| !is_plain(key, MAX_KEY)) {
        let text =
            format!("`idempotencyKey` must have 1 to {MAX_KEY} characters, without control characters.");
        mistakes.push(StatisticsSubmitError::new(Code::BadIdempotencyKey, text, "idempotencyKey"));
    }
    mistakes
}

/// Results of all rows; the outcomes are those of the rows that can be read.
fn results<T>(rows: Vec<Result<T, UnreadableRow>>, outcomes: Vec<Outcome>) -> Vec<StatisticsRowResult> {
    let mut outcomes = outcomes.into_iter();
    let of_row = |(index, row): (i32, Result<T, UnreadableRow>)| match row {
        Ok(_) => outcomes.next().map(|outcome| result(index, outcome)),
        Err(unreadable) => Some(rejected(index, StatisticsRowErrorCode::Malformed, unreadable.message)),
    };
    (0..).zip(rows).filter_map(of_row).collect()
}

fn result(index: i32, outcome: Outcome) -> StatisticsRowResult {
    let (status, is_jump) = match outcome {
        Outcome::Stored { is_jump } => (StatisticsRowStatus::Stored, is_jump),
        Outcome::Replaced { is_jump } => (StatisticsRowStatus::Replaced, is_jump),
        Outcome::Duplicate => (StatisticsRowStatus::Duplicate, false),
        Outcome::Rejected(reason) => return rejected(index, reason.into(), reason.text().to_owned()),
    };
    StatisticsRowResult { index, status, code: None, message: None, is_jump }
}

fn rejected(index: i32, code: StatisticsRowErrorCode, message: String) -> StatisticsRowResult {
    let status = StatisticsRowStatus::Rejected;
    StatisticsRowResult { index, status, code: Some(code), message: Some(message), is_jump: false }
}
