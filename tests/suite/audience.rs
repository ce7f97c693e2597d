//! Aggregates of statistics: every result equals the one computed from the daily rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Utc};
use entities::page_statistics::{Entity, Metric, Model};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use registry::{
    demo::{self, Scale},
    snapshot::Snapshot,
};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::harness::TestApp;

const AUDIENCE: &str = "query($filter: AudienceFilter, $by: [AudienceGroupBy!]!, $metric: StatisticsMetric!, $aggregation: AudienceAggregation!, $period: DateRange!) {
    audience(filter: $filter, groupBy: $by, metric: $metric, aggregation: $aggregation, period: $period) {
        groups { keys { dimension code } from to value pagesCounted pagesMissing }
    }
}";

/// A small generated registry with statistics of 70 days.
async fn nation() -> (TestApp, Vec<Model>) {
    let app = TestApp::start().await;
    demo::generate(&app.registry, Scale::Pages(400), 5, |_| {}).await.expect("the nation is generated");
    demo::generate_statistics(&app.registry, 5, 70, |_| {}).await.expect("statistics are generated");
    let rows = Entity::find().all(&app.registry.database().read).await.expect("the rows");
    (app, rows)
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

/// Codes of the groups that a page is counted in.
fn codes(snapshot: &Snapshot, page_id: i64) -> BTreeMap<&'static str, String> {
    let segment = snapshot.segment_of(snapshot.page(page_id).expect("the page"));
    let name = |value: &dyn erased::Text| value.text();
    let mut codes = BTreeMap::new();
    codes.insert("PLATFORM", snapshot.platform(segment.platform_id).expect("the platform").code.to_string());
    if let Some(territory) = segment.region_id.and_then(|id| snapshot.territory(id))
        && territory.kind == entities::territory::Kind::Region
    {
        codes.insert("TERRITORY", territory.code.to_string());
    }
    codes.extend(segment.kind.map(|kind| ("KIND", name(&kind))));
    codes.extend(segment.level.map(|level| ("LEVEL", name(&level))));
    codes.extend(segment.branch.map(|branch| ("BRANCH", name(&branch))));
    codes.extend(
        segment.sector_id.map(|id| ("SECTOR", snapshot.sector(id).expect("the sector").code.to_string())),
    );
    codes
}

mod erased {
    /// Names of enum members.
    pub trait Text {
        fn text(&self) -> String;
    }

    impl<T: serde::Serialize> Text for T {
        fn text(&self) -> String {
            serde_json::to_value(self).expect("a name").as_str().expect("a text").to_owned()
        }
    }
}

/// A query, in a form that the test can evaluate itself.
#[derive(Debug)]
struct Asked {
    platforms: Option<Vec<&'static str>>,
    by: Vec<&'static str>,
    metric: Metric,
    aggregation: &'static str,
    period: (NaiveDate, NaiveDate),
}

/// Value of a page for a step: the last number of subscribers, the sum of other metrics.
fn number(metric: Metric, days: &[&Model]) -> Option<i64> {
    let mut values = days.iter().filter_map(|day| day.values()[metric as usize]);
    if metric.is_stock() { values.next_back() } else { values.reduce(|sum, more| sum + more) }
}

/// Values and numbers of pages, by codes of the keys and first day.
type Answer = BTreeMap<(Vec<Option<String>>, NaiveDate), (f64, u64)>;

