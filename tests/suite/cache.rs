//! Response cache: who gets cached responses, for how long, and which headers shared caches get.

use std::sync::atomic::Ordering;

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use axum::http::StatusCode;
use chrono::Datelike;
use entities::page::Lifecycle;
use futures_util::{StreamExt, stream::FuturesUnordered};
use registry::model::Scope;
use serde_json::{Value, json};

use super::{
    harness::{Answer, TestApp},
    statistics::{day, old_page, submit},
};

const TITLES: &str = "{ pages(first: 10) { nodes { title } } }";
const SERIES: &str = "query($from: Date!, $to: Date!) { page(url: \"https://vk.com/club1\") { statistics { series(period: { from: $from, to: $to }) { subscribers } } } }";
const AUDIENCE: &str = "query($from: Date!, $to: Date!) { audience(metric: SUBSCRIBERS, groupBy: [DAY], period: { from: $from, to: $to }) { groups { value } } }";

/// A school with an old page on vk, and a key with all scopes.
async fn a_school() -> (TestApp, i64, String) {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let page = old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    (app, page, key)
}

async fn get(app: &TestApp, query: &str, headers: &[(&str, &str)]) -> Answer {
    let query: String = axum::http::Uri::builder()
        .path_and_query(format!("/public/graphql?query={}", encoded(query)))
        .build()
        .expect("an address")
        .to_string();
    app.get(&query, headers).await
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}

async fn titles(app: &TestApp) -> Vec<String> {
    let data = app.data(TITLES, json!({})).await;
    let nodes = data["pages"]["nodes"].as_array().expect("pages").iter();
    nodes.map(|page| page["title"].as_str().expect("a title").to_owned()).collect()
}

#[tokio::test]
async fn a_question_that_was_answered_reads_nothing_until_something_changes() {
    let (app, page, _) = a_school().await;
    let dates = json!({ "from": day(40), "to": day(30) });
    let first = app.data(SERIES, dates.clone()).await;
    let (statements, memory_hits) = (app.statements.load(Ordering::Relaxed), app.memory_hits());
    assert_eq!(app.data(SERIES, dates.clone()).await, first);
    // The same request in other forms: other whitespace in the variables, another method.
    let spaced = format!("{{ \"variables\": {dates:#}, \"query\": {} }}", json!(SERIES));
    assert_eq!(app.send_json("/public/graphql", &spaced).await.json()["data"], first);
    assert_eq!((app.statements.load(Ordering::Relaxed), app.memory_hits()), (statements, memory_hits + 2));

    assert_eq!(titles(&app).await, titles(&app).await);
    app.change_page(page, |page, _| page.title = "Renamed".into()).await;
    assert!(titles(&app).await.contains(&"Renamed".to_owned()));
}

#[tokio::test]
async fn figures_of_other_days_leave_an_answer_as_it_is_and_corrections_do_not() {
    let (app, _, key) = a_school().await;
    let first_of = |ago: u64| day(ago).with_day(1).expect("a first day");
    let (from, to) = (first_of(75), day(75).with_day(20).expect("a day"));
    let row = |day: chrono::NaiveDate, subscribers: u32| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day, "subscribers": subscribers }]);
    submit(&app, &key, row(from, 100)).await;
    let ask = async || {
        app.data(AUDIENCE, json!({ "from": from, "to": to })).await["audience"]["groups"][0]["value"].clone()
    };
    assert_eq!(ask().await, json!(100.0));
    let executed = app.executed();
    // A nightly load, and a renamed page.
    submit(&app, &key, row(day(1), 500)).await;
    app.page(1, "vk", "77").await;
    assert_eq!((ask().await, app.executed()), (json!(100.0), executed));
    submit(&app, &key, row(from, 90)).await;
    assert_eq!((ask().await, app.executed()), (json!(90.0), executed + 1));
}

