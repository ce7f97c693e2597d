//! The caller of a request: a client with a key, an address behind trusted proxies or a federation router, or such a router
//! itself; its limits and rights.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, request::Parts},
};
use ipnet::IpNet;
use registry::{
    api_client::AuthenticatedClient,
    model::{Client, Scope},
    view::Viewer,
};

use super::{rate_limit_headers::Policy, service::GraphqlService};
use crate::{
    document::Limits,
    rate_limit::{ClientKey, Quota, RateLimitStatus, Throttled},
    response_cache::Partition,
};

/// The caller of a request, with its limits and rights.
pub(crate) struct RequestContext<'a> {
    pub(crate) client_key: ClientKey,
    pub(crate) limits: &'a Limits,
    /// What the client may see.
    pub(crate) viewer: Viewer,
    /// Scopes of the client, as bits.
    scopes: u16,
    /// Rate limit headers of the client's tier.
    pub(crate) policy: &'a Policy,
    tier: Tier,
    /// Whether a federation router wrote the document.
    is_of_router: bool,
}

/// Client tier: selects limits and schema.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    Anyone,
    Partner,
    Internal,
    /// A federation router itself.
    Gateway,
}

impl<'a> RequestContext<'a> {
    /// Context of a request without a key, from a connection with this peer address.
    pub(crate) fn anyone(service: &'a GraphqlService, peer: IpAddr, head: &Parts) -> Self {
        let address = address(peer, &head.headers, service.trusted_proxies());
        Self::public(service, ClientKey::at(address), Tier::Anyone)
    }

    fn public(service: &'a GraphqlService, client_key: ClientKey, tier: Tier) -> Self {
        let (limits, policy) = (&service.client_tiers().public, &service.policies().public);
        Self { client_key, limits, viewer: Viewer::Public, scopes: 0, policy, tier, is_of_router: false }
    }

    /// Context of a request of a client with a key.
    pub(crate) fn client(service: &'a GraphqlService, client: &Client) -> Self {
        let is_internal = client.has(Scope::Internal);
        let (client_tiers, policies) = (service.client_tiers(), service.policies());
        let (limits, policy, tier) = if is_internal {
            (&client_tiers.internal, &policies.internal, Tier::Internal)
        } else {
            (&client_tiers.partner, &policies.partner, Tier::Partner)
        };
        Self {
            client_key: ClientKey::Client(client.id),
            limits,
            viewer: Viewer::from(client),
            scopes: client.scopes.iter().fold(0, |bits, scope| bits | scope.bit()),
            policy,
            tier,
            is_of_router: false,
        }
    }

    /// Context of a request that passed through a federation router: of the client whose credential the router passed on,
    /// or of the address that it passed on. Without either it is a request of the router itself, which may do no more than
    /// anyone: an address that was lost on the way must not give its client more.
    pub(crate) fn behind_router(
        service: &'a GraphqlService,
        client: Option<&AuthenticatedClient>,
        headers: &HeaderMap,
    ) -> Self {
        let Some(client) = client else {
            return match forwarded_address(headers, service.trusted_proxies()) {
                Some(address) => Self::public(service, ClientKey::at(address), Tier::Anyone),
                None => Self::public(service, ClientKey::Gateway, Tier::Gateway),
            };
        };
        Self::client(service, client)
    }

    /// The same for a document that the router wrote for its client.
    pub(crate) fn with_document_of_router(self, service: &'a GraphqlService) -> Self {
        let tiers = service.router_tiers();
        let limits = match self.tier {
            Tier::Anyone | Tier::Gateway => &tiers.public,
            Tier::Partner => &tiers.partner,
            Tier::Internal => &tiers.internal,
        };
        Self { limits, is_of_router: true, ..self }
    }

    /// Whether a federation router wrote the document, which therefore cannot be listed.
    pub(crate) fn is_of_router(&self) -> bool {
        self.is_of_router
    }

    /// Whether the request has no key.
    pub(crate) fn is_anyone(&self) -> bool {
        self.tier == Tier::Anyone
    }

