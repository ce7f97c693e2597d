//! Each act: one write with its actor, reason and evidence, seen by history and verification.

use entities::{
    change::{self, Kind},
    page::Lifecycle,
};
use registry::model::{SourceRank, rank_of};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use super::{REASON, act, done, new, on, operator, verdict};
use crate::suite::harness::{TestApp, seed};

const TULA: &str = "https://vk.com/gorod_tula";

async fn changes_after(app: &TestApp, seq: i64) -> Vec<change::Model> {
    let later = change::Entity::find().filter(change::Column::Seq.gt(seq)).order_by_asc(change::Column::Seq);
    later.all(&app.registry.database().read).await.expect("the log")
}

/// A registry with three organizations, the page of the first one, and the key of an operator.
async fn city() -> (TestApp, String) {
    let app = TestApp::start().await;
    for (code, name) in [("city", "City"), ("school", "School"), ("library", "Library")] {
        app.organization(code, name).await;
    }
    let key = operator(&app).await;
    done(&app, &key, "pageRegister", new(TULA, json!({ "nativeId": "77", "title": "Tula" }))).await;
    (app, key)
}

/// A page that was proposed.
async fn proposed(app: &TestApp, handle: &'static str) {
    app.put(move |change_set| {
        let mut page = seed::page(change_set, 1, "vk", None, Some(handle));
        page.lifecycle = Lifecycle::Proposed;
        page.registered_at = None;
        page
    })
    .await;
}

#[tokio::test]
async fn a_registered_page_is_official_at_once() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let key = operator(&app).await;
    assert_eq!(verdict(&app, TULA).await, "NOT_REGISTERED");
    let more = json!({
        "nativeId": "77", "title": " Город  Тула ", "pageType": "group", "officeTitle": "Mayor",
        "languages": ["ru", "en", "ru"], "category": "FLAGSHIP", "validFrom": "2024-03-01",
    });
    let page = done(&app, &key, "pageRegister", new("VK.ru/Gorod_Tula/", more)).await;
    let expected = json!({
        "url": TULA, "handle": "gorod_tula", "nativeId": "77", "title": "Город Тула", "pageType": "group",
        "officeTitle": "Mayor", "languages": ["en", "ru"], "category": "FLAGSHIP", "validFrom": "2024-03-01",
        "lifecycle": "REGISTERED", "owner": { "code": "city" }, "coOwners": [], "aliases": [],
        "history": { "nodes": [{ "kind": "REGISTERED", "reason": REASON }] },
    });
    for (field, value) in expected.as_object().expect("an object") {
        assert_eq!(&page[field], value, "{field}");
    }
    assert_eq!(verdict(&app, TULA).await, "OFFICIAL");
    // Without a title, it is the handle, which imports may replace.
    let page = done(&app, &key, "pageRegister", new("vk.com/gorod_oryol", json!({}))).await;
    assert_eq!(page["title"], "gorod_oryol");
    let snapshot = app.registry.snapshot();
    let source = |id: i64, field: &str| rank_of(&snapshot.page(id).expect("a page").field_sources, field);
    assert_eq!((source(1, "title"), source(2, "title")), (SourceRank::Operator, SourceRank::Import));
    assert_eq!(source(2, "lifecycle"), SourceRank::Operator);
}

#[tokio::test]
async fn every_act_is_one_change_with_its_actor_reason_and_evidence() {
    let (app, key) = city().await;
    let renamed = "https://vk.com/tula_official";
    let acts = [
        ("pageEdit", on(TULA, json!({ "title": "City of Tula", "category": "ACTIVE" }))),
        ("pageOwnerChange", on(TULA, json!({ "owner": { "code": "school" } }))),
        ("pageCoOwnersAdd", on(TULA, json!({ "coOwners": [{ "code": "city" }, { "code": "library" }] }))),
        ("pageCoOwnersRemove", on(TULA, json!({ "coOwners": [{ "code": "city" }] }))),
        ("pageRename", on(TULA, json!({ "address": { "url": renamed } }))),
        ("pageAvailabilityRecord", on(renamed, json!({ "state": "LIVE" }))),
        ("pageWidgetRecord", on(renamed, json!({ "state": "CORRECT", "checkedAt": "2026-01-01T00:00:00Z" }))),
        ("pageReportCompromised", on(renamed, json!({}))),
        ("pageCompromiseClear", on(renamed, json!({ "outcome": "REGISTERED" }))),
        ("pageArchive", on(renamed, json!({}))),
        ("pageRestore", on(renamed, json!({}))),
        ("pageApprove", on(renamed, json!({}))),
    ];
    let evidence = json!({ "urls": ["https://tula.example/decree"], "document": "12", "date": "2025-01-15" });
    let mut page = Value::Null;
    for (mutation, mut input) in acts {
        input["evidence"] = evidence.clone();
        let before = app.registry.snapshot().seq();
        page = done(&app, &key, mutation, input).await;
        let changes = changes_after(&app, before).await;
        assert_eq!(changes.len(), 1, "{mutation}");
        assert_eq!(changes[0].actor, "client:operator");
        assert_eq!(changes[0].reason.as_deref(), Some(REASON));
        let kept: Value =
            serde_json::from_str(changes[0].evidence.as_deref().expect("evidence")).expect("JSON");
        assert_eq!(kept, evidence, "{mutation}");
    }
    assert_eq!((&page["title"], &page["owner"]["code"]), (&json!("City of Tula"), &json!("school")));
    assert_eq!(page["coOwners"], json!([{ "code": "library" }]));
    assert_eq!(page["aliases"], json!([{ "handle": "gorod_tula", "kind": "FORMER" }]));
    assert_eq!((&page["availability"], &page["widget"]), (&json!("LIVE"), &json!("CORRECT")));
    assert_eq!(page["widgetCheckedAt"], "2026-01-01T00:00:00Z");
    assert!(page["availabilityCheckedAt"].is_string());
    assert_eq!(verdict(&app, renamed).await, "OFFICIAL");
    assert_eq!(crate::suite::tampering::fault(&app).await, None);
}

