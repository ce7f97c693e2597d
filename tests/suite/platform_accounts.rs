//! Accounts of platforms in the federation subgraph: each has a verdict, whether or not the registry knows it.

use entities::{organization::Status, page::Lifecycle};
use serde_json::{Value, json};

use super::{
    federation::subgraph,
    harness::{TestApp, seed},
};

const ACCOUNTS: &str = "query($of: [_Any!]!) { _entities(representations: $of) {
    ... on PlatformAccount { platformCode nativeId verdict page { nativeId owner { code } } }
} }";

/// Accounts of a platform, as routers see them.
async fn accounts(app: &TestApp, platform: &str, ids: &[&str]) -> Vec<Value> {
    let of = ids
        .iter()
        .map(|id| json!({ "__typename": "PlatformAccount", "platformCode": platform, "nativeId": id }));
    let answer = subgraph(app, ACCOUNTS, json!({ "of": of.collect::<Vec<_>>() })).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["_entities"].as_array().expect("accounts").clone()
}

/// An account as expected; its page, if it has one, is of `school-1`.
fn account(id: &str, verdict: &str) -> Value {
    let page = match verdict {
        "NOT_REGISTERED" => Value::Null,
        _ => json!({ "nativeId": id, "owner": { "code": "school-1" } }),
    };
    json!({ "platformCode": "vk", "nativeId": id, "verdict": verdict, "page": page })
}

#[tokio::test]
async fn an_account_has_a_verdict_whether_or_not_the_registry_knows_it() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    for (id, lifecycle, verdict) in [
        ("1", Lifecycle::Registered, "OFFICIAL"),
        ("2", Lifecycle::Archived, "ARCHIVED"),
        ("3", Lifecycle::Compromised, "COMPROMISED"),
        ("4", Lifecycle::Proposed, "NOT_REGISTERED"),
        ("5", Lifecycle::Rejected, "NOT_REGISTERED"),
    ] {
        let page = app.page(school, "vk", id).await;
        app.change_page(page, move |page, _| page.lifecycle = lifecycle).await;
        assert_eq!(accounts(&app, "vk", &[id]).await, [account(id, verdict)]);
    }
    assert_eq!(accounts(&app, "vk", &["404"]).await, [account("404", "NOT_REGISTERED")]);
    let unknown = json!({ "platformCode": "nowhere", "nativeId": "1", "verdict": "UNSUPPORTED_PLATFORM", "page": null });
    assert_eq!(accounts(&app, "nowhere", &["1"]).await, [unknown]);
    for (status, verdict) in [(Status::Suspended, "OWNER_SUSPENDED"), (Status::Liquidated, "OWNER_DISSOLVED")]
    {
        app.change_organization(school, move |it| it.status = status).await;
        assert_eq!(accounts(&app, "vk", &["1"]).await, [account("1", verdict)]);
    }
}

#[tokio::test]
async fn what_routers_may_not_see_changes_no_verdict() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let archived = app.page(school, "vk", "2").await;
    app.change_page(archived, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let seen = [account("2", "ARCHIVED"), account("404", "NOT_REGISTERED")];
    assert_eq!(accounts(&app, "vk", &["2", "404"]).await, seen);
    let other = app.organization("other", "Another").await;
    for id in ["2", "404"] {
        app.put(move |change_set| {
            let mut page = seed::page(change_set, other, "vk", Some(id), None);
            page.lifecycle = Lifecycle::Proposed;
            page
        })
        .await;
    }
    assert_eq!(accounts(&app, "vk", &["2", "404"]).await, seen);
}
