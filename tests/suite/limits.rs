//! Limits: documents that ask for too much are refused before anything of them is done, in a few words.

use std::{collections::BTreeMap, sync::atomic::Ordering};

use api::{
    app::Settings,
    document::{self, Audiences, Documents, Limits, Refusal},
    schema,
    snapshot::Scope,
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::harness::{Answer, TestApp};

/// Stands in every hostile document, and in no answer.
const MARKER: &str = "bogeyman";

async fn send(app: &TestApp, query: &str, variables: Value) -> Answer {
    app.post("/public/graphql", None, &json!({ "query": query, "variables": variables })).await
}

fn repeated(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect::<Vec<_>>().join(" ")
}

/// Fragments that each name the next one so many times.
fn nest(levels: usize, fan: usize) -> String {
    let next = |level: usize| repeated(fan, |_| format!("...F{}", level + 1));
    let fragments = repeated(levels, |level| format!("fragment F{level} on Query {{ {} }}", next(level)));
    format!("{{ ...F0 }} {fragments} fragment F{levels} on Query {{ {MARKER}: __typename }}")
}

/// An organization and its parents, so deep.
fn parents(depth: usize) -> String {
    let open = "parent { ".repeat(depth - 2);
    format!("{{ organization: authority(code: \"{MARKER}\") {{ {open} code {}}} }}", "} ".repeat(depth - 2))
}

/// The same in another way: each parent in a fragment, in an inline fragment, or in either by turns.
fn parents_by(depth: usize, way: impl Fn(usize) -> bool) -> String {
    let (mut document, mut fragments) = ("code".to_owned(), String::new());
    for level in 0..depth - 2 {
        document = if way(level) {
            fragments += &format!("fragment P{level} on Organization {{ {document} }} ");
            format!("parent {{ ...P{level} }}")
        } else {
            format!("parent {{ ... on Organization {{ {document} }} }}")
        };
    }
    format!("{{ authority(code: \"{MARKER}\") {{ {document} }} }} {fragments}")
}

fn hostile() -> Vec<(String, &'static str)> {
    let alias = |count| format!("{{ {} }}", repeated(count, |n| format!("{MARKER}{n}: __typename")));
    let directives = |count| repeated(count, |n| format!("@{MARKER}{n}"));
    let mut documents = vec![
        (alias(31), "TOO_MANY_ALIASES"),
        (alias(10_000), "TOO_MANY_ALIASES"),
        (nest(22, 2), "SELECTIONS_LIMIT"),
        (nest(8, 10), "SELECTIONS_LIMIT"),
        (nest(5, 30), "SELECTIONS_LIMIT"),
        (nest(24, 30), "SELECTIONS_LIMIT"),
        (format!("{{ ...A }} fragment A on Query {{ {MARKER}: __typename ...A }}"), "FRAGMENT_CYCLE"),
        (
            format!(
                "{{ ...A }} fragment A on Query {{ {MARKER}: __typename ...B }} fragment B on Query {{ ...C }} fragment C on Query {{ ...A }}"
            ),
            "FRAGMENT_CYCLE",
        ),
        (
            format!(
                "{{ {MARKER}: __typename }} fragment A on Query {{ ...B }} fragment B on Query {{ ...A }}"
            ),
            "FRAGMENT_CYCLE",
        ),
        (format!("{{ __typename {} }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("query {} {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("query($v: Int {}) {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ ... {} {{ __typename }} }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ ...A {} }} fragment A on Query {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ ...A }} fragment A on Query {} {{ __typename }}", directives(21)), "DIRECTIVES_LIMIT"),
        (format!("{{ __typename {} }}", directives(10_000)), "DIRECTIVES_LIMIT"),
        (format!("{{ {} }}", format!("{MARKER} ").repeat(20_000)), "TOKEN_LIMIT"),
        (format!("{MARKER}{}", "{ a".repeat(60_000)), "DEPTH_LIMIT"),
        (format!("{{ {MARKER}(a: {}) }}", "[".repeat(1_500)), "DEPTH_LIMIT"),
        ("{ a ".repeat(400), "DEPTH_LIMIT"),
        (parents(13), "DEPTH_LIMIT"),
        (parents_by(13, |_| true), "DEPTH_LIMIT"),
        (parents_by(13, |_| false), "DEPTH_LIMIT"),
        (parents_by(13, |level| level % 2 == 0), "DEPTH_LIMIT"),
        (format!("{{ {} }}", "__typename ".repeat(21)), "ROOT_FIELDS_LIMIT"),
        (
            format!("{{ ...A ...A ...A }} fragment A on Query {{ {} }}", "__typename ".repeat(7)),
            "ROOT_FIELDS_LIMIT",
        ),
        (
            format!(
                "{{ __typename }} {}",
                repeated(51, |n| format!("fragment F{n} on Query {{ __typename }}"))
            ),
            "FRAGMENTS_LIMIT",
        ),
        (
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".into(),
            "INTROSPECTION_LIMIT",
        ),
        (
            "{ pages(first: 100) { nodes { owner { pages(first: 100) { nodes { title } } } } } }".into(),
            "COST_LIMIT",
        ),
        (format!("{{ {MARKER}( }}"), "GRAPHQL_PARSE_FAILED"),
    ];
    documents.push((format!("{{ a(b: \"{MARKER}{}", "\\".repeat(3)), "GRAPHQL_PARSE_FAILED"));
    documents
}

#[tokio::test]
async fn a_hostile_document_is_refused_by_its_own_code_in_a_few_words() {
    let app = TestApp::start().await;
    for (document, code) in hostile() {
        let shown: String = document.chars().take(80).collect();
        // Whether or not it was sent before.
        for _ in 0..2 {
            let answer = send(&app, &document, json!({})).await;
            let text = String::from_utf8(answer.body.clone()).expect("UTF-8");
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (StatusCode::BAD_REQUEST, code),
                "{shown}: {text}"
            );
            assert!(answer.body.len() < 1_000 && !text.contains(MARKER), "{shown}: {text}");
        }
    }
}

#[tokio::test]
async fn a_document_at_each_limit_is_answered() {
    let app = TestApp::start().await;
    let documents = [
        format!("{{ {} }}", repeated(20, |n| format!("a{n}: __typename"))),
        parents(12),
        parents_by(12, |_| true),
        parents_by(12, |_| false),
        format!("{{ __typename {} }}", "@include(if: true)"),
        format!("{{ {} }}", "__typename ".repeat(20)),
        "{ ...A ...A } fragment A on Query { __typename }".into(),
        "{ __schema { types { fields { args { type { ofType { name } } } } } } }".into(),
        // Every brace, comma and comment is written as nobody writes it.
        "\u{feff}# first\n{,,__typename#a{{{\n}".into(),
        r#"{ search(text: "a{{{{((((\"[[") { totalCount } verifyPage(url: """ """) { verdict } }"#.into(),
    ];
    for document in documents {
        let answer = send(&app, &document, json!({})).await;
        let json = answer.json();
        let refused = json["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        assert!(["", "SEARCH_NOT_READY"].contains(&refused), "{document}: {json}");
    }
}

#[tokio::test]
async fn the_standard_introspection_is_open_to_everyone() {
    let app = TestApp::start().await;
    let query = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } types { ...FullType } directives { name description locations args { ...InputValue } } } }
        fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";
    let data = app.data(query, json!({})).await;
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
}

