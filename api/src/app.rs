//! Application state: the GraphQL service, and what the other routes need.

use std::sync::Arc;

use registry::{api_client::KeyUse, change_log::Registry};

use crate::{
    config::settings::Settings,
    pipeline::{
        downloads::Downloads, key_lookups::KeyLookups, service::GraphqlService, socket_limits::SocketLimiter,
        transfers::TransferLimiter, uploads,
    },
};

/// Application state, shared by all routes. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    service: GraphqlService,
    sockets: SocketLimiter,
    uploads: TransferLimiter<i64>,
    downloads: Downloads,
    key_lookups: KeyLookups,
    key_use: KeyUse,
    settings: Arc<Settings>,
}

impl App {
    /// Builds the state over a registry.
    pub fn new(registry: Registry, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let inner = Inner {
            service: GraphqlService::new(registry, settings.clone()),
            sockets: SocketLimiter::new(settings.max_sockets),
            uploads: uploads::limiter(),
            downloads: Downloads::default(),
            key_lookups: KeyLookups::default(),
            key_use: KeyUse::default(),
            settings,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The GraphQL service.
    pub fn service(&self) -> &GraphqlService {
        &self.inner.service
    }

    /// The registry that is served.
    pub fn registry(&self) -> &Registry {
        self.service().registry()
    }

    /// Settings of the program.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Limiter of WebSocket connections.
    pub fn sockets(&self) -> &SocketLimiter {
        &self.inner.sockets
    }

    /// Limiter of concurrent downloads.
    pub fn downloads(&self) -> &Downloads {
        &self.inner.downloads
    }

    /// Look-ups of unknown keys.
    pub fn key_lookups(&self) -> &KeyLookups {
        &self.inner.key_lookups
    }

    /// Days on which keys were last used on this server.
    pub fn key_use(&self) -> &KeyUse {
        &self.inner.key_use
    }

    /// Limiter of concurrent streamed uploads, by id of the client.
    pub fn uploads(&self) -> &TransferLimiter<i64> {
        &self.inner.uploads
    }
}
