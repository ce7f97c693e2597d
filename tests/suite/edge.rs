//! A shared cache (nginx) in front of the server, which goes by the response headers alone.

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use api::config::settings::Settings;
use entities::page::Lifecycle;
use registry::model::Scope;
use tempfile::TempDir;

use super::harness::{
    TestApp,
    redis::free_port,
    served::{PATIENCE, Served, converse, serve},
};

const PAGE: &str = "query=%7Bpage%28url%3A%22https%3A%2F%2Fvk.com%2Fclub1%22%29%7Btitle%7D%7D";
const RATE_LIMIT: &str = "query=%7BrateLimit%7Bremaining%7D%7D";

/// nginx that caches whatever it may, keyed by the URL alone and not by the client.
struct Edge {
    address: SocketAddr,
    process: Child,
    _directory: TempDir,
}

impl Edge {
    async fn before(origin: SocketAddr) -> Self {
        let directory = TempDir::new().expect("a directory");
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let settings = directory.path().join("nginx.conf");
        std::fs::write(&settings, configuration(directory.path(), address, origin)).expect("settings");
        let process = Command::new("nginx")
            .arg("-p")
            .arg(directory.path())
            .arg("-c")
            .arg(&settings)
            .args(["-e", "stderr"])
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed: `make test` sees to that");
        let edge = Self { address, process, _directory: directory };
        let answers = async {
            while tokio::net::TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, answers).await.expect("nginx answers");
        edge
    }

    /// Sends a request; returns the cache status, the HTTP status and the whole response.
    async fn ask(&self, path: &str, headers: &str) -> (String, u16, String) {
        let mut stream = tokio::net::TcpStream::connect(self.address).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{headers}\r\n");
        let answer = converse(&mut stream, &request).await;
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let cache = answer.lines().find_map(|line| line.strip_prefix("X-Cache: ")).unwrap_or("-");
        (cache.trim().to_owned(), status, answer)
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let process = self.process.id().to_string();
        // The workers end with the master only if it is told to stop.
        let _ = Command::new("kill").args(["-TERM", &process]).status();
        let _ = self.process.wait();
    }
}

fn configuration(directory: &Path, address: SocketAddr, origin: SocketAddr) -> String {
    let directory = directory.display();
    format!(
        "user root;\ndaemon off;\nworker_processes 1;\npid {directory}/pid;\nevents {{ worker_connections 64; }}\n\
         http {{\n access_log off;\n client_body_temp_path {directory}/body;\n proxy_temp_path {directory}/proxy;\n\
         fastcgi_temp_path {directory}/f;\n uwsgi_temp_path {directory}/u;\n scgi_temp_path {directory}/s;\n\
         proxy_cache_path {directory}/cache keys_zone=kept:1m inactive=1h;\n\
         server {{\n listen {address};\n location / {{\n proxy_pass http://{origin};\n proxy_cache kept;\n\
         proxy_cache_key $request_uri;\n proxy_cache_use_stale error timeout http_503;\n\
         proxy_http_version 1.1;\n proxy_set_header Connection \"\";\n\
         add_header X-Cache $upstream_cache_status always;\n }} }} }}\n"
    )
}

async fn a_page_behind(edge_settings: Settings) -> (TestApp, i64, Served, Edge) {
    let app = TestApp::start_with(edge_settings).await;
    let school = app.organization("school-1", "School No. 1").await;
    let page = app.page(school, "vk", "1").await;
    let served = serve(&app, Default::default()).await;
    let edge = Edge::before(served.address).await;
    (app, page, served, edge)
}

#[tokio::test]
async fn a_public_answer_is_cached_and_a_private_one_never_is() {
    let (app, page, _served, edge) = a_page_behind(Settings::default()).await;
    let public = format!("/public/graphql?{PAGE}");
    let (first, ..) = edge.ask(&public, "").await;
    let (second, status, answer) = edge.ask(&public, "").await;
    assert_eq!((&*first, &*second, status), ("MISS", "HIT", 200));
    assert!(answer.contains("\"title\":\"1\""), "{answer}");
    // Media types are cached separately.
    let (other, _, answer) = edge.ask(&public, "accept: application/graphql-response+json\r\n").await;
    assert_eq!(other, "MISS");
    assert!(answer.contains("application/graphql-response+json"));

    // Nobody else gets a reviewer's response.
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Archived).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    let reviewer = app.key("reviewer", Scope::Review).await;
    let partner = app.key("partner", Scope::Read).await;
    let private = format!("/graphql?{PAGE}");
    for _ in 0..2 {
        let (cache, status, answer) =
            edge.ask(&private, &format!("authorization: Bearer {reviewer}\r\n")).await;
        assert_eq!((&*cache, status), ("MISS", 200));
        assert!(answer.contains("\"title\":\"1\""), "{answer}");
        let (cache, status, answer) =
            edge.ask(&private, &format!("authorization: Bearer {partner}\r\n")).await;
        assert_eq!((&*cache, status), ("MISS", 200));
        assert!(answer.contains("\"page\":null"), "{answer}");
        let (cache, status, _) = edge.ask(&private, "").await;
        assert_eq!((&*cache, status), ("MISS", 401));
    }
}

#[tokio::test]
async fn answers_about_one_client_and_refusals_are_not_cached_for_others() {
    let (_app, _, _served, edge) = a_page_behind(Settings::default()).await;
    for query in
        [RATE_LIMIT, "query=%7B", "query=%7Bpages%28first%3A0%29%7BtotalCount%7D%7D", "documentId=none"]
    {
        for _ in 0..2 {
            let (cache, _, answer) = edge.ask(&format!("/public/graphql?{query}"), "").await;
            assert_eq!(cache, "MISS", "{query}: {answer}");
        }
    }
}

#[tokio::test]
async fn while_the_server_is_away_cached_answers_are_still_sent() {
    let (_app, _, served, edge) = a_page_behind(Settings { public_max_age: 1, ..Settings::default() }).await;
    let public = format!("/public/graphql?{PAGE}");
    let (first, _, cached) = edge.ask(&public, "").await;
    assert_eq!(first, "MISS");
    served.stop.send(()).expect("the server runs");
    served.serving.await.expect("the server ends");
    let stale = async {
        loop {
            let (cache, status, answer) = edge.ask(&public, "").await;
            assert_eq!(status, 200, "{answer}");
            if cache == "STALE" {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let answer = tokio::time::timeout(PATIENCE, stale).await.expect("it is stale in the end");
    assert_eq!(answer.split("\r\n\r\n").nth(1), cached.split("\r\n\r\n").nth(1));
}
