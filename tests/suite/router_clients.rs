//! Clients behind a federation router have the rights, limits and points that they have without it.

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use axum::http::StatusCode;
use entities::page::Lifecycle;
use registry::{api_client, model::Scope};
use serde_json::{Value, json};

use super::harness::{Answer, GATEWAY_SECRET, TestApp};

/// A page that only reviewers see, and a digest, which costs 50 points.
const HIDDEN: &str =
    "{ page(url: \"https://vk.com/club1\") { lifecycle } registryDigest { pages { count } } }";
/// The same page by its key.
const ENTITY: &str =
    "{ _entities(representations: [{ __typename: \"Page\", platformCode: \"vk\", nativeId: \"1\" }]) {
    ... on Page { lifecycle }
} }";
/// Some 100 and 150 points.
const DEAR: [&str; 2] = [
    "{ a: registryDigest { pages { count } } b: registryDigest { pages { count } } }",
    "{ a: registryDigest { pages { count } } b: registryDigest { pages { count } } c: registryDigest { pages { count } } }",
];

/// Little time and few points, so that limits differ.
fn limits() -> Settings {
    let of = |limits: Limits, changes: &str| limits.with(changes).expect("limits");
    let client_tiers = ClientTiers {
        public: of(Limits::public(), "cost=80,points=1000,per_second=1"),
        partner: of(Limits::partner(), "cost=120,points=2000,per_second=1"),
        internal: of(Limits::internal(), "cost=500,points=3000,per_second=1"),
    };
    behind_proxies(client_tiers)
}

fn behind_proxies(client_tiers: ClientTiers) -> Settings {
    Settings {
        client_tiers,
        trusted_proxies: vec![
            "0.0.0.0/32".parse().expect("a network"),
            "10.0.0.0/8".parse().expect("a network"),
        ],
        ..Settings::default()
    }
}

/// Asks as a router for a client, with headers that it passes on.
async fn routed(app: &TestApp, passed: &[(&str, &str)], query: &str) -> Answer {
    let secret = format!("Bearer {GATEWAY_SECRET}");
    let headers: Vec<_> = [("authorization", &*secret)].into_iter().chain(passed.iter().copied()).collect();
    app.post_with("/subgraph", &headers, &json!({ "query": query })).await
}

async fn with_key(app: &TestApp, key: &str, query: &str) -> Answer {
    routed(app, &[("x-registry-authorization", &format!("Bearer {key}"))], query).await
}

/// A registry with a page under review.
async fn reviewed(settings: Settings) -> TestApp {
    let app = TestApp::start_with(settings).await;
    let school = app.organization("school-1", "School No. 1").await;
    let page = app.page(school, "vk", "1").await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    app
}

/// What a response tells about the rights and limits of its client.
fn told(answer: &Answer) -> (Value, Value, Value, String) {
    let json = answer.json();
    let extensions = &json["errors"][0]["extensions"];
    let cost = json["extensions"]["cost"].clone();
    (json["data"].clone(), extensions.clone(), cost, answer.header("ratelimit-policy").to_owned())
}

fn remaining(answer: &Answer) -> u64 {
    answer.header("x-ratelimit-remaining").parse().expect("a number of points")
}

