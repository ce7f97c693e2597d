//! The root field of a subscription: it may be in fragments, and given in parts.

use serde_json::{Value, json};

use super::{
    harness::socket::{Received, Socket},
    socket::{native_ids, served},
};

const PAGE: &str = "subject { ... on Page { nativeId } }";

#[tokio::test]
async fn a_root_field_in_fragments_or_in_parts_is_followed_once() {
    let (app, served, key) = served().await;
    let school = app.organization("school-1", "School No. 1").await;
    let documents = [
        "{ changes(afterSeq: $seq) { seq nodes { kind PAGE } } }",
        "{ ... on Subscription { changes(afterSeq: $seq) { seq nodes { kind PAGE } } } }",
        "{ ... { ... { changes(afterSeq: $seq) { seq nodes { kind PAGE } } } } }",
        "{ ...F } fragment F on Subscription { ...G } fragment G on Subscription { changes(afterSeq: $seq) { seq nodes { kind PAGE } } }",
        "{ changes(afterSeq: $seq) { seq nodes { kind } } changes(afterSeq: $seq) { nodes { PAGE } } }",
        "{ changes(afterSeq: $seq) { seq } ...F } fragment F on Subscription { changes(afterSeq: $seq) { nodes { ...C } } }
         fragment C on Change { kind PAGE }",
    ];
    let mut number = 0;
    for document in documents {
        let query = format!("subscription($seq: SafeInt!) {}", document.replace("PAGE", PAGE));
        // The second time, the document is known.
        for _ in 0..2 {
            let mut socket = Socket::begin(&served, &key).await;
            socket.subscribe("a", &query, json!({ "seq": app.registry.snapshot().seq() })).await;
            for _ in 0..2 {
                number += 1;
                app.page(school, "vk", &number.to_string()).await;
                let data = socket.next("a").await;
                assert_eq!(native_ids(&data), [number.to_string()], "{query}");
                let keys: Vec<_> = data["changes"].as_object().expect("an object").keys().collect();
                assert_eq!(keys, ["seq", "nodes"], "{query}");
                assert!(data["changes"]["nodes"][0]["kind"].is_string(), "{query}: {data}");
            }
        }
    }
}

#[tokio::test]
async fn other_root_fields_are_refused_with_the_reason() {
    let (_app, served, key) = served().await;
    let mut socket = Socket::begin(&served, &key).await;
    for (number, (query, part)) in [
        ("subscription { __typename }", "introspection"),
        ("subscription { ... { __typename } }", "introspection"),
        ("subscription { __typename changes { seq } }", "exactly one root field"),
        ("subscription { changes { seq } ... { b: changes { seq } } }", "exactly one root field"),
        ("subscription { changes @include(if: true) { seq } }", "`@include`"),
        ("subscription($no: Boolean! = false) { ... @skip(if: $no) { changes { seq } } }", "`@skip`"),
        ("subscription { changes(first: 1) { seq } ... { changes(first: 2) { seq } } }", "conflict"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = number.to_string();
        socket.subscribe(&id, query, json!({})).await;
        let Received::Message(message) = socket.receive().await else { panic!("a message") };
        assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!(id)), "{query}: {message}");
        let errors = message["payload"].as_array().map_or(&[][..], Vec::as_slice);
        let [error] = errors else { panic!("{query}: {message}") };
        assert_eq!(error["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{query}");
        assert!(error["message"].as_str().is_some_and(|text| text.contains(part)), "{query}: {error}");
        assert_ne!(error["locations"], Value::Null, "{query}");
    }
}
