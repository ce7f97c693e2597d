//! Errors of resolvers, and what clients see of them.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{ErrorExtensionValues, PathSegment, Pos, Response, ServerError};
use rand::{TryRngCore, rngs::OsRng};
use registry::{
    change_log::{ClockFault, TimelineFault, TooManyRestorations},
    database,
    idempotency::{KeyMismatch, Revoked, ScopeMissing},
};

use crate::error_code::ErrorCode;

/// Result of a resolver.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Error of a resolver.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// An argument has an invalid value.
    #[error("{0}")]
    BadInput(String),
    /// A cursor is malformed or belongs to another list.
    #[error(
        "The cursor is not of this list with this filter and order; leave it out, or take one from `pageInfo`."
    )]
    InvalidCursor,
    /// A cursor of the change feed is invalid, or a sequence number is beyond the end of the log.
    #[error(
        "`after` is not a cursor of the change feed, or the sequence number is beyond its end; take it from a response, or omit it."
    )]
    InvalidFeedCursor,
    /// The database has lost the history that a cursor belongs to; the last common sequence number, if known.
    #[error("{}", lost_text(.0))]
    TimelineChanged(Option<i64>),
    /// The client has no key, or the key lacks the required scope.
    #[error("The key lacks the scope `{0}`; ask the operator for a key with it.")]
    Forbidden(&'static str),
    /// The key was revoked while in use.
    #[error("The key is no longer valid.")]
    Unauthenticated,
    /// Another request was sent with the same idempotency key.
    #[error("{KeyMismatch}")]
    IdempotencyMismatch,
    /// The search index is still being built.
    #[error("The search index is still being built; try again in a few seconds.")]
    SearchNotReady,
    /// Too many past states of the registry are being restored.
    #[error("Too many past states of the registry are being restored; try again in a few seconds.")]
    Overloaded,
    /// Internal error: logged, and masked for the client.
    #[error("{MASKED}")]
    Internal(#[source] Arc<anyhow::Error>),
}

/// Message of internal errors.
pub const MASKED: &str = "Internal server error; report it with its `traceId`.";
/// Message while the database is unavailable.
pub const UNAVAILABLE: &str = "The database is unavailable; try again shortly.";
/// Message while the registry is being reloaded.
const LOADING_ANEW: &str =
    "The database was restored to an earlier state and is being reloaded; try again shortly.";
/// Maximum length of a message in characters: some quote the request.
const MAX_MESSAGE: usize = 400;
/// Maximum length of a message of async-graphql and of a quote in it, in characters.
const MAX_OF_LIBRARY: (usize, usize) = (240, 100);
/// Prefix of async-graphql messages on a value of the wrong type.
const INVALID_VALUE: &str = "Invalid value for argument";
/// Maximum number of errors in a response, beside those of items of a root list.
pub const MAX_ERRORS: usize = 10;

impl Error {
    /// Stable code of the error.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::BadInput(_) => ErrorCode::BadUserInput,
            Self::InvalidCursor | Self::InvalidFeedCursor => ErrorCode::InvalidCursor,
            Self::Forbidden(_) => ErrorCode::Forbidden,
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::IdempotencyMismatch => ErrorCode::IdempotencyMismatch,
            Self::SearchNotReady => ErrorCode::SearchNotReady,
            Self::Overloaded => ErrorCode::Overloaded,
            Self::TimelineChanged(_) => ErrorCode::TimelineChanged,
            Self::Internal(cause) if is_passing(cause) => ErrorCode::Unavailable,
            Self::Internal(_) => ErrorCode::Internal,
        }
    }
}

/// Message for a client of the change feed whose history was lost.
fn lost_text(common: &Option<i64>) -> String {
    let begin = "The database was restored to an earlier state: changes that you have read may be lost.";
    match common {
        Some(seq) => format!(
            "{begin} Changes up to {seq} are unchanged, but states of subjects may differ: compare `registryDigest`, or take a new \
             copy, and continue with `afterSeq: {seq}`."
        ),
        None => format!("{begin} Take a new copy, and continue from its sequence number."),
    }
}

impl Error {
    /// The history after this sequence number was lost.
    pub fn lost(common_seq: i64) -> Self {
        Self::TimelineChanged(Some(common_seq))
    }

    /// The error as a request error of async-graphql, without a position in the document.
    pub fn into_server_error(self) -> ServerError {
        let error = async_graphql::Error::new_with_source(self).into_server_error(Pos::default());
        // Positions are counted from 1: the default one is none.
        ServerError { locations: Vec::new(), ..error }
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        if let Some(ScopeMissing(scope)) = error.downcast_ref::<ScopeMissing>() {
            return Self::Forbidden(scope.name());
        }
        match error {
            error if error.is::<TooManyRestorations>() => Self::Overloaded,
            error if error.is::<Revoked>() => Self::Unauthenticated,
            error if error.is::<KeyMismatch>() => Self::IdempotencyMismatch,
            error => Self::Internal(Arc::new(error)),
        }
    }
}