#[tokio::test]
async fn each_role_has_the_same_rights_limits_and_points_with_and_without_a_router() {
    let app = reviewed(limits()).await;
    for (name, scopes, platform) in [
        ("reader", vec![Scope::Read], None),
        ("reviewer", vec![Scope::Read, Scope::Review], None),
        ("statistician", vec![Scope::Statistics], None),
        ("platform", vec![Scope::Statistics], Some("vk")),
        ("rater", vec![Scope::Ratings], None),
        ("dashboard", vec![Scope::Internal], None),
        ("inner reviewer", vec![Scope::Review, Scope::Internal], None),
    ] {
        let (is_reviewer, is_internal) = (scopes.contains(&Scope::Review), scopes.contains(&Scope::Internal));
        let key = api_client::create(&app.registry, name, scopes, platform).await.expect("a key").key;
        let alone = app.post("/graphql", Some(&key), &json!({ "query": HIDDEN })).await;
        let behind = with_key(&app, &key, HIDDEN).await;
        assert_eq!(told(&behind), told(&alone), "{name}");
        let page = if is_reviewer { json!({ "lifecycle": "UNDER_REVIEW" }) } else { Value::Null };
        assert_eq!(behind.json()["data"]["page"], page, "{name}");
        assert_eq!(with_key(&app, &key, ENTITY).await.json()["data"]["_entities"], json!([page]), "{name}");
        // The digest, which costs 50 points, was paid from one bucket each time.
        assert!(remaining(&behind) + 40 < remaining(&alone), "{name}");
        let policy = if is_internal { "\"points\";q=3000;w=3000" } else { "\"points\";q=2000;w=2000" };
        assert_eq!(behind.header("ratelimit-policy"), policy, "{name}");
        for (query, is_accepted) in DEAR.iter().zip([true, is_internal]) {
            let alone = app.post("/graphql", Some(&key), &json!({ "query": query })).await;
            let behind = with_key(&app, &key, query).await;
            assert_eq!(told(&behind), told(&alone), "{name}");
            assert_eq!(behind.code(), if is_accepted { "" } else { "COST_LIMIT" }, "{name}");
        }
    }
}

#[tokio::test]
async fn a_client_without_a_key_is_anyone() {
    let app = reviewed(limits()).await;
    let address = [("x-forwarded-for", "192.0.2.1")];
    for query in [HIDDEN, DEAR[0]] {
        let alone = app.post_with("/public/graphql", &address, &json!({ "query": query })).await;
        let behind = routed(&app, &address, query).await;
        assert_eq!(told(&behind), told(&alone));
    }
    let entity = routed(&app, &address, ENTITY).await;
    assert_eq!(entity.json()["data"], json!({ "_entities": [null] }));
    assert_eq!(entity.header("ratelimit-policy"), "\"points\";q=1000;w=1000");
    assert_eq!(routed(&app, &address, DEAR[0]).await.json()["errors"][0]["extensions"]["limit"], 80);
    // A router itself may do no more.
    let itself = routed(&app, &[], ENTITY).await;
    assert_eq!(told(&itself), told(&entity));
    assert_eq!(routed(&app, &[], DEAR[0]).await.code(), "COST_LIMIT");
}

