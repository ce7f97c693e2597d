//! Content that an address shows over a page: reported beside the verdict, which is about the page.

use serde_json::{Value, json};

use super::harness::TestApp;

#[tokio::test]
async fn content_that_is_of_no_page_is_reported_beside_the_verdict() {
    const ASK: &str = "query($url: String!) { verifyPage(url: $url) { verdict embeddedUrl embeddedReason } }";
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    for (platform, handle) in
        [("vk", "gorod_tula"), ("x", "gorod_tula"), ("tiktok", "@gorod_tula"), ("facebook", "gorod_tula")]
    {
        app.page(owner, platform, handle).await;
    }
    for (url, reason) in [
        ("https://vk.com/gorod_tula?w=wall123_1", json!("PERSONAL_PROFILE")),
        ("https://vk.com/gorod_tula?z=photo123_1%2Fwall123_2", json!("PERSONAL_PROFILE")),
        ("https://x.com/gorod_tula/status/1700000000000000000", json!("CONTENT_NOT_PAGE")),
        ("https://twitter.com/gorod_tula/statuses/17?s=20", json!("CONTENT_NOT_PAGE")),
        ("https://www.tiktok.com/@gorod_tula/video/7000000000000000000", json!("CONTENT_NOT_PAGE")),
        ("https://x.com/gorod_tula/media", Value::Null),
        ("https://www.facebook.com/gorod_tula/app/666", json!("CONTENT_NOT_PAGE")),
        ("https://vk.com/gorod_tula?w=note666_1", json!("PERSONAL_PROFILE")),
        ("https://vk.com/gorod_tula?w=likes/wall666_1", json!("PERSONAL_PROFILE")),
        ("https://vk.com/gorod_tula?s=story666_1", json!("PERSONAL_PROFILE")),
        ("https://www.facebook.com/gorod_tula/videos/den-goroda/1234567890", json!("CONTENT_NOT_PAGE")),
        ("https://www.facebook.com/gorod_tula/reels/1234567890/", json!("CONTENT_NOT_PAGE")),
        ("https://www.facebook.com/pg/gorod_tula/posts/1234567890", json!("CONTENT_NOT_PAGE")),
        ("https://www.facebook.com/gorod_tula/photos", Value::Null),
        ("https://x.com/gorod_tula/article/190", json!("CONTENT_NOT_PAGE")),
        ("https://www.tiktok.com/share/user/@gorod_tula/video/5", json!("CONTENT_NOT_PAGE")),
        // It is unknown which of several values counts, so a harmless one must not hide another.
        ("https://vk.com/gorod_tula?w=wall-999_1&w=wall-1001_1", json!("UNKNOWN_FORM")),
        ("https://vk.com/gorod_tula?w=&w=wall-999_1", json!("UNKNOWN_FORM")),
        ("https://vk.com/gorod_tula?w=wall-1001_1&z=video999_1", json!("PERSONAL_PROFILE")),
        ("https://vk.com/gorod_tula?w=wall-123_1", Value::Null),
    ] {
        let answer = app.data(ASK, json!({ "url": url })).await["verifyPage"].take();
        assert_eq!((&answer["verdict"], &answer["embeddedReason"]), (&json!("OFFICIAL"), &reason), "{url}");
    }
}
