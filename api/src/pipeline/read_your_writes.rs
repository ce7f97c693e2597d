//! Read-your-writes consistency: every response has its sequence number, and a request may require a minimum.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use registry::view::Viewer;

use super::{
    answer::REJECTED_COST, caller::RequestContext, request_error::RequestError, service::GraphqlService,
};
use crate::error_code::ErrorCode;

/// Sequence number of the change log that a response is valid for.
pub const SEQ: HeaderName = HeaderName::from_static("registry-seq");
/// Minimum sequence number that a request requires.
pub const MIN_SEQ: HeaderName = HeaderName::from_static("registry-min-seq");
/// Seconds that this server may lag behind the change log; sent from 2 s on.
pub const LAG: HeaderName = HeaderName::from_static("registry-lag");
/// Minimum lag for which the header is sent.
const MIN_REPORTED_LAG: Duration = Duration::from_secs(2);
/// Maximum wait for `Registry-Min-Seq`, and for the search index.
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Sets `Registry-Seq`, and `Registry-Lag` if the server lags.
pub(crate) fn set_reached(service: &GraphqlService, headers: &mut HeaderMap, seq: i64) {
    headers.insert(SEQ, HeaderValue::from(seq));
    let lag = service.registry().lag();
    if lag >= MIN_REPORTED_LAG {
        headers.insert(LAG, HeaderValue::from(lag.as_secs()));
    }
}

/// Waits until `Registry-Min-Seq` is reached, if a request has this header.
///
/// # Errors
/// When it is not a sequence number, the client has too few points to wait, or it is not reached in time.
pub(crate) async fn wait_for_min_seq(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    headers: &HeaderMap,
) -> Result<(), RequestError> {
    let Some(wanted) = min_seq(headers)? else { return Ok(()) };
    if service.registry().snapshot().seq() >= wanted {
        return Ok(());
    }
    // Waiting costs as much as a rejected request, so that many waiting requests are not free.
    if let Err(throttled) = context.take(service, REJECTED_COST).await {
        return Err(context.policy.throttled(&throttled));
    }
    if tokio::time::timeout(MAX_WAIT, service.registry().reached(wanted)).await == Ok(true) {
        return Ok(());
    }
    Err(not_reached())
}

/// Waits until the viewer's search index has reached a sequence number, at most [`MAX_WAIT`]: results of an index that still
/// lags then have a lower `Registry-Seq`. An index that is not built yet is not awaited; searches are rejected until it is.
pub(crate) async fn wait_for_search_index(service: &GraphqlService, viewer: Viewer, seq: i64) {
    let search = service.search();
    if search.seq(viewer).is_some_and(|reached| reached < seq) {
        let _ = tokio::time::timeout(MAX_WAIT, search.reached(viewer, seq)).await;
    }
}

/// Checks that a response that is valid for this sequence number is as new as `Registry-Min-Seq` requires.
///
/// # Errors
/// When it is older, because the search index lags.
pub(crate) fn check_min_seq(headers: &HeaderMap, seq: i64) -> Result<(), RequestError> {
    let is_older = min_seq(headers)?.is_some_and(|wanted| wanted > seq);
    if is_older { Err(not_reached().with_header(SEQ, seq)) } else { Ok(()) }
}

/// `Registry-Min-Seq` of a request, if it has this header.
fn min_seq(headers: &HeaderMap) -> Result<Option<i64>, RequestError> {
    let mut wanted = headers.get_all(MIN_SEQ).iter();
    let (Some(first), others) = (wanted.next(), wanted.count()) else { return Ok(None) };
    let seq = first.to_str().ok().and_then(|text| text.parse::<i64>().ok());
    let seq = seq.filter(|seq| *seq >= 0 && others == 0).ok_or_else(|| {
        let text = "`Registry-Min-Seq` must be one whole number, as returned in `Registry-Seq`.";
        RequestError::new(ErrorCode::BadUserInput, text)
    });
    seq.map(Some)
}

fn not_reached() -> RequestError {
    let text = "This server has not reached `Registry-Min-Seq` yet; try again shortly.";
    RequestError::new(ErrorCode::SeqNotReached, text).retry_after(1)
}
