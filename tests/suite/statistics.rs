//! Statistics of pages: accepted and rejected rows, and sums that match the daily rows.

use axum::http::StatusCode;
use chrono::{Days, NaiveDate, Utc};
use registry::{
    model::{Platform, Scope},
    statistics,
};
use serde_json::{Value, json};

use super::harness::{Answer, TestApp};

const SUBMIT: &str = "mutation($input: StatisticsSubmitInput!) {
    statisticsSubmit(input: $input) {
        results { index status code isJump } userErrors { code field }
    }
}";

/// The day `ago` days before today.
pub fn day(ago: u64) -> NaiveDate {
    Utc::now().date_naive() - Days::new(ago)
}

/// A page that has been in the registry for a year, by platform and native id.
pub async fn old_page(app: &TestApp, owner: i64, platform: &str, native_id: &str) -> i64 {
    let id = app.page(owner, platform, native_id).await;
    app.change_page(id, |page, _| {
        let long_ago = Utc::now() - Days::new(400);
        page.created_at = long_ago;
        page.registered_at = Some(long_ago);
    })
    .await;
    id
}

/// Submits rows, and expects no error.
pub async fn submit(app: &TestApp, key: &str, rows: Value) -> Value {
    let body = json!({ "query": SUBMIT, "variables": { "input": { "rows": rows } } });
    let mut answer = app.post("/graphql", Some(key), &body).await.json();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["statisticsSubmit"].take()
}

/// Outcome of each row, as text.
pub fn statuses(payload: &Value) -> Vec<String> {
    let results = payload["results"].as_array().expect("results").iter();
    let outcome = |result: &Value| {
        let status = result["status"].as_str().unwrap_or_default();
        let jump = if result["isJump"] == json!(true) { " JUMP" } else { "" };
        match result["code"].as_str() {
            Some(code) => format!("{status} {code}"),
            None => format!("{status}{jump}"),
        }
    };
    results.map(outcome).collect()
}

/// Checks that sums and months match the daily rows.
pub async fn is_sound(app: &TestApp) {
    let checked =
        statistics::check(app.registry.database(), app.registry.snapshot(), |_| ()).await.expect("a check");
    assert_eq!(checked.faults, Vec::<String>::new());
}

#[tokio::test]
async fn every_row_is_judged_on_its_own_and_reported_by_code() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    app.page(school, "vk", "2").await;
    old_page(&app, school, "ok", "3").await;
    let platform = app.registry.snapshot().platform_by_code("vk").map(|it| Platform::clone(it)).expect("vk");
    let key =
        registry::api_client::create(&app.registry, "vk", vec![Scope::Statistics], Some(&platform.code));
    let key = key.await.expect("a key").key;
    let payload = submit(
        &app,
        &key,
        json!([
            { "page": { "native": { "nativeId": "1" } }, "day": day(3), "subscribers": 100, "views": 50 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(3), "subscribers": 100 },
            { "page": { "url": "https://vk.com/club1" }, "day": day(3), "subscribers": 101, "posts": 2 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(2), "subscribers": 1_011 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(1), "subscribers": 101 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(0), "subscribers": 1_010, "views": 10_000_000_000_i64 },
            { "page": { "native": { "nativeId": "404" } }, "day": day(1), "subscribers": 1 },
            { "page": { "native": { "platformCode": "ok", "nativeId": "3" } }, "day": day(1), "subscribers": 1 },
            { "page": { "native": { "nativeId": "1" } }, "day": Utc::now().date_naive() + Days::new(2), "subscribers": 1 },
            { "page": { "native": { "nativeId": "2" } }, "day": day(1), "subscribers": 1 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(1), "subscribers": -1 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(1), "subscribers": 2_147_483_648_i64 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(1), "views": 10_000_000_001_i64 },
            { "page": { "native": { "nativeId": "1" } }, "day": day(1) },
            { "page": { "native": { "nativeId": "1" } }, "day": day(1), "recordedAt": "2001-01-01T00:00:00Z", "subscribers": 7 },
        ]),
    )
    .await;
    assert_eq!(
        statuses(&payload),
        [
            "STORED",
            "DUPLICATE",
            "REPLACED",
            "STORED JUMP",
            "STORED JUMP",
            "STORED",
            "REJECTED PAGE_NOT_FOUND",
            "REJECTED OTHER_PLATFORM",
            "REJECTED IN_FUTURE",
            "REJECTED BEFORE_FIRST_SEEN",
            "REJECTED NEGATIVE",
            "REJECTED TOO_LARGE",
            "REJECTED TOO_LARGE",
            "REJECTED NO_FIGURES",
            "REJECTED OLDER_THAN_KNOWN",
        ]
    );
    is_sound(&app).await;
}

