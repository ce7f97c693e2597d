//! The answers that are kept: in this process, and behind it in Redis.

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

/// Requests that are known by their bytes.
const MOST_KNOWN: usize = 100_000;
/// Bytes that an answer takes beside what is sent.
const BESIDE: usize = 320;
/// Larger answers are not kept.
const LARGEST: usize = 4 << 20;
/// Bytes that parts of the memory have, each of which is locked by itself: enough for any answer and others beside it.
const PART: u64 = 2 * LARGEST as u64;
/// Parts beyond which there is nothing to be won.
const MOST_PARTS: u64 = 64;
/// Bytes that most answers take: says how many of those that had to go are remembered by their keys.
const USUAL: u64 = 8 << 10;

type Entries = Cache<Key, Arc<CachedResponse>, ByBytes>;

/// Weighs answers by the bytes that they take.
#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<CachedResponse>> for ByBytes {
    fn weight(&self, _: &Key, answer: &Arc<CachedResponse>) -> u64 {
        (answer.body.len() + BESIDE) as u64
    }
}

/// Answers that were made.
pub struct ResponseCache {
    entries: Arc<Entries>,
    /// Keys of answers by the hashes of requests' bytes, so that a request need not be read to be answered.
    known: Cache<RequestKey, CacheKeys>,
    requests: RequestHasher,
    making: SingleFlight<(Key, i64), Result<Arc<CachedResponse>, ExecutionError>>,
    finding: SharedLookups<(Key, i64), Option<Arc<CachedResponse>>>,
    shared: Option<Shared>,
    is_on: bool,
    counts: Arc<Counts>,
}

/// How often answers were found where.
#[derive(Debug, Default)]
pub struct Counts {
    /// In this process.
    pub here: AtomicU64,
    /// In Redis.
    pub shared: AtomicU64,
    /// Nowhere: they were made.
    pub made: AtomicU64,
}

/// What is known of a request by its bytes.
#[derive(Clone, Copy)]
pub struct CacheKeys {
    /// Key of its answer.
    pub key: Key,
    /// Whether Redis may have it.
    pub is_shared: bool,
}

/// Why an answer was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExecutionError {
    /// It took too long.
    TimedOut,
    /// Too many others are being made.
    Overloaded,
    /// Making it panicked.
    Panicked,
}

/// What is needed to make an answer that is not there.
pub struct CacheMiss {
    /// What is known of the request.
    pub known: CacheKeys,
    /// The state of the registry that the answer is to be true of.
    pub snapshot: Arc<Snapshot>,
}

impl ResponseCache {
    /// Keeps so many bytes in this process, and shares what it makes.
    pub fn new(bytes: u64, shared: Option<Shared>) -> Self {
        let is_on = bytes > 0 || shared.is_some();
        Self {
            entries: Arc::new(memory(bytes)),
            known: Cache::new(if is_on { MOST_KNOWN } else { 0 }),
            requests: RequestHasher::new(),
            making: SingleFlight::default(),
            finding: SharedLookups::default(),
            is_on,
            shared,
            counts: Arc::default(),
        }
    }

    /// Whether anything is kept at all.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// The key of a request: of the history that the snapshot is of, of whoever may get the same answers to it, of whether
    /// it came by GET, and of its bytes.
    pub fn request_key(
        &self,
        timeline: &Timeline,
        [audience, rights]: [u8; 2],
        is_get: bool,
        bytes: &[u8],
    ) -> RequestKey {
        let mut how = [0; 15];
        how[..3].copy_from_slice(&[audience, rights, is_get.into()]);
        how[3..7].copy_from_slice(&timeline.generation.to_le_bytes());
        how[7..].copy_from_slice(&timeline.last_break.to_le_bytes());
        self.requests.key(&how, bytes)
    }

    /// How often answers were found where.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The answer to a request that came before with the same bytes, if it still holds.
    pub async fn find(&self, request: &RequestKey, snapshot: &Arc<Snapshot>) -> Option<Arc<CachedResponse>> {
        let CacheKeys { key, is_shared } = self.known.get(request)?;
        if let Some(answer) = self.get(&key, snapshot) {
            return Some(answer);
        }
        let shared = self.shared.as_ref().filter(|shared| is_shared && shared.is_up())?;
        // On the heap, so that whoever needs no Redis does not carry what is said to it.
        Box::pin(self.find_shared(shared, key, snapshot)).await
    }

