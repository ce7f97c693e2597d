//! The two levels of the response cache: memory of this process, and Redis.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::Utc;
use quick_cache::{OptionsBuilder, Weighter, sync::Cache};
use registry::{
    snapshot::{Snapshot, Timeline},
    worker_pool,
};

use super::{
    CachedResponse, Key, RequestKey, codec, key::RequestHasher, shared_lookup::SharedLookups,
    single_flight::SingleFlight,
};
use crate::redis::Shared;

/// Maximum number of request keys that are remembered.
const MAX_KNOWN: usize = 100_000;
/// Memory of a cached response in addition to its body, in bytes.
const BESIDE: usize = 320;
/// Largest body that is cached, in bytes.
const MAX_RESPONSE_BYTES: usize = 4 << 20;
/// Minimum bytes per shard of the cache: space for the largest response and others. Each shard has its own lock.
const PART: u64 = 2 * MAX_RESPONSE_BYTES as u64;
/// Maximum number of shards.
const MAX_PARTS: u64 = 64;
/// Typical size of a response in bytes; determines the estimated number of entries.
const USUAL: u64 = 8 << 10;

/// Length of a partition in bytes.
const PARTITION: usize = 27;

/// What distinguishes callers that may get different responses to the same request.
pub type Partition = [u8; PARTITION];

type Entries = Cache<Key, Arc<CachedResponse>, ByBytes>;

/// Weighs responses by their memory.
#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<CachedResponse>> for ByBytes {
    fn weight(&self, _: &Key, answer: &Arc<CachedResponse>) -> u64 {
        (answer.body.len() + BESIDE) as u64
    }
}

/// The response cache.
pub struct ResponseCache {
    entries: Arc<Entries>,
    /// Cache keys by hash of the request's bytes, so that a repeated request need not be parsed.
    known: Cache<RequestKey, CacheKeys>,
    requests: RequestHasher,
    executions: SingleFlight<(Key, i64), Result<Arc<CachedResponse>, ExecutionError>>,
    lookups: SharedLookups<(Key, i64), Option<Arc<CachedResponse>>>,
    shared: Option<Shared>,
    is_on: bool,
    counts: Arc<Counts>,
}

/// Counters of hits and misses.
#[derive(Debug, Default)]
pub struct Counts {
    /// Hits in this process.
    pub here: AtomicU64,
    /// Hits in Redis.
    pub shared: AtomicU64,
    /// Misses: the operation was executed.
    pub misses: AtomicU64,
}

/// Cache key of a request.
#[derive(Clone, Copy)]
pub struct CacheKeys {
    /// Key of its response.
    pub key: Key,
    /// Whether the response is shared through Redis.
    pub is_shared: bool,
}

/// Why an operation was not executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionError {
    /// It took too long.
    TimedOut,
    /// It was rejected by the load shedder.
    Overloaded,
    /// It panicked, or its response cannot be serialized.
    Panicked,
}

/// What is needed to execute an operation on a cache miss.
pub struct CacheMiss {
    /// Cache key of the request.
    pub known: CacheKeys,
    /// Snapshot to execute on.
    pub snapshot: Arc<Snapshot>,
}

impl ResponseCache {
    /// A cache with this many bytes in this process, and a second level in Redis if given.
    pub fn new(bytes: u64, shared: Option<Shared>) -> Self {
        let is_on = bytes > 0 || shared.is_some();
        Self {
            entries: Arc::new(memory(bytes)),
            known: Cache::new(if is_on { MAX_KNOWN } else { 0 }),
            requests: RequestHasher::new(),
            executions: SingleFlight::default(),
            lookups: SharedLookups::default(),
            is_on,
            shared,
            counts: Arc::default(),
        }
    }

    /// Whether responses are cached at all.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Key of a request: hash of the timeline, the cache partition, the method, and the bytes.
    pub fn request_key(
        &self,
        timeline: &Timeline,
        partition: &Partition,
        is_get: bool,
        bytes: &[u8],
    ) -> RequestKey {
        let mut how = [0; PARTITION + 13];
        let (whose, which) = how.split_at_mut(PARTITION);
        whose.copy_from_slice(partition);
        which[0] = is_get.into();
        which[1..5].copy_from_slice(&timeline.generation.to_le_bytes());
        which[5..].copy_from_slice(&timeline.last_break.to_le_bytes());
        self.requests.key(&how, bytes)
    }

    /// Counters of hits and misses.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The cached response to an earlier request with the same bytes, if it is still valid.
    pub async fn find(&self, request: &RequestKey, snapshot: &Arc<Snapshot>) -> Option<Arc<CachedResponse>> {
        let CacheKeys { key, is_shared } = self.known.get(request)?;
        if let Some(answer) = self.get(&key, snapshot) {
            return Some(answer);
        }
        let shared = self.shared.as_ref().filter(|shared| is_shared && shared.is_up())?;
        // Boxed, so that the future stays small without Redis.
        Box::pin(self.find_shared(shared, key, snapshot)).await
    }

