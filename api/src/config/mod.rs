//! All settings: flag, environment variable, default and meaning.

pub mod gateway_secrets;
pub mod settings;
mod value;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::http::HeaderValue;
use clap::Args;
use ipnet::IpNet;
use registry::{
    attribution::{self, Attribution},
    change_log::{Signer, Witness},
};

use self::{
    gateway_secrets::GatewaySecrets,
    settings::Settings,
    value::{List, address, network, one_line, origin},
};
use crate::{
    document::{ClientTiers, Limits, POINT_TIME, persisted},
    redis::Shared,
    witness::ReceiptWitness,
};

pub(crate) use value::whole_number;

/// Largest number of connections, sockets or requests at once that can be set.
const MAX_AT_ONCE: usize = 1_000_000;

/// Settings of the database.
#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// URL of the database: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://registry.sqlite",
        global = true,
        hide_env_values = true
    )]
    pub database_url: String,
}

/// Settings of the server.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// Address and port to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// Secret of 16 to 512 characters that federation routers send to `/subgraph` and `/coprocessor`; the address of the latter
    /// has one that `registry gateway coprocessor-secret` derives; during a rotation two of them, separated by a comma; if not
    /// set, both reject all requests
    #[arg(long, env = "GATEWAY_SECRET", hide_env_values = true)]
    pub gateway_secret: Option<String>,

    /// Name of the registry, in exported files and in the field `registry`
    #[arg(long, env = "REGISTRY_NAME", default_value = "Registry of official pages", value_parser = one_line)]
    pub registry_name: String,

    /// Licence of the data, in exported files and in the field `registry`
    #[arg(long, env = "DATA_LICENCE", default_value = attribution::NOT_STATED, value_parser = one_line)]
    pub data_licence: String,

    /// Proxies whose `X-Forwarded-For` is trusted, as addresses or networks: `10.0.0.0/8,::1`
    #[arg(long, env = "TRUSTED_PROXIES", value_parser = |text: &str| List::read(text, network))]
    pub trusted_proxies: Vec<List<IpNet>>,

    /// Maximum number of open connections; others wait
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 4_096, value_parser = |text: &str| whole_number(text, 1..=MAX_AT_ONCE))]
    pub max_connections: usize,

    /// Maximum number of open WebSockets, for subscriptions; others are rejected
    #[arg(long, env = "MAX_SOCKETS", default_value_t = settings::MAX_SOCKETS, value_parser = |text: &str| whole_number(text, 0..=MAX_AT_ONCE))]
    pub max_sockets: usize,

    /// Maximum number of requests that are executed or wait for execution; others are rejected with 503
    #[arg(long, env = "MAX_REQUESTS", default_value_t = settings::MAX_REQUESTS, value_parser = |text: &str| whole_number(text, 1..=MAX_AT_ONCE))]
    pub max_requests: usize,

    /// Maximum lag behind the change log, in seconds; above it, `/readyz` responds with 503, and keys are looked up in the
    /// database
    #[arg(long, env = "MAX_LAG", default_value_t = settings::MAX_LAG, value_parser = |text: &str| whole_number(text, 1_u64..=86_400))]
    pub max_lag: u64,

    /// Origins that may send requests with a key from a browser (CORS): `https://dashboard.example`
    #[arg(long, env = "CORS_ORIGINS", value_parser = |text: &str| List::read(text, origin))]
    pub cors_origins: Vec<List<HeaderValue>>,

    /// File of persisted documents, which clients request by `documentId`: a JSON object from SHA-256 in hexadecimal to
    /// document
    #[arg(long, env = "DOCUMENTS")]
    pub documents: Option<PathBuf>,

    /// Execute only the documents listed in DOCUMENTS
    #[arg(long, env = "ONLY_LISTED_DOCUMENTS", requires = "documents")]
    pub only_listed_documents: bool,

    /// Size of the response cache in memory, in megabytes; 0 disables it
    #[arg(long, env = "CACHE_MEMORY", default_value_t = settings::CACHE_MEGABYTES, value_parser = |text: &str| whole_number(text, 0_u64..=1_000_000))]
    pub cache_memory: u64,

    /// Seconds for which shared caches (proxy, CDN) may serve a public response (`s-maxage`)
    #[arg(long, env = "PUBLIC_MAX_AGE", default_value_t = settings::PUBLIC_MAX_AGE, value_parser = |text: &str| whole_number(text, 0_u64..=86_400))]
    pub public_max_age: u64,

    /// Redis that replicas share: `redis://HOST`, `redis+cluster://HOST,HOST`, `redis+sentinel://HOST,HOST/NAME`, with
    /// `rediss` by TLS; if not set, each replica has its own response cache and rate limits
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<String>,

    /// Prefix of every key in Redis, for a Redis that is shared with other applications
    #[arg(long, env = "REDIS_NAMESPACE", default_value = "registry", value_parser = one_line)]
    pub redis_namespace: String,

    /// File of the Ed25519 key (PKCS #8 in PEM) that signs receipts of the change log, each minute in which there are
    /// changes; if not set, none are signed
    #[arg(long, env = "SIGNING_KEY")]
    pub signing_key: Option<PathBuf>,

    /// External witness of the receipts: a file to append them to, or an HTTP URL to post them to
    #[arg(long, env = "WITNESS", requires = "signing_key")]
    pub witness: Option<String>,

    /// Changed limits for everyone, such as `depth=14,cost=2000` (docs/limits.md)
    #[arg(long, env = "LIMITS_PUBLIC", value_parser = |text: &str| Limits::public().with(text))]
    pub limits_public: Option<Limits>,

    /// Changed limits for clients with a key
    #[arg(long, env = "LIMITS_PARTNER", value_parser = |text: &str| Limits::partner().with(text))]
    pub limits_partner: Option<Limits>,

    /// Changed limits for clients whose key has the scope `limits:internal`; those of the size of a document also for documents of
    /// federation routers
    #[arg(long, env = "LIMITS_INTERNAL", value_parser = |text: &str| Limits::internal().with(text))]
    pub limits_internal: Option<Limits>,
}

