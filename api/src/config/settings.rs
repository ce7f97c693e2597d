//! How the service is set up.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::http::HeaderValue;
use ipnet::IpNet;
use registry::attribution::Attribution;

use crate::{
    document::{ClientTiers, persisted::Hash},
    redis::Shared,
};

/// How the service is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Secret that federation routers send; without one nobody is let through.
    pub gateway_secret: Option<String>,
    /// Where the data comes from and what may be done with it.
    pub attribution: Attribution,
    /// How much everyone may ask for.
    pub client_tiers: ClientTiers,
    /// Processor time that a point is worth; none where time costs nothing.
    pub point_time: Option<Duration>,
    /// Proxies whose word on the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Answers that may wait to be made.
    pub max_requests: usize,
    /// Sockets that are held at once.
    pub max_sockets: usize,
    /// Longest that the snapshot may be behind the log before the service says that it is not ready.
    pub max_lag: Duration,
    /// Other sites whose pages may send requests with a key from a browser.
    pub origins: Vec<HeaderValue>,
    /// Documents that may be named by their hashes without having been sent before.
    pub documents: HashMap<Hash, Arc<str>>,
    /// Whether no other documents are answered.
    pub only_listed_documents: bool,
    /// Bytes of answers that are kept in memory.
    pub cache_bytes: u64,
    /// Seconds for which caches in front of us may send an answer that everyone may see.
    pub public_max_age: u64,
    /// What replicas share.
    pub shared: Option<Shared>,
    /// Ed25519 key that receipts of the change log are signed with.
    pub public_key: Option<[u8; 32]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gateway_secret: None,
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

/// Processor time that a point is worth.
pub const POINT_TIME: Duration = Duration::from_micros(500);
/// Answers that may wait to be made, unless something else is set.
pub const MAX_REQUESTS: usize = 256;
/// Sockets that are held at once, unless something else is set.
pub const MAX_SOCKETS: usize = 1_024;
/// Seconds that the snapshot may be behind the log, unless something else is set.
pub const MAX_LAG: u64 = 10;
/// Megabytes of answers that are kept in memory, unless something else is set.
pub const CACHE_MEGABYTES: u64 = 64;
/// Seconds for which caches in front of us may send an answer, unless something else is set.
pub const PUBLIC_MAX_AGE: u64 = 30;
