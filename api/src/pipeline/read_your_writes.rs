//! Reading one's writes: every answer says how new it is, and a request may ask for no older.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::{answer::REFUSED, caller::RequestContext, request_error::RequestError, service::GraphqlService};
use crate::error_code::ErrorCode;

/// Place in the change log that an answer is true at.
pub const SEQ: HeaderName = HeaderName::from_static("registry-seq");
/// Place in the change log that an answer must not be older than.
pub const MIN_SEQ: HeaderName = HeaderName::from_static("registry-min-seq");
/// Seconds that this server may be behind the log, where that is more than moments.
pub const LAG: HeaderName = HeaderName::from_static("registry-lag");
/// Lag that is told.
const TOLD_LAG: Duration = Duration::from_secs(2);
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Tells in an answer how new it is, and how far this server may be behind the log.
pub(crate) fn tell(service: &GraphqlService, headers: &mut HeaderMap, seq: i64) {
    headers.insert(SEQ, HeaderValue::from(seq));
    let lag = service.registry().lag();
    if lag >= TOLD_LAG {
        headers.insert(LAG, HeaderValue::from(lag.as_secs()));
    }
}

/// Waits for `Registry-Min-Seq`, where a request asks for it.
///
/// # Errors
/// When it is no sequence number, or is not reached in time.
pub(crate) async fn reached(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    headers: &HeaderMap,
) -> Result<(), RequestError> {
    let mut wanted = headers.get_all(MIN_SEQ).iter();
    let (Some(first), others) = (wanted.next(), wanted.count()) else { return Ok(()) };
    let seq = first.to_str().ok().and_then(|text| text.parse::<i64>().ok());
    let Some(wanted) = seq.filter(|seq| *seq >= 0 && others == 0) else {
        let text = "`Registry-Min-Seq` must be one whole number, as `Registry-Seq` gave it.";
        return Err(RequestError::new(ErrorCode::BadUserInput, text));
    };
    if service.registry().snapshot().seq() >= wanted {
        return Ok(());
    }
    // Waiting costs as much as what is refused: nobody keeps many requests waiting for nothing.
    if let Err(throttled) = context.take(service, REFUSED).await {
        return Err(context.policy.throttled(&throttled));
    }
    if tokio::time::timeout(MAX_WAIT, service.registry().reached(wanted)).await == Ok(true) {
        return Ok(());
    }
    let text = "This server has not reached `Registry-Min-Seq` yet; try again shortly.";
    Err(RequestError::new(ErrorCode::SeqNotReached, text).retry_after(1))
}
