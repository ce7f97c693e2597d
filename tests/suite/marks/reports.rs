//! Reports of platforms: states of marks, and availability.

use std::sync::Arc;

use chrono::{TimeDelta, Utc};
use entities::page::Mark;
use registry::{
    author::Author,
    idempotency::{IdempotentCall, KeyMismatch, WriteRequest},
    model::{Scope, SourceRank, rank_of},
    platform_report::{self, MarkReportRow, RowOutcome},
    record_reference::PageReference,
};
use serde_json::{Value, json};

use super::{confirm, is_sound, key, native, school, state};
use crate::suite::harness::TestApp;

/// The payload of a report.
async fn report(app: &TestApp, key: &str, mutation: &str, rows: Value) -> Value {
    let (first, rest) = mutation.split_at(1);
    let name = format!("{}{rest}Input", first.to_uppercase());
    let query = format!(
        "mutation($rows: [{}]!) {{ it: {mutation}(input: {{ rows: $rows }}) {{
            results {{ index status code message }} seq userErrors {{ code field }} }} }}",
        name.replace("Input", "RowInput!")
    );
    let body = json!({ "query": query, "variables": { "rows": rows } });
    let mut answer = app.post("/graphql", Some(key), &body).await.json();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["it"].take()
}

/// Status and code of each row.
fn outcomes(payload: &Value) -> Vec<String> {
    let results = payload["results"].as_array().expect("results").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    results.map(|it| format!("{} {}", text(&it["status"]), text(&it["code"])).trim().to_owned()).collect()
}

#[tokio::test]
async fn a_platform_reports_the_marks_of_its_own_pages_and_nothing_else() {
    let app = TestApp::start().await;
    let (owner, _) = school(&app, "ru-28", "71").await;
    school(&app, "ru-28", "72").await;
    app.page(owner, "ok", "73").await;
    let vk = key(&app, "VK", &[Scope::Submit], Some("vk")).await;
    let rows = json!([
        { "page": native("71"), "state": "CONFIRMED", "method": "gosuslugi" },
        { "page": { "native": { "nativeId": "72" } }, "state": "CONFIRMED" },
        { "page": { "native": { "nativeId": "72" } }, "state": "CONFIRMED", "method": "by post" },
        { "page": { "url": "https://vk.com/club72" }, "state": "NONE" },
        { "page": { "native": { "platformCode": "ok", "nativeId": "73" } }, "state": "LOST" },
        { "page": native("404"), "state": "LOST" },
        { "page": native("72"), "state": "REQUESTED", "at": "yesterday" },
    ]);
    let first = report(&app, &vk, "markReport", rows.clone()).await;
    let expected = [
        "UPDATED",
        "REJECTED METHOD_MISSING",
        "REJECTED UNKNOWN_METHOD",
        "UNCHANGED",
        "REJECTED NOT_ALLOWED",
        "REJECTED PAGE_NOT_FOUND",
        "REJECTED MALFORMED",
    ];
    assert_eq!(outcomes(&first), expected);
    assert_eq!(first["userErrors"], json!([]));
    let seq = app.registry.snapshot().seq();
    assert_eq!(first["seq"], seq);
    // The same rows again write nothing.
    let again = report(&app, &vk, "markReport", rows).await;
    assert_eq!((outcomes(&again)[0].as_str(), &again["seq"]), ("UNCHANGED", &json!(seq)));
    let query = "{ page(url: \"https://vk.com/club71\") { mark { state method }
        history(first: 1) { nodes { role reason } } } }";
    let all = key(&app, "all", &[Scope::Submit], None).await;
    let lost = json!([{ "page": native("71"), "state": "LOST" }]);
    assert_eq!(outcomes(&report(&app, &all, "markReport", lost).await), ["REJECTED NOT_ALLOWED"]);
    let page = app.data(query, json!({})).await["page"].take();
    assert_eq!(page["mark"], json!({ "state": "CONFIRMED", "method": "gosuslugi" }));
    let entry = json!({ "role": "PARTNER", "reason": "reported by the platform" });
    assert_eq!(page["history"]["nodes"][0], entry);
    is_sound(&app);
}

#[tokio::test]
async fn what_an_operator_decided_is_pinned_against_reports() {
    let app = TestApp::start().await;
    let (_, page) = school(&app, "ru-28", "71").await;
    let operator = key(&app, "operator", &[Scope::Write], None).await;
    let vk = key(&app, "VK", &[Scope::Submit], Some("vk")).await;
    let lost = json!([{ "page": native("71"), "state": "LOST" }]);
    let rank = || rank_of(&app.registry.snapshot().page(page).expect("a page").field_sources, "mark");
    let confirmed = json!([{ "page": native("71"), "state": "CONFIRMED", "method": "gosuslugi" }]);
    assert_eq!(outcomes(&report(&app, &vk, "markReport", confirmed.clone()).await), ["UPDATED"]);
    assert_eq!(rank(), SourceRank::Platform);
    assert_eq!(outcomes(&report(&app, &vk, "markReport", lost.clone()).await), ["UPDATED"]);
    confirm(&app, &operator, "71", None).await;
    assert_eq!(rank(), SourceRank::Operator);
    let before = app.registry.snapshot().seq();
    assert_eq!(outcomes(&report(&app, &vk, "markReport", lost).await), ["REJECTED PINNED"]);
    assert_eq!(outcomes(&report(&app, &vk, "markReport", confirmed).await), ["UNCHANGED"]);
    assert_eq!(app.registry.snapshot().seq(), before, "nothing changes");
}

