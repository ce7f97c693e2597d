//! Threads of long answers, one for each processor: those that take in requests and send what is ready do not wait for
//! them.

use std::{num::NonZeroUsize, panic, sync::OnceLock, thread};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinError,
};
use tokio_util::task::AbortOnDropHandle;

use crate::kit::long;

/// Threads that long answers are made on, in the order in which they come. Begun when the first of them comes.
#[derive(Default)]
pub(super) struct LongThreads {
    /// None where the system has no more threads for us.
    runtime: OnceLock<Option<Runtime>>,
}

impl LongThreads {
    /// Does long work. Work that has not begun is given up with its future; what was begun goes on to its end.
    pub(super) async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let Some(runtime) = self.runtime.get_or_init(begin) else { return work.await };
        match AbortOnDropHandle::new(runtime.spawn(work)).await.map_err(JoinError::try_into_panic) {
            Ok(done) => done,
            Err(Ok(cause)) => panic::resume_unwind(cause),
            // The process ends: nobody is answered any more.
            Err(Err(_)) => std::future::pending().await,
        }
    }
}

impl Drop for LongThreads {
    fn drop(&mut self) {
        // What is dropped last may be dropped by a task, which must not wait for threads.
        if let Some(Some(runtime)) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn begin() -> Option<Runtime> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut threads = Builder::new_multi_thread();
    threads.worker_threads(processors).thread_name("long-answers").on_thread_start(long::mark).enable_time();
    let runtime = threads.build();
    runtime.inspect_err(|error| tracing::error!(%error, "there are no threads for long answers")).ok()
}
