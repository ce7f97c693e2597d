//! Federation subgraph: entity look-ups by every key, for routers only.

use std::collections::BTreeSet;

use api::graphql::schema::Contract;
use async_graphql::parser::{
    parse_schema,
    types::{EnumType, InputObjectType, InterfaceType, ObjectType, TypeKind, TypeSystemDefinition},
};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::harness::{Answer, GATEWAY_SECRET, TestApp};

/// Entities of each type, with their keys.
pub const ENTITIES: &str = "query($of: [_Any!]!) { _entities(representations: $of) {
    __typename
    ... on Page { id url } ... on Institution { id code } ... on Authority { id code }
    ... on Platform { id code } ... on Territory { id code }
} }";

/// Asks as a router.
pub async fn answered(app: &TestApp, query: &str, variables: Value) -> Answer {
    app.post("/subgraph", Some(GATEWAY_SECRET), &json!({ "query": query, "variables": variables })).await
}

/// The same, as JSON.
pub async fn subgraph(app: &TestApp, query: &str, variables: Value) -> Value {
    answered(app, query, variables).await.json()
}

#[tokio::test]
async fn entities_are_found_by_every_key_and_unknown_ones_are_null() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    app.page(school, "vk", "77").await;
    let ids = app.data(r#"{ pages { nodes { id } } institutions { nodes { id } } platform(code: "vk") { id } territory(code: "ru-28") { id } }"#, json!({})).await;
    let of = json!([
        { "__typename": "Page", "id": ids["pages"]["nodes"][0]["id"] },
        { "__typename": "Page", "platformCode": "vk", "nativeId": "77" },
        { "__typename": "Institution", "id": ids["institutions"]["nodes"][0]["id"] },
        { "__typename": "Institution", "code": "school-1" },
        { "__typename": "Platform", "id": ids["platform"]["id"] },
        { "__typename": "Platform", "code": "vk" },
        { "__typename": "Territory", "id": ids["territory"]["id"] },
        { "__typename": "Territory", "code": "ru-28" },
        { "__typename": "Page", "platformCode": "vk", "nativeId": "78" },
        { "__typename": "Page", "platformCode": "nowhere", "nativeId": "77" },
        { "__typename": "Page", "id": "nonsense" },
        { "__typename": "Authority", "code": "school-1" },
    ]);
    let answer = subgraph(&app, ENTITIES, json!({ "of": of })).await;
    assert!(answer.get("errors").is_none(), "an unknown key is no error: {answer:#}");
    insta::assert_json_snapshot!("entities", json!({ "data": answer["data"] }));
}

#[tokio::test]
async fn a_thousand_entities_are_the_most_in_one_request() {
    let app = TestApp::start().await;
    let many = |count: usize| json!({ "of": vec![json!({ "__typename": "Platform", "code": "vk" }); count] });
    let answer = subgraph(&app, ENTITIES, many(1_000)).await;
    assert_eq!(answer["data"]["_entities"].as_array().map(Vec::len), Some(1_000));
    let rejected = subgraph(&app, ENTITIES, many(1_001)).await;
    assert_eq!(rejected["errors"][0]["extensions"]["code"], "REPRESENTATIONS_LIMIT");
    let inline = r#"{__typename:"Platform",code:"vk"},"#.repeat(1_001);
    let rejected =
        subgraph(&app, &format!("{{ _entities(representations: [{inline}]) {{ __typename }} }}"), json!({}))
            .await;
    assert_eq!(rejected["errors"][0]["extensions"]["code"], "REPRESENTATIONS_LIMIT");
}

#[tokio::test]
async fn entities_cost_what_is_asked_of_each() {
    let app = TestApp::start().await;
    let cost = async |count: usize| {
        let of = json!({ "of": vec![json!({ "__typename": "Platform", "code": "vk" }); count] });
        subgraph(&app, ENTITIES, of).await["extensions"]["cost"].take()
    };
    // Each object counts with the fields of one of its possible types: three values.
    assert_eq!(cost(100).await, json!({ "requested": 35, "actual": 35 }));
    let inline = r#"{__typename:"Platform",code:"vk"},"#.repeat(100);
    let query = format!("{{ _entities(representations: [{inline}]) {{ __typename }} }}");
    assert_eq!(subgraph(&app, &query, json!({})).await["extensions"]["cost"]["requested"], 25);
}

