//! Execution of mutations with an idempotency key: of equal requests, one is executed, and the others get its response.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use async_graphql::Executor;
use axum::{
    body::Body,
    http::{Response, header},
};
use futures_util::FutureExt;
use registry::{
    api_client::AuthenticatedClient,
    idempotency::{
        Claim,
        requests::{KeyedRequest, NotClaimed, StoredResponse},
    },
};
use tracing::Instrument;

use super::{
    answer::{REJECTED_COST, ResponseContext, Serving},
    cached_execution::PreparedOperation,
    caller::RequestContext,
    idempotency_key::KeyedMutation,
    keyed_response::{first_response, replay, report},
    paid_execution, read_your_writes,
    request_error::RequestError,
    response::{self, Accepts},
    service::GraphqlService,
};
use crate::{rate_limit::RateLimitStatus, response_cache::CachedResponse};

/// Maximum wait for the response to an equal request.
const MAX_WAIT: Duration = Duration::from_secs(5);
/// First and longest pause between two looks for it; it may be executed by another server.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);
/// `Retry-After` in seconds when an equal request takes longer.
const RETRY_IN_PROGRESS: u64 = 2;

/// A mutation that has claimed its key.
struct ClaimedMutation {
    service: GraphqlService,
    client: AuthenticatedClient,
    accepts: Accepts,
    operation: PreparedOperation,
    status: RateLimitStatus,
    claim: Claim,
}

/// Takes the points of a mutation, and executes it unless an equal request with its key was answered.
pub(super) async fn execute_once<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    response_context: &ResponseContext<'_>,
    operation: PreparedOperation,
    KeyedMutation { client, request }: KeyedMutation,
) -> Result<Response<Body>, RequestError> {
    let (context, requested) = (response_context.context, operation.read.cost);
    let status = paid_execution::take(service, context, requested).await?;
    let settle = |worth| paid_execution::settle(service, context, requested, worth, &operation.meter);
    let claim = match claim(service, request).await.inspect_err(|_| settle(0))? {
        Ok(claim) => claim,
        Err(not_claimed) => {
            settle(REJECTED_COST.min(requested));
            let stored = first_response(service, &client, not_claimed, RETRY_IN_PROGRESS)?;
            return Ok(replay(service, stored, context.policy.head(&status)));
        }
    };
    let (service, accepts) = (service.clone(), response_context.accepts);
    let claimed = ClaimedMutation { service, client, accepts, operation, status, claim };
    // Its response is stored even if the client has disconnected: it will send the request again.
    let executing = tokio::spawn(claimed.execute(serving).in_current_span());
    executing.await.unwrap_or_else(|error| Err(RequestError::internal(&error.to_string())))
}

/// Claims the key of a request; while an equal request is executed, waits for its response.
///
/// # Errors
/// When the database does not answer. The inner error says why the request must not be executed.
async fn claim(
    service: &GraphqlService,
    request: KeyedRequest,
) -> Result<Result<Claim, NotClaimed>, RequestError> {
    let (begun, mut pause, mut waiting) = (Instant::now(), FIRST_PAUSE, None);
    loop {
        let claimed = service.keyed_requests().claim(request.clone()).await;
        let claimed = claimed.map_err(|error| RequestError::from(&error))?;
        if !matches!(claimed, Err(NotClaimed::InProgress)) || begun.elapsed() + pause > MAX_WAIT {
            return Ok(claimed);
        }
        if waiting.is_none() {
            waiting = service.waiting().enter(request.client_id);
        }
        if waiting.is_none() {
            // Too many wait.
            return Ok(claimed);
        }
        tokio::time::sleep(pause).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
    }
}

impl ClaimedMutation {
    /// Executes it, and stores its response, unless an equal request may get another one.
    async fn execute<E: Executor>(self, serving: Serving<E>) -> Result<Response<Body>, RequestError> {
        let Self { service, client, accepts, operation, status, claim } = self;
        let context = RequestContext::client(&service, &client);
        let executing = paid_execution::execute(&service, serving, &context, operation, status);
        let executed = AssertUnwindSafe(executing).catch_unwind().await;
        let (answer, seq) = match executed.unwrap_or_else(|cause| Err(response::panic_error(cause))) {
            Ok(executed) => executed,
            Err(error) => {
                report(claim.release().await);
                return Err(error);
            }
        };
        let mut response = response::graphql(accepts, &answer, context.policy.head(&status));
        read_your_writes::set_reached(&service, response.headers_mut(), seq);
        report(match answer.is_final {
            true => claim.answer(stored(&response, &answer, seq)).await,
            false => claim.release().await,
        });
        Ok(response)
    }
}

/// A response as it is stored.
fn stored(response: &Response<Body>, answer: &CachedResponse, seq: i64) -> StoredResponse {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    StoredResponse {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default().into(),
        seq,
        body: answer.body.to_vec(),
        upload_hash: None,
    }
}
