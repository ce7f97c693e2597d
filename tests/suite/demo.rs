//! The generated nation: believable, labelled, the same for the same seed.

use registry::demo::{self, Scale};
use serde_json::json;

use super::harness::TestApp;

async fn generated(seed: u64) -> TestApp {
    let app = TestApp::start().await;
    demo::generate(&app.registry, Scale::Pages(2_000), seed, 0, |_| {})
        .await
        .expect("the registry is generated");
    app
}

#[tokio::test]
async fn the_same_seed_makes_the_same_registry() {
    let (first, same, other) = (generated(7).await, generated(7).await, generated(8).await);
    // Times of writing differ; what a reader sees does not.
    let ask = "{ institutions(first: 50) { nodes { code name identifiers { value } pages { nodes { url lifecycle mark { state } } } } } }";
    let seen = first.data(ask, json!({})).await;
    assert_eq!(seen, same.data(ask, json!({})).await);
    assert_ne!(seen, other.data(ask, json!({})).await);
}

#[tokio::test]
async fn proportions_are_the_nations_own() {
    let app = generated(1).await;
    let snapshot = app.registry.snapshot();
    let institutions: Vec<_> = snapshot.organizations().values().filter(|it| it.sector.is_some()).collect();
    let education = institutions.iter().filter(|it| it.sector.as_deref() == Some("EDUCATION")).count();
    assert!(education * 2 > institutions.len(), "{education} of {}", institutions.len());
    let vk = snapshot.platform_by_code("vk").expect("the platform").id;
    assert_eq!(snapshot.pages().values().filter(|page| page.platform_id == vk).count(), 1_000);
    assert!(snapshot.organizations().values().all(|it| &*it.source == "synthetic"));
    assert!(snapshot.pages().values().all(|it| &*it.source == "synthetic"));
    let ministry = snapshot.organizations_by_name("Минздрав России").next().expect("a real ministry");
    assert_eq!(&*ministry.name, "Министерство здравоохранения Российской Федерации");
}

#[tokio::test]
async fn generating_again_goes_on_and_changes_nothing() {
    let app = generated(1).await;
    let seq = app.registry.snapshot().seq();
    demo::generate(&app.registry, Scale::Pages(2_000), 1, 0, |_| {}).await.expect("nothing is left to do");
    assert_eq!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn a_real_registry_is_left_alone() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let refusal =
        demo::generate(&app.registry, Scale::Pages(10), 1, 0, |_| {}).await.expect_err("refused").to_string();
    assert!(refusal.contains("DATABASE_URL"), "{refusal}");
}
