//! Coverage and counts as of the past: those that the registry answered then.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::{Days, TimeDelta, Utc};
use entities::{
    organization::{Kind, Status},
    page::Lifecycle,
};
use rand::seq::SliceRandom;
use registry::model::{Exemption, ObligationRule, Scope};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{
    harness::{
        Answer, TestApp,
        churn::{churn, generated, random},
    },
    history::now,
};

const COVERAGE: &str = "obliged exempt covered ratio platforms { platform { code } covered }";
const COUNTS: &str = "organizations pages officialPages markedShare correctWidgetShare
    organizationsByStatus { status organizations } pagesByLifecycle { lifecycle pages } pagesByMark { mark pages }
    change(days: 30) { pagesRegistered pagesArchived organizationsEntered organizationsEnded }";

/// Questions about counts, each with `$at`, which is null for the present.
fn questions() -> Vec<String> {
    let ask = |field: &str, arguments: &str, counts: &str| {
        format!(
            "query($at: DateTime) {{ {field}(asOf: $at{arguments}) {{ total {{ {counts} }} groups {{ keys {{ code }} {} }} }} }}",
            counts.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
        )
    };
    vec![
        ask("coverage", ", groupBy: [TERRITORY]", COVERAGE),
        ask("coverage", ", groupBy: [TERRITORY, KIND], territoryKind: DISTRICT", COVERAGE),
        ask("coverage", ", groupBy: [SECTOR, LEVEL], filter: { name: \"учреждение\" }", COVERAGE),
        ask("coverage", ", filter: { notOnPlatforms: [\"vk\"], obligations: [MISSING] }", COVERAGE),
        ask(
            "coverage",
            ", filter: { statuses: [ACTIVE], hasPage: true, createdOn: { from: \"2000-01-01\" } }",
            COVERAGE,
        ),
        ask(
            "coverage",
            ", filter: { updatedSince: \"2000-01-01T00:00:00Z\", platforms: [\"vk\"] }",
            COVERAGE,
        ),
        ask("registryStatistics", ", groupBy: [PLATFORM]", COUNTS),
        ask("registryStatistics", ", groupBy: [LIFECYCLE, SECTOR]", COUNTS),
        ask("registryStatistics", ", filter: { territories: [\"ru\"], platforms: [\"vk\"] }", COUNTS),
    ]
}

async fn answers(app: &TestApp, key: Option<&str>, at: Value) -> Vec<Value> {
    let path = if key.is_some() { "/graphql" } else { "/public/graphql" };
    let mut answers = Vec::new();
    for query in questions() {
        let body = json!({ "query": query, "variables": { "at": at } });
        let mut answer = app.post(path, key, &body).await.json();
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answers.push(answer["data"].take());
    }
    answers
}

/// Frees an organization, or changes that, and changes which kinds a rule obliges.
async fn change_obligations(app: &TestApp, turn: i64) {
    let today = Utc::now().date_naive();
    app.put(move |change_set| Exemption {
        id: if turn % 3 == 0 { 1 } else { change_set.next_exemption_id() },
        organization_id: 10 + turn,
        rule_id: None,
        reason: format!("turn {turn}").into(),
        basis: None,
        decided_by: None,
        valid_from: today - Days::new(10),
        valid_to: (turn % 2 == 0).then_some(today - Days::new(1)),
        source: "test".into(),
        updated_at: change_set.now(),
    })
    .await;
    app.put(move |change_set| {
        let rule = change_set.snapshot().obligation_rule_by_code("ru-official-pages").expect("the rule");
        let mut rule = ObligationRule::clone(rule);
        rule.terms.kinds = if turn % 2 == 0 { vec![Kind::Authority] } else { Vec::new() };
        rule
    })
    .await;
}

#[tokio::test]
async fn counts_as_of_a_time_are_those_that_were_answered_then() {
    let mut app = generated(400).await;
    let key = app.key("reviewer", Scope::Review).await;
    let mut random = random(11);
    let mut then = Vec::new();
    for turn in 0..8 {
        churn(&app, &mut random, 20).await;
        change_obligations(&app, turn).await;
        let of_all = answers(&app, None, Value::Null).await;
        let of_reviewers = answers(&app, Some(&key), Value::Null).await;
        then.push((now(&app).await, of_all, of_reviewers));
    }
    // In any order: a state is restored from the nearest later one.
    then.shuffle(&mut random);
    for (at, of_all, of_reviewers) in then {
        assert_eq!(answers(&app, None, json!(at)).await, of_all, "at {at}");
        assert_eq!(answers(&app, Some(&key), json!(at)).await, of_reviewers, "at {at}, reviewers");
    }
    let second = app.second().await;
    let at = json!(now(&app).await);
    let of_all = answers(&app, None, at.clone()).await;
    app.switch_to(second);
    assert_eq!(answers(&app, None, at).await, of_all, "another server restores the same");
}

