//! What may go wrong in a request, and how much of it a client may read.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError};
use rand::{TryRngCore, rngs::OsRng};
use registry::{
    change_log::{ClockFault, TimelineFault},
    database,
};

use crate::error_code::ErrorCode;

/// Result of a resolver.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of a query.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// An argument is not what it should be.
    #[error("{0}")]
    BadInput(String),
    /// A cursor is none of ours, or not of this list.
    #[error("`after` is not a cursor of this list; start without it, or take it from `pageInfo.endCursor`.")]
    InvalidCursor,
    /// A cursor of the change feed is none of ours, or lies beyond the log.
    #[error(
        "`after` is not a cursor of the change feed, or `afterSeq` not a sequence number of it; take them from a response, or start without."
    )]
    InvalidFeedCursor,
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
/// Longest message, in letters: some repeat what was sent.
const MAX_MESSAGE: usize = 400;
/// Longest message of the library, and longest of what it repeats of a request, in letters.
const MAX_OF_LIBRARY: (usize, usize) = (240, 100);
/// How the library begins to tell of a value that does not fit its type.
const INVALID_VALUE: &str = "Invalid value for argument";
/// More errors than this tell nobody more.
const MAX_ERRORS: usize = 10;

impl Error {
    /// Stable code of the error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BadInput(_) => ErrorCode::BadUserInput,
            Self::InvalidCursor | Self::InvalidFeedCursor => ErrorCode::InvalidCursor,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::SearchNotReady => ErrorCode::SearchNotReady,
            Self::TimelineChanged(_) => ErrorCode::TimelineChanged,
            Self::Internal(cause) if is_passing(cause) => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
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
                match passing {
                    Some(text) => {
                        error.message = text;
                        ErrorCode::Unavailable
                    }
                    None => ErrorCode::Internal,
                }
            }
            (Some(Error::TimelineChanged(common)), _) => {
                let common = *common;
                error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("commonSeq", common);
                ErrorCode::TimelineChanged
            }
            (Some(known), _) => known.code(),
            // The library's own: a document that does not fit the schema, or a value that does not fit its type.
            (None, None) => {
                let is_of_value = !error.path.is_empty() || error.message.starts_with(INVALID_VALUE);
                error.message = of_library(&error.message);
                if is_of_value { ErrorCode::BadUserInput } else { ErrorCode::GraphqlValidationFailed }
            }
            (None, Some(_)) => {
                let trace_id = new_trace_id();
                tracing::error!(message = error.message, trace_id, "unexpected error");
                error.message = MASKED.into();
                trace(error, trace_id);
                ErrorCode::Internal
            }
        };
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
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

/// A message of the library, as its reader understands it.
fn of_library(message: &str) -> String {
    match message {
        "Schema is not configured for mutations." => {
            "This endpoint has no mutations; send them to `/graphql` with a key.".into()
        }
        "Schema is not configured for subscriptions." => {
            "This endpoint has no subscriptions; open a WebSocket at `/graphql` with a key.".into()
        }
        _ => without_long_quotes(message),
    }
}

/// The same with what it repeats in quotes cut.
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
    response.errors.iter().any(|error| code(error) == Some(ErrorCode::Unavailable.as_str().into()))
}