    /// Partition of the response cache: callers in different partitions may get different responses to the same request.
    pub(crate) fn cache_partition(&self) -> Partition {
        let mut partition = Partition::default();
        // Routers have a schema of their own.
        partition[0] = self.tier as u8 | (u8::from(self.is_of_router) << 7);
        // Introspection shows what the scopes allow.
        partition[1..3].copy_from_slice(&self.scopes.to_le_bytes());
        if let Viewer::LimitedReviewer(reach) = self.viewer {
            let limits = [reach.platform_id, reach.organization_id, reach.territory_id];
            for (bytes, limit) in partition[3..].chunks_exact_mut(8).zip(limits) {
                // Ids begin at 1.
                bytes.copy_from_slice(&limit.unwrap_or_default().to_le_bytes());
            }
        }
        partition
    }

    /// Takes points, at most a full bucket.
    ///
    /// # Errors
    /// When the client has too few left.
    pub(crate) async fn take(
        &self,
        service: &GraphqlService,
        points: u64,
    ) -> Result<RateLimitStatus, Throttled> {
        let quota = self.quota();
        // A request that costs more than the bucket holds is still possible with a full bucket.
        service.rate_limiter().take(self.client_key, quota, points.min(quota.points)).await
    }

    /// Returns the points beyond what a response is worth, and its status after that.
    pub(crate) fn refund(
        &self,
        service: &GraphqlService,
        status: RateLimitStatus,
        worth: u64,
    ) -> RateLimitStatus {
        let unused = status.cost.saturating_sub(worth);
        service.rate_limiter().refund(self.client_key, self.quota(), unused);
        status.refunded(unused)
    }

    /// Takes points even if the client has fewer left.
    pub(crate) fn charge(&self, service: &GraphqlService, points: u64) {
        service.rate_limiter().charge(self.client_key, self.quota(), points);
    }

    pub(crate) fn quota(&self) -> Quota {
        Quota { points: self.limits.points, per_second: self.limits.per_second }
    }
}

/// Peer address of a routed request.
pub(crate) fn peer(head: &Parts) -> IpAddr {
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
}

/// Address of the client of a connection: that of the peer, unless it is a trusted proxy that forwarded one.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let forwarded = is_in(trusted, peer).then(|| forwarded_address(headers, trusted));
    forwarded.flatten().unwrap_or(peer)
}

/// The last forwarded address that is not a trusted proxy, in a request of one; `None` if it forwarded none.
fn forwarded_address(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let mut last = None;
    for address in forwarded(headers) {
        // Entries before an invalid one were not written by a trusted proxy.
        let Some(address) = address else { return last };
        last = Some(address);
        if !is_in(trusted, address) {
            break;
        }
    }
    last
}

fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

/// Addresses of `X-Forwarded-For`, nearest first; `None` for an invalid entry. Entries are read one by one: what a client has
/// sent in front of them may be any bytes.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let values = headers.get_all("x-forwarded-for").iter().rev();
    values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b',').map(entry))
}

fn entry(bytes: &[u8]) -> Option<IpAddr> {
    let word = std::str::from_utf8(bytes).ok()?.trim();
    let address = word.parse().or_else(|_| word.parse::<SocketAddr>().map(|it| it.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    /// The address that headers with these values, one in each line, forward behind proxies of 10.0.0.0/8.
    fn forwarded_by(values: &[u8]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values.split(|byte| *byte == b'\n') {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(value).expect("a value"));
        }
        let trusted: IpNet = "10.0.0.0/8".parse().expect("a network");
        forwarded_address(&headers, &[trusted]).map(|address| address.to_string())
    }

    #[test]
    fn bytes_that_are_no_text_hide_no_address_after_them() {
        for (values, address) in [
            (&b"\xff, 192.0.2.1"[..], Some("192.0.2.1")),
            (&b"\xff,192.0.2.1 , 10.0.0.1"[..], Some("192.0.2.1")),
            (&b"\xff\n192.0.2.1"[..], Some("192.0.2.1")),
            (&b"198.51.100.7\n\xff, 192.0.2.1:80"[..], Some("192.0.2.1")),
            (&b"\xff, 10.0.0.1"[..], Some("10.0.0.1")),
            (&b"192.0.2.1, \xff"[..], None),
            (&b"192.0.2.1\xff"[..], None),
            (&b"192.0.2.1\n"[..], None),
        ] {
            assert_eq!(forwarded_by(values).as_deref(), address, "{}", values.escape_ascii());
        }
        assert_eq!(forwarded_address(&HeaderMap::new(), &[]), None);
    }
}