#[tokio::test]
async fn a_window_of_the_log_that_lies_behind_is_never_read_again() {
    let (app, page, _) = a_school().await;
    let begun = "{ changes(first: 5) { nodes { seq kind } pageInfo { endCursor hasNextPage } } }";
    let begun = get(&app, begun, &[]).await;
    // Without a cursor, the response may be of another timeline after a restore.
    let control = begun.header("cache-control");
    assert!(control.starts_with("public, max-age=0, s-maxage=30,"), "{control}");
    let cursor =
        begun.json()["data"]["changes"]["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    let window = &format!(
        "{{ changes(first: 2, after: \"{cursor}\") {{ nodes {{ seq kind }} pageInfo {{ hasNextPage }} }} }}"
    );
    let first = get(&app, window, &[]).await;
    assert!(
        first.header("cache-control").starts_with("public, max-age=86400, s-maxage=86400, immutable"),
        "{}",
        first.header("cache-control")
    );
    app.change_page(page, |page, _| page.title = "Renamed".into()).await;
    let statements = app.statements.load(Ordering::Relaxed);
    assert_eq!(get(&app, window, &[]).await.body, first.body);
    assert_eq!(app.statements.load(Ordering::Relaxed), statements);

    // A response that reaches the end of the log is stale as soon as the log grows.
    let last = app.registry.snapshot().seq() - 1;
    let window = format!("{{ changes(afterSeq: {last}) {{ nodes {{ seq }} }} }}");
    let end = get(&app, &window, &[]).await;
    assert!(
        end.header("cache-control").starts_with("public, max-age=0, s-maxage=30,"),
        "{}",
        end.header("cache-control")
    );
    app.change_page(page, |page, _| page.title = "Again".into()).await;
    assert_eq!(
        get(&app, &window, &[]).await.json()["data"]["changes"]["nodes"].as_array().map(Vec::len),
        Some(2)
    );
}

