//! Answers a GraphQL request: the stages that it goes through, one after the other.

use std::{cmp::Ordering, panic::AssertUnwindSafe};

use async_graphql::Executor;
use axum::{
    body::Body,
    http::{Response, header, request::Parts},
};
use futures_util::FutureExt;
use registry::worker_pool::{self, Meter};

use super::{
    cache_headers,
    cached_execution::{self, PreparedOperation},
    caller::RequestContext,
    endpoint::Endpoint,
    parameters::Asked,
    read_your_writes,
    request::{self, ParsedRequest, RawRequest},
    request_error::RequestError,
    response::{self, Accepts},
    service::GraphqlService,
};
use crate::{
    document::Limits,
    error_code::ErrorCode,
    rate_limit::{ClientKey, RateLimitStatus},
    response_cache::{CachedResponse, ExecutionError},
};

/// Where a schema is served.
pub(crate) type Serving<E> = fn(&GraphqlService) -> &Endpoint<E>;

/// Bytes from which on a request is long to read.
pub(crate) const LONG_FROM: usize = 8 << 10;
/// Points that a request takes which is refused.
pub(crate) const REFUSED: u64 = 10;

/// Answers a request with something at least as new as it asks for, and tells how new that is.
pub(crate) async fn answer<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: RequestContext<'_>,
    (head, body): (&Parts, impl Asked),
    prepare: impl FnOnce(ParsedRequest) -> Result<ParsedRequest, RequestError>,
) -> Response<Body> {
    let accepts = Accepts::of(&head.headers);
    if let Err(error) = read_your_writes::reached(service, &context, &head.headers).await {
        return error.render(accepts);
    }
    // Taken before the answer is made: the answer is at least as new.
    let seq = service.registry().snapshot().seq();
    let received = receive(service, serving, context, (head, body), prepare).await;
    let mut response = received.unwrap_or_else(|error| error.render(accepts));
    read_your_writes::tell(service, response.headers_mut(), seq);
    response
}

/// Receives a request, and answers it: with what is kept, or with what is made of it now.
async fn receive<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: RequestContext<'_>,
    (head, body): (&Parts, impl Asked),
    prepare: impl FnOnce(ParsedRequest) -> Result<ParsedRequest, RequestError>,
) -> Result<Response<Body>, RequestError> {
    let room = service.bodies().room(context.client_key);
    let received = request::receive(head, body, context.limits, room).await;
    let received = received.inspect_err(|_| pay_refusal(service, &context))?;
    let response_context =
        ResponseContext { context: &context, accepts: received.accepts, is_get: received.is_get, head };
    // The body may have taken its time: what is kept must hold now, not when the request began.
    let snapshot = service.registry().snapshot();
    let key = cached_execution::request_key(service, &snapshot, &context, &received);
    if let Some(key) = &key
        && let Some(answer) = service.response_cache().find(key, &snapshot).await
    {
        return again(service, &response_context, &answer).await;
    }
    if service.load_shedder().is_full() {
        // What it asks for is not worth reading.
        return Err(not_executed(ExecutionError::Overloaded));
    }
    let reading = Reading::begin(service, &context, &received).await?;
    let read =
        reading.done(read(service, serving, &context, received, &reading.meter).await.and_then(prepare));
    let read = read.inspect_err(|_| pay_refusal(service, &context))?;
    let (its_service, view, meter) = (service.clone(), context.view(), Meter::default());
    let operation =
        move || meter.clone().count_now(|| PreparedOperation::new(&its_service, view, key, read, meter));
    let operation =
        if reading.is_long() { worker_pool::run(async move { operation() }).await } else { operation() };
    // On the heap, so that what is kept is not sent through a future as large as the work.
    let made =
        AssertUnwindSafe(fresh(service, serving, &response_context, operation)).catch_unwind().boxed().await;
    made.unwrap_or_else(|cause| Ok(response::panicked(cause)))
}

/// Reading of a request: a point for each part of a long one is taken before anything of it is read, and what takes more
/// processor time is paid by time, whatever it turns out to ask for.
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
        let taken = (received.bytes.len() / LONG_FROM) as u64;
        if taken > 0 {
            let points = context.take(service, taken).await;
            points.map_err(|throttled| context.policy.throttled(&throttled))?;
        }
        Ok(Self { service, context, taken, meter: Meter::default() })
    }

    fn is_long(&self) -> bool {
        self.taken > 0
    }

    /// Pays for what it took.
    fn done<T>(&self, read: T) -> T {
        let due = self.service.points_for(self.meter.used());
        if due > self.taken {
            self.service.rate_limiter().charge(
                self.context.client_key,
                self.context.quota(),
                due - self.taken,
            );
        }
        read
    }
}

