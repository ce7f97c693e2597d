//! Who has asked for how much: each client by its key, everyone else by address.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::bucket::{Allowance, Bucket};

/// Most askers that are remembered.
const MAX_ASKERS: u64 = 200_000;
/// How long somebody is remembered who asks no more: any bucket is empty by then.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// Anyone, by address; of IPv6 by the network of 64 bits, which one household has.
    Address(IpAddr),
    /// Client with a key, by id.
    Client(i64),
    /// Federation routers.
    Gateway,
}

impl Asker {
    /// Whoever asks from an address.
    pub fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                IpAddr::V6(network.into())
            }
            address => address,
        })
    }
}

/// What an asker has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Points that may be asked for at once.
    pub limit: u64,
    /// Points that come back each second.
    pub per_second: u64,
    /// Points that the request costs at most.
    pub cost: u64,
    /// Points that are left.
    pub remaining: u64,
    /// When all of them are there again.
    pub reset_at: DateTime<Utc>,
}

/// An asker has asked for too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// What is left.
    pub standing: Standing,
    /// Time after which the same request may be sent again.
    pub retry_after: Duration,
}

/// Buckets of everyone who asks.
#[derive(Clone)]
pub struct Rates {
    buckets: Cache<Asker, Arc<Mutex<Bucket>>>,
}

impl Default for Rates {
    fn default() -> Self {
        Self { buckets: Cache::builder().max_capacity(MAX_ASKERS).time_to_idle(REMEMBERED).build() }
    }
}

impl Rates {
    /// Takes points for a request.
    ///
    /// # Errors
    /// When the asker has too few left.
    pub fn take(&self, asker: Asker, allowance: Allowance, cost: u64) -> Result<Standing, Throttled> {
        let now = Instant::now();
        let bucket = self.buckets.get_with(asker, || Arc::new(Mutex::new(Bucket::empty(now))));
        let mut bucket = lock(&bucket);
        let taken = bucket.take(allowance, cost, now);
        let standing = Standing {
            limit: allowance.points,
            per_second: allowance.per_second,
            cost,
            remaining: bucket.remaining(allowance, now),
            reset_at: Utc::now() + bucket.until_empty(allowance),
        };
        taken.map(|()| standing).map_err(|retry_after| Throttled { standing, retry_after })
    }

    /// Gives back points of a request that cost less.
    pub fn give_back(&self, asker: Asker, points: u64) {
        if let Some(bucket) = self.buckets.get(&asker) {
            lock(&bucket).give_back(points);
        }
    }
}

fn lock(bucket: &Mutex<Bucket>) -> MutexGuard<'_, Bucket> {
    bucket.lock().unwrap_or_else(PoisonError::into_inner)
}