#[tokio::test]
async fn a_platform_reports_which_pages_can_be_reached_and_their_new_handles() {
    let app = TestApp::start().await;
    let (owner, _) = school(&app, "ru-28", "71").await;
    let named = app.page(owner, "vk", "school_71").await;
    app.change_page(named, |page, _| page.native_id = Some("72".into())).await;
    app.page(owner, "vk", "taken_71").await;
    let vk = key(&app, "VK", &[Scope::Submit], Some("vk")).await;
    let now = Utc::now();
    let rows = json!([
        { "page": native("71"), "availability": "CLOSED", "checkedAt": now - TimeDelta::hours(1) },
        { "page": native("71"), "availability": "LIVE", "checkedAt": now - TimeDelta::hours(2) },
        { "page": native("71"), "availability": "LIVE", "checkedAt": now + TimeDelta::days(1) },
        { "page": native("71"), "availability": "UNKNOWN" },
        { "page": native("72"), "availability": "RENAMED", "newHandle": "taken_71" },
        { "page": native("72"), "availability": "LIVE", "newHandle": "new_school_71" },
        { "page": native("72"), "availability": "RENAMED", "newHandle": "settings" },
        { "page": native("72"), "availability": "RENAMED", "newHandle": "new_school_71" },
    ]);
    let expected = [
        "UPDATED",
        "REJECTED OLDER_THAN_KNOWN",
        "REJECTED DATE_IN_FUTURE",
        "REJECTED STATE_NOT_REPORTABLE",
        "REJECTED HANDLE_TAKEN",
        "REJECTED NEW_HANDLE_NOT_ALLOWED",
        "REJECTED INVALID_HANDLE",
        "UPDATED",
    ];
    assert_eq!(outcomes(&report(&app, &vk, "availabilityReport", rows.clone()).await), expected);
    let again = outcomes(&report(&app, &vk, "availabilityReport", rows).await);
    assert_eq!((again[0].as_str(), again[7].as_str()), ("UNCHANGED", "UNCHANGED"));
    let query = "{ pageByNativeId(platformCode: \"vk\", nativeId: \"72\") {
        handle availability aliases { handle kind } } }";
    let page = app.data(query, json!({})).await["pageByNativeId"].take();
    let former = json!([{ "handle": "school_71", "kind": "FORMER" }]);
    assert_eq!(page, json!({ "handle": "new_school_71", "availability": "LIVE", "aliases": former }));
    is_sound(&app);
}

#[tokio::test]
async fn a_report_has_rows_up_to_a_limit_and_needs_its_scope() {
    let app = TestApp::start().await;
    school(&app, "ru-28", "71").await;
    let vk = key(&app, "VK", &[Scope::Submit], Some("vk")).await;
    let row = json!({ "page": native("71"), "state": "LOST" });
    let none = report(&app, &vk, "markReport", json!([])).await;
    let error = json!([{ "code": "NO_ROWS", "field": ["input", "rows"] }]);
    assert_eq!((&none["userErrors"], &none["seq"]), (&error, &Value::Null));
    let more = report(&app, &vk, "markReport", vec![row.clone(); 1_001].into()).await;
    assert_eq!(more["userErrors"][0]["code"], "TOO_MANY_ROWS");
    let most = report(&app, &vk, "markReport", vec![row.clone(); 1_000].into()).await;
    assert_eq!(most["results"].as_array().map(Vec::len), Some(1_000));
    let reader = key(&app, "reader", &[Scope::Read, Scope::Statistics], None).await;
    let query = "mutation($rows: [MarkReportRowInput!]!) { markReport(input: { rows: $rows }) { seq } }";
    let body = json!({ "query": query, "variables": { "rows": [row] } });
    let answer = app.post("/graphql", Some(&reader), &body).await.json();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(state(&app, &vk, "markRequest", super::of("71", "asked for")).await, "REQUESTED");
}

#[tokio::test]
async fn a_report_that_is_repeated_with_its_idempotency_key_has_the_same_results() {
    let app = TestApp::start().await;
    school(&app, "ru-28", "71").await;
    key(&app, "VK", &[Scope::Submit], Some("vk")).await;
    let client = app.registry.snapshot().client_by_name("VK").cloned().expect("a client");
    let send = async |hash: u8, state: Mark| {
        let call = IdempotentCall { key: "night".into(), field: "it".into(), request_hash: [hash; 32] };
        let author = Author::client(Arc::clone(&client));
        let request = WriteRequest { call: Some(call), ..WriteRequest::new(author) };
        let page = PageReference::Native { platform_code: None, native_id: "71".into() };
        let method = Some("gosuslugi".to_owned());
        let row = MarkReportRow { page, state, method, at: None, expires_on: None };
        platform_report::report_marks(&app.registry, request, vec![Ok(row)]).await
    };
    let first = send(1, Mark::Confirmed).await.expect("a write").expect("a report");
    let again = send(1, Mark::Confirmed).await.expect("a write").expect("a report");
    assert_eq!((first.result.as_slice(), first.is_replayed), ([RowOutcome::Updated].as_slice(), false));
    assert_eq!((again.result, again.seq, again.is_replayed), (first.result, first.seq, true));
    let other = send(2, Mark::Lost).await.expect_err("another request with the key");
    assert!(other.is::<KeyMismatch>(), "{other}");
}
