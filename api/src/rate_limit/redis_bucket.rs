//! Buckets in Redis, shared by replicas. Points are taken in leases, so that most requests need no round trip.

use std::{sync::LazyLock, time::Duration};

use super::{bucket::Quota, limiter::ClientKey};
use crate::redis::{Script, Shared};

/// Atomically takes `want` points if there are as many, else `need` if there are as many, else none. Uses the clock of
/// Redis, so that the clocks of replicas need not agree.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
local need, want, back, due, limit, rate = unpack(ARGV)
need, want, back, due = tonumber(need), tonumber(want), tonumber(back), tonumber(due)
limit, rate = tonumber(limit), tonumber(rate)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HMGET', KEYS[1], 'missing', 'at')
local missing, at = tonumber(known[1] or '') or 0, tonumber(known[2] or '') or now
missing = math.max(0, missing - math.max(0, now - at) * rate / 1000 - back)
if due > 0 then missing = math.min(missing + due, 2 * limit) end
local granted = 0
if missing + want <= limit then
  granted = want
elseif missing + need <= limit then
  granted = need
end
missing = missing + granted
local until_full = math.ceil(missing / rate * 1000)
redis.call('HSET', KEYS[1], 'missing', missing, 'at', now)
redis.call('PEXPIRE', KEYS[1], until_full + 1000)
local wait = 0
if granted < need then wait = math.ceil((missing + need - limit) / rate * 1000) end
return { granted, math.max(0, math.floor(limit - missing)), until_full, wait }
",
    )
});
/// A lease is the capacity divided by this; each replica may hold up to two unused leases per client.
const SLICES: u64 = 50;
/// Largest lease, in points.
const MAX_SLICE: u64 = 10_000;

/// Largest number passed to the script: Lua numbers are exact up to 2^53.
const MAX_POINTS: u64 = 1 << 52;

/// Last known state of a client's bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lease {
    /// Points that were leased and are not used yet.
    pub(super) points: u64,
    /// Remaining points in the bucket at the last request to Redis.
    pub(super) remaining: u64,
    /// Time until the bucket is full.
    pub(super) until_full: Duration,
}

/// Result of taking points.
pub(super) enum Taken {
    /// The needed points were taken; the lease has those beyond.
    Granted(Lease),
    /// No points were taken; the client has to wait this long.
    Rejected(Lease, Duration),
}

/// Takes the needed points, and a lease beyond them if there are as many. `None` when Redis fails.
pub(super) async fn take(
    shared: &Shared,
    salt: &Salt,
    client_key: ClientKey,
    quota: Quota,
    need: u64,
) -> Option<Taken> {
    let want = need.saturating_add(slice_of(quota));
    let (granted, mut lease, wait) = run(shared, salt, client_key, quota, [need, want, 0, 0]).await?;
    if granted < need {
        return Some(Taken::Rejected(lease, wait));
    }
    lease.points = granted - need;
    Some(Taken::Granted(lease))
}

/// Maximum unused points before the surplus is returned.
pub(super) fn most_unused(quota: Quota) -> u64 {
    2 * slice_of(quota)
}

fn slice_of(quota: Quota) -> u64 {
    (quota.points / SLICES).min(MAX_SLICE)
}

/// Returns points.
pub(super) async fn refund(shared: &Shared, salt: &Salt, client_key: ClientKey, quota: Quota, points: u64) {
    let _ = run(shared, salt, client_key, quota, [0, 0, points, 0]).await;
}

/// Takes points even if there are fewer.
pub(super) async fn charge(shared: &Shared, salt: &Salt, client_key: ClientKey, quota: Quota, points: u64) {
    let _ = run(shared, salt, client_key, quota, [0, 0, 0, points]).await;
}

async fn run(
    shared: &Shared,
    salt: &Salt,
    client_key: ClientKey,
    quota: Quota,
    [need, want, back, due]: [u64; 4],
) -> Option<(u64, Lease, Duration)> {
    let (most, rate) = (quota.points, quota.per_second.max(1));
    let arguments = [need, want, back, due, most, rate].map(|it| it.min(MAX_POINTS));
    let (granted, remaining, until_full, wait) =
        shared.eval(&TAKE, &name(salt, client_key), &arguments).await?;
    let lease = Lease { points: 0, remaining, until_full: Duration::from_millis(until_full) };
    Some((granted, lease, Duration::from_millis(wait)))
}

/// Secret of the registry, used as the key for hashing addresses.
pub type Salt = [u8; 32];

/// Redis key of a bucket. Addresses are hashed with a secret, so that they cannot be recovered by trying all of them.
fn name(salt: &Salt, client_key: ClientKey) -> String {
    match client_key {
        ClientKey::Address(address) => {
            format!("rate:{}", blake3::keyed_hash(salt, address.to_string().as_bytes()).to_hex())
        }
        ClientKey::Client(id) => format!("rate:client-{id}"),
        ClientKey::Gateway => "rate:gateway".to_owned(),
    }
}