#[tokio::test]
async fn verdicts_follow_the_lifecycle() {
    let (app, key) = city().await;
    for (mutation, more, expected, kind) in [
        ("pageReportCompromised", json!({}), "COMPROMISED", "COMPROMISED"),
        ("pageCompromiseClear", json!({ "outcome": "REGISTERED" }), "OFFICIAL", "RESTORED"),
        ("pageArchive", json!({}), "ARCHIVED", "ARCHIVED"),
        ("pageRestore", json!({}), "NOT_REGISTERED", "RESTORED"),
        ("pageReject", json!({ "code": "WRONG_OWNER" }), "NOT_REGISTERED", "REJECTED"),
        ("pageRestore", json!({}), "NOT_REGISTERED", "STATUS_CHANGED"),
        ("pageApprove", json!({}), "OFFICIAL", "REGISTERED"),
        ("pageReportCompromised", json!({}), "COMPROMISED", "COMPROMISED"),
        ("pageCompromiseClear", json!({ "outcome": "ARCHIVED" }), "ARCHIVED", "ARCHIVED"),
    ] {
        let page = done(&app, &key, mutation, on(TULA, more)).await;
        assert_eq!(verdict(&app, TULA).await, expected, "{mutation}");
        assert_eq!(page["history"]["nodes"], json!([{ "kind": kind, "reason": REASON }]), "{mutation}");
        let code = if mutation == "pageReject" { json!("WRONG_OWNER") } else { Value::Null };
        assert_eq!(page["rejectionCode"], code, "{mutation}");
    }
}

#[tokio::test]
async fn a_proposed_page_is_under_review_before_it_is_decided_on() {
    let (app, key) = city().await;
    for handle in ["one", "two", "three"] {
        proposed(&app, handle).await;
    }
    let before = app.registry.snapshot().seq();
    let page = done(&app, &key, "pageReviewStart", on("vk.com/one", json!({}))).await;
    assert_eq!(page["lifecycle"], "UNDER_REVIEW");
    done(&app, &key, "pageApprove", on("vk.com/one", json!({}))).await;
    // Both steps in one write.
    done(&app, &key, "pageApprove", on("vk.com/two", json!({}))).await;
    let page = done(&app, &key, "pageReject", on("vk.com/three", json!({ "code": "FAKE" }))).await;
    assert_eq!((&page["lifecycle"], &page["rejectionCode"]), (&json!("REJECTED"), &json!("FAKE")));
    let kinds: Vec<_> = changes_after(&app, before).await.iter().map(|change| change.kind).collect();
    let (review, registered, rejected) = (Kind::StatusChanged, Kind::Registered, Kind::Rejected);
    assert_eq!(kinds, [review, registered, review, registered, review, rejected]);
    assert_eq!(verdict(&app, "vk.com/two").await, "OFFICIAL");
    assert_eq!(verdict(&app, "vk.com/three").await, "NOT_REGISTERED");
    let registered = app.registry.snapshot().page(3).expect("a page").registered_at;
    assert!(registered.is_some(), "since it was approved");
}

#[tokio::test]
async fn an_act_that_changes_nothing_writes_nothing() {
    let (app, key) = city().await;
    let before = app.registry.snapshot().seq();
    for (mutation, more) in [
        ("pageEdit", json!({ "title": "Tula", "nativeId": "77" })),
        ("pageRename", json!({ "address": { "handle": { "platformCode": "vk", "handle": "Gorod_Tula" } } })),
        ("pageOwnerChange", json!({ "owner": { "code": "city" } })),
    ] {
        done(&app, &key, mutation, on(TULA, more)).await;
        assert_eq!(app.registry.snapshot().seq(), before, "{mutation}");
    }
}

#[tokio::test]
async fn a_page_that_was_changed_later_is_a_conflict_with_its_newer_state() {
    let (app, key) = city().await;
    let read = app.registry.snapshot().seq();
    done(&app, &key, "pageEdit", on(TULA, json!({ "title": "First", "ifSeq": read }))).await;
    let payload = act(&app, &key, "pageEdit", on(TULA, json!({ "title": "Second", "ifSeq": read }))).await;
    assert_eq!(payload["userErrors"][0]["code"], "CONFLICT", "{payload}");
    assert_eq!(payload["userErrors"][0]["field"], json!(["input", "ifSeq"]));
    assert_eq!((&payload["page"]["title"], &payload["seq"]), (&json!("First"), &Value::Null));
    // Changes of others are no conflict.
    let now = app.registry.snapshot().seq();
    app.organization("other", "Other").await;
    done(&app, &key, "pageEdit", on(TULA, json!({ "title": "Second", "ifSeq": now }))).await;
}

#[tokio::test]
async fn an_illegal_act_names_those_that_are_possible() {
    let (app, key) = city().await;
    let payload = act(&app, &key, "pageApprove", on(TULA, json!({}))).await;
    let error = &payload["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("ILLEGAL_TRANSITION"), &json!(["input", "page"])));
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("REGISTERED") && message.contains("pageArchive"), "{message}");
    assert!(!message.contains("pageRestore"), "{message}");
    assert_eq!(payload["page"]["lifecycle"], "REGISTERED");
}
