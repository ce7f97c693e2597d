//! Series of coverage and counts: points at the ends of steps, each as with `asOf`.

use api::{
    config::settings::Settings,
    document::{ClientTiers, Limits},
};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, TimeDelta, Utc};
use entities::territory::Kind;
use registry::{
    calendar::TimeZone,
    change_log::{Actor, ChangeSet, Registry},
    database,
    model::{Exemption, ObligationRule},
    pack,
};
use serde_json::{Value, json};

use super::harness::{TestApp, database::TestDatabase, seed};

/// A registry in Moscow's time whose first record is from `at`.
async fn registry_since(at: DateTime<Utc>) -> TestApp {
    let database = TestDatabase::empty().await;
    let connected = database.connect().await;
    database::migrate(&connected).await.expect("the database is migrated");
    let registry = Registry::open(connected).await.expect("the registry opens");
    pack::load_dated(&registry, "ru", Some(at)).await.expect("the pack is loaded");
    let public = Limits { points: u64::MAX, ..Limits::public() };
    let client_tiers = ClientTiers { public, ..ClientTiers::default() };
    TestApp::start_over(database, Settings { client_tiers, ..Settings::default() }).await
}

async fn write_at(
    app: &TestApp,
    at: DateTime<Utc>,
    rules: impl FnOnce(&mut ChangeSet) -> anyhow::Result<()> + Send + 'static,
) {
    let written = app.registry.write(&Actor::Operator, move |change_set| {
        change_set.date_back(at);
        rules(change_set)
    });
    written.await.expect("the changes are written");
}

/// Adds an institution in Moscow, with or without a page.
async fn open_school(app: &TestApp, at: DateTime<Utc>, code: &'static str, has_page: bool) {
    write_at(app, at, move |change_set| {
        let mut school = seed::organization(change_set, code, code);
        school.territory_id = change_set.snapshot().territory_by_code("ru-77").map(|it| it.id);
        let id = school.id;
        change_set.upsert(school, None)?;
        if has_page {
            let page = seed::page(change_set, id, "vk", None, Some(code));
            change_set.upsert(page, None)?;
        }
        Ok(())
    })
    .await;
}

fn moscow() -> TimeZone {
    TimeZone::try_from("Europe/Moscow".to_owned()).expect("a time zone")
}

/// First day of the month that many months ago, where the registry is.
fn month(ago: u32) -> NaiveDate {
    let first = moscow().today().with_day(1).expect("a first day");
    first.checked_sub_months(Months::new(ago)).expect("a month")
}

const SERIES: &str = "query($period: DateRange!) { coverage(groupBy: [TERRITORY]) {
    series(period: $period) { from to isFinal total { obliged covered } groups { keys { code } obliged } } }
    registryStatistics { series(period: $period) { from total { organizations pages freshness { never } } } } }";

#[tokio::test]
async fn a_series_has_the_state_at_the_end_of_each_month_where_the_registry_is() {
    let begin = moscow().start_of(month(3));
    let app = registry_since(begin + TimeDelta::days(3)).await;
    open_school(&app, begin + TimeDelta::days(4), "one", true).await;
    // The last and the first moment of a month in Moscow, which are both in one month in UTC.
    let midnight = moscow().start_of(month(2));
    open_school(&app, midnight - TimeDelta::microseconds(1), "two", false).await;
    open_school(&app, midnight, "three", false).await;
    write_at(&app, moscow().start_of(month(1)), |change_set| {
        let mut page = seed::page(change_set, 2, "ok", None, Some("two"));
        page.co_owners = vec![3];
        change_set.upsert(page, None).map(|_| ())
    })
    .await;
    let period = json!({ "from": month(5), "to": month(0) + Months::new(4) });
    let found = app.data(SERIES, json!({ "period": period })).await;
    let points = found["coverage"]["series"].as_array().expect("points");
    let seen: Vec<Value> = points
        .iter()
        .map(|point| {
            json!([point["from"], point["total"]["obliged"], point["total"]["covered"], point["isFinal"]])
        })
        .collect();
    let expected = [
        json!([month(3), 2, 1, true]),
        json!([month(2), 3, 1, true]),
        json!([month(1), 3, 3, true]),
        json!([month(0), 3, 3, false]),
    ];
    assert_eq!(seen, expected, "none before the first record, none in the future");
    let region = &points[0]["groups"][0];
    assert_eq!((&region["keys"][0]["code"], &region["obliged"]), (&json!("ru-77"), &json!(2)));
    let counts = found["registryStatistics"]["series"].as_array().expect("points");
    let counts: Vec<_> = counts
        .iter()
        .map(|it| (it["total"]["organizations"].clone(), it["total"]["pages"].clone()))
        .collect();
    assert_eq!(
        counts,
        [(json!(2), json!(1)), (json!(3), json!(1)), (json!(3), json!(2)), (json!(3), json!(2))]
    );
    assert!(found["registryStatistics"]["series"][0]["total"]["freshness"].is_null());
    every_point_is_as_of_its_end(&app, points).await;
}

async fn every_point_is_as_of_its_end(app: &TestApp, points: &[Value]) {
    let ask = "query($at: DateTime) { coverage(asOf: $at, groupBy: [TERRITORY]) { total { obliged covered } groups { keys { code } obliged } } }";
    for point in points {
        let last: NaiveDate = point["to"].as_str().expect("a day").parse().expect("a day");
        let end = moscow().end_of(last) - TimeDelta::microseconds(1);
        let at = (end < Utc::now()).then(|| end.to_rfc3339());
        let then = app.data(ask, json!({ "at": at })).await["coverage"].take();
        assert_eq!((&point["total"], &point["groups"]), (&then["total"], &then["groups"]), "{last}");
    }
}

