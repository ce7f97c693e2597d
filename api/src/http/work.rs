//! Doing the work of an answer: where there is room for it, in turn, and for no longer than it may take.

use std::{panic, time::Duration};

use tokio::{
    runtime::Handle,
    sync::OwnedSemaphorePermit,
    task::{self, JoinError},
};

use super::admission::Pace;
use crate::{
    app::App,
    cache::{Answer, Unmade},
    kit::long::Long,
};

/// Work that there is room for, or not.
pub(super) struct Work<F> {
    /// Room, which is held as long as the work is done.
    pub(super) permit: Option<OwnedSemaphorePermit>,
    pub(super) pace: Pace,
    /// Time for it, with the wait for its turn.
    pub(super) timeout: Duration,
    /// Answers, unless the answer cannot be written.
    pub(super) work: F,
}

impl<F: Future<Output = Option<Answer>> + Send + 'static> Work<F> {
    /// Does it.
    ///
    /// # Errors
    /// Why it was not done.
    pub(super) async fn done(self, app: &App) -> Result<Answer, Unmade> {
        let Self { permit, pace, timeout, work } = self;
        let Some(permit) = permit else { return Err(Unmade::Overloaded) };
        let in_turn = async {
            let turn = app.admission().turn(pace).await;
            // All requests that have come must be let in or sent away before the next of them is worked on, or else nobody
            // knows how many there are.
            task::yield_now().await;
            if pace == Pace::Long { apart((permit, turn), work).await } else { work.await }
        };
        let answer = tokio::time::timeout(timeout, in_turn).await.map_err(|_| Unmade::TimedOut)?;
        // What cannot be written is in the log.
        answer.ok_or(Unmade::Panicked)
    }
}

/// Does long work on a thread of its own, which gives way to those that take in requests and send what is ready. What was begun is not given up, and holds its permits to the end.
async fn apart<P, F>(permits: P, work: F) -> Option<Answer>
where
    P: Send + 'static,
    F: Future<Output = Option<Answer>> + Send + 'static,
{
    let handle = Handle::current();
    let thread = task::spawn_blocking(move || {
        let _permits = permits;
        let _long = Long::begin();
        handle.block_on(work)
    });
    match thread.await.map_err(JoinError::try_into_panic) {
        Ok(answer) => answer,
        Err(Ok(cause)) => panic::resume_unwind(cause),
        // The process ends, and nobody is answered any more.
        Err(Err(_)) => None,
    }
}
