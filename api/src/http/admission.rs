//! How many requests may wait to be worked on: whoever comes when there are more is sent away at once.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use tokio::sync::Semaphore;

use super::response::{Accepts, refusal_with};

/// Room for requests.
#[derive(Clone)]
pub struct Admission(Arc<Semaphore>);

impl Admission {
    /// Room for so many requests at once.
    pub fn new(requests: usize) -> Self {
        Self(Arc::new(Semaphore::new(requests)))
    }
}

/// Lets a request in if there is room.
pub async fn admit(State(admission): State<Admission>, request: Request, next: Next) -> Response {
    let Ok(_permit) = admission.0.try_acquire() else {
        let accepts = Accepts::read(request.headers()).unwrap_or(Accepts::Anything);
        let (status, text) =
            (StatusCode::SERVICE_UNAVAILABLE, "There are too many requests; try again shortly.");
        return refusal_with(accepts, status, "OVERLOADED", text, (header::RETRY_AFTER, "1"));
    };
    // Most requests are answered without ever waiting. Those that have come must be let in or sent away before the
    // first of them is worked on, or else nobody knows how many there are.
    tokio::task::yield_now().await;
    next.run(request).await
}