#[tokio::test]
async fn a_wrong_credential_is_an_error_and_never_taken_for_none() {
    let app = reviewed(limits()).await;
    let (valid, revoked) = (app.key("partner", Scope::Read).await, app.key("former", Scope::Review).await);
    api_client::revoke(&app.registry, "former").await.expect("the key is revoked");
    let bearer = |key: &str| format!("Bearer {key}");
    for wrong in [
        bearer("reg_guess"),
        bearer(&revoked),
        bearer(""),
        valid.clone(),
        format!("Basic {valid}"),
        String::new(),
    ] {
        let answer = routed(&app, &[("x-registry-authorization", &wrong)], HIDDEN).await;
        assert_eq!(
            (answer.status, &*answer.code()),
            (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED"),
            "{wrong}"
        );
        assert_eq!(answer.json().get("data"), None, "{wrong}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let one = bearer(&valid);
    let twice = [("x-registry-authorization", &*one); 2];
    assert_eq!(routed(&app, &twice, HIDDEN).await.status, StatusCode::UNAUTHORIZED, "which one is meant?");
    assert_eq!(with_key(&app, &valid, HIDDEN).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_passed_credential_counts_only_with_the_secret_of_routers() {
    let app = reviewed(limits()).await;
    let key = format!("Bearer {}", app.key("reviewer", Scope::Review).await);
    let body = json!({ "query": HIDDEN });
    let passed = ("x-registry-authorization", &*key);
    let public = app.post_with("/public/graphql", &[passed], &body).await;
    assert_eq!(public.json()["data"]["page"], Value::Null, "the header means nothing elsewhere");
    assert_eq!(app.post_with("/graphql", &[passed], &body).await.status, StatusCode::UNAUTHORIZED);
    for headers in [&[passed][..], &[("authorization", &*key)], &[("authorization", "Bearer guess"), passed]]
    {
        assert_eq!(app.post_with("/subgraph", headers, &body).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn what_a_reviewer_got_through_a_router_is_kept_for_reviewers() {
    let app = reviewed(Settings::default()).await;
    let (reviewer, partner) =
        (app.key("reviewer", Scope::Review).await, app.key("partner", Scope::Read).await);
    for _ in 0..2 {
        let seen = with_key(&app, &reviewer, HIDDEN).await;
        assert_eq!(seen.json()["data"]["page"]["lifecycle"], "UNDER_REVIEW");
        assert_eq!(seen.header("cache-control"), "private, no-cache");
        let vary: Vec<_> = seen.headers.get_all("vary").iter().filter_map(|it| it.to_str().ok()).collect();
        assert!(vary.join(", ").contains("X-Registry-Authorization"), "{vary:?}");
        assert!(seen.header("registry-seq").parse::<u64>().is_ok_and(|seq| seq > 0));
        let others = [
            with_key(&app, &partner, HIDDEN).await,
            routed(&app, &[("x-forwarded-for", "192.0.2.1")], HIDDEN).await,
            routed(&app, &[], HIDDEN).await,
        ];
        for other in others {
            assert_eq!(other.json()["data"]["page"], Value::Null);
        }
    }
    assert!(app.memory_hits() > 0, "the second responses are from the cache");
}

#[tokio::test]
async fn a_router_passes_on_the_address_of_its_client_over_several_hops() {
    // Enough for one digest.
    let public = Limits::public().with("points=60,per_second=1").expect("limits");
    let app = TestApp::start_with(behind_proxies(ClientTiers { public, ..ClientTiers::default() })).await;
    let digest = "{ registryDigest { pages { count } } }";
    let from = async |address: &str| routed(&app, &[("x-forwarded-for", address)], digest).await.status;
    assert_eq!(from("192.0.2.1").await, StatusCode::OK);
    for same in [
        "::ffff:192.0.2.1",
        "203.0.113.9, 192.0.2.1",
        "192.0.2.1, 10.1.2.3",
        "192.0.2.1:4711",
        "nonsense, 192.0.2.1, 10.0.0.1",
    ] {
        assert_eq!(from(same).await, StatusCode::TOO_MANY_REQUESTS, "{same}");
    }
    let (address, body) = ([("x-forwarded-for", "192.0.2.1")], json!({ "query": digest }));
    let direct = app.post_with("/public/graphql", &address, &body).await;
    assert_eq!(direct.status, StatusCode::TOO_MANY_REQUESTS, "an address has one bucket");
    for other in ["192.0.2.2", "192.0.2.1, 198.51.100.7", "2001:db8::1"] {
        assert_eq!(from(other).await, StatusCode::OK, "{other}");
    }
    assert_eq!(from("2001:db8::ffff:3").await, StatusCode::TOO_MANY_REQUESTS, "the network of 64 bits");
    assert_eq!(from("2001:db8:0:1::1").await, StatusCode::OK);
    // Without an address, and with one that cannot be read, it is the bucket of routers.
    assert_eq!(from("nonsense").await, StatusCode::OK);
    assert_eq!(from("192.0.2.9, nonsense").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(routed(&app, &[], digest).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from("192.0.2.9").await, StatusCode::OK);
}

#[tokio::test]
async fn a_document_of_a_router_may_be_larger_than_one_of_its_client() {
    let app = reviewed(Settings::default()).await;
    let aliases: String = (0..100).map(|number| format!("a{number}: __typename ")).collect();
    let document = format!("{{ {aliases} }}");
    let address = [("x-forwarded-for", "192.0.2.1")];
    let alone = app.post_with("/public/graphql", &address, &json!({ "query": document })).await;
    assert_eq!(alone.code(), "TOO_MANY_ALIASES");
    assert_eq!(routed(&app, &address, &document).await.status, StatusCode::OK);
    let more: String = (0..201).map(|number| format!("a{number}: __typename ")).collect();
    assert_eq!(routed(&app, &address, &format!("{{ {more} }}")).await.code(), "TOO_MANY_ALIASES");
}