    /// The answer that Redis has; of those who look for it together, one asks.
    async fn find_shared(
        &self,
        shared: &Shared,
        key: Key,
        snapshot: &Arc<Snapshot>,
    ) -> Option<Arc<CachedResponse>> {
        let lookup = self.finding.join((key, snapshot.seq()), || {
            let (shared, snapshot, entries) = (shared.clone(), snapshot.clone(), self.entries.clone());
            async move {
                let answer = Arc::new(fetch(&shared, key, &snapshot).await?);
                keep(&entries, key, &answer);
                Some(answer)
            }
        });
        let answer = lookup.await?;
        self.counts.shared.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// The answer with this key, if it still holds.
    pub fn get(&self, key: &Key, snapshot: &Snapshot) -> Option<Arc<CachedResponse>> {
        let answer = self.entries.get(key).filter(|answer| answer.holds(snapshot, Utc::now()))?;
        self.counts.here.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// Remembers which answer a request has, by its bytes.
    pub fn remember(&self, request: RequestKey, known: CacheKeys) {
        self.known.insert(request, known);
    }

    /// Makes an answer, unless the same one is being made or Redis has it. It is made and kept even if everyone who
    /// waits for it goes away.
    ///
    /// # Errors
    /// Why it was not made.
    pub async fn make<F>(
        &self,
        making: CacheMiss,
        make: impl FnOnce() -> F,
    ) -> Result<Arc<CachedResponse>, ExecutionError>
    where
        F: Future<Output = Result<CachedResponse, ExecutionError>> + Send + 'static,
    {
        let CacheMiss { known: CacheKeys { key, is_shared }, snapshot } = making;
        let flight = (key, snapshot.seq());
        let flight = self.making.join(flight, move || {
            let (entries, counts, work) = (self.entries.clone(), self.counts.clone(), make());
            let shared = self.shared.clone().filter(|_| is_shared);
            async move {
                // It may have been made between looking for it and coming here.
                if let Some(answer) = entries.get(&key).filter(|answer| answer.holds(&snapshot, Utc::now())) {
                    return Ok(answer);
                }
                if let Some(shared) = &shared
                    && let Some(answer) = fetch(shared, key, &snapshot).await
                {
                    counts.shared.fetch_add(1, Ordering::Relaxed);
                    let answer = Arc::new(answer);
                    keep(&entries, key, &answer);
                    return Ok(answer);
                }
                counts.made.fetch_add(1, Ordering::Relaxed);
                let answer = Arc::new(work.await?);
                if answer.is_cacheable() && answer.body.len() <= LARGEST {
                    keep(&entries, key, &answer);
                    if let Some(shared) = shared {
                        share(shared, key, answer.clone());
                    }
                }
                Ok(answer)
            }
        });
        flight.await.unwrap_or(Err(ExecutionError::Panicked))
    }
}

/// Memory for so many bytes of answers.
fn memory(bytes: u64) -> Entries {
    let parts = (bytes / PART).clamp(1, MOST_PARTS);
    // More than a part's worth each, so that their number stands.
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

/// Keeps an answer in this process, if anything is kept there.
fn keep(entries: &Entries, key: Key, answer: &Arc<CachedResponse>) {
    if entries.capacity() > 0 {
        entries.insert(key, answer.clone());
    }
}

/// The answer that Redis has, if it still holds.
async fn fetch(shared: &Shared, key: Key, snapshot: &Snapshot) -> Option<CachedResponse> {
    let packed = shared.get(&name(key)).await?;
    let answer = codec::unpack(packed);
    if answer.is_none() {
        tracing::warn!(key = name(key), "Redis holds something that is no answer of ours");
    }
    // Others may have made it in a history that was lost since, or never was that of this database.
    let answer = answer.filter(|answer| snapshot.has_been_at(&answer.executed_on))?;
    let answer = CachedResponse { generation: snapshot.timeline().generation, ..answer };
    answer.holds(snapshot, Utc::now()).then_some(answer)
}

/// Writes an answer to Redis; nobody waits for that.
fn share(shared: Shared, key: Key, answer: Arc<CachedResponse>) {
    worker_pool::spawn(async move {
        if let Some(packed) = codec::pack(&answer) {
            shared.set(&name(key), &packed, answer.time_to_live()).await;
        }
    });
}

fn name(key: Key) -> String {
    format!("answer:{}", key.to_hex())
}
