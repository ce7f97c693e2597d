//! Reading one's writes: every answer says how new it is, and a request may ask for no older.

use std::time::Duration;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::response::{Accepts, refusal_with};
use crate::app::App;

/// Place in the change log that an answer is true at.
pub const SEQ: HeaderName = HeaderName::from_static("registry-seq");
/// Place in the change log that an answer must not be older than.
pub const MIN_SEQ: HeaderName = HeaderName::from_static("registry-min-seq");
const MAX_WAIT: Duration = Duration::from_secs(2);

/// Waits for `Registry-Min-Seq`, and adds `Registry-Seq` to the answer.
pub async fn consistent(State(app): State<App>, request: Request, next: Next) -> Response {
    let accepts = Accepts::read(request.headers()).unwrap_or(Accepts::Anything);
    if let Some(wanted) = request.headers().get(MIN_SEQ) {
        let Some(wanted) = wanted.to_str().ok().and_then(|text| text.parse::<i64>().ok()) else {
            let text = "`Registry-Min-Seq` must be a whole number, as `Registry-Seq` gave it.";
            return super::response::refusal(accepts, StatusCode::BAD_REQUEST, "BAD_USER_INPUT", text);
        };
        if tokio::time::timeout(MAX_WAIT, app.registry().reached(wanted)).await.is_err() {
            let text = "This server has not reached `Registry-Min-Seq` yet; try again shortly.";
            let retry = (header::RETRY_AFTER, "1");
            return refusal_with(accepts, StatusCode::SERVICE_UNAVAILABLE, "SEQ_NOT_REACHED", text, retry);
        }
    }
    // Taken before the answer is made: the answer is at least as new.
    let seq = app.registry().snapshot().seq();
    let mut response = next.run(request).await;
    response.headers_mut().insert(SEQ, HeaderValue::from(seq));
    response
}