/// Reads a request, and counts what that takes: a long one on the workers.
async fn read<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: &RequestContext<'_>,
    received: RawRequest,
    meter: &Meter,
) -> Result<ParsedRequest, RequestError> {
    // A router makes documents of its own, of those that its clients sent.
    let is_gateway = context.client_key == ClientKey::Gateway;
    let read = move |service: &GraphqlService, limits: &Limits, received: &RawRequest| {
        let persisted = if is_gateway { service.any_document() } else { service.persisted() };
        request::read(received, limits, serving(service).documents(), persisted)
    };
    if received.bytes.len() < LONG_FROM {
        return meter.count_now(|| read(service, context.limits, &received));
    }
    let (service, limits, meter) = (service.clone(), context.limits.clone(), meter.clone());
    worker_pool::run(async move { meter.count_now(|| read(&service, &limits, &received)) }).await
}

/// What is needed to tell an answer.
struct ResponseContext<'a> {
    context: &'a RequestContext<'a>,
    accepts: Accepts,
    is_get: bool,
    head: &'a Parts,
}

/// Answers with what is kept. It is as dear as it was when it was made.
async fn again(
    service: &GraphqlService,
    response_context: &ResponseContext<'_>,
    answer: &CachedResponse,
) -> Result<Response<Body>, RequestError> {
    let context = response_context.context;
    match context.take(service, answer.actual).await {
        Ok(status) => Ok(tell(service, response_context, answer, &status)),
        Err(throttled) => Err(context.policy.throttled(&throttled)),
    }
}

/// Takes the points of a request, has it answered, and gives back the points that it did not need.
async fn fresh<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    response_context: &ResponseContext<'_>,
    operation: PreparedOperation,
) -> Result<Response<Body>, RequestError> {
    let (context, requested) = (response_context.context, operation.read.cost);
    if let Some(answer) = cached_execution::find(service, &operation) {
        return again(service, response_context, &answer).await;
    }
    let status = service.rate_limiter().take(context.client_key, context.quota(), requested).await;
    let status = status.map_err(|throttled| context.policy.throttled(&throttled))?;
    let meter = operation.meter.clone();
    match cached_execution::make(service, serving, context, operation, status).await {
        Ok(answer) => {
            settle(service, context, requested, answer.actual.min(requested), &meter);
            Ok(tell(service, response_context, &answer, &status))
        }
        Err(error) => {
            let worth = if error == ExecutionError::Overloaded { 0 } else { requested };
            settle(service, context, requested, worth, &meter);
            Err(not_executed(error))
        }
    }
}

/// Gives back what an answer was not worth of the points that were taken for it. What took more processor time than its
/// points are worth is paid by time: whatever is asked, nobody gets more work than points.
fn settle(service: &GraphqlService, context: &RequestContext<'_>, taken: u64, worth: u64, meter: &Meter) {
    let (rate_limiter, due) = (service.rate_limiter(), worth.max(service.points_for(meter.used())));
    match due.cmp(&taken) {
        Ordering::Less => rate_limiter.refund(context.client_key, context.quota(), taken - due),
        Ordering::Equal => {}
        Ordering::Greater => rate_limiter.charge(context.client_key, context.quota(), due - taken),
    }
}

/// Sends an answer, with what caches and whoever asks should know of it.
fn tell(
    service: &GraphqlService,
    response_context: &ResponseContext<'_>,
    answer: &CachedResponse,
    status: &RateLimitStatus,
) -> Response<Body> {
    let (accepts, context) = (response_context.accepts, response_context.context);
    // A copy of what everyone may have goes to others: what this one has left is not for them.
    let is_public = context.is_anyone() && response_context.is_get;
    let head = if is_public { response::public_head() } else { context.policy.head(status) };
    let mut response = response::graphql(accepts, answer, head);
    if is_public {
        cache_headers::tell_public(&mut response, accepts, answer, service.public_max_age());
    } else if response_context.is_get {
        cache_headers::tell_tag(&mut response, accepts, answer);
    }
    let known = response_context.head.headers.get(header::IF_NONE_MATCH).filter(|_| response_context.is_get);
    cache_headers::unless_known(known, response)
}

/// Takes the points of a refusal, whether they are left or not.
fn pay_refusal(service: &GraphqlService, context: &RequestContext<'_>) {
    service.rate_limiter().charge(context.client_key, context.quota(), REFUSED);
}

/// What was begun to be written is written all the same; sent again by the same name, it is answered.
fn not_executed(error: ExecutionError) -> RequestError {
    match error {
        ExecutionError::TimedOut => {
            RequestError::new(ErrorCode::Timeout, "The operation took too long; ask for less, or try again.")
        }
        ExecutionError::Overloaded => {
            RequestError::new(ErrorCode::Overloaded, "There are too many requests; try again shortly.")
        }
        ExecutionError::Panicked => return RequestError::internal("executing an operation panicked"),
    }
    .retry_after(1)
}