/// The expected result, computed from every daily row.
fn expected(snapshot: &Snapshot, rows: &[Model], asked: &Asked) -> Answer {
    let by_day = asked.by.contains(&"DAY");
    let by_month = asked.by.contains(&"MONTH");
    let step = |day: NaiveDate| match (by_day, by_month) {
        (true, _) => day,
        (_, true) => first_of_month(day),
        _ => asked.period.0,
    };
    // Without steps of time, subscribers are those of the last month.
    let is_last = |day: NaiveDate| {
        by_day
            || by_month
            || !asked.metric.is_stock()
            || first_of_month(day) == first_of_month(asked.period.1)
    };
    let mut pages: BTreeMap<(i64, NaiveDate), Vec<&Model>> = BTreeMap::new();
    for row in rows {
        if (asked.period.0..=asked.period.1).contains(&row.day) && is_last(row.day) {
            pages.entry((row.page_id, step(row.day))).or_default().push(row);
        }
    }
    let mut groups: BTreeMap<(Vec<Option<String>>, NaiveDate), Vec<i64>> = BTreeMap::new();
    for ((page_id, from), mut days) in pages {
        days.sort_by_key(|day| day.day);
        let codes = codes(snapshot, page_id);
        let passes =
            asked.platforms.as_ref().is_none_or(|platforms| platforms.contains(&&*codes["PLATFORM"]));
        let dimensions = asked.by.iter().filter(|by| !["DAY", "MONTH"].contains(by));
        let keys: Vec<Option<String>> = dimensions.map(|by| codes.get(by).cloned()).collect();
        if let (true, Some(number)) = (passes, number(asked.metric, &days)) {
            groups.entry((keys, from)).or_default().push(number);
        }
    }
    let answers = groups.into_iter().map(|(key, mut numbers)| {
        numbers.sort_unstable();
        let pages = numbers.len() as u64;
        let quantile = |share: f64| {
            let position = share * (numbers.len() - 1) as f64;
            let low = numbers[position.floor() as usize] as f64;
            let high = numbers[position.ceil() as usize] as f64;
            low + (high - low) * (position - position.floor())
        };
        let value = match asked.aggregation {
            "SUM" => numbers.iter().sum::<i64>() as f64,
            "MEDIAN" => quantile(0.5),
            "P90" => quantile(0.9),
            _ => pages as f64,
        };
        (key, (value, pages))
    });
    answers.collect()
}

/// The result of the service.
fn answered(data: &Value) -> Answer {
    let groups = data["audience"]["groups"].as_array().expect("groups").iter();
    // Groups of which all pages are missing have no value.
    let answer = groups.filter(|group| group["pagesCounted"] != 0).map(|group| {
        let keys = group["keys"].as_array().expect("keys").iter();
        let keys: Vec<Option<String>> = keys.map(|key| key["code"].as_str().map(str::to_owned)).collect();
        let from = group["from"].as_str().expect("a day").parse().expect("a day");
        let pages = group["pagesCounted"].as_u64().expect("a count");
        ((keys, from), (group["value"].as_f64().expect("a value"), pages))
    });
    answer.collect()
}

/// Checks that sums and counts by group add up to those of all pages, at each step of time.
async fn add_up(app: &TestApp, mut variables: Value, groups: &Answer) {
    variables["by"].as_array_mut().expect("dimensions").retain(|by| by == "DAY" || by == "MONTH");
    let whole = answered(&app.data(AUDIENCE, variables).await);
    let whole: BTreeMap<_, _> = whole.into_iter().map(|((_, from), (value, _))| (from, value)).collect();
    let mut sums: BTreeMap<NaiveDate, f64> = BTreeMap::new();
    groups.iter().for_each(|((_, from), (value, _))| *sums.entry(*from).or_default() += value);
    assert_eq!(sums, whole);
}

