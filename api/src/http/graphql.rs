//! `/public/graphql` for everyone and `/graphql` for clients with a key.

use std::{cmp::Ordering, net::IpAddr, panic::AssertUnwindSafe};

use async_graphql::Executor;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{Response, StatusCode, header, request::Parts},
};
use futures_util::FutureExt;

use super::{
    asker::{self, Asking},
    auth, browser, caching, consistency,
    endpoint::Endpoint,
    kept::{self, Question},
    parameters::Asked,
    request::{self, Read, Received, Refused},
    response::{self, Accepts},
};
use crate::{
    app::App,
    cache::{Answer, Unmade},
    document::Limits,
    kit::request::Caller,
    rate::{Asker, Standing, Throttled},
    workers::{self, Meter},
};

/// Answers anyone who asks by way of the router, with what everyone may see.
pub async fn public(State(app): State<App>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    answer_anyone(&app, asker::peer(&head), (&head, body)).await
}

/// Answers a client that asks by way of the router with a key.
pub async fn private(State(app): State<App>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    answer_client(&app, (&head, body)).await
}

/// Answers anyone, through a connection from an address, with what everyone may see.
pub(super) async fn answer_anyone<B: Asked>(
    app: &App,
    peer: IpAddr,
    (head, body): (&Parts, B),
) -> Response<Body> {
    let asking = Asking::anyone(app, peer, head);
    let answer = answer(app, App::public, asking, (head, body), Ok).await;
    browser::plain_data(browser::open_to_all(head, answer))
}

/// Answers a client with a key, with what its scopes let it see and do.
pub(super) async fn answer_client<B: Asked>(app: &App, (head, body): (&Parts, B)) -> Response<Body> {
    let client = match auth::client(app, &head.headers).await {
        Ok(client) => client,
        Err(refused) => return browser::plain_data(browser::open_to(app, &head.headers, *refused)),
    };
    let asking = Asking::client(app, &client);
    let as_client = |mut read: Read| {
        read.request = read.request.data(Caller(client));
        Ok(read)
    };
    let answer = answer(app, App::private, asking, (head, body), as_client).await;
    browser::plain_data(browser::open_to(app, &head.headers, answer))
}

/// Where a schema is served.
pub(super) type Serving<E> = fn(&App) -> &Endpoint<E>;

/// Bytes from which on a request is long to read.
pub(super) const LONG_FROM: usize = 8 << 10;
/// Points that a request takes which is refused.
pub(super) const REFUSED: u64 = 10;

/// Answers a request with something at least as new as it asks for, and tells how new that is.
pub(super) async fn answer<E: Executor>(
    app: &App,
    serving: Serving<E>,
    asking: Asking<'_>,
    (head, body): (&Parts, impl Asked),
    prepare: impl FnOnce(Read) -> Result<Read, Refused>,
) -> Response<Body> {
    if let Err(refused) = consistency::reached(app, &asking, &head.headers).await {
        return *refused;
    }
    // Taken before the answer is made: the answer is at least as new.
    let seq = app.registry().snapshot().seq();
    let mut response = receive(app, serving, asking, (head, body), prepare).await;
    consistency::tell(app, response.headers_mut(), seq);
    response
}

/// Receives a request, and answers it: with what is kept, or with what is made of it now.
async fn receive<E: Executor>(
    app: &App,
    serving: Serving<E>,
    asking: Asking<'_>,
    (head, body): (&Parts, impl Asked),
    prepare: impl FnOnce(Read) -> Result<Read, Refused>,
) -> Response<Body> {
    let received = match request::receive(head, body, asking.limits, app.bodies().room(asking.asker)).await {
        Ok(received) => received,
        Err(refused) => {
            pay_refusal(app, &asking);
            return *refused;
        }
    };
    let telling = Telling { asking: &asking, accepts: received.accepts, is_get: received.is_get, head };
    // The body may have taken its time: what is kept must hold now, not when the request began.
    let snapshot = app.registry().snapshot();
    let key = kept::request_key(app, &snapshot, &asking, &received);
    if let Some(key) = &key
        && let Some(answer) = app.answers().find(key, &snapshot).await
    {
        return again(app, &telling, &answer).await;
    }
    if app.admission().is_full() {
        // What it asks for is not worth reading.
        return sent_away(telling.accepts, Unmade::Overloaded);
    }
    let reading = match Reading::begin(app, &asking, &received).await {
        Ok(reading) => reading,
        Err(throttled) => return asking.policy.throttled(received.accepts, &throttled),
    };
    let read =
        match reading.done(read(app, serving, &asking, received, &reading.meter).await.and_then(prepare)) {
            Ok(read) => read,
            Err(refused) => {
                pay_refusal(app, &asking);
                return *refused;
            }
        };
    let (its_app, view, meter) = (app.clone(), asking.view(), Meter::default());
    let question = move || meter.clone().count_now(|| Question::new(&its_app, view, key, read, meter));
    let question = if reading.is_long() { workers::run(async move { question() }).await } else { question() };
    // On the heap, so that what is kept is not sent through a future as large as the work.
    let made = AssertUnwindSafe(fresh(app, serving, &telling, question)).catch_unwind().boxed().await;
    made.unwrap_or_else(response::panicked)
}

/// Reading of a request: a point for each part of a long one is taken before anything of it is read, and what takes more
/// processor time is paid by time, whatever it turns out to ask for.
struct Reading<'a> {
    app: &'a App,
    asking: &'a Asking<'a>,
    taken: u64,
    meter: Meter,
}

