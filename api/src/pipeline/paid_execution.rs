//! Execution for points: the maximum cost is taken before, and what was not used is refunded after.

use std::{cmp::Ordering, sync::Arc};

use async_graphql::Executor;
use registry::worker_pool::Meter;

use super::{
    answer::Serving,
    cached_execution::{self, PreparedOperation},
    caller::RequestContext,
    request_error::RequestError,
    service::GraphqlService,
};
use crate::{
    error_code::ErrorCode,
    rate_limit::RateLimitStatus,
    response_cache::{CachedResponse, ExecutionError},
};

/// Takes the points of a request.
pub(super) async fn take(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    points: u64,
) -> Result<RateLimitStatus, RequestError> {
    let status = service.rate_limiter().take(context.client_key, context.quota(), points).await;
    status.map_err(|throttled| context.policy.throttled(&throttled))
}

/// Executes an operation whose points are taken, and refunds unused points. Also returns the sequence number of the response.
pub(super) async fn execute<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: &RequestContext<'_>,
    operation: PreparedOperation,
    status: RateLimitStatus,
) -> Result<(Arc<CachedResponse>, i64), RequestError> {
    let (requested, is_query, meter) =
        (operation.read.cost, operation.read.is_query, operation.meter.clone());
    match cached_execution::find_or_execute(service, serving, context, operation, status).await {
        Ok((answer, seq)) => {
            settle(service, context, requested, answer.actual.min(requested), &meter);
            // After a write, that of the write: a client waits for it on other servers.
            let seq = if is_query { seq } else { service.registry().snapshot().seq() };
            Ok((answer, seq))
        }
        Err(error) => {
            let worth = if error == ExecutionError::Overloaded { 0 } else { requested };
            settle(service, context, requested, worth, &meter);
            Err(not_executed(error))
        }
    }
}

/// Refunds the points beyond the actual cost, or charges the missing ones. The actual cost is the larger of `worth` and the
/// points for the processor time used.
pub(super) fn settle(
    service: &GraphqlService,
    context: &RequestContext<'_>,
    taken: u64,
    worth: u64,
    meter: &Meter,
) {
    let due = worth.max(service.points_for(meter.used()));
    match due.cmp(&taken) {
        Ordering::Less => {
            service.rate_limiter().refund(context.client_key, context.quota(), taken - due);
        }
        Ordering::Equal => {}
        Ordering::Greater => context.charge(service, due - taken),
    }
}

/// The error for an operation that was not executed. A write that has begun is still completed; a retry with the same
/// idempotency key returns its result.
pub(super) fn not_executed(error: ExecutionError) -> RequestError {
    match error {
        ExecutionError::TimedOut => {
            RequestError::new(ErrorCode::Timeout, "The operation took too long; select less, or try again.")
        }
        ExecutionError::Overloaded => {
            RequestError::new(ErrorCode::Overloaded, "There are too many requests; try again shortly.")
        }
        ExecutionError::Panicked => return RequestError::internal("executing an operation panicked"),
    }
    .retry_after(1)
}