#[tokio::test]
async fn routers_read_the_schema_and_nobody_else_does() {
    let app = TestApp::start().await;
    let ask = json!({ "query": "{ _service { sdl } }" });
    let sdl =
        app.post("/subgraph", Some(GATEWAY_SECRET), &ask).await.json()["data"]["_service"]["sdl"].take();
    let sdl = sdl.as_str().expect("the schema");
    for printed in [
        r#"type Page implements Node @key(fields: "id") @key(fields: "platformCode nativeId") @key(fields: "platformCode handle")"#,
        r#"type PlatformAccount @key(fields: "platformCode nativeId")"#,
        r#"interface Organization implements Node @key(fields: "id") @key(fields: "code") {"#,
        "\tregistrySearch(\n",
        "\tverdict: PageVerdict! @tag(name: \"public\")\n",
        "https://specs.apollo.dev/federation/v2.9",
    ] {
        assert!(sdl.contains(printed), "{sdl}");
    }
    assert!(!sdl.contains("_entities") && !sdl.contains("_Entity"), "routers add them: {sdl}");
    for wrong in [None, Some("guess")] {
        assert_eq!(app.post("/subgraph", wrong, &ask).await.status, StatusCode::UNAUTHORIZED);
    }
    let outside = app.post("/public/graphql", None, &ask).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY, "{:#}", outside.json());
    let outside = app.ask(ENTITIES, json!({ "of": [] })).await;
    assert!(outside.get("errors").is_some());
}

/// Line of the printed schema with the result of a field, or with one of its arguments.
fn line(owner: &str, field: &str, start: &str) -> &'static str {
    let (_, owner) = Contract::Subgraph.sdl().split_once(&format!("\n{owner} ")).expect("the type");
    let (_, field) = owner.split_once(&format!("\n\t{field}")).expect("the field");
    let from_start = field.lines().find(|line| line.trim_start().starts_with(start));
    from_start.expect("the line")
}

#[test]
fn routers_read_the_costs_and_the_lengths_of_lists_that_policies_declare() {
    let size = "@listSize(slicingArguments: [\"first\"";
    let fields = "sizedFields: [\"edges\", \"nodes\"], requireOneSlicingArgument: false)";
    for (owner, field, start, directives) in [
        // 700 points are the cost of 3,500 objects.
        ("type Query", "leaderboard(", "):", &[size, fields, "@cost(weight: 3500)"][..]),
        ("type Query", "leaderboard(", "filter:", &["@cost(weight: 8)"]),
        ("type Query", "organization(", "asOf:", &["@cost(weight: 50)"]),
        ("type Query", "organizations(", "orderBy:", &["@cost(weight: 20)"]),
        ("type Query", "registrySearch(", "text:", &["@cost(weight: 40)"]),
        ("type Query", "pages(", "):", &[size, "\"last\"]", fields]),
        ("type Query", "sectors", ":", &["@listSize(assumedSize: 20)"]),
        ("type Query", "organizationsByCodes(", "):", &["@listSize(assumedSize: 100)"]),
        ("type Authority", "children(", "):", &[size, fields]),
        ("type Authority", "otherNames", ":", &["@listSize(assumedSize: 2)"]),
        ("interface Organization", "children(", "):", &[size, fields]),
        ("type CoverageGroup", "keys", ":", &["@listSize(assumedSize: 5)"]),
    ] {
        let line = line(owner, field, start);
        for directive in directives {
            assert!(line.contains(directive), "{owner} {field}: {line}");
        }
    }
    // Composition refuses the first two; a list of plain values costs what one value does.
    for (owner, field, start, directive) in [
        ("interface Organization", "children(", "filter:", "@cost"),
        ("type PageConnection", "nodes", ":", "@listSize"),
        ("type Page", "languages", ":", "@listSize"),
        ("type Page", "owner", ":", "@listSize"),
    ] {
        let line = line(owner, field, start);
        assert!(!line.contains(directive), "{owner} {field}: {line}");
    }
}

