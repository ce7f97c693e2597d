//! All settings: flag, environment variable, default and meaning.

pub mod settings;

use std::{
    fmt::Display, net::SocketAddr, ops::RangeInclusive, path::PathBuf, str::FromStr, sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result};
use axum::http::HeaderValue;
use clap::Args;
use ipnet::IpNet;
use registry::{
    attribution::Attribution,
    change_log::{Signer, Witness},
};
use url::Url;

use self::settings::Settings;
use crate::{
    document::{ClientTiers, Limits, persisted},
    redis::Shared,
    witness::ReceiptWitness,
};

/// Largest number of connections, sockets or requests at once that can be set.
const MOST_AT_ONCE: usize = 1_000_000;

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

    /// Secret that federation routers send as a bearer token to `/subgraph`; if not set, `/subgraph` rejects all requests
    #[arg(long, env = "GATEWAY_SECRET", hide_env_values = true)]
    pub gateway_secret: Option<String>,

    /// Name of the registry, in exported files and in the field `registry`
    #[arg(long, env = "REGISTRY_NAME", default_value = "Registry of official pages")]
    pub registry_name: String,

    /// Licence of the data, in exported files and in the field `registry`
    #[arg(long, env = "DATA_LICENCE", default_value = "not stated")]
    pub data_licence: String,

    /// Proxies whose `X-Forwarded-For` is trusted, as addresses or networks: `10.0.0.0/8,::1`
    #[arg(long, env = "TRUSTED_PROXIES", value_parser = |text: &str| List::read(text, network))]
    pub trusted_proxies: Vec<List<IpNet>>,

    /// Maximum number of open connections; others wait
    #[arg(long, env = "MAX_CONNECTIONS", default_value_t = 4_096, value_parser = |text: &str| whole_number(text, 1..=MOST_AT_ONCE))]
    pub max_connections: usize,

    /// Maximum number of open WebSockets, for subscriptions; others are rejected
    #[arg(long, env = "MAX_SOCKETS", default_value_t = settings::MAX_SOCKETS, value_parser = |text: &str| whole_number(text, 0..=MOST_AT_ONCE))]
    pub max_sockets: usize,

    /// Maximum number of requests that are executed or wait for execution; others are rejected with 503
    #[arg(long, env = "MAX_REQUESTS", default_value_t = settings::MAX_REQUESTS, value_parser = |text: &str| whole_number(text, 1..=MOST_AT_ONCE))]
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
    #[arg(long, env = "REDIS_NAMESPACE", default_value = "registry")]
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

    /// Changed limits for clients whose key has the scope `internal`, and for federation routers
    #[arg(long, env = "LIMITS_INTERNAL", value_parser = |text: &str| Limits::internal().with(text))]
    pub limits_internal: Option<Limits>,
}

impl ServeConfig {
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
    /// When the file of documents cannot be read, or the URL of Redis is invalid.
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
            trusted_proxies: List::items(&self.trusted_proxies),
            max_requests: self.max_requests,
            max_sockets: self.max_sockets,
            max_lag: Duration::from_secs(self.max_lag),
            point_time: Some(settings::POINT_TIME),
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

/// Values of a setting, separated by commas.
#[derive(Clone, Debug)]
pub struct List<T>(Vec<T>);

impl<T: Clone> List<T> {
    /// Reads the values. Empty ones are ignored: an empty variable is a list without values.
    fn read(text: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<Self, String> {
        let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
        values.map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The values of all lists: a flag may be repeated.
    fn items(lists: &[Self]) -> Vec<T> {
        lists.iter().flat_map(|list| list.0.iter().cloned()).collect()
    }
}

/// A whole number in a range.
pub(crate) fn whole_number<T>(text: &str, range: RangeInclusive<T>) -> Result<T, String>
where
    T: FromStr + PartialOrd + Display,
{
    let number = text.trim().parse::<T>().ok().filter(|number| range.contains(number));
    let (least, most) = (range.start(), range.end());
    number.ok_or_else(|| format!("write a whole number from {least} to {most}, without separators"))
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.trim().parse().map_err(|_| "write ADDRESS:PORT, such as 127.0.0.1:8080 or [::]:8080".into())
}

/// An origin as browsers send it. `*` is none, also as a part of a host: a script of any site could use a key.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let url = Url::parse(text).ok();
    let sent = url.as_ref().and_then(|url| {
        let host = url.host_str().filter(|host| !host.is_empty() && !host.contains('*'))?;
        // A default port is not sent.
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{host}{port}", url.scheme()))
    });
    let no_origin =
        || format!("`{text}` is not an origin; write https://HOST or https://HOST:PORT, without `*`");
    match sent {
        Some(sent) if sent == text => HeaderValue::from_str(text).map_err(|_| no_origin()),
        Some(sent) => Err(format!("browsers send `{text}` as `{sent}`; write it so")),
        None => Err(no_origin()),
    }
}

/// A network, or the network of a single address.
fn network(text: &str) -> Result<IpNet, String> {
    let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    net.map_err(|_| format!("`{text}` is not an IP address or network"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_outside_of_their_range_are_rejected_with_the_range() {
        assert_eq!(whole_number(" 7 ", 1..=9), Ok(7));
        for wrong in ["0", "10", "1.5", "1,000", "-1", "", "18446744073709551616"] {
            let message = whole_number(wrong, 1..=9).expect_err(wrong);
            assert!(message.contains("from 1 to 9"), "{message}");
        }
    }

    #[test]
    fn empty_values_of_a_list_are_ignored_and_an_empty_list_has_none() {
        for (text, expected) in
            [("", [].as_slice()), (" , ", &[]), ("http://a, ,https://b:81,", &["http://a", "https://b:81"])]
        {
            let list = List::read(text, origin).expect(text);
            assert_eq!(List::items(&[list]), expected, "{text}");
        }
        assert!(List::read("10.0.0.0/8,", network).is_ok());
        assert!(List::read("10.0.0.0/8,nowhere", network).is_err());
    }
}
