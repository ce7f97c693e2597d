//! Server: slow clients are disconnected, excess requests are rejected, browsers get CORS and security headers.

use std::{path::Path, time::Duration};

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
    server::Connections,
};
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use registry::model::Scope;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::harness::{
    TestApp, program,
    served::{PATIENCE, connect, converse, serve},
};

const SOON: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_request_is_answered_over_a_connection() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections::default()).await;
    let answer =
        converse(&mut connect(&served).await, "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            .await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("live\n"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_head_is_cut_off() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections { head: SOON, ..Connections::default() }).await;
    for begun in ["", "GET /livez HTTP/1.1\r\nhost: a\r\nx-slow: "] {
        let answer = converse(&mut connect(&served).await, begun).await;
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn an_idle_connection_of_a_trusted_proxy_stays_open() {
    let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    let app = TestApp::start_with(Settings { trusted_proxies, ..Settings::default() }).await;
    let served = serve(&app, Connections { head: SOON, ..Connections::default() }).await;
    let mut stream = connect(&served).await;
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("the request is sent");
    let mut answer = Vec::new();
    while !answer.ends_with(b"live\n") {
        let read = timeout(PATIENCE, stream.read_buf(&mut answer)).await.expect("an answer").expect("bytes");
        assert_ne!(read, 0, "the connection ended");
    }
    sleep(3 * SOON).await;
    let ask = "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    let answer = converse(&mut stream, ask).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_for_one_to_end() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections { most: 1, ..Connections::default() }).await;
    let mut first = connect(&served).await;
    let ask = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";
    first.write_all(ask.as_bytes()).await.expect("the request is sent");
    let mut byte = [0];
    timeout(PATIENCE, first.read_exact(&mut byte)).await.expect("an answer").expect("a byte");
    let mut second = connect(&served).await;
    second.write_all(ask.as_bytes()).await.expect("the request is sent");
    assert!(timeout(SOON, second.read_exact(&mut byte)).await.is_err(), "the second one waits");
    drop(first);
    timeout(PATIENCE, second.read_exact(&mut byte)).await.expect("an answer").expect("a byte");
}

#[tokio::test]
async fn a_server_that_is_stopped_ends_what_was_begun_and_takes_nothing_more() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections { stop: SOON, ..Connections::default() }).await;
    let mut idle = connect(&served).await;
    idle.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("the request is sent");
    let mut byte = [0];
    timeout(PATIENCE, idle.read_exact(&mut byte)).await.expect("an answer").expect("a byte");
    served.stop.send(()).expect("the server runs");
    timeout(PATIENCE, served.serving).await.expect("the server ends").expect("it ends well");
    assert!(TcpStream::connect(served.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_body_that_is_declared_too_long_is_refused_before_it_is_read() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections::default()).await;
    let head = "POST /public/graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 104857600\r\n\r\n";
    let answer = converse(&mut connect(&served).await, head).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("PAYLOAD_TOO_LARGE"), "{answer}");
}

