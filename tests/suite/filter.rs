//! Filters, orders and counts of lists: correct for any combination, after any writes.

use chrono::{Duration, Utc};
use rand::{Rng, seq::IndexedRandom};
use registry::{
    change_log::Registry,
    model::Page,
    snapshot::{Snapshot, member_text},
    view::Viewer,
};
use serde_json::{Map, Value, json};

use super::{
    harness::{
        TestApp,
        churn::{Random, churn, generated, random},
    },
    orders::Order,
};

const PAGES: &str = "query($filter: PageFilter, $order: PageOrder!, $first: Int! = 50, $after: String) {
    pages(filter: $filter, orderBy: $order, first: $first, after: $after) { totalCount nodes { id title } pageInfo { hasNextPage endCursor } }
}";

type Check = Box<dyn Fn(&Snapshot, &Page) -> bool>;

/// A filter, and the same condition as a predicate on records.
struct Condition {
    input: Map<String, Value>,
    holds: Vec<Check>,
}

fn some<T: Clone>(random: &mut Random, of: &[T]) -> Vec<T> {
    let count = random.random_range(1..3);
    of.choose_multiple(random, count).cloned().collect()
}

fn is_in_territory(snapshot: &Snapshot, page: &Page, code: &str) -> bool {
    let mut here = snapshot.organization(page.owner_id).and_then(|owner| owner.territory_id);
    while let Some(territory) = here.and_then(|id| snapshot.territory(id)) {
        if &*territory.code == code {
            return true;
        }
        here = territory.parent_id;
    }
    false
}

fn is_below(snapshot: &Snapshot, id: i64, code: &str) -> bool {
    let Some(organization) = snapshot.organization(id) else { return false };
    &*organization.code == code
        || organization.parent_id.is_some_and(|parent| is_below(snapshot, parent, code))
        || organization.founder_id.is_some_and(|founder| is_below(snapshot, founder, code))
}

fn condition(random: &mut Random, snapshot: &Snapshot) -> Condition {
    let mut built = Condition { input: Map::new(), holds: Vec::new() };
    for _ in 0..random.random_range(0..4) {
        match random.random_range(0..9) {
            0 => {
                let codes = some(random, &["vk", "ok", "telegram", "rutube", "max"]);
                built.input.insert("platforms".into(), json!(codes));
                built.holds.push(Box::new(move |snapshot, page| {
                    codes.contains(&&*snapshot.platform(page.platform_id).expect("a platform").code)
                }));
            }
            1 => {
                let codes = some(random, &["ru", "ru-dfo", "ru-28", "ru-77", "ru-pfo", "ca"]);
                built.input.insert("territories".into(), json!(codes));
                built.holds.push(Box::new(move |snapshot, page| {
                    codes.iter().any(|code| is_in_territory(snapshot, page, code))
                }));
            }
            2 => {
                let sectors = some(random, &["EDUCATION", "HEALTH", "SPORT", "CULTURE"]);
                built.input.insert("sectors".into(), json!(sectors));
                built.holds.push(Box::new(move |snapshot, page| {
                    let owner = snapshot.organization(page.owner_id).expect("an owner");
                    owner.institution_sector().is_some_and(|sector| sectors.contains(&sector))
                }));
            }
            3 => {
                let states = some(random, &["CONFIRMED", "NONE", "REQUESTED", "LOST"]);
                built.input.insert("marks".into(), json!(states));
                built.holds.push(Box::new(move |_, page| states.contains(&&*member_text(&page.mark.state))));
            }
            4 => {
                let from = (Utc::now() - Duration::days(random.random_range(1..1_000))).date_naive();
                built.input.insert("registeredOn".into(), json!({ "from": from.to_string() }));
                built.holds.push(Box::new(move |snapshot, page| {
                    page.registered_at.is_some_and(|at| snapshot.time_zone().day_of(at) >= from)
                }));
            }
            5 => {
                let to = (Utc::now() - Duration::days(random.random_range(1..60))).date_naive();
                built.input.insert("lastPostOn".into(), json!({ "to": to.to_string() }));
                built.holds.push(Box::new(move |snapshot, page| {
                    let posted = snapshot.figures(page.id).and_then(|figures| figures.last_post_at);
                    posted.is_some_and(|at| snapshot.time_zone().day_of(at) <= to)
                }));
            }
            6 => {
                let levels = some(random, &["FEDERAL", "REGIONAL", "MUNICIPAL"]);
                built.input.insert("levels".into(), json!(levels));
                built.holds.push(Box::new(move |snapshot, page| {
                    let owner = snapshot.organization(page.owner_id).expect("an owner");
                    owner.authority_level().is_some_and(|level| levels.contains(&&*member_text(&level)))
                }));
            }
            7 => {
                let is_of_office: bool = random.random();
                built.input.insert("ofOffice".into(), json!(is_of_office));
                built.holds.push(Box::new(move |_, page| page.office_title.is_some() == is_of_office));
            }
            _ => {
                let id = random.random_range(1..=snapshot.sizes().0 as i64);
                let above = snapshot.organization(id).expect("an organization");
                if !above.is_public() {
                    continue;
                }
                let code = above.code.to_string();
                built.input.insert("subtreeOf".into(), json!([code]));
                built.holds.push(Box::new(move |snapshot, page| is_below(snapshot, page.owner_id, &code)));
            }
        }
    }
    // Of two conditions on one field, the input has the last one; the predicate must drop the others too.
    if built.input.len() != built.holds.len() { condition(random, snapshot) } else { built }
}

