//! Values of inputs: their bounds, how they are left as they are, and how they are cleared.

use chrono::{Days, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{act, done, new, on, operator, refused, send};
use crate::suite::harness::TestApp;

const TULA: &str = "vk.com/gorod_tula";

async fn city() -> (TestApp, String) {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    app.organization("school", "School").await;
    let key = operator(&app).await;
    done(&app, &key, "pageRegister", new(TULA, json!({}))).await;
    (app, key)
}

#[tokio::test]
async fn values_have_bounds() {
    let (app, key) = city().await;
    let tomorrow = (Utc::now().date_naive() + Days::new(2)).to_string();
    let many: Vec<_> = (0..11).map(|_| "ru").collect();
    let schools: Vec<_> = (0..21).map(|_| json!({ "code": "school" })).collect();
    let later = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    for (mutation, more, code, field) in [
        ("pageEdit", json!({ "title": " " }), "INVALID_VALUE", "title"),
        ("pageEdit", json!({ "title": "x".repeat(1_001) }), "INVALID_VALUE", "title"),
        ("pageEdit", json!({ "officeTitle": "May\u{7}or" }), "INVALID_VALUE", "officeTitle"),
        ("pageEdit", json!({ "pageType": "two\nlines" }), "INVALID_VALUE", "pageType"),
        ("pageEdit", json!({ "languages": ["ru", "xx"] }), "INVALID_VALUE", "languages.1"),
        ("pageEdit", json!({ "languages": many }), "INVALID_VALUE", "languages"),
        ("pageEdit", json!({ "validFrom": tomorrow }), "INVALID_VALUE", "validFrom"),
        ("pageEdit", json!({ "nativeId": "7\u{7}" }), "INVALID_NATIVE_ID", "nativeId"),
        ("pageEdit", json!({ "category": "CARD", "clear": ["CATEGORY"] }), "INVALID_VALUE", "clear"),
        ("pageEdit", json!({ "reason": " " }), "INVALID_REASON", "reason"),
        ("pageEdit", json!({ "reason": "x".repeat(501) }), "INVALID_REASON", "reason"),
        ("pageEdit", json!({ "evidence": { "urls": ["ftp://x.example"] } }), "INVALID_EVIDENCE", "evidence"),
        ("pageEdit", json!({ "evidence": { "date": tomorrow } }), "INVALID_EVIDENCE", "evidence"),
        ("pageCoOwnersAdd", json!({ "coOwners": [] }), "INVALID_VALUE", "coOwners"),
        ("pageCoOwnersAdd", json!({ "coOwners": schools }), "INVALID_VALUE", "coOwners"),
        ("pageCoOwnersAdd", json!({ "coOwners": [{ "code": "city" }] }), "IS_OWNER", "coOwners.0"),
        ("pageCoOwnersRemove", json!({ "coOwners": [{ "code": "school" }] }), "NOT_A_CO_OWNER", "coOwners.0"),
        ("pageAvailabilityRecord", json!({ "state": "UNKNOWN" }), "INVALID_VALUE", "state"),
        (
            "pageAvailabilityRecord",
            json!({ "state": "LIVE", "checkedAt": later }),
            "INVALID_VALUE",
            "checkedAt",
        ),
        ("pageArchive", json!({ "page": { "url": "vk.com/none" } }), "PAGE_NOT_FOUND", "page"),
        ("pageArchive", json!({ "page": { "id": "none" } }), "PAGE_NOT_FOUND", "page"),
    ] {
        let found = refused(&app, &key, mutation, on(TULA, more.clone())).await;
        assert_eq!(found, (code.into(), format!("input.{field}")), "{mutation} {more}");
    }
}

#[tokio::test]
async fn what_is_left_out_or_null_stays_and_only_clear_removes_a_value() {
    let (app, key) = city().await;
    let all = json!({
        "title": "Tula", "pageType": "group", "officeTitle": "Mayor", "languages": ["ru"], "category": "CARD",
        "validFrom": "2024-01-01", "nativeId": "77",
    });
    let full = done(&app, &key, "pageEdit", on(TULA, all)).await;
    let nulls = json!({
        "title": null, "pageType": null, "officeTitle": null, "languages": null, "category": null, "validFrom": null,
        "nativeId": null, "clear": null,
    });
    for more in [json!({}), nulls] {
        let page = done(&app, &key, "pageEdit", on(TULA, more)).await;
        assert_eq!(page, full);
    }
    // The same with variables of single fields, of which one has no value.
    let query = "mutation($title: String, $type: String) { pageEdit(input: {
        page: { url: \"vk.com/gorod_tula\" }, reason: \"Letter.\", title: $title, pageType: $type
    }) { userErrors { code } page { title pageType } } }";
    let body = json!({ "query": query, "variables": { "title": "City" } });
    let answer = app.post("/graphql", Some(&key), &body).await.json();
    assert_eq!(
        answer["data"]["pageEdit"]["page"],
        json!({ "title": "City", "pageType": "group" }),
        "{answer:#}"
    );
    let fields = ["PAGE_TYPE", "OFFICE_TITLE", "LANGUAGES", "CATEGORY", "VALID_FROM"];
    let page = done(&app, &key, "pageEdit", on(TULA, json!({ "clear": fields }))).await;
    for field in ["pageType", "officeTitle", "category", "validFrom"] {
        assert_eq!(page[field], Value::Null, "{field}");
    }
    assert_eq!(
        (&page["languages"], &page["title"], &page["nativeId"]),
        (&json!([]), &json!("City"), &json!("77"))
    );
}

#[tokio::test]
async fn a_permanent_id_never_changes() {
    let (app, key) = city().await;
    done(&app, &key, "pageEdit", on(TULA, json!({ "nativeId": "77" }))).await;
    let other = on(TULA, json!({ "nativeId": "78" }));
    assert_eq!(
        refused(&app, &key, "pageEdit", other).await,
        ("OTHER_NATIVE_ID".into(), "input.nativeId".into())
    );
    done(&app, &key, "pageRegister", new("vk.com/gorod_oryol", json!({}))).await;
    let payload = act(&app, &key, "pageEdit", on("vk.com/gorod_oryol", json!({ "nativeId": "77" }))).await;
    assert_eq!(payload["userErrors"][0]["code"], "ALREADY_REGISTERED");
    assert_eq!(payload["page"]["handle"], "gorod_tula", "the page that has it");
}

#[tokio::test]
async fn an_input_without_a_reason_is_not_executed() {
    let (app, key) = city().await;
    let before = app.registry.snapshot().seq();
    for input in [json!({ "page": { "url": TULA } }), json!({ "reason": "Letter." })] {
        let answer = send(&app, &key, "pageArchive", &input).await;
        assert_eq!(answer.code(), "BAD_USER_INPUT", "{:#}", answer.json());
    }
    let unknown = json!({ "page": { "url": TULA }, "reason": "Letter.", "because": "x" });
    let answer = send(&app, &key, "pageArchive", &unknown).await;
    assert!(answer.json()["errors"][0]["message"].to_string().contains("because"), "{:#}", answer.json());
    assert_eq!(app.registry.snapshot().seq(), before);
}
