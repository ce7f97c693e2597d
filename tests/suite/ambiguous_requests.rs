//! Requests that can be read in two ways, or say what cannot be read, are refused with what to send.

use api::server::Connections;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use registry::model::Scope;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::harness::{
    Answer, GATEWAY_SECRET, TestApp,
    served::serve,
    socket::{Received, Socket},
};

const ASK: &str = r#"{"query":"{ __typename }"}"#;

/// Status and code of an answer, whose message has this text.
fn refused(answer: &Answer, text: &str) -> (u16, String) {
    let json = answer.json();
    assert!(json["errors"][0]["message"].as_str().is_some_and(|it| it.contains(text)), "{text}: {json:#}");
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn a_content_type_that_is_given_twice_is_refused_everywhere() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    for (path, bearer, types) in [
        ("/public/graphql", "", ["application/json", "text/plain"]),
        ("/public/graphql", "", ["application/json", "application/json"]),
        ("/graphql", key.as_str(), ["application/json", "text/plain"]),
        ("/coprocessor", GATEWAY_SECRET, ["application/json", "text/plain"]),
        ("/statistics", key.as_str(), ["text/csv", "application/x-ndjson"]),
    ] {
        let mut request = Request::post(path).header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        for media_type in types {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        let answer = app.send(request.body(Body::from(ASK)).expect("a request")).await;
        assert_eq!(refused(&answer, "`Content-Type` is given twice"), (400, "BAD_REQUEST".into()), "{path}");
    }
}

#[tokio::test]
async fn a_name_or_a_parameter_that_is_given_twice_is_refused() {
    let app = TestApp::start().await;
    for (body, name) in [
        (r#"{"query":"{ __typename }","query":"{ platforms { code } }"}"#, "query"),
        (r#"{"query":"{ __typename }","documentId":"a","documentId":"b"}"#, "documentId"),
        (r#"{"query":"{ __typename }","variables":{"a":1},"variables":{"a":2}}"#, "variables"),
        (r#"{"query":"query($a: Int) { __typename }","variables":{"a":1,"\u0061":2}}"#, "a"),
        (r#"{"query":"query($a: Int) { __typename }","variables":{"a":[{"b":1,"b":1}]}}"#, "b"),
    ] {
        let answer = app.send_json("/public/graphql", body).await;
        let text = format!("the name `{name}` occurs twice");
        assert_eq!(refused(&answer, &text), (400, "BAD_REQUEST".into()), "{body}");
    }
    for (query, text) in [
        ("query=%7B__typename%7D&query=%7Ba%7D", "`query` is given twice"),
        ("query=%7B__typename%7D&variables=%7B%7D&variables=%7B%7D", "`variables` is given twice"),
        ("query=%7B__typename%7D&variables=%7B%22a%22:1,%22a%22:2%7D", "the name `a` occurs twice"),
        ("query=%7B__typename%7D&operationName=a&operationName=", "`operationName` is given twice"),
    ] {
        let answer = app.get(&format!("/public/graphql?{query}"), &[]).await;
        assert_eq!(refused(&answer, text), (400, "BAD_REQUEST".into()), "{query}");
    }
    // Parameters of others are ignored, however often they are given.
    let answer = app.get("/public/graphql?query=%7B__typename%7D&utm=1&utm=2", &[]).await;
    assert_eq!(answer.json()["data"], json!({ "__typename": "Query" }));
}

#[tokio::test]
async fn a_message_of_a_socket_with_a_name_twice_ends_it() {
    let app = TestApp::start().await;
    let served = serve(&app, Connections::default()).await;
    let key = app.key("follower", Scope::Read).await;
    let mut socket = Socket::begin(&served, &key).await;
    let twice = r#"{"type":"subscribe","id":"a","payload":{"query":"{ __typename }","query":"{ a }"}}"#;
    socket.send(Message::text(twice)).await;
    assert_eq!(socket.receive().await, Received::Closed(4400));
}

#[tokio::test]
async fn rows_in_another_character_set_or_without_a_header_are_refused() {
    let app = TestApp::start().await;
    let key = app.key("all", Scope::Statistics).await;
    let send = async |media_type: &str| {
        let request = Request::post("/statistics")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, media_type);
        app.send(request.body(Body::from("pageId,day,views\n")).expect("a request")).await
    };
    let code = "UNSUPPORTED_MEDIA_TYPE";
    for media_type in [
        "text/csv; charset=utf-16",
        "text/csv; charset=windows-1251",
        "Text/CSV;Charset=\"UTF-16LE\"",
        "application/x-ndjson; charset=utf-16",
        "text/csv; charset=utf-8; charset=utf-16",
    ] {
        assert_eq!(refused(&send(media_type).await, "in UTF-8"), (415, code.into()), "{media_type}");
    }
    for media_type in ["text/csv; header=absent", "text/csv;charset=utf-8;Header=\"Absent\""] {
        assert_eq!(refused(&send(media_type).await, "header row"), (415, code.into()), "{media_type}");
    }
    assert_eq!(refused(&send("text/html").await, "text/csv"), (415, code.into()));
    for media_type in
        ["text/csv", "text/csv; charset=\"UTF-8\"; header=present", "text/csv; charset=us-ascii"]
    {
        assert_eq!(send(media_type).await.status, StatusCode::OK, "{media_type}");
    }
}

#[tokio::test]
async fn a_media_type_with_an_invalid_weight_is_not_accepted_by_it() {
    let app = TestApp::start().await;
    let status = async |accept: &str| {
        let headers = [("accept", accept)];
        app.post_with("/public/graphql", &headers, &json!({ "query": "{ __typename }" })).await.status
    };
    for accept in ["application/json;q=1.5", "application/json;q=abc", "*/*;q=-1", "application/json;q="] {
        assert_eq!(status(accept).await, StatusCode::NOT_ACCEPTABLE, "{accept}");
    }
    for accept in ["application/json;q=abc, */*;q=0.1", "application/json;q=0.5", "application/json;v=abc"] {
        assert_eq!(status(accept).await, StatusCode::OK, "{accept}");
    }
}

#[tokio::test]
async fn head_has_the_cors_headers_of_get() {
    let app = TestApp::start().await;
    for path in [
        "/public/graphql?query=%7B__typename%7D",
        "/public/graphql",
        "/public/schema.graphql",
        "/export/pages.csv",
        "/export/nothing.csv",
    ] {
        let get = app.get(path, &[]).await;
        let head = Request::builder().method(Method::HEAD).uri(path).body(Body::empty()).expect("a request");
        let head = app.send(head).await;
        for name in ["access-control-allow-origin", "access-control-expose-headers"] {
            assert!(!get.header(name).is_empty(), "{path}: {name}");
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}
