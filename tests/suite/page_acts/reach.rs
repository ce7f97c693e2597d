//! Who may act: scopes of keys, and their limits to a platform, organizations or territories.

use entities::page::Lifecycle;
use registry::model::Scope;
use serde_json::{Value, json};

use super::{act, done, key, limit, new, on, operator, refused, send};
use crate::suite::harness::TestApp;

/// Input of each mutation for a page, with its scope.
fn mutations(url: &str) -> Vec<(&'static str, Value, bool)> {
    let owner = json!({ "owner": { "code": "city" } });
    let co_owners = json!({ "coOwners": [{ "code": "city" }] });
    vec![
        ("pageRegister", new("vk.com/another", json!({})), false),
        ("pageEdit", on(url, json!({ "title": "Title" })), false),
        ("pageRename", on(url, json!({ "address": { "url": "vk.com/another" } })), false),
        ("pageOwnerChange", on(url, owner), false),
        ("pageCoOwnersAdd", on(url, co_owners.clone()), false),
        ("pageCoOwnersRemove", on(url, co_owners), false),
        ("pageReviewStart", on(url, json!({})), true),
        ("pageApprove", on(url, json!({})), true),
        ("pageReject", on(url, json!({ "code": "FAKE" })), true),
        ("pageArchive", on(url, json!({})), false),
        ("pageRestore", on(url, json!({})), false),
        ("pageReportCompromised", on(url, json!({})), false),
        ("pageCompromiseClear", on(url, json!({ "outcome": "ARCHIVED" })), false),
        ("pageAvailabilityRecord", on(url, json!({ "state": "LIVE" })), true),
        ("pageWidgetRecord", on(url, json!({ "state": "CORRECT" })), true),
    ]
}

#[tokio::test]
async fn each_mutation_requires_its_scope() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let page = app.page(1, "vk", "gorod_tula").await;
    let others: Vec<Scope> =
        Scope::ALL.iter().copied().filter(|it| !matches!(it, Scope::Write | Scope::Review)).collect();
    let (none, review) = (key(&app, "others", &others).await, key(&app, "review", &[Scope::Review]).await);
    let before = app.registry.snapshot().seq();
    for (mutation, input, for_review) in mutations("vk.com/gorod_tula") {
        let answer = send(&app, &none, mutation, &input).await;
        assert_eq!(answer.code(), "FORBIDDEN", "{mutation}: {:#}", answer.json());
        let named = if for_review { "pages:review" } else { "registry:write" };
        assert!(answer.json()["errors"][0]["message"].to_string().contains(named), "{mutation}");
        let answer = send(&app, &review, mutation, &input).await;
        assert_eq!(answer.code() == "FORBIDDEN", !for_review, "{mutation}: {:#}", answer.json());
        let anonymous =
            app.post("/graphql", None, &json!({ "query": format!("mutation {{ {mutation} }}") })).await;
        assert_eq!(anonymous.code(), "UNAUTHENTICATED", "{mutation}");
    }
    let known = app.registry.snapshot();
    let changed = known.page(page).expect("a page");
    assert_eq!(changed.lifecycle, Lifecycle::Registered);
    assert_eq!(known.seq(), before + 2, "a key for reviews has recorded two checks, and nothing else");
}

