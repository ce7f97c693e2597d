//! Turns an execution result into the response to send, and possibly to cache.

use std::sync::{Arc, OnceLock};

use async_graphql::{Response as GraphqlResponse, ServerError};
use axum::body::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use registry::snapshot::{Dependencies, Kinds, TimelinePosition};

use super::{answer::REJECTED_COST, response::is_request_error};
use crate::{
    document::{Document, DocumentDependencies, ExpensiveFields},
    error_code::ErrorCode,
    graphql::{error, kit::dependencies::ObservedDependencies},
    pipeline::json,
    response_cache::{CachePolicy, CachedResponse, Outcome},
};

/// Codes of field errors that an equal request may not get: what they are about passes, or nothing was written.
const PASSING: [ErrorCode; 7] = [
    ErrorCode::Unauthenticated,
    ErrorCode::Forbidden,
    ErrorCode::IdempotencyMismatch,
    ErrorCode::SearchNotReady,
    ErrorCode::Overloaded,
    ErrorCode::Unavailable,
    ErrorCode::Internal,
];

/// Whether the operation was executed, and none of its errors passes. Of many errors, not all are in the response.
fn is_final(response: &GraphqlResponse) -> bool {
    let passes = |error: &ServerError| {
        let code = error.extensions.as_ref().and_then(|extensions| extensions.get("code"));
        PASSING.iter().any(|passing| code == Some(&passing.as_str().into()))
    };
    !is_request_error(response)
        && response.errors.len() < error::MAX_ERRORS
        && !response.errors.iter().any(passes)
}

/// Adds `extensions.cost` with the requested and the actual cost; returns the actual cost.
pub(crate) fn add_cost(response: &mut GraphqlResponse, requested: u64, expensive: &ExpensiveFields) -> u64 {
    let worth = expensive.worth(&response.data);
    let actual = match () {
        () if !response.is_err() || error::is_unavailable(response) => worth.min(requested),
        () if is_request_error(response) => worth.max(REJECTED_COST).min(requested),
        // The response does not show the work done before the failure.
        () => requested,
    };
    let cost = async_graphql::value!({ "requested": requested, "actual": actual });
    response.extensions.insert("cost".to_owned(), cost);
    actual
}

/// Metadata of a response.
pub(crate) struct ResponseMetadata {
    /// Its document.
    pub(crate) document: Arc<Document>,
    /// Maximum cost of the request, in points.
    pub(crate) requested: u64,
    /// Its expensive fields.
    pub(crate) expensive: Arc<ExpensiveFields>,
    /// Position in the timeline that it was executed at.
    pub(crate) executed_on: TimelinePosition,
    /// Number of reloads of the registry in this process at that time.
    pub(crate) generation: u32,
    /// Time at which the execution began.
    pub(crate) executed_at: DateTime<Utc>,
    /// Day of that time, in the registry's time zone.
    pub(crate) today: NaiveDate,
    /// Static dependencies; `None` if it must not be cached.
    pub(crate) declared: Option<DocumentDependencies>,
}

impl ResponseMetadata {
    /// The response, with its cost in `extensions`; `None` if it cannot be serialized.
    pub(crate) fn answer(
        &self,
        response: GraphqlResponse,
        observed: ObservedDependencies,
    ) -> Option<CachedResponse> {
        let mut response = error::present(response);
        let outcome = match () {
            () if error::is_unavailable(&response) => Outcome::Unavailable,
            () if is_request_error(&response) => Outcome::RequestError,
            () if response.is_err() => Outcome::Partial,
            () => Outcome::Whole,
        };
        let is_final = is_final(&response) && !observed.has_secret;
        let actual = add_cost(&mut response, self.requested, &self.expensive);
        let body = json::of_response(&response).inspect_err(|error| {
            tracing::error!(%error, "cannot serialize a response");
        });
        let (body, dependencies) = (Bytes::from(body.ok()?), self.dependencies(observed));
        let is_of_the_past = observed.has_past_window && !observed.reaches_end;
        Some(CachedResponse {
            hash: OnceLock::new(),
            body,
            seq: observed.reached.map_or(self.executed_on.seq, |reached| reached.min(self.executed_on.seq)),
            executed_on: self.executed_on,
            generation: self.generation,
            executed_at: self.executed_at,
            dependencies,
            policy: self.declared.map_or(CachePolicy::Never, |declared| {
                CachePolicy::of(&dependencies, is_of_the_past, declared.depends_on_time, self.today)
            }),
            requested: self.requested,
            actual,
            outcome,
            is_final,
        })
    }

    fn dependencies(&self, observed: ObservedDependencies) -> Dependencies {
        let kinds = self.declared.map_or(Kinds::ALL, |declared| declared.kinds);
        let kinds = if observed.reaches_end { Kinds::ALL } else { kinds };
        Dependencies { kinds, days: observed.days }
    }
}
