//! Every setting: its flag, its environment variable, its default and what it means.

use std::net::SocketAddr;

use clap::Args;

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
}