fn expected(snapshot: &Snapshot, condition: &Condition, order: Order) -> Vec<i64> {
    let passing = snapshot.pages().values().filter(|page| {
        let is_public =
            page.is_public() && snapshot.organization(page.owner_id).is_some_and(|it| it.is_public());
        is_public && condition.holds.iter().all(|holds| holds(snapshot, page))
    });
    let mut pages: Vec<&Page> = passing.map(|page| &**page).collect();
    pages.sort_by(|left, right| order.compare(snapshot, left, right));
    pages.iter().map(|page| page.id).collect()
}

fn number(id: &Value) -> i64 {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let text = BASE64_URL_SAFE_NO_PAD.decode(id.as_str().expect("an id")).expect("base64");
    String::from_utf8(text).expect("UTF-8").rsplit(':').next().expect("a number").parse().expect("a number")
}

/// Reads a whole list, page by page.
async fn read(app: &TestApp, condition: &Condition, order: Order, first: usize) -> (u64, Vec<i64>) {
    let (mut ids, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables =
            json!({ "filter": condition.input, "order": order.input(), "first": first, "after": after });
        let list = app.data(PAGES, variables).await["pages"].take();
        ids.extend(list["nodes"].as_array().expect("nodes").iter().map(|node| number(&node["id"])));
        after = list["pageInfo"]["endCursor"].clone();
        if list["pageInfo"]["hasNextPage"] == json!(false) {
            return (list["totalCount"].as_u64().expect("a count"), ids);
        }
    }
}

#[tokio::test]
async fn any_filter_in_any_order_gives_what_a_look_at_every_page_gives() {
    let app = generated(1_500).await;
    let mut random = random(11);
    for round in 0..4 {
        churn(&app, &mut random, 40).await;
        let snapshot = app.registry.snapshot();
        for _ in 0..25 {
            let condition = condition(&mut random, &snapshot);
            let order = Order::any(&mut random);
            let (total, ids) = read(&app, &condition, order, 100).await;
            let expected = expected(&snapshot, &condition, order);
            assert_eq!(total, expected.len() as u64, "round {round}: {:?}", condition.input);
            assert_eq!(ids, expected, "round {round}: {:?} {order:?}", condition.input);
        }
    }
}