#[tokio::test]
async fn a_page_that_the_key_may_not_see_does_not_exist() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let page = app.page(1, "vk", "gorod_tula").await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Proposed).await;
    let (writer, operator) = (key(&app, "writer", &[Scope::Write]).await, operator(&app).await);
    for (mutation, input, _) in mutations("vk.com/gorod_tula").into_iter().skip(1) {
        let found = refused(&app, &writer, mutation, input).await;
        assert_eq!(found, ("PAGE_NOT_FOUND".into(), "input.page".into()), "{mutation}");
    }
    // It has the address all the same; only who may see it gets it.
    for (key, is_seen) in [(&writer, false), (&operator, true)] {
        let payload = act(&app, key, "pageRegister", new("vk.com/gorod_tula", json!({}))).await;
        assert_eq!(payload["userErrors"][0]["code"], "ALREADY_REGISTERED");
        assert_eq!(payload["page"].is_object(), is_seen, "{payload}");
        let message = payload["userErrors"][0]["message"].to_string();
        assert_eq!(message.contains("gorod_tula"), is_seen, "{message}");
    }
    done(&app, &operator, "pageApprove", on("vk.com/gorod_tula", json!({}))).await;
    done(&app, &writer, "pageArchive", on("vk.com/gorod_tula", json!({}))).await;
    // The page is hidden again, also from the key that has done it.
    let payload = act(&app, &writer, "pageRestore", on("vk.com/gorod_tula", json!({}))).await;
    assert_eq!((&payload["page"], &payload["userErrors"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn a_limited_key_writes_only_what_it_reaches() {
    let app = TestApp::start().await;
    let ministry = app.organization("ministry", "Ministry").await;
    let school = app.organization("school", "School").await;
    let library = app.organization("library", "Library").await;
    let territories =
        ["ru-28", "ru-77"].map(|code| app.registry.snapshot().territory_by_code(code).expect(code).id);
    app.change_organization(school, move |it| it.parent_id = Some(ministry)).await;
    for (organization, territory) in [(ministry, 0), (school, 0), (library, 1)] {
        app.change_organization(organization, move |it| it.territory_id = Some(territories[territory])).await;
    }
    for (owner, platform, handle) in
        [(school, "vk", "school"), (school, "telegram", "school"), (library, "vk", "library")]
    {
        app.page(owner, platform, handle).await;
    }
    let vk = app.registry.snapshot().platform_by_code("vk").expect("a platform").id;
    let scopes = [Scope::Write, Scope::Review];
    let of_platform = key(&app, "vk", &scopes).await;
    limit(&app, "vk", move |client| client.platform_id = Some(vk)).await;
    let of_ministry = key(&app, "ministry", &scopes).await;
    limit(&app, "ministry", move |client| client.organization_id = Some(ministry)).await;
    let of_region = key(&app, "region", &scopes).await;
    limit(&app, "region", move |client| client.territory_id = Some(territories[0])).await;
    for (key, reached) in [
        (&of_platform, ["vk.com/school", "vk.com/library"].as_slice()),
        (&of_ministry, &["vk.com/school", "t.me/school"]),
        (&of_region, &["vk.com/school", "t.me/school"]),
    ] {
        for url in ["vk.com/school", "t.me/school", "vk.com/library"] {
            let payload = act(&app, key, "pageEdit", on(url, json!({ "pageType": "group" }))).await;
            let is_done = payload["userErrors"] == json!([]);
            assert_eq!(is_done, reached.contains(&url), "{url}: {payload}");
            if !is_done {
                assert_eq!(payload["userErrors"][0]["code"], "NOT_ALLOWED");
                assert_eq!(payload["page"], Value::Null);
            }
        }
    }
    // What an operator archived is for an operator to restore.
    let operator = operator(&app).await;
    done(&app, &operator, "pageArchive", on("t.me/school", json!({}))).await;
    let restored = refused(&app, &of_region, "pageRestore", on("t.me/school", json!({}))).await;
    assert_eq!(restored, ("NOT_ALLOWED".into(), "input.page".into()));
    // Nor does it give pages away, or register them for others.
    let not_allowed = |field: &str| ("NOT_ALLOWED".to_owned(), format!("input.{field}"));
    let library = json!({ "owner": { "code": "library" } });
    for key in [&of_ministry, &of_region] {
        let given = refused(&app, key, "pageOwnerChange", on("vk.com/school", library.clone())).await;
        let registered = refused(&app, key, "pageRegister", new("vk.com/readers", library.clone())).await;
        assert_eq!((given, registered), (not_allowed("owner"), not_allowed("owner")));
        let added = on("vk.com/school", json!({ "coOwners": [{ "code": "library" }] }));
        assert_eq!(refused(&app, key, "pageCoOwnersAdd", added).await, not_allowed("coOwners.0"));
    }
    let telegram = new("t.me/readers", library.clone());
    assert_eq!(refused(&app, &of_platform, "pageRegister", telegram).await, not_allowed("address"));
    let own = json!({ "address": { "handle": { "handle": "readers" } }, "owner": { "code": "library" } });
    let page = done(&app, &of_platform, "pageRegister", new("", own)).await;
    assert_eq!(page["url"], "https://vk.com/readers", "the platform of the key");
}
