//! Lists of marks that operators have to look after.

use chrono::Days;
use registry::model::Scope;
use serde_json::{Value, json};

use super::{act, confirm, key, limit_to_territory, of, school};
use crate::suite::harness::TestApp;

/// Three schools in two regions, each with a page.
async fn three_schools() -> (TestApp, String) {
    let app = TestApp::start().await;
    for (region, native_id) in [("ru-28", "71"), ("ru-54", "72"), ("ru-28", "73")] {
        school(&app, region, native_id).await;
    }
    let operator = key(&app, "operator", &[Scope::Write, Scope::Review], None).await;
    (app, operator)
}

async fn ask(app: &TestApp, key: &str, query: &str, variables: Value) -> Value {
    app.post("/graphql", Some(key), &json!({ "query": query, "variables": variables })).await.json()
}

/// Native ids of a list, and its total.
fn ids(answer: &Value, list: &str) -> (Vec<String>, i64) {
    let list = &answer["data"][list];
    let nodes = list["nodes"].as_array().unwrap_or_else(|| panic!("{answer:#}")).iter();
    let ids = nodes.map(|node| node["nativeId"].as_str().expect("an id").to_owned()).collect();
    (ids, list["totalCount"].as_i64().expect("a total"))
}

#[tokio::test]
async fn marks_that_wait_are_listed_the_longest_wait_first() {
    const PENDING: &str = "query($filter: PageFilter, $first: Int! = 20, $after: String) {
        marksPending(filter: $filter, first: $first, after: $after) {
            totalCount nodes { nativeId mark { state at } } pageInfo { endCursor hasNextPage } } }";
    let (app, operator) = three_schools().await;
    for native_id in ["73", "71", "72"] {
        act(&app, &operator, "markRequest", of(native_id, "asked for")).await;
    }
    let all = ask(&app, &operator, PENDING, json!({})).await;
    assert_eq!(ids(&all, "marksPending"), (vec!["73".into(), "71".into(), "72".into()], 3));
    // What was passed on begins to wait anew.
    act(&app, &operator, "markPend", of("73", "passed on")).await;
    act(&app, &operator, "markReject", of("71", "not the school's")).await;
    let first = ask(&app, &operator, PENDING, json!({ "first": 1 })).await;
    assert_eq!(ids(&first, "marksPending"), (vec!["72".into()], 2));
    let after = first["data"]["marksPending"]["pageInfo"]["endCursor"].clone();
    let next = ask(&app, &operator, PENDING, json!({ "first": 1, "after": after })).await;
    assert_eq!(ids(&next, "marksPending"), (vec!["73".into()], 2));
    let filter = json!({ "filter": { "territories": ["ru-54"], "marks": ["REQUESTED"] } });
    assert_eq!(ids(&ask(&app, &operator, PENDING, filter).await, "marksPending"), (vec!["72".into()], 1));
    // A regional centre sees what it may decide on.
    let centre = key(&app, "centre", &[Scope::Review], None).await;
    limit_to_territory(&app, "centre", "ru-28").await;
    assert_eq!(ids(&ask(&app, &centre, PENDING, json!({})).await, "marksPending"), (vec!["73".into()], 1));
}

#[tokio::test]
async fn marks_that_expire_soon_are_listed_by_their_last_day() {
    const EXPIRING: &str =
        "query($days: Int!) { marksExpiring(withinDays: $days) { totalCount nodes { nativeId } } }";
    let (app, operator) = three_schools().await;
    let today = app.registry.snapshot().time_zone().today();
    for (native_id, days) in [("71", Some(9)), ("72", Some(3)), ("73", None)] {
        confirm(&app, &operator, native_id, days.map(|days| today + Days::new(days))).await;
    }
    for (days, expected) in [(0, vec![]), (3, vec!["72"]), (30, vec!["72", "71"])] {
        let found = ids(&ask(&app, &operator, EXPIRING, json!({ "days": days })).await, "marksExpiring");
        assert_eq!(found.0, expected, "{days}");
    }
    for days in [-1, 3_651] {
        let answer = ask(&app, &operator, EXPIRING, json!({ "days": days })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn only_reviewers_have_lists_of_marks() {
    let (app, _) = three_schools().await;
    let query = "{ marksPending { totalCount } marksExpiring { totalCount } }";
    let partner = key(&app, "partner", &[Scope::Read, Scope::Submit], None).await;
    let answer = ask(&app, &partner, query, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    // For everyone else there are no such fields.
    assert_eq!(
        app.ask(query, json!({})).await["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
}
