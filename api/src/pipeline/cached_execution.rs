//! Answers that are kept: found by what a request says, made where they are not.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::Executor;
use registry::{snapshot::Snapshot, view::View, worker_pool::Meter};

use super::{
    answer::Serving,
    caller::RequestContext,
    execution,
    finish::About,
    load_shedder::WorkClass,
    request::{ParsedRequest, RawRequest},
    schedule::Work,
    service::GraphqlService,
};
use crate::{
    document::DocumentDependencies,
    rate_limit::RateLimitStatus,
    response_cache::{CacheKeys, CacheMiss, CachedResponse, ExecutionError, Key, RequestKey},
};

/// Points from which on an answer is shared: others are made again faster than Redis gives them.
const SHARED_FROM: u64 = 20;
/// Time from which on an answer is long to make.
const LONG_FROM: Duration = Duration::from_micros(200);

/// What is to be answered.
pub(crate) struct PreparedOperation {
    pub(crate) read: ParsedRequest,
    /// What its answer depends on; none where it is not to be kept by anyone.
    declared: Option<DocumentDependencies>,
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
    known: CacheKeys,
}

impl PreparedOperation {
    /// What was read of a request with this key, by whoever may get the same answers; the meter has counted the reading.
    pub(crate) fn new(
        service: &GraphqlService,
        view: [u8; 2],
        request: Option<RequestKey>,
        read: ParsedRequest,
        meter: Meter,
    ) -> Self {
        let operation = read.request.operation_name.as_deref();
        let declared =
            read.document.dependencies(operation, &read.request.variables).filter(|_| read.is_query);
        let keys = request.filter(|_| declared.is_some()).and_then(|request| {
            let is_expensive = read.cost >= SHARED_FROM || !read.document.waiting.is_empty();
            // Before its first change, a registry cannot be told apart from others.
            let is_shared = is_expensive && service.registry().identity().is_some();
            Some(Keys { request, known: CacheKeys { key: answer_key(service, view, &read)?, is_shared } })
        });
        Self { read, declared, meter, keys }
    }
}

/// Key of a request, by its bytes; none where nothing is kept.
pub(crate) fn request_key(
    service: &GraphqlService,
    snapshot: &Snapshot,
    context: &RequestContext<'_>,
    received: &RawRequest,
) -> Option<RequestKey> {
    let response_cache = service.response_cache();
    let timeline = snapshot.timeline();
    response_cache
        .is_on()
        .then(|| response_cache.request_key(timeline, context.view(), received.is_get, &received.bytes))
}

/// Key of an answer: what it may show, and what was asked for.
fn answer_key(service: &GraphqlService, view: [u8; 2], read: &ParsedRequest) -> Option<Key> {
    let values = serde_json::to_vec(&read.request.variables).ok()?;
    let operation = read.request.operation_name.as_deref().unwrap_or_default();
    let (edition, registry) = (service.edition(), service.registry().identity().unwrap_or_default());
    let (document, snapshot) = (read.document.hash, service.registry().snapshot());
    let epoch = snapshot.timeline().epoch.as_bytes();
    Some(Key::of(&[edition, &registry, epoch, &view, document.as_bytes(), operation.as_bytes(), &values]))
}

/// The answer that was made to the same question, however it was put, if it still holds.
pub(crate) fn find(service: &GraphqlService, operation: &PreparedOperation) -> Option<Arc<CachedResponse>> {
    let keys = operation.keys?;
    let answer = service.response_cache().get(&keys.known.key, &service.registry().snapshot())?;
    service.response_cache().remember(keys.request, keys.known);
    Some(answer)
}

/// Has the question answered.
///
/// # Errors
/// Why it was not.
pub(crate) async fn make<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: &RequestContext<'_>,
    operation: PreparedOperation,
    status: RateLimitStatus,
) -> Result<Arc<CachedResponse>, ExecutionError> {
    let PreparedOperation { mut read, declared, meter, keys } = operation;
    let snapshot = service.registry().snapshot();
    let view = View::new(snapshot.clone(), context.viewer);
    let (work_class, timeout) = (work_class(&read), context.limits.timeout);
    let Some(keys) = keys else {
        read.request = read.request.data(status);
        let (permit, work) =
            (service.load_shedder().enter(), execute(service.clone(), serving, read, view, declared));
        return Work { permit, work_class, timeout, meter, work }.done(service).await.map(Arc::new);
    };
    let its_service = service.clone();
    let work = move || {
        // Only who begins the work takes room for it, not those who wait for it with him.
        let permit = its_service.load_shedder().enter();
        let work = execute(its_service.clone(), serving, read, view, declared);
        async move { Work { permit, work_class, timeout, meter, work }.done(&its_service).await }
    };
    let making = CacheMiss { known: keys.known, snapshot };
    let answer = service.response_cache().make(making, work).await?;
    if answer.is_cacheable() {
        service.response_cache().remember(keys.request, keys.known);
    }
    Ok(answer)
}

fn work_class(read: &ParsedRequest) -> WorkClass {
    match () {
        // What comes after a wait may be long.
        () if !read.document.waiting.is_empty() || read.document.asks_for_past || !read.is_query => {
            WorkClass::Long
        }
        () if read.document.expected(read.cost) >= LONG_FROM => WorkClass::Long,
        () => WorkClass::Short,
    }
}

async fn execute<E: Executor>(
    service: GraphqlService,
    serving: Serving<E>,
    read: ParsedRequest,
    view: View,
    declared: Option<DocumentDependencies>,
) -> Option<CachedResponse> {
    let about = About {
        document: read.document.clone(),
        requested: read.cost,
        expensive: read.document.expensive(read.request.operation_name.as_deref(), &read.request.variables),
        executed_on: view.place(),
        generation: view.timeline().generation,
        declared,
    };
    let begun = Instant::now();
    let (response, told) = execution::execute(serving(&service), &service, read, view).await;
    let answer = about.answer(response, told);
    about.document.took(about.requested, begun.elapsed());
    answer
}
