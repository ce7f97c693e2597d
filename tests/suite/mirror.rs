//! Copies of the registry that the change feed alone keeps: equal to it for every filter, by digests that the copy computes itself.

use entities::{
    organization::{Kind, Status},
    page::Lifecycle,
};
use registry::model::Scope;
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    churn::{churn, generated, random},
    copy::{Copy, DIGEST},
};

#[tokio::test]
async fn a_copy_that_follows_the_feed_has_the_registrys_digests_whatever_its_filter() {
    let app = generated(600).await;
    let mut random = random(4);
    let filters = [
        Value::Null,
        json!({ "platforms": ["vk"] }),
        json!({ "platforms": ["vk", "ok"], "subjects": ["PAGE"], "withOwners": true }),
        json!({ "territories": ["ru-77", "ru-78"] }),
        json!({ "territories": ["ru-77", "ru-66"], "subjects": ["PAGE"], "withOwners": true }),
        json!({ "territories": ["ru-77"], "platforms": ["vk"], "withOwners": true }),
        json!({ "subjects": ["ORGANIZATION"] }),
    ];
    let mut copies: Vec<Copy> = filters.into_iter().map(|filter| Copy::after(0, filter)).collect();
    let mut marks = Vec::new();
    for _ in 0..5 {
        for copy in &mut copies {
            copy.follow(&app).await;
            marks.push((copy.filter.clone(), copy.compare(&app).await));
        }
        churn(&app, &mut random, 40).await;
    }
    let sizes: Vec<_> = copies.iter().map(|copy| (copy.pages.len(), copy.organizations.len())).collect();
    assert!(sizes[2].0 > 100 && sizes[2].1 > 50 && sizes[3].1 > 0 && sizes[4].0 > 0, "{sizes:?}");
    // The digests of an earlier sequence number are still available.
    for (filter, mark) in marks {
        let earlier = app.data(DIGEST, json!({ "filter": filter, "seq": mark["seq"] })).await;
        assert_eq!(earlier["registryDigest"], mark, "{filter}");
    }
    let answer = app.ask(DIGEST, json!({ "seq": 1_000_000 })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

/// Types, kinds and removals of all changes after a sequence number that match a filter.
async fn feed(app: &TestApp, key: Option<&str>, after: i64, filter: Value) -> Vec<String> {
    let query = "query($afterSeq: SafeInt, $filter: ChangeFilter) {
        changes(afterSeq: $afterSeq, first: 500, filter: $filter) { nodes { subjectType kind isRemoval reason } } }";
    let path = if key.is_some() { "/graphql" } else { "/public/graphql" };
    let variables = json!({ "afterSeq": after, "filter": filter });
    let answer = app.post(path, key, &json!({ "query": query, "variables": variables })).await.json();
    let changes = answer["data"]["changes"]["nodes"].as_array().expect("nodes").clone();
    let words = changes.iter().map(|it| {
        let word = |name: &str| it[name].as_str().unwrap_or_default().to_owned();
        let removal = if it["isRemoval"] == json!(true) { " removed" } else { "" };
        let reason = it["reason"].as_str().map_or_else(String::new, |reason| format!(": {reason}"));
        format!("{} {}{removal}{reason}", word("subjectType"), word("kind"))
    });
    words.collect()
}

#[tokio::test]
async fn with_owners_the_feed_has_changes_of_owners_of_the_pages_and_of_no_others() {
    let app = TestApp::start().await;
    let (owner, helper) =
        (app.organization("owner", "Owner").await, app.organization("helper", "Helper").await);
    let (other, hidden) =
        (app.organization("other", "Other").await, app.organization("hidden", "Hidden").await);
    let page = app.page(owner, "vk", "one").await;
    app.change_page(page, move |page, _| page.co_owners = vec![helper]).await;
    app.page(other, "ok", "two").await;
    let proposed = app.page(hidden, "vk", "three").await;
    app.change_page(proposed, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    let key = app.key("reviewer", Scope::Review).await;
    let start = app.registry.snapshot().seq();
    for (id, name) in [(owner, "A"), (helper, "B"), (other, "C"), (hidden, "D")] {
        app.change_organization(id, move |it| it.name = name.into()).await;
    }
    let renamed = |count: usize| vec!["ORGANIZATION RENAMED".to_owned(); count];
    let vk = |more: Value| {
        let mut filter = json!({ "platforms": ["vk"], "withOwners": true });
        more.as_object().expect("fields").iter().for_each(|(name, value)| filter[name] = value.clone());
        filter
    };
    assert_eq!(feed(&app, None, start, json!({ "platforms": ["vk"] })).await, renamed(0));
    assert_eq!(feed(&app, None, start, vk(json!({}))).await, renamed(2));
    assert_eq!(feed(&app, None, start, vk(json!({ "subjects": ["PAGE"] }))).await, renamed(2));
    assert_eq!(feed(&app, None, start, vk(json!({ "kinds": ["RENAMED"] }))).await, renamed(2));
    assert_eq!(feed(&app, None, start, vk(json!({ "kinds": ["MOVED"] }))).await, renamed(0));
    assert_eq!(feed(&app, None, start, vk(json!({ "territories": ["ru-28"] }))).await, renamed(0));
    // Without a condition on the pages, all organizations match anyway.
    assert_eq!(feed(&app, None, start, json!({ "withOwners": true })).await, renamed(4));
    // Reviewers see the proposal, and who makes it.
    assert_eq!(feed(&app, Some(&key), start, vk(json!({}))).await, renamed(3));
    // A former owner is none.
    app.change_page(page, move |page, _| page.co_owners = vec![other]).await;
    let seq = app.registry.snapshot().seq();
    app.change_organization(helper, |it| it.name = "E".into()).await;
    app.change_organization(other, |it| it.name = "F".into()).await;
    assert_eq!(feed(&app, None, seq, vk(json!({}))).await, renamed(1));
}

#[tokio::test]
async fn changes_of_an_organization_are_followed_by_changes_of_what_refers_to_it() {
    let app = TestApp::start().await;
    let (city, school) = (app.organization("city", "City").await, app.organization("school", "School").await);
    app.change_organization(city, |it| it.kind = Kind::Authority).await;
    app.change_organization(school, move |it| it.parent_id = Some(city)).await;
    let page = app.page(school, "vk", "one").await;
    app.change_page(page, move |page, _| page.co_owners = vec![city]).await;
    let start = app.registry.snapshot().seq();
    let region = app.registry.snapshot().territory_by_code("ru-28").expect("a region").id;
    let mut copies = [json!({ "platforms": ["vk"] }), json!({ "subjects": ["ORGANIZATION"] })]
        .map(|filter| Copy::after(0, filter));
    for step in 0..5 {
        match step {
            0 => {}
            1 => app.change_organization(city, |it| it.status = Status::Withdrawn).await,
            2 => app.change_organization(city, |it| it.status = Status::Active).await,
            3 => app.change_organization(city, |it| it.code = "town".into()).await,
            _ => app.change_organization(school, move |it| it.territory_id = Some(region)).await,
        }
        for copy in &mut copies {
            copy.follow(&app).await;
            copy.compare(&app).await;
        }
    }
    assert_eq!(
        feed(&app, None, start, Value::Null).await,
        [
            "ORGANIZATION STATUS_CHANGED removed",
            "PAGE UPDATED: its co-owner is no longer public",
            "ORGANIZATION UPDATED: its parent is no longer public",
            "ORGANIZATION STATUS_CHANGED",
            "PAGE UPDATED: its co-owner is public again",
            "ORGANIZATION UPDATED: its parent is public again",
            "ORGANIZATION UPDATED",
            "PAGE UPDATED: its co-owner has another code",
            "ORGANIZATION UPDATED: its parent has another code",
            "ORGANIZATION UPDATED",
            "PAGE UPDATED: its owner is in another territory",
        ]
    );
}

#[tokio::test]
async fn changes_of_a_draft_are_disclosed_to_nobody_though_a_page_refers_to_it() {
    let app = TestApp::start().await;
    let (school, draft) =
        (app.organization("school", "School").await, app.organization("draft", "Draft").await);
    let page = app.page(school, "vk", "one").await;
    app.change_organization(draft, |it| it.status = Status::Draft).await;
    app.change_page(page, move |page, _| page.co_owners = vec![draft]).await;
    let before = app.registry.snapshot().seq();
    app.change_organization(draft, |it| it.code = "secret".into()).await;
    assert_eq!(feed(&app, None, before, Value::Null).await, Vec::<String>::new());
    // Once it is public, the page names it.
    app.change_organization(draft, |it| it.status = Status::Active).await;
    let of_page = json!({ "platforms": ["vk"] });
    assert_eq!(feed(&app, None, before, of_page).await, ["PAGE UPDATED: its co-owner is public again"]);
}

#[tokio::test]
async fn addresses_that_follow_other_rules_are_in_the_digest_at_once() {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    app.page(city, "vk", "gorod").await;
    let mut copy = Copy::after(0, json!({ "subjects": ["PAGE"] }));
    copy.follow(&app).await;
    copy.compare(&app).await;
    app.put(|change_set| {
        let known = change_set.snapshot().platform_by_code("vk").expect("the platform");
        let mut platform = registry::model::Platform::clone(known);
        platform.address_rules.handle_url = Some("https://vk.ru/{handle}".into());
        platform
    })
    .await;
    let data = app.data("{ pages { nodes { url } } }", json!({})).await;
    let page = copy.pages.values_mut().next().expect("the page");
    page["url"] = data["pages"]["nodes"][0]["url"].clone();
    assert_eq!(page["url"], "https://vk.ru/gorod");
    copy.compare(&app).await;
}
