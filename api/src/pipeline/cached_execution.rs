//! Answers that are kept: found by what a request says, made where they are not.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::Executor;
use registry::{snapshot::Snapshot, view::View, worker_pool::Meter};

use super::{
    admission::Pace,
    answer::Serving,
    caller::Asking,
    execution,
    finish::About,
    request::{Read, Received},
    schedule::Work,
    service::GraphqlService,
};
use crate::{
    document::Needed,
    rate_limit::Standing,
    response_cache::{Answer, Key, Known, Making, RequestKey, Unmade},
};

/// Points from which on an answer is shared: others are made again faster than Redis gives them.
const SHARED_FROM: u64 = 20;
/// Time from which on an answer is long to make.
const LONG_FROM: Duration = Duration::from_micros(200);

/// What is to be answered.
pub(crate) struct Question {
    pub(crate) read: Read,
    /// What its answer depends on; none where it is not to be kept by anyone.
    needed: Option<Needed>,
    /// Counts what it takes to read it and to make its answer.
    pub(crate) meter: Meter,
    /// What its answer is kept by, none where it is not kept here.
    keys: Option<Keys>,
}

/// What an answer is found by.
#[derive(Clone, Copy)]
struct Keys {
    /// Hash of the request's bytes.
    request: RequestKey,
    /// Hash of what it says, and whether Redis may have its answer.
    known: Known,
}

impl Question {
    /// What was read of a request with this key, by whoever may get the same answers; the meter has counted the reading.
    pub(crate) fn new(
        service: &GraphqlService,
        view: [u8; 2],
        request: Option<RequestKey>,
        read: Read,
        meter: Meter,
    ) -> Self {
        let operation = read.request.operation_name.as_deref();
        let needed = read.document.needed(operation, &read.request.variables).filter(|_| read.is_query);
        let keys = request.filter(|_| needed.is_some()).and_then(|request| {
            let is_dear = read.cost >= SHARED_FROM || !read.document.waiting.is_empty();
            // Before its first change, a registry cannot be told apart from others.
            let is_shared = is_dear && service.registry().identity().is_some();
            Some(Keys { request, known: Known { key: answer_key(service, view, &read)?, is_shared } })
        });
        Self { read, needed, meter, keys }
    }
}

/// Key of a request, by its bytes; none where nothing is kept.
pub(crate) fn request_key(
    service: &GraphqlService,
    snapshot: &Snapshot,
    asking: &Asking<'_>,
    received: &Received,
) -> Option<RequestKey> {
    let answers = service.answers();
    let timeline = snapshot.timeline();
    answers.is_on().then(|| answers.request_key(timeline, asking.view(), received.is_get, &received.bytes))
}

/// Key of an answer: what it may show, and what was asked for.
fn answer_key(service: &GraphqlService, view: [u8; 2], read: &Read) -> Option<Key> {
    let values = serde_json::to_vec(&read.request.variables).ok()?;
    let operation = read.request.operation_name.as_deref().unwrap_or_default();
    let (edition, registry) = (service.edition(), service.registry().identity().unwrap_or_default());
    let (document, snapshot) = (read.document.hash, service.registry().snapshot());
    let epoch = snapshot.timeline().epoch.as_bytes();
    Some(Key::of(&[edition, &registry, epoch, &view, document.as_bytes(), operation.as_bytes(), &values]))
}

/// The answer that was made to the same question, however it was put, if it still holds.
pub(crate) fn find(service: &GraphqlService, question: &Question) -> Option<Arc<Answer>> {
    let keys = question.keys?;
    let answer = service.answers().get(&keys.known.key, &service.registry().snapshot())?;
    service.answers().remember(keys.request, keys.known);
    Some(answer)
}

/// Has the question answered.
///
/// # Errors
/// Why it was not.
pub(crate) async fn make<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    asking: &Asking<'_>,
    question: Question,
    standing: Standing,
) -> Result<Arc<Answer>, Unmade> {
    let Question { mut read, needed, meter, keys } = question;
    let snapshot = service.registry().snapshot();
    let view = View::new(snapshot.clone(), asking.viewer);
    let (pace, timeout) = (pace(&read), asking.limits.timeout);
    let Some(keys) = keys else {
        read.request = read.request.data(standing);
        let (permit, work) =
            (service.admission().enter(), execute(service.clone(), serving, read, view, needed));
        return Work { permit, pace, timeout, meter, work }.done(service).await.map(Arc::new);
    };
    let its_service = service.clone();
    let work = move || {
        // Only who begins the work takes room for it, not those who wait for it with him.
        let permit = its_service.admission().enter();
        let work = execute(its_service.clone(), serving, read, view, needed);
        async move { Work { permit, pace, timeout, meter, work }.done(&its_service).await }
    };
    let making = Making { known: keys.known, snapshot };
    let answer = service.answers().make(making, work).await?;
    if answer.is_kept() {
        service.answers().remember(keys.request, keys.known);
    }
    Ok(answer)
}

fn pace(read: &Read) -> Pace {
    match () {
        // What comes after a wait may be long.
        () if !read.document.waiting.is_empty() || read.document.asks_for_past || !read.is_query => {
            Pace::Long
        }
        () if read.document.expected(read.cost) >= LONG_FROM => Pace::Long,
        () => Pace::Short,
    }
}

async fn execute<E: Executor>(
    service: GraphqlService,
    serving: Serving<E>,
    read: Read,
    view: View,
    needed: Option<Needed>,
) -> Option<Answer> {
    let about = About {
        document: read.document.clone(),
        requested: read.cost,
        dear: read.document.dear(read.request.operation_name.as_deref(), &read.request.variables),
        made_on: view.place(),
        generation: view.timeline().generation,
        needed,
    };
    let begun = Instant::now();
    let (response, told) = execution::execute(serving(&service), &service, read, view).await;
    let answer = about.answer(response, told);
    about.document.took(about.requested, begun.elapsed());
    answer
}