#[tokio::test]
async fn timestamps_of_figures_are_plausible() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "1").await;
    let soon = |minutes| (Utc::now() + chrono::TimeDelta::minutes(minutes)).to_rfc3339();
    let timestamps = [
        "+10000-01-01T00:00:00Z".to_owned(),
        "+262142-12-31T23:59:59.999999Z".to_owned(),
        "-262143-01-01T00:00:00Z".to_owned(),
        "1969-12-31T23:59:59.999999Z".to_owned(),
        "1989-12-31T23:59:59Z".to_owned(),
        soon(10),
        "1990-01-01T00:00:00Z".to_owned(),
        soon(3),
    ];
    for name in ["lastPostAt", "recordedAt"] {
        for (number, timestamp) in timestamps.iter().enumerate() {
            let mut row =
                json!({ "platformCode": "vk", "nativeId": "1", "day": day(number as u64), "subscribers": 5 });
            row[name] = json!(timestamp);
            let summary = load(&app, &key, "application/x-ndjson", &row.to_string()).await.json();
            let is_rejected = summary["rejectedByCode"] == json!({ "TIME_OUT_OF_RANGE": 1 });
            assert_eq!(is_rejected, number < 6, "{name} {timestamp}: {summary}");
        }
    }
    is_sound(&app).await;
}

#[tokio::test]
async fn only_keys_with_the_scope_may_send_and_the_public_schema_has_no_writes() {
    let app = TestApp::start().await;
    let body = json!({ "query": SUBMIT, "variables": { "input": { "rows": [] } } });
    assert_eq!(app.post("/graphql", None, &body).await.status, StatusCode::UNAUTHORIZED);
    let reader = app.key("reader", Scope::Read).await;
    assert_eq!(app.post("/graphql", Some(&reader), &body).await.code(), "FORBIDDEN");
    assert_eq!(app.post("/public/graphql", None, &body).await.code(), "GRAPHQL_VALIDATION_FAILED");
    let rejected = app.post("/statistics", Some(&reader), &json!({})).await;
    assert_eq!((rejected.status, rejected.code()), (StatusCode::FORBIDDEN, "FORBIDDEN".into()));
}

#[tokio::test]
async fn a_call_sent_again_answers_the_same_and_another_one_by_its_name_is_refused() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    let send = async |subscribers: i64, call: &str| {
        let rows = json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "subscribers": subscribers }]);
        let body =
            json!({ "query": SUBMIT, "variables": { "input": { "rows": rows, "idempotencyKey": call } } });
        app.post("/graphql", Some(&key), &body).await.json()["data"]["statisticsSubmit"].take()
    };
    let first = send(10, "a").await;
    let seq = app.registry.snapshot().seq();
    assert_eq!(statuses(&first), ["STORED"]);
    assert_eq!(send(10, "a").await, first);
    assert_eq!(send(11, "a").await["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH");
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was written");
    assert_eq!(statuses(&send(11, "b").await), ["REPLACED"]);
    let too_many = vec![json!({ "page": { "id": "x" }, "day": day(1) }); 1_001];
    assert_eq!(submit(&app, &key, json!(too_many)).await["userErrors"][0]["code"], "TOO_MANY_ROWS");
}

