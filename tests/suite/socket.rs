//! Subscriptions: changes are sent at once, in log order, to clients that may see them.

use api::server::Connections;
use registry::model::Scope;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use super::harness::{
    TestApp,
    churn::generated,
    served::{PATIENCE, Served, serve},
    socket::{Received, Socket},
};

pub(super) const PROTOCOL: &str = "graphql-transport-ws";
const CHANGED: &str = "subscription($after: String, $filter: ChangeFilter, $first: Int! = 100) {
    changes(after: $after, filter: $filter, first: $first) {
        nodes { seq kind isRemoval subject { ... on Page { nativeId owner { code territory { code } } } } }
        pageInfo { endCursor } seq
    }
}";

pub(super) async fn served() -> (TestApp, Served, String) {
    let app = TestApp::start().await;
    let served = serve(&app, Connections::default()).await;
    let key = app.key("follower", Scope::Read).await;
    (app, served, key)
}

/// The same, after a sequence number.
fn after_seq(seq: i64) -> String {
    CHANGED.replace("after: $after", &format!("afterSeq: {seq}")).replace("$after: String, ", "")
}

pub(super) fn native_ids(data: &Value) -> Vec<&str> {
    let nodes = data["changes"]["nodes"].as_array().expect("nodes");
    nodes.iter().filter_map(|node| node["subject"]["nativeId"].as_str()).collect()
}

#[tokio::test]
async fn a_follower_receives_changes_and_continues_where_it_broke_off() {
    let (app, served, key) = served().await;
    let school = app.organization("school-1", "School No. 1").await;
    let mut socket = Socket::begin(&served, &key).await;
    socket.subscribe("a", &after_seq(app.registry.snapshot().seq()), json!({})).await;
    app.page(school, "vk", "1").await;
    let data = socket.next("a").await;
    assert_eq!(native_ids(&data), ["1"]);
    assert_eq!(data["changes"]["nodes"][0]["subject"]["owner"]["code"], "school-1");
    app.page(school, "vk", "2").await;
    assert_eq!(native_ids(&socket.next("a").await), ["2"]);

    let mut now = Socket::begin(&served, &key).await;
    now.subscribe("a", CHANGED, json!({})).await;
    let making = async {
        for number in 3.. {
            app.page(school, "vk", &number.to_string()).await;
        }
    };
    let current = tokio::select! {
        data = now.next("a") => data,
        () = making => panic!("pages are made for ever"),
    };
    assert!(
        native_ids(&current).iter().all(|id| !["1", "2"].contains(id)),
        "it begins with what comes: {current}"
    );

    let cursor = &data["changes"]["pageInfo"]["endCursor"];
    let mut resumed = Socket::begin(&served, &key).await;
    resumed.subscribe("a", CHANGED, json!({ "after": cursor })).await;
    assert_eq!(native_ids(&resumed.next("a").await).first(), Some(&"2"));
}

#[tokio::test]
async fn what_is_followed_is_what_the_change_feed_has() {
    let app = generated(60).await;
    let served = serve(&app, Connections::default()).await;
    let of_owners = json!({ "platforms": ["vk"], "subjects": ["PAGE"], "withOwners": true });
    for (name, scope, filter) in [
        ("reader", Scope::Read, Value::Null),
        ("reviewer", Scope::Review, Value::Null),
        ("reader of owners", Scope::Read, of_owners.clone()),
        ("reviewer of owners", Scope::Review, of_owners),
    ] {
        let key = app.key(name, scope).await;
        let end = app.registry.snapshot().seq();
        let query = CHANGED.replace("subscription", "query");
        let (mut listed, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "after": after, "first": 7, "filter": filter });
            let ask = json!({ "query": query, "variables": variables });
            let window = app.post("/graphql", Some(&key), &ask).await.json()["data"]["changes"].take();
            after = window["pageInfo"]["endCursor"].clone();
            listed.extend(window["nodes"].as_array().expect("nodes").clone());
            if window["seq"] == end {
                break;
            }
        }
        let mut socket = Socket::begin(&served, &key).await;
        socket.subscribe("all", &after_seq(0), json!({ "first": 7, "filter": filter })).await;
        let mut followed = Vec::new();
        while followed.len() < listed.len() {
            let window = socket.next("all").await["changes"].take();
            let nodes = window["nodes"].as_array().expect("nodes");
            assert!((1..=7).contains(&nodes.len()), "no window is empty");
            followed.extend(nodes.clone());
        }
        assert_eq!(followed, listed);
    }
}