impl<'a> Reading<'a> {
    async fn begin(app: &'a App, asking: &'a Asking<'a>, received: &Received) -> Result<Self, Throttled> {
        let taken = (received.bytes.len() / LONG_FROM) as u64;
        if taken > 0 {
            asking.take(app, taken).await?;
        }
        Ok(Self { app, asking, taken, meter: Meter::default() })
    }

    fn is_long(&self) -> bool {
        self.taken > 0
    }

    /// Pays for what it took.
    fn done<T>(&self, read: T) -> T {
        let due = self.app.points_for(self.meter.used());
        if due > self.taken {
            self.app.rates().charge(self.asking.asker, self.asking.allowance(), due - self.taken);
        }
        read
    }
}

/// Reads a request, and counts what that takes: a long one on the workers.
async fn read<E: Executor>(
    app: &App,
    serving: Serving<E>,
    asking: &Asking<'_>,
    received: Received,
    meter: &Meter,
) -> Result<Read, Refused> {
    // A router makes documents of its own, of those that its clients sent.
    let is_gateway = asking.asker == Asker::Gateway;
    let read = move |app: &App, limits: &Limits, received: &Received| {
        let persisted = if is_gateway { app.any_document() } else { app.persisted() };
        request::read(received, limits, serving(app).documents(), persisted)
    };
    if received.bytes.len() < LONG_FROM {
        return meter.count_now(|| read(app, asking.limits, &received));
    }
    let (app, limits, meter) = (app.clone(), asking.limits.clone(), meter.clone());
    workers::run(async move { meter.count_now(|| read(&app, &limits, &received)) }).await
}

/// What is needed to tell an answer.
struct Telling<'a> {
    asking: &'a Asking<'a>,
    accepts: Accepts,
    is_get: bool,
    head: &'a Parts,
}

/// Answers with what is kept. It is as dear as it was when it was made.
async fn again(app: &App, telling: &Telling<'_>, answer: &Answer) -> Response<Body> {
    let asking = telling.asking;
    match asking.take(app, answer.actual).await {
        Ok(standing) => tell(app, telling, answer, &standing),
        Err(throttled) => asking.policy.throttled(telling.accepts, &throttled),
    }
}

/// Takes the points of a request, has it answered, and gives back the points that it did not need.
async fn fresh<E: Executor>(
    app: &App,
    serving: Serving<E>,
    telling: &Telling<'_>,
    question: Question,
) -> Response<Body> {
    let (asking, requested) = (telling.asking, question.read.cost);
    if let Some(answer) = kept::find(app, &question) {
        return again(app, telling, &answer).await;
    }
    let standing = match app.rates().take(asking.asker, asking.allowance(), requested).await {
        Ok(standing) => standing,
        Err(throttled) => return asking.policy.throttled(telling.accepts, &throttled),
    };
    let meter = question.meter.clone();
    match kept::make(app, serving, asking, question, standing).await {
        Ok(answer) => {
            settle(app, asking, requested, answer.actual.min(requested), &meter);
            tell(app, telling, &answer, &standing)
        }
        Err(unmade) => {
            let worth = if unmade == Unmade::Overloaded { 0 } else { requested };
            settle(app, asking, requested, worth, &meter);
            sent_away(telling.accepts, unmade)
        }
    }
}

/// Gives back what an answer was not worth of the points that were taken for it. What took more processor time than its
/// points are worth is paid by time: whatever is asked, nobody gets more work than points.
fn settle(app: &App, asking: &Asking<'_>, taken: u64, worth: u64, meter: &Meter) {
    let (rates, due) = (app.rates(), worth.max(app.points_for(meter.used())));
    match due.cmp(&taken) {
        Ordering::Less => rates.give_back(asking.asker, asking.allowance(), taken - due),
        Ordering::Equal => {}
        Ordering::Greater => rates.charge(asking.asker, asking.allowance(), due - taken),
    }
}

/// Sends an answer, with what caches and whoever asks should know of it.
fn tell(app: &App, telling: &Telling<'_>, answer: &Answer, standing: &Standing) -> Response<Body> {
    let (accepts, asking) = (telling.accepts, telling.asking);
    // A copy of what everyone may have goes to others: what this one has left is not for them.
    let is_public = asking.is_anyone() && telling.is_get;
    let head = if is_public { response::public_head() } else { asking.policy.head(standing) };
    let mut response = response::graphql(accepts, answer, head);
    if is_public {
        caching::tell_public(&mut response, accepts, answer, app.public_max_age());
    } else if telling.is_get {
        caching::tell_tag(&mut response, accepts, answer);
    }
    let known = telling.head.headers.get(header::IF_NONE_MATCH).filter(|_| telling.is_get);
    caching::unless_known(known, response)
}

/// Takes the points of a refusal, whether they are left or not.
fn pay_refusal(app: &App, asking: &Asking<'_>) {
    app.rates().charge(asking.asker, asking.allowance(), REFUSED);
}

/// What was begun to be written is written all the same; sent again by the same name, it is answered.
fn sent_away(accepts: Accepts, unmade: Unmade) -> Response<Body> {
    let (code, text) = match unmade {
        Unmade::TimedOut => ("TIMEOUT", "The answer took too long; ask for less, or try again."),
        Unmade::Overloaded => ("OVERLOADED", "There are too many requests; try again shortly."),
        Unmade::Panicked => return response::internal(accepts, "making an answer panicked"),
    };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    response::refusal_with(accepts, status, code, text, (header::RETRY_AFTER, "1"))
}
