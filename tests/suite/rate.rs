//! Rate limits: they affect only the client that exceeds them.

use std::time::Duration;

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::json;

use super::harness::{Answer, TestApp};

fn limits(changes: &str) -> Settings {
    let public = Limits::public().with(changes).expect("limits");
    Settings {
        client_tiers: ClientTiers { public, ..ClientTiers::default() },
        trusted_proxies: vec![
            "0.0.0.0/32".parse().expect("a network"),
            "10.0.0.0/8".parse().expect("a network"),
        ],
        ..Settings::default()
    }
}

async fn from(app: &TestApp, forwarded: &str) -> Answer {
    from_with(app, forwarded, "{ __typename }").await
}

async fn from_with(app: &TestApp, forwarded: &str, query: &str) -> Answer {
    let request = Request::post("/public/graphql")
        .header("content-type", "application/json")
        .header("x-forwarded-for", forwarded)
        .body(Body::from(json!({ "query": query }).to_string()));
    app.send(request.expect("a request")).await
}

#[tokio::test]
async fn one_who_asks_too_often_waits_and_nobody_else_does() {
    let app = TestApp::start_with(limits("points=5,per_second=1")).await;
    for left in (0..5).rev() {
        let answer = from(&app, "192.0.2.1").await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (StatusCode::OK, left.to_string().as_str())
        );
        assert_eq!(answer.header("ratelimit-policy"), "\"points\";q=5;w=5");
    }
    let rejected = from(&app, "192.0.2.1").await;
    assert_eq!((rejected.status, rejected.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "THROTTLED"));
    assert_eq!((rejected.header("retry-after"), rejected.header("x-ratelimit-remaining")), ("1", "0"));
    // The same client by another form of its address, and through another trusted proxy.
    for same in [
        "::ffff:192.0.2.1",
        "203.0.113.9, 192.0.2.1",
        "192.0.2.1, 10.1.2.3",
        "192.0.2.1:4711",
        "nonsense, 192.0.2.1, 10.0.0.1",
    ] {
        assert_eq!(from(&app, same).await.status, StatusCode::TOO_MANY_REQUESTS, "{same}");
    }
    for other in ["192.0.2.2", "2001:db8::1", "192.0.2.1, 198.51.100.7"] {
        assert_eq!(from(&app, other).await.status, StatusCode::OK, "{other}");
    }
}

#[tokio::test]
async fn a_household_of_ipv6_is_one_asker() {
    let app = TestApp::start_with(limits("points=2,per_second=1")).await;
    for address in ["2001:db8::1", "2001:db8::ffff:2"] {
        assert_eq!(from(&app, address).await.status, StatusCode::OK);
    }
    assert_eq!(from(&app, "2001:db8::3").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from(&app, "2001:db8:0:1::1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn files_cost_points_as_answers_do() {
    let app = TestApp::start_with(limits("points=1200,per_second=1")).await;
    for (file, status) in [
        ("organizations.csv", StatusCode::OK),
        ("pages.csv", StatusCode::OK),
        ("pages.csv", StatusCode::TOO_MANY_REQUESTS),
        ("statistics.csv?from=2026-01-01&to=2026-01-02", StatusCode::TOO_MANY_REQUESTS),
    ] {
        let answer = app.get(&format!("/export/{file}"), &[]).await;
        assert_eq!(answer.status, status, "{file}");
    }
}

#[tokio::test]
async fn points_that_were_not_needed_come_back() {
    let app = TestApp::start_with(limits("points=1000,per_second=1")).await;
    let query = "{ pages(first: 50) { nodes { title } } rateLimit { limit perSecond cost remaining } }";
    for _ in 0..3 {
        let data = app.data(query, json!({})).await;
        let limit = &data["rateLimit"];
        assert_eq!((&limit["limit"], &limit["perSecond"]), (&json!(1000), &json!(1)));
        let (cost, remaining) =
            (limit["cost"].as_u64().expect("a cost"), limit["remaining"].as_u64().expect("a number"));
        assert!(cost > 10 && remaining > 1000 - cost - 20, "{data}");
    }
}

#[tokio::test]
async fn whoever_makes_more_work_than_points_pay_for_pays_by_time() {
    let settings = limits("points=10000,per_second=1");
    let app = TestApp::start_with(Settings { point_time: Some(Duration::from_micros(5)), ..settings }).await;
    let first = from(&app, "192.0.2.1").await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(
        first.json()["extensions"]["cost"]["actual"],
        1,
        "what it costs by its shape is reported as ever"
    );
    let mut asked = 1;
    while from_with(&app, "192.0.2.1", &format!("{{ a{asked}: __typename }}")).await.status == StatusCode::OK
    {
        asked += 1;
        assert!(asked < 50_000, "so many requests take more than 50 milliseconds");
    }
    assert_eq!(from(&app, "192.0.2.2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn reading_a_long_request_costs_points_whatever_it_asks_for() {
    let app = TestApp::start_with(limits("points=100,per_second=1")).await;
    let junk = |seed: usize| {
        let values: serde_json::Map<_, _> =
            (0..8_000).map(|number| (format!("k{seed}_{number}"), json!({}))).collect();
        json!({ "query": "{ __typename }", "variables": values })
    };
    let mut statuses = Vec::new();
    for seed in 0..12 {
        statuses.push(app.post("/public/graphql", None, &junk(seed)).await.status);
    }
    assert_eq!(statuses[0], StatusCode::OK);
    assert_eq!(statuses[11], StatusCode::TOO_MANY_REQUESTS, "{statuses:?}");
}
