//! Settings of the service.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::http::HeaderValue;
use ipnet::IpNet;
use registry::attribution::Attribution;

use super::gateway_secrets::GatewaySecrets;
use crate::{
    document::{ClientTiers, persisted::Hash},
    redis::Shared,
};

/// Settings of the service.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Secrets that federation routers may send; without one, all of their requests are rejected.
    pub gateway_secrets: GatewaySecrets,
    /// Source and licence of the data.
    pub attribution: Attribution,
    /// Limits of the client tiers.
    pub client_tiers: ClientTiers,
    /// Processor time that one point pays for; `None` if processor time is not charged.
    pub point_time: Option<Duration>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Maximum number of requests that are executed or wait for execution.
    pub max_requests: usize,
    /// Maximum number of open WebSockets.
    pub max_sockets: usize,
    /// Maximum lag of the snapshot behind the log; above it, the service is not ready.
    pub max_lag: Duration,
    /// Origins that may send requests with a key from a browser (CORS).
    pub origins: Vec<HeaderValue>,
    /// Persisted documents by hash.
    pub documents: HashMap<Hash, Arc<str>>,
    /// Whether only `documents` are executed.
    pub only_listed_documents: bool,
    /// Size of the response cache in memory, in bytes.
    pub cache_bytes: u64,
    /// Seconds for which shared caches may serve a public response.
    pub public_max_age: u64,
    /// Redis that replicas share.
    pub shared: Option<Shared>,
    /// Public Ed25519 key for receipts of the change log; `None` if none are signed.
    pub public_key: Option<[u8; 32]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gateway_secrets: GatewaySecrets::default(),
            attribution: Attribution::default(),
            client_tiers: ClientTiers::default(),
            point_time: None,
            trusted_proxies: Vec::new(),
            max_requests: MAX_REQUESTS,
            max_sockets: MAX_SOCKETS,
            max_lag: Duration::from_secs(MAX_LAG),
            origins: Vec::new(),
            documents: HashMap::new(),
            only_listed_documents: false,
            cache_bytes: CACHE_MEGABYTES << 20,
            public_max_age: PUBLIC_MAX_AGE,
            shared: None,
            public_key: None,
        }
    }
}

/// Default of [`Settings::max_requests`].
pub const MAX_REQUESTS: usize = 256;
/// Default of [`Settings::max_sockets`].
pub const MAX_SOCKETS: usize = 1_024;
/// Default of [`Settings::max_lag`], in seconds.
pub const MAX_LAG: u64 = 10;
/// Default size of the response cache in memory, in megabytes.
pub const CACHE_MEGABYTES: u64 = 64;
/// Default of [`Settings::public_max_age`].
pub const PUBLIC_MAX_AGE: u64 = 30;
