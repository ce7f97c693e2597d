//! Rate limiter: one bucket per client key, or per address without a key.

use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use quick_cache::sync::Cache;

use super::{
    bucket::{Bucket, Quota},
    redis_bucket::{self, Lease, Salt, Taken},
};
use crate::redis::Shared;

/// Maximum number of buckets in memory; beyond it, buckets are evicted.
const MAX_CLIENTS: usize = 200_000;

/// Key of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientKey {
    /// A caller without a key, by address; for IPv6 by its /64 network.
    Address(IpAddr),
    /// A client with a key, by id.
    Client(i64),
    /// Federation routers themselves.
    Gateway,
}

impl ClientKey {
    /// The key of an address.
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

/// Rate limit status of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitStatus {
    /// Points of a full bucket.
    pub limit: u64,
    /// Points that are refilled each second.
    pub per_second: u64,
    /// Maximum cost of the request, in points.
    pub cost: u64,
    /// Remaining points.
    pub remaining: u64,
    /// When the bucket is full again.
    pub reset_at: DateTime<Utc>,
}

impl RateLimitStatus {
    /// The status after some of the points taken were returned.
    pub(crate) fn refunded(self, points: u64) -> Self {
        let time = Duration::try_from_secs_f64(points as f64 / self.per_second.max(1) as f64);
        let earlier = TimeDelta::from_std(time.unwrap_or_default()).unwrap_or(TimeDelta::zero());
        Self {
            cost: self.cost.saturating_sub(points),
            remaining: self.remaining.saturating_add(points).min(self.limit),
            reset_at: self.reset_at.checked_sub_signed(earlier).unwrap_or(self.reset_at).max(Utc::now()),
            ..self
        }
    }
}

/// The client has too few points left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// Status of the client.
    pub status: RateLimitStatus,
    /// Time after which to retry.
    pub retry_after: Duration,
}

/// Buckets of all clients: in Redis while it is configured and up, otherwise in this process.
pub struct RateLimiter {
    accounts: Cache<ClientKey, Arc<Mutex<Account>>>,
    shared: Option<Shared>,
    salt: Salt,
}

/// State of a client in this process.
struct Account {
    bucket: Bucket,
    lease: Lease,
}

impl RateLimiter {
    /// A limiter without buckets; `salt` is the key for hashing addresses in Redis.
    pub fn new(shared: Option<Shared>, salt: Salt) -> Self {
        Self { accounts: Cache::new(MAX_CLIENTS), shared, salt }
    }

    /// Takes points for a request.
    ///
    /// # Errors
    /// When the client has too few left.
    pub async fn take(
        &self,
        client_key: ClientKey,
        quota: Quota,
        cost: u64,
    ) -> Result<RateLimitStatus, Throttled> {
        let account = self.account(client_key);
        if let Some(shared) = self.shared() {
            let Some(unused) = use_slice(&account, cost) else {
                return Ok(status(&account, quota, cost));
            };
            // Boxed, so that the future stays small without Redis.
            let taking = Box::pin(redis_bucket::take(shared, &self.salt, client_key, quota, cost - unused));
            match taking.await {
                Some(Taken::Granted(lease)) => {
                    learn(&account, lease);
                    return Ok(status(&account, quota, cost));
                }
                Some(Taken::Rejected(lease, retry_after)) => {
                    learn(&account, Lease { points: unused, ..lease });
                    return Err(Throttled { status: status(&account, quota, cost), retry_after });
                }
                // Without Redis each replica counts on its own.
                None => lock(&account).lease.points += unused,
            }
        }
        self.take_here(&account, quota, cost)
    }

    fn take_here(
        &self,
        account: &Mutex<Account>,
        quota: Quota,
        cost: u64,
    ) -> Result<RateLimitStatus, Throttled> {
        let now = Instant::now();
        let mut account = lock(account);
        let bucket = &mut account.bucket;
        let taken = bucket.take(quota, cost, now);
        let status = RateLimitStatus {
            limit: quota.points,
            per_second: quota.per_second,
            cost,
            remaining: bucket.remaining(quota, now),
            reset_at: in_time(bucket.until_full(quota)),
        };
        taken.map(|()| status).map_err(|retry_after| Throttled { status, retry_after })
    }

    /// Returns unused points of a request.
    pub fn refund(&self, client_key: ClientKey, quota: Quota, points: u64) {
        let account = self.account(client_key);
        let mut account = lock(&account);
        let Some(shared) = self.shared() else { return account.bucket.refund(points) };
        account.lease.points += points;
        let most = redis_bucket::most_unused(quota);
        if account.lease.points > most {
            let unused = std::mem::replace(&mut account.lease.points, most / 2) - most / 2;
            let shared = shared.clone();
            let salt = self.salt;
            tokio::spawn(async move {
                redis_bucket::refund(&shared, &salt, client_key, quota, unused).await;
            });
        }
    }

    /// Takes points of a request that cost more than expected, even beyond the quota.
    pub fn charge(&self, client_key: ClientKey, quota: Quota, points: u64) {
        let account = self.account(client_key);
        let mut account = lock(&account);
        let Some(shared) = self.shared() else { return account.bucket.charge(quota, points) };
        let due = points.saturating_sub(account.lease.points);
        account.lease.points -= points - due;
        if due > 0 {
            let (shared, salt) = (shared.clone(), self.salt);
            tokio::spawn(async move { redis_bucket::charge(&shared, &salt, client_key, quota, due).await });
        }
    }

    fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref().filter(|shared| shared.is_up())
    }

    fn account(&self, client_key: ClientKey) -> Arc<Mutex<Account>> {
        let new = || Account { bucket: Bucket::full(Instant::now()), lease: Lease::default() };
        let account = self.accounts.get_or_insert_with(&client_key, || Ok(Arc::new(Mutex::new(new()))));
        account.unwrap_or_else(|never: Infallible| match never {})
    }
}

/// Uses points of the lease. `None` if they suffice; otherwise takes and returns all of them.
fn use_slice(account: &Mutex<Account>, cost: u64) -> Option<u64> {
    let points = &mut lock(account).lease.points;
    if *points >= cost {
        *points -= cost;
        return None;
    }
    Some(std::mem::take(points))
}

/// Stores a lease from Redis; its points are added to the unused ones.
fn learn(account: &Mutex<Account>, lease: Lease) {
    let known = &mut lock(account).lease;
    *known = Lease { points: known.points + lease.points, ..lease };
}

/// Status of a client with a bucket in Redis, as last known in this process.
fn status(account: &Mutex<Account>, quota: Quota, cost: u64) -> RateLimitStatus {
    let lease = lock(account).lease;
    RateLimitStatus {
        limit: quota.points,
        per_second: quota.per_second,
        cost,
        remaining: lease.remaining.saturating_add(lease.points).min(quota.points),
        reset_at: in_time(lease.until_full),
    }
}

/// The time after this duration, saturating.
fn in_time(later: Duration) -> DateTime<Utc> {
    let later = TimeDelta::from_std(later).unwrap_or(TimeDelta::MAX);
    Utc::now().checked_add_signed(later).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}
