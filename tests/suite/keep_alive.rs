//! Connections stay open after requests that are answered before their bodies are read, or the responses say that they do not.

use std::time::{Duration, Instant};

use api::server::Connections;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use super::harness::{
    TestApp,
    served::{PATIENCE, Served, connect, serve},
};

/// Pause between the head and the body of a request, which some clients send in two segments.
const PAUSE: Duration = Duration::from_millis(50);
const LIVEZ: &str = "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n";

async fn served() -> (TestApp, Served) {
    let app = TestApp::start().await;
    let served = serve(&app, Connections::default()).await;
    (app, served)
}

/// Reads one response whose length is declared, in lower case.
async fn response(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            if body.len() >= length.map_or(0, |length| length.parse().expect("a length")) {
                return text;
            }
        }
        let mut byte = [0];
        let count = timeout(PATIENCE, stream.read(&mut byte)).await.expect("an answer").expect("a byte");
        assert_ne!(count, 0, "the connection ended: {text}");
        read.push(byte[0]);
    }
}

async fn send(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("it is sent");
}

/// Sends a request with a body of this length after a pause, and returns its response.
async fn request(stream: &mut TcpStream, line: &str, headers: &str, length: usize) -> String {
    send(stream, &format!("{line} HTTP/1.1\r\nhost: a\r\n{headers}content-length: {length}\r\n\r\n")).await;
    sleep(PAUSE).await;
    send(stream, &" ".repeat(length)).await;
    response(stream).await
}

#[tokio::test]
async fn a_request_that_is_answered_by_its_head_leaves_the_connection_open() {
    let (_app, served) = served().await;
    let mut stream = connect(&served).await;
    let json = "content-type: application/json\r\n";
    for (line, headers, status) in [
        ("POST /public/graphql", "accept: text/html\r\ncontent-type: application/json\r\n", "406"),
        ("POST /public/graphql", "content-type: text/plain\r\n", "415"),
        ("POST /public/graphql", "content-encoding: gzip\r\ncontent-type: application/json\r\n", "415"),
        ("POST /public/graphql", "registry-min-seq: soon\r\n", "400"),
        ("POST /public/graphql?x", json, "400"),
        ("PUT /public/graphql", json, "405"),
        ("POST /graphql", json, "401"),
        ("POST /subgraph", json, "401"),
        ("POST /coprocessor", json, "401"),
        ("POST /statistics", "content-type: text/csv\r\n", "401"),
        ("POST /nowhere", json, "404"),
        ("POST /livez", "", "405"),
        ("GET /livez", "", "200"),
    ] {
        let answer = request(&mut stream, line, headers, 40).await;
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{line} {headers}: {answer}");
        assert!(!answer.contains("connection: close"), "{line} {headers}: {answer}");
        send(&mut stream, LIVEZ).await;
        let next = response(&mut stream).await;
        assert!(next.starts_with("http/1.1 200") && next.ends_with("live\n"), "{line} {headers}: {next}");
    }
}

#[tokio::test]
async fn a_body_that_is_a_little_too_large_or_comes_in_chunks_is_discarded() {
    let (_app, served) = served().await;
    let mut stream = connect(&served).await;
    let json = "content-type: application/json\r\n";
    let answer = request(&mut stream, "POST /public/graphql", json, 300 << 10).await;
    assert!(answer.starts_with("http/1.1 413") && !answer.contains("connection: close"), "{answer}");
    send(&mut stream, "POST /nowhere HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n").await;
    sleep(PAUSE).await;
    send(&mut stream, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").await;
    let answer = response(&mut stream).await;
    assert!(answer.starts_with("http/1.1 404") && !answer.contains("connection: close"), "{answer}");
    send(&mut stream, LIVEZ).await;
    assert!(response(&mut stream).await.starts_with("http/1.1 200"));
}

#[tokio::test]
async fn a_body_that_is_not_waited_for_ends_the_connection_with_the_response() {
    let (_app, served) = served().await;
    let chunks = format!("{:x}\r\n{}\r\n", 600 << 10, " ".repeat(600 << 10));
    for (head, body, least, most) in [
        // Declared too long: answered at once.
        ("content-length: 1000000000\r\n\r\n", "", 0, 2_900),
        // Nothing or only a part of it arrives.
        ("content-length: 40\r\n\r\n", "", 2_900, 20_000),
        ("content-length: 40\r\n\r\n", "{", 2_900, 20_000),
        // Its length is not declared, and too long.
        ("transfer-encoding: chunked\r\n\r\n", chunks.as_str(), 0, 20_000),
        // The client waits for its answer before it sends the body.
        ("expect: 100-continue\r\ncontent-length: 40\r\n\r\n", "", 0, 2_900),
    ] {
        let mut stream = connect(&served).await;
        let begun = Instant::now();
        send(&mut stream, &format!("POST /nowhere HTTP/1.1\r\nhost: a\r\n{head}")).await;
        // The server may have closed the connection meanwhile.
        let _ = stream.write_all(body.as_bytes()).await;
        let answer = response(&mut stream).await;
        assert!(
            answer.starts_with("http/1.1 404") && answer.contains("connection: close"),
            "{head}: {answer}"
        );
        let took = begun.elapsed();
        let (least, most) = (Duration::from_millis(least), Duration::from_millis(most));
        assert!((least..most).contains(&took), "{head}: {took:?}");
        // A connection that is reset has ended, too.
        let end = timeout(PATIENCE, stream.read(&mut [0])).await.expect("the connection ends");
        assert!(!matches!(end, Ok(1..)), "{head}");
    }
}

#[tokio::test]
async fn a_request_whose_body_is_read_leaves_the_connection_open() {
    let (_app, served) = served().await;
    let mut stream = connect(&served).await;
    let body = r#"{"query":"{ __typename }"}"#;
    for _ in 0..3 {
        let head = "POST /public/graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
        send(&mut stream, &format!("{head}content-length: {}\r\n\r\n", body.len())).await;
        sleep(PAUSE).await;
        send(&mut stream, body).await;
        let answer = response(&mut stream).await;
        assert!(answer.starts_with("http/1.1 200") && !answer.contains("connection: close"), "{answer}");
    }
}
