//! Worker pool: one thread per processor for long computations, including their database waits, so that the
//! threads that accept requests and send responses are never blocked.
//!
//! A system may let a thread run for a whole scheduler tick while others wait for the processor, so workers
//! yield regularly.

mod meter;

use std::{
    cell::Cell,
    num::NonZeroUsize,
    panic,
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Runtime},
    task::{JoinError, JoinHandle},
};
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

pub use meter::{Meter, is_over};

/// Time after which a worker yields its processor.
const HELD: Duration = Duration::from_millis(1);
/// Calls between two checks of the clock.
const CALLS: u8 = 8;

/// Created on first use; `None` when the system cannot start more threads. The threads end with the process.
static WORKERS: OnceLock<Option<Runtime>> = OnceLock::new();

thread_local! {
    static WORKER: Cell<Option<TimeSlice>> = const { Cell::new(None) };
}

#[derive(Clone, Copy)]
struct TimeSlice {
    since: Instant,
    calls: u8,
}

/// Spawns work on the worker pool; it continues when the handle is dropped.
pub fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    match WORKERS.get_or_init(begin) {
        Some(workers) => workers.spawn(work),
        None => tokio::spawn(work),
    }
}

/// Runs work on the worker pool, in the current span of the log. Dropping the returned future cancels work that has not
/// started or is waiting; a panic is propagated.
pub async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    // Boxed, since each step around it would move it on the stack.
    let work = Box::pin(work).in_current_span();
    match AbortOnDropHandle::new(spawn(work)).await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(cause)) => panic::resume_unwind(cause),
        // The runtime is shutting down: nobody awaits the result.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// Cooperative yield: yields the processor if this worker has held it for a while; does nothing on other
/// threads.
pub fn yield_if_due() {
    let Some(TimeSlice { mut since, calls }) = WORKER.get() else { return };
    let calls = (calls + 1) % CALLS;
    if calls == 0 && since.elapsed() >= HELD {
        thread::yield_now();
        since = Instant::now();
    }
    WORKER.set(Some(TimeSlice { since, calls }));
}

fn begin() -> Option<Runtime> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mark = || WORKER.set(Some(TimeSlice { since: Instant::now(), calls: 0 }));
    let mut threads = Builder::new_multi_thread();
    threads.worker_threads(processors).thread_name("worker").on_thread_start(mark).enable_all();
    threads.build().inspect_err(|error| tracing::error!(%error, "cannot start the worker threads")).ok()
}
