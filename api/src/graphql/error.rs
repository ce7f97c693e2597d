//! What may go wrong in a request, and how much of it a client may read.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError};
use rand::{TryRngCore, rngs::OsRng};
use registry::{
    change_log::{ClockFault, TimelineFault},
    database,
};

/// Result of a resolver.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of a query.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// An argument is not what it should be.
    #[error("{0}")]
    BadInput(String),
    /// A cursor is none of ours, or not of this list.
    #[error("`after` is no cursor of this list; begin without it, or take it from `pageInfo.endCursor`.")]
    InvalidCursor,
    /// A cursor of the change feed is none of ours, or lies beyond the log.
    #[error(
        "`after` is no cursor of the change feed, or `afterSeq` no place in it: take them from an answer, or begin without."
    )]
    CursorInvalid,
    /// The database has lost the history that a cursor is of; the last place in common, where it is known.
    #[error("{}", lost_text(.0))]
    TimelineChanged(Option<i64>),
    /// The key does not have the scope that this needs.
    #[error("Your key lacks the scope `{0}`; the operator makes keys with it.")]
    Forbidden(&'static str),
    /// The key was taken away while it was in use.
    #[error("The key is no longer valid.")]
    Unauthenticated,
    /// The search index is still being built.
    #[error("The search index is still being built; try again in a few seconds.")]
    SearchNotReady,
    /// A fault of ours: told to the operator, hidden from the client.
    #[error("{MASKED}")]
    Internal(#[source] Arc<anyhow::Error>),
}

/// All that a client reads of a fault of ours.
pub const MASKED: &str = "Something went wrong on our side.";
/// What a client reads where the database is not to be had.
pub const UNAVAILABLE: &str = "The database does not answer just now; try again shortly.";
/// What a client reads whose write comes while the registry is loaded anew.
const LOADING_ANEW: &str =
    "The database was restored to an earlier state, and is being loaded anew; try again shortly.";
/// Code of that.
pub const UNAVAILABLE_CODE: &str = "UNAVAILABLE";
/// Longest message, in letters: some repeat what was sent.
const MAX_MESSAGE: usize = 400;
/// Longest message of the library, and longest of what it repeats of a request, in letters.
const MAX_OF_LIBRARY: (usize, usize) = (240, 100);
/// More errors than this tell nobody more.
const MAX_ERRORS: usize = 10;

impl Error {
    fn code(&self) -> &'static str {
        match self {
            Self::BadInput(_) => "BAD_USER_INPUT",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::SearchNotReady => "SEARCH_NOT_READY",
            Self::CursorInvalid => "CURSOR_INVALID",
            Self::TimelineChanged(_) => "TIMELINE_CHANGED",
            Self::Internal(_) => "INTERNAL",
        }
    }
}

/// What a reader of the feed is to do whose history was lost.
fn lost_text(common: &Option<i64>) -> String {
    let begin =
        "The registry's database was restored to an earlier state: what you have read of it may be gone.";
    match common {
        Some(seq) => format!(
            "{begin} Changes up to {seq} are as you read them, but states of subjects may not be: compare `registryDigest`, or take a \
             new copy, and go on with `afterSeq: {seq}`."
        ),
        None => format!("{begin} Take a new copy, and go on from its place in the change log."),
    }
}

impl Error {
    /// The history of a place was lost after this one.
    pub fn lost(common_seq: i64) -> Self {
        Self::TimelineChanged(Some(common_seq))
    }

    /// The error of a whole request, as the library tells errors.
    pub fn into_server_error(self) -> ServerError {
        async_graphql::Error::new_with_source(self).into_server_error(Pos::default())
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(Arc::new(error))
    }
}

/// A name that a fault of ours has in the log, and that its answer tells: whoever reports it need tell no more.
pub fn new_trace_id() -> String {
    let mut bytes = [0; 8];
    // Without chance all of them are one; the log tells them apart by time.
    let _ = OsRng.try_fill_bytes(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

fn trace(error: &mut ServerError, trace_id: String) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("traceId", trace_id);
}

/// Gives every error its code, and hides the words of any that we did not mean to show.
pub fn present(mut response: Response) -> Response {
    response.errors.truncate(MAX_ERRORS);
    for error in &mut response.errors {
        let code = match (error.source::<Error>(), &error.source) {
            (Some(Error::Internal(cause)), _) => {
                let (trace_id, passing) =
                    (new_trace_id(), is_passing(cause).then(|| unavailable_text(cause)));
                tracing::error!(?cause, trace_id, "request failed");
                trace(error, trace_id);
                if let Some(text) = passing {
                    error.message = text;
                    UNAVAILABLE_CODE
                } else {
                    "INTERNAL"
                }
            }
            (Some(Error::TimelineChanged(common)), _) => {
                let common = *common;
                error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("commonSeq", common);
                "TIMELINE_CHANGED"
            }
            (Some(known), _) => known.code(),
            // The library's own: a document that does not parse or does not fit the schema.
            (None, None) => {
                error.message = without_long_quotes(&error.message);
                "BAD_REQUEST"
            }
            (None, Some(_)) => {
                let trace_id = new_trace_id();
                tracing::error!(message = error.message, trace_id, "unexpected error");
                error.message = MASKED.into();
                trace(error, trace_id);
                "INTERNAL"
            }
        };
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code);
        shorten(&mut error.message, MAX_MESSAGE);
    }
    response
}

/// Cuts a text that repeats what was sent.
fn shorten(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
}

/// A message of the library, with what it repeats in quotes cut.
fn without_long_quotes(message: &str) -> String {
    let (most, most_of_quote) = MAX_OF_LIBRARY;
    let parts = message.split('"').enumerate().map(|(number, part)| {
        let mut part = part.to_owned();
        if number % 2 == 1 {
            shorten(&mut part, most_of_quote);
        }
        part
    });
    let mut message = parts.collect::<Vec<_>>().join("\"");
    shorten(&mut message, most);
    message
}

/// What a client reads of a fault that passes.
pub fn unavailable_text(cause: &anyhow::Error) -> String {
    let clock = cause.chain().find_map(|cause| cause.downcast_ref::<ClockFault>());
    match clock {
        Some(fault) => format!("Nothing can be written just now: {fault}."),
        None if cause.chain().any(|cause| cause.is::<TimelineFault>()) => LOADING_ANEW.into(),
        None => UNAVAILABLE.into(),
    }
}

/// Whether a fault passes: the database is away, or its history has changed and is being loaded.
pub fn is_passing(cause: &anyhow::Error) -> bool {
    let passes =
        |cause: &(dyn std::error::Error + 'static)| cause.is::<TimelineFault>() || cause.is::<ClockFault>();
    database::is_unavailable(cause) || cause.chain().any(passes)
}

/// Whether an answer lacks something because the database is not to be had.
pub fn is_unavailable(response: &Response) -> bool {
    let code = |error: &ServerError| error.extensions.as_ref()?.get("code").cloned();
    response.errors.iter().any(|error| code(error) == Some(UNAVAILABLE_CODE.into()))
}
