//! Who has asked for how much: each client by its key, everyone else by address.

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

/// Most clients that are remembered; of more, those who have not asked for longest are forgotten.
const MAX_ASKERS: usize = 200_000;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientKey {
    /// Anyone, by address; of IPv6 by the network of 64 bits, which one household has.
    Address(IpAddr),
    /// Client with a key, by id.
    Client(i64),
    /// Federation routers.
    Gateway,
}

impl ClientKey {
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

/// What a client has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitStatus {
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

/// A client has asked for too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// What is left.
    pub status: RateLimitStatus,
    /// Time after which the same request may be sent again.
    pub retry_after: Duration,
}

/// Buckets of everyone who asks: in Redis where replicas share one that answers, in this process otherwise.
pub struct RateLimiter {
    accounts: Cache<ClientKey, Arc<Mutex<Account>>>,
    shared: Option<Shared>,
    salt: Salt,
}

/// What is known of a client here.
struct Account {
    bucket: Bucket,
    lease: Lease,
}

impl RateLimiter {
    /// Nobody has asked for anything yet; addresses are hashed with a secret before they are shared.
    pub fn new(shared: Option<Shared>, salt: Salt) -> Self {
        Self { accounts: Cache::new(MAX_ASKERS), shared, salt }
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
            // On the heap, so that whoever needs no Redis does not carry what is said to it.
            let taking = Box::pin(redis_bucket::take(shared, &self.salt, client_key, quota, cost - unused));
            match taking.await {
                Some(Taken::Granted(lease)) => {
                    learn(&account, lease);
                    return Ok(status(&account, quota, cost));
                }
                Some(Taken::Refused(lease, retry_after)) => {
                    learn(&account, Lease { points: unused, ..lease });
                    return Err(Throttled { status: status(&account, quota, cost), retry_after });
                }
                // Without Redis each replica counts for itself.
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
            reset_at: in_time(bucket.until_empty(quota)),
        };
        taken.map(|()| status).map_err(|retry_after| Throttled { status, retry_after })
    }

    /// Gives back points of a request that cost less.
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

    /// Takes points of a request that turned out dearer, whether they are left or not.
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
        let new = || Account { bucket: Bucket::empty(Instant::now()), lease: Lease::default() };
        let account = self.accounts.get_or_insert_with(&client_key, || Ok(Arc::new(Mutex::new(new()))));
        account.unwrap_or_else(|never: Infallible| match never {})
    }
}

/// Uses points of the lease. `None` if they are enough; otherwise all of them, which are not enough.
fn use_slice(account: &Mutex<Account>, cost: u64) -> Option<u64> {
    let points = &mut lock(account).lease.points;
    if *points >= cost {
        *points -= cost;
        return None;
    }
    Some(std::mem::take(points))
}

/// Takes in what Redis says of the bucket; its points come to those that are unused.
fn learn(account: &Mutex<Account>, lease: Lease) {
    let known = &mut lock(account).lease;
    *known = Lease { points: known.points + lease.points, ..lease };
}

/// What a client of a shared bucket has left, as far as is known here.
fn status(account: &Mutex<Account>, quota: Quota, cost: u64) -> RateLimitStatus {
    let lease = lock(account).lease;
    RateLimitStatus {
        limit: quota.points,
        per_second: quota.per_second,
        cost,
        remaining: lease.remaining.saturating_add(lease.points).min(quota.points),
        reset_at: in_time(lease.until_empty),
    }
}

/// The moment so much later; the last one that there is, where points come back too slowly.
fn in_time(later: Duration) -> DateTime<Utc> {
    let later = TimeDelta::from_std(later).unwrap_or(TimeDelta::MAX);
    Utc::now().checked_add_signed(later).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}
