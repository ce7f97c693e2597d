//! Clients and keys, managed by clients with the scope `clients:admin`.

use axum::http::StatusCode;
use chrono::{Days, Utc};
use entities::idempotent_result;
use registry::{
    api_client::{self, ClientReference, KeyTerms, NewLimits},
    author::Author,
    change_log::{Verdict, verify},
    idempotency::{IdempotentCall, WriteRequest},
    model::Scope,
    record_reference::OrganizationReference,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{
    harness::TestApp,
    idempotency::{is_replayed, remembered, request},
};

const CREATE: &str = "mutation($input: ClientCreateInput!) { clientCreate(input: $input) {
    client { id name scopes platform { code } organization { code } territory { code } keys { id } revokedAt }
    seq userErrors { code field } } }";
const EDIT: &str = "mutation($input: ClientEditInput!) { clientEdit(input: $input) {
    client { scopes platform { code } territory { code } } seq userErrors { code field } } }";
const REVOKE: &str = "mutation($input: ClientRevokeInput!) { clientRevoke(input: $input) {
    client { revokedAt } seq userErrors { code } } }";
const KEY: &str = "mutation($input: ClientKeyCreateInput!) { clientKeyCreate(input: $input) {
    key clientKey { id prefix label expiresAt revokedAt } client { name } seq userErrors { code field } } }";
const REVOKE_KEY: &str = "mutation($input: ClientKeyRevokeInput!) { clientKeyRevoke(input: $input) {
    clientKey { revokedAt } client { name } seq userErrors { code } } }";

/// All scopes that may be limited, and reading.
const LIMITED: [Scope; 7] = [
    Scope::Read,
    Scope::Submit,
    Scope::Statistics,
    Scope::Review,
    Scope::Write,
    Scope::Audit,
    Scope::Clients,
];

/// Result of the only mutation of a document.
async fn send(app: &TestApp, key: &str, document: &str, mut input: Value) -> Value {
    if input.get("reason").is_none() {
        input["reason"] = json!("A contract was signed.");
    }
    let body = json!({ "query": document, "variables": { "input": input } });
    let answer = app.post("/graphql", Some(key), &body).await.json();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].as_object().and_then(|data| data.values().next().cloned()).expect("one field")
}

/// Code of the only error, or an empty text.
fn code(result: &Value) -> &str {
    result["userErrors"][0]["code"].as_str().unwrap_or_default()
}

async fn admin(app: &TestApp) -> String {
    app.key_within("admin", Scope::ALL, NewLimits::default()).await
}

