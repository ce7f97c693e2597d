//! Suggestions of similar names, of what the endpoint's own schema has.

use registry::model::Scope;
use serde_json::{Value, json};

use super::harness::{GATEWAY_SECRET, TestApp};

async fn message(app: &TestApp, path: &str, key: Option<&str>, query: &str, variables: Value) -> String {
    let body = json!({ "query": query, "variables": variables });
    let answer = app.post(path, key, &body).await.json();
    answer["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn an_unknown_name_is_answered_with_similar_ones() {
    let app = TestApp::start().await;
    let filtered = "query($f: PageFilter) { pages(filter: $f) { totalCount } }";
    for (query, variables, expected) in [
        ("{ pagez { totalCount } }", json!({}), "Did you mean `page` or `pages`"),
        ("{ pages { totalcount } }", json!({}), "Did you mean `totalCount`"),
        ("{ pages(frist: 1) { totalCount } }", json!({}), "Did you mean `first`"),
        ("{ node(id: \"a\") { ... on Pagee { title } } }", json!({}), "Did you mean `Page`"),
        ("query($f: PageFiltre) { pages(filter: $f) { totalCount } }", json!({}), "`PageFilter`"),
        ("{ pages(orderBy: { field: TITEL }) { totalCount } }", json!({}), "Did you mean `TITLE`"),
        (
            "{ pages(orderBy: { field: NAME }) { totalCount } }",
            json!({}),
            "The values are ENTRY, TITLE, REGISTERED_AT, SUBSCRIBERS, UPDATED_AT, LAST_POST_ON.",
        ),
        (filtered, json!({ "f": { "platform": ["vk"] } }), "Did you mean `platforms`"),
        (filtered, json!({ "f": { "lifecycles": ["REGISTRED"] } }), "Did you mean `REGISTERED`"),
    ] {
        let message = message(&app, "/public/graphql", None, query, variables).await;
        assert!(message.contains(expected), "{query}: {message}");
    }
    // An enum with many values is not listed.
    let query = "query($b: [AudienceGroupBy!]) { audience(groupBy: $b, metric: ZZZZ, period: { from: \"2026-10-01\" }) { seq } }";
    let of_many = message(&app, "/public/graphql", None, query, json!({})).await;
    assert!(of_many.contains("StatisticsMetric") && !of_many.contains("The values are"), "{of_many}");
    for query in ["{ zzzzzz }".to_owned(), format!("{{ {} }}", "pages".repeat(20))] {
        let message = message(&app, "/public/graphql", None, &query, json!({})).await;
        assert!(message.starts_with("Unknown field") && !message.contains("Did you mean"), "{message}");
    }
}

#[tokio::test]
async fn no_name_of_another_endpoint_is_suggested() {
    let app = TestApp::start().await;
    let key = app.key("reader", Scope::Read).await;
    for (query, name) in [
        ("{ _entitiez { __typename } }", "_entities"),
        ("query($i: StatisticsSubmitInputt) { __typename }", "StatisticsSubmitInput`"),
    ] {
        let message = message(&app, "/public/graphql", None, query, json!({})).await;
        assert!(message.starts_with("Unknown") && !message.contains(name), "{message}");
    }
    let typo = "mutation { statisticsSubmitt(input: { rows: [] }) { seq } }";
    let private = message(&app, "/graphql", Some(&key), typo, json!({})).await;
    assert!(private.contains("Did you mean `statisticsSubmit`"), "{private}");
    let public = message(&app, "/public/graphql", None, typo, json!({})).await;
    assert!(!public.contains("Did you mean"), "{public}");
}

#[tokio::test]
async fn only_names_of_the_same_type_of_the_endpoint_are_suggested() {
    let app = TestApp::start().await;
    // `nodes` and `node` are fields, but not of this type of the subgraph.
    for unknown in ["nodes(ids: [\"a\"])", "node(id: \"a\")", "viewer"] {
        let query = format!("{{ {unknown} {{ __typename }} }}");
        let message = message(&app, "/subgraph", Some(GATEWAY_SECRET), &query, json!({})).await;
        let name = unknown.split('(').next().unwrap_or_default();
        assert!(message.starts_with(&format!("Unknown field \"{name}\"")), "{message}");
        assert!(!message.contains(&format!("`{name}`")), "{message}");
    }
    let search = message(&app, "/subgraph", Some(GATEWAY_SECRET), "{ registrySerch }", json!({})).await;
    assert!(search.contains("Did you mean `registrySearch`"), "{search}");
}
