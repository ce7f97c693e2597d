//! Acts on marks through the API.

use chrono::Days;
use entities::{change, organization::Status, page::Lifecycle};
use registry::model::Scope;
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use super::{act, confirm, confirmation, is_sound, key, of, school, send, state};
use crate::suite::harness::TestApp;

#[tokio::test]
async fn a_mark_is_requested_confirmed_and_revoked_each_by_one_change_with_its_reason() {
    let app = TestApp::start().await;
    school(&app, "ru-28", "77").await;
    let partner = key(&app, "VK", &[Scope::Submit], Some("vk")).await;
    let reviewer = key(&app, "centre", &[Scope::Review], None).await;
    let operator = key(&app, "operator", &[Scope::Write], None).await;
    let tomorrow = app.registry.snapshot().time_zone().today() + Days::new(1);
    let before = app.registry.snapshot().seq();
    for (key, mutation, input, expected) in [
        (&partner, "markRequest", of("77", "asked for by the school"), "REQUESTED"),
        (&reviewer, "markPend", of("77", "passed on to the school"), "PENDING_CONFIRMATION"),
        (&reviewer, "markConfirm", confirmation("77", Some(tomorrow)), "CONFIRMED"),
        (&operator, "markRevoke", of("77", "given by mistake"), "REVOKED"),
        (&partner, "markRequest", of("77", "asked for again"), "REQUESTED"),
        (&reviewer, "markReject", of("77", "not the school's page"), "REJECTED"),
    ] {
        assert_eq!(state(&app, key, mutation, input).await, expected, "{mutation}");
        is_sound(&app);
    }
    assert_eq!(app.registry.snapshot().seq(), before + 6, "one change each");
    let query = "{ page(url: \"https://vk.com/club77\") { mark { state method expiresOn }
        history(first: 6) { nodes { kind reason fields { field before after } } } } }";
    let page = app.data(query, json!({})).await["page"].take();
    assert_eq!(page["mark"], json!({ "state": "REJECTED", "method": null, "expiresOn": null }));
    let history = page["history"]["nodes"].as_array().expect("a history");
    assert!(history.iter().all(|entry| entry["kind"] == "MARK_CHANGED"), "{history:#?}");
    assert_eq!(history[2]["reason"], "given by mistake");
    let expiry = json!({ "field": "markExpiresOn", "before": null, "after": tomorrow });
    assert!(history[3]["fields"].as_array().is_some_and(|fields| fields.contains(&expiry)), "{history:#?}");
    let log = change::Entity::find().order_by_desc(change::Column::Seq);
    let log = log.all(&app.registry.database().read).await.expect("the log");
    assert_eq!((log[3].actor.as_str(), log[4].actor.as_str()), ("client:centre", "client:centre"));
    assert!(
        log[3].evidence.as_deref().is_some_and(|text| text.contains("https://vk.com/club77")),
        "{:?}",
        log[3]
    );
}

#[tokio::test]
async fn an_act_that_is_not_possible_is_refused_with_those_that_are() {
    let app = TestApp::start().await;
    let (school, page) = school(&app, "ru-28", "77").await;
    let operator = key(&app, "operator", &[Scope::Write, Scope::Review], None).await;
    let code = async |mutation: &str, input: Value| state(&app, &operator, mutation, input).await;
    let refused = act(&app, &operator, "markRevoke", of("77", "mistake")).await;
    let error = &refused["userErrors"][0];
    assert_eq!((&error["code"], &error["field"]), (&json!("ILLEGAL_TRANSITION"), &json!(["input", "page"])));
    let message = error["message"].as_str().unwrap_or_default();
    assert_eq!(message, "`markRevoke` is not possible for a mark that is NONE; possible are markRequest.");
    assert_eq!((&refused["seq"], &refused["page"]["mark"]["state"]), (&Value::Null, &json!("NONE")));
    assert_eq!(code("markRequest", of("404", "x")).await, "PAGE_NOT_FOUND");
    assert_eq!(code("markRequest", of("77", " ")).await, "INVALID_REASON");
    assert_eq!(code("markRequest", of("77", "asked for")).await, "REQUESTED");
    assert_eq!(code("markPend", of("77", "passed on")).await, "PENDING_CONFIRMATION");
    let yesterday = app.registry.snapshot().time_zone().today() - Days::new(1);
    let with = |field: &str, value: Value| {
        let mut input = confirmation("77", None);
        input[field] = value;
        input
    };
    for (input, expected) in [
        (with("method", json!("by post")), "UNKNOWN_METHOD"),
        (with("at", json!("2999-01-01T00:00:00Z")), "DATE_IN_FUTURE"),
        (with("expiresOn", json!(yesterday)), "EXPIRY_IN_PAST"),
        (with("evidence", json!({})), "EVIDENCE_MISSING"),
        (with("evidence", json!({ "urls": ["javascript:alert(1)"] })), "INVALID_EVIDENCE"),
    ] {
        assert_eq!(code("markConfirm", input).await, expected);
    }
    app.change_organization(school, |it| it.status = Status::Suspended).await;
    assert_eq!(code("markConfirm", confirmation("77", None)).await, "ORGANIZATION_NOT_ACTIVE");
    app.change_organization(school, |it| it.status = Status::Active).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Compromised).await;
    assert_eq!(code("markConfirm", confirmation("77", None)).await, "PAGE_NOT_REGISTERED");
    assert_eq!(code("markReject", of("77", "no longer the school's")).await, "REJECTED");
    is_sound(&app);
}

