//! Reads: ids, natural keys, lists, the tree in both directions.

use entities::{
    organization::{Kind, Level, Status},
    organization_identifier::State,
    page::Lifecycle,
};
use registry::model::{Identifier, Scope};
use serde_json::{Value, json};

use super::harness::{TestApp, seed};

/// A ministry, an administration below it, a school below that, with a page.
async fn small_tree(app: &TestApp) -> (i64, i64, i64, i64) {
    let ministry = app.organization("min", "Ministry of Education").await;
    app.change_organization(ministry, |it| {
        it.kind = Kind::Authority;
        it.level = Some(Level::Regional);
    })
    .await;
    let administration = app.organization("adm", "City Administration").await;
    app.change_organization(administration, move |it| {
        it.kind = Kind::Authority;
        it.parent_id = Some(ministry);
    })
    .await;
    let school = app
        .put(move |change_set| {
            let mut school = seed::organization(change_set, "school-1", "School No. 1");
            school.parent_id = Some(administration);
            school.territory_id =
                change_set.snapshot().territory_by_code("ru-28").map(|territory| territory.id);
            school.sector = Some("EDUCATION".into());
            let identifier =
                Identifier { scheme: "ru:inn".into(), value: "7710168360".into(), state: State::Valid };
            school.identifiers = vec![identifier];
            school
        })
        .await;
    let page = app.page(school, "vk", "school_1").await;
    (ministry, administration, school, page)
}

#[tokio::test]
async fn a_page_leads_up_to_its_authorities_and_down_again() {
    let app = TestApp::start().await;
    small_tree(&app).await;
    let query = r#"{
        page(url: "https://vk.com/School_1") {
            url handle title lifecycle platformCode platform { code name(language: "en") }
            owner {
                __typename code name status
                identifiers { schemeCode value state }
                ancestors { __typename code }
                territory { code kind name(language: "en") parent { code parent { code } } }
                ... on Institution {
                    sector { code name(language: "en") }
                    authority { code institutions { totalCount nodes { code pages { nodes { url } } } } }
                }
            }
        }
        authority(code: "min") {
            level children { totalCount nodes { __typename code } edges { node { ... on Authority { institutions { nodes { code } } } } } }
        }
        territory(code: "ru-28") { institutions { totalCount nodes { code } } authorities { totalCount } }
    }"#;
    insta::assert_json_snapshot!("page_and_tree", app.data(query, json!({})).await);
}

#[tokio::test]
async fn every_object_is_found_by_id_and_by_natural_key() {
    let app = TestApp::start().await;
    let (.., page) = small_tree(&app).await;
    app.change_page(page, |page, _| page.native_id = Some("77".into())).await;
    let query = r#"{
        authority(code: "min") { id code }
        institution(code: "school-1") { id code }
        page(url: "vk.com/club77") { id handle }
        pageByNativeId(platformCode: "vk", nativeId: "77") { id }
        platform(code: "vk") { id code }
        territory(code: "ru-28") { id code }
        organizationsByIdentifier(schemeCode: "ru:inn", value: "7710168360") { id code }
        wrongKind: authority(code: "school-1") { id }
    }"#;
    let found = app.data(query, json!({})).await;
    assert_eq!(found["wrongKind"], Value::Null);
    assert_eq!(found["page"]["id"], found["pageByNativeId"]["id"]);
    assert_eq!(found["organizationsByIdentifier"][0]["id"], found["institution"]["id"]);
    for name in ["authority", "institution", "page", "platform", "territory"] {
        let ask = "query($id: ID!) { node(id: $id) { __typename id } }";
        let node = app.data(ask, json!({ "id": found[name]["id"] })).await;
        assert_eq!(node["node"]["id"], found[name]["id"], "{name}");
    }
}

#[tokio::test]
async fn ids_that_are_none_of_ours_find_nothing() {
    let app = TestApp::start().await;
    small_tree(&app).await;
    let ask = "query($id: ID!) { node(id: $id) { id } }";
    for id in [
        "",
        "x",
        "UGFnZTowMQ",
        "UGFnZTo5OTk5",
        "VXNlcjox",
        "UGFnZTotMQ",
        "UGFnZTo5OTk5OTk5OTk5OTk5OTk5OTk5OTk",
    ] {
        assert_eq!(app.data(ask, json!({ "id": id })).await["node"], Value::Null, "{id}");
    }
}

