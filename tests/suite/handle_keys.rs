//! Pages in the federation subgraph by `platformCode handle`: the page that has the handle now.

use entities::{page::Lifecycle, page_alias};
use registry::model::Alias;
use serde_json::{Value, json};

use super::{
    federation::subgraph,
    harness::{TestApp, seed},
};

const TITLES: &str =
    "query($of: [_Any!]!) { _entities(representations: $of) { ... on Page { handle title } } }";

/// Titles of the pages with these handles on VK, as routers see them.
async fn titles(app: &TestApp, handles: &[&str]) -> Vec<Value> {
    let of =
        handles.iter().map(|handle| json!({ "__typename": "Page", "platformCode": "vk", "handle": handle }));
    let answer = subgraph(app, TITLES, json!({ "of": of.collect::<Vec<_>>() })).await;
    assert!(answer.get("errors").is_none(), "an unknown handle is no error: {answer:#}");
    let pages = answer["data"]["_entities"].as_array().expect("pages").iter();
    pages.map(|page| page["title"].clone()).collect()
}

#[tokio::test]
async fn a_page_is_found_by_its_handle_as_its_platform_compares_handles() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    app.page(school, "vk", "school_one").await;
    let found = titles(&app, &["school_one", "School_One", "school_two", "", "vk.com/school_one"]).await;
    assert_eq!(found, [json!("school_one"), json!("school_one"), Value::Null, Value::Null, Value::Null]);
    let elsewhere = ["telegram", "nowhere"]
        .map(|code| json!({ "__typename": "Page", "platformCode": code, "handle": "school_one" }));
    let answer = subgraph(&app, TITLES, json!({ "of": elsewhere })).await;
    assert_eq!(answer["data"]["_entities"], json!([null, null]));
    // Of several keys, the permanent id counts.
    let both =
        json!({ "__typename": "Page", "platformCode": "vk", "nativeId": "404", "handle": "school_one" });
    let answer = subgraph(&app, TITLES, json!({ "of": [both] })).await;
    assert_eq!(answer["data"]["_entities"], json!([null]));
}

#[tokio::test]
async fn a_former_handle_leads_to_the_page_that_took_it_over_or_to_none() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let first = app.page(school, "vk", "school_one").await;
    app.change_page(first, |page, change_set| {
        page.title = "First".into();
        page.rename(Some("school_1".into()), change_set.now());
        let kind = page_alias::Kind::Parallel;
        page.aliases.push(Alias { handle: "also_school".into(), kind, since: None, until: None });
    })
    .await;
    let handles = ["school_one", "school_1", "also_school"];
    assert_eq!(titles(&app, &handles).await, [Value::Null, json!("First"), Value::Null]);
    let second = app.page(school, "vk", "school_one").await;
    app.change_page(second, |page, _| page.title = "Second".into()).await;
    assert_eq!(titles(&app, &handles).await, [json!("Second"), json!("First"), Value::Null]);
}

#[tokio::test]
async fn a_page_that_routers_may_not_see_hides_no_other_with_its_handle() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let archived = app.page(school, "vk", "school_one").await;
    app.change_page(archived, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let seen = [json!("school_one"), Value::Null];
    assert_eq!(titles(&app, &["school_one", "school_two"]).await, seen);
    for handle in ["school_one", "school_two"] {
        app.put(move |change_set| {
            let mut page = seed::page(change_set, school, "vk", None, Some(handle));
            page.title = "Proposed".into();
            page.lifecycle = Lifecycle::Proposed;
            page
        })
        .await;
    }
    assert_eq!(titles(&app, &["school_one", "school_two"]).await, seen);
}
