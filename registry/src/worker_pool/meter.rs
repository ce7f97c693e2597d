//! Metering of work: processor time used, and deadline.

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

/// Processor time used by work, in nanoseconds, across threads; waiting is not counted.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    /// Processor time used so far.
    pub fn used(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    /// Runs synchronous work and counts its time.
    pub fn count_now<T>(&self, work: impl FnOnce() -> T) -> T {
        let begun = thread_time();
        let done = work();
        self.add(thread_time().saturating_sub(begun));
        done
    }

    fn add(&self, used: Duration) {
        self.0.fetch_add(u64::try_from(used.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Runs work until completion, counts its time, and sets its deadline for [`is_over`].
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

/// Whether the deadline of the current work has passed. Its result is no longer awaited, but synchronous code
/// can only be stopped by itself.
pub fn is_over() -> bool {
    UNTIL.get().is_some_and(|until| Instant::now() >= until)
}

/// The deadline of this thread's work; dropping it restores the previous one, also on a panic.
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

/// Processor time used by this thread.
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
