//! Idempotency keys of uploads.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use futures_util::stream;
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    harness::{Answer, TestApp, send_to},
    idempotency::{a_page, is_replayed, remembered, request, submission},
    statistics::{day, is_sound},
};

fn upload(client: &str, key: &str, media_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/statistics")
        .header("authorization", format!("Bearer {client}"))
        .header("content-type", media_type)
        .header("idempotency-key", key)
        .body(body.into())
        .expect("a request")
}

async fn load(app: &TestApp, client: &str, key: &str, body: impl Into<Body>) -> Answer {
    app.send(upload(client, key, "text/csv", body)).await
}

/// A file with subscribers of one page on several days.
fn file(subscribers: u32) -> String {
    let rows: String = (1..=3).map(|ago| format!("vk,1,{},{subscribers}\n", day(ago))).collect();
    format!("platformCode,nativeId,day,subscribers\n{rows}")
}

#[tokio::test]
async fn a_file_that_is_sent_again_gets_the_first_response_on_every_server() {
    let (app, client) = a_page().await;
    let other = app.second().await;
    let first = load(&app, &client, "a", file(10)).await;
    assert_eq!((&first.json()["stored"], is_replayed(&first)), (&json!(3), false), "{:#}", first.json());
    for server in [app.router(), other] {
        let again = send_to(server, upload(&client, "a", "text/csv; charset=utf-8", file(10))).await;
        assert!(is_replayed(&again));
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        for name in ["registry-seq", "content-type"] {
            assert_eq!(again.header(name), first.header(name));
        }
    }
    assert_eq!(load(&app, &client, "b", file(10)).await.json()["duplicates"], 3);
    is_sound(&app).await;
}

#[tokio::test]
async fn another_file_with_a_used_key_is_refused_and_not_recorded() {
    let (app, client) = a_page().await;
    load(&app, &client, "a", file(10)).await;
    let seq = app.registry.snapshot().seq();
    let others = [
        upload(&client, "a", "text/csv", file(11)),
        upload(&client, "a", "text/csv", format!("{}\n", file(10))),
        upload(&client, "a", "application/x-ndjson", file(10)),
        request(&client, "a", &submission(10)),
    ];
    for other in others {
        let refused = app.send(other).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, "IDEMPOTENCY_MISMATCH".into())
        );
    }
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was written");
    let refused = load(&app, &client, "", file(10)).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
}

#[tokio::test]
async fn a_file_whose_rows_were_all_rejected_is_answered_as_before() {
    let (app, client) = a_page().await;
    let file = format!("platformCode,nativeId,day,views\nvk,404,{},1\n", day(1));
    for is_again in [false, true] {
        let rejected = load(&app, &client, "a", file.clone()).await;
        assert_eq!(
            (rejected.status, rejected.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, "ALL_ROWS_REJECTED".into())
        );
        assert_eq!(is_replayed(&rejected), is_again);
    }
}

#[tokio::test]
async fn a_file_that_was_cut_off_or_cannot_be_read_leaves_the_key_free() {
    let (app, client) = a_page().await;
    let begin = file(10).split_at(60).0.to_owned();
    let cut_off = [Ok(Bytes::from(begin)), Err(io::Error::other("gone"))];
    for body in [Body::from_stream(stream::iter(cut_off)), Body::from("day,viewers\n")] {
        let refused = load(&app, &client, "a", body).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
        assert_eq!(remembered(&app).await, 0);
    }
    let whole = load(&app, &client, "a", file(10)).await;
    assert_eq!((whole.status, is_replayed(&whole)), (StatusCode::OK, false));
    assert!(is_replayed(&load(&app, &client, "a", file(10)).await));
}

#[tokio::test]
async fn a_file_that_is_being_sent_is_in_progress() {
    let (app, client) = a_page().await;
    let (sender, received) = mpsc::channel::<Bytes>(1);
    let parts = stream::unfold(received, |mut received| async move {
        let part = received.recv().await?;
        Some((Ok::<_, io::Error>(part), received))
    });
    let whole = file(10);
    let (begin, end) = whole.split_at(60);
    let sending = upload(&client, "a", "text/csv", Body::from_stream(parts));
    let first = tokio::spawn(send_to(app.router(), sending));
    sender.send(Bytes::from(begin.to_owned())).await.expect("the body is read");
    while remembered(&app).await == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = load(&app, &client, "a", file(10)).await;
    assert_eq!((second.status, second.code()), (StatusCode::CONFLICT, "IDEMPOTENCY_IN_PROGRESS".into()));
    assert_eq!(second.header("retry-after"), "5");
    sender.send(Bytes::from(end.to_owned())).await.expect("the body is read");
    drop(sender);
    let first = first.await.expect("it runs");
    assert_eq!(first.json()["stored"], 3, "{:#}", first.json());
    let again = load(&app, &client, "a", file(10)).await;
    assert!(is_replayed(&again) && again.body == first.body);
}
