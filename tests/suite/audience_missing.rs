//! Pages without statistics: their numbers add up across groups, wherever pages have moved since.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use chrono::{Datelike, Days, Months, NaiveDate, Utc};
use entities::{
    organization::Status,
    page_statistics::{Entity, Metric, Model},
};
use rand::{
    Rng,
    seq::{IndexedRandom, SliceRandom},
};
use registry::{
    change_log::Actor,
    demo, global_id,
    model::{Page, Scope},
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::{
    harness::{
        TestApp,
        churn::{churn, generated, random},
    },
    statistics::old_page,
};

const MISSING: &str = "query($by: [AudienceGroupBy!]!, $metric: StatisticsMetric!, $aggregation: AudienceAggregation!, $period: DateRange!) {
    audience(groupBy: $by, metric: $metric, aggregation: $aggregation, period: $period) {
        groups { keys { code } from value pagesCounted pagesMissing } } }";
const DIMENSIONS: [&str; 6] = ["TERRITORY", "PLATFORM", "KIND", "LEVEL", "BRANCH", "SECTOR"];

fn today(app: &TestApp) -> NaiveDate {
    app.registry.snapshot().time_zone().day_of(Utc::now())
}

/// Official pages with the day of their registration.
async fn official(app: &TestApp) -> BTreeMap<i64, NaiveDate> {
    let query =
        "query($after: String) { pages(filter: { lifecycles: [REGISTERED] }, first: 100, after: $after) {
        nodes { id registeredAt } pageInfo { hasNextPage endCursor } } }";
    let (mut found, mut after) = (BTreeMap::new(), Value::Null);
    let zone = app.registry.snapshot().time_zone();
    loop {
        let pages = app.data(query, json!({ "after": after })).await["pages"].take();
        for page in pages["nodes"].as_array().expect("nodes") {
            let id = global_id::key("Page", page["id"].as_str().expect("an id")).expect("a page");
            if let Some(at) = page["registeredAt"].as_str() {
                found.insert(id, zone.day_of(at.parse().expect("a timestamp")));
            }
        }
        if pages["pageInfo"]["hasNextPage"] != true {
            return found;
        }
        after = pages["pageInfo"]["endCursor"].clone();
    }
}

/// Numbers of missing pages by first day, summed over the groups; and whether a group has missing pages only.
async fn missing(app: &TestApp, variables: Value) -> (BTreeMap<NaiveDate, u64>, bool) {
    let data = app.data(MISSING, variables).await;
    let (mut sums, mut any_without_value) = (BTreeMap::new(), false);
    for group in data["audience"]["groups"].as_array().expect("groups") {
        let from = group["from"].as_str().expect("a day").parse().expect("a day");
        *sums.entry(from).or_default() += group["pagesMissing"].as_u64().expect("a count");
        any_without_value |= group["pagesCounted"] == 0 && group["keys"] != json!([]);
    }
    (sums, any_without_value)
}

/// The same for all pages, computed from every daily row.
fn expected(
    official: &BTreeMap<i64, NaiveDate>,
    rows: &[Model],
    metric: Metric,
    (from, to): (NaiveDate, NaiveDate),
) -> u64 {
    let has_value = |row: &&Model| (from..=to).contains(&row.day) && row.values()[metric as usize].is_some();
    let with_value: BTreeSet<i64> = rows.iter().filter(has_value).map(|row| row.page_id).collect();
    let due = official.iter().filter(|(id, registered)| **registered <= to && !with_value.contains(id));
    due.count() as u64
}

#[tokio::test]
async fn missing_pages_add_up_across_groups_after_pages_have_moved() {
    let app = generated(400).await;
    demo::generate_statistics(&app.registry, 5, 40, |_| {}).await.expect("statistics are generated");
    let mut random = random(31);
    churn(&app, &mut random, 120).await;
    let rows = Entity::find().all(&app.registry.database().read).await.expect("the rows");
    let (official, today) = (official(&app).await, today(&app));
    let month = today.with_day(1).expect("every month has a first day");
    let (mut found, mut any_without_value) = (0, false);
    for _ in 0..40 {
        let mut by = DIMENSIONS.to_vec();
        by.shuffle(&mut random);
        by.truncate(random.random_range(1..=3));
        let is_by_day = random.random_bool(0.5);
        let period = match is_by_day {
            true => (
                today - Days::new(random.random_range(20..45)),
                today - Days::new(random.random_range(1..20)),
            ),
            false => (month, today),
        };
        let metric = *Metric::ALL.choose(&mut random).expect("a metric");
        let aggregations: &[&str] =
            if is_by_day { &["SUM", "COUNT"] } else { &["SUM", "COUNT", "MEDIAN", "P90"] };
        let aggregation = aggregations.choose(&mut random).expect("an aggregation");
        let time: &[&str] = if is_by_day { &["DAY"] } else { &[] };
        let variables = |by: &[&str]| {
            json!({
                "by": ([by, time].concat()), "metric": serde_json::to_value(metric).expect("a name"), "aggregation": aggregation,
                "period": { "from": period.0, "to": period.1 },
            })
        };
        let (sums, is_empty) = missing(&app, variables(&by)).await;
        let (whole, _) = missing(&app, variables(&[])).await;
        let mut counted = whole.clone();
        for (from, number) in &mut counted {
            let to = if is_by_day { *from } else { period.1 };
            *number = expected(&official, &rows, metric, (*from, to));
        }
        assert_eq!(whole, counted, "{by:?} {metric:?} {aggregation} {period:?}");
        let not_none = |sums: &BTreeMap<NaiveDate, u64>| -> BTreeMap<NaiveDate, u64> {
            sums.iter().filter(|(_, number)| **number > 0).map(|(from, number)| (*from, *number)).collect()
        };
        assert_eq!(not_none(&sums), not_none(&whole), "{by:?} {metric:?} {aggregation} {period:?}");
        found += whole.values().sum::<u64>();
        any_without_value |= is_empty;
    }
    assert!(found > 0 && any_without_value, "{found} pages are missing");
}

