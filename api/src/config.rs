//! Every setting: its flag, its environment variable, its default and what it means.

use std::net::SocketAddr;

use clap::Args;
use ipnet::IpNet;

use crate::{
    app::Settings,
    document::{Audiences, Limits},
    export::About,
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

    /// Other limits for everyone, such as `depth=14,cost=2000`; README lists them
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
    /// What the service is set up with.
    pub fn settings(&self) -> Settings {
        let defaults = Audiences::default();
        Settings {
            gateway_secret: self.gateway_secret.clone(),
            about: About { source: self.registry_name.clone(), licence: self.data_licence.clone() },
            audiences: Audiences {
                public: self.limits_public.clone().unwrap_or(defaults.public),
                partner: self.limits_partner.clone().unwrap_or(defaults.partner),
                internal: self.limits_internal.clone().unwrap_or(defaults.internal),
            },
            trusted_proxies: self.trusted_proxies.clone(),
        }
    }
}

/// A network, or the one address that stands for itself.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    net.map_err(|_| format!("`{text}` is no address and no network"))
}
