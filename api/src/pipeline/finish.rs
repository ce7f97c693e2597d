//! From what was executed to the answer that is sent, and perhaps kept.

use std::sync::{Arc, OnceLock};

use async_graphql::Response as GraphqlResponse;
use axum::body::Bytes;
use chrono::Utc;
use registry::snapshot::{Kinds, Needs, Place};

use super::{answer::REFUSED, response::is_refused};
use crate::{
    document::{Dear, Document, Needed},
    graphql::{error, kit::dependencies::Told},
    pipeline::json,
    response_cache::{Answer, Lasts, Outcome},
};

/// Tells in an answer what it was taken to cost and what it is worth; answers the latter.
pub(crate) fn tell_cost(response: &mut GraphqlResponse, requested: u64, dear: &Dear) -> u64 {
    let worth = dear.worth(&response.data);
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
    pub(crate) dear: Arc<Dear>,
    /// State of the registry that it was executed on.
    pub(crate) made_on: Place,
    /// Times that this process had loaded the registry anew by then.
    pub(crate) generation: u32,
    /// What the document says that it depends on; none where it is not to be kept.
    pub(crate) needed: Option<Needed>,
}

impl About {
    /// The answer, with its cost told in it; `None` if it cannot be written.
    pub(crate) fn answer(&self, response: GraphqlResponse, told: Told) -> Option<Answer> {
        let mut response = error::present(response);
        let outcome = match () {
            () if error::is_unavailable(&response) => Outcome::Unavailable,
            () if is_refused(&response) => Outcome::Refused,
            () if response.is_err() => Outcome::Partial,
            () => Outcome::Whole,
        };
        let actual = tell_cost(&mut response, self.requested, &self.dear);
        let body = json::of_response(&response).inspect_err(|error| {
            tracing::error!(%error, "cannot write an answer");
        });
        let (body, made_at, needs) = (Bytes::from(body.ok()?), Utc::now(), self.needs(told));
        let is_of_the_past = told.has_past_window && !told.reaches_end;
        Some(Answer {
            hash: OnceLock::new(),
            body,
            seq: told.reached.map_or(self.made_on.seq, |reached| reached.min(self.made_on.seq)),
            made_on: self.made_on,
            generation: self.generation,
            made_at,
            needs,
            lasts: self.needed.map_or(Lasts::Never, |needed| {
                Lasts::of(&needs, is_of_the_past, needed.tells_time, made_at.date_naive())
            }),
            requested: self.requested,
            actual,
            outcome,
        })
    }

    fn needs(&self, told: Told) -> Needs {
        let kinds = self.needed.map_or(Kinds::ALL, |needed| needed.kinds);
        let kinds = if told.reaches_end { Kinds::ALL } else { kinds };
        Needs { kinds, days: told.days }
    }
}