impl ServeConfig {
    /// Checks what can be checked before the registry is loaded.
    ///
    /// # Errors
    /// When a secret or the key is not usable.
    pub fn check(&self) -> Result<()> {
        self.gateway_secrets()?;
        self.signer().map(drop)
    }

    /// Secrets of federation routers. They are not checked while arguments are read, because an error would print them.
    fn gateway_secrets(&self) -> Result<GatewaySecrets> {
        GatewaySecrets::read(self.gateway_secret.as_deref().unwrap_or_default())
    }

    fn shared(&self) -> Result<Option<Shared>> {
        let open = |url: &String| Shared::open(url, &self.redis_namespace).context("REDIS_URL is not usable");
        self.redis_url.as_ref().map(open).transpose()
    }

    /// Signer of receipts; `None` without a key.
    ///
    /// # Errors
    /// When the key file cannot be read, or contains no key.
    pub fn signer(&self) -> Result<Option<Signer>> {
        let witness = self.witness.as_deref().map(ReceiptWitness::of).transpose()?;
        let witness = witness.map(|it| Arc::new(it) as Arc<dyn Witness>);
        self.signing_key.as_deref().map(|path| Signer::read(path, witness)).transpose()
    }

    /// Settings of the service.
    ///
    /// # Errors
    /// When the file of documents cannot be read, or a secret, the signing key or the URL of Redis is not usable.
    pub fn settings(&self) -> Result<Settings> {
        let defaults = ClientTiers::default();
        Ok(Settings {
            gateway_secrets: self.gateway_secrets()?,
            attribution: Attribution {
                source: self.registry_name.clone(),
                licence: self.data_licence.clone(),
            },
            client_tiers: ClientTiers {
                public: self.limits_public.clone().unwrap_or(defaults.public),
                partner: self.limits_partner.clone().unwrap_or(defaults.partner),
                internal: self.limits_internal.clone().unwrap_or(defaults.internal),
            },
            trusted_proxies: List::items(&self.trusted_proxies),
            max_requests: self.max_requests,
            max_sockets: self.max_sockets,
            max_lag: Duration::from_secs(self.max_lag),
            point_time: Some(POINT_TIME),
            origins: List::items(&self.cors_origins),
            documents: self.documents.as_deref().map(persisted::read_list).transpose()?.unwrap_or_default(),
            only_listed_documents: self.only_listed_documents,
            cache_bytes: self.cache_memory << 20,
            public_max_age: self.public_max_age,
            shared: self.shared()?,
            public_key: self.signer()?.map(|signer| signer.public_key()),
        })
    }
}