#[tokio::test]
async fn what_was_hidden_since_counts_in_the_past_and_what_was_hidden_then_does_not() {
    let app = TestApp::start().await;
    let territory = app.registry.snapshot().territory_by_code("ru-77").map(|it| it.id);
    let ministry = app.organization("ministry", "Ministry").await;
    let school = app.organization("school", "School").await;
    app.change_organization(ministry, move |it| it.territory_id = territory).await;
    app.change_organization(school, move |it| {
        it.territory_id = territory;
        it.parent_id = Some(ministry);
    })
    .await;
    let page = app.page(school, "vk", "school").await;
    let shown = now(&app).await;
    app.change_organization(ministry, |it| it.status = Status::Withdrawn).await;
    let withdrawn = now(&app).await;
    // Nobody sees this: the past must not tell it, either.
    app.change_page(page, move |page, _| page.co_owners = vec![ministry]).await;
    app.change_organization(ministry, |it| it.status = Status::Active).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Rejected).await;
    let ask = "query($at: DateTime) { coverage(asOf: $at) { total { obliged covered } }
        below: coverage(asOf: $at, filter: { subtreeOf: [\"ministry\"] }) { total { obliged } }
        registryStatistics(asOf: $at, filter: { platforms: [\"vk\"] }) { total { organizations pages freshness { never } } } }";
    for (at, obliged, covered, below, organizations, pages) in
        [(json!(shown), 2, 1, 2, 1, 1), (json!(withdrawn), 1, 1, 0, 1, 1), (Value::Null, 2, 0, 2, 0, 0)]
    {
        let found = app.data(ask, json!({ "at": at })).await;
        assert_eq!(found["coverage"]["total"], json!({ "obliged": obliged, "covered": covered }), "{at}");
        assert_eq!(found["below"]["total"]["obliged"], below, "{at}");
        let total = &found["registryStatistics"]["total"];
        assert_eq!(
            (&total["organizations"], &total["pages"]),
            (&json!(organizations), &json!(pages)),
            "{at}"
        );
        assert_eq!(total["freshness"].is_null(), !at.is_null(), "statistics are not in the change log");
    }
}

#[tokio::test]
async fn before_the_first_record_everything_is_zero_and_the_future_is_refused() {
    let app = TestApp::start().await;
    app.organization("school", "School").await;
    let ask = "query($at: DateTime) { coverage(asOf: $at, groupBy: [TERRITORY]) { seq total { obliged ratio } groups { obliged } }
        registryStatistics(asOf: $at) { total { organizations pages } } }";
    let found = app.data(ask, json!({ "at": "2001-01-01T00:00:00Z" })).await;
    let nothing = json!({
        "coverage": { "seq": 0, "total": { "obliged": 0, "ratio": null }, "groups": [] },
        "registryStatistics": { "total": { "organizations": 0, "pages": 0 } },
    });
    assert_eq!(found, nothing);
    let tomorrow = (Utc::now() + TimeDelta::days(1)).to_rfc3339();
    let refused = app.ask(ask, json!({ "at": tomorrow })).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
    let unknown = "{ coverage(asOf: \"2001-01-01T00:00:00Z\", filter: { territories: [\"moon\"] }) { seq } }";
    assert_eq!(app.ask(unknown, json!({})).await["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_state_is_restored_once_and_read_from_memory_afterwards() {
    let app = generated(300).await;
    let at = now(&app).await;
    churn(&app, &mut random(5), 10).await;
    let ask = |number: usize| {
        format!("query($at: DateTime) {{ a{number}: coverage(asOf: $at) {{ total {{ obliged }} }} }}")
    };
    let statements = || app.statements.load(std::sync::atomic::Ordering::Relaxed);
    let begun = statements();
    app.data(&ask(1), json!({ "at": at })).await;
    let first = statements() - begun;
    app.data(&ask(2), json!({ "at": at })).await;
    // Only the sequence number at that time is read again.
    assert_eq!((first > 1, statements() - begun - first), (true, 1));
}

const WITH_TERRITORY: &str = "fragment T on Territory { code
    authorities(orderBy: { field: NAME }, first: 3) { totalCount nodes { code } }
    institutions(orderBy: { field: AUDIENCE, direction: DESC }, first: 3) { totalCount nodes { code } }
    statistics { latest { subscribersSum pagesCounted } } }
    query($at: DateTime!, $from: Date!) { regions { ...T }
        coverage(asOf: $at, groupBy: [TERRITORY]) { groups { keys { territory { ...T } } } }
        registryStatistics(asOf: $at, groupBy: [TERRITORY]) { groups { keys { territory { ...T } } }
            series(period: { from: $from }, step: DAY) { groups { keys { territory { ...T } } } } } }";

#[tokio::test]
async fn the_territory_of_a_group_of_the_past_is_the_present_one() {
    let app = generated(300).await;
    let key = app.key("internal", Scope::Internal).await;
    let at = now(&app).await;
    churn(&app, &mut random(3), 20).await;
    let from = Utc::now().date_naive() - Days::new(1);
    let body = json!({ "query": WITH_TERRITORY, "variables": { "at": at, "from": from } });
    let found = app.post("/graphql", Some(&key), &body).await.json();
    assert!(found.get("errors").is_none(), "{found:#}");
    let found = &found["data"];
    let regions = found["regions"].as_array().expect("regions");
    assert!(regions.iter().any(|it| it["institutions"]["nodes"][0]["code"].is_string()), "{regions:?}");
    let series = found["registryStatistics"]["series"].as_array().expect("points");
    let points = series.iter().chain([&found["coverage"], &found["registryStatistics"]]);
    for point in points {
        let groups = point["groups"].as_array().expect("groups").iter();
        let territories: Vec<&Value> =
            groups.map(|it| &it["keys"][0]["territory"]).filter(|it| !it.is_null()).collect();
        assert!(territories.iter().all(|it| regions.contains(it)), "{territories:?}");
        assert!(!territories.is_empty(), "{point}");
    }
}

#[tokio::test]
async fn the_head_of_a_past_file_restores_nothing_and_the_file_costs_what_its_field_does() {
    let app = generated(100).await;
    let at = now(&app).await.replace("+00:00", "Z");
    churn(&app, &mut random(7), 5).await;
    let statements = || app.statements.load(std::sync::atomic::Ordering::Relaxed);
    for list in ["coverage", "counts"] {
        let path = format!("/export/{list}.csv?asOf={at}");
        let (head, begun) = (Request::head(&path).body(Body::empty()), statements());
        let head = app.send(head.expect("a request")).await;
        assert_eq!((head.status, head.header("registry-cost")), (StatusCode::OK, "10"), "{list}");
        assert_eq!(statements() - begun, 0, "{list}");
        let file = app.get(&path, &[]).await;
        assert_eq!((file.status, file.header("registry-cost")), (StatusCode::OK, "600"), "{list}");
        assert_eq!(head.header("content-disposition"), file.header("content-disposition"), "{list}");
    }
    let cost = |answer: &Answer| answer.header("registry-cost").parse::<u64>().expect("a number");
    for wrong in [
        "coverage.csv?asOf=2999-01-01T00:00:00Z".to_owned(),
        format!("coverage.csv?asOf={at}&groupBy=MOON"),
        format!("counts.csv?asOf={at}&filter=%7B%22platforms%22%3A%5B%22nowhere%22%5D%7D"),
    ] {
        let refused = app.get(&format!("/export/{wrong}"), &[]).await;
        assert_eq!(&*refused.code(), "BAD_USER_INPUT", "{wrong}");
        assert!((10..100).contains(&cost(&refused)), "{wrong}: nothing was restored");
        let head = Request::head(format!("/export/{wrong}")).body(Body::empty()).expect("a request");
        assert_eq!(app.send(head).await.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let log = app.registry.database();
    log.read.execute_unprepared("ALTER TABLE change RENAME TO gone").await.expect("the log is away");
    let failed = app.get(&format!("/export/counts.csv?asOf={at}&groupBy=LEVEL"), &[]).await;
    assert!(failed.status.is_server_error(), "{}", failed.status);
    assert!((110..600).contains(&cost(&failed)), "{}", cost(&failed));
}

async fn file(app: &TestApp, query: &str) -> String {
    let path = format!("/export/counts.csv?header=plain&groupBy=KIND{query}");
    String::from_utf8(app.file(&path).await.expect("a file")).expect("UTF-8")
}

#[tokio::test]
async fn files_of_counts_are_of_a_past_time_too() {
    let app = TestApp::start().await;
    let owner = app.organization("school", "School").await;
    app.page(owner, "vk", "school").await;
    let at = now(&app).await.replace("+00:00", "Z");
    app.page(owner, "ok", "school").await;
    let then = file(&app, &format!("&asOf={at}")).await;
    assert!(then.contains("INSTITUTION,") && then.contains(",1,1,1,0"), "{then}");
    assert!(file(&app, "").await.contains(",1,2,2,0"));
    for path in [
        "/export/coverage.csv?asOf=yesterday",
        "/export/coverage.csv?asOf=2999-01-01T00:00:00Z",
        "/export/pages.csv?asOf=2026-01-01T00:00:00Z",
    ] {
        assert_eq!(app.get(path, &[]).await.code(), "BAD_USER_INPUT", "{path}");
    }
}
