//! Groups add up: what has no value of a dimension is in a group with a null key.

use std::collections::BTreeSet;

use entities::territory::Kind;
use rand::{
    Rng,
    seq::{IndexedRandom, SliceRandom},
};
use registry::model::Territory;
use serde_json::{Value, json};

use super::harness::{
    TestApp,
    churn::{Random, churn, generated, random},
};

const COVERAGE: &str = "query($filter: OrganizationFilter, $by: [CoverageGroupBy!]!, $kind: TerritoryKind!) {
    groups: coverage(filter: $filter, groupBy: $by, territoryKind: $kind) {
        total { obliged exempt covered } groups { keys { dimension code name } obliged exempt covered } } }";
const COUNTS: &str = "query($filter: RegistryFilter, $by: [GroupDimension!]!, $kind: TerritoryKind!) {
    groups: registryStatistics(filter: $filter, groupBy: $by, territoryKind: $kind) {
        total { organizations pages officialPages } groups { keys { dimension code name } organizations pages officialPages } } }";
const OF_ORGANIZATIONS: [&str; 5] = ["TERRITORY", "KIND", "LEVEL", "BRANCH", "SECTOR"];
const OF_PAGES: [&str; 3] = ["LIFECYCLE", "MARK", "WIDGET"];

/// A municipality within another territory.
async fn municipality(app: &TestApp, code: &'static str, parent: &'static str) -> i64 {
    app.put(move |change_set| Territory {
        id: change_set.next_territory_id(),
        code: code.into(),
        kind: Kind::Municipality,
        name: code.into(),
        names: Default::default(),
        parent_id: change_set.snapshot().territory_by_code(parent).map(|it| it.id),
        timezone: None,
        population: None,
        population_date: None,
        population_source: None,
        coordinating_centre: None,
        scheme_codes: Default::default(),
        source: "test".into(),
        updated_at: change_set.now(),
    })
    .await
}

/// A random registry in which one municipality lies in another, both with organizations.
async fn in_motion(random: &mut Random) -> TestApp {
    let app = generated(1_200).await;
    let outer = municipality(&app, "outer", "ru-28").await;
    let inner = municipality(&app, "inner", "outer").await;
    for id in 1..=60 {
        let territory_id = *[None, Some(outer), Some(inner)].choose(random).expect("a choice");
        app.change_organization(id, move |it| it.territory_id = territory_id).await;
    }
    churn(&app, random, 60).await;
    app
}