#[tokio::test]
async fn nobody_gets_what_was_made_for_those_who_may_see_more() {
    let (app, page, _) = a_school().await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Archived).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    let (reviewer, partner) =
        (app.key("reviewer", Scope::Review).await, app.key("partner", Scope::Read).await);
    let body = json!({ "query": "{ page(url: \"https://vk.com/club1\") { title lifecycle } }" });
    for _ in 0..2 {
        let seen = app.post("/graphql", Some(&reviewer), &body).await;
        assert_eq!(seen.json()["data"]["page"]["lifecycle"], "UNDER_REVIEW");
        assert_eq!(
            (seen.header("cache-control"), seen.header("vary")),
            ("private, no-cache", "Accept, Authorization")
        );
        for (path, key) in [
            ("/graphql", Some(&*partner)),
            ("/public/graphql", None),
            ("/subgraph", Some(super::harness::GATEWAY_SECRET)),
        ] {
            let unseen = app.post(path, key, &body).await;
            assert_eq!(unseen.json()["data"], json!({ "page": null }), "{path}");
        }
    }
    assert_eq!(app.post("/graphql", None, &body).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_revoked_key_gets_no_cached_response() {
    let (app, ..) = a_school().await;
    let key = app.key("partner", Scope::Read).await;
    let body = json!({ "query": TITLES });
    assert_eq!(app.post("/graphql", Some(&key), &body).await.status, StatusCode::OK);
    registry::api_client::revoke(&app.registry, "partner").await.expect("the key is revoked");
    assert_eq!(app.post("/graphql", Some(&key), &body).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_browser_that_has_the_answer_gets_a_304() {
    let (app, page, _) = a_school().await;
    let first = get(&app, TITLES, &[]).await;
    let tag = first.header("etag").to_owned();
    assert_eq!(
        first.header("cache-control"),
        "public, max-age=0, s-maxage=30, stale-while-revalidate=60, stale-if-error=86400"
    );
    assert_eq!((first.header("vary"), first.headers.get_all("vary").iter().count()), ("Accept", 1));
    assert_eq!(
        first.header("surrogate-key"),
        "registry territory sector identifier-scheme platform organization page obligation-rule exemption abbreviation"
    );
    // Other clients get a copy, without this client's remaining quota.
    assert!(!first.headers.contains_key("ratelimit"));
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let same = get(&app, TITLES, &[("if-none-match", &known)]).await;
        assert_eq!(
            (same.status, same.body.len(), same.header("etag")),
            (StatusCode::NOT_MODIFIED, 0, &*tag),
            "{known}"
        );
    }
    // Another media type is another response.
    let other =
        get(&app, TITLES, &[("accept", "application/graphql-response+json"), ("if-none-match", &tag)]).await;
    assert_eq!(other.status, StatusCode::OK);
    app.change_page(page, |page, _| page.title = "Renamed".into()).await;
    let renamed = get(&app, TITLES, &[("if-none-match", &tag)]).await;
    assert_eq!(renamed.status, StatusCode::OK);
    assert_ne!(renamed.header("etag"), tag);
}

#[tokio::test]
async fn errors_and_answers_about_the_client_are_not_cached() {
    let (app, ..) = a_school().await;
    for query in [
        "{ rateLimit { remaining } }",
        "{ pages(first: 0) { totalCount } }",
        "{ page(url: \"https://vk.com/club1\", asOf: \"2100-01-01T00:00:00Z\") { title } }",
    ] {
        for _ in 0..2 {
            let answer = get(&app, query, &[]).await;
            assert_eq!(answer.header("cache-control"), "private, no-cache", "{query}");
        }
    }
    assert_eq!(app.memory_hits(), 0);
}

#[tokio::test]
async fn a_cached_answer_costs_what_the_computed_one_did() {
    let public = Limits::public().with("points=150,per_second=1").expect("limits");
    let app = TestApp::start_with(Settings {
        client_tiers: ClientTiers { public, ..ClientTiers::default() },
        ..Settings::default()
    })
    .await;
    let query = json!({ "query": "{ __schema { queryType { name } } }" });
    let first = app.post("/public/graphql", None, &query).await;
    assert_eq!(
        (first.status, first.json()["extensions"]["cost"]["actual"].as_u64()),
        (StatusCode::OK, Some(101))
    );
    let second = app.post("/public/graphql", None, &query).await;
    assert_eq!((second.status, second.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "THROTTLED"));
}

#[tokio::test]
async fn of_a_thousand_equal_questions_one_is_worked_on() {
    let (app, ..) = a_school().await;
    let dates = json!({ "from": day(40), "to": day(30) });
    let before = app.statements.load(Ordering::Relaxed);
    app.data(SERIES, json!({ "from": day(41), "to": day(30) })).await;
    let of_one = app.statements.load(Ordering::Relaxed) - before;
    assert!(of_one > 0);
    let (before, executed) = (app.statements.load(Ordering::Relaxed), app.executed());
    let asked: FuturesUnordered<_> = (0..1_000).map(|_| app.data(SERIES, dates.clone())).collect();
    let answers: Vec<Value> = asked.collect().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    assert_eq!(app.statements.load(Ordering::Relaxed) - before, of_one);
    assert_eq!(app.executed(), executed + 1);
}

#[tokio::test]
async fn whoever_asked_first_and_went_away_leaves_the_answer_to_the_others() {
    let (app, ..) = a_school().await;
    let dates = json!({ "from": day(40), "to": day(30) });
    let executed = app.executed();
    let mut first = Box::pin(app.data(SERIES, dates.clone()));
    // Long enough for execution to have started.
    while app.executed() == executed {
        assert!(futures_util::poll!(&mut first).is_pending());
        tokio::task::yield_now().await;
    }
    drop(first);
    let answer = app.data(SERIES, dates).await;
    assert_eq!(answer["page"]["statistics"]["series"].as_array().map(Vec::len), Some(11));
    assert_eq!(app.executed(), executed + 1);
}
