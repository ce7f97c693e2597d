//! Cost of a request: estimated from the document, and measured from the response.

use serde_json::{Value, json};

use super::{
    harness::{TestApp, churn::generated},
    limits::send,
};

#[tokio::test]
async fn lists_in_a_document_cost_and_are_limited_as_those_in_variables() {
    let app = TestApp::start().await;
    let urls = |count: usize| vec!["\"a\""; count].join(", ");
    let whole = format!("query($x: String!) {{ verifyPages(urls: [{}, $x]) {{ verdict }} }}", urls(99));
    let listed = cost(&app, &whole, json!({ "x": "a" })).await;
    let sent = "query($urls: [String!]!) { verifyPages(urls: $urls) { verdict } }";
    assert_eq!(
        listed,
        cost(&app, sent, json!({ "urls": vec!["a"; 100] })).await,
        "a variable among them hides none"
    );
    for query in [
        format!("{{ verifyPages(urls: [{}]) {{ verdict }} }}", urls(251)),
        format!("query($urls: [String!]! = [{}]) {{ verifyPages(urls: $urls) {{ verdict }} }}", urls(251)),
    ] {
        let rejected = send(&app, &query, json!({})).await;
        assert_eq!(rejected.code(), "VARIABLES_LIMIT", "{}", &query[..40]);
    }
}

async fn cost(app: &TestApp, query: &str, variables: Value) -> (u64, u64) {
    let json = send(app, query, variables).await.json();
    let cost = &json["extensions"]["cost"];
    let number = |name: &str| cost[name].as_u64().unwrap_or_else(|| panic!("{json}"));
    (number("requested"), number("actual"))
}

#[tokio::test]
async fn cost_is_reported_and_does_not_depend_on_how_a_number_is_written() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod_tula").await;
    let below = "nodes { title owner { code } } pageInfo { hasNextPage }";
    // An object is 4 parts of a point, a plain value 1: the connection and its bounds, 40 pages and their owners.
    let expected = (4 + 4 + 1) + 40 * (4 + 1 + 4 + 1);
    let ways = [
        (format!("{{ pages(first: 40) {{ {below} }} }}"), json!({})),
        (format!("query($n: Int!) {{ pages(first: $n) {{ {below} }} }}"), json!({ "n": 40 })),
        (format!("query($n: Int! = 40) {{ pages(first: $n) {{ {below} }} }}"), json!({})),
        (format!("{{ pages(first: 40) {{ ...A }} }} fragment A on PageConnection {{ {below} }}"), json!({})),
        (
            format!(
                "{{ pages(first: 20) {{ {below} }} more: pages {{ nodes {{ title owner {{ code }} }} }} }}"
            ),
            json!({}),
        ),
    ];
    for (query, variables) in &ways[..4] {
        let (requested, actual) = cost(&app, query, variables.clone()).await;
        assert_eq!(requested, u64::div_ceil(expected, 20), "{query}");
        assert_eq!(actual, 2, "one page was there");
    }
    let (twice, _) = cost(&app, &ways[4].0, json!({})).await;
    assert_eq!(twice, u64::div_ceil(expected + 4, 20), "a list without `first` has twenty items");
    let (one, _) = cost(&app, "{ __typename }", json!({})).await;
    assert_eq!(one, 1);
}

#[tokio::test]
async fn what_is_dear_costs_as_often_as_it_is_answered() {
    let app = TestApp::start().await;
    let filter = "filter: { createdOn: { from: \"2020-01-01\" } }";
    let plain = cost(&app, "{ regions { authorities { totalCount } } }", json!({})).await;
    let filtered =
        cost(&app, &format!("{{ regions {{ authorities({filter}) {{ totalCount }} }} }}"), json!({})).await;
    assert_eq!(filtered.0 - plain.0, 180, "two points for each of ninety regions");
    let owner = app.organization("o", "City").await;
    for number in 0..3 {
        app.page(owner, "vk", &format!("gorod_{number}")).await;
    }
    // The connection, three pages, their statistics and three nulls: 31 parts; and one point per requested day.
    let (requested, actual) =
        cost(&app, "{ pages(first: 40) { nodes { statistics { lastDay { from } } } } }", json!({})).await;
    assert!(requested > 40, "{requested}");
    assert_eq!(actual, u64::div_ceil(31 + 3 * 20, 20));
    // All variables of an input object count, in any order.
    let lists = ["{ source: $s, rows: $r }", "{ rows: $r, source: $s }"].map(|input| {
        format!("mutation($s: String, $r: [StatisticsRowInput!]!) {{ statisticsSubmit(input: {input}) {{ results {{ index }} }} }}")
    });
    let rows = vec![json!({ "day": "2026-01-01" }); 100];
    let body = |query: &String| json!({ "query": query, "variables": { "s": "a", "r": rows } });
    let key = app.key("sender", registry::model::Scope::Statistics).await;
    let mut costs = Vec::new();
    for query in &lists {
        let json = app.post("/graphql", Some(&key), &body(query)).await.json();
        costs.push(json["extensions"]["cost"]["requested"].as_u64().unwrap_or_else(|| panic!("{json}")));
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] > 20, "{costs:?}");
}

