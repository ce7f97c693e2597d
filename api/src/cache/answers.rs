//! The answers that are kept: in this process, and behind it in Redis.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use ahash::RandomState;
use chrono::Utc;
use moka::sync::Cache;

use super::{Answer, Key, RequestKey, flights::Flights, key::RequestHasher, lookups::Lookups, packed};
use crate::{shared::Shared, snapshot::Snapshot};

/// Requests that are known by their bytes.
const MOST_KNOWN: usize = 100_000;
/// Bytes that an answer takes beside what is sent.
const BESIDE: usize = 320;
/// Larger answers are not kept.
const LARGEST: usize = 4 << 20;

type Kept = Cache<Key, Arc<Answer>, RandomState>;

/// Answers that were made.
pub struct Answers {
    kept: Kept,
    /// Keys of answers by the hashes of requests' bytes, so that a request need not be read to be answered. Weighs nothing,
    /// and is looked into first, so the quicker of two libraries.
    known: quick_cache::sync::Cache<RequestKey, Known>,
    requests: RequestHasher,
    making: Flights<(Key, i64), Result<Arc<Answer>, Unmade>>,
    finding: Lookups<(Key, i64), Option<Arc<Answer>>>,
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
pub struct Known {
    /// Key of its answer.
    pub key: Key,
    /// Whether Redis may have it.
    pub is_shared: bool,
}

/// Why an answer was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmade {
    /// It took too long.
    TimedOut,
    /// Too many others are being made.
    Overloaded,
    /// Making it panicked.
    Panicked,
}

/// What is needed to make an answer that is not there.
pub struct Making {
    /// What is known of the request.
    pub known: Known,
    /// The state of the registry that the answer is to be true of.
    pub snapshot: Arc<Snapshot>,
}

impl Answers {
    /// Keeps so many bytes in this process, and shares what it makes.
    pub fn new(bytes: u64, shared: Option<Shared>) -> Self {
        let is_on = bytes > 0 || shared.is_some();
        let weigh =
            |_: &Key, answer: &Arc<Answer>| u32::try_from(answer.body.len() + BESIDE).unwrap_or(u32::MAX);
        Self {
            kept: Cache::builder().weigher(weigh).max_capacity(bytes).build_with_hasher(RandomState::new()),
            known: quick_cache::sync::Cache::new(if is_on { MOST_KNOWN } else { 0 }),
            requests: RequestHasher::new(),
            making: Flights::default(),
            finding: Lookups::default(),
            is_on,
            shared,
            counts: Arc::default(),
        }
    }

    /// Whether anything is kept at all.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// The key of a request: of whoever may get the same answers to it, of whether it came by GET, and of its bytes.
    pub fn request_key(&self, [audience, rights]: [u8; 2], is_get: bool, bytes: &[u8]) -> RequestKey {
        self.requests.key([audience, rights, is_get.into()], bytes)
    }

    /// How often answers were found where.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The answer to a request that came before with the same bytes, if it still holds.
    pub async fn find(&self, request: &RequestKey, snapshot: &Arc<Snapshot>) -> Option<Arc<Answer>> {
        let Known { key, is_shared } = self.known.get(request)?;
        if let Some(answer) = self.get(&key, snapshot) {
            return Some(answer);
        }
        let shared = self.shared.as_ref().filter(|shared| is_shared && shared.is_up())?;
        // On the heap, so that whoever needs no Redis does not carry what is said to it.
        Box::pin(self.find_shared(shared, key, snapshot)).await
    }

    /// The answer that Redis has; of those who look for it together, one asks.
    async fn find_shared(&self, shared: &Shared, key: Key, snapshot: &Arc<Snapshot>) -> Option<Arc<Answer>> {
        let lookup = self.finding.join((key, snapshot.seq()), || {
            let (shared, snapshot, kept) = (shared.clone(), snapshot.clone(), self.kept.clone());
            async move {
                let answer = Arc::new(fetch(&shared, key, &snapshot).await?);
                keep(&kept, key, &answer);
                Some(answer)
            }
        });
        let answer = lookup.await?;
        self.counts.shared.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// The answer with this key, if it still holds.
    pub fn get(&self, key: &Key, snapshot: &Snapshot) -> Option<Arc<Answer>> {
        let answer = self.kept.get(key).filter(|answer| answer.holds(snapshot, Utc::now()))?;
        self.counts.here.fetch_add(1, Ordering::Relaxed);
        Some(answer)
    }

    /// Remembers which answer a request has, by its bytes.
    pub fn remember(&self, request: RequestKey, known: Known) {
        self.known.insert(request, known);
    }

    /// Makes an answer, unless the same one is being made or Redis has it. It is made and kept even if everyone who
    /// waits for it goes away.
    ///
    /// # Errors
    /// Why it was not made.
    pub async fn make<F>(&self, making: Making, make: impl FnOnce() -> F) -> Result<Arc<Answer>, Unmade>
    where
        F: Future<Output = Result<Answer, Unmade>> + Send + 'static,
    {
        let Making { known: Known { key, is_shared }, snapshot } = making;
        let flight = (key, snapshot.seq());
        let flight = self.making.join(flight, move || {
            let (kept, counts, work) = (self.kept.clone(), self.counts.clone(), make());
            let shared = self.shared.clone().filter(|_| is_shared);
            async move {
                // It may have been made between looking for it and coming here.
                if let Some(answer) = kept.get(&key).filter(|answer| answer.holds(&snapshot, Utc::now())) {
                    return Ok(answer);
                }
                if let Some(shared) = &shared
                    && let Some(answer) = fetch(shared, key, &snapshot).await
                {
                    counts.shared.fetch_add(1, Ordering::Relaxed);
                    let answer = Arc::new(answer);
                    keep(&kept, key, &answer);
                    return Ok(answer);
                }
                counts.made.fetch_add(1, Ordering::Relaxed);
                let answer = Arc::new(work.await?);
                if answer.is_kept() && answer.body.len() <= LARGEST {
                    keep(&kept, key, &answer);
                    if let Some(shared) = shared {
                        share(shared, key, answer.clone());
                    }
                }
                Ok(answer)
            }
        });
        flight.await.unwrap_or(Err(Unmade::Panicked))
    }
}

/// Keeps an answer in this process, if anything is kept there.
fn keep(kept: &Kept, key: Key, answer: &Arc<Answer>) {
    if kept.policy().max_capacity() != Some(0) {
        kept.insert(key, answer.clone());
    }
}

/// The answer that Redis has, if it still holds.
async fn fetch(shared: &Shared, key: Key, snapshot: &Snapshot) -> Option<Answer> {
    let packed = shared.get(&name(key)).await?;
    let answer = packed::unpack(packed);
    if answer.is_none() {
        tracing::warn!(key = name(key), "Redis holds something that is no answer of ours");
    }
    answer.filter(|answer| answer.holds(snapshot, Utc::now()))
}

/// Writes an answer to Redis; nobody waits for that.
fn share(shared: Shared, key: Key, answer: Arc<Answer>) {
    tokio::spawn(async move {
        if let Some(packed) = packed::pack(&answer) {
            shared.set(&name(key), &packed, answer.kept_for()).await;
        }
    });
}

fn name(key: Key) -> String {
    format!("answer:{}", key.to_hex())
}
