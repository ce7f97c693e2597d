//! Runs a GraphQL request through the stages of the pipeline.

use std::panic::AssertUnwindSafe;

use async_graphql::Executor;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, header, request::Parts},
};
use futures_util::FutureExt;
use registry::worker_pool::{self, Meter};

use super::{
    cache_headers,
    cached_execution::{self, PreparedOperation},
    caller::RequestContext,
    endpoint::Endpoint,
    keyed_execution,
    paid_execution::{execute, not_executed, take},
    parameters::RequestBody,
    read_your_writes,
    request::{self, ParsedRequest, RawRequest},
    request_error::RequestError,
    response::{self, Accepts},
    service::GraphqlService,
};
use crate::{
    document::Limits,
    rate_limit::RateLimitStatus,
    response_cache::{CachedResponse, ExecutionError},
};

/// Selects the endpoint of a schema.
pub(crate) type Serving<E> = fn(&GraphqlService) -> &Endpoint<E>;

/// Size in bytes from which a request is read on the worker pool, for points.
pub(crate) const LONG_REQUEST_BYTES: usize = 8 << 10;
/// Points charged for a rejected request.
pub(crate) const REJECTED_COST: u64 = 10;

/// Handles a request. The response is at least as new as `Registry-Min-Seq`, and has its own `Registry-Seq`.
pub(crate) async fn answer<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: RequestContext<'_>,
    (head, body): (&Parts, impl RequestBody),
    prepare: impl FnOnce(ParsedRequest) -> Result<ParsedRequest, RequestError>,
) -> Response<Body> {
    let accepts = Accepts::of(&head.headers);
    let waited = read_your_writes::wait_for_min_seq(service, &context, &head.headers).await;
    // Read before execution, so the response is at least as new.
    let seq = service.registry().snapshot().seq();
    let received = match waited {
        Ok(()) => receive(service, serving, context, (head, body), prepare).await,
        Err(error) => Err(error),
    };
    let mut response = received.unwrap_or_else(|error| error.render(accepts));
    // An executed operation has set its own.
    if response.headers().get(read_your_writes::SEQ).is_none_or(HeaderValue::is_empty) {
        read_your_writes::set_reached(service, response.headers_mut(), seq);
    }
    response
}

/// Reads a request, and responds from the cache or by executing it.
async fn receive<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: RequestContext<'_>,
    (head, body): (&Parts, impl RequestBody),
    prepare: impl FnOnce(ParsedRequest) -> Result<ParsedRequest, RequestError>,
) -> Result<Response<Body>, RequestError> {
    let permit = service.bodies().permit(context.client_key);
    let received = request::receive(head, body, context.limits, permit).await;
    let received = received.inspect_err(|_| charge_rejected(service, &context))?;
    let (accepts, is_get, headers) = (received.accepts, received.is_get, &head.headers);
    let response_context = ResponseContext { context: &context, accepts, is_get, headers };
    // Receiving the body may take long: a cached response must be valid now, not when the request began.
    let snapshot = service.registry().snapshot();
    let key = cached_execution::request_key(service, &snapshot, &context, &received);
    if let Some(key) = &key
        && let Some(answer) = service.response_cache().find(key, &snapshot).await
    {
        return send_cached(service, &response_context, &answer).await;
    }
    if service.load_shedder().is_full() {
        // It would be rejected anyway, so it is not parsed.
        return Err(not_executed(ExecutionError::Overloaded));
    }
    let reading = Reading::begin(service, &context, &received).await?;
    let read =
        reading.done(read(service, serving, &context, received, &reading.meter).await.and_then(prepare));
    let read = read.inspect_err(|_| charge_rejected(service, &context))?;
    let (its_service, partition, meter) = (service.clone(), context.cache_partition(), Meter::default());
    let operation = move || {
        meter.clone().count_now(|| PreparedOperation::new(&its_service, &partition, key, read, meter))
    };
    let operation =
        if reading.is_long() { worker_pool::run(async move { operation() }).await } else { operation() };
    // Boxed, so that the future of a cache hit stays small.
    let result = AssertUnwindSafe(execute_and_send(service, serving, &response_context, operation))
        .catch_unwind()
        .boxed()
        .await;
    result.unwrap_or_else(|cause| Err(response::panic_error(cause)))
}

/// Points for parsing a request: one per [`LONG_REQUEST_BYTES`] is taken before parsing; if it takes more processor time
/// than that pays for, the difference is charged afterwards.
struct Reading<'a> {
    service: &'a GraphqlService,
    context: &'a RequestContext<'a>,
    taken: u64,
    meter: Meter,
}