    /// The response in Redis, if it is still valid; concurrent lookups share one request.
    async fn find_shared(
        &self,
        shared: &Shared,
        key: Key,
        snapshot: &Arc<Snapshot>,
    ) -> Option<Arc<CachedResponse>> {
        let lookup = self.lookups.join((key, snapshot.seq()), || {
            let (shared, snapshot, entries) = (shared.clone(), snapshot.clone(), self.entries.clone());
            async move {
                let answer = Arc::new(fetch(&shared, key, &snapshot).await?);
                store(&entries, key, &answer);
                Some(answer)
            }
        });
        let answer = lookup.await?;
        self.counts.shared.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// The response with this key in this process, if it is still valid.
    pub fn get(&self, key: &Key, snapshot: &Snapshot) -> Option<Arc<CachedResponse>> {
        let answer = self.entries.get(key).filter(|answer| answer.holds(snapshot, Utc::now()))?;
        self.counts.here.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// Maps a request key to the cache key of its response.
    pub fn remember(&self, request: RequestKey, known: CacheKeys) {
        self.known.insert(request, known);
    }

    /// Executes an operation, unless an equal one is in flight or Redis has its response. It runs to completion and is cached
    /// even if all waiting clients disconnect.
    ///
    /// # Errors
    /// Why it was not executed.
    pub async fn get_or_execute<F>(
        &self,
        miss: CacheMiss,
        execute: impl FnOnce() -> F,
    ) -> Result<Arc<CachedResponse>, ExecutionError>
    where
        F: Future<Output = Result<CachedResponse, ExecutionError>> + Send + 'static,
    {
        let CacheMiss { known: CacheKeys { key, is_shared }, snapshot } = miss;
        let flight_key = (key, snapshot.seq());
        let response = self.executions.join(flight_key, move || {
            let (entries, counts, work) = (self.entries.clone(), self.counts.clone(), execute());
            let shared = self.shared.clone().filter(|_| is_shared);
            async move {
                // It may have been cached since the lookup.
                if let Some(answer) = entries.get(&key).filter(|answer| answer.holds(&snapshot, Utc::now())) {
                    return Ok(answer);
                }
                if let Some(shared) = &shared
                    && let Some(answer) = fetch(shared, key, &snapshot).await
                {
                    counts.shared.fetch_add(1, Ordering::Relaxed);
                    let answer = Arc::new(answer);
                    store(&entries, key, &answer);
                    return Ok(answer);
                }
                counts.misses.fetch_add(1, Ordering::Relaxed);
                let answer = Arc::new(work.await?);
                if answer.is_cacheable() && answer.body.len() <= MAX_RESPONSE_BYTES {
                    store(&entries, key, &answer);
                    if let Some(shared) = shared {
                        share(shared, key, answer.clone());
                    }
                }
                Ok(answer)
            }
        });
        response.await.unwrap_or(Err(ExecutionError::Panicked))
    }
}

/// A cache for this many bytes of responses.
fn memory(bytes: u64) -> Entries {
    let parts = (bytes / PART).clamp(1, MAX_PARTS);
    // At least 64 entries per shard, or quick_cache reduces the number of shards.
    let response_cache = (bytes / USUAL).max(64 * parts);
    let mut options = OptionsBuilder::new();
    options.weight_capacity(bytes).estimated_items_capacity(response_cache as usize).shards(parts as usize);
    Cache::with_options(
        options.build().expect("both sizes are set"),
        ByBytes,
        Default::default(),
        Default::default(),
    )
}

/// Caches a response in this process, unless that cache has no capacity.
fn store(entries: &Entries, key: Key, answer: &Arc<CachedResponse>) {
    if entries.capacity() > 0 {
        entries.insert(key, answer.clone());
    }
}

/// The response in Redis, if it is still valid.
async fn fetch(shared: &Shared, key: Key, snapshot: &Snapshot) -> Option<CachedResponse> {
    let encoded = shared.get(&name(key)).await?;
    let answer = codec::decode(encoded);
    if answer.is_none() {
        tracing::warn!(key = name(key), "a cached response in Redis cannot be decoded");
    }
    // It may come from a lost timeline, or from another database.
    let answer = answer.filter(|answer| snapshot.has_been_at(&answer.executed_on))?;
    let answer = CachedResponse { generation: snapshot.timeline().generation, ..answer };
    answer.holds(snapshot, Utc::now()).then_some(answer)
}

/// Writes a response to Redis in the background.
fn share(shared: Shared, key: Key, answer: Arc<CachedResponse>) {
    worker_pool::spawn(async move {
        if let Some(encoded) = codec::encode(&answer) {
            shared.set(&name(key), &encoded, answer.time_to_live()).await;
        }
    });
}

fn name(key: Key) -> String {
    format!("answer:{}", key.to_hex())
}
