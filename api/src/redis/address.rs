//! Addresses of Redis: a single server, a cluster, or sentinels.

use std::{str::FromStr, sync::Arc, time::Duration};

use anyhow::{Context, Error, Result, anyhow, bail};
use redis::{
    Client, ConnectionAddr, IntoConnectionInfo, TlsMode,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cluster::ClusterClient,
    sentinel::{SentinelClient, SentinelClientBuilder, SentinelServerType},
};
use tokio::sync::Mutex;

use super::{TIMEOUT, connection::Link};

/// Timeout for connecting to one Redis server.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(200);
/// Timeout for topology discovery and the first response.
const LOOK_TIMEOUT: Duration = Duration::from_secs(2);
/// Default port of sentinels.
const SENTINEL_PORT: u16 = 26_379;
/// Errors on addresses that cannot be read: what to write.
const ONE: &str = "it is not a Redis address; write redis://HOST, or redis://USER:PASSWORD@HOST:PORT/DATABASE with a number for DATABASE";
const CLUSTER: &str = "it is not the address of a Redis cluster; write redis+cluster://HOST:PORT,HOST:PORT";
const SENTINEL: &str =
    "it is not an address of Redis sentinels; write redis+sentinel://HOST:PORT,HOST:PORT/NAME";

/// Address of Redis, with its client.
pub(super) enum Address {
    One(Box<Client>),
    Cluster(Box<ClusterClient>),
    Sentinels(Arc<Mutex<SentinelClient>>),
}

impl Address {
    /// Connects, and waits for the response to a `PING`.
    pub(super) async fn connect(&self) -> Result<Link> {
        tokio::time::timeout(LOOK_TIMEOUT, self.look()).await.context("it did not respond in time")?
    }

    async fn look(&self) -> Result<Link> {
        let mut link = match self {
            Self::One(client) => {
                let config = ConnectionManagerConfig::new()
                    .set_connection_timeout(Some(CONNECT_TIMEOUT))
                    // Callers have their own timeout.
                    .set_response_timeout(None)
                    .set_number_of_retries(1)
                    .set_max_delay(CONNECT_TIMEOUT);
                Link::One(ConnectionManager::new_with_config(Client::clone(client), config).await?)
            }
            Self::Cluster(client) => Link::Cluster(client.get_async_connection().await?),
            Self::Sentinels(client) => Link::Master(client.lock().await.get_async_connection().await?),
        };
        let () = redis::cmd("PING").query_async(&mut link).await?;
        Ok(link)
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Parses `redis://…`, `rediss://…`, `redis+unix://…` for a single server, `redis+cluster://A,B,…` for a cluster and
    /// `redis+sentinel://A,B,…/NAME` for the master of this name; `rediss+…` uses TLS for the last two.
    fn from_str(text: &str) -> Result<Self> {
        let (scheme, rest) = text.split_once("://").context("it is not a URL; write redis://HOST")?;
        let Some((plain, kind)) = scheme.split_once('+').filter(|(_, kind)| *kind != "unix") else {
            return Ok(Self::One(Client::open(text).map_err(|_| anyhow!(ONE))?.into()));
        };
        if !matches!(plain, "redis" | "rediss") {
            bail!("`{scheme}` is not a Redis scheme");
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) =
            authority.rsplit_once('@').map_or(("", authority), |(login, hosts)| (login, hosts));
        let at = if login.is_empty() { "" } else { "@" };
        let nodes: Vec<String> =
            hosts.split(',').map(|host| format!("{plain}://{login}{at}{host}")).collect();
        match kind {
            "cluster" => cluster(nodes),
            "sentinel" => sentinels(&nodes, path),
            _ => bail!("`{scheme}` is not a Redis scheme; use redis+cluster or redis+sentinel"),
        }
    }
}

fn cluster(nodes: Vec<String>) -> Result<Address> {
    let client = ClusterClient::builder(nodes)
        .connection_timeout(CONNECT_TIMEOUT)
        .response_timeout(TIMEOUT)
        .retries(1)
        .build()
        .map_err(|_| anyhow!(CLUSTER))?;
    Ok(Address::Cluster(client.into()))
}

fn sentinels(nodes: &[String], path: &str) -> Result<Address> {
    let (name, database) = path.split_once('/').unwrap_or((path, "0"));
    if name.is_empty() {
        bail!("the master name is missing: redis+sentinel://HOST,…/NAME");
    }
    let mut found = Vec::with_capacity(nodes.len());
    let mut login = (None, None);
    for node in nodes {
        let has_port = node.rsplit(['@', '/']).next().is_some_and(|host| host.contains(':'));
        let node = if has_port { node.clone() } else { format!("{node}:{SENTINEL_PORT}") };
        let info = node.as_str().into_connection_info().map_err(|_| anyhow!(SENTINEL))?;
        let settings = info.redis_settings();
        login = (settings.username().map(str::to_owned), settings.password().map(str::to_owned));
        found.push(info.addr().clone());
    }
    let is_secure = matches!(found.first(), Some(ConnectionAddr::TcpTls { .. }));
    let mut builder = SentinelClientBuilder::new(found, name, SentinelServerType::Master)?
        .set_client_to_redis_db(
            database.parse().map_err(|_| anyhow!("the database after the master name is not a number"))?,
        );
    if is_secure {
        builder = builder.set_client_to_redis_tls_mode(TlsMode::Secure);
    }
    if let (_, Some(password)) = &login {
        builder = builder.set_client_to_redis_password(password);
    }
    if let (Some(username), _) = &login {
        builder = builder.set_client_to_redis_username(username);
    }
    Ok(Address::Sentinels(Arc::new(Mutex::new(builder.build()?))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_address_is_refused_with_a_reason() {
        for (address, word) in [
            ("127.0.0.1:6379", "not a URL"),
            ("http://127.0.0.1", "not a Redis address"),
            ("redis+ring://a", "not a Redis scheme"),
            ("redis+sentinel://a:1,b:2", "name"),
            ("redis+sentinel://a:1/name/x", "number"),
            ("redis+cluster://a:port", "cluster"),
        ] {
            let error = address.parse::<Address>().map(|_| ()).expect_err(address);
            assert!(format!("{error:#}").contains(word), "{address}: {error:#}");
            assert!(!format!("{error:#}").contains("InvalidClientConfig"), "{address}: {error:#}");
        }
    }
}
