//! What replicas share: a Redis, a cluster of them, or one that sentinels watch. It makes things cheaper and never right:
//! it may be away, slow, full or wrong at any time, and whoever asks it must know what to do without.

mod address;
mod connection;
mod script;

use std::{
    fmt,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use arc_swap::ArcSwapOption;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError};

use address::Address;
use connection::Link;
pub use script::Script;

/// Time for a command.
const TIMEOUT: Duration = Duration::from_millis(50);
/// Commands that may fail at once, one after the other, before nobody asks any more. One that is not answered in time is
/// enough: whoever waited for it is not to wait again.
const MOST_FAILURES: u32 = 3;
/// Time between attempts to reach it again.
const PAUSE: Duration = Duration::from_millis(500);

/// Handle to what replicas share; clones share one connection.
#[derive(Clone)]
pub struct Shared {
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    namespace: String,
    /// None while it is not known to answer: nobody then waits for it.
    link: ArcSwapOption<Link>,
    failures: AtomicU32,
    failed: AtomicU64,
    /// Whether the log says that it does not answer.
    is_told: AtomicBool,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("namespace", &self.inner.namespace).finish_non_exhaustive()
    }
}

impl Shared {
    /// Looks for the Redis at an address in the background, and again whenever it is lost.
    ///
    /// # Errors
    /// When the address is none.
    pub fn open(address: &str, namespace: &str) -> Result<Self> {
        let inner = Inner {
            address: address.parse()?,
            namespace: namespace.to_owned(),
            link: ArcSwapOption::empty(),
            failures: AtomicU32::new(0),
            failed: AtomicU64::new(0),
            is_told: AtomicBool::new(false),
        };
        let shared = Self { inner: Arc::new(inner) };
        shared.inner.look_for();
        Ok(shared)
    }

    /// Whether it is known to answer.
    pub fn is_up(&self) -> bool {
        self.inner.link.load().is_some()
    }

    /// Number of commands that failed.
    pub fn failed(&self) -> u64 {
        self.inner.failed.load(Ordering::Relaxed)
    }

    /// Reads a value; `None` as well when that fails.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.run(Cmd::get(self.name(key))).await.flatten()
    }

    /// Writes a value for a time; a failure is only counted.
    pub async fn set(&self, key: &str, value: &[u8], time: Duration) {
        let () =
            self.run(Cmd::set_ex(self.name(key), value, time.as_secs().max(1))).await.unwrap_or_default();
    }

    /// Runs a script on a key, all at once; `None` when that fails.
    pub async fn eval<T: FromRedisValue>(&self, script: &Script, key: &str, arguments: &[u64]) -> Option<T> {
        let name = self.name(key);
        self.watch(|mut link| async move { script.run(&mut link, &name, arguments).await }).await
    }

    fn name(&self, key: &str) -> String {
        format!("{}:{key}", self.inner.namespace)
    }

    async fn run<T: FromRedisValue>(&self, command: Cmd) -> Option<T> {
        self.watch(|mut link| async move { command.query_async(&mut link).await }).await
    }

    /// Runs something, for no longer than a command may take.
    async fn watch<T, F>(&self, run: impl FnOnce(Link) -> F) -> Option<T>
    where
        F: Future<Output = Result<T, RedisError>>,
    {
        let link = self.inner.link.load_full()?;
        let error = match tokio::time::timeout(TIMEOUT, run(Link::clone(&link))).await {
            Ok(Ok(answer)) => {
                self.inner.failures.store(0, Ordering::Relaxed);
                return Some(answer);
            }
            Ok(Err(error)) => Some(error),
            Err(_) => None,
        };
        self.inner.failed.fetch_add(1, Ordering::Relaxed);
        // One that answers, if only that it will not, is there.
        if error.as_ref().is_none_or(|error| !is_answer(error)) {
            self.inner.fail(&link, error.as_ref());
        }
        None
    }
}

/// Whether a failure is the answer of a Redis that is well.
fn is_answer(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::UnexpectedReturnType | ErrorKind::Parse)
        && !error.is_connection_refusal()
        && !error.is_io_error()
}

impl Inner {
    /// Counts a failure, which is without an error where no answer came in time; after some of them nobody asks until it
    /// answers again.
    fn fail(self: &Arc<Self>, link: &Arc<Link>, error: Option<&RedisError>) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 < MOST_FAILURES && error.is_some() {
            return;
        }
        let current = self.link.compare_and_swap(link, None);
        // Of many who find out together, one looks for it.
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, link)) {
            let cause = error.map_or_else(|| "it does not answer in time".to_owned(), ToString::to_string);
            self.is_told.store(true, Ordering::Relaxed);
            tracing::warn!(cause, "Redis is lost; going on without");
            self.look_for();
        }
    }

    fn look_for(self: &Arc<Self>) {
        let inner = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(wait) = Self::try_once(&inner).await {
                tokio::time::sleep(wait).await;
            }
        });
    }

    /// Tries to reach it; says how long to wait before the next attempt, if there is to be one.
    async fn try_once(inner: &Weak<Self>) -> Option<Duration> {
        let inner = inner.upgrade()?;
        match inner.address.connect().await {
            Ok(link) => {
                inner.failures.store(0, Ordering::Relaxed);
                inner.is_told.store(false, Ordering::Relaxed);
                inner.link.store(Some(Arc::new(link)));
                tracing::info!("Redis answers");
                None
            }
            Err(error) => {
                if !inner.is_told.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "Redis does not answer; going on without, and looking for it");
                }
                Some(PAUSE)
            }
        }
    }
}