#[tokio::test]
async fn future_steps_have_no_missing_pages() {
    let app = generated(100).await;
    let today = today(&app);
    let period = json!({ "from": today - Days::new(1), "to": today + Days::new(30) });
    let variables =
        json!({ "by": ["PLATFORM", "DAY"], "metric": "VIEWS", "aggregation": "SUM", "period": period });
    let (sums, any_without_value) = missing(&app, variables).await;
    assert!(any_without_value);
    assert_eq!(sums.keys().next_back(), Some(&today), "{sums:?}");
}

#[tokio::test]
async fn more_groups_than_a_response_has_are_refused() {
    let app = generated(400).await;
    let pages: Vec<i64> = official(&app).await.into_keys().collect();
    let (long_ago, count) = (Utc::now() - Days::new(10_000), pages.len() as u64);
    app.registry
        .write(&Actor::Operator, move |change_set| {
            for id in pages {
                let mut page = Page::clone(change_set.snapshot().page(id).expect("the page"));
                (page.created_at, page.registered_at) = (long_ago, Some(long_ago));
                change_set.upsert(page, None)?;
            }
            Ok(())
        })
        .await
        .expect("a write");
    let today = today(&app);
    let first = today.with_day(1).expect("every month has a first day") - Months::new(240);
    let variables = |by: Value| json!({ "by": by, "metric": "VIEWS", "aggregation": "SUM", "period": { "from": first, "to": today } });
    let refused = app.ask(MISSING, variables(json!(["TERRITORY", "PLATFORM", "KIND", "MONTH"]))).await;
    let error = &refused["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{refused}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("more than 5000 groups")), "{error}");
    let file = format!(
        "/export/audience.ndjson?metric=VIEWS&groupBy=TERRITORY,PLATFORM,KIND,MONTH&from={first}&to={today}"
    );
    let file = app.get(&file, &[]).await;
    assert_eq!((file.status, file.code()), (StatusCode::BAD_REQUEST, "BAD_USER_INPUT".into()));
    // As many months with fewer groups are answered.
    let (sums, _) = missing(&app, variables(json!(["MONTH"]))).await;
    assert_eq!((sums.len(), sums.values().all(|number| *number == count)), (241, true), "{count}: {sums:?}");
}

#[tokio::test]
async fn hidden_pages_are_not_missing_for_reviewers_either() {
    let app = TestApp::start().await;
    let [seen, hidden] = [app.organization("seen", "Seen").await, app.organization("hidden", "Hidden").await];
    for (owner, id) in [(seen, "1"), (hidden, "2")] {
        old_page(&app, owner, "vk", id).await;
    }
    app.change_organization(hidden, |it| it.status = Status::Withdrawn).await;
    let key = app.key("reviewer", Scope::Review).await;
    let ask = async |query: &str, variables: Value| {
        let body = json!({ "query": query, "variables": variables });
        app.post("/graphql", Some(&key), &body).await.json()["data"].take()
    };
    let listed = ask("{ pages(filter: { lifecycles: [REGISTERED] }) { totalCount } }", json!({})).await;
    assert_eq!(listed["pages"]["totalCount"], 2, "a reviewer sees both");
    let today = today(&app);
    for (by, from) in
        [("MONTH", today.with_day(1).expect("every month has a first day")), ("DAY", today - Days::new(1))]
    {
        let period = json!({ "from": from, "to": today });
        let variables =
            json!({ "by": ["PLATFORM", by], "metric": "VIEWS", "aggregation": "SUM", "period": period });
        let anyone = app.data(MISSING, variables.clone()).await;
        assert_eq!(anyone["audience"]["groups"][0]["pagesMissing"], 1, "{anyone}");
        assert_eq!(ask(MISSING, variables).await, anyone, "by {by}");
    }
}
