//! Check of a client's request before a federation router plans it. Only the structure of its document is checked: fields of
//! partners are unknown here.

use axum::{body::Bytes, http::HeaderMap};
use registry::worker_pool;
use serde::Deserialize;

use super::{
    answer::{LONG_REQUEST_BYTES, REJECTED_COST},
    caller::RequestContext,
    parameters::{self, RequestBody},
    request_error::RequestError,
    service::GraphqlService,
};
use crate::{document::Limits, error_code::ErrorCode, rate_limit::ClientKey};

/// Selections, fragments expanded, that one point pays to plan: 1,621 took Hive Router 113 ms, and a point is worth half a
/// millisecond.
const SELECTIONS_OF_A_POINT: u64 = 7;
/// Memory for what a router sends beside the body of its client, in bytes.
const HEADERS: usize = 128 << 10;

/// Maximum nesting of a body: as deep as JSON is read elsewhere. A router may read deeper values, and end with a full stack.
const MAX_NESTING: usize = 128;

/// Body of a client's request, as far as it is checked. One with two documents is rejected.
#[derive(Deserialize)]
struct Sent {
    query: Option<String>,
}

/// Receives the call of a router, which contains the body of its client as a JSON string.
///
/// # Errors
/// When it is not JSON, too large, incomplete or late, or too many bodies are being received.
pub(crate) async fn receive(
    service: &GraphqlService,
    headers: &HeaderMap,
    body: impl RequestBody,
) -> Result<Bytes, RequestError> {
    // Quotes and line ends of JSON take two bytes in a string.
    let limit = service.client_tiers().internal.body.saturating_mul(2).saturating_add(HEADERS);
    let permit = service.bodies().permit(ClientKey::Gateway);
    let (bytes, _) = parameters::body(headers, body, limit, permit).await?;
    Ok(bytes)
}

/// Checks the body of a client's request, and takes the points for planning it. What the operation reads of the registry is
/// paid when the router asks for it.
///
/// # Errors
/// When the client has too few points left, the body is no request, or its document exceeds a limit.
pub(crate) async fn check(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    body: String,
) -> Result<(), RequestError> {
    if body.len() > context.limits.body {
        context.charge(service, REJECTED_COST);
        let text = format!("The request is larger than {} bytes.", context.limits.body);
        return Err(RequestError::new(ErrorCode::PayloadTooLarge, text));
    }
    let (is_long, taken) = (body.len() >= LONG_REQUEST_BYTES, 1 + (body.len() / LONG_REQUEST_BYTES) as u64);
    pay(service, context, taken).await?;
    let selections = if is_long {
        let (service, limits) = (service.clone(), context.limits.clone());
        worker_pool::run(async move { selections(&service, &limits, &body) }).await
    } else {
        selections(service, context.limits, &body)
    };
    match selections {
        Ok(selections) => {
            // Before the router plans: nothing stops it afterwards. A full bucket is enough for any request.
            let due = selections / SELECTIONS_OF_A_POINT;
            pay(service, context, due.min(context.quota().points.saturating_sub(taken))).await
        }
        Err(error) => {
            context.charge(service, REJECTED_COST.saturating_sub(taken));
            Err(error)
        }
    }
}

/// Takes points, or rejects the request.
async fn pay(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    points: u64,
) -> Result<(), RequestError> {
    let taken = context.take(service, points).await;
    taken.map(|_| ()).map_err(|throttled| context.policy.throttled(&throttled))
}

/// Number of selections to plan. 0 without a document: the router has that of an id, or rejects the request.
fn selections(service: &GraphqlService, limits: &Limits, body: &str) -> Result<u64, RequestError> {
    if body.trim_start().starts_with('[') {
        return Err(RequestError::new(ErrorCode::BatchLimit, "Send one operation per request."));
    }
    if is_nested_deeper(body, MAX_NESTING) {
        let text = format!("The JSON of the request is nested more than {MAX_NESTING} deep.");
        return Err(RequestError::new(ErrorCode::BadRequest, text));
    }
    let sent: Sent = serde_json::from_str(body).map_err(|_| {
        let text = "The body is not a JSON object with one `query` (string) or the id of a document.";
        RequestError::new(ErrorCode::BadRequest, text)
    })?;
    match sent.query {
        Some(text) => Ok(service.structures().selections(&text, limits)?),
        None => Ok(0),
    }
}

/// Whether arrays and objects of a JSON text are nested deeper than `most`. Brackets in strings do not count.
fn is_nested_deeper(json: &str, most: usize) -> bool {
    let (mut depth, mut is_string, mut is_escaped) = (0usize, false, false);
    for byte in json.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_string,
            b'"' => is_string = !is_string,
            _ if is_string => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > most {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nesting_counts_brackets_outside_strings() {
        let nested = |depth: usize| format!("{{\"a\":{}1{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
        assert!(!is_nested_deeper(&nested(128), 128));
        assert!(is_nested_deeper(&nested(129), 128));
        assert!(is_nested_deeper(&"[{".repeat(100_000), 128));
        // A quote after an escape does not end the string, an escaped backslash does not escape the quote.
        assert!(!is_nested_deeper(&format!("\"\\\"{}\"", "[".repeat(200)), 128));
        assert!(is_nested_deeper(&format!("\"\\\\\"{}", "[".repeat(200)), 128));
        assert!(!is_nested_deeper(&"[],".repeat(1_000), 128));
    }
}
