//! References to pages: exactly one in a mutation, in files several that name the same page.

use axum::http::{Request, StatusCode};
use registry::{global_id, model::Scope};
use serde_json::json;

use super::{
    harness::{Answer, TestApp},
    statistics::{day, is_sound, old_page, statuses, submit},
};

/// A registry with the pages 1 and 2 on VK, the global id of the first one, and a key for all platforms.
async fn two_pages() -> (TestApp, String, String) {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let first = old_page(&app, school, "vk", "1").await;
    old_page(&app, school, "vk", "2").await;
    let key = app.key("all", Scope::Statistics).await;
    (app, global_id::encode("Page", first), key)
}

async fn load(app: &TestApp, key: &str, media_type: &str, body: String) -> Answer {
    let request = Request::post("/statistics")
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", media_type)
        .body(body.into());
    app.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_row_of_a_mutation_has_exactly_one_reference() {
    let (app, first, key) = two_pages().await;
    let rows = json!([
        { "page": { "id": first }, "day": day(1), "views": 1 },
        { "page": { "url": "https://vk.com/club1" }, "day": day(2), "views": 1 },
        { "page": { "native": { "platformCode": "vk", "nativeId": 1 } }, "day": day(3), "views": 1 },
        { "page": { "native": { "nativeId": "1" } }, "day": day(4), "views": 1 },
    ]);
    // The second time, the document is known.
    for stored in ["STORED", "DUPLICATE"] {
        let payload = submit(&app, &key, rows.clone()).await;
        assert_eq!(statuses(&payload), [stored, stored, stored, "REJECTED PAGE_NOT_FOUND"]);
    }
    let query = "mutation($i: StatisticsSubmitInput!) { statisticsSubmit(input: $i) { seq } }";
    for page in
        [json!({}), json!({ "id": first, "url": "https://vk.com/club1" }), json!({ "id": null }), json!(null)]
    {
        let row = json!({ "page": page, "day": day(1), "views": 2 });
        let body = json!({ "query": query, "variables": { "i": { "rows": [row] } } });
        let answer = app.post("/graphql", Some(&key), &body).await;
        let message = answer.json()["errors"][0]["message"].to_string();
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{message}");
        assert!(message.contains("input.rows[0].page"), "{message}");
        assert!(page.is_null() || message.contains("give exactly one field"), "{message}");
    }
    is_sound(&app).await;
}

#[tokio::test]
async fn references_of_a_row_of_a_file_name_the_same_page() {
    let (app, first, key) = two_pages().await;
    let day = day(1);
    let csv = [
        "pageId,platformCode,nativeId,url,day,views".to_owned(),
        format!("{first},vk,1,https://vk.com/club1,{day},1"),
        format!("{first},vk,2,,{day},2"),
        format!("{first},ok,1,,{day},3"),
        format!(",vk,1,https://vk.com/club2,{day},4"),
        format!("{first},,,https://vk.com/club404,{day},5"),
        format!(",vk,404,https://vk.com/club1,{day},6"),
    ];
    let summary = load(&app, &key, "text/csv", csv.join("\n")).await.json();
    assert_eq!(summary["stored"], 1, "{summary}");
    let expected = json!({ "CONTRADICTORY_REFERENCE": 4, "PAGE_NOT_FOUND": 1 });
    assert_eq!(summary["rejectedByCode"], expected, "{summary}");
    assert_eq!(summary["rejections"][0]["line"], 3);
    let message = summary["rejections"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("leave out `pageId`"), "{message}");
    is_sound(&app).await;
}

#[tokio::test]
async fn the_column_of_the_platform_is_also_read_under_its_former_name() {
    let (app, _, key) = two_pages().await;
    let day = day(1);
    for (column, outcome) in [("platformCode", "stored"), ("platform", "duplicates")] {
        let csv = format!("{column},nativeId,day,views\nvk,1,{day},1\n");
        let summary = load(&app, &key, "text/csv", csv).await.json();
        assert_eq!(summary[outcome], 1, "{column}: {summary}");
        let line = json!({ column: "vk", "nativeId": "1", "day": day, "views": 1 }).to_string();
        let summary = load(&app, &key, "application/x-ndjson", line).await.json();
        assert_eq!(summary["duplicates"], 1, "{column}: {summary}");
    }
    let both = format!("platform,platformCode,nativeId,day,views\nvk,vk,1,{day},1\n");
    let refused = load(&app, &key, "text/csv", both).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST".into()));
}
