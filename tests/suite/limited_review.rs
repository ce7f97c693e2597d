//! Keys that review within limits: they see drafts, proposals and rejections of their platform, organizations or territory, and
//! are the public elsewhere.

use std::collections::BTreeSet;

use entities::{
    organization::{Kind, Status},
    page::Lifecycle,
};
use registry::{api_client::NewLimits, global_id, model::Scope, record_reference::OrganizationReference};
use serde_json::{Value, json};

use super::{
    harness::{TestApp, seed},
    history,
};

const LISTS: &str =
    "{ pages(first: 100) { nodes { nativeId } } organizations(first: 100) { nodes { code } } }";
/// What no limit can be applied to.
const ELSEWHERE: [&str; 5] = [
    "{ registryStatistics { total { organizations pages pagesByLifecycle { pages } organizationsByStatus { organizations } } } }",
    "{ registryStatistics(groupBy: [PLATFORM]) { groups { pages } } coverage { total { obliged } } }",
    "{ changes(first: 500) { nodes { seq kind subjectId isRemoval } } }",
    "{ changes(first: 500, filter: { platforms: [\"vk\"], withOwners: true }) { nodes { seq subjectId } } }",
    "{ registryDigest { pages { count digest } organizations { count digest } } }",
];

/// A registry with hidden records in two regions and on two platforms, and keys of reviewers.
struct World {
    app: TestApp,
    /// Name of the limit, key, and what its holder sees: native ids of pages, codes of organizations.
    reviewers: Vec<(&'static str, String, &'static [&'static str], &'static [&'static str])>,
}

const PUBLIC: (&[&str], &[&str]) = (&["1"], &["ministry", "school-28", "school-54"]);

async fn organization(app: &TestApp, code: &str, territory: &str, above: Option<i64>, status: Status) -> i64 {
    let (code, territory) = (code.to_owned(), territory.to_owned());
    app.put(move |change_set| {
        let mut organization = seed::organization(change_set, &code, &code);
        organization.territory_id = change_set.snapshot().territory_by_code(&territory).map(|it| it.id);
        (organization.parent_id, organization.status) = (above, status);
        organization
    })
    .await
}

async fn page(app: &TestApp, owner: i64, platform: &str, native_id: &str, lifecycle: Lifecycle) -> i64 {
    let (platform, native_id) = (platform.to_owned(), native_id.to_owned());
    app.put(move |change_set| {
        let mut page = seed::page(change_set, owner, &platform, Some(&native_id), None);
        page.lifecycle = lifecycle;
        page
    })
    .await
}

fn territory(code: &str) -> NewLimits {
    NewLimits { territory_code: Some(code.to_owned()), ..NewLimits::default() }
}

fn platform(code: &str) -> NewLimits {
    NewLimits { platform_code: Some(code.to_owned()), ..NewLimits::default() }
}

fn below(code: &str) -> NewLimits {
    let organization = Some(OrganizationReference::Code(code.to_owned()));
    NewLimits { organization, ..NewLimits::default() }
}

async fn world() -> World {
    let app = TestApp::start().await;
    let ministry = organization(&app, "ministry", "ru-28", None, Status::Active).await;
    app.change_organization(ministry, |it| it.kind = Kind::Authority).await;
    let school = organization(&app, "school-28", "ru-28", None, Status::Active).await;
    app.change_organization(school, move |it| it.founder_id = Some(ministry)).await;
    let other = organization(&app, "school-54", "ru-54", None, Status::Active).await;
    let draft = organization(&app, "draft-28", "ru-28", Some(ministry), Status::Draft).await;
    let other_draft = organization(&app, "draft-54", "ru-54", None, Status::Draft).await;
    for (owner, platform, native_id, lifecycle) in [
        (school, "vk", "1", Lifecycle::Registered),
        (school, "vk", "2", Lifecycle::Proposed),
        (school, "ok", "3", Lifecycle::Rejected),
        (other, "vk", "4", Lifecycle::UnderReview),
        (draft, "vk", "5", Lifecycle::Registered),
        (other_draft, "ok", "6", Lifecycle::Registered),
    ] {
        page(&app, owner, platform, native_id, lifecycle).await;
    }
    let with_draft: &[&str] = &["draft-28", "ministry", "school-28", "school-54"];
    let all: &[&str] = &["draft-28", "draft-54", "ministry", "school-28", "school-54"];
    let both = NewLimits { platform_code: Some("vk".to_owned()), ..territory("ru-28") };
    let mut reviewers = Vec::new();
    for (name, limits, pages, organizations) in [
        ("everything", NewLimits::default(), &["1", "2", "3", "4", "5", "6"][..], all),
        ("a territory", territory("ru-28"), &["1", "2", "3", "5"][..], with_draft),
        ("a district", territory("ru-dfo"), &["1", "2", "3", "5"][..], with_draft),
        ("a subtree", below("ministry"), &["1", "2", "3", "5"][..], with_draft),
        ("a school", below("school-28"), &["1", "2", "3"][..], PUBLIC.1),
        // An organization has no platform: hidden ones stay hidden, with their pages.
        ("a platform", platform("vk"), &["1", "2", "4"][..], PUBLIC.1),
        ("a platform in a territory", both, &["1", "2"][..], PUBLIC.1),
    ] {
        let key = app.key_within(name, &[Scope::Read, Scope::Review], limits).await;
        reviewers.push((name, key, pages, organizations));
    }
    let reader = app.key_within("no review", &[Scope::Read], NewLimits::default()).await;
    let writer = app.key_within("writes only", &[Scope::Write], territory("ru-28")).await;
    reviewers.push(("no review", reader, PUBLIC.0, PUBLIC.1));
    reviewers.push(("writes only", writer, PUBLIC.0, PUBLIC.1));
    World { app, reviewers }
}

async fn ask(app: &TestApp, key: &str, query: &str, variables: Value) -> Value {
    let body = json!({ "query": query, "variables": variables });
    let mut answer = app.post("/graphql", Some(key), &body).await.json();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].take()
}

fn names(list: &Value, field: &str) -> BTreeSet<String> {
    let nodes = list["nodes"].as_array().expect("a list").iter();
    nodes.map(|node| node[field].as_str().expect("a text").to_owned()).collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn reviewers_see_what_is_hidden_within_their_limits_by_every_way() {
    let World { app, reviewers } = world().await;
    let snapshot = app.registry.snapshot();
    // The second round is answered from the response cache.
    for _ in 0..2 {
        for (name, key, pages, organizations) in &reviewers {
            let lists = ask(&app, key, LISTS, json!({})).await;
            assert_eq!(names(&lists["pages"], "nativeId"), set(pages), "{name}");
            assert_eq!(names(&lists["organizations"], "code"), set(organizations), "{name}");
        }
    }
    let one = "query($id: ID!, $native: ID!, $platform: String!, $url: String!) {
        node(id: $id) { id } pagesByNativeIds(platformCode: $platform, nativeIds: [$native]) { id }
        page(url: $url) { owner { code } } pages(filter: { nativeIds: [$native] }) { totalCount } }";
    for (name, key, pages, organizations) in &reviewers {
        for (id, record) in snapshot.pages() {
            let native_id = record.native_id.as_deref().expect("a native id");
            let platform = &snapshot.platform(record.platform_id).expect("a platform").code;
            let url = match &**platform {
                "vk" => format!("https://vk.com/club{native_id}"),
                _ => format!("https://ok.ru/group/{native_id}"),
            };
            let id = global_id::encode("Page", *id);
            let variables = json!({ "id": id, "native": native_id, "platform": platform, "url": url });
            let found = ask(&app, key, one, variables).await;
            let is_seen = pages.contains(&native_id);
            let ways = [&found["node"], &found["pagesByNativeIds"][0], &found["page"]];
            assert_eq!(ways.map(|way| !way.is_null()), [is_seen; 3], "{name}: {native_id} {found}");
            assert_eq!(found["pages"]["totalCount"], u64::from(is_seen), "{name}: {native_id}");
        }
        for record in snapshot.organizations().values() {
            let query = "query($code: String!) { organization(code: $code) { pages { totalCount } } }";
            let found = ask(&app, key, query, json!({ "code": record.code })).await;
            assert_eq!(
                !found["organization"].is_null(),
                organizations.contains(&&*record.code),
                "{name}: {found}"
            );
        }
    }
}

#[tokio::test]
async fn where_limits_cannot_be_applied_limited_reviewers_are_the_public() {
    let World { app, reviewers } = world().await;
    app.search_is_ready().await;
    let then = history::now(&app).await;
    app.change_page(2, |page, _| page.title = "Another title".into()).await;
    let past = format!("query($ids: [ID!]!) {{ nodes(ids: $ids, asOf: \"{then}\") {{ id }} }}");
    let counts = format!("{{ registryStatistics(asOf: \"{then}\") {{ total {{ organizations pages }} }} }}");
    let ids = json!({ "ids": [global_id::encode("Page", 2), global_id::encode("Page", 5)] });
    let history = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Page { history { totalCount } } } }";
    let search = "{ search(text: \"school\") { totalCount } }".to_owned();
    let elsewhere: Vec<String> =
        ELSEWHERE.iter().map(|query| (*query).to_owned()).chain([counts, search]).collect();
    for (name, key, ..) in reviewers.iter().filter(|(name, ..)| *name != "everything") {
        for query in &elsewhere {
            let expected = app.data(query, json!({})).await;
            assert_eq!(ask(&app, key, query, json!({})).await, expected, "{name}: {query}");
        }
        assert_eq!(ask(&app, key, &past, ids.clone()).await["nodes"], json!([null, null]), "{name}");
        for node in ask(&app, key, history, ids.clone()).await["nodes"].as_array().expect("nodes") {
            assert!(node.is_null() || node["history"]["totalCount"] == 0, "{name}: {node}");
        }
        let file = app.get("/export/pages.csv", &[("authorization", &format!("Bearer {key}"))]).await;
        let text = String::from_utf8(file.body).expect("UTF-8");
        assert_eq!((file.status.as_u16(), text.contains("club2")), (200, false), "{name}: {text}");
    }
    let (_, everything, ..) = &reviewers[0];
    let nodes = ask(&app, everything, history, ids.clone()).await["nodes"].take();
    assert_eq!(nodes[0]["history"]["totalCount"], 2, "{nodes}");
    assert!(ask(&app, everything, &past, ids).await["nodes"][0]["id"].is_string());
}

