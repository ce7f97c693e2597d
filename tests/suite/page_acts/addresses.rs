//! Addresses: what is no page is refused, a page is registered once, and handles pass on without what belonged to them.

use entities::organization::Status;
use serde_json::{Value, json};

use super::{act, done, new, on, operator, refused, verdict};
use crate::suite::harness::TestApp;

async fn city() -> (TestApp, String) {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let key = operator(&app).await;
    (app, key)
}

#[tokio::test]
async fn what_is_no_page_is_refused_with_the_reason() {
    let (app, key) = city().await;
    for (url, code) in [
        ("vk.com/id5", "PERSONAL_PROFILE"),
        ("https://example.org/tula", "UNSUPPORTED_PLATFORM"),
        ("https://t.me/+abcdef", "NOT_A_PAGE"),
        ("vk.com", "NOT_A_PAGE"),
        ("Tula", "NOT_A_PAGE"),
        ("https://vk.com/one https://vk.com/two", "NOT_A_PAGE"),
    ] {
        let found = refused(&app, &key, "pageRegister", new(url, json!({}))).await;
        assert_eq!(found, (code.into(), "input.address.url".into()), "{url}");
    }
    let handle =
        |handle: &str| json!({ "address": { "handle": { "platformCode": "vk", "handle": handle } } });
    let native = |platform: Value, id: &str| {
        let native = json!({ "platformCode": platform, "nativeId": id });
        json!({ "address": { "native": native } })
    };
    for (address, code, field) in [
        (handle("id5"), "NOT_A_PAGE", "address.handle.handle"),
        (handle("что-то"), "NOT_A_PAGE", "address.handle.handle"),
        (native(json!("vk"), "abc"), "INVALID_NATIVE_ID", "address.native.nativeId"),
        (native(json!("nowhere"), "77"), "UNSUPPORTED_PLATFORM", "address.native.platformCode"),
        (native(Value::Null, "77"), "INVALID_VALUE", "address.native.platformCode"),
    ] {
        let (found, path) = refused(&app, &key, "pageRegister", new("", address.clone())).await;
        // Reserved names of the platform may be refused as persons or as no page.
        let is_refusal = found == code || found == "PERSONAL_PROFILE";
        assert!(is_refusal && path == format!("input.{field}"), "{address}: {found} {path}");
    }
}

#[tokio::test]
async fn a_page_is_registered_by_its_address_its_handle_or_its_id() {
    let (app, key) = city().await;
    let by_handle =
        json!({ "address": { "handle": { "platformCode": "telegram", "handle": "Gorod_Tula" } } });
    let page = done(&app, &key, "pageRegister", new("", by_handle)).await;
    assert_eq!(page["url"], "https://t.me/gorod_tula");
    let by_id = json!({ "address": { "native": { "platformCode": "vk", "nativeId": "77" } } });
    let page = done(&app, &key, "pageRegister", new("", by_id)).await;
    assert_eq!(
        (&page["nativeId"], &page["handle"], &page["title"]),
        (&json!("77"), &Value::Null, &json!("77"))
    );
}

#[tokio::test]
async fn a_page_that_the_registry_has_is_named() {
    let (app, key) = city().await;
    done(&app, &key, "pageRegister", new("vk.com/gorod_tula", json!({ "nativeId": "77" }))).await;
    for (url, more, code) in [
        ("vk.com/gorod_tula", json!({}), "ALREADY_REGISTERED"),
        ("vk.com/gorod_tula", json!({ "nativeId": "77" }), "ALREADY_REGISTERED"),
        ("vk.com/another", json!({ "nativeId": "77" }), "ALREADY_REGISTERED"),
        ("vk.com/club77", json!({}), "ALREADY_REGISTERED"),
        ("vk.com/gorod_tula", json!({ "nativeId": "78" }), "HANDLE_TAKEN"),
        ("vk.com/club77", json!({ "nativeId": "78" }), "OTHER_NATIVE_ID"),
    ] {
        let payload = act(&app, &key, "pageRegister", new(url, more)).await;
        let error = &payload["userErrors"][0];
        assert_eq!(error["code"], code, "{url}: {payload}");
        if code != "OTHER_NATIVE_ID" {
            assert_eq!(payload["page"]["nativeId"], "77");
            assert!(error["message"].as_str().is_some_and(|text| text.contains("page 1 (")), "{error}");
        }
    }
    // An archived page is restored, not registered again; only ids tell that its address is another page's.
    done(&app, &key, "pageArchive", on("vk.com/gorod_tula", json!({}))).await;
    for more in [json!({}), json!({ "nativeId": "77" })] {
        let payload = act(&app, &key, "pageRegister", new("vk.com/gorod_tula", more)).await;
        let error = &payload["userErrors"][0];
        assert_eq!(
            (&error["code"], &payload["page"]["lifecycle"]),
            (&json!("ALREADY_REGISTERED"), &json!("ARCHIVED"))
        );
        assert!(error["message"].as_str().is_some_and(|text| text.contains("pageRestore")), "{error}");
    }
    let page = done(&app, &key, "pageRegister", new("vk.com/gorod_tula", json!({ "nativeId": "78" }))).await;
    assert_eq!(page["nativeId"], "78");
    let native = json!({ "native": { "platformCode": "vk", "nativeId": "77" } });
    let restore = on("", json!({ "page": native }));
    assert_eq!(
        refused(&app, &key, "pageRestore", restore).await,
        ("HANDLE_TAKEN".into(), "input.page".into())
    );
}

