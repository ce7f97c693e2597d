//! A leaky bucket: points taken fill it, and leak out at a steady rate.

use std::time::{Duration, Instant};

/// Maximum level of a bucket, as a multiple of its capacity.
const MOST_OWED: f64 = 2.0;

/// Capacity and rate of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Capacity in points.
    pub points: u64,
    /// Points that are refilled each second.
    pub per_second: u64,
}

/// Points that were taken and have not leaked yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    level: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn empty(now: Instant) -> Self {
        Self { level: 0.0, at: now }
    }

    /// Takes points if they fit; otherwise returns how long to wait.
    pub(super) fn take(&mut self, quota: Quota, points: u64, now: Instant) -> Result<(), Duration> {
        self.leak(quota, now);
        let over = self.level + points as f64 - quota.points as f64;
        if over > 0.0 {
            return Err(after(over, quota));
        }
        self.level += points as f64;
        Ok(())
    }

    /// Returns unused points.
    pub(super) fn refund(&mut self, points: u64) {
        self.level = (self.level - points as f64).max(0.0);
    }

    /// Takes points even beyond the capacity; the client then waits longer.
    pub(super) fn charge(&mut self, quota: Quota, points: u64) {
        self.level = (self.level + points as f64).min(MOST_OWED * quota.points as f64);
    }

    /// Points that could be taken now.
    pub(super) fn remaining(&mut self, quota: Quota, now: Instant) -> u64 {
        self.leak(quota, now);
        (quota.points as f64 - self.level).max(0.0) as u64
    }

    /// Time until the bucket is empty.
    pub(super) fn until_empty(&self, quota: Quota) -> Duration {
        after(self.level, quota)
    }

    fn leak(&mut self, quota: Quota, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level - seconds * quota.per_second as f64).max(0.0);
        self.at = self.at.max(now);
    }
}

fn after(points: f64, quota: Quota) -> Duration {
    Duration::from_secs_f64(points / quota.per_second.max(1) as f64)
}