#[tokio::test]
async fn a_client_is_created_gets_a_key_is_changed_and_revoked() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let admin = admin(&app).await;
    let input = json!({ "name": " Rutube ", "scopes": ["READ", "STATISTICS", "READ"], "platformCode": "rutube",
        "organization": { "code": "city" }, "territoryCode": "ru-28" });
    let created = send(&app, &admin, CREATE, input).await;
    let client = &created["client"];
    let expected = json!({ "id": client["id"], "name": "Rutube", "scopes": ["READ", "STATISTICS"],
        "platform": { "code": "rutube" }, "organization": { "code": "city" }, "territory": { "code": "ru-28" },
        "keys": [], "revokedAt": null });
    assert_eq!((client, &created["userErrors"]), (&expected, &json!([])));
    assert_eq!(created["seq"], app.registry.snapshot().seq());
    let expires = (Utc::now() + Days::new(90)).format("%Y-%m-%dT00:00:00Z").to_string();
    let input = json!({ "id": client["id"], "label": "nightly", "expiresAt": expires });
    let keyed = send(&app, &admin, KEY, input).await;
    let key = keyed["key"].as_str().expect("a key");
    let (prefix, of_key) = (&key[..8], &keyed["clientKey"]);
    assert_eq!((&of_key["prefix"], &of_key["label"]), (&json!(prefix), &json!("nightly")));
    assert_eq!((&of_key["expiresAt"], &keyed["client"]["name"]), (&json!(expires), &json!("Rutube")));
    let viewer =
        "{ viewer { name platform { code } organization { code } territory { code } key { prefix } } }";
    let viewer = app.post("/graphql", Some(key), &json!({ "query": viewer })).await.json();
    let expected = json!({ "name": "Rutube", "platform": { "code": "rutube" }, "organization": { "code": "city" },
        "territory": { "code": "ru-28" }, "key": { "prefix": prefix } });
    assert_eq!(viewer["data"]["viewer"], expected);
    let input = json!({ "id": client["id"], "scopes": ["STATISTICS"], "platformCode": null });
    let edited = send(&app, &admin, EDIT, input).await["client"].take();
    let expected = json!({ "scopes": ["STATISTICS"], "platform": null, "territory": { "code": "ru-28" } });
    assert_eq!(edited, expected, "what is left out stays");
    let revoked = send(&app, &admin, REVOKE_KEY, json!({ "id": of_key["id"] })).await;
    assert!(revoked["clientKey"]["revokedAt"].is_string(), "{revoked}");
    let ask = json!({ "query": "{ __typename }" });
    assert_eq!(app.post("/graphql", Some(key), &ask).await.status, StatusCode::UNAUTHORIZED);
    let revoked = send(&app, &admin, REVOKE, json!({ "id": client["id"] })).await;
    assert!(revoked["client"]["revokedAt"].is_string(), "{revoked}");
    assert_eq!(code(&send(&app, &admin, KEY, json!({ "id": client["id"] })).await), "REVOKED");
    assert!(matches!(verify(&app.registry, |_| {}).await, Ok(Verdict::Sound { .. })));
}

#[tokio::test]
async fn nobody_sees_the_hash_of_a_key_and_the_key_is_shown_once() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let snapshot = app.registry.snapshot();
    let client = snapshot.client_by_name("admin").expect("the client").clone();
    let call = |field: &str| {
        let call = IdempotentCall { key: "one".into(), field: field.into(), request_hash: [7; 32] };
        WriteRequest { call: Some(call), ..WriteRequest::new(Author::client(client.clone())) }
    };
    let create = async |field: &str| {
        let (client, terms) = (ClientReference::Id(client.id), KeyTerms::default());
        let created = api_client::create_key(&app.registry, call(field), client, terms).await;
        created.expect("an outcome").expect("a key")
    };
    let (first, again) = (create("clientKeyCreate").await, create("clientKeyCreate").await);
    assert_eq!(first.written.result, again.written.result);
    assert!(again.written.is_replayed && again.key.is_none(), "it is not stored");
    let key = first.key.expect("it is shown once");
    let stored = idempotent_result::Entity::find().all(&app.registry.database().read).await.expect("rows");
    assert_eq!(stored.len(), 1);
    assert!(!stored[0].result.contains(&key[..8]), "{}", stored[0].result);
    let list = "{ clients { nodes { name keys { id prefix label createdAt expiresAt revokedAt } } } }";
    let listed = app.post("/graphql", Some(&admin), &json!({ "query": list })).await.body;
    let listed = String::from_utf8(listed).expect("UTF-8");
    let snapshot = app.registry.snapshot();
    let hash = &snapshot.client_by_name("admin").expect("the client").keys[1].key_hash;
    assert!(listed.contains(&key[..8]) && !listed.contains(&key) && !listed.contains(&**hash), "{listed}");
}

