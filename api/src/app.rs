//! The program's state: the service that answers GraphQL requests, and what other routes need beside it.

use std::sync::Arc;

use registry::change_log::Registry;

use crate::{
    config::settings::Settings,
    pipeline::{
        connection_limits::SocketLimiter, downloads::Downloads, service::GraphqlService, uploads::Uploads,
    },
};

/// State that all routes share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    service: GraphqlService,
    sockets: SocketLimiter,
    uploads: Uploads,
    downloads: Downloads,
    settings: Arc<Settings>,
    gateway_secret: Option<blake3::Hash>,
}

impl App {
    /// Builds the state over a registry.
    pub fn new(registry: Registry, settings: Settings) -> Self {
        let settings = Arc::new(settings);
        let inner = Inner {
            service: GraphqlService::new(registry, settings.clone()),
            sockets: SocketLimiter::new(settings.max_sockets),
            uploads: Uploads::default(),
            downloads: Downloads::default(),
            gateway_secret: settings.gateway_secret.as_ref().map(|secret| blake3::hash(secret.as_bytes())),
            settings,
        };
        Self { inner: Arc::new(inner) }
    }

    /// Answers GraphQL requests.
    pub fn service(&self) -> &GraphqlService {
        &self.inner.service
    }

    /// The registry that is served.
    pub fn registry(&self) -> &Registry {
        self.service().registry()
    }

    /// How the program is set up.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Hash of the secret that federation routers send.
    pub fn gateway_secret(&self) -> Option<&blake3::Hash> {
        self.inner.gateway_secret.as_ref()
    }

    /// Sockets that clients follow subscriptions on.
    pub fn sockets(&self) -> &SocketLimiter {
        &self.inner.sockets
    }

    /// Room for files that clients are taking.
    pub fn downloads(&self) -> &Downloads {
        &self.inner.downloads
    }

    /// Room for bodies that are read as they come.
    pub fn uploads(&self) -> &Uploads {
        &self.inner.uploads
    }
}
