//! What a public record had to do with hidden organizations, and where it was while it was hidden, is disclosed to nobody.

use entities::{
    change,
    organization::{Kind, Status},
};
use registry::model::{Organization, Scope};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::harness::TestApp;

const CHANGES: &str = "query($start: SafeInt!, $filter: ChangeFilter) { changes(afterSeq: $start, first: 100, filter: $filter) {
    nodes { kind isRemoval subjectType territory { code } formerTerritory { code } } } }";

/// Changes of a scope, each as its kind, removal and places.
async fn feed(app: &TestApp, start: i64, filter: Value) -> Vec<String> {
    let data = app.data(CHANGES, json!({ "start": start, "filter": filter })).await;
    let changes = data["changes"]["nodes"].as_array().expect("nodes").iter().map(|it| {
        let code = |name: &str| it[name]["code"].as_str().unwrap_or("-").to_owned();
        let word = |name: &str| it[name].as_str().unwrap_or_default();
        let removal = if it["isRemoval"] == json!(true) { " (removal)" } else { "" };
        let places = format!("{} {}", code("formerTerritory"), code("territory"));
        format!("{} {}{removal} {places}", word("subjectType"), word("kind"))
    });
    changes.collect()
}

/// Moves an organization to a territory.
fn to(app: &TestApp, code: &str) -> impl FnOnce(&mut Organization) + Send + use<> {
    let id = app.registry.snapshot().territory_by_code(code).expect("a territory").id;
    move |it: &mut Organization| it.territory_id = Some(id)
}

fn of_territory(code: &str) -> Value {
    json!({ "territories": [code] })
}

#[tokio::test]
async fn a_page_that_passes_to_a_draft_and_back_does_not_disclose_where_the_draft_is() {
    let app = TestApp::start().await;
    let (city, draft) = (app.organization("city", "City").await, app.organization("draft", "Draft").await);
    app.change_organization(draft, |it| it.status = Status::Draft).await;
    app.change_organization(city, to(&app, "ru-28")).await;
    app.change_organization(draft, to(&app, "ru-77")).await;
    let page = app.page(city, "vk", "gorod").await;
    let start = app.registry.snapshot().seq();
    app.change_page(page, move |page, _| page.owner_id = draft).await;
    app.change_page(page, move |page, _| page.owner_id = city).await;
    assert_eq!(feed(&app, start, of_territory("ru-77")).await, Vec::<String>::new());
    let expected = ["PAGE UPDATED (removal) ru-28 -", "PAGE UPDATED - ru-28"];
    assert_eq!(feed(&app, start, Value::Null).await, expected);
    assert_eq!(feed(&app, start, of_territory("ru-28")).await, expected);
}

