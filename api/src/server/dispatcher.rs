//! Entry point of requests: GraphQL paths are matched directly, other paths go to the router.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{self, Method, Response, header, request::Parts},
};
use hyper::body::Incoming;
use tower::Service;
use tracing::Instrument;

use super::unread_body::{self, LentBody};
use crate::{
    app::App,
    error_code::ErrorCode,
    http::graphql,
    pipeline::{request_error::RequestError, response::Accepts, trace},
    router::router,
};

/// Dispatches the requests of connections. Responses are the same as through the router alone.
#[derive(Clone)]
pub struct Dispatcher {
    inner: Arc<Inner>,
}

struct Inner {
    app: App,
    router: Router,
}

impl Dispatcher {
    /// A dispatcher over the program's state.
    pub fn new(app: App) -> Self {
        let router = router(app.clone());
        Self { inner: Arc::new(Inner { app, router }) }
    }

    /// Handles a request from a connection with this peer address, in the span of its trace.
    pub async fn answer(&self, address: SocketAddr, request: http::Request<Incoming>) -> Response<Body> {
        let span = trace::span(request.headers());
        self.dispatch(address, request).instrument(span).await
    }

    async fn dispatch(&self, address: SocketAddr, request: http::Request<Incoming>) -> Response<Body> {
        if !is_plain(&request) {
            // Where its body ends may be read differently by a proxy.
            return unread_body::close_after(bad_request());
        }
        let (head, body) = request.into_parts();
        let (body, remainder) = unread_body::lend(&head.headers, body);
        let response = self.respond(address, head, body).await;
        remainder.settle(response).await
    }

    async fn respond(&self, address: SocketAddr, head: Parts, body: LentBody) -> Response<Body> {
        let app = &self.inner.app;
        let is_sent = [Method::POST, Method::GET, Method::HEAD].contains(&head.method);
        match head.uri.path() {
            "/public/graphql" if is_sent => graphql::answer_anyone(app, address.ip(), (&head, body)).await,
            // WebSocket upgrades go through the router.
            "/graphql" if is_sent && !head.headers.contains_key(header::UPGRADE) => {
                graphql::answer_client(app, (&head, body)).await
            }
            // Boxed, so that the futures of GraphQL requests stay small.
            _ => Box::pin(self.find_route(address, Request::from_parts(head, Body::new(body)))).await,
        }
    }

    /// Whether an address is that of a trusted proxy.
    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.inner.app.settings().trusted_proxies.iter().any(|net| net.contains(&address))
    }

    /// Closes all WebSockets, and waits until they are closed.
    pub async fn close_sockets(&self) {
        self.inner.app.sockets().close().await;
    }

    async fn find_route(&self, address: SocketAddr, mut request: Request) -> Response<Body> {
        request.extensions_mut().insert(ConnectInfo(address));
        let Ok(response) = self.inner.router.clone().call(request).await;
        response
    }
}

/// Whether a request has exactly one valid `Host` header, as HTTP/1.1 requires (RFC 9112, 3.2), and no transfer coding but
/// `chunked`. With two hosts, a proxy in front of this server may have used the other one.
fn is_plain(request: &http::Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let names_one = match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host.as_bytes()),
        (None, _) => request.version() < http::Version::HTTP_11,
        (Some(_), Some(_)) => false,
    };
    let mut codings = request.headers().get_all(header::TRANSFER_ENCODING).iter();
    names_one && codings.all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
}

/// Whether the bytes consist of characters of a host with an optional port.
fn is_host(host: &[u8]) -> bool {
    let is_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%:[]!$&'()*+;=".contains(byte);
    !host.is_empty() && host.iter().all(is_of_host)
}

fn bad_request() -> Response<Body> {
    let text = "A request must have one valid `Host` header, and no `Transfer-Encoding` except `chunked`.";
    RequestError::new(ErrorCode::BadRequest, text).render(Accepts::Anything)
}