#[tokio::test]
async fn the_number_of_a_write_waits_for_it_on_another_server_also_if_it_was_sent_there_again() {
    let mut app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("all", Scope::Statistics).await;
    // A server that has not followed the log since it started.
    let other = app.second().await;
    let rows = json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "subscribers": 10 }]);
    let query = "mutation($input: StatisticsSubmitInput!) { statisticsSubmit(input: $input) { seq } }";
    let body = json!({ "query": query, "variables": { "input": { "rows": rows, "idempotencyKey": "a" } } });
    let first = app.post("/graphql", Some(&key), &body).await;
    let seq = first.json()["data"]["statisticsSubmit"]["seq"].as_i64().expect("a number");
    assert_eq!(first.header("registry-seq"), seq.to_string());
    assert_eq!(seq, app.registry.snapshot().seq());
    app.switch_to(other);
    let repeated = app.post("/graphql", Some(&key), &body).await;
    assert_eq!(repeated.json()["data"], first.json()["data"]);
    assert_eq!(repeated.header("registry-seq"), seq.to_string());
}

#[tokio::test]
async fn changes_by_a_client_with_a_key_have_the_role_of_a_partner() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let key = app.key("rutube", Scope::Statistics).await;
    let row = json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(1), "subscribers": 10 });
    assert_eq!(statuses(&submit(&app, &key, json!([row])).await), ["STORED"]);
    let roles = "{ changes(first: 200, filter: { kinds: [STATISTICS_RECORDED, REGISTERED] }) { nodes { kind role } } }";
    let changes = app.data(roles, json!({})).await["changes"]["nodes"].take();
    let of_figures =
        changes.as_array().expect("changes").iter().filter(|it| it["kind"] == "STATISTICS_RECORDED");
    assert_eq!(of_figures.map(|it| &it["role"]).collect::<Vec<_>>(), ["PARTNER"]);
}

async fn load(app: &TestApp, key: &str, media_type: &str, body: &str) -> Answer {
    let request = axum::http::Request::post("/statistics")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", media_type)
        .body(body.to_owned().into());
    app.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_nightly_load_reports_what_became_of_its_rows() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    for native_id in ["1", "2", "3"] {
        old_page(&app, school, "vk", native_id).await;
    }
    let key = app.key("all", Scope::Statistics).await;
    let yesterday = day(1);
    let csv = format!(
        "platformCode,nativeId,day,subscribers,views\nvk,1,{yesterday},10,\nvk,2,{yesterday},20,5\nvk,9,{yesterday},1,1\nvk,3,not a day,1,1\n"
    );
    let answer = load(&app, &key, "text/csv; charset=utf-8", &csv).await;
    assert_eq!(answer.status, StatusCode::OK);
    let summary = answer.json();
    assert_eq!(
        (&summary["rows"], &summary["stored"], &summary["rejected"]),
        (&json!(4), &json!(2), &json!(2))
    );
    assert_eq!(summary["rejectedByCode"], json!({ "MALFORMED": 1, "PAGE_NOT_FOUND": 1 }));
    assert_eq!(summary["rejections"][0]["line"], 4);
    let lines = format!(
        "{{\"platformCode\":\"vk\",\"nativeId\":\"1\",\"day\":\"{yesterday}\",\"subscribers\":10}}\n\n{{\"platformCode\":\"vk\",\"nativeId\":\"3\",\"day\":\"{yesterday}\",\"shorts\":4}}\nnonsense"
    );
    let summary = load(&app, &key, "application/x-ndjson", &lines).await.json();
    assert_eq!((&summary["stored"], &summary["duplicates"]), (&json!(1), &json!(1)));
    assert_eq!(summary["rejections"][0]["line"], 4);
    let lines = format!(
        "{{\"pageId\":\"x\",\"day\":\"{yesterday}\",\"zzz\":1}}\n{{\"day\":\"{yesterday}\",\"views\":\"5\"}}\n"
    );
    let summary = load(&app, &key, "application/x-ndjson", &lines).await.json();
    for (number, expected) in [(0, "unknown key `zzz`. Known keys: pageId, "), (1, "write a whole number")] {
        let rejection = summary["rejections"][number].to_string();
        assert!(rejection.contains(expected) && !rejection.contains("expected"), "{rejection}");
    }
    assert_eq!(load(&app, &key, "text/plain", "x").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    is_sound(&app).await;
}