#[tokio::test]
async fn aggregates_are_those_of_the_figures_whatever_is_asked() {
    let (app, rows) = nation().await;
    let snapshot = app.registry.snapshot();
    let today = Utc::now().date_naive();
    let months: BTreeSet<NaiveDate> = rows.iter().map(|row| first_of_month(row.day)).collect();
    let months: Vec<NaiveDate> = months.into_iter().collect();
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(11);
    for _ in 0..60 {
        let mut by: Vec<&str> = ["TERRITORY", "PLATFORM", "KIND", "LEVEL", "BRANCH", "SECTOR"].to_vec();
        by.retain(|_| random.random_bool(0.3));
        by.truncate(3);
        let time = random.random_range(0..3);
        by.extend(["DAY", "MONTH"].get(time).copied());
        let period = if time == 0 {
            let from = today - Days::new(random.random_range(0..60));
            (from, today.min(from + Days::new(random.random_range(0..5))))
        } else {
            let first = random.random_range(0..months.len());
            (months[first], today)
        };
        let aggregations: &[&str] =
            if time == 0 { &["SUM", "COUNT"] } else { &["SUM", "COUNT", "MEDIAN", "P90"] };
        let asked = Asked {
            platforms: random.random_bool(0.5).then(|| vec!["vk", "rutube"]),
            by,
            metric: *Metric::ALL.choose(&mut random).expect("a metric"),
            aggregation: aggregations.choose(&mut random).expect("an aggregation"),
            period,
        };
        let variables = json!({
            "filter": { "platforms": asked.platforms },
            "by": asked.by,
            "metric": erased::Text::text(&asked.metric),
            "aggregation": asked.aggregation,
            "period": { "from": asked.period.0, "to": asked.period.1 },
        });
        let mut expected = expected(&snapshot, &rows, &asked);
        let mut answered = answered(&app.data(AUDIENCE, variables.clone()).await);
        if time == 2 && !asked.metric.is_stock() {
            // Over several months the service counts the pages of the month with most of them.
            expected.values_mut().chain(answered.values_mut()).for_each(|(_, pages)| *pages = 0);
            if asked.aggregation == "COUNT" {
                continue;
            }
        }
        assert_eq!(answered.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{asked:?}");
        for (key, (value, pages)) in &expected {
            assert_eq!(answered[key].1, *pages, "{asked:?} {key:?}");
            assert!(
                (answered[key].0 - value).abs() < 1e-6,
                "{asked:?} {key:?}: {} is not {value}",
                answered[key].0
            );
        }
        if ["SUM", "COUNT"].contains(&asked.aggregation) {
            add_up(&app, variables, &answered).await;
        }
    }
}

#[tokio::test]
async fn computed_metrics_are_served_with_their_formulas() {
    let app = TestApp::start().await;
    let definitions = app.data("{ metricDefinitions { metric kind formula inputs } }", json!({})).await;
    insta::assert_json_snapshot!("metric definitions", definitions);
}

#[tokio::test]
async fn arguments_that_aggregates_do_not_support_are_refused() {
    let app = TestApp::start().await;
    let period = |from: &str, to: &str| json!({ "from": from, "to": to });
    let ask = async |filter: Value, by: Value, aggregation: &str, period: Value| {
        let variables = json!({ "filter": filter, "by": by, "metric": "VIEWS", "aggregation": aggregation, "period": period });
        let answer = app.ask(AUDIENCE, variables).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned()
    };
    let january = || period("2026-01-01", "2026-01-31");
    assert_eq!(ask(json!({}), json!([]), "SUM", january()).await, "none");
    for (filter, by, aggregation, period) in [
        (json!({}), json!([]), "SUM", period("2026-01-02", "2026-01-31")),
        (json!({}), json!(["DAY"]), "MEDIAN", january()),
        (json!({}), json!(["DAY", "MONTH"]), "SUM", january()),
        (json!({}), json!(["DAY"]), "SUM", period("2025-01-01", "2026-12-31")),
        (json!({}), json!([]), "SUM", period("2026-02-01", "2026-01-31")),
        (json!({}), json!(["DAY"]), "SUM", period("-262143-01-01", "-262143-01-02")),
        (json!({}), json!(["DAY"]), "SUM", period("+12026-01-01", "+12026-01-02")),
        (json!({ "platforms": ["nowhere"] }), json!([]), "SUM", january()),
        (json!({}), json!(["TERRITORY", "PLATFORM", "KIND", "LEVEL"]), "SUM", january()),
    ] {
        assert_eq!(ask(filter, by, aggregation, period).await, "BAD_USER_INPUT");
    }
}