#[tokio::test]
async fn a_request_beyond_what_may_wait_is_sent_away_and_livez_is_not() {
    let app = TestApp::start_with(Settings { max_requests: 1, ..Settings::default() }).await;
    let (ask, ask_other) =
        (json!({ "query": "{ __typename }" }), json!({ "query": "{ other: __typename }" }));
    let (one, other, live) = tokio::join!(
        app.post("/public/graphql", None, &ask),
        app.post("/public/graphql", None, &ask_other),
        app.get("/livez", &[])
    );
    assert_eq!((one.status, live.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!((other.status, other.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED"));
    assert_eq!(other.header("retry-after"), "1");
    assert_eq!(app.post("/public/graphql", None, &ask).await.status, StatusCode::OK, "there is room again");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let public = Limits { timeout: Duration::ZERO, ..Limits::public() };
    let client_tiers = ClientTiers { public, ..ClientTiers::default() };
    let app = TestApp::start_with(Settings { client_tiers, ..Settings::default() }).await;
    let school = app.organization("school-1", "School No. 1").await;
    app.page(school, "vk", "1").await;
    // Statistics are loaded with a short delay, batched with those of other requests.
    let waits =
        json!({ "query": "{ page(url: \"https://vk.com/club1\") { statistics { lastDay { from } } } }" });
    let answer = app.post("/public/graphql", None, &waits).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "TIMEOUT"));
    let key = app.key("partner", Scope::Read).await;
    let partners = app.post("/graphql", Some(&key), &waits).await;
    assert_eq!(partners.json()["data"], json!({ "page": { "statistics": { "lastDay": null } } }));
}

async fn preflight(app: &TestApp, path: &str, origin: &str) -> String {
    let request = Request::builder()
        .method(Method::OPTIONS)
        .uri(path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let answer = app.send(request.body(Body::empty()).expect("a request")).await;
    answer.header("access-control-allow-origin").to_owned()
}

#[tokio::test]
async fn pages_of_any_site_may_ask_what_is_public_and_those_of_named_ones_the_rest() {
    let here = "https://dashboard.example";
    let origins = vec![here.parse().expect("an origin")];
    let app = TestApp::start_with(Settings { origins, ..Settings::default() }).await;
    for (path, origin, allowed) in [
        ("/public/graphql", "https://anywhere.example", "*"),
        ("/graphql", here, here),
        ("/graphql", "https://anywhere.example", ""),
        ("/subgraph", here, ""),
    ] {
        assert_eq!(preflight(&app, path, origin).await, allowed, "{path} from {origin}");
    }
}

#[test]
fn what_is_no_origin_is_refused_at_the_start_with_what_to_write() {
    for (origins, hint) in [
        ("foo", "write https://HOST"),
        ("*", "write https://HOST"),
        ("https://*.b.example", "`https://*.b.example` is not an origin"),
        ("https://a.example,http://*", "`http://*` is not an origin"),
        ("localhost:3000", "write https://HOST"),
        ("https://a.example,https://b.example/", "as `https://b.example`"),
        ("https://A.example", "as `https://a.example`"),
        ("https://a.example:443", "as `https://a.example`"),
    ] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--cors-origins", origins];
        // The database does not exist: a list of real origins comes to that, and does not wait here.
        let output = program::run("sqlite:///nowhere/at/all.sqlite", Path::new("/"), &serve);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(hint), "{origins}: {text}");
    }
    for origins in ["https://a.example,http://localhost:3000", "https://a.example,", ""] {
        let mut serve = program::command("sqlite:///nowhere/at/all.sqlite", Path::new("/"));
        let output = serve.args(["serve", "--listen", "127.0.0.1:0"]).env("CORS_ORIGINS", origins).output();
        assert!(
            program::error(&output.expect("the program runs")).contains("there is no database"),
            "{origins}"
        );
    }
}

#[tokio::test]
async fn no_answer_runs_anything_or_is_taken_for_something_else() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/public/graphql?query=%7B__typename%7D",
        "/graphql",
        "/nowhere",
        "/readyz",
        "/export/pages.csv",
    ] {
        let answer = app.get(path, &[]).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("script-src"), "{path}: {policy}");
        assert_eq!(
            (answer.header("x-content-type-options"), answer.header("referrer-policy")),
            ("nosniff", "no-referrer"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_request_names_one_host_and_chunks_are_what_they_say() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections::default()).await;
    let post = "POST /public/graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\n\r\n";
    for (request, status) in [
        ("GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n".to_owned(), "400"),
        ("GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n".to_owned(), "400"),
        ("GET /livez HTTP/1.0\r\n\r\n".to_owned(), "200"),
        ("HEAD /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".to_owned(), "200"),
        (
            "HEAD /public/graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
                .to_owned(),
            "200",
        ),
        (format!("{post}zz\r\n{{}}\r\n0\r\n\r\n"), "400"),
        (format!("{post}5\r\n{{\"que\r\n"), "400"),
    ] {
        let mut stream = connect(&served).await;
        stream.write_all(request.as_bytes()).await.expect("the request is sent");
        // The response to a truncated body comes once nothing more can arrive.
        stream.shutdown().await.expect("nothing more is sent");
        let answer = converse(&mut stream, "").await;
        let actual = answer.split_whitespace().nth(1).unwrap_or_default();
        assert!(actual == status || (request.contains("que") && actual.is_empty()), "{request:?}: {answer}");
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        assert!(!request.starts_with("HEAD") || body.is_empty(), "{answer}");
    }
}
