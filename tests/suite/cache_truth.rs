//! A cached response equals a newly executed one, whatever was written since.

use api::{
    app::App,
    config::settings::Settings,
    document::{ClientTiers, Limits},
    router::router,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use rand::Rng;
use registry::{
    change_log::{Actor, ChangeSet},
    demo::{self, Scale},
    model::{Exemption, Indicator, Methodology, ObligationRule, Scope},
    view::Viewer,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    harness::{
        TestApp,
        churn::{Random, churn, random},
    },
    statistics::{day, submit},
};

/// Queries that cover everything a response can depend on; `P` stands for a month of statistics, `D` for a day.
const QUESTIONS: &[&str] = &[
    "{ pages(first: 30) { totalCount nodes { title handle lifecycle owner { code name } platform { code } } } }",
    "{ pages(first: 20, orderBy: { field: SUBSCRIBERS, direction: DESC }) { nodes { id statistics { latest { subscribers } } } } }",
    "{ pages(first: 20, filter: { hasPosted: true }) { totalCount nodes { id } } }",
    "{ pages(first: 20, filter: { lastPostOn: { from: \"D\" } }, orderBy: { field: TITLE }) { totalCount nodes { title } } }",
    "query($order: PageOrder = { field: SUBSCRIBERS, direction: DESC }) { pages(first: 5, orderBy: $order) { nodes { title } } }",
    "query($field: PageOrderField = LAST_POST_ON) { pages(last: 5, orderBy: { field: $field }) { nodes { title } } }",
    "{ organizations(first: 20, orderBy: { field: AUDIENCE, direction: DESC }) { nodes { code } } }",
    "{ pages(last: 20, orderBy: { field: UPDATED_AT }) { nodes { title } } }",
    "{ uncovered(first: 20, orderBy: { field: DAYS_OVERDUE, direction: DESC }) { nodes { code } } }",
    "{ pages(first: 10) { nodes { statistics { series(period: P) { from subscribers views } } } } }",
    "{ pages(first: 10) { nodes { statistics { series(period: P) { from isJump } growth(period: P) { subscribers } } } } }",
    "{ pages(first: 10) { nodes { statistics { lastDay { from subscribers } } } } }",
    "{ pages(first: 10) { nodes { aliases { handle } mark { state } history(first: 5) { nodes { kind fields { field after } } } } } }",
    "{ authorities(first: 30, orderBy: { field: NAME }) { totalCount nodes { code name parent { code } territory { name } pages(first: 3) { totalCount } } } }",
    "{ institutions(first: 30, filter: { notOnPlatforms: [\"vk\"] }) { totalCount nodes { name authority { name } sector { name } } } }",
    "{ authorities(first: 10) { nodes { statistics { latest { subscribersSum pagesCounted } series(period: P, step: WEEK) { from viewsSum pagesCounted pagesMissing } } } } }",
    "{ regions { code name parent { code } institutions(first: 2) { totalCount } statistics { latest { subscribersSum } series(period: P, step: MONTH) { subscribersSum } } } }",
    "{ platforms { code name } sectors { code name } identifierSchemes { code name } territories(first: 5) { totalCount nodes { name } } }",
    "{ pages(first: 20, filter: { subscribers: { from: 300 } }) { totalCount nodes { number territory { code } createdAt } } }",
    "{ pages(first: 20, filter: { title: \"страница\" }) { totalCount nodes { title } } }",
    "{ organizations(first: 20, filter: { name: \"учреждение\", obligations: [MISSING] }, orderBy: { field: NAME }) { totalCount nodes { code kind } } }",
    "{ registry { timeZone seq startedAt } registryStatistics(groupBy: [LEVEL, TERRITORY]) { groups { keys { name(language: \"ru\") territory { name } } pages } } }",
    "{ coverage(groupBy: [TERRITORY]) { total { obliged exempt covered } groups { keys { code name } obliged covered } } }",
    "{ coverage(groupBy: [KIND]) { series(period: P) { from isFinal total { obliged } } } }",
    "{ coverage(asOf: \"2026-01-01T00:00:00Z\") { seq total { obliged } } registryStatistics { series(period: P, step: WEEK) { to total { pages } } } }",
    "{ uncovered(first: 20) { totalCount nodes { code } } }",
    "{ obligationRules { code name } }",
    "{ registryStatistics(groupBy: [PLATFORM]) { total { pages organizations freshness { never older } } groups { keys { code } pagesByLifecycle { lifecycle pages } change(days: 30) { pagesRegistered } } } }",
    "{ registryDigest(filter: { platforms: [\"vk\"], withOwners: true }) { seq pages { digest } organizations { digest } } }",
    "{ changes(first: 50) { nodes { seq kind subjectType } pageInfo { endCursor hasNextPage } seq } }",
    "{ changes(first: 500, filter: { kinds: [RENAMED] }) { nodes { seq } seq } }",
    "{ changes(first: 50, filter: { platforms: [\"vk\"], subjects: [PAGE], withOwners: true }) { nodes { seq isRemoval } pageInfo { endCursor } } }",
    "{ changes(first: 20) { nodes { seq subject { ... on Page { title } ... on Authority { name } ... on Territory { name } } } } }",
    "{ audience(metric: SUBSCRIBERS, groupBy: [TERRITORY, MONTH], period: P) { groups { keys { code name } value pagesCounted pagesMissing } } }",
    "{ audience(metric: VIEWS, groupBy: [PLATFORM, DAY], period: P) { groups { keys { code } from value } } }",
    "{ audience(metric: VIEWS, aggregation: MEDIAN, groupBy: [PLATFORM], period: P) { groups { value } } }",
    "{ leaderboard(metric: VIEWS, period: P, first: 20) { nodes { rank formerRank value subject { ... on Page { title } } } } }",
    "{ statisticsJumps(period: P, first: 20) { totalCount nodes { day subscribers page { title } } } }",
    "{ methodologies { code name } }",
    "{ publishedRatings(first: 5) { totalCount } }",
    "{ indicators { code name } }",
    "{ metricDefinitions { metric formula } __type(name: \"Page\") { name } }",
    "{ search(text: \"учреждение\", first: 20) { seq totalCount nodes { item { ... on Institution { name } ... on Page { title } } } } }",
    "{ verifyPage(url: \"https://vk.com/club1\") { verdict seq page { title } lookalikes { title } } }",
    "{ page(url: \"https://vk.com/club1\", asOf: \"2026-01-01T00:00:00Z\") { title } }",
];

/// The previous month, as a period.
fn period() -> String {
    use chrono::Datelike;
    let last = day(0).with_day(1).expect("a first day").pred_opt().expect("a day before");
    format!("{{ from: \"{}\", to: \"{last}\" }}", last.with_day(1).expect("a first day"))
}

fn settings(cache_bytes: u64) -> Settings {
    let limits = Limits { points: u64::MAX, cost: u64::MAX, depth: 30, ..Limits::public() };
    let client_tiers = ClientTiers { public: limits.clone(), partner: limits.clone(), internal: limits };
    Settings { client_tiers, cache_bytes, ..Settings::default() }
}

async fn ask(router: &Router, question: &str) -> Value {
    let question = question.replace("period: P", &format!("period: {}", period()));
    let question = question.replace("\"D\"", &format!("\"{}\"", day(200)));
    let body = json!({ "query": question }).to_string();
    let request =
        Request::post("/public/graphql").header("content-type", "application/json").body(Body::from(body));
    let response = router.clone().oneshot(request.expect("a request")).await.expect("an answer");
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

/// Changes a record of a kind that the random writes do not change.
fn change_another(change_set: &mut ChangeSet, turn: u32) -> anyhow::Result<()> {
    let snapshot = change_set.snapshot().clone();
    let name = format!("Turn {turn}");
    match turn % 4 {
        0 => {
            let known = (1..).find_map(|id| snapshot.indicator(id)).expect("an indicator");
            change_set.upsert(Indicator { name: name.into(), ..Indicator::clone(known) }, None)?;
        }
        1 => {
            let known = (1..).find_map(|id| snapshot.methodology(id)).expect("a method");
            change_set.upsert(Methodology { name: name.into(), ..Methodology::clone(known) }, None)?;
        }
        2 => {
            let known = (1..).find_map(|id| snapshot.obligation_rule(id)).expect("a rule");
            change_set.upsert(ObligationRule { name: name.into(), ..ObligationRule::clone(known) }, None)?;
        }
        _ => {
            let exemption = Exemption {
                id: snapshot.exemptions().keys().max().unwrap_or(&0) + 1,
                organization_id: i64::from(turn) + 1,
                rule_id: None,
                reason: name.into(),
                basis: None,
                decided_by: None,
                valid_from: day(30),
                valid_to: None,
                source: "test".into(),
                updated_at: change_set.now(),
            };
            change_set.upsert(exemption, None)?;
        }
    }
    Ok(())
}

async fn write_something(app: &TestApp, key: &str, random: &mut Random, turn: u32) {
    match turn % 3 {
        0 => churn(app, random, 2).await,
        1 => {
            let pages = app.registry.snapshot().sizes().1 as i64;
            let row = |random: &mut Random| {
                let id = random.random_range(1..=pages.min(12));
                // Statistics of today are the latest ones.
                let day = day(if turn.is_multiple_of(2) { 0 } else { random.random_range(1..70) });
                let posted = format!("{}T00:00:00Z", super::statistics::day(random.random_range(1..400)));
                json!({ "page": { "id": format!("Page:{id}") }, "day": day, "lastPostAt": posted, "subscribers": random.random_range(1..9_000_000), "views": random.random_range(0..500) })
            };
            let rows: Vec<Value> = (0..4).map(|_| with_global_id(row(random))).collect();
            submit(app, key, Value::Array(rows)).await;
        }
        _ => {
            let write =
                app.registry.write(&Actor::Operator, move |change_set| change_another(change_set, turn / 3));
            write.await.expect("the change is written");
        }
    }
}

fn with_global_id(mut row: Value) -> Value {
    use base64::Engine as _;
    let id = row["page"]["id"].as_str().expect("an id").to_owned();
    row["page"]["id"] = json!(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id));
    row
}

#[tokio::test]
async fn cached_answers_equal_computed_ones_whatever_is_written() {
    let app = TestApp::start_with(settings(64 << 20)).await;
    demo::generate(&app.registry, Scale::Pages(250), 1, |_| {}).await.expect("a registry");
    demo::generate_statistics(&app.registry, 1, 60, |_| {}).await.expect("statistics");
    let uncached = App::new(app.registry.clone(), settings(0));
    let key = app.key("all", Scope::Statistics).await;
    let mut random = random(41);
    uncached.service().search().start(&app.registry);
    let mut memory_hits = 0;
    for turn in 0..18 {
        app.search_is_ready().await;
        uncached.service().search().reached(Viewer::Public, app.registry.snapshot().seq()).await;
        for question in QUESTIONS {
            let (cached, executed) =
                (ask(&app.router(), question).await, ask(&router(uncached.clone()), question).await);
            assert!(cached.get("errors").is_none(), "{question}: {cached:#}");
            // Whole responses would be unreadable.
            assert!(cached == executed, "turn {turn}: {question}");
        }
        memory_hits = app.memory_hits();
        write_something(&app, &key, &mut random, turn).await;
    }
    // Otherwise the test has tested nothing.
    assert!(memory_hits > 18 * QUESTIONS.len() as u64 / 4, "{memory_hits} responses from the cache");
}