#[tokio::test]
async fn a_handle_that_passes_on_takes_nothing_with_it() {
    let (app, key) = city().await;
    done(&app, &key, "pageRegister", new("vk.com/gorod_tula", json!({ "nativeId": "77" }))).await;
    done(&app, &key, "pageRegister", new("vk.com/gorod_oryol", json!({ "nativeId": "78" }))).await;
    let to = |url: &str| json!({ "address": { "url": url } });
    let payload = act(&app, &key, "pageRename", on("vk.com/gorod_oryol", to("vk.com/gorod_tula"))).await;
    assert_eq!(payload["userErrors"][0]["code"], "HANDLE_TAKEN", "{payload}");
    assert_eq!(payload["page"]["nativeId"], "77", "the page that has it");
    let other = refused(&app, &key, "pageRename", on("vk.com/gorod_tula", to("t.me/gorod_tula"))).await;
    assert_eq!(other, ("OTHER_PLATFORM".into(), "input.address".into()));
    let other = refused(&app, &key, "pageRename", on("vk.com/gorod_tula", to("vk.com/club99"))).await;
    assert_eq!(other.0, "OTHER_NATIVE_ID");
    done(&app, &key, "pageAvailabilityRecord", on("vk.com/gorod_tula", json!({ "state": "RENAMED" }))).await;
    let page = done(&app, &key, "pageRename", on("vk.com/gorod_tula", to("vk.com/tula_city"))).await;
    assert_eq!((&page["availability"], &page["availabilityCheckedAt"]), (&json!("UNKNOWN"), &Value::Null));
    assert_eq!(
        verdict(&app, "vk.com/gorod_tula").await,
        "NOT_REGISTERED",
        "a former handle may be anybody's"
    );
    // It passes from one page to the other; the former one keeps its record, the other one its own.
    let page = done(&app, &key, "pageRename", on("vk.com/gorod_oryol", to("vk.com/gorod_tula"))).await;
    assert_eq!((&page["nativeId"], &page["title"]), (&json!("78"), &json!("gorod_oryol")));
    done(&app, &key, "pageArchive", on("vk.com/gorod_tula", json!({}))).await;
    assert_eq!(verdict(&app, "vk.com/gorod_tula").await, "ARCHIVED");
    assert_eq!(verdict(&app, "vk.com/tula_city").await, "OFFICIAL");
    // A page that has lost its handle is found by its id.
    let page = done(&app, &key, "pageRename", on("vk.com/tula_city", to("vk.com/club77"))).await;
    assert_eq!((&page["handle"], &page["url"]), (&Value::Null, &json!("https://vk.com/club77")));
    assert_eq!(crate::suite::tampering::fault(&app).await, None);
}

#[tokio::test]
async fn only_an_active_organization_has_official_pages() {
    let (app, key) = city().await;
    let school = app.organization("school", "School").await;
    done(&app, &key, "pageRegister", new("vk.com/gorod_tula", json!({}))).await;
    app.change_organization(school, |school| school.status = Status::Suspended).await;
    let owner = json!({ "owner": { "code": "school" } });
    let code = "ORGANIZATION_NOT_ACTIVE".to_owned();
    let register = refused(&app, &key, "pageRegister", new("vk.com/school", owner.clone())).await;
    let change = refused(&app, &key, "pageOwnerChange", on("vk.com/gorod_tula", owner)).await;
    assert_eq!(
        (register, change),
        ((code.clone(), "input.owner".into()), (code.clone(), "input.owner".into()))
    );
    let added = json!({ "coOwners": [{ "code": "school" }] });
    let add = refused(&app, &key, "pageCoOwnersAdd", on("vk.com/gorod_tula", added)).await;
    assert_eq!(add, (code.clone(), "input.coOwners.0".into()));
    done(&app, &key, "pageReportCompromised", on("vk.com/gorod_tula", json!({}))).await;
    app.change_organization(1, |city| city.status = Status::Suspended).await;
    let clear = on("vk.com/gorod_tula", json!({ "outcome": "REGISTERED" }));
    assert_eq!(refused(&app, &key, "pageCompromiseClear", clear).await.0, code);
    for reference in [json!({ "code": "none" }), json!({ "id": "none" })] {
        let input = new("vk.com/school", json!({ "owner": reference }));
        let found = refused(&app, &key, "pageRegister", input).await;
        assert_eq!(found, ("ORGANIZATION_NOT_FOUND".into(), "input.owner".into()));
    }
}
