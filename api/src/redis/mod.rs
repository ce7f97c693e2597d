//! Optional Redis shared by replicas: a single server, a cluster, or a master behind sentinels. It is only an optimisation:
//! it may be down, slow, full or hold wrong data at any time, and callers must work without it.

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

/// Timeout of a command.
const TIMEOUT: Duration = Duration::from_millis(50);
/// Consecutive failures after which Redis counts as down. A single timeout is enough, so that callers do not wait again.
const MAX_FAILURES: u32 = 3;
/// Pause between attempts to connect.
const PAUSE: Duration = Duration::from_millis(500);

/// Handle to the shared Redis; clones share one connection.
#[derive(Clone)]
pub struct Shared {
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    namespace: String,
    /// `None` while Redis is down: commands then fail at once.
    link: ArcSwapOption<Link>,
    failures: AtomicU32,
    failed: AtomicU64,
    /// Whether the failure to connect was logged already.
    is_logged: AtomicBool,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("namespace", &self.inner.namespace).finish_non_exhaustive()
    }
}

impl Shared {
    /// Connects to Redis in the background, and reconnects whenever the connection is lost.
    ///
    /// # Errors
    /// When the address is invalid.
    pub fn open(address: &str, namespace: &str) -> Result<Self> {
        let inner = Inner {
            address: address.parse()?,
            namespace: namespace.to_owned(),
            link: ArcSwapOption::empty(),
            failures: AtomicU32::new(0),
            failed: AtomicU64::new(0),
            is_logged: AtomicBool::new(false),
        };
        let shared = Self { inner: Arc::new(inner) };
        shared.inner.look_for();
        Ok(shared)
    }

    /// Whether Redis is connected and responding.
    pub fn is_up(&self) -> bool {
        self.inner.link.load().is_some()
    }

    /// Number of commands that failed.
    pub fn failed(&self) -> u64 {
        self.inner.failed.load(Ordering::Relaxed)
    }

    /// Reads a value; `None` if it is missing, or Redis fails.
    pub async fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.run(Cmd::get(self.name(key))).await.flatten()
    }

    /// Writes a value with a TTL of at least 1 s; failures are only counted.
    pub async fn set(&self, key: &str, value: &[u8], time: Duration) {
        let () =
            self.run(Cmd::set_ex(self.name(key), value, time.as_secs().max(1))).await.unwrap_or_default();
    }

    /// Runs a script on a key, atomically; `None` when Redis fails.
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

    /// Runs a command with the timeout, and counts failures.
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
        // A Redis that responds with an error is up.
        if error.as_ref().is_none_or(|error| !is_answer(error)) {
            self.inner.fail(&link, error.as_ref());
        }
        None
    }
}

/// Whether an error is a response of a Redis that is up.
fn is_answer(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::UnexpectedReturnType | ErrorKind::Parse)
        && !error.is_connection_refusal()
        && !error.is_io_error()
}

impl Inner {
    /// Counts a failure; `error` is `None` for a timeout. After a timeout or [`MAX_FAILURES`] errors the connection is
    /// dropped, until Redis responds again.
    fn fail(self: &Arc<Self>, link: &Arc<Link>, error: Option<&RedisError>) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 < MAX_FAILURES && error.is_some() {
            return;
        }
        let current = self.link.compare_and_swap(link, None);
        // Of concurrent failures, one starts to reconnect.
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, link)) {
            let cause = error.map_or_else(|| "no response in time".to_owned(), ToString::to_string);
            self.is_logged.store(true, Ordering::Relaxed);
            tracing::warn!(cause, "lost the connection to Redis; continuing without it");
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

    /// Tries to connect once. Returns the pause before the next attempt, `None` to stop.
    async fn try_once(inner: &Weak<Self>) -> Option<Duration> {
        let inner = inner.upgrade()?;
        match inner.address.connect().await {
            Ok(link) => {
                inner.failures.store(0, Ordering::Relaxed);
                inner.is_logged.store(false, Ordering::Relaxed);
                inner.link.store(Some(Arc::new(link)));
                tracing::info!("connected to Redis");
                None
            }
            Err(error) => {
                if !inner.is_logged.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "cannot connect to Redis; continuing without it, and retrying");
                }
                Some(PAUSE)
            }
        }
    }
}
