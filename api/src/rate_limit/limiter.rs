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
    bucket::{Allowance, Bucket},
    redis_bucket::{self, Salt, Slice, Taken},
};
use crate::redis::Shared;

/// Most askers that are remembered; of more, those who have not asked for longest are forgotten.
const MAX_ASKERS: usize = 200_000;

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

/// Buckets of everyone who asks: in Redis where replicas share one that answers, in this process otherwise.
pub struct Rates {
    accounts: Cache<Asker, Arc<Mutex<Account>>>,
    shared: Option<Shared>,
    salt: Salt,
}

/// What is known of an asker here.
struct Account {
    bucket: Bucket,
    slice: Slice,
}

impl Rates {
    /// Nobody has asked for anything yet; addresses are hashed with a secret before they are shared.
    pub fn new(shared: Option<Shared>, salt: Salt) -> Self {
        Self { accounts: Cache::new(MAX_ASKERS), shared, salt }
    }

    /// Takes points for a request.
    ///
    /// # Errors
    /// When the asker has too few left.
    pub async fn take(&self, asker: Asker, allowance: Allowance, cost: u64) -> Result<Standing, Throttled> {
        let account = self.account(asker);
        if let Some(shared) = self.shared() {
            let Some(unused) = use_slice(&account, cost) else {
                return Ok(standing(&account, allowance, cost));
            };
            // On the heap, so that whoever needs no Redis does not carry what is said to it.
            let taking = Box::pin(redis_bucket::take(shared, &self.salt, asker, allowance, cost - unused));
            match taking.await {
                Some(Taken::Granted(slice)) => {
                    learn(&account, slice);
                    return Ok(standing(&account, allowance, cost));
                }
                Some(Taken::Refused(slice, retry_after)) => {
                    learn(&account, Slice { points: unused, ..slice });
                    return Err(Throttled { standing: standing(&account, allowance, cost), retry_after });
                }
                // Without Redis each replica counts for itself.
                None => lock(&account).slice.points += unused,
            }
        }
        self.take_here(&account, allowance, cost)
    }

    fn take_here(
        &self,
        account: &Mutex<Account>,
        allowance: Allowance,
        cost: u64,
    ) -> Result<Standing, Throttled> {
        let now = Instant::now();
        let mut account = lock(account);
        let bucket = &mut account.bucket;
        let taken = bucket.take(allowance, cost, now);
        let standing = Standing {
            limit: allowance.points,
            per_second: allowance.per_second,
            cost,
            remaining: bucket.remaining(allowance, now),
            reset_at: in_time(bucket.until_empty(allowance)),
        };
        taken.map(|()| standing).map_err(|retry_after| Throttled { standing, retry_after })
    }

    /// Gives back points of a request that cost less.
    pub fn give_back(&self, asker: Asker, allowance: Allowance, points: u64) {
        let account = self.account(asker);
        let mut account = lock(&account);
        let Some(shared) = self.shared() else { return account.bucket.give_back(points) };
        account.slice.points += points;
        let most = redis_bucket::most_unused(allowance);
        if account.slice.points > most {
            let unused = std::mem::replace(&mut account.slice.points, most / 2) - most / 2;
            let shared = shared.clone();
            let salt = self.salt;
            tokio::spawn(async move {
                redis_bucket::give_back(&shared, &salt, asker, allowance, unused).await;
            });
        }
    }

    /// Takes points of a request that turned out dearer, whether they are left or not.
    pub fn charge(&self, asker: Asker, allowance: Allowance, points: u64) {
        let account = self.account(asker);
        let mut account = lock(&account);
        let Some(shared) = self.shared() else { return account.bucket.charge(allowance, points) };
        let due = points.saturating_sub(account.slice.points);
        account.slice.points -= points - due;
        if due > 0 {
            let (shared, salt) = (shared.clone(), self.salt);
            tokio::spawn(async move { redis_bucket::charge(&shared, &salt, asker, allowance, due).await });
        }
    }

    fn shared(&self) -> Option<&Shared> {
        self.shared.as_ref().filter(|shared| shared.is_up())
    }

    fn account(&self, asker: Asker) -> Arc<Mutex<Account>> {
        let new = || Account { bucket: Bucket::empty(Instant::now()), slice: Slice::default() };
        let account = self.accounts.get_or_insert_with(&asker, || Ok(Arc::new(Mutex::new(new()))));
        account.unwrap_or_else(|never: Infallible| match never {})
    }
}

/// Uses points of the slice. `None` if they are enough; otherwise all of them, which are not enough.
fn use_slice(account: &Mutex<Account>, cost: u64) -> Option<u64> {
    let points = &mut lock(account).slice.points;
    if *points >= cost {
        *points -= cost;
        return None;
    }
    Some(std::mem::take(points))
}

/// Takes in what Redis says of the bucket; its points come to those that are unused.
fn learn(account: &Mutex<Account>, slice: Slice) {
    let known = &mut lock(account).slice;
    *known = Slice { points: known.points + slice.points, ..slice };
}

/// What an asker of a shared bucket has left, as far as is known here.
fn standing(account: &Mutex<Account>, allowance: Allowance, cost: u64) -> Standing {
    let slice = lock(account).slice;
    Standing {
        limit: allowance.points,
        per_second: allowance.per_second,
        cost,
        remaining: slice.remaining.saturating_add(slice.points).min(allowance.points),
        reset_at: in_time(slice.until_empty),
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
