//! Read-your-writes consistency: every response has its sequence number, and a request may require a minimum.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

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
/// Maximum wait for `Registry-Min-Seq`.
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
    let mut wanted = headers.get_all(MIN_SEQ).iter();
    let (Some(first), others) = (wanted.next(), wanted.count()) else { return Ok(()) };
    let seq = first.to_str().ok().and_then(|text| text.parse::<i64>().ok());
    let Some(wanted) = seq.filter(|seq| *seq >= 0 && others == 0) else {
        let text = "`Registry-Min-Seq` must be one whole number, as returned in `Registry-Seq`.";
        return Err(RequestError::new(ErrorCode::BadUserInput, text));
    };
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
    let text = "This server has not reached `Registry-Min-Seq` yet; try again shortly.";
    Err(RequestError::new(ErrorCode::SeqNotReached, text).retry_after(1))
}
