//! Worker threads, one for each processor: whatever computes for long is done on them, before and after it waits for the
//! database, so that the threads that take in requests and send what is ready never wait for it.
//!
//! A system may let a thread run on for a tick of its clock while others wait for the processor, so these let them have it
//! now and then.

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

pub use meter::{Meter, is_over};

/// Time for which a worker keeps its processor from those who wait for it.
const HELD: Duration = Duration::from_millis(1);
/// Calls between two looks at the clock.
const CALLS: u8 = 8;

/// Begun when the first work comes; none where the system has no more threads for us. They end with the process.
static WORKERS: OnceLock<Option<Runtime>> = OnceLock::new();

thread_local! {
    static WORKER: Cell<Option<Held>> = const { Cell::new(None) };
}

#[derive(Clone, Copy)]
struct Held {
    since: Instant,
    calls: u8,
}

/// Begins work on the workers; it goes on whatever becomes of the handle.
pub fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    match WORKERS.get_or_init(begin) {
        Some(workers) => workers.spawn(work),
        None => tokio::spawn(work),
    }
}

/// Does work on the workers. What has not begun, or waits, is given up with the answered future; a panic is passed on.
pub async fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match AbortOnDropHandle::new(spawn(work)).await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(cause)) => panic::resume_unwind(cause),
        // The process ends: nobody is answered any more.
        Err(Err(_)) => std::future::pending().await,
    }
}

/// Lets others have the processor if this is a worker that has kept it for a while; costs others nothing.
pub fn give_way() {
    let Some(Held { mut since, calls }) = WORKER.get() else { return };
    let calls = (calls + 1) % CALLS;
    if calls == 0 && since.elapsed() >= HELD {
        thread::yield_now();
        since = Instant::now();
    }
    WORKER.set(Some(Held { since, calls }));
}

fn begin() -> Option<Runtime> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mark = || WORKER.set(Some(Held { since: Instant::now(), calls: 0 }));
    let mut threads = Builder::new_multi_thread();
    threads.worker_threads(processors).thread_name("worker").on_thread_start(mark).enable_all();
    threads.build().inspect_err(|error| tracing::error!(%error, "there are no worker threads")).ok()
}
