//! From what was executed to the answer that is sent, and perhaps kept.

use std::sync::{Arc, OnceLock};

use async_graphql::Response as GraphqlResponse;
use axum::body::Bytes;
use chrono::Utc;
use registry::snapshot::{Dependencies, Kinds, Place};

use super::{answer::REFUSED, response::is_refused};
use crate::{
    document::{Document, DocumentDependencies, ExpensiveFields},
    graphql::{error, kit::dependencies::ObservedDependencies},
    pipeline::json,
    response_cache::{CachePolicy, CachedResponse, Outcome},
};

/// Tells in an answer what it was taken to cost and what it is worth; answers the latter.
pub(crate) fn tell_cost(response: &mut GraphqlResponse, requested: u64, expensive: &ExpensiveFields) -> u64 {
    let worth = expensive.worth(&response.data);
    let actual = match () {
        () if !response.is_err() || error::is_unavailable(response) => worth.min(requested),
        () if is_refused(response) => worth.max(REFUSED).min(requested),
        // What was done before it failed is no longer in it.
        () => requested,
    };
    let cost = async_graphql::value!({ "requested": requested, "actual": actual });
    response.extensions.insert("cost".to_owned(), cost);
    actual
}

/// What is known of an answer beside what is in it.
pub(crate) struct About {
    /// Its document.
    pub(crate) document: Arc<Document>,
    /// Points that the request was taken to cost.
    pub(crate) requested: u64,
    /// Its dear fields.
    pub(crate) expensive: Arc<ExpensiveFields>,
    /// State of the registry that it was executed on.
    pub(crate) executed_on: Place,
    /// Times that this process had loaded the registry anew by then.
    pub(crate) generation: u32,
    /// What the document says that it depends on; none where it is not to be kept.
    pub(crate) declared: Option<DocumentDependencies>,
}

impl About {
    /// The answer, with its cost told in it; `None` if it cannot be written.
    pub(crate) fn answer(
        &self,
        response: GraphqlResponse,
        told: ObservedDependencies,
    ) -> Option<CachedResponse> {
        let mut response = error::present(response);
        let outcome = match () {
            () if error::is_unavailable(&response) => Outcome::Unavailable,
            () if is_refused(&response) => Outcome::Refused,
            () if response.is_err() => Outcome::Partial,
            () => Outcome::Whole,
        };
        let actual = tell_cost(&mut response, self.requested, &self.expensive);
        let body = json::of_response(&response).inspect_err(|error| {
            tracing::error!(%error, "cannot write an answer");
        });
        let (body, executed_at, dependencies) =
            (Bytes::from(body.ok()?), Utc::now(), self.dependencies(told));
        let is_of_the_past = told.has_past_window && !told.reaches_end;
        Some(CachedResponse {
            hash: OnceLock::new(),
            body,
            seq: told.reached.map_or(self.executed_on.seq, |reached| reached.min(self.executed_on.seq)),
            executed_on: self.executed_on,
            generation: self.generation,
            executed_at,
            dependencies,
            policy: self.declared.map_or(CachePolicy::Never, |declared| {
                CachePolicy::of(&dependencies, is_of_the_past, declared.tells_time, executed_at.date_naive())
            }),
            requested: self.requested,
            actual,
            outcome,
        })
    }

    fn dependencies(&self, told: ObservedDependencies) -> Dependencies {
        let kinds = self.declared.map_or(Kinds::ALL, |declared| declared.kinds);
        let kinds = if told.reaches_end { Kinds::ALL } else { kinds };
        Dependencies { kinds, days: told.days }
    }
}
