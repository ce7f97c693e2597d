//! Who asks: an address behind the proxies that we trust, or a client, and what it may ask for.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header, request::Parts},
};
use ipnet::IpNet;

use super::{
    auth,
    response::{Accepts, refusal},
};
use crate::{
    app::App,
    document::Limits,
    rate::{Allowance, Asker, Standing, Throttled},
    snapshot::{Client, Scope, Viewer},
};

/// Who asks, and what it may ask for.
pub(super) struct Asking<'a> {
    pub(super) asker: Asker,
    pub(super) limits: &'a Limits,
    /// What the asker may see.
    pub(super) viewer: Viewer,
    audience: Audience,
}

/// Whose limits and whose schema are those of the asker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    Anyone,
    Partner,
    Internal,
    Gateway,
}

impl<'a> Asking<'a> {
    /// Anyone.
    pub(super) fn anyone(app: &'a App, head: &Parts) -> Self {
        let address = address(head, app.trusted_proxies());
        let limits = &app.audiences().public;
        Self { asker: Asker::at(address), limits, viewer: Viewer::Public, audience: Audience::Anyone }
    }

    /// A client with a key.
    pub(super) fn client(app: &'a App, client: &Arc<Client>) -> Self {
        let is_internal = client.scopes.contains(&Scope::Internal);
        let audiences = app.audiences();
        let (limits, audience) = if is_internal {
            (&audiences.internal, Audience::Internal)
        } else {
            (&audiences.partner, Audience::Partner)
        };
        Self { asker: Asker::Client(client.id), limits, viewer: auth::viewer(client), audience }
    }

    /// A federation router.
    pub(super) fn gateway(app: &'a App) -> Self {
        let limits = &app.audiences().internal;
        Self { asker: Asker::Gateway, limits, viewer: Viewer::Public, audience: Audience::Gateway }
    }

    /// Whether nobody in particular asks.
    pub(super) fn is_anyone(&self) -> bool {
        self.audience == Audience::Anyone
    }

    /// What tells apart those who may get different answers to the same question.
    pub(super) fn view(&self) -> [u8; 2] {
        [self.audience as u8, u8::from(self.viewer.is_reviewer())]
    }

    /// Takes points.
    ///
    /// # Errors
    /// When the asker has too few left.
    pub(super) async fn take(&self, app: &App, points: u64) -> Result<Standing, Throttled> {
        let allowance = self.allowance();
        // Whoever may ask for little may still ask for one thing at a time.
        app.rates().take(self.asker, allowance, points.min(allowance.points)).await
    }

    pub(super) fn allowance(&self) -> Allowance {
        Allowance { points: self.limits.points, per_second: self.limits.per_second }
    }
}

/// Address of the client: the last one that is not a proxy of ours.
fn address(head: &Parts, trusted: &[IpNet]) -> IpAddr {
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer =
        peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip()).to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let mut last = peer;
    for address in forwarded(&head.headers) {
        // What stands before a word that is no address was not written by a proxy of ours.
        let Some(address) = address else { return last };
        last = address;
        if !is_trusted(&address) {
            break;
        }
    }
    last
}

/// Addresses of `X-Forwarded-For`, the nearest first.
fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let values = headers.get_all("x-forwarded-for").iter().rev();
    values.flat_map(|value| {
        let words = value.to_str().unwrap_or("?").rsplit(',').map(|word| {
            let word = word.trim();
            let address = word.parse().or_else(|_| word.parse::<SocketAddr>().map(|it| it.ip()));
            address.ok().map(|address: IpAddr| address.to_canonical())
        });
        words.collect::<Vec<_>>()
    })
}

/// Refuses an asker that has too few points left.
pub(super) fn throttled(accepts: Accepts, throttled: &Throttled) -> Response<Body> {
    let seconds = throttled.retry_after.as_secs() + 1;
    let text = format!("You have asked for more than you may at once; try again in {seconds} s.");
    let mut response = refusal(accepts, StatusCode::TOO_MANY_REQUESTS, "THROTTLED", &text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    tell(&mut response, &throttled.standing);
    response
}

/// Tells in headers what is left: as the IETF's draft has it, and as clients know it from GitHub.
pub(super) fn tell(response: &mut Response<Body>, standing: &Standing) {
    let Standing { limit, per_second, remaining, reset_at, .. } = *standing;
    let seconds = (limit - remaining.min(limit)).div_ceil(per_second.max(1));
    let headers = response.headers_mut();
    let mut insert =
        |name: &'static str, value: HeaderValue| _ = headers.insert(HeaderName::from_static(name), value);
    let policy = format!("\"points\";q={limit};w={}", limit.div_ceil(per_second.max(1)));
    for (name, text) in
        [("ratelimit-policy", policy), ("ratelimit", format!("\"points\";r={remaining};t={seconds}"))]
    {
        HeaderValue::try_from(text).into_iter().for_each(|value| insert(name, value));
    }
    insert("x-ratelimit-limit", limit.into());
    insert("x-ratelimit-remaining", remaining.into());
    insert("x-ratelimit-reset", reset_at.timestamp().into());
}