#[tokio::test]
async fn a_draft_that_is_published_elsewhere_does_not_disclose_where_or_what_it_was() {
    let app = TestApp::start().await;
    let draft = app.organization("draft", "Draft").await;
    app.change_organization(draft, |it| it.status = Status::Draft).await;
    app.change_organization(draft, to(&app, "ru-77")).await;
    let start = app.registry.snapshot().seq();
    let move_it = to(&app, "ru-28");
    app.change_organization(draft, |it| {
        move_it(it);
        it.kind = Kind::Authority;
        it.status = Status::Active;
    })
    .await;
    assert_eq!(feed(&app, start, of_territory("ru-77")).await, Vec::<String>::new());
    let expected = ["ORGANIZATION STATUS_CHANGED - ru-28"];
    assert_eq!(feed(&app, start, of_territory("ru-28")).await, expected);
    assert_eq!(feed(&app, start, json!({ "kinds": ["KIND_CHANGED"] })).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_change_that_hides_an_organization_discloses_only_where_it_was_seen() {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    app.change_organization(city, to(&app, "ru-28")).await;
    app.page(city, "vk", "gorod").await;
    let start = app.registry.snapshot().seq();
    let move_it = to(&app, "ru-77");
    app.change_organization(city, |it| {
        move_it(it);
        it.kind = Kind::Authority;
        it.status = Status::Draft;
    })
    .await;
    assert_eq!(feed(&app, start, of_territory("ru-77")).await, Vec::<String>::new());
    let expected = ["ORGANIZATION STATUS_CHANGED (removal) ru-28 -", "PAGE UPDATED (removal) ru-28 -"];
    assert_eq!(feed(&app, start, of_territory("ru-28")).await, expected);
    assert_eq!(feed(&app, start, json!({ "kinds": ["KIND_CHANGED"] })).await, Vec::<String>::new());
}

/// Everything public that a reference to a hidden organization might change; and the digest at an earlier sequence number.
const PUBLIC: &str = r#"query($start: SafeInt!) {
    organization(code: "city") { updatedAt history(first: 10) { totalCount nodes { seq kind fields { field before after } } } }
    page(url: "vk.com/gorod") { updatedAt history(first: 10) { totalCount nodes { seq kind fields { field before after } } } }
    changes(afterSeq: $start, first: 100) { nodes { seq kind subjectType } }
    now: registryDigest { pages { digest } organizations { digest } }
    then: registryDigest(seq: $start) { pages { digest } organizations { digest } }
}"#;

#[tokio::test]
async fn references_to_a_hidden_organization_change_nothing_that_everyone_sees() {
    let app = TestApp::start().await;
    let (city, hidden) = (app.organization("city", "City").await, app.organization("hidden", "Hidden").await);
    app.change_organization(hidden, |it| it.status = Status::Draft).await;
    let page = app.page(city, "vk", "gorod").await;
    let start = app.registry.snapshot().seq();
    let before = app.data(PUBLIC, json!({ "start": start })).await;
    app.change_organization(city, move |it| it.parent_id = Some(hidden)).await;
    app.change_organization(city, move |it| it.founder_id = Some(hidden)).await;
    app.change_page(page, move |page, _| page.co_owners = vec![hidden]).await;
    let middle = app.registry.snapshot().seq();
    assert_eq!(app.data(PUBLIC, json!({ "start": start })).await, before);
    // The digest at a sequence number at which such a change was the last one.
    app.change_page(page, |page, _| page.title = "Gorod".into()).await;
    app.change_organization(city, |it| it.name = "Town".into()).await;
    let then = app.data(PUBLIC, json!({ "start": middle })).await["then"].take();
    assert_eq!(then, before["then"]);
    let log = change::Entity::find().filter(change::Column::Audience.eq(change::Audience::Unchanged));
    let log = log.all(&app.registry.database().read).await.expect("the log");
    assert_eq!(log.len(), 3);
    let key = app.key("reviewer", Scope::Review).await;
    let ask = json!({ "query": PUBLIC, "variables": { "start": start } });
    let seen = app.post("/graphql", Some(&key), &ask).await.json();
    let reviewed = seen["data"]["changes"]["nodes"].as_array().expect("nodes").len();
    assert!(reviewed >= 5, "a reviewer sees them: {seen:#}");
}

#[tokio::test]
async fn references_to_a_draft_are_in_the_feed_once_it_is_public() {
    let app = TestApp::start().await;
    let (city, hidden) = (app.organization("city", "City").await, app.organization("hidden", "Hidden").await);
    app.change_organization(hidden, |it| it.status = Status::Draft).await;
    let page = app.page(city, "vk", "gorod").await;
    let start = app.registry.snapshot().seq();
    app.change_organization(city, move |it| it.parent_id = Some(hidden)).await;
    app.change_page(page, move |page, _| page.co_owners = vec![hidden]).await;
    assert_eq!(feed(&app, start, Value::Null).await, Vec::<String>::new());
    app.change_organization(hidden, |it| it.status = Status::Active).await;
    let expected = ["ORGANIZATION STATUS_CHANGED - -", "PAGE UPDATED - -", "ORGANIZATION UPDATED - -"];
    assert_eq!(feed(&app, start, Value::Null).await, expected);
}