#[tokio::test]
async fn a_follower_receives_nothing_that_it_did_not_ask_for() {
    let (app, served, key) = served().await;
    let school = app.organization("school-1", "School No. 1").await;
    let seq = app.registry.snapshot().seq();
    let mut socket = Socket::begin(&served, &key).await;
    let query = after_seq(seq);
    socket.subscribe("ok", &query, json!({ "filter": { "platforms": ["ok"] } })).await;
    app.page(school, "vk", "1").await;
    app.page(school, "ok", "2").await;
    assert_eq!(native_ids(&socket.next("ok").await), ["2"]);
    socket.send_json(&json!({ "type": "complete", "id": "ok" })).await;
    app.page(school, "ok", "3").await;
    socket.send_json(&json!({ "type": "ping" })).await;
    // Messages sent before the end may still arrive.
    let mut received = socket.receive().await;
    if matches!(&received, Received::Message(message) if message["type"] == "next") {
        received = socket.receive().await;
    }
    assert_eq!(received, Received::Message(json!({ "type": "pong" })));
    socket.subscribe("ok", &query, json!({ "filter": { "platforms": ["ok"] } })).await;
    assert_eq!(native_ids(&socket.next("ok").await).first(), Some(&"2"), "the id is free again");
}

#[tokio::test]
async fn a_window_costs_what_is_in_it() {
    let (app, served, key) = served().await;
    let school = app.organization("school-1", "School No. 1").await;
    let query = "subscription($seq: SafeInt!) { changes(afterSeq: $seq, first: 500) { nodes { seq kind } } }";
    let mut socket = Socket::begin(&served, &key).await;
    socket.subscribe("a", query, json!({ "seq": app.registry.snapshot().seq() })).await;
    app.page(school, "vk", "1").await;
    let Received::Message(message) = socket.receive().await else { panic!("a message") };
    // The expensive field itself, and 1.2 points for objects and values.
    assert_eq!(
        message["payload"]["extensions"]["cost"],
        json!({ "requested": 161, "actual": 11 }),
        "{message}"
    );
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_by_itself() {
    let (_, served, key) = served().await;
    let mut socket = Socket::begin(&served, &key).await;
    for (number, (query, code)) in [
        ("{ __typename }", "BAD_REQUEST"),
        ("mutation { __typename }", "BAD_REQUEST"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { changes(filter: { platforms: [\"nowhere\"] }) { seq } }", "BAD_USER_INPUT"),
        ("subscription { changes(first: 501) { seq } }", "BAD_USER_INPUT"),
        ("subscription { changes(after: \"x\") { seq } }", "INVALID_CURSOR"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = number.to_string();
        socket.subscribe(&id, query, json!({})).await;
        assert_eq!(socket.error(&id).await, code, "{query}");
    }
    socket.send_json(&json!({ "type": "subscribe", "id": "empty", "payload": {} })).await;
    assert_eq!(socket.error("empty").await, "BAD_REQUEST");
}

#[tokio::test]
async fn twenty_subscriptions_are_the_most_on_one_socket() {
    let (app, served, key) = served().await;
    let school = app.organization("school-1", "School No. 1").await;
    let seq = app.registry.snapshot().seq();
    let query = format!("subscription {{ changes(afterSeq: {seq}) {{ seq }} }}");
    let mut socket = Socket::begin(&served, &key).await;
    for number in 0..22 {
        socket.subscribe(&number.to_string(), &query, json!({})).await;
    }
    assert_eq!(socket.error("20").await, "SUBSCRIPTIONS_LIMIT");
    assert_eq!(socket.error("21").await, "SUBSCRIPTIONS_LIMIT");
    app.page(school, "vk", "1").await;
    let mut ids = Vec::new();
    for _ in 0..20 {
        let Received::Message(message) = socket.receive().await else { panic!("a message") };
        ids.push(message["id"].as_str().expect("an id").parse::<u8>().expect("a number"));
    }
    ids.sort_unstable();
    assert_eq!(ids, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn violations_of_the_protocol_close_with_a_code() {
    let (_, served, key) = served().await;
    let init = json!({ "type": "connection_init" }).to_string();
    let follow = json!({ "type": "subscribe", "id": "a", "payload": { "query": CHANGED } }).to_string();
    let with_key = |key: &str| {
        json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {key}") } })
            .to_string()
    };
    for (has_key, sent, code) in [
        (true, vec![Message::text(follow.clone())], 4401),
        (true, vec![Message::text(init.clone()), Message::text(init.clone())], 4429),
        (
            true,
            vec![Message::text(init.clone()), Message::text(follow.clone()), Message::text(follow.clone())],
            4409,
        ),
        (true, vec![Message::text("hello")], 4400),
        (true, vec![Message::text("{\"type\":\"start\"}")], 4400),
        (true, vec![Message::binary(init.clone())], 4400),
        (true, vec![Message::text("x".repeat(1 << 20))], 1009),
        (false, vec![Message::text(init.clone())], 4403),
        (false, vec![Message::text(with_key("guess"))], 4403),
        (false, vec![], 4408),
    ] {
        let description = format!("{sent:?}").chars().take(200).collect::<String>();
        let mut socket = Socket::open(&served, PROTOCOL, has_key.then_some(&*key)).await.expect("a socket");
        for message in sent {
            socket.send(message).await;
        }
        let mut received = socket.receive().await;
        if matches!(&received, Received::Message(message) if message["type"] == "connection_ack") {
            received = socket.receive().await;
        }
        assert_eq!(received, Received::Closed(code), "{description}");
    }
    let mut socket = Socket::open(&served, PROTOCOL, None).await.expect("a socket");
    socket.send(Message::text(with_key(&key))).await;
    assert_eq!(socket.receive().await, Received::Message(json!({ "type": "connection_ack" })));
}

#[tokio::test]
async fn a_key_that_is_taken_away_ends_what_its_client_follows() {
    let (app, served, key) = served().await;
    let mut socket = Socket::begin(&served, &key).await;
    let seq = app.registry.snapshot().seq();
    let query = format!("subscription {{ changes(afterSeq: {seq}) {{ nodes {{ kind }} }} }}");
    socket.subscribe("a", &query, json!({})).await;
    registry::api_client::revoke(&app.registry, "follower").await.expect("the key is revoked");
    let Received::Message(message) = socket.receive().await else { panic!("a message") };
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("a")));
    let error = &message["payload"][0];
    assert_eq!(error["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(error["locations"], Value::Null, "it has no position in the document: {error}");
}

#[tokio::test]
async fn a_server_that_stops_closes_its_sockets_with_a_code() {
    let (_, served, key) = served().await;
    let mut socket = Socket::begin(&served, &key).await;
    served.stop.send(()).expect("the server runs");
    assert_eq!(socket.receive().await, Received::Closed(1001));
    drop(socket);
    timeout(PATIENCE, served.serving).await.expect("the server ends").expect("it ends well");
}

#[tokio::test]
async fn a_subscription_has_one_field() {
    let (_app, served, key) = served().await;
    let mut socket = Socket::begin(&served, &key).await;
    let two = "subscription { changes { seq } others: changes { seq } }";
    let by_fragment =
        "subscription { ...both } fragment both on Subscription { changes { seq } b: changes { seq } }";
    for document in [two, by_fragment] {
        socket.subscribe("1", document, json!({})).await;
        assert_eq!(socket.error("1").await, "GRAPHQL_VALIDATION_FAILED", "{document}");
    }
}
