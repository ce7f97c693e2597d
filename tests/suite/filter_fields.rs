//! Filters by owner, native id, name, subscribers, last change and obligations, in the present and the past.

use std::collections::BTreeMap;

use chrono::{Duration, Utc};
use entities::{organization::Status, page::Lifecycle};
use rand::{Rng, seq::IndexedRandom};
use registry::{
    change_log::Actor,
    model::{Figures, Organization, Page, Scope},
    snapshot::Snapshot,
};
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    churn::{Random, churn, generated, random},
};

const PAGES: &str =
    "query($filter: PageFilter) { pages(filter: $filter, first: 100) { totalCount nodes { number } } }";
const ORGANIZATIONS: &str = "query($filter: OrganizationFilter, $after: String) {
    organizations(filter: $filter, first: 100, after: $after) { totalCount nodes { code obligation { state } } pageInfo { hasNextPage endCursor } }
}";

/// A filter, and the same condition as a predicate on records.
type Condition<T> = (Value, Box<dyn Fn(&Snapshot, &T) -> bool>);

/// Lower case, `е` for `ё`, one space between words.
fn fold(name: &str) -> String {
    let spaced: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.to_lowercase().replace('ё', "е").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A few letters from the middle of a name.
fn part(random: &mut Random, name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let start = random.random_range(0..letters.len());
    let part: String = letters.iter().skip(start).take(random.random_range(1..9)).collect();
    if fold(&part).is_empty() { name.to_owned() } else { part }
}

fn any_page(random: &mut Random, snapshot: &Snapshot) -> Page {
    let id = random.random_range(1..=snapshot.sizes().1 as i64);
    Page::clone(snapshot.page(id).expect("a page"))
}

fn of_pages(random: &mut Random, snapshot: &Snapshot) -> Condition<Page> {
    let page = any_page(random, snapshot);
    match random.random_range(0..5) {
        0 => {
            let owners: Vec<i64> = (0..3).map(|_| any_page(random, snapshot).owner_id).collect();
            let owner = |id: &i64| snapshot.organization(*id).expect("an organization");
            let owners: Vec<i64> = owners.into_iter().filter(|id| owner(id).is_public()).collect();
            let codes: Vec<String> = owners.iter().map(|id| owner(id).code.to_string()).collect();
            if codes.is_empty() {
                return of_pages(random, snapshot);
            }
            (json!({ "owners": codes }), Box::new(move |_, page| owners.contains(&page.owner_id)))
        }
        1 => {
            let ids: Vec<_> = (0..40).filter_map(|_| any_page(random, snapshot).native_id).collect();
            if ids.is_empty() {
                return of_pages(random, snapshot);
            }
            let filter = json!({ "nativeIds": ids });
            (filter, Box::new(move |_, page| page.native_id.as_ref().is_some_and(|id| ids.contains(id))))
        }
        2 => {
            let part = part(random, &page.title);
            (json!({ "title": part }), Box::new(move |_, page| fold(&page.title).contains(&fold(&part))))
        }
        3 => {
            let from = random.random_range(0..2_000_u32);
            let to = from + random.random_range(0..20_000);
            let holds = move |snapshot: &Snapshot, page: &Page| {
                let subscribers = snapshot.figures(page.id).and_then(|figures| figures.subscribers);
                subscribers.is_some_and(|count| (from..=to).contains(&count))
            };
            (json!({ "subscribers": { "from": from, "to": to } }), Box::new(holds))
        }
        _ => {
            let since = page.updated_at;
            let holds = move |_: &Snapshot, page: &Page| page.updated_at.timestamp() >= since.timestamp();
            (json!({ "updatedSince": since.to_rfc3339() }), Box::new(holds))
        }
    }
}

#[tokio::test]
async fn each_condition_on_pages_gives_what_a_look_at_every_page_gives() {
    let app = generated(1_000).await;
    let mut random = random(17);
    for _ in 0..3 {
        churn(&app, &mut random, 40).await;
        let snapshot = app.registry.snapshot();
        for _ in 0..25 {
            let (filter, holds) = of_pages(&mut random, &snapshot);
            let is_seen = |page: &Page| snapshot.is_shown(page.id) && holds(&snapshot, page);
            let expected: Vec<i64> =
                snapshot.pages().values().filter(|page| is_seen(page)).map(|page| page.id).collect();
            let found = app.data(PAGES, json!({ "filter": filter })).await["pages"].take();
            let first: Vec<Value> = expected.iter().take(100).map(|id| json!({ "number": id })).collect();
            assert_eq!(found["totalCount"], expected.len(), "{filter}");
            assert_eq!(found["nodes"], json!(first), "{filter}");
        }
    }
}

/// State of the obligations of each organization, by its code.
async fn states(app: &TestApp, filter: &Value) -> BTreeMap<String, Value> {
    let (mut states, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let variables = json!({ "filter": filter, "after": after });
        let found = app.data(ORGANIZATIONS, variables).await["organizations"].take();
        for node in found["nodes"].as_array().expect("nodes") {
            states.insert(
                node["code"].as_str().expect("a code").to_owned(),
                node["obligation"]["state"].clone(),
            );
        }
        after = found["pageInfo"]["endCursor"].clone();
        if found["pageInfo"]["hasNextPage"] == json!(false) {
            assert_eq!(found["totalCount"], states.len());
            return states;
        }
    }
}

#[tokio::test]
async fn each_condition_on_organizations_gives_what_a_look_at_every_organization_gives() {
    let app = generated(600).await;
    let mut random = random(23);
    for _ in 0..3 {
        churn(&app, &mut random, 30).await;
        let all = states(&app, &Value::Null).await;
        for wanted in [vec!["MISSING"], vec!["COVERED"], vec!["EXEMPT", "COVERED"]] {
            let found = states(&app, &json!({ "obligations": wanted })).await;
            let mut expected = all.clone();
            expected.retain(|_, state| state.as_str().is_some_and(|state| wanted.contains(&state)));
            assert_eq!(found, expected, "{wanted:?}");
        }
        let snapshot = app.registry.snapshot();
        let known: Vec<_> = snapshot.organizations().values().collect();
        for _ in 0..10 {
            let one = known.choose(&mut random).expect("an organization");
            let (part, since) = (part(&mut random, &one.name), one.updated_at);
            let has_name = |it: &Organization| it.names().any(|name| fold(name).contains(&fold(&part)));
            let is_newer = |it: &Organization| it.updated_at.timestamp() >= since.timestamp();
            let codes = |holds: &dyn Fn(&Organization) -> bool| {
                let found = known.iter().filter(|it| it.is_public() && holds(it));
                let mut codes: Vec<String> = found.map(|it| it.code.to_string()).collect();
                codes.sort();
                codes
            };
            let found = states(&app, &json!({ "name": part })).await;
            assert_eq!(found.into_keys().collect::<Vec<_>>(), codes(&has_name), "{part}");
            let found = states(&app, &json!({ "updatedSince": since.to_rfc3339() })).await;
            assert_eq!(found.into_keys().collect::<Vec<_>>(), codes(&is_newer), "{since}");
        }
    }
}

#[tokio::test]
async fn conditions_hold_for_the_past_as_they_did_then() {
    let app = TestApp::start().await;
    let school = app.organization("school", "Школа").await;
    let page = app.page(school, "vk", "77").await;
    app.change_page(page, |page, _| page.title = "Школа № 5".into()).await;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let then = Utc::now();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    app.change_page(page, |page, _| {
        page.title = "Лицей".into();
        page.native_id = Some("78".into());
    })
    .await;
    let query = "query($at: DateTime, $later: DateTime!) { organization(code: \"school\", asOf: $at) {
        school: pages(filter: { title: \"ШКОЛА №5\", owners: [\"school\"] }) { totalCount }
        lyceum: pages(filter: { title: \"лицей\" }) { totalCount }
        before: pages(filter: { nativeIds: [77] }) { totalCount }
        after: pages(filter: { nativeIds: [78] }) { totalCount }
        later: pages(filter: { updatedSince: $later }) { totalCount }
    } }";
    let later = (then + Duration::seconds(5)).to_rfc3339();
    let now = app.data(query, json!({ "at": null, "later": later })).await["organization"].take();
    let past = json!({ "at": then.to_rfc3339(), "later": later });
    let past = app.data(query, past).await["organization"].take();
    for (field, in_the_past) in [("school", 1), ("lyceum", 0), ("before", 1), ("after", 0)] {
        assert_eq!(past[field]["totalCount"], in_the_past, "{field}: {past}");
        assert_eq!(now[field]["totalCount"], 1 - in_the_past, "{field}: {now}");
    }
    assert_eq!((&past["later"]["totalCount"], &now["later"]["totalCount"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn hidden_records_match_no_condition() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    let page = app.page(school, "vk", "77").await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Proposed).await;
    let draft = app.organization("draft", "Draft of a school").await;
    app.change_organization(draft, |it| it.status = Status::Draft).await;
    let query = "{ pages(filter: { nativeIds: [\"77\"] }) { totalCount } organizations(filter: { name: \"draft\" }) { totalCount } }";
    let public = app.data(query, json!({})).await;
    assert_eq!(public, json!({ "pages": { "totalCount": 0 }, "organizations": { "totalCount": 0 } }));
    let key = app.key("reviewer", Scope::Review).await;
    let reviewed = app.post("/graphql", Some(&key), &json!({ "query": query })).await.json();
    let expected = json!({ "pages": { "totalCount": 1 }, "organizations": { "totalCount": 1 } });
    assert_eq!(reviewed["data"], expected);
}

#[tokio::test]
async fn mistakes_in_these_conditions_are_reported() {
    let app = TestApp::start().await;
    let many = vec!["1"; 101];
    for (filter, part) in [
        (json!({ "owners": ["nobody"] }), "`owners`: the registry has no organization `nobody`"),
        (json!({ "nativeIds": [] }), "`nativeIds` is empty"),
        (json!({ "nativeIds": many }), "at most 100"),
        (json!({ "title": " — " }), "`title` must contain a letter or a digit"),
        (json!({ "title": "x".repeat(201) }), "`title` must be at most 200 characters"),
        (json!({ "subscribers": { "from": 5, "to": 1 } }), "`subscribers`: `from` is after `to`"),
        (json!({ "subscribers": { "from": -1 } }), ""),
        (json!({ "updatedSince": "yesterday" }), ""),
    ] {
        let answer = app.ask(PAGES, json!({ "filter": filter })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn new_statistics_change_a_cached_answer_by_subscribers() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    let page = app.page(school, "vk", "77").await;
    let query = "{ pages(filter: { subscribers: { from: 1000 } }) { totalCount } }";
    for (subscribers, expected) in [(None, 0), (Some(999), 0), (Some(1_000), 1), (Some(10), 0)] {
        let write = app.registry.write(&Actor::Operator, move |change_set| {
            let recorded_at = change_set.now();
            Ok(change_set.put_figures(page, Figures { subscribers, last_post_at: None, recorded_at, seq: 0 }))
        });
        write.await.expect("the figures are written");
        for _ in 0..2 {
            assert_eq!(app.data(query, json!({})).await["pages"]["totalCount"], expected, "{subscribers:?}");
        }
    }
}

#[tokio::test]
async fn search_finds_who_has_no_page_on_a_platform() {
    let app = TestApp::start().await;
    let with = app.organization("with", "Школа № 1").await;
    app.organization("without", "Школа № 2").await;
    let page = app.page(with, "vk", "77").await;
    app.change_page(page, |page, _| page.title = "Школа № 1".into()).await;
    app.search_is_ready().await;
    let query = "query($filter: RegistryFilter) {
        search(text: \"школа\", filter: $filter) { nodes { item { __typename ... on Organization { code } } } }
        registryStatistics(filter: $filter) { total { organizations pages } }
    }";
    let found = app.data(query, json!({ "filter": { "notOnPlatforms": ["vk"] } })).await;
    let expected = json!([{ "item": { "__typename": "Institution", "code": "without" } }]);
    assert_eq!(found["search"]["nodes"], expected);
    assert_eq!(found["registryStatistics"]["total"], json!({ "organizations": 1, "pages": 0 }));
    let found = app.data(query, json!({ "filter": { "notOnPlatforms": ["ok"] } })).await;
    assert_eq!(found["registryStatistics"]["total"], json!({ "organizations": 2, "pages": 0 }));
    let found = app.data(query, json!({})).await;
    assert_eq!(found["search"]["nodes"].as_array().map(Vec::len), Some(3), "{found}");
}