/// Random id of an internal error, in the log and in `extensions.traceId`.
pub fn new_trace_id() -> String {
    let mut bytes = [0; 8];
    // If the random source fails, all ids are equal; timestamps of the log still distinguish them.
    let _ = OsRng.try_fill_bytes(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

fn trace(error: &mut ServerError, trace_id: String) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("traceId", trace_id);
}

/// Drops errors that repeat another: async-graphql visits parts of a document twice, and resolves a field once for each time
/// that it is selected.
fn drop_repeated(errors: &mut Vec<ServerError>) {
    if errors.len() < 2 {
        return;
    }
    let mut known = HashSet::new();
    errors.retain(|error| {
        // The errors of a field selected twice have the position of each.
        let place = match error.path.is_empty() {
            true => format!("{:?}", error.locations),
            false => format!("{:?}", error.path),
        };
        known.insert((place, error.message.clone()))
    });
}

/// Drops repeated errors, and those beyond [`MAX_ERRORS`]. A router sends up to a thousand representations, and needs the
/// error of each: there are no more such errors than items were asked for.
fn limit(errors: &mut Vec<ServerError>) {
    drop_repeated(errors);
    let mut others = 0;
    errors.retain(|error| {
        let is_of_item = matches!(error.path[..], [PathSegment::Field(_), PathSegment::Index(_)]);
        others += usize::from(!is_of_item);
        is_of_item || others <= MAX_ERRORS
    });
}

/// Sets the code of every error, and masks the messages of internal errors.
pub fn present(mut response: Response) -> Response {
    limit(&mut response.errors);
    for error in &mut response.errors {
        let code = match (error.source::<Error>(), &error.source) {
            (Some(Error::Internal(cause)), _) => {
                let (trace_id, passing) =
                    (new_trace_id(), is_passing(cause).then(|| unavailable_text(cause)));
                tracing::error!(cause = format!("{cause:#}"), trace_id, "request failed");
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
            // An error of async-graphql: the document or a value does not match the schema.
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

/// Truncates a text to `most` characters.
fn shorten(text: &mut String, most: usize) {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
}

/// Rewrites a message of async-graphql for clients.
fn of_library(message: &str) -> String {
    match message {
        "Schema is not configured for mutations." => {
            "This endpoint has no mutations; send them to `/graphql` with a key.".into()
        }
        "Schema is not configured for subscriptions." => {
            "This endpoint has no subscriptions; open a WebSocket at `/graphql` with a key.".into()
        }
        _ if message.starts_with(INVALID_VALUE) => without_long_quotes(&with_indexes(message)),
        _ => without_long_quotes(message),
    }
}

/// Writes the path in the first quotes of a message as `rows[7].day`; async-graphql writes `rows.7.day`.
fn with_indexes(message: &str) -> String {
    let mut parts = message.splitn(3, '"');
    let (Some(begin), Some(path), Some(end)) = (parts.next(), parts.next(), parts.next()) else {
        return message.to_owned();
    };
    let mut indexed = String::new();
    for segment in path.split('.') {
        match segment.parse::<usize>() {
            Ok(index) => indexed.extend(["[", &index.to_string(), "]"]),
            Err(_) if indexed.is_empty() => indexed.push_str(segment),
            Err(_) => indexed.extend([".", segment]),
        }
    }
    format!("{begin}\"{indexed}\"{end}")
}

/// Truncates the message and each quoted part of it.
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

/// Message of a temporary error.
pub fn unavailable_text(cause: &anyhow::Error) -> String {
    let clock = cause.chain().find_map(|cause| cause.downcast_ref::<ClockFault>());
    match clock {
        Some(fault) => format!("Writes are unavailable: {fault}."),
        None if cause.chain().any(|cause| cause.is::<TimelineFault>()) => LOADING_ANEW.into(),
        None => UNAVAILABLE.into(),
    }
}

/// Whether an error is temporary: the database is unavailable or was restored, or a clock is wrong.
pub fn is_passing(cause: &anyhow::Error) -> bool {
    let passes =
        |cause: &(dyn std::error::Error + 'static)| cause.is::<TimelineFault>() || cause.is::<ClockFault>();
    database::is_unavailable(cause) || cause.chain().any(passes)
}

/// Whether a response has an error with the code `UNAVAILABLE`.
pub fn is_unavailable(response: &Response) -> bool {
    let code = |error: &ServerError| error.extensions.as_ref()?.get("code").cloned();
    response.errors.iter().any(|error| code(error) == Some(ErrorCode::Unavailable.as_str().into()))
}
