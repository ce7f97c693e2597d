//! Packs: countries as data.

use std::io::Write;

use api::pack;
use serde_json::json;

use super::harness::TestApp;

#[tokio::test]
async fn loading_a_pack_again_changes_nothing() {
    let app = TestApp::start().await;
    let seq = app.registry.snapshot().seq();
    for loaded in pack::load(&app.registry, "ru").await.expect("the pack is loaded") {
        assert_eq!(loaded.changed, 0, "{loaded:?}");
    }
    assert_eq!(app.registry.snapshot().seq(), seq);
    assert_eq!(pack::loaded(app.registry.database()).await.expect("the packs"), ["ca", "ru", "world"]);
}

#[tokio::test]
async fn a_pack_of_another_country_is_a_file() {
    let app = TestApp::start().await;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let text = r#"
        [pack]
        code = "nl"
        name = "Netherlands"
        version = 1
        language = "nl"
        [[territories]]
        code = "nl"
        kind = "COUNTRY"
        name = "Nederland"
        [[territories]]
        code = "nl-ut"
        kind = "REGION"
        parent = "nl"
        name = "Utrecht"
        [[platforms]]
        code = "plein"
        name = "Plein"
        [platforms.address]
        hosts = ["plein.example"]
        handle_url = "https://plein.example/~{handle}"
        matchers = [{ pattern = '^/~(?<handle>[^/]+)' }]
    "#;
    file.write_all(text.as_bytes()).expect("the pack is written");
    pack::load(&app.registry, file.path().to_str().expect("a path")).await.expect("the pack is loaded");
    let found = app.data(r#"{ territory(code: "nl-ut") { name parent { name } } verifyPage(url: "plein.example/~Stad") { verdict canonicalUrl } }"#, json!({})).await;
    assert_eq!(found["territory"], json!({ "name": "Utrecht", "parent": { "name": "Nederland" } }));
    assert_eq!(
        found["verifyPage"],
        json!({ "verdict": "NOT_REGISTERED", "canonicalUrl": "https://plein.example/~stad" })
    );
}

#[tokio::test]
async fn a_broken_pack_is_not_loaded_at_all() {
    let app = TestApp::start().await;
    let seq = app.registry.snapshot().seq();
    let broken = [
        ("nonsense", "not a pack"),
        (
            "[pack]\ncode='x'\nname='X'\nversion=1\nlanguage='en'\n[[territories]]\ncode='a'\nkind='REGION'\nname='A'\n[[territories]]\ncode='b'\nkind='REGION'\nname='B'\nparent='nowhere'",
            "no parent",
        ),
        (
            "[pack]\ncode='x'\nname='X'\nversion=1\nlanguage='en'\n[[platforms]]\ncode='p'\nname='P'\n[platforms.address]\nhosts=['p.example']\nmatchers=[{pattern='('}]",
            "not a usable pattern",
        ),
        (
            "[pack]\ncode='x'\nname='X'\nversion=1\nlanguage='en'\n[[platforms]]\ncode='p'\nname='P'\n[platforms.address]\nhosts=['p.example']\nmatchers=[{pattern='^/x'}]",
            "group named",
        ),
    ];
    for (text, _) in broken {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("the pack is written");
        assert!(pack::load(&app.registry, file.path().to_str().expect("a path")).await.is_err(), "{text}");
    }
    assert_eq!(app.registry.snapshot().seq(), seq);
    let missing = pack::load(&app.registry, "atlantis").await.expect_err("no such pack").to_string();
    assert!(missing.contains("ca") && missing.contains("ru"), "the built-in ones are named: {missing}");
}