#[tokio::test]
async fn a_request_for_a_key_that_is_sent_again_creates_no_other_and_does_not_show_it() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let id = registry::global_id::encode("Client", 1);
    let body = json!({ "query": KEY, "variables": { "input": { "id": id, "reason": "Rotation." } } });
    let first = app.send(request(&admin, "one", &body)).await;
    let created = first.json()["data"]["clientKeyCreate"].take();
    let key = created["key"].as_str().expect("a key");
    assert_eq!(remembered(&app).await, 0, "a response with a key is not stored");
    for is_stored in [false, true] {
        let again = app.send(request(&admin, "one", &body)).await;
        assert_eq!(is_replayed(&again), is_stored, "one without it is");
        let repeated = again.json()["data"]["clientKeyCreate"].take();
        assert_eq!((&repeated["key"], code(&repeated)), (&Value::Null, "KEY_SHOWN_ONCE"));
        assert_eq!((&repeated["clientKey"], &repeated["seq"]), (&created["clientKey"], &created["seq"]));
        assert!(!String::from_utf8_lossy(&again.body).contains(key), "{repeated}");
    }
    let keys = app.registry.snapshot().clients().get(&1).map(|client| client.keys.len());
    assert_eq!(keys, Some(2));
}

#[tokio::test]
async fn a_client_gives_no_scope_and_no_reach_that_it_lacks() {
    let app = TestApp::start().await;
    let (city, other) = (app.organization("city", "City").await, app.organization("other", "Other").await);
    let (amur, elsewhere) = {
        let snapshot = app.registry.snapshot();
        let id = |code: &str| snapshot.territory_by_code(code).expect("a territory").id;
        (id("ru-28"), id("ru-54"))
    };
    app.change_organization(city, move |it| it.territory_id = Some(amur)).await;
    app.change_organization(other, move |it| it.territory_id = Some(elsewhere)).await;
    let weak = app.key_within("weak", &[Scope::Read, Scope::Clients], NewLimits::default()).await;
    let of_amur = NewLimits { territory_code: Some("ru-28".into()), ..NewLimits::default() };
    let regional = app.key_within("regional", &LIMITED, of_amur.clone()).await;
    let of_city = NewLimits { organization: Some(OrganizationReference::Code("city".into())), ..of_amur };
    app.key_within("of the city", &[Scope::Review], of_city).await;
    app.key_within("writer", &[Scope::Write], NewLimits::default()).await;
    let id = |name: &str| {
        let id = app.registry.snapshot().client_by_name(name).expect("the client").id;
        registry::global_id::encode("Client", id)
    };
    for (key, document, input, expected) in [
        (&weak, CREATE, json!({ "name": "x", "scopes": ["READ", "WRITE"] }), "SCOPE_NOT_HELD"),
        (&weak, EDIT, json!({ "id": id("weak"), "scopes": ["REVIEW"] }), "SCOPE_NOT_HELD"),
        // Another key of a client that may do more would be one's own.
        (&weak, KEY, json!({ "id": id("writer") }), "NOT_ALLOWED"),
        (&weak, REVOKE, json!({ "id": id("writer") }), "NOT_ALLOWED"),
        (&weak, EDIT, json!({ "id": id("writer"), "scopes": ["READ"] }), "NOT_ALLOWED"),
        (&weak, CREATE, json!({ "name": "reader", "scopes": ["READ"] }), ""),
        (&regional, CREATE, json!({ "name": "x", "scopes": ["REVIEW"] }), "LIMIT_NOT_HELD"),
        (
            &regional,
            CREATE,
            json!({ "name": "x", "scopes": ["REVIEW"], "territoryCode": "ru-54" }),
            "LIMIT_NOT_HELD",
        ),
        (
            &regional,
            CREATE,
            json!({ "name": "x", "scopes": ["REVIEW"], "organization": { "code": "city" } }),
            "LIMIT_NOT_HELD",
        ),
        (&regional, EDIT, json!({ "id": id("regional"), "territoryCode": null }), "LIMIT_NOT_HELD"),
        (&regional, KEY, json!({ "id": id("writer") }), "NOT_FOUND"),
        (&regional, EDIT, json!({ "id": id("weak") }), "NOT_FOUND"),
        (&regional, KEY, json!({ "id": id("of the city") }), ""),
        (&regional, CREATE, json!({ "name": "in it", "scopes": ["REVIEW"], "territoryCode": "ru-28" }), ""),
    ] {
        let result = send(&app, key, document, input.clone()).await;
        assert_eq!(code(&result), expected, "{input}: {result}");
    }
    let names = async |key: &str| {
        let query = "{ clients { totalCount nodes { name } } }";
        let answer = app.post("/graphql", Some(key), &json!({ "query": query })).await.json();
        let nodes = answer["data"]["clients"]["nodes"].as_array().expect("clients").clone();
        nodes.iter().map(|node| node["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&regional).await, ["regional", "of the city", "in it"]);
    assert_eq!(names(&weak).await.len(), 6);
}

#[tokio::test]
async fn what_is_wrong_with_the_input_is_told_by_code_and_field() {
    let app = TestApp::start().await;
    let admin = admin(&app).await;
    let id = registry::global_id::encode(
        "Client",
        app.registry.snapshot().client_by_name("admin").expect("it").id,
    );
    let client = |more: Value| {
        let mut input = json!({ "name": "x", "scopes": ["STATISTICS"] });
        input.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        input
    };
    let seq = app.registry.snapshot().seq();
    for (document, input, expected, field) in [
        (CREATE, client(json!({ "name": "" })), "INVALID_NAME", "name"),
        (CREATE, client(json!({ "name": "admin" })), "NAME_TAKEN", "name"),
        (CREATE, client(json!({ "scopes": [] })), "NO_SCOPES", "scopes"),
        (CREATE, client(json!({ "platformCode": "nowhere" })), "UNKNOWN_PLATFORM", "platformCode"),
        (CREATE, client(json!({ "organization": { "id": "x" } })), "UNKNOWN_ORGANIZATION", "organization"),
        (CREATE, client(json!({ "territoryCode": "nowhere" })), "UNKNOWN_TERRITORY", "territoryCode"),
        (CREATE, client(json!({ "scopes": ["READ"], "platformCode": "vk" })), "USELESS_LIMIT", "scopes"),
        (
            CREATE,
            client(json!({ "scopes": ["RATINGS"], "platformCode": "vk" })),
            "LIMIT_NOT_POSSIBLE",
            "scopes",
        ),
        (CREATE, client(json!({ "reason": " " })), "INVALID_REASON", "reason"),
        (KEY, json!({ "id": id, "label": "" }), "INVALID_LABEL", "label"),
        (KEY, json!({ "id": id, "expiresAt": "2020-01-01T00:00:00Z" }), "INVALID_EXPIRY", "expiresAt"),
        (KEY, json!({ "id": id, "expiresAt": "9999-01-01T00:00:00Z" }), "INVALID_EXPIRY", "expiresAt"),
        (KEY, json!({ "id": "nothing" }), "NOT_FOUND", "id"),
        (EDIT, json!({ "id": id, "ifSeq": 1 }), "CONFLICT", "ifSeq"),
    ] {
        let result = send(&app, &admin, document, input.clone()).await;
        let error = &result["userErrors"][0];
        assert_eq!(
            (code(&result), &error["field"]),
            (expected, &json!(["input", field])),
            "{input}: {result}"
        );
        assert_eq!(result["seq"], Value::Null, "{input}");
        assert_eq!(!result["client"].is_null(), expected == "CONFLICT", "the newer state: {input}");
    }
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was written");
    let edited =
        send(&app, &admin, EDIT, json!({ "id": id, "ifSeq": seq, "scopes": ["READ", "CLIENTS"] })).await;
    assert_eq!(code(&edited), "");
}

#[tokio::test]
async fn clients_are_no_part_of_the_public_schema() {
    let app = TestApp::start().await;
    admin(&app).await;
    for query in ["{ clients { totalCount } }", "{ client(id: \"x\") { id } }"] {
        let answer = app.ask(query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{answer}");
    }
    let id = registry::global_id::encode("Client", 1);
    let node = app.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(node["node"], Value::Null);
}
