//! Clients of a router are known, and pay, before it plans their requests.

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use axum::http::StatusCode;
use registry::{api_client, model::Scope};
use serde_json::json;

use super::{
    coprocessor::{go_on, planned, refusal, refused},
    harness::{Answer, GATEWAY_SECRET, TestApp},
    limits::repeated,
};

#[tokio::test]
async fn clients_are_known_by_their_keys_before_anything_is_planned() {
    let app = TestApp::start().await;
    let (key, former) = (app.key("partner", Scope::Read).await, app.key("former", Scope::Read).await);
    api_client::revoke(&app.registry, "former").await.expect("the key is revoked");
    let bearer = |key: &str| format!("Bearer {key}");
    for wrong in [
        json!([bearer("reg_guess")]),
        json!([bearer(&former)]),
        json!([key]),
        json!([bearer(&key), bearer(&key)]),
    ] {
        let decision = planned(&app, json!({ "authorization": wrong }), "{ a }").await;
        assert_eq!(refused(&decision), refusal(401, "UNAUTHENTICATED"), "{wrong}");
        assert_eq!(decision["headers"]["www-authenticate"], "Bearer");
    }
    // More than one without a key may send.
    let list = format!("{{ a(b: [{}]) }}", "1 ".repeat(251));
    assert_eq!(planned(&app, json!({ "authorization": [bearer(&key)] }), &list).await, go_on());
    assert_eq!(refused(&planned(&app, json!({}), &list).await), refusal(400, "VARIABLES_LIMIT"));
}

/// Asks the subgraph as the router does after that.
async fn executed(app: &TestApp, address: &str) -> Answer {
    let secret = format!("Bearer {GATEWAY_SECRET}");
    let headers = [("authorization", &*secret), ("x-forwarded-for", address)];
    app.post_with("/subgraph", &headers, &json!({ "query": "{ __typename }" })).await
}

async fn with_points(points: u64) -> TestApp {
    let public = Limits { points, per_second: 1, ..Limits::public() };
    let client_tiers = ClientTiers { public, ..ClientTiers::default() };
    TestApp::start_with(Settings { client_tiers, ..Settings::default() }).await
}

#[tokio::test]
async fn a_client_pays_for_planning_and_for_what_is_read_out_of_one_bucket() {
    let app = with_points(1_000).await;
    // A point for the request, and one for each 7 of its 1,001 selections.
    let document = format!("{{ a {{ {} }} }}", repeated(1_000, |number| format!("f{number}")));
    assert_eq!(planned(&app, json!({}), &document).await, go_on());
    let read = executed(&app, "192.0.2.1").await;
    let left: u64 = read.header("x-ratelimit-remaining").parse().expect("a number of points");
    assert!(
        (855..867).contains(&left),
        "144 points for planning, 1 for reading, and some are restored: {left}"
    );
    assert_eq!(executed(&app, "192.0.2.2").await.header("x-ratelimit-remaining"), "999");
}

#[tokio::test]
async fn planning_is_paid_before_the_router_plans() {
    let document = format!("{{ a {{ {} }} }}", repeated(1_000, |number| format!("f{number}")));
    let app = with_points(200).await;
    assert_eq!(planned(&app, json!({}), &document).await, go_on());
    let decision = planned(&app, json!({}), &document).await;
    assert_eq!(refused(&decision), refusal(429, "THROTTLED"), "56 points are left of 200");
    assert_eq!(planned(&app, json!({}), "{ a }").await, go_on(), "and not taken");
    let other = json!({ "x-forwarded-for": ["192.0.2.2"] });
    assert_eq!(planned(&app, other, &document).await, go_on());
    // What costs more than a bucket holds is possible with a full one.
    let app = with_points(100).await;
    assert_eq!(planned(&app, json!({}), &document).await, go_on());
    assert_eq!(refused(&planned(&app, json!({}), &document).await), refusal(429, "THROTTLED"));
}

#[tokio::test]
async fn a_client_without_points_is_refused_before_its_document_is_read() {
    let app = with_points(25).await;
    for _ in 0..3 {
        assert_eq!(refused(&planned(&app, json!({}), "{ a").await), refusal(400, "GRAPHQL_PARSE_FAILED"));
    }
    for document in ["{ a", "{ a }"] {
        let decision = planned(&app, json!({}), document).await;
        assert_eq!(refused(&decision), refusal(429, "THROTTLED"), "{document}");
        let wait = decision["headers"]["retry-after"].as_str().and_then(|it| it.parse::<u64>().ok());
        assert!(wait.is_some_and(|seconds| (1..=10).contains(&seconds)), "{decision:#}");
    }
    assert_eq!(executed(&app, "192.0.2.1").await.status, StatusCode::TOO_MANY_REQUESTS);
    let other = planned(&app, json!({ "x-forwarded-for": ["192.0.2.1, 192.0.2.2"] }), "{ a }").await;
    assert_eq!(other, go_on());
}
