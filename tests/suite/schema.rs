//! The contracts: printed from code, built by other programs, fully described, without mutations on the public endpoint.

use std::{collections::BTreeSet, path::Path};

use api::graphql::schema::Contract;
use axum::http::StatusCode;
use regex::Regex;
use serde_json::{Value, json};

use super::harness::{GATEWAY_SECRET, TestApp};

/// Schemas and their files.
const FILES: [(Contract, &str); 3] = [
    (Contract::Public, "schemas/public.graphql"),
    (Contract::Partner, "schema.graphql"),
    (Contract::Subgraph, "schemas/subgraph.graphql"),
];

const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { kind name description
        fields { name description args { name description } }
        inputFields { name description } enumValues { name description } }
} }";

#[test]
fn schema_files_are_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::create_dir_all(root.join("schemas")).expect("the folder is there");
    let is_stale = |(contract, file): &(Contract, &str)| {
        std::fs::read_to_string(root.join(file)).unwrap_or_default() != contract.sdl()
    };
    let stale: Vec<_> = FILES.into_iter().filter(is_stale).collect();
    for (contract, file) in &stale {
        std::fs::write(root.join(file), contract.sdl()).expect("the file is written");
    }
    assert!(stale.is_empty(), "{stale:?} were stale and have been rewritten: review and commit them");
}

#[test]
fn a_schema_can_be_parsed_and_defines_the_directives_that_it_uses() {
    let texts = Regex::new(r#""""(?s:.*?)"""|"(?:[^"\\\n]|\\.)*""#).expect("a pattern");
    let names = |pattern: &str, sdl: &str| -> BTreeSet<String> {
        let pattern = Regex::new(pattern).expect("a pattern");
        pattern.captures_iter(sdl).map(|found| found[1].to_owned()).collect()
    };
    for (contract, file) in FILES {
        let parsed = graphql_parser::parse_schema::<&str>(contract.sdl());
        assert!(parsed.is_ok(), "{file}: {:?}", parsed.err());
        let bare = texts.replace_all(contract.sdl(), "");
        let defined = names(r"directive @(\w+)", &bare);
        // The library defines this one only if a field or the value of an enum uses it; all parsers know it.
        let undefined: Vec<_> = names(r"@(\w+)", &bare)
            .into_iter()
            .filter(|name| !defined.contains(name) && name != "deprecated")
            .collect();
        assert!(undefined.is_empty(), "{file} does not define {undefined:?}; see federation/link.graphql");
    }
}

#[test]
fn scalars_name_their_specification() {
    for contract in [Contract::Public, Contract::Partner] {
        let scalars = contract.sdl().lines().filter(|line| line.starts_with("scalar "));
        let unspecified: Vec<_> = scalars.filter(|line| !line.contains(" @specifiedBy(url: ")).collect();
        assert!(unspecified.is_empty(), "{unspecified:?}");
    }
}

#[test]
fn relay_can_refetch_every_object() {
    // Its compiler takes a field of exactly this form.
    let (_, node) = Contract::Public.sdl().split_once("\n\tnode(\n").expect("the field");
    let (arguments, rest) = node.split_once(')').expect("the end of its arguments");
    let arguments: Vec<_> = arguments.lines().map(str::trim).filter(|line| line.contains(": ")).collect();
    assert_eq!(arguments, ["id: ID!"]);
    assert!(rest.starts_with(": Node\n"));
}

#[tokio::test]
async fn the_schemas_of_the_files_are_served() {
    let app = TestApp::start().await;
    let path = "/public/schema.graphql";
    let served = app.get(path, &[]).await;
    assert_eq!(served.body, Contract::Public.sdl().as_bytes());
    assert_eq!(served.header("content-type"), "text/plain; charset=utf-8");
    assert!(served.header("cache-control").starts_with("public, max-age="));
    assert_eq!(served.header("access-control-allow-origin"), "*");
    let again = app.get(path, &[("if-none-match", served.header("etag"))]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let ask = json!({ "query": "{ _service { sdl } }" });
    let subgraph = app.post("/subgraph", Some(GATEWAY_SECRET), &ask).await.json();
    assert!(subgraph["data"]["_service"]["sdl"] == Contract::Subgraph.sdl(), "{subgraph:#}");
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

#[test]
fn organizations_are_nodes_in_every_schema() {
    for contract in [Contract::Public, Contract::Partner, Contract::Subgraph] {
        assert_eq!(contract.sdl().matches("\ninterface Organization implements Node ").count(), 1);
    }
}

#[tokio::test]
async fn the_interfaces_of_an_interface_are_a_list_in_introspection() {
    let app = TestApp::start().await;
    let query = "query($no: Boolean = false) {
        node: __type(name: \"Node\") { kind interfaces { name } }
        organization: __type(name: \"Organization\") { ...T its: interfaces { kind fields { name } } }
        union: __type(name: \"_Entity\") { interfaces { name } }
        page: __type(name: \"Page\") { interfaces { name interfaces { name } } }
        skipped: __type(name: \"Node\") { name interfaces @include(if: $no) { name } }
    } fragment T on __Type { interfaces { name ofType { name } } }";
    let key = app.key("reader", registry::model::Scope::Read).await;
    for (path, bearer, has_union) in [
        ("/public/graphql", None, false),
        ("/graphql", Some(&*key), false),
        ("/subgraph", Some(GATEWAY_SECRET), true),
    ] {
        let answer = app.post(path, bearer, &json!({ "query": query })).await.json();
        let union = if has_union { json!({ "interfaces": null }) } else { Value::Null };
        let expected = json!({
            "node": { "kind": "INTERFACE", "interfaces": [] },
            "organization": {
                "interfaces": [{ "name": "Node", "ofType": null }],
                "its": [{ "kind": "INTERFACE", "fields": [{ "name": "id" }] }],
            },
            "union": union,
            "page": { "interfaces": [{ "name": "Node", "interfaces": [] }] },
            "skipped": { "name": "Node" },
        });
        assert_eq!(answer["data"], expected, "{path}: {answer:#}");
    }
}
