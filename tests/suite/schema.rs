//! The contract: printed from code, fully described, without mutations on the public endpoint.

use serde_json::{Value, json};

use super::harness::TestApp;

const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { kind name description
        fields { name description args { name description } }
        inputFields { name description } enumValues { name description } }
} }";

#[test]
fn schema_file_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    let built = api::graphql::schema::sdl();
    if stored != built {
        std::fs::write(path, &built).expect("schema.graphql is written");
        panic!("schema.graphql was stale and has been rewritten: review and commit it");
    }
}

#[tokio::test]
async fn everything_public_is_described() {
    let app = TestApp::start().await;
    let schema = app.data(INTROSPECTION, json!({})).await;
    let mut bare = Vec::new();
    let items = |parent: &Value, name: &str| parent[name].as_array().cloned().unwrap_or_default();
    let mut check = |path: String, item: &Value| {
        if item["description"].as_str().is_none_or(str::is_empty) {
            bare.push(path);
        }
    };
    for kind in items(&schema["__schema"], "types") {
        let name = kind["name"].as_str().unwrap_or_default().to_owned();
        if name.starts_with("__") || ["Query", "ID"].contains(&name.as_str()) {
            continue;
        }
        check(name.clone(), &kind);
    }
    for kind in items(&schema["__schema"], "types") {
        let name = kind["name"].as_str().unwrap_or_default().to_owned();
        if name.starts_with("__") {
            continue;
        }
        for list in ["fields", "inputFields", "enumValues"] {
            for item in items(&kind, list) {
                let path = format!("{name}.{}", item["name"].as_str().unwrap_or_default());
                check(path.clone(), &item);
                for argument in items(&item, "args") {
                    check(format!("{path}({})", argument["name"].as_str().unwrap_or_default()), &argument);
                }
            }
        }
    }
    assert!(bare.is_empty(), "without a description: {bare:#?}");
}

#[tokio::test]
async fn the_public_schema_only_reads() {
    let app = TestApp::start().await;
    let schema = app.data(INTROSPECTION, json!({})).await;
    assert_eq!(schema["__schema"]["mutationType"], Value::Null);
    assert_eq!(schema["__schema"]["subscriptionType"], Value::Null);
}