impl<'a> Reading<'a> {
    async fn begin(
        service: &'a GraphqlService,
        context: &'a RequestContext<'a>,
        received: &RawRequest,
    ) -> Result<Self, RequestError> {
        let taken = (received.bytes.len() / LONG_REQUEST_BYTES) as u64;
        if taken > 0 {
            let points = context.take(service, taken).await;
            points.map_err(|throttled| context.policy.throttled(&throttled))?;
        }
        Ok(Self { service, context, taken, meter: Meter::default() })
    }

    fn is_long(&self) -> bool {
        self.taken > 0
    }

    /// Charges the processor time beyond the points taken.
    fn done<T>(&self, read: T) -> T {
        let due = self.service.points_for(self.meter.used());
        if due > self.taken {
            self.context.charge(self.service, due - self.taken);
        }
        read
    }
}

/// Parses a request and meters the processor time; a long one on the worker pool.
async fn read<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: &RequestContext<'_>,
    received: RawRequest,
    meter: &Meter,
) -> Result<ParsedRequest, RequestError> {
    let is_of_router = context.is_of_router();
    let read = move |service: &GraphqlService, limits: &Limits, received: &RawRequest| {
        let persisted = if is_of_router { service.any_document() } else { service.persisted() };
        request::read(received, limits, serving(service).documents(), persisted)
    };
    if received.bytes.len() < LONG_REQUEST_BYTES {
        return meter.count_now(|| read(service, context.limits, &received));
    }
    let (service, limits, meter) = (service.clone(), context.limits.clone(), meter.clone());
    worker_pool::run(async move { meter.count_now(|| read(&service, &limits, &received)) }).await
}

/// What is needed to build the response.
pub(super) struct ResponseContext<'a> {
    pub(super) context: &'a RequestContext<'a>,
    pub(super) accepts: Accepts,
    is_get: bool,
    headers: &'a HeaderMap,
}

/// Sends a cached response. It costs the points that its execution cost.
async fn send_cached(
    service: &GraphqlService,
    response_context: &ResponseContext<'_>,
    answer: &CachedResponse,
) -> Result<Response<Body>, RequestError> {
    let context = response_context.context;
    match context.take(service, answer.actual).await {
        Ok(status) => Ok(build_response(service, response_context, answer, &status)),
        Err(throttled) => Err(context.policy.throttled(&throttled)),
    }
}

/// Takes the points of a request, executes it, and refunds unused points.
async fn execute_and_send<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    response_context: &ResponseContext<'_>,
    mut operation: PreparedOperation,
) -> Result<Response<Body>, RequestError> {
    let (context, is_query) = (response_context.context, operation.read.is_query);
    if let Some(mutation) = operation.keyed.take() {
        return keyed_execution::execute_once(service, serving, response_context, operation, mutation).await;
    }
    if let Some(answer) = cached_execution::find(service, &operation) {
        return send_cached(service, response_context, &answer).await;
    }
    let status = take(service, context, operation.read.cost).await?;
    let (answer, seq) = execute(service, serving, context, operation, status).await?;
    if is_query {
        read_your_writes::check_min_seq(response_context.headers, seq)?;
    }
    let mut response = build_response(service, response_context, &answer, &status);
    read_your_writes::set_reached(service, response.headers_mut(), seq);
    Ok(response)
}

/// Builds the response with its rate limit and cache headers.
fn build_response(
    service: &GraphqlService,
    response_context: &ResponseContext<'_>,
    answer: &CachedResponse,
    status: &RateLimitStatus,
) -> Response<Body> {
    let (accepts, context) = (response_context.accepts, response_context.context);
    // Public responses are shared by caches, so they have no rate limit headers of one client.
    let is_public = context.is_anyone() && response_context.is_get;
    let head = if is_public { response::public_head() } else { context.policy.head(status) };
    let mut response = response::graphql(accepts, answer, head);
    if is_public {
        cache_headers::set_public(&mut response, accepts, answer, service.public_max_age());
    } else if response_context.is_get {
        cache_headers::set_tag(&mut response, accepts, answer);
    }
    let known = response_context.headers.get(header::IF_NONE_MATCH).filter(|_| response_context.is_get);
    cache_headers::not_modified(known, response)
}

/// Charges the points of a rejected request, even beyond the quota.
fn charge_rejected(service: &GraphqlService, context: &RequestContext<'_>) {
    context.charge(service, REJECTED_COST);
}
