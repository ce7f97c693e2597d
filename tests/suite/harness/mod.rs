//! A registry of its own for every test.

pub mod behind;
pub mod churn;
pub mod copy;
pub mod database;
pub mod program;
pub mod redis;
pub mod seed;
pub mod served;
pub mod socket;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use api::{
    app::App,
    config::{gateway_secrets::GatewaySecrets, settings::Settings},
    document::{ClientTiers, Limits},
    router::router,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use registry::{
    api_client::{self, KeyTerms, NewClient, NewLimits},
    attribution::Attribution,
    author::Author,
    change_log::Registry,
    idempotency::WriteRequest,
    model::Scope,
    view::Viewer,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use database::TestDatabase;

/// Secret of federation routers in tests.
pub const GATEWAY_SECRET: &str = "a secret of the gateway";

/// A running service over an empty registry with the packs of two countries.
pub struct TestApp {
    pub registry: Registry,
    pub database: TestDatabase,
    /// Statements that were sent to the database to read.
    pub statements: Arc<AtomicUsize>,
    /// The application behind the router.
    pub app: App,
    router: Router,
    _snapshots: insta::internals::SettingsBindDropGuard,
}

/// An answer over HTTP.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("headers are text"))
    }

    /// Code of the first error; of a file that is CSV, it is at the beginning of a line of text.
    pub fn code(&self) -> String {
        if self.header("content-type").starts_with("text/plain") {
            let text = String::from_utf8_lossy(&self.body);
            return text.split(':').next().unwrap_or_default().to_owned();
        }
        self.json()["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Sends a request to one of several servers.
pub async fn send_to(server: Router, request: Request<Body>) -> Answer {
    let response = server.oneshot(request).await.expect("the router answers");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("the body ends").to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

impl TestApp {
    pub async fn start() -> Self {
        // Tests ask faster than anyone would.
        let public = Limits { points: u64::MAX, ..Limits::public() };
        let client_tiers = ClientTiers { public, ..ClientTiers::default() };
        Self::start_with(Settings { client_tiers, ..Settings::default() }).await
    }

    /// Starts a service that is set up in another way; the secret and the source are those of all tests.
    pub async fn start_with(settings: Settings) -> Self {
        Self::start_over(TestDatabase::create().await, settings).await
    }

    /// Starts a service over a database with tables.
    pub async fn start_over(database: TestDatabase, settings: Settings) -> Self {
        let mut connected = database.connect().await;
        let statements = Arc::new(AtomicUsize::new(0));
        let counted = statements.clone();
        connected.read.set_metric_callback(move |_| _ = counted.fetch_add(1, Ordering::Relaxed));
        let registry = Registry::open(connected).await.expect("the registry opens");
        let app = Self::app_over(&registry, settings);
        let router = router(app.clone());
        // Both databases answer to the same snapshots.
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        Self { registry, database, statements, app, router, _snapshots: settings.bind_to_scope() }
    }

    fn app_over(registry: &Registry, settings: Settings) -> App {
        let settings = Settings {
            gateway_secrets: GatewaySecrets::read(GATEWAY_SECRET).expect("a secret"),
            attribution: Attribution { source: "Test registry".into(), licence: "CC BY 4.0".into() },
            ..settings
        };
        App::new(registry.clone(), settings)
    }

    /// Goes on as a process that starts now, with what the database holds.
    pub async fn restart(&mut self) {
        self.registry = Registry::open(self.database.connect().await).await.expect("the registry opens");
        self.app = Self::app_over(&self.registry, Settings::default());
        self.router = router(self.app.clone());
    }

    /// A second server on the same database, which does not follow the log.
    pub async fn second(&self) -> Router {
        let registry = Registry::open(self.database.connect().await).await.expect("the registry opens");
        router(Self::app_over(&registry, Settings::default()))
    }

    /// Asks another server from now on.
    pub fn switch_to(&mut self, router: Router) {
        self.router = router;
    }

    /// Begins to keep the search index, and waits until it has all that was written.
    pub async fn search_is_ready(&self) {
        self.app.service().search().start(&self.registry);
        let seq = self.registry.snapshot().seq();
        self.app.service().search().reached(Viewer::Public, seq).await;
    }

    /// The same for the index of everything, which those who review ask.
    pub async fn search_of_reviewers_is_ready(&self) {
        self.app.service().search().start(&self.registry);
        self.app.service().search().reached(Viewer::Reviewer, self.registry.snapshot().seq()).await;
    }

    /// Number of responses from the cache in memory.
    pub fn memory_hits(&self) -> u64 {
        self.app.service().response_cache().counts().here.load(Ordering::Relaxed)
    }

    /// Number of executed responses that could be cached.
    pub fn executed(&self) -> u64 {
        self.app.service().response_cache().counts().misses.load(Ordering::Relaxed)
    }

    /// All routes of the service.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        send_to(self.router.clone(), request).await
    }

    /// Asks as anyone.
    pub async fn ask(&self, query: &str, variables: Value) -> Value {
        self.post("/public/graphql", None, &json!({ "query": query, "variables": variables })).await.json()
    }

    /// Asks as anyone, and expects data without errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut answer = self.ask(query, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// Asks with a bearer token.
    pub async fn post(&self, path: &str, bearer: Option<&str>, body: &Value) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// Asks with these headers.
    pub async fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// Sends a text as anyone.
    pub async fn send_json(&self, path: &str, text: &str) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(text.to_owned())).expect("a request")).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(Method::GET).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Reads a file that is streamed.
    ///
    /// # Errors
    /// When it breaks off.
    pub async fn file(&self, path: &str) -> Result<Vec<u8>, axum::Error> {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("the router answers");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        Ok(to_bytes(response.into_body(), usize::MAX).await?.to_vec())
    }

    pub async fn key(&self, name: &str, scope: Scope) -> String {
        api_client::create(&self.registry, name, vec![scope], None).await.expect("a key").key
    }

    /// A key of a new client with these scopes within limits.
    pub async fn key_within(&self, name: &str, scopes: &[Scope], limits: NewLimits) -> String {
        self.key_with(name, scopes, limits, KeyTerms::default()).await
    }

    /// The same, with what is set of the key.
    pub async fn key_with(&self, name: &str, scopes: &[Scope], limits: NewLimits, terms: KeyTerms) -> String {
        let input = NewClient { name: name.to_owned(), scopes: scopes.to_vec(), limits };
        let request = WriteRequest::new(Author::operator());
        let created = api_client::create_client_with_key(&self.registry, request, input, terms).await;
        created.expect("an outcome").expect("a client").key.expect("a key")
    }
}
