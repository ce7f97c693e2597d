//! What connections hand their requests to: GraphQL, which most of them ask for, is answered without looking for a route.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
    http::{self, Method, Response, StatusCode, header},
};
use hyper::body::Incoming;
use tower::Service;

use super::{
    graphql,
    response::{Accepts, refusal},
};
use crate::app::App;

/// The service as connections see it. It answers as its router does.
#[derive(Clone)]
pub struct Front {
    inner: Arc<Inner>,
}

struct Inner {
    app: App,
    router: Router,
}

impl Front {
    /// The front of a service.
    pub fn new(app: App) -> Self {
        let router = app.clone().router();
        Self { inner: Arc::new(Inner { app, router }) }
    }

    /// Answers a request that came through a connection from an address.
    pub async fn answer(&self, address: SocketAddr, request: http::Request<Incoming>) -> Response<Body> {
        let app = &self.inner.app;
        if !names_one_host(&request) {
            return bad_host();
        }
        let is_sent = [Method::POST, Method::GET, Method::HEAD].contains(request.method());
        match request.uri().path() {
            "/public/graphql" if is_sent => {
                let (head, body) = request.into_parts();
                graphql::answer_anyone(app, address.ip(), (&head, body)).await
            }
            // Sockets are opened by way of the router.
            "/graphql" if is_sent && !request.headers().contains_key(header::UPGRADE) => {
                let (head, body) = request.into_parts();
                graphql::answer_client(app, (&head, body)).await
            }
            // On the heap, so that the others do not carry it.
            _ => Box::pin(self.find_route(address, request.map(Body::new))).await,
        }
    }

    /// Whether connections from an address are those of a proxy that is trusted.
    pub(super) fn is_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.inner.app.trusted_proxies().iter().any(|net| net.contains(&address))
    }

    /// Closes the sockets that are open, and waits for their end.
    pub async fn close_sockets(&self) {
        self.inner.app.sockets().close().await;
    }

    async fn find_route(&self, address: SocketAddr, mut request: Request) -> Response<Body> {
        request.extensions_mut().insert(ConnectInfo(address));
        let Ok(response) = self.inner.router.clone().call(request).await;
        response
    }
}

/// Whether a request names the host that it is for once, as HTTP/1.1 wants it (RFC 9112, 3.2): proxies in front of us may
/// have gone by another one.
fn names_one_host(request: &http::Request<Incoming>) -> bool {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    hosts == 1 || (hosts == 0 && request.version() < http::Version::HTTP_11)
}

fn bad_host() -> Response<Body> {
    let text = "A request names one `Host`.";
    refusal(Accepts::Anything, StatusCode::BAD_REQUEST, "BAD_REQUEST", text)
}
