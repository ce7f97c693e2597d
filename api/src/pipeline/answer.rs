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
    cached_execution::{self, Question},
    caller::Asking,
    endpoint::Endpoint,
    parameters::Asked,
    read_your_writes,
    request::{self, Read, Received},
    request_error::RequestError,
    response::{self, Accepts},
    service::GraphqlService,
};
use crate::{
    document::Limits,
    error_code::ErrorCode,
    rate_limit::{Asker, Standing},
    response_cache::{Answer, Unmade},
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
    asking: Asking<'_>,
    (head, body): (&Parts, impl Asked),
    prepare: impl FnOnce(Read) -> Result<Read, RequestError>,
) -> Response<Body> {
    let accepts = Accepts::of(&head.headers);
    if let Err(error) = read_your_writes::reached(service, &asking, &head.headers).await {
        return error.render(accepts);
    }
    // Taken before the answer is made: the answer is at least as new.
    let seq = service.registry().snapshot().seq();
    let received = receive(service, serving, asking, (head, body), prepare).await;
    let mut response = received.unwrap_or_else(|error| error.render(accepts));
    read_your_writes::tell(service, response.headers_mut(), seq);
    response
}

/// Receives a request, and answers it: with what is kept, or with what is made of it now.
async fn receive<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    asking: Asking<'_>,
    (head, body): (&Parts, impl Asked),
    prepare: impl FnOnce(Read) -> Result<Read, RequestError>,
) -> Result<Response<Body>, RequestError> {
    let room = service.bodies().room(asking.asker);
    let received = request::receive(head, body, asking.limits, room).await;
    let received = received.inspect_err(|_| pay_refusal(service, &asking))?;
    let telling = Telling { asking: &asking, accepts: received.accepts, is_get: received.is_get, head };
    // The body may have taken its time: what is kept must hold now, not when the request began.
    let snapshot = service.registry().snapshot();
    let key = cached_execution::request_key(service, &snapshot, &asking, &received);
    if let Some(key) = &key
        && let Some(answer) = service.answers().find(key, &snapshot).await
    {
        return again(service, &telling, &answer).await;
    }
    if service.admission().is_full() {
        // What it asks for is not worth reading.
        return Err(not_executed(Unmade::Overloaded));
    }
    let reading = Reading::begin(service, &asking, &received).await?;
    let read =
        reading.done(read(service, serving, &asking, received, &reading.meter).await.and_then(prepare));
    let read = read.inspect_err(|_| pay_refusal(service, &asking))?;
    let (its_service, view, meter) = (service.clone(), asking.view(), Meter::default());
    let question = move || meter.clone().count_now(|| Question::new(&its_service, view, key, read, meter));
    let question =
        if reading.is_long() { worker_pool::run(async move { question() }).await } else { question() };
    // On the heap, so that what is kept is not sent through a future as large as the work.
    let made = AssertUnwindSafe(fresh(service, serving, &telling, question)).catch_unwind().boxed().await;
    made.unwrap_or_else(|cause| Ok(response::panicked(cause)))
}

/// Reading of a request: a point for each part of a long one is taken before anything of it is read, and what takes more
/// processor time is paid by time, whatever it turns out to ask for.
struct Reading<'a> {
    service: &'a GraphqlService,
    asking: &'a Asking<'a>,
    taken: u64,
    meter: Meter,
}

impl<'a> Reading<'a> {
    async fn begin(
        service: &'a GraphqlService,
        asking: &'a Asking<'a>,
        received: &Received,
    ) -> Result<Self, RequestError> {
        let taken = (received.bytes.len() / LONG_FROM) as u64;
        if taken > 0 {
            let points = asking.take(service, taken).await;
            points.map_err(|throttled| asking.policy.throttled(&throttled))?;
        }
        Ok(Self { service, asking, taken, meter: Meter::default() })
    }

    fn is_long(&self) -> bool {
        self.taken > 0
    }

    /// Pays for what it took.
    fn done<T>(&self, read: T) -> T {
        let due = self.service.points_for(self.meter.used());
        if due > self.taken {
            self.service.rates().charge(self.asking.asker, self.asking.allowance(), due - self.taken);
        }
        read
    }
}

