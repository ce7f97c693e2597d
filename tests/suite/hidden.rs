//! What is hidden changes nothing that everyone sees.

use entities::page::Lifecycle;
use serde_json::json;

use super::harness::{TestApp, seed};

#[tokio::test]
async fn a_page_that_is_hidden_takes_nobody_s_place() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let old = app.page(owner, "vk", "gorod_tula").await;
    app.change_page(old, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let ask = "{ verifyPage(url: \"vk.com/gorod_tula\") { verdict page { title owner { code } } } }";
    let before = app.data(ask, json!({})).await;
    assert_eq!(before["verifyPage"]["verdict"], "ARCHIVED");
    let at = chrono::Utc::now();
    let other = app.organization("other", "Another").await;
    app.put(move |draft| {
        let mut page = seed::page(draft, other, "vk", None, Some("gorod_tula"));
        page.lifecycle = Lifecycle::Proposed;
        page
    })
    .await;
    assert_eq!(app.data(ask, json!({})).await, before, "a proposal changes nothing that everyone sees");
    let then = "query($at: DateTime!) { verifyPage(url: \"vk.com/gorod_tula\", asOf: $at) { verdict } }";
    for at in [at, chrono::Utc::now()] {
        let then = app.data(then, json!({ "at": at.to_rfc3339() })).await;
        assert_eq!(then["verifyPage"]["verdict"], "ARCHIVED");
    }
}
