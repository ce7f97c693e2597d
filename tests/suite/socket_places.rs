//! How WebSockets are opened: limits on concurrent ones, by client.

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
    server::Connections,
};
use axum::http::StatusCode;
use registry::model::Scope;
use serde_json::json;
use tokio::time::timeout;

use super::{
    harness::{
        TestApp,
        served::{PATIENCE, serve},
        socket::{Received, Socket},
    },
    socket::{PROTOCOL, served},
};

#[tokio::test]
async fn a_socket_is_for_clients_alone_and_there_are_not_too_many() {
    let app = TestApp::start_with(Settings { max_sockets: 1, ..Settings::default() }).await;
    let served = serve(&app, Connections::default()).await;
    let key = app.key("follower", Scope::Read).await;
    let rejection = async |protocol, key| Socket::open(&served, protocol, key).await.err();
    assert_eq!(rejection(PROTOCOL, Some("guess")).await, Some(StatusCode::UNAUTHORIZED));
    assert_eq!(rejection("graphql-ws", Some(&key)).await, Some(StatusCode::BAD_REQUEST));
    let first = Socket::begin(&served, &key).await;
    assert_eq!(rejection(PROTOCOL, Some(&key)).await, Some(StatusCode::SERVICE_UNAVAILABLE));
    drop(first);
    let released = async {
        while rejection(PROTOCOL, Some(&key)).await.is_some() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, released).await.expect("there is room again");
}

#[tokio::test]
async fn a_client_has_at_most_twenty_sockets() {
    let (app, served, key) = served().await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Socket::begin(&served, &key).await);
    }
    let mut one_more = Socket::open(&served, PROTOCOL, Some(&key)).await.expect("a socket");
    one_more.send_json(&json!({ "type": "connection_init" })).await;
    assert_eq!(one_more.receive().await, Received::Closed(1013));
    let other = app.key("other", Scope::Read).await;
    Socket::begin(&served, &other).await;
}

#[tokio::test]
async fn sockets_without_a_key_leave_room_for_those_with_one() {
    let app = TestApp::start_with(Settings { max_sockets: 2, ..Settings::default() }).await;
    let served = serve(&app, Connections::default()).await;
    let key = app.key("follower", Scope::Read).await;
    let mut arriving = Vec::new();
    for _ in 0..16 {
        arriving.push(Socket::open(&served, PROTOCOL, None).await.expect("a socket"));
    }
    let more = Socket::open(&served, PROTOCOL, None).await.map(|_| ());
    assert_eq!(more, Err(StatusCode::SERVICE_UNAVAILABLE), "of one address there are no more");
    let _first = Socket::begin(&served, &key).await;
    // A socket opened without a key takes the last permit with its first message; the next one gets none.
    let init = json!({ "type": "connection_init", "payload": { "authorization": format!("Bearer {key}") } });
    let mut second = arriving.pop().expect("a socket");
    second.send_json(&init).await;
    assert_eq!(second.receive().await, Received::Message(json!({ "type": "connection_ack" })));
    let mut third = arriving.pop().expect("a socket");
    third.send_json(&init).await;
    assert!(matches!(third.receive().await, Received::Closed(_)));
}

#[tokio::test]
async fn nothing_long_is_read_before_a_key_was_sent_nor_without_points() {
    let (app, served, _) = served().await;
    let long = |kind: &str| json!({ "type": kind, "payload": vec![json!([]); 20_000] });
    for kind in ["connection_init", "ping"] {
        let mut socket = Socket::open(&served, PROTOCOL, None).await.expect("a socket");
        socket.send_json(&long(kind)).await;
        assert_eq!(socket.receive().await, Received::Closed(1009), "{kind}");
    }
    let limited = Limits::partner().with("points=20,per_second=1").expect("limits");
    let client_tiers = ClientTiers { partner: limited, ..ClientTiers::default() };
    let few = TestApp::start_with(Settings { client_tiers, ..Settings::default() }).await;
    let its = serve(&few, Connections::default()).await;
    let key = few.key("follower", Scope::Read).await;
    let mut socket = Socket::begin(&its, &key).await;
    for _ in 0..10 {
        socket.send_json(&long("ping")).await;
    }
    let received = async {
        loop {
            if let Received::Closed(code) = socket.receive().await {
                return code;
            }
        }
    };
    assert_eq!(timeout(PATIENCE, received).await, Ok(1013));
    drop(app);
}

#[tokio::test]
async fn ids_of_operations_are_short() {
    let (_app, served, key) = served().await;
    let mut socket = Socket::begin(&served, &key).await;
    socket.subscribe(&"i".repeat(251), "subscription { changes { seq } }", json!({})).await;
    assert_eq!(socket.receive().await, Received::Closed(4400));
}

#[tokio::test]
async fn a_socket_is_opened_once_the_sequence_number_that_it_requires_is_reached() {
    let (app, served, key) = served().await;
    let seq = app.registry.snapshot().seq();
    for (required, rejection) in [
        (seq.to_string(), None),
        ((seq + 100).to_string(), Some(StatusCode::SERVICE_UNAVAILABLE)),
        ("soon".to_owned(), Some(StatusCode::BAD_REQUEST)),
    ] {
        for key in [Some(key.as_str()), None] {
            let opened =
                Socket::open_with(&served, PROTOCOL, key, &[("registry-min-seq", required.as_str())]).await;
            assert_eq!(opened.err(), rejection, "{required}");
        }
    }
}