#[tokio::test]
async fn obligations_of_a_point_are_those_of_its_last_day() {
    let begin = moscow().start_of(month(3));
    let app = registry_since(begin).await;
    open_school(&app, begin, "one", false).await;
    // Known from the beginning, in force since the second month, and free in the third.
    write_at(&app, begin, |change_set| {
        let rule = change_set.snapshot().obligation_rule_by_code("ru-official-pages").expect("the rule");
        let mut rule = ObligationRule::clone(rule);
        rule.valid_from = month(2);
        let rule_id = rule.id;
        change_set.upsert(rule, None)?;
        let exemption = Exemption {
            id: change_set.next_exemption_id(),
            organization_id: 1,
            rule_id: Some(rule_id),
            reason: "under repair".into(),
            basis: None,
            decided_by: None,
            valid_from: month(1),
            valid_to: Some(month(0) - Days::new(1)),
            source: "test".into(),
            updated_at: change_set.now(),
        };
        change_set.upsert(exemption, None).map(|_| ())
    })
    .await;
    let ask = "query($at: DateTime, $period: DateRange!) { coverage(asOf: $at) { series(period: $period) { isFinal total { obliged exempt } } } }";
    let period = json!({ "from": month(3), "to": month(0) });
    let points = |found: &Value| -> Vec<(Value, Value)> {
        let series = found["coverage"]["series"].as_array().expect("points").iter();
        series.map(|it| (it["total"]["obliged"].clone(), it["total"]["exempt"].clone())).collect()
    };
    let expected = [(json!(0), json!(0)), (json!(1), json!(0)), (json!(0), json!(1)), (json!(1), json!(0))];
    let found = app.data(ask, json!({ "period": period })).await;
    assert_eq!(points(&found), expected);
    // As of the middle of a month, the series ends there.
    let at = moscow().start_of(month(2)) + TimeDelta::days(9);
    let found = app.data(ask, json!({ "period": period, "at": at.to_rfc3339() })).await;
    assert_eq!(points(&found), expected[..2]);
    assert_eq!(found["coverage"]["series"][1]["isFinal"], json!(false));
}

#[tokio::test]
async fn a_series_is_limited_in_its_points() {
    let app = registry_since(Utc::now() - TimeDelta::days(100)).await;
    let ask = "query($period: DateRange!, $step: StatisticsStep! = MONTH) { coverage { series(period: $period, step: $step) { to } } }";
    let today = moscow().today();
    for (from, step, is_allowed) in [
        (month(35), "MONTH", true),
        (month(36), "MONTH", false),
        (today - Days::new(35), "DAY", true),
        (today - Days::new(36), "DAY", false),
    ] {
        let answer = app.ask(ask, json!({ "period": { "from": from, "to": today }, "step": step })).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(
            *code,
            if is_allowed { Value::Null } else { json!("BAD_USER_INPUT") },
            "{from} {step} {answer}"
        );
    }
    for period in [json!({ "to": month(0) }), json!({ "from": month(0), "to": month(1) })] {
        let answer = app.ask(ask, json!({ "period": period })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    }
}

/// Two institutions in each of many regions: one of a sector, one without.
async fn open_schools(app: &TestApp, at: DateTime<Utc>, regions: usize) {
    write_at(app, at, move |change_set| {
        let snapshot = change_set.snapshot();
        let sector = snapshot.sectors().values().next().expect("a sector").code.to_string();
        let of_kind = snapshot.territories().values().filter(|it| it.kind == Kind::Region);
        let found: Vec<i64> = of_kind.map(|it| it.id).take(regions).collect();
        assert_eq!(found.len(), regions);
        for territory in found {
            for sector in [None, Some(&sector)] {
                let code = format!("school-{territory}-{}", sector.is_some());
                let mut school = seed::organization(change_set, &code, &code);
                school.territory_id = Some(territory);
                school.sector = sector.map(|code| code.as_str().into());
                change_set.upsert(school, None)?;
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_groups_of_all_points_together_are_limited() {
    let begin = Utc::now() - TimeDelta::days(60);
    let app = registry_since(begin).await;
    open_schools(&app, begin + TimeDelta::days(1), 80).await;
    let ask = |field: &str, selected: &str| {
        format!(
            "query($period: DateRange!) {{ {field}(groupBy: [TERRITORY, SECTOR]) {{ series(period: $period, step: DAY) {{ to {selected} }} }} }}"
        )
    };
    for field in ["coverage", "registryStatistics"] {
        for (days, selected, is_allowed) in [
            (30, "groups { keys { code } }", true),
            (35, "groups { keys { code } }", false),
            (35, "total { keys { code } }", true),
        ] {
            let today = moscow().today();
            let query = ask(field, selected);
            let period = json!({ "from": today - Days::new(days), "to": today });
            let answer = app.ask(&query, json!({ "period": period })).await;
            let (points, error) = (&answer["data"][field]["series"], &answer["errors"][0]);
            let points = points.as_array().map_or(0, Vec::len) as u64;
            let code = error["extensions"]["code"].as_str();
            let expected = if is_allowed { (days + 1, None) } else { (0, Some("BAD_USER_INPUT")) };
            assert_eq!((points, code), expected, "{field} {days} {selected} {error}");
        }
    }
}