#[tokio::test]
async fn routers_have_no_root_fields_that_mean_something_else_in_a_supergraph() {
    let app = TestApp::start().await;
    for field in [
        "node(id: \"x\") { id }",
        "nodes(ids: [\"x\"]) { id }",
        "search(text: \"x\") { totalCount }",
        "viewer { name }",
        "rateLimit { limit }",
    ] {
        let answer = answered(&app, &format!("{{ {field} }}"), json!({})).await;
        let refused = (StatusCode::UNPROCESSABLE_ENTITY, "GRAPHQL_VALIDATION_FAILED");
        assert_eq!((answer.status, answer.code().as_str()), refused, "{field}");
    }
}

#[tokio::test]
async fn routers_search_by_a_field_of_its_own_with_the_same_results() {
    let app = TestApp::start().await;
    app.organization("school-5", "Школа № 5").await;
    app.search_is_ready().await;
    let found =
        "(text: \"школа\", kinds: [INSTITUTION], first: 5) { totalCount ignoredWords pageInfo { endCursor }
        nodes { matchedBy score item { ... on Institution { code } } } }";
    let expected = app.data(&format!("{{ found: search{found} }}"), json!({})).await;
    assert_eq!(expected["found"]["nodes"][0]["item"]["code"], "school-5");
    let answer = subgraph(&app, &format!("{{ found: registrySearch{found} }}"), json!({})).await;
    assert_eq!(answer["data"], expected, "{answer:#}");
}

const INTROSPECTION: &str = "{ __schema { mutationType { name } types { name
    fields(includeDeprecated: true) { name args { name } } inputFields { name } enumValues(includeDeprecated: true) { name } } } }";

/// Fields, arguments and values of the executed schema.
fn executed(schema: &Value) -> BTreeSet<String> {
    let list = |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let name = |of: &Value| of["name"].as_str().unwrap_or_default().to_owned();
    let mut members = BTreeSet::new();
    for of in list(schema, "types") {
        for member in ["fields", "inputFields", "enumValues"].into_iter().flat_map(|kind| list(&of, kind)) {
            let path = format!("{}.{}", name(&of), name(&member));
            members.extend(list(&member, "args").iter().map(|it| format!("{path}({})", name(it))));
            members.insert(path);
        }
    }
    // What every subgraph has, and routers do not print.
    members.retain(|path| !path.starts_with('_') && !path.starts_with("Query._"));
    members
}

/// Fields, arguments and values of the printed schema.
fn printed() -> BTreeSet<String> {
    let sdl = parse_schema(Contract::Subgraph.sdl()).expect("the contract");
    let mut members = BTreeSet::new();
    for definition in &sdl.definitions {
        let TypeSystemDefinition::Type(of) = definition else { continue };
        let owner = &of.node.name.node;
        match &of.node.kind {
            TypeKind::Object(ObjectType { fields, .. })
            | TypeKind::Interface(InterfaceType { fields, .. }) => {
                for field in fields {
                    let path = format!("{owner}.{}", field.node.name.node);
                    let arguments = field.node.arguments.iter();
                    members.extend(arguments.map(|it| format!("{path}({})", it.node.name.node)));
                    members.insert(path);
                }
            }
            TypeKind::InputObject(InputObjectType { fields }) => {
                members.extend(fields.iter().map(|it| format!("{owner}.{}", it.node.name.node)));
            }
            TypeKind::Enum(EnumType { values }) => {
                members.extend(values.iter().map(|it| format!("{owner}.{}", it.node.value.node)));
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    members.retain(|path| !path.starts_with("link__"));
    members
}

#[tokio::test]
async fn the_schema_that_routers_compose_is_the_one_that_is_executed() {
    let app = TestApp::start().await;
    let schema = subgraph(&app, INTROSPECTION, json!({})).await["data"]["__schema"].take();
    assert_eq!(schema["mutationType"], Value::Null, "routers do not say who asks");
    let (executed, printed) = (executed(&schema), printed());
    let differences: Vec<_> = executed.symmetric_difference(&printed).collect();
    assert!(differences.is_empty() && printed.contains("PlatformAccount.page"), "{differences:?}");
}
