//! What work takes: its processor time, and the moment at which it must end.

use std::{
    cell::Cell,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::time::{ClockId, clock_gettime};

thread_local! {
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Processor time that work has used, in nanoseconds: only the time in which it was really worked on, on whatever thread.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    /// What was used up to now.
    pub fn used(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    /// Does work that waits for nothing, and counts its time.
    pub fn count_now<T>(&self, work: impl FnOnce() -> T) -> T {
        let begun = thread_time();
        let done = work();
        self.add(thread_time().saturating_sub(begun));
        done
    }

    fn add(&self, used: Duration) {
        self.0.fetch_add(u64::try_from(used.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Does work, counts its time, and lets [`is_over`] say when its time is over.
    pub async fn count<T>(&self, until: Instant, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        poll_fn(|context| {
            let (_until, begun) = (Deadline::set(until), thread_time());
            let polled = work.as_mut().poll(context);
            self.add(thread_time().saturating_sub(begun));
            polled
        })
        .await
    }
}

/// Whether the time is over of what is worked on here. Nobody waits for its answer any more, but what does not wait for
/// anything can only be ended by itself.
pub fn is_over() -> bool {
    UNTIL.get().is_some_and(|until| Instant::now() >= until)
}

/// The deadline of this thread's work; the one before comes back when it is dropped, also by a panic.
struct Deadline(Option<Instant>);

impl Deadline {
    fn set(until: Instant) -> Self {
        Self(UNTIL.replace(Some(until)))
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        UNTIL.set(self.0);
    }
}

/// Processor time that this thread has used.
fn thread_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn time_that_is_waited_counts_for_nothing_and_time_that_is_worked_does() {
        let meter = Meter::default();
        let far = Instant::now() + Duration::from_secs(60);
        meter.count(far, tokio::time::sleep(Duration::from_millis(50))).await;
        assert!(meter.used() < Duration::from_millis(25), "{:?}", meter.used());
        let work = async {
            let begun = thread_time();
            while thread_time() - begun < Duration::from_millis(30) {}
        };
        meter.count(far, work).await;
        assert!(meter.used() >= Duration::from_millis(30), "{:?}", meter.used());
    }

    #[tokio::test]
    async fn work_knows_when_its_time_is_over_and_others_do_not() {
        assert!(!is_over());
        let over = Meter::default().count(Instant::now(), async { is_over() }).await;
        assert!(over && !is_over());
    }
}