#[tokio::test]
async fn a_list_is_read_window_by_window_without_gap_or_double() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "Owner").await;
    for number in 1..=23 {
        app.page(owner, "vk", &format!("page_{number}")).await;
    }
    let ask = "query($first: Int!, $after: String) { pages(first: $first, after: $after) {
        totalCount nodes { handle } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }";
    for first in [1, 2, 5, 7, 22, 23, 24, 100] {
        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let list = app.data(ask, json!({ "first": first, "after": after })).await["pages"].take();
            assert_eq!(list["totalCount"], 23);
            assert_eq!(list["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
            let nodes = list["nodes"].as_array().expect("nodes");
            seen.extend(nodes.iter().map(|node| node["handle"].as_str().expect("a handle").to_owned()));
            assert_eq!(list["pageInfo"]["endCursor"], list["edges"][nodes.len() - 1]["cursor"]);
            after = list["pageInfo"]["endCursor"].clone();
            if list["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        let expected: Vec<_> = (1..=23).map(|number| format!("page_{number}")).collect();
        assert_eq!(seen, expected, "first: {first}");
    }
}

#[tokio::test]
async fn windows_out_of_bounds_and_foreign_cursors_are_refused() {
    let app = TestApp::start().await;
    small_tree(&app).await;
    let code =
        |answer: &Value| answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
    for first in [0, -1, 101, i32::MAX] {
        let answer = app
            .ask("query($first: Int!) { pages(first: $first) { totalCount } }", json!({ "first": first }))
            .await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{first}");
    }
    let found = app.data("{ institutions(first: 1) { pageInfo { endCursor } } }", json!({})).await;
    let cursor = found["institutions"]["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    let mut altered = cursor.clone().into_bytes();
    altered[2] ^= 1;
    let altered = String::from_utf8(altered).expect("ASCII");
    let ask = "query($after: String) { institutions(after: $after) { totalCount } }";
    app.data(ask, json!({ "after": cursor })).await;
    for foreign in ["", "x", "MQ", &altered, &cursor[..cursor.len() - 1]] {
        assert_eq!(code(&app.ask(ask, json!({ "after": foreign })).await), "INVALID_CURSOR", "{foreign}");
    }
    let other_list = "query($after: String) { pages(after: $after) { totalCount } }";
    assert_eq!(code(&app.ask(other_list, json!({ "after": cursor })).await), "INVALID_CURSOR");
}

#[tokio::test]
async fn drafts_and_proposals_are_seen_by_reviewers_alone() {
    let app = TestApp::start().await;
    let (ministry, _, school, page) = small_tree(&app).await;
    let hidden = app.page(school, "vk", "not_yet").await;
    app.change_page(hidden, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    let query = r#"{
        pages { totalCount nodes { handle } }
        page(url: "https://vk.com/not_yet") { handle }
        institution(code: "school-1") { pages { totalCount } }
        verifyPage(url: "https://vk.com/not_yet") { verdict page { handle } }
    }"#;
    let public = app.data(query, json!({})).await;
    assert_eq!(public["pages"]["totalCount"], 1, "{public}");
    assert_eq!(public["page"], Value::Null);
    assert_eq!(public["institution"]["pages"]["totalCount"], 1);
    assert_eq!(public["verifyPage"], json!({ "verdict": "NOT_REGISTERED", "page": null }));

    let key = app.key("reviewer", Scope::Review).await;
    let reviewed = app.post("/graphql", Some(&key), &json!({ "query": query })).await.json();
    assert_eq!(reviewed["data"]["pages"]["totalCount"], 2, "{reviewed}");
    assert_eq!(reviewed["data"]["page"]["handle"], "not_yet");
    let key = app.key("reader", Scope::Read).await;
    assert_eq!(app.post("/graphql", Some(&key), &json!({ "query": query })).await.json()["data"], public);

    // A page of a hidden organization is hidden too.
    app.change_organization(school, |school| school.status = Status::Withdrawn).await;
    let query = r#"{ pages { totalCount } institution(code: "school-1") { code } page(url: "vk.com/school_1") { id } }"#;
    let public = app.data(query, json!({})).await;
    assert_eq!(public, json!({ "pages": { "totalCount": 0 }, "institution": null, "page": null }));
    app.change_organization(school, |school| school.status = Status::Active).await;
    assert_eq!(app.data(query, json!({})).await["pages"]["totalCount"], 1);
    app.change_organization(ministry, |ministry| ministry.status = Status::Draft).await;
    let parent = app.data(r#"{ authority(code: "adm") { parent { code } } }"#, json!({})).await;
    assert_eq!(parent["authority"]["parent"], Value::Null, "a hidden parent is no parent");
    assert!(page > 0);
}

#[tokio::test]
async fn regions_are_listed_whole_or_by_district() {
    let app = TestApp::start().await;
    let found = app.data(r#"{ all: regions { code } far: regions(parentCode: "ru-dfo") { code } ca: regions(parentCode: "ca") { name(language: "fr") } }"#, json!({})).await;
    assert_eq!(found["all"].as_array().map(Vec::len), Some(89 + 13));
    assert_eq!(found["far"].as_array().map(Vec::len), Some(11));
    assert_eq!(found["ca"][10]["name"], "Québec");
    let answer = app.ask(r#"{ regions(parentCode: "nowhere") { code } }"#, json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[tokio::test]
async fn an_object_of_which_nothing_is_selected_is_an_empty_one() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod").await;
    let id = app.data("{ pages { nodes { id } } }", json!({})).await["pages"]["nodes"][0]["id"].take();
    app.search_is_ready().await;
    let ask = "query($id: ID!) { node(id: $id) { ... on Authority { code } } pages { nodes { owner { ... on Authority { code } } } }
        search(text: \"gorod\") { nodes { item { ... on Authority { code } } } } }";
    let data = app.data(ask, json!({ "id": id })).await;
    assert_eq!(data["node"], json!({}));
    assert_eq!(data["pages"]["nodes"], json!([{ "owner": {} }]));
    let found = data["search"]["nodes"].as_array().expect("nodes");
    assert!(!found.is_empty() && found.iter().all(|result| result["item"] == json!({})), "{data}");
    for (ask, expected) in [
        ("{ pages @skip(if: true) { totalCount } }", json!({})),
        ("{ pages { totalCount @include(if: false) } }", json!({ "pages": {} })),
        (
            "{ pages { ...F } } fragment F on PageConnection { nodes { id @skip(if: true) } }",
            json!({ "pages": { "nodes": [{}] } }),
        ),
        (
            "{ verifyPage(url: \"vk.com/gorod\") { page { id @skip(if: true) } } }",
            json!({ "verifyPage": { "page": {} } }),
        ),
        (
            "{ __notEmpty: __typename pages { totalCount } }",
            json!({ "__notEmpty": "Query", "pages": { "totalCount": 1 } }),
        ),
    ] {
        assert_eq!(app.data(ask, json!({})).await, expected, "{ask}");
    }
}