/// Reads a request, and counts what that takes: a long one on the workers.
async fn read<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    asking: &Asking<'_>,
    received: Received,
    meter: &Meter,
) -> Result<Read, RequestError> {
    // A router makes documents of its own, of those that its clients sent.
    let is_gateway = asking.asker == Asker::Gateway;
    let read = move |service: &GraphqlService, limits: &Limits, received: &Received| {
        let persisted = if is_gateway { service.any_document() } else { service.persisted() };
        request::read(received, limits, serving(service).documents(), persisted)
    };
    if received.bytes.len() < LONG_FROM {
        return meter.count_now(|| read(service, asking.limits, &received));
    }
    let (service, limits, meter) = (service.clone(), asking.limits.clone(), meter.clone());
    worker_pool::run(async move { meter.count_now(|| read(&service, &limits, &received)) }).await
}

/// What is needed to tell an answer.
struct Telling<'a> {
    asking: &'a Asking<'a>,
    accepts: Accepts,
    is_get: bool,
    head: &'a Parts,
}

/// Answers with what is kept. It is as dear as it was when it was made.
async fn again(
    service: &GraphqlService,
    telling: &Telling<'_>,
    answer: &Answer,
) -> Result<Response<Body>, RequestError> {
    let asking = telling.asking;
    match asking.take(service, answer.actual).await {
        Ok(standing) => Ok(tell(service, telling, answer, &standing)),
        Err(throttled) => Err(asking.policy.throttled(&throttled)),
    }
}

/// Takes the points of a request, has it answered, and gives back the points that it did not need.
async fn fresh<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    telling: &Telling<'_>,
    question: Question,
) -> Result<Response<Body>, RequestError> {
    let (asking, requested) = (telling.asking, question.read.cost);
    if let Some(answer) = cached_execution::find(service, &question) {
        return again(service, telling, &answer).await;
    }
    let standing = service.rates().take(asking.asker, asking.allowance(), requested).await;
    let standing = standing.map_err(|throttled| asking.policy.throttled(&throttled))?;
    let meter = question.meter.clone();
    match cached_execution::make(service, serving, asking, question, standing).await {
        Ok(answer) => {
            settle(service, asking, requested, answer.actual.min(requested), &meter);
            Ok(tell(service, telling, &answer, &standing))
        }
        Err(unmade) => {
            let worth = if unmade == Unmade::Overloaded { 0 } else { requested };
            settle(service, asking, requested, worth, &meter);
            Err(not_executed(unmade))
        }
    }
}

/// Gives back what an answer was not worth of the points that were taken for it. What took more processor time than its
/// points are worth is paid by time: whatever is asked, nobody gets more work than points.
fn settle(service: &GraphqlService, asking: &Asking<'_>, taken: u64, worth: u64, meter: &Meter) {
    let (rates, due) = (service.rates(), worth.max(service.points_for(meter.used())));
    match due.cmp(&taken) {
        Ordering::Less => rates.give_back(asking.asker, asking.allowance(), taken - due),
        Ordering::Equal => {}
        Ordering::Greater => rates.charge(asking.asker, asking.allowance(), due - taken),
    }
}

/// Sends an answer, with what caches and whoever asks should know of it.
fn tell(
    service: &GraphqlService,
    telling: &Telling<'_>,
    answer: &Answer,
    standing: &Standing,
) -> Response<Body> {
    let (accepts, asking) = (telling.accepts, telling.asking);
    // A copy of what everyone may have goes to others: what this one has left is not for them.
    let is_public = asking.is_anyone() && telling.is_get;
    let head = if is_public { response::public_head() } else { asking.policy.head(standing) };
    let mut response = response::graphql(accepts, answer, head);
    if is_public {
        cache_headers::tell_public(&mut response, accepts, answer, service.public_max_age());
    } else if telling.is_get {
        cache_headers::tell_tag(&mut response, accepts, answer);
    }
    let known = telling.head.headers.get(header::IF_NONE_MATCH).filter(|_| telling.is_get);
    cache_headers::unless_known(known, response)
}

/// Takes the points of a refusal, whether they are left or not.
fn pay_refusal(service: &GraphqlService, asking: &Asking<'_>) {
    service.rates().charge(asking.asker, asking.allowance(), REFUSED);
}

/// What was begun to be written is written all the same; sent again by the same name, it is answered.
fn not_executed(unmade: Unmade) -> RequestError {
    match unmade {
        Unmade::TimedOut => {
            RequestError::new(ErrorCode::Timeout, "The operation took too long; ask for less, or try again.")
        }
        Unmade::Overloaded => {
            RequestError::new(ErrorCode::Overloaded, "There are too many requests; try again shortly.")
        }
        Unmade::Panicked => return RequestError::internal("executing an operation panicked"),
    }
    .retry_after(1)
}
