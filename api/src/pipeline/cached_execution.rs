//! Response cache lookup by content, and execution on a miss.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::Executor;
use chrono::Utc;
use registry::{snapshot::Snapshot, view::View, worker_pool::Meter};

use super::{
    answer::Serving,
    caller::RequestContext,
    execution,
    finish::ResponseMetadata,
    idempotency_key::KeyedMutation,
    load_shedder::WorkClass,
    read_your_writes,
    request::{ParsedRequest, RawRequest},
    schedule::Work,
    service::GraphqlService,
};
use crate::{
    document::DocumentDependencies,
    rate_limit::RateLimitStatus,
    response_cache::{CacheKeys, CacheMiss, CachedResponse, ExecutionError, Key, Partition, RequestKey},
};

/// Cost in points from which a response is shared through Redis: cheaper ones are executed faster than fetched.
const SHARED_FROM: u64 = 20;
/// Expected execution time from which an operation runs on the worker pool.
const LONG_EXECUTION_TIME: Duration = Duration::from_micros(200);

/// An operation ready for execution.
pub(crate) struct PreparedOperation {
    pub(crate) read: ParsedRequest,
    /// Static dependencies of its response; `None` if it must not be cached anywhere.
    declared: Option<DocumentDependencies>,
    /// Meters the processor time of parsing and execution.
    pub(crate) meter: Meter,
    /// Cache keys of its response; `None` if it is not cached here.
    keys: Option<Keys>,
    /// Its idempotency key, if it is a mutation that has one.
    pub(crate) keyed: Option<KeyedMutation>,
}

/// Cache keys of a response.
#[derive(Clone, Copy)]
struct Keys {
    /// Hash of the request's bytes.
    request: RequestKey,
    /// Hash of the request's content, and whether the response is shared through Redis.
    known: CacheKeys,
}

impl PreparedOperation {
    /// Prepares a parsed request with this cache partition and request key; the meter has counted the parsing.
    pub(crate) fn new(
        service: &GraphqlService,
        partition: &Partition,
        request: Option<RequestKey>,
        mut read: ParsedRequest,
        meter: Meter,
    ) -> Self {
        let key = read.key.take();
        let keyed = key.map(|key| key.complete(&mut read.request, &read.document.hash));
        let operation = read.request.operation_name.as_deref();
        let declared =
            read.document.dependencies(operation, &read.request.variables).filter(|_| read.is_query);
        let keys = request.filter(|_| declared.is_some()).and_then(|request| {
            let is_expensive = read.cost >= SHARED_FROM || !read.document.async_fields.is_empty();
            // Before its first change, a registry has no identity.
            let is_shared = is_expensive && service.registry().identity().is_some();
            Some(Keys {
                request,
                known: CacheKeys { key: answer_key(service, partition, &read)?, is_shared },
            })
        });
        Self { read, declared, meter, keys, keyed }
    }
}

/// Cache key of a request by its bytes; `None` if the cache is off.
pub(crate) fn request_key(
    service: &GraphqlService,
    snapshot: &Snapshot,
    context: &RequestContext<'_>,
    received: &RawRequest,
) -> Option<RequestKey> {
    let response_cache = service.response_cache();
    let timeline = snapshot.timeline();
    response_cache.is_on().then(|| {
        response_cache.request_key(timeline, &context.cache_partition(), received.is_get, &received.bytes)
    })
}

/// Cache key of a response: edition, registry, timeline epoch, cache partition, document, operation name, variables.
fn answer_key(service: &GraphqlService, partition: &Partition, read: &ParsedRequest) -> Option<Key> {
    let values = serde_json::to_vec(&read.request.variables).ok()?;
    let operation = read.request.operation_name.as_deref().unwrap_or_default();
    let (edition, registry) = (service.edition(), service.registry().identity().unwrap_or_default());
    let (document, snapshot) = (read.document.hash, service.registry().snapshot());
    let epoch = snapshot.timeline().epoch.as_bytes();
    let parts: [&[u8]; 7] =
        [edition, &registry, epoch, partition, document.as_bytes(), operation.as_bytes(), &values];
    Some(Key::of(&parts))
}

/// The cached response to the same document, operation and variables, if it is still valid.
pub(crate) fn find(service: &GraphqlService, operation: &PreparedOperation) -> Option<Arc<CachedResponse>> {
    let keys = operation.keys?;
    let answer = service.response_cache().get(&keys.known.key, &service.registry().snapshot())?;
    service.response_cache().remember(keys.request, keys.known);
    Some(answer)
}

/// Executes an operation, unless an equal one is in flight or Redis has its response. Also returns the sequence number that
/// the response is valid for.
///
/// # Errors
/// Why it was not executed.
pub(crate) async fn find_or_execute<E: Executor>(
    service: &GraphqlService,
    serving: Serving<E>,
    context: &RequestContext<'_>,
    operation: PreparedOperation,
    status: RateLimitStatus,
) -> Result<(Arc<CachedResponse>, i64), ExecutionError> {
    let PreparedOperation { mut read, declared, meter, keys, .. } = operation;
    let snapshot = service.registry().snapshot();
    if read.document.reads_search_index(read.request.operation_name.as_deref()) {
        read_your_writes::wait_for_search_index(service, context.viewer, snapshot.seq()).await;
    }
    let view = View::new(snapshot.clone(), context.viewer);
    let (work_class, timeout) = (work_class(&read), context.limits.timeout);
    let Some(keys) = keys else {
        read.request = read.request.data(status);
        let (permit, work) =
            (service.load_shedder().enter(), execute(service.clone(), serving, read, view, declared));
        let answer = Work { permit, work_class, timeout, meter, work }.run(service).await?;
        let seq = answer.valid_for(&snapshot);
        return Ok((Arc::new(answer), seq));
    };
    let its_service = service.clone();
    let work = move || {
        // Only the leader of a flight takes a permit, not those who wait for its result.
        let permit = its_service.load_shedder().enter();
        let work = execute(its_service.clone(), serving, read, view, declared);
        async move { Work { permit, work_class, timeout, meter, work }.run(&its_service).await }
    };
    let miss = CacheMiss { known: keys.known, snapshot: snapshot.clone() };
    let answer = service.response_cache().get_or_execute(miss, work).await?;
    if answer.is_cacheable() {
        service.response_cache().remember(keys.request, keys.known);
    }
    let seq = answer.valid_for(&snapshot);
    Ok((answer, seq))
}

fn work_class(read: &ParsedRequest) -> WorkClass {
    match () {
        // After a wait, the execution may be long.
        () if !read.document.async_fields.is_empty() || read.document.may_use_as_of || !read.is_query => {
            WorkClass::Long
        }
        () if read.document.expected(read.cost) >= LONG_EXECUTION_TIME => WorkClass::Long,
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
    let executed_at = Utc::now();
    let metadata = ResponseMetadata {
        document: read.document.clone(),
        requested: read.cost,
        expensive: read.document.expensive(read.request.operation_name.as_deref(), &read.request.variables),
        executed_on: view.position(),
        generation: view.timeline().generation,
        executed_at,
        today: view.time_zone().day_of(executed_at),
        declared,
    };
    let begun = Instant::now();
    let (response, observed) = execution::execute(serving(&service), &service, read, view).await;
    let answer = metadata.answer(response, observed);
    metadata.document.took(metadata.requested, begun.elapsed());
    answer
}