/// Up to three dimensions, in any order.
fn some(random: &mut Random, of: &[&'static str]) -> Vec<&'static str> {
    let mut by = of.to_vec();
    by.shuffle(random);
    by.truncate(random.random_range(1..=3));
    by
}

fn sum(groups: &[Value], number: &str) -> Option<u64> {
    groups.iter().map(|group| group[number].as_u64()).sum()
}

/// Checks that each number of the groups adds up to the total, and returns the groups.
async fn add_up(app: &TestApp, query: &str, variables: Value, numbers: &[&str]) -> Vec<Value> {
    let mut data = app.data(query, variables.clone()).await["groups"].take();
    let groups = data["groups"].as_array_mut().map(std::mem::take).expect("groups");
    for number in numbers {
        let sum = sum(&groups, number);
        assert!(sum.is_some() && data["total"][number].as_u64() == sum, "{variables} {number}: {sum:?}");
    }
    let keys: BTreeSet<String> = groups.iter().map(|group| group["keys"].to_string()).collect();
    assert_eq!(keys.len(), groups.len(), "{variables}: a group is repeated");
    for key in groups.iter().flat_map(|group| group["keys"].as_array().expect("keys")) {
        assert_eq!(key["code"].is_null(), key["name"].is_null(), "{key}");
    }
    groups
}

fn kind(random: &mut Random) -> &'static str {
    ["COUNTRY", "DISTRICT", "REGION", "MUNICIPALITY"].choose(random).expect("a kind")
}

#[tokio::test]
async fn groups_of_organizations_add_up_to_the_total_by_every_dimension() {
    let mut random = random(21);
    let app = in_motion(&mut random).await;
    let filters = [json!(null), json!({ "territories": ["ru-28"] }), json!({ "kinds": ["AUTHORITY"] })];
    let single = OF_ORGANIZATIONS.map(|dimension| vec![dimension]);
    let many: Vec<Vec<&str>> = (0..40).map(|_| some(&mut random, &OF_ORGANIZATIONS)).collect();
    for by in single.into_iter().chain(many) {
        let filter = filters.choose(&mut random).expect("a filter");
        let variables = json!({ "filter": filter, "by": by, "kind": kind(&mut random) });
        add_up(&app, COVERAGE, variables.clone(), &["obliged", "exempt", "covered"]).await;
        add_up(&app, COUNTS, variables, &["organizations", "pages", "officialPages"]).await;
    }
}

#[tokio::test]
async fn groups_of_pages_add_up_to_the_total_by_every_dimension() {
    let mut random = random(22);
    let app = in_motion(&mut random).await;
    let filters = [json!(null), json!({ "platforms": ["vk", "ok"] }), json!({ "marks": ["CONFIRMED"] })];
    let dimensions: Vec<&str> = [&["PLATFORM"][..], &OF_ORGANIZATIONS, &OF_PAGES].concat();
    let single: Vec<Vec<&str>> = dimensions.iter().map(|dimension| vec![*dimension]).collect();
    let many: Vec<Vec<&str>> = (0..40).map(|_| some(&mut random, &dimensions)).collect();
    for by in single.into_iter().chain(many) {
        let filter = filters.choose(&mut random).expect("a filter");
        let variables = json!({ "filter": filter, "by": by, "kind": kind(&mut random) });
        let groups = add_up(&app, COUNTS, variables, &["pages", "officialPages"]).await;
        let by_pages = by.iter().any(|dimension| OF_PAGES.contains(dimension));
        let counts_organizations = !by_pages && filter["marks"].is_null();
        let are_counted = sum(&groups, "organizations").is_some();
        assert_eq!(are_counted, counts_organizations || groups.is_empty(), "{by:?}");
    }
}

#[tokio::test]
async fn organizations_without_an_official_page_are_those_without_a_platform() {
    let app = in_motion(&mut random(23)).await;
    let query = "{ registryStatistics(groupBy: [PLATFORM]) { groups { keys { code } organizations pages } }
        authorities(filter: { hasPage: false }) { totalCount } institutions(filter: { hasPage: false }) { totalCount } }";
    let data = app.data(query, json!({})).await;
    let count = |list: &str| data[list]["totalCount"].as_u64().expect("a count");
    let organizations = count("authorities") + count("institutions");
    let last = data["registryStatistics"]["groups"].as_array().and_then(|groups| groups.last());
    let expected = json!({ "keys": [{ "code": null }], "organizations": organizations, "pages": 0 });
    assert!(organizations > 0);
    assert_eq!(last, Some(&expected));
}

#[tokio::test]
async fn repeated_dimensions_and_kinds_without_territories_are_refused_in_words() {
    let app = TestApp::start().await;
    let july = "metric: VIEWS, period: { from: \"2026-07-01\", to: \"2026-07-31\" }";
    for (field, expected) in [
        ("coverage(groupBy: [KIND, KIND])".to_owned(), "KIND more than once"),
        ("coverage(groupBy: [TERRITORY, LEVEL, TERRITORY])".to_owned(), "TERRITORY more than once"),
        ("registryStatistics(groupBy: [MARK, PLATFORM, MARK])".to_owned(), "MARK more than once"),
        (format!("audience(groupBy: [SECTOR, SECTOR], {july})"), "SECTOR more than once"),
        (format!("audience(groupBy: [MONTH, KIND, MONTH], {july})"), "MONTH more than once"),
        (
            "coverage(groupBy: [TERRITORY], territoryKind: SETTLEMENT)".to_owned(),
            "COUNTRY, DISTRICT, REGION.",
        ),
        (
            "registryStatistics(groupBy: [LEVEL, TERRITORY], territoryKind: MUNICIPALITY)".to_owned(),
            "COUNTRY, DISTRICT, REGION.",
        ),
    ] {
        let answer = app.ask(&format!("{{ {field} {{ seq }} }}"), json!({})).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{field}: {answer}");
        let message = error["message"].as_str().expect("a message");
        assert!(message.contains(expected), "{field}: {message}");
    }
    // The kind says nothing unless territories are grouped by.
    app.data("{ coverage(groupBy: [KIND], territoryKind: SETTLEMENT) { seq } }", json!({})).await;
}