#[tokio::test]
async fn the_error_of_a_costly_query_has_the_largest_first_that_fits() {
    let app = TestApp::start().await;
    let written = "{ pages(first: 100) { nodes { owner { pages(first: 90) { nodes { title } } } } } }";
    let inner = "{ pages(first: 90) { nodes { owner { its: pages(first: 500) { nodes { title } } } } } }";
    let last = "{ pages(last: 100) { nodes { owner { pages(first: 90) { nodes { title } } } } } }";
    let either = "query($n: Int, $m: Int) { pages(first: $m, last: $n) { nodes { owner { pages(first: 90) { nodes { title } } } } } }";
    let sent =
        "query($n: Int) { pages(first: $n) { nodes { owner { pages(first: $n) { nodes { title } } } } } }";
    for (query, chosen, n, field) in [
        (written, "first: 100", 0, "pages"),
        (inner, "first: 500", 0, "pages.nodes.owner.its"),
        (last, "last: 100", 0, "pages"),
        (either, "$n", 100, "pages"),
        (sent, "$n", 200, "pages"),
    ] {
        let rejected = send(&app, query, json!({ "n": n })).await;
        assert_eq!(rejected.code(), "COST_LIMIT", "{query}");
        let extensions = rejected.json()["errors"][0]["extensions"].take();
        let number = |name: &str| extensions[name].as_u64().unwrap_or_else(|| panic!("{extensions}"));
        assert_eq!((number("limit"), &extensions["field"]), (1_000, &json!(field)));
        assert!(number("requested") > 1_000);
        let largest = number("largestFirst");
        for (first, fits) in [(largest, true), (largest + 1, false)] {
            let (argument, _) = chosen.split_once(':').unwrap_or_default();
            let query =
                if n == 0 { query.replace(chosen, &format!("{argument}: {first}")) } else { query.into() };
            let answer = send(&app, &query, json!({ "n": first })).await;
            assert_eq!(answer.code() != "COST_LIMIT", fits, "{query}: {first}");
        }
    }
    let listless = (0..11).map(|n| format!("s{n}: __schema {{ description }} ")).collect::<String>();
    let rejected = send(&app, &format!("{{ {listless} }}"), json!({})).await;
    let extensions = rejected.json()["errors"][0]["extensions"].take();
    assert_eq!((&extensions["code"], &extensions["limit"]), (&json!("COST_LIMIT"), &json!(1_000)));
    assert!(extensions.get("largestFirst").is_none(), "no list to shorten");
    // Not even one item fits.
    let one = format!("{{ pages(first: 1) {{ totalCount }} {listless} }}");
    let extensions = send(&app, &one, json!({})).await.json()["errors"][0]["extensions"].take();
    assert!(extensions["code"] == "COST_LIMIT" && extensions.get("largestFirst").is_none());
}

#[tokio::test]
async fn what_is_asked_in_usual_ways_is_estimated_at_most_twice_too_high() {
    let app = generated(300).await;
    let kinds = "... on Page { id url title lifecycle owner { id code name } coOwners { id } }
        ... on Institution { id code name status sector { code } ... on Node { __typename } }
        ... on Authority { ...OfAuthority }";
    for query in [
        "{ changes(first: 100, filter: { subjects: [PAGE] }) { nodes { subject { ... on Page { url owner { name } } } } } }".to_owned(),
        format!(
            "{{ changes(first: 100, filter: {{ subjects: [PAGE, ORGANIZATION] }}) {{ nodes {{ seq kind subjectId isRemoval subject {{ __typename {kinds} }} }} }} }}
            fragment OfAuthority on Authority {{ id code name status level }}"
        ),
        "{ pages(first: 100) { nodes { url title aliases { handle } owner { name ... on Institution { authority { name } } ... on Authority { level branch } } } } }".to_owned(),
        "{ institutions(first: 20) { nodes { code name pages(first: 1) { nodes { url } } } } }".to_owned(),
    ] {
        let (requested, actual) = cost(&app, &query, json!({})).await;
        assert!(actual <= requested && requested <= 2 * actual, "{requested} {actual}: {query}");
    }
}

#[tokio::test]
async fn no_larger_page_is_proposed_than_the_list_accepts() {
    let app = TestApp::start().await;
    let days = ["a", "b", "c"].map(|key| format!("{key}: lastDay {{ from }}")).join(" ");
    let statistics = format!("nodes {{ statistics {{ {days} }} }}");
    let change = "nodes { seq at kind subjectType subjectId isRemoval role reason
        subject { ... on Page { id url title handle number } } }";
    let both = format!("pages(first: $n) {{ {statistics} }} changes(first: $n) {{ {change} }}");
    for (query, n, field, largest) in [
        (format!("{{ all: pages(first: 500) {{ {statistics} }} }}"), 0, "all", 100),
        (format!("{{ changes(first: 2000) {{ {change} }} }}"), 0, "changes", 500),
        (format!("query($n: Int) {{ {both} }}"), 500, "pages", 100),
    ] {
        let rejected = send(&app, &query, json!({ "n": n })).await.json();
        let extensions = &rejected["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "COST_LIMIT", "{query}: {rejected}");
        assert_eq!((&extensions["field"], &extensions["largestFirst"]), (&json!(field), &json!(largest)));
    }
}