#[tokio::test]
async fn variables_are_as_limited_as_documents() {
    let app = TestApp::start().await;
    let query = "query($urls: [String!]!) { verifyPages(urls: $urls) { verdict } }";
    let long = send(&app, query, json!({ "urls": vec!["a"; 251] })).await;
    assert_eq!(long.code(), "VARIABLES_LIMIT");
    let deep = format!(
        r#"{{"query":"{{ __typename }}","variables":{{"a":{}1{}}}}}"#,
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let request = axum::http::Request::post("/public/graphql").header("content-type", "application/json");
    let answer = app.send(request.body(deep.into()).expect("a request")).await;
    assert_eq!((answer.status, answer.code().as_str()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"));
}

async fn cost(app: &TestApp, query: &str, variables: Value) -> (u64, u64) {
    let json = send(app, query, variables).await.json();
    let cost = &json["extensions"]["cost"];
    let number = |name: &str| cost[name].as_u64().unwrap_or_else(|| panic!("{json}"));
    (number("requested"), number("actual"))
}

#[tokio::test]
async fn cost_is_told_and_does_not_depend_on_how_a_number_is_written() {
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
async fn what_costs_too_much_reads_nothing() {
    let app = TestApp::start().await;
    let before = app.statements.load(Ordering::Relaxed);
    let query = "query($n: Int!) { pages(first: $n) { nodes { owner { pages(first: 100) { nodes { history(first: 100) { nodes { at } } } } } } } }";
    let answer = send(&app, query, json!({ "n": 100 })).await;
    assert_eq!(answer.code(), "COST_LIMIT");
    assert_eq!(app.statements.load(Ordering::Relaxed), before);
}

#[tokio::test]
async fn a_key_may_ask_for_more_and_an_internal_one_for_more_still() {
    let app = TestApp::start().await;
    let (partner, internal) =
        (app.key("partner", Scope::Read).await, app.key("dashboard", Scope::Internal).await);
    let query = |pages: usize| json!({ "query": format!("{{ pages(first: 100) {{ nodes {{ owner {{ pages(first: {pages}) {{ nodes {{ {} }} }} }} }} }} }}", "title ".repeat(8)) });
    for (pages, public, with_key) in [(10, "", ""), (60, "COST_LIMIT", ""), (100, "COST_LIMIT", "COST_LIMIT")]
    {
        assert_eq!(app.post("/public/graphql", None, &query(pages)).await.code(), public);
        assert_eq!(app.post("/graphql", Some(&partner), &query(pages)).await.code(), with_key);
        assert_eq!(app.post("/graphql", Some(&internal), &query(pages)).await.code(), "");
    }
}

fn limits(changes: &str) -> Settings {
    let public = Limits::public().with(changes).expect("limits");
    Settings {
        audiences: Audiences { public, ..Audiences::default() },
        trusted_proxies: vec![
            "0.0.0.0/32".parse().expect("a network"),
            "10.0.0.0/8".parse().expect("a network"),
        ],
        ..Settings::default()
    }
}

async fn from(app: &TestApp, forwarded: &str) -> Answer {
    let request = Request::post("/public/graphql")
        .header("content-type", "application/json")
        .header("x-forwarded-for", forwarded)
        .body(Body::from(r#"{ "query": "{ __typename }" }"#));
    app.send(request.expect("a request")).await
}

#[tokio::test]
async fn one_who_asks_too_often_waits_and_nobody_else_does() {
    let app = TestApp::start_with(limits("points=5,per_second=1")).await;
    for left in (0..5).rev() {
        let answer = from(&app, "192.0.2.1").await;
        assert_eq!(
            (answer.status, answer.header("x-ratelimit-remaining")),
            (StatusCode::OK, left.to_string().as_str())
        );
        assert_eq!(answer.header("ratelimit-policy"), "\"points\";q=5;w=5");
    }
    let refused = from(&app, "192.0.2.1").await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "THROTTLED"));
    assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-remaining")), ("1", "0"));
    // The same client by another name of its address, and through another of our proxies.
    for same in [
        "::ffff:192.0.2.1",
        "203.0.113.9, 192.0.2.1",
        "192.0.2.1, 10.1.2.3",
        "192.0.2.1:4711",
        "nonsense, 192.0.2.1, 10.0.0.1",
    ] {
        assert_eq!(from(&app, same).await.status, StatusCode::TOO_MANY_REQUESTS, "{same}");
    }
    for other in ["192.0.2.2", "2001:db8::1", "192.0.2.1, 198.51.100.7"] {
        assert_eq!(from(&app, other).await.status, StatusCode::OK, "{other}");
    }
}

#[tokio::test]
async fn a_household_of_ipv6_is_one_asker() {
    let app = TestApp::start_with(limits("points=2,per_second=1")).await;
    for address in ["2001:db8::1", "2001:db8::ffff:2"] {
        assert_eq!(from(&app, address).await.status, StatusCode::OK);
    }
    assert_eq!(from(&app, "2001:db8::3").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(from(&app, "2001:db8:0:1::1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn files_cost_points_as_answers_do() {
    let app = TestApp::start_with(limits("points=1200,per_second=1")).await;
    for (file, status) in [
        ("organizations.csv", StatusCode::OK),
        ("pages.csv", StatusCode::OK),
        ("pages.csv", StatusCode::TOO_MANY_REQUESTS),
        ("statistics.csv?from=2026-01-01&to=2026-01-02", StatusCode::TOO_MANY_REQUESTS),
    ] {
        let answer = app.get(&format!("/export/{file}"), &[]).await;
        assert_eq!(answer.status, status, "{file}");
    }
}

#[tokio::test]
async fn points_that_were_not_needed_come_back() {
    let app = TestApp::start_with(limits("points=1000,per_second=1")).await;
    let query = "{ pages(first: 50) { nodes { title } } rateLimit { limit perSecond cost remaining } }";
    for _ in 0..3 {
        let data = app.data(query, json!({})).await;
        let limit = &data["rateLimit"];
        assert_eq!((&limit["limit"], &limit["perSecond"]), (&json!(1000), &json!(1)));
        let (cost, remaining) =
            (limit["cost"].as_u64().expect("a cost"), limit["remaining"].as_u64().expect("a number"));
        assert!(cost > 10 && remaining > 1000 - cost - 20, "{data}");
    }
}

#[test]
fn every_field_that_is_said_to_be_dear_or_to_depend_on_something_is_one_of_the_schema() {
    let types = schema::types();
    for (owner, field) in document::weighted_fields().chain(document::needed_fields()) {
        let owner_type = types.types.get(owner);
        let is_there = owner_type.is_some_and(|it| field == "*" || it.field_by_name(field).is_some());
        // Those of the library itself stand in no schema.
        assert!(is_there || owner.starts_with('_') || field.starts_with('_'), "{owner}.{field}");
    }
}

#[test]
fn limits_are_set_by_name() {
    let limits = Limits::public().with(" depth = 14,cost=2000 ,").expect("limits");
    assert_eq!((limits.depth, limits.cost, limits.tokens), (14, 2_000, Limits::public().tokens));
    for (text, wrong) in [
        ("depth", "LIMIT=NUMBER"),
        ("depth=0", "above zero"),
        ("depth=x", "above zero"),
        ("width=3", "`width`"),
    ] {
        let error = Limits::public().with(text).expect_err("no limits");
        assert!(error.contains(wrong), "{error}");
    }
}

/// Fragments that name only later ones, each with how many plain fields it has and whom it names.
fn fragments() -> impl Strategy<Value = Vec<(usize, Vec<usize>)>> {
    proptest::collection::vec(
        (0_usize..4, proptest::collection::vec(any::<prop::sample::Index>(), 0..4)),
        1..12,
    )
    .prop_map(|fragments| {
        let count = fragments.len();
        let later = |at: usize, names: Vec<prop::sample::Index>| {
            let left = count - at - 1;
            if left == 0 { Vec::new() } else { names.iter().map(|name| at + 1 + name.index(left)).collect() }
        };
        fragments
            .into_iter()
            .enumerate()
            .map(|(at, (fields, names))| (fields.max(1), later(at, names)))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn fragments_are_counted_as_if_they_were_put_in(fragments in fragments(), is_inline in any::<bool>()) {
        let mut expanded = BTreeMap::new();
        for (at, (fields, names)) in fragments.iter().enumerate().rev() {
            let below: u64 = names.iter().map(|name| 1 + expanded[name]).sum();
            expanded.insert(at, *fields as u64 + below + u64::from(is_inline));
        }
        let selections = 1 + expanded[&0];
        let body = |fields: usize, names: &[usize]| {
            let names = repeated(names.len(), |n| format!("...F{}", names[n]));
            let inline = if is_inline { "... { __typename }" } else { "" };
            format!("{} {inline} {names}", "__typename ".repeat(if is_inline { fields - 1 } else { fields }))
        };
        let texts = repeated(fragments.len(), |at| format!("fragment F{at} on Query {{ {} }}", body(fragments[at].0, &fragments[at].1)));
        let document = format!("{{ ...F0 }} {texts}");
        let parse = |most: u64| {
            let limits = Limits { selections: most, root_fields: usize::MAX, ..Limits::public() };
            Documents::new(schema::types().into()).parse(&document, &limits).map(|_| ())
        };
        prop_assert_eq!(parse(selections), Ok(()));
        prop_assert_eq!(parse(selections - 1), Err(Refusal::Selections(selections - 1)));
    }
}
