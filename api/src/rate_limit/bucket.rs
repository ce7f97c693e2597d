//! A token bucket: points are taken out of it, and refilled at a steady rate until it is full.

use std::time::{Duration, Instant};

/// Maximum of the points missing from a bucket, as a multiple of its capacity: those beyond the capacity are owed.
const MAX_MISSING: f64 = 2.0;

/// Capacity and rate of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Capacity in points.
    pub points: u64,
    /// Points that are refilled each second.
    pub per_second: u64,
}

/// A bucket of points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    /// Points that were taken and are not refilled yet.
    missing: f64,
    /// Time of the last refill.
    at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn full(now: Instant) -> Self {
        Self { missing: 0.0, at: now }
    }

    /// Takes points if there are as many; otherwise returns how long to wait.
    pub(super) fn take(&mut self, quota: Quota, points: u64, now: Instant) -> Result<(), Duration> {
        self.refill(quota, now);
        let lacking = self.missing + points as f64 - quota.points as f64;
        if lacking > 0.0 {
            return Err(time_for(lacking, quota));
        }
        self.missing += points as f64;
        Ok(())
    }

    /// Returns unused points.
    pub(super) fn refund(&mut self, points: u64) {
        self.missing = (self.missing - points as f64).max(0.0);
    }

    /// Takes points even if there are fewer; the client then waits longer.
    pub(super) fn charge(&mut self, quota: Quota, points: u64) {
        self.missing = (self.missing + points as f64).min(MAX_MISSING * quota.points as f64);
    }

    /// Points that could be taken now.
    pub(super) fn remaining(&mut self, quota: Quota, now: Instant) -> u64 {
        self.refill(quota, now);
        (quota.points as f64 - self.missing).max(0.0) as u64
    }

    /// Time until the bucket is full.
    pub(super) fn until_full(&self, quota: Quota) -> Duration {
        time_for(self.missing, quota)
    }

    fn refill(&mut self, quota: Quota, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.missing = (self.missing - seconds * quota.per_second as f64).max(0.0);
        self.at = self.at.max(now);
    }
}

/// Time in which so many points are refilled.
fn time_for(points: f64, quota: Quota) -> Duration {
    Duration::from_secs_f64(points / quota.per_second.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota { points: 10, per_second: 2 };

    #[test]
    fn points_are_taken_out_of_a_full_bucket_and_refilled_until_it_is_full() {
        let (start, seconds) = (Instant::now(), Duration::from_secs);
        let mut bucket = Bucket::full(start);
        assert_eq!((bucket.remaining(QUOTA, start), bucket.until_full(QUOTA)), (10, Duration::ZERO));
        assert_eq!(bucket.take(QUOTA, 8, start), Ok(()));
        assert_eq!((bucket.remaining(QUOTA, start), bucket.until_full(QUOTA)), (2, seconds(4)));
        assert_eq!(bucket.take(QUOTA, 6, start), Err(seconds(2)), "nothing is taken");
        assert_eq!(bucket.take(QUOTA, 6, start + seconds(2)), Ok(()));
        assert_eq!(bucket.remaining(QUOTA, start + seconds(2)), 0);
        assert_eq!(bucket.remaining(QUOTA, start + seconds(60)), 10, "no more than a full bucket");
        bucket.refund(3);
        assert_eq!(bucket.remaining(QUOTA, start + seconds(60)), 10);
    }

    #[test]
    fn a_bucket_owes_at_most_its_capacity() {
        let (start, seconds) = (Instant::now(), Duration::from_secs);
        let mut bucket = Bucket::full(start);
        bucket.charge(QUOTA, 1_000);
        assert_eq!((bucket.remaining(QUOTA, start), bucket.until_full(QUOTA)), (0, seconds(10)));
        assert_eq!(bucket.take(QUOTA, 1, start), Err(Duration::from_millis(5_500)));
        assert_eq!(bucket.remaining(QUOTA, start + seconds(6)), 2);
    }
}