#[tokio::test]
async fn what_moves_out_of_the_limits_is_hidden_at_once() {
    let World { app, reviewers } = world().await;
    let (_, key, ..) = &reviewers[1];
    let seen = async || names(&ask(&app, key, LISTS, json!({})).await["pages"], "nativeId");
    assert_eq!(seen().await, set(&["1", "2", "3", "5"]));
    let (school, elsewhere) = {
        let snapshot = app.registry.snapshot();
        let school = snapshot.organization_by_code("school-28").expect("the school").id;
        (school, snapshot.territory_by_code("ru-54").expect("a region").id)
    };
    app.change_organization(school, move |it| it.territory_id = Some(elsewhere)).await;
    assert_eq!(seen().await, set(&["1", "5"]));
    app.change_page(4, |page, change_set| {
        page.owner_id = change_set.snapshot().organization_by_code("ministry").expect("the ministry").id;
    })
    .await;
    assert_eq!(seen().await, set(&["1", "4", "5"]));
}

#[tokio::test]
async fn statistics_are_submitted_within_the_limits_of_the_key() {
    let World { app, .. } = world().await;
    for id in [1, 4] {
        app.change_page(id, |page, _| page.lifecycle = Lifecycle::Registered).await;
    }
    let today = app.registry.snapshot().time_zone().today();
    for (name, limits, expected) in [
        ("all", NewLimits::default(), [Value::Null, Value::Null]),
        ("region", territory("ru-28"), [Value::Null, json!("OTHER_OWNER")]),
        ("school", below("school-54"), [json!("OTHER_OWNER"), Value::Null]),
        ("ok", platform("ok"), [json!("OTHER_PLATFORM"), json!("OTHER_PLATFORM")]),
    ] {
        let key = app.key_within(name, &[Scope::Statistics], limits).await;
        let row = |id| json!({ "page": { "id": global_id::encode("Page", id) }, "day": today, "views": 1 });
        let query = "mutation($rows: [StatisticsRowInput!]!) { statisticsSubmit(input: { rows: $rows }) { results { code } } }";
        let answer = ask(&app, &key, query, json!({ "rows": [row(1), row(4)] })).await;
        let codes = answer["statisticsSubmit"]["results"].as_array().expect("results");
        assert_eq!(codes.iter().map(|it| it["code"].clone()).collect::<Vec<_>>(), expected, "{name}");
    }
}
