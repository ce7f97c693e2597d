//! Marks: their workflow, their expiry, what waits for operators, and reports of platforms.

mod acts;
mod commands;
mod expiry;
mod queues;
mod reports;

use chrono::NaiveDate;
use registry::{
    api_client,
    model::{Client, Scope},
};
use serde_json::{Value, json};

use super::harness::TestApp;

/// A key with these scopes; one of a platform is limited to it.
async fn key(app: &TestApp, name: &str, scopes: &[Scope], platform: Option<&str>) -> String {
    let mut scopes = scopes.to_vec();
    scopes.extend(platform.map(|_| Scope::Statistics));
    api_client::create(&app.registry, name, scopes, platform).await.expect("a key").key
}

/// Limits a client to a territory.
async fn limit_to_territory(app: &TestApp, name: &str, code: &str) {
    let snapshot = app.registry.snapshot();
    let territory_id = snapshot.territory_by_code(code).map(|it| it.id);
    let known = Client::clone(snapshot.client_by_name(name).expect("a client"));
    app.put(move |_| Client { territory_id, ..known }).await;
}

/// A school in a region with an official page on a platform that has a mark.
async fn school(app: &TestApp, region: &str, native_id: &str) -> (i64, i64) {
    let territory = app.registry.snapshot().territory_by_code(region).map(|it| it.id);
    let school = app.organization(&format!("school-{native_id}"), "School").await;
    app.change_organization(school, move |it| it.territory_id = territory).await;
    (school, app.page(school, "vk", native_id).await)
}

fn native(native_id: &str) -> Value {
    json!({ "native": { "platformCode": "vk", "nativeId": native_id } })
}

/// Input of an act on the page with a native id.
fn of(native_id: &str, reason: &str) -> Value {
    json!({ "page": native(native_id), "reason": reason })
}

/// Input of a confirmation.
fn confirmation(native_id: &str, expires_on: Option<NaiveDate>) -> Value {
    json!({
        "page": native(native_id), "reason": "the page shows the mark", "method": "gosuslugi", "expiresOn": expires_on,
        "evidence": { "urls": [format!("https://vk.com/club{native_id}")] },
    })
}

/// The response to an act, which may have errors.
async fn send(app: &TestApp, key: &str, mutation: &str, input: Value) -> Value {
    let (first, rest) = mutation.split_at(1);
    let name = format!("{}{rest}Input", first.to_uppercase());
    let query = format!(
        "mutation($input: {name}!) {{ it: {mutation}(input: $input) {{
            seq page {{ nativeId mark {{ state method at expiresOn }} }} userErrors {{ code message field }} }} }}"
    );
    let body = json!({ "query": query, "variables": { "input": input } });
    app.post("/graphql", Some(key), &body).await.json()
}

/// The payload of an act.
async fn act(app: &TestApp, key: &str, mutation: &str, input: Value) -> Value {
    let mut answer = send(app, key, mutation, input).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"]["it"].take()
}

/// State of the mark after an act, or the code of its error.
async fn state(app: &TestApp, key: &str, mutation: &str, input: Value) -> String {
    let payload = act(app, key, mutation, input).await;
    let code = payload["userErrors"][0]["code"].as_str();
    code.or(payload["page"]["mark"]["state"].as_str()).unwrap_or_default().to_owned()
}

/// Leads the mark of a page to its confirmation.
async fn confirm(app: &TestApp, key: &str, native_id: &str, expires_on: Option<NaiveDate>) {
    for (mutation, input) in [
        ("markRequest", of(native_id, "asked for by the school")),
        ("markPend", of(native_id, "passed on")),
        ("markConfirm", confirmation(native_id, expires_on)),
    ] {
        let payload = act(app, key, mutation, input).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
    }
}

/// Checks that the registry breaks none of its rules.
fn is_sound(app: &TestApp) {
    let found = app.registry.snapshot().invariants(chrono::Utc::now());
    assert_eq!(found.breaches, Vec::new());
}