/// All data derived from the records.
async fn derived(registry: &Registry) -> Value {
    let query = "{
        registryStatistics(groupBy: [TERRITORY, PLATFORM]) { total { organizations pages markedShare freshness { within30Days never }
            organizationsByStatus { status organizations } pagesByLifecycle { lifecycle pages } change(days: 30) { pagesRegistered pagesArchived organizationsEnded } }
            groups { keys { code } organizations pages pagesByMark { mark pages } } }
        coverage(groupBy: [TERRITORY, SECTOR]) { total { obliged exempt covered platforms { covered } } groups { keys { code } obliged covered } }
        pages(orderBy: { field: TITLE }, first: 100) { nodes { id } }
        lastPosts: pages(orderBy: { field: LAST_POST_ON, direction: DESC }, first: 100) { nodes { id } }
        audiences: organizations(orderBy: { field: AUDIENCE, direction: DESC }, first: 100) { nodes { id } }
        unknown: organizations(orderBy: { field: AUDIENCE }, last: 50) { nodes { id } }
        registryDigest { seq pages { count digest } organizations { count digest } }
        vk: registryDigest(filter: { platforms: [\"vk\"], withOwners: true }) { pages { digest } organizations { digest } }
    }";
    super::history::ask(registry, Viewer::Public, query).await
}

#[tokio::test]
async fn indexes_that_follow_changes_equal_those_of_a_fresh_start() {
    let app = generated(1_500).await;
    let mut random = random(5);
    for _ in 0..5 {
        churn(&app, &mut random, 60).await;
        let reopened = Registry::open(app.database.connect().await).await.expect("the registry opens");
        assert_eq!(derived(&app.registry).await, derived(&reopened).await);
    }
}

#[tokio::test]
async fn names_stand_in_the_order_of_the_alphabet() {
    let app = TestApp::start().await;
    let names = ["Школа № 10", "школа № 2", "Ёлочка", "Елабуга", "Яблоко", "Apple", "Жук", "Еж"];
    for (number, name) in names.iter().enumerate() {
        app.organization(&format!("o{number}"), name).await;
    }
    let list = app.data("{ institutions(orderBy: { field: NAME }) { nodes { name } } }", json!({})).await;
    let order: Vec<_> =
        list["institutions"]["nodes"].as_array().expect("nodes").iter().map(|it| &it["name"]).collect();
    assert_eq!(order, ["Еж", "Елабуга", "Ёлочка", "Жук", "школа № 2", "Школа № 10", "Яблоко", "Apple"]);
}

#[tokio::test]
async fn mistakes_in_filters_are_reported_and_never_ignored() {
    let app = TestApp::start().await;
    let code =
        |answer: &Value| answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned();
    let many: Vec<String> = (0..200).map(|number| format!("ru-{number}")).collect();
    for (filter, part) in [
        (json!({ "platforms": ["nowhere"] }), "no platform `nowhere`"),
        (json!({ "territories": ["ru-28", "ru-0"] }), "no territory `ru-0`"),
        (json!({ "sectors": [] }), "`sectors` is empty"),
        (json!({ "territories": many }), "at most 100"),
        (json!({ "subtreeOf": ["x".repeat(10_000)] }), "no organization"),
        (json!({ "registeredOn": { "from": "2026-02-01", "to": "2026-01-01" } }), "after `to`"),
    ] {
        let answer = app
            .ask(
                "query($filter: PageFilter) { pages(filter: $filter) { totalCount } }",
                json!({ "filter": filter }),
            )
            .await;
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
        assert!(message.contains(part) && message.len() < 300, "{message}");
    }
    for (name, value) in [
        ("lifecycles", json!(["DEAD"])),
        ("registeredOn", json!({ "from": "yesterday" })),
        ("nothing", json!(1)),
    ] {
        let answer = app
            .ask(
                "query($filter: PageFilter) { pages(filter: $filter) { totalCount } }",
                json!({ "filter": { name: value } }),
            )
            .await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{answer}");
    }
}

#[tokio::test]
async fn a_cursor_belongs_to_its_filter_and_its_order() {
    let app = generated(300).await;
    let list = app.data(PAGES, json!({ "order": { "field": "TITLE" }, "first": 2 })).await;
    let cursor = &list["pages"]["pageInfo"]["endCursor"];
    app.data(PAGES, json!({ "order": { "field": "TITLE" }, "after": cursor })).await;
    for variables in [
        json!({ "order": { "field": "REGISTERED_AT" }, "after": cursor }),
        json!({ "order": { "field": "TITLE", "direction": "DESC" }, "after": cursor }),
        json!({ "order": { "field": "TITLE" }, "after": cursor, "filter": { "platforms": ["vk"] } }),
    ] {
        let answer = app.ask(PAGES, variables).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "INVALID_CURSOR", "{answer}");
    }
}

#[tokio::test]
async fn lists_below_an_object_take_filters_too() {
    let app = TestApp::start().await;
    let parent = app.organization("parent", "Parent").await;
    app.change_organization(parent, |it| it.kind = entities::organization::Kind::Authority).await;
    for (code, sector) in [("a", "EDUCATION"), ("b", "HEALTH"), ("c", "EDUCATION")] {
        let child = app.organization(code, &format!("Child {code}")).await;
        app.change_organization(child, move |it| {
            it.parent_id = Some(parent);
            it.sector = Some(sector.into());
        })
        .await;
        app.page(child, if code == "a" { "vk" } else { "ok" }, &format!("{}", 100 + child)).await;
    }
    let query = r#"{ authority(code: "parent") {
        institutions(filter: { sectors: ["EDUCATION"], platforms: ["vk"] }) { totalCount nodes { code } }
        children(filter: { notOnPlatforms: ["vk"] }, orderBy: { field: NAME }) { totalCount nodes { code } }
        all: children(filter: { subtreeOf: ["parent"], hasPage: true }) { totalCount }
    } institution(code: "a") { pages(filter: { platforms: ["ok"] }) { totalCount } }
      pages(filter: { subtreeOf: ["parent"] }) { totalCount } }"#;
    insta::assert_json_snapshot!("filtered_children", app.data(query, json!({})).await);
}
