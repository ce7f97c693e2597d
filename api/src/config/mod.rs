//! Every setting: its flag, its environment variable, its default and what it means.

pub mod settings;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use axum::http::HeaderValue;
use clap::Args;
use ipnet::IpNet;
use registry::{
    attribution::Attribution,
    change_log::{Signer, Witness},
};

use self::settings::Settings;
use crate::{
    document::{ClientTiers, Limits, persisted},
    redis::Shared,
    witness::ReceiptWitness,
};

/// Where the registry lives.
#[derive(Args, Clone, Debug)]
pub struct DatabaseConfig {
    /// Address of the database: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/NAME`
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://registry.sqlite",
        global = true,
        hide_env_values = true
    )]
    pub database_url: String,
}

/// How the registry is served.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
    /// Address and port to listen on
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Secret that federation routers send as a bearer token to `/subgraph`; without one it answers nobody
    #[arg(long, env = "GATEWAY_SECRET", hide_env_values = true)]
    pub gateway_secret: Option<String>,

    /// Name of the registry, as exported files cite it
    #[arg(long, env = "REGISTRY_NAME", default_value = "Registry of official pages")]
    pub registry_name: String,

    /// Licence of the data, as exported files cite it
    #[arg(long, env = "DATA_LICENCE", default_value = "not stated")]
    pub data_licence: String,

    /// Proxies whose `X-Forwarded-For` is believed, as addresses or networks: `10.0.0.0/8,::1`
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<IpNet>,

    /// Connections that are held at once; others wait
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 4_096)]
    pub max_connections: usize,

    /// Sockets that are held at once, for clients that follow subscriptions; others are sent away
    #[arg(long, env = "MAX_SOCKETS", default_value_t = settings::MAX_SOCKETS)]
    pub max_sockets: usize,

    /// Answers that may wait to be made; other requests are sent away with a 503
    #[arg(long, env = "MAX_REQUESTS", default_value_t = settings::MAX_REQUESTS)]
    pub max_requests: usize,

    /// Seconds that the server may be behind the change log; then `/readyz` says 503, and keys are looked up in the database
    #[arg(long, env = "MAX_LAG", default_value_t = settings::MAX_LAG, value_parser = clap::value_parser!(u64).range(1..))]
    pub max_lag: u64,

    /// Other sites whose pages may send requests with a key from a browser: `https://dashboard.example`
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<HeaderValue>,

    /// File of documents that clients may name by `documentId`: a JSON object of texts by their SHA-256 in hexadecimal
    #[arg(long, env = "DOCUMENTS")]
    pub documents: Option<PathBuf>,

    /// Answer no documents but those of the file
    #[arg(long, env = "ONLY_LISTED_DOCUMENTS", requires = "documents")]
    pub only_listed_documents: bool,

    /// Megabytes of answers that are kept in memory; 0 keeps none
    #[arg(long, env = "CACHE_MEMORY", default_value_t = settings::CACHE_MEGABYTES)]
    pub cache_memory: u64,

    /// Seconds for which caches in front of the registry may send a public answer
    #[arg(long, env = "PUBLIC_MAX_AGE", default_value_t = settings::PUBLIC_MAX_AGE)]
    pub public_max_age: u64,

    /// Redis that replicas share: `redis://HOST`, `redis+cluster://HOST,HOST`, `redis+sentinel://HOST,HOST/NAME`, with
    /// `rediss` by TLS; without one each replica keeps its own answers and counts its own points
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<String>,

    /// What begins every key in Redis, for those that share it with others
    #[arg(long, env = "REDIS_NAMESPACE", default_value = "registry")]
    pub redis_namespace: String,

    /// File of the Ed25519 key (PKCS #8 in PEM) that receipts of the change log are signed with, each minute in which there
    /// are changes; without one none are signed
    #[arg(long, env = "SIGNING_KEY")]
    pub signing_key: Option<PathBuf>,

    /// Where somebody else keeps the receipts: a file that they are appended to, or an address that they are posted to
    #[arg(long, env = "WITNESS", requires = "signing_key")]
    pub witness: Option<String>,

    /// Other limits for everyone, such as `depth=14,cost=2000` (docs/limits.md)
    #[arg(long, env = "LIMITS_PUBLIC", value_parser = |text: &str| Limits::public().with(text))]
    pub limits_public: Option<Limits>,

    /// Other limits for clients with a key
    #[arg(long, env = "LIMITS_PARTNER", value_parser = |text: &str| Limits::partner().with(text))]
    pub limits_partner: Option<Limits>,

    /// Other limits for clients whose key has the scope `internal`, and for federation routers
    #[arg(long, env = "LIMITS_INTERNAL", value_parser = |text: &str| Limits::internal().with(text))]
    pub limits_internal: Option<Limits>,
}

impl ServeConfig {
    fn shared(&self) -> Result<Option<Shared>> {
        let open = |url: &String| Shared::open(url, &self.redis_namespace).context("REDIS_URL is not usable");
        self.redis_url.as_ref().map(open).transpose()
    }

    /// Who signs receipts; nobody without a key.
    ///
    /// # Errors
    /// When the file of the key cannot be read, or holds none.
    pub fn signer(&self) -> Result<Option<Signer>> {
        let witness = self.witness.as_deref().map(ReceiptWitness::of).transpose()?;
        let witness = witness.map(|it| Arc::new(it) as Arc<dyn Witness>);
        self.signing_key.as_deref().map(|path| Signer::read(path, witness)).transpose()
    }

    /// What the service is set up with.
    ///
    /// # Errors
    /// When the file of documents cannot be read, or the address of Redis is none.
    pub fn settings(&self) -> Result<Settings> {
        let defaults = ClientTiers::default();
        Ok(Settings {
            gateway_secret: self.gateway_secret.clone(),
            attribution: Attribution {
                source: self.registry_name.clone(),
                licence: self.data_licence.clone(),
            },
            client_tiers: ClientTiers {
                public: self.limits_public.clone().unwrap_or(defaults.public),
                partner: self.limits_partner.clone().unwrap_or(defaults.partner),
                internal: self.limits_internal.clone().unwrap_or(defaults.internal),
            },
            trusted_proxies: self.trusted_proxies.clone(),
            max_requests: self.max_requests,
            max_sockets: self.max_sockets,
            max_lag: Duration::from_secs(self.max_lag),
            point_time: Some(settings::POINT_TIME),
            origins: self.cors_origins.clone(),
            documents: self.documents.as_deref().map(persisted::read_list).transpose()?.unwrap_or_default(),
            only_listed_documents: self.only_listed_documents,
            cache_bytes: self.cache_memory << 20,
            public_max_age: self.public_max_age,
            shared: self.shared()?,
            public_key: self.signer()?.map(|signer| signer.public_key()),
        })
    }
}

/// A network, or the one address that stands for itself.
fn network(text: &str) -> std::result::Result<IpNet, String> {
    let text = text.trim();
    let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    net.map_err(|_| format!("`{text}` is no address and no network"))
}