#[tokio::test]
async fn a_mark_of_a_platform_without_marks_cannot_be_requested() {
    let app = TestApp::start().await;
    let (school, _) = school(&app, "ru-28", "77").await;
    let snapshot = app.registry.snapshot();
    let unmarked = snapshot.platforms().values().find(|it| it.mark_methods.is_empty()).expect("a platform");
    let id = app.page(school, &unmarked.code, "school_77").await;
    let operator = key(&app, "operator", &[Scope::Write], None).await;
    let input = json!({ "page": { "id": registry::global_id::encode("Page", id) }, "reason": "asked for" });
    assert_eq!(state(&app, &operator, "markRequest", input).await, "NO_MARK_ON_PLATFORM");
}

#[tokio::test]
async fn a_key_acts_with_its_scopes_and_within_its_limits() {
    let app = TestApp::start().await;
    let (_, page) = school(&app, "ru-28", "77").await;
    let reader = key(&app, "reader", &[Scope::Read], None).await;
    let partner = key(&app, "VK", &[Scope::Submit], Some("vk")).await;
    let other = key(&app, "OK", &[Scope::Submit, Scope::Review], Some("ok")).await;
    let reviewer = key(&app, "centre", &[Scope::Review], None).await;
    let forbidden = |answer: Value| answer["errors"][0]["extensions"]["code"] == "FORBIDDEN";
    assert!(forbidden(send(&app, &reader, "markRequest", of("77", "asked for")).await));
    assert!(forbidden(send(&app, &partner, "markPend", of("77", "passed on")).await));
    assert_eq!(state(&app, &other, "markRequest", of("77", "asked for")).await, "NOT_ALLOWED");
    confirm(&app, &reviewer, "77", None).await;
    assert!(forbidden(send(&app, &reviewer, "markRevoke", of("77", "mistake")).await));
    super::limit_to_territory(&app, "centre", "ru-54").await;
    assert_eq!(state(&app, &reviewer, "markLost", of("77", "gone")).await, "NOT_ALLOWED");
    super::limit_to_territory(&app, "centre", "ru-28").await;
    // The page is within the limits now, but the decision of a key without limits binds one with them.
    assert_eq!(state(&app, &reviewer, "markLost", of("77", "gone")).await, "NOT_ALLOWED");
    // A page that the key may not see does not exist for it.
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Proposed).await;
    assert_eq!(state(&app, &partner, "markRequest", of("77", "asked for")).await, "PAGE_NOT_FOUND");
    assert_eq!(state(&app, &reviewer, "markRequest", of("77", "asked for")).await, "REQUESTED");
    assert_eq!(state(&app, &reviewer, "markPend", of("77", "passed on")).await, "NOT_ALLOWED");
    school(&app, "ru-28", "78").await;
    assert_eq!(state(&app, &reviewer, "markRequest", of("78", "asked for")).await, "REQUESTED");
}

#[tokio::test]
async fn an_act_on_a_page_that_was_changed_since_it_was_read_is_a_conflict() {
    let app = TestApp::start().await;
    school(&app, "ru-28", "77").await;
    let operator = key(&app, "operator", &[Scope::Write], None).await;
    let read = app.registry.snapshot().seq();
    assert_eq!(state(&app, &operator, "markRequest", of("77", "asked for")).await, "REQUESTED");
    let mut input = of("77", "refused");
    input["ifSeq"] = json!(read);
    let payload = act(&app, &operator, "markReject", input.clone()).await;
    assert_eq!(payload["userErrors"][0]["code"], "CONFLICT");
    assert_eq!(payload["page"]["mark"]["state"], "REQUESTED", "the newer state");
    input["ifSeq"] = json!(app.registry.snapshot().seq());
    assert_eq!(state(&app, &operator, "markReject", input).await, "REJECTED");
}
