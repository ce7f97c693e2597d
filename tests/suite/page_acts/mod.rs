//! Acts of operators on pages: registration, corrections, review, archive, loss of control, results of checks.

mod acts;
mod addresses;
mod commands;
mod random;
mod reach;
mod values;

use registry::{
    api_client,
    model::{Client, Scope},
};
use serde_json::{Value, json};

use super::harness::{Answer, TestApp};

const REASON: &str = "Letter of the ministry.";

const PAGE: &str =
    "id url handle nativeId title pageType officeTitle languages category validFrom lifecycle rejectionCode
    availability availabilityCheckedAt widget widgetCheckedAt mark { state } owner { code } coOwners { code }
    aliases { handle kind } history(first: 1) { nodes { kind reason } }";

/// A key with these scopes.
async fn key(app: &TestApp, name: &str, scopes: &[Scope]) -> String {
    api_client::create(&app.registry, name, scopes.to_vec(), None).await.expect("a key").key
}

/// Key of an operator, who writes and sees everything.
async fn operator(app: &TestApp) -> String {
    key(app, "operator", &[Scope::Write, Scope::Review]).await
}

/// Limits a client to some records.
async fn limit(app: &TestApp, name: &'static str, limit: impl FnOnce(&mut Client) + Send + 'static) {
    app.put(move |change_set| {
        let known = change_set.snapshot().client_by_name(name).expect("the client is there");
        let mut client = Client::clone(known);
        limit(&mut client);
        client
    })
    .await;
}

/// Sends a mutation of pages.
async fn send(app: &TestApp, key: &str, mutation: &str, input: &Value) -> Answer {
    let kind = format!("P{}Input!", &mutation[1..]);
    let query = format!(
        "mutation($input: {kind}) {{ {mutation}(input: $input) {{
            seq userErrors {{ code message field }} page {{ {PAGE} }}
        }} }}"
    );
    app.post("/graphql", Some(key), &json!({ "query": query, "variables": { "input": input } })).await
}

/// Payload of a mutation.
async fn act(app: &TestApp, key: &str, mutation: &str, input: Value) -> Value {
    let mut answer = send(app, key, mutation, &input).await.json();
    assert!(answer.get("errors").is_none(), "{mutation}: {answer:#}");
    answer["data"][mutation].take()
}

/// The page after a mutation that is not refused.
async fn done(app: &TestApp, key: &str, mutation: &str, input: Value) -> Value {
    let mut payload = act(app, key, mutation, input).await;
    assert_eq!(payload["userErrors"], json!([]), "{mutation}");
    assert_eq!(payload["seq"], app.registry.snapshot().seq(), "{mutation}");
    payload["page"].take()
}

/// Code of a mutation that is refused, and the path of the field.
async fn refused(app: &TestApp, key: &str, mutation: &str, input: Value) -> (String, String) {
    let before = app.registry.snapshot().seq();
    let payload = act(app, key, mutation, input).await;
    assert_eq!(payload["seq"], Value::Null, "{payload}");
    assert_eq!(app.registry.snapshot().seq(), before, "nothing is written: {payload}");
    let errors = payload["userErrors"].as_array().expect("a list");
    assert_eq!(errors.len(), 1, "{payload}");
    let path =
        errors[0]["field"].as_array().expect("a path").iter().map(|it| it.as_str().unwrap_or_default());
    let path = path.collect::<Vec<_>>().join(".");
    (errors[0]["code"].as_str().unwrap_or_default().to_owned(), path)
}

/// Input of an act on the page at an address, with more fields.
fn on(url: &str, more: Value) -> Value {
    with(json!({ "page": { "url": url }, "reason": REASON }), more)
}

/// Input that registers a page of the organization `city`, with more fields, or other values.
fn new(url: &str, more: Value) -> Value {
    let base = json!({ "address": { "url": url }, "owner": { "code": "city" }, "reason": REASON });
    with(base, more)
}

fn with(mut input: Value, more: Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        input[name] = value.clone();
    }
    input
}

/// Verdict on an address, as everyone gets it.
async fn verdict(app: &TestApp, url: &str) -> String {
    let query = "query($url: String!) { verifyPage(url: $url) { verdict } }";
    let answer = app.data(query, json!({ "url": url })).await;
    answer["verifyPage"]["verdict"].as_str().expect("a verdict").to_owned()
}
