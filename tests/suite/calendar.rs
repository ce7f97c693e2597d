//! Days of the registry: those of its time zone, which a pack sets.

use std::io::Write;

use chrono::{DateTime, Days, NaiveDate, Utc};
use entities::organization::Kind as OrganizationKind;
use registry::{
    calendar::{TimeZone, last_day_begun},
    change_log::{Actor, Verdict, verify},
    import::Kind,
    model::{Figures, Mode, ObligationRule, Scope, Terms},
    pack,
};
use serde_json::{Value, json};

use super::{
    harness::TestApp,
    import::Case,
    statistics::{day, is_sound, old_page, statuses, submit},
};

/// The time zones in which each day begins first, and last.
const EAST: &str = "Pacific/Kiritimati";
const WEST: &str = "Etc/GMT+12";

/// Loads a pack of this time zone.
async fn set_time_zone(app: &TestApp, name: &str) {
    let pack = format!(
        "[pack]\ncode = \"zone\"\nname = \"Zone\"\nversion = 1\nlanguage = \"en\"\ntime_zone = \"{name}\"\n"
    );
    let mut file = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    file.write_all(pack.as_bytes()).expect("the pack is written");
    pack::load(&app.registry, file.path().to_str().expect("a path")).await.expect("the pack is loaded");
    assert_eq!(app.registry.snapshot().time_zone().name(), name);
}

/// A page that was registered, and last posted, at this time.
async fn active_at(app: &TestApp, owner: i64, native_id: &str, at: &'static str) {
    let at: DateTime<Utc> = at.parse().expect("a timestamp");
    let page = app.page(owner, "vk", native_id).await;
    app.change_page(page, move |page, _| page.registered_at = Some(at)).await;
    let written = app.registry.write(&Actor::Operator, move |change_set| {
        let recorded_at = change_set.now();
        Ok(change_set
            .put_figures(page, Figures { subscribers: None, last_post_at: Some(at), recorded_at, seq: 0 }))
    });
    written.await.expect("the figures are written");
}

/// Numbers of pages that were registered on a day, and that last posted on it.
async fn active_on(app: &TestApp, day: &str) -> [Value; 2] {
    let ask = "query($days: DateRange!) {
        registered: pages(filter: { registeredOn: $days }) { totalCount }
        posted: pages(filter: { lastPostOn: $days }) { totalCount } }";
    let found = app.data(ask, json!({ "days": { "from": day, "to": day } })).await;
    [found["registered"]["totalCount"].clone(), found["posted"]["totalCount"].clone()]
}

#[tokio::test]
async fn days_change_at_midnight_in_the_registrys_time_zone() {
    let mut app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    active_at(&app, school, "1", "2026-03-09T20:59:59Z").await;
    active_at(&app, school, "2", "2026-03-09T21:00:00Z").await;
    // The same questions again and again: answers of another time zone are not kept.
    for (zone, on_the_ninth, on_the_tenth) in
        [("UTC", 2, 0), ("Europe/Moscow", 1, 1), ("Asia/Kamchatka", 0, 2), ("Europe/Moscow", 1, 1)]
    {
        set_time_zone(&app, zone).await;
        assert_eq!(active_on(&app, "2026-03-09").await, [json!(on_the_ninth), json!(on_the_ninth)], "{zone}");
        assert_eq!(active_on(&app, "2026-03-10").await, [json!(on_the_tenth), json!(on_the_tenth)], "{zone}");
    }
    active_at(&app, school, "3", "2026-03-09T22:00:00Z").await;
    assert_eq!(active_on(&app, "2026-03-10").await, [json!(2), json!(2)]);
    let second = app.second().await;
    app.switch_to(second);
    assert_eq!(active_on(&app, "2026-03-10").await, [json!(2), json!(2)], "another server has the same days");
    assert!(matches!(verify(&app.registry, |_| {}).await.expect("a check"), Verdict::Sound { .. }));
}

/// A rule for institutions in Canada from this day on.
async fn oblige_from(app: &TestApp, first: NaiveDate) {
    app.put(move |change_set| ObligationRule {
        id: change_set.next_rule_id(),
        code: "ca-rule".into(),
        name: "A rule".into(),
        names: Default::default(),
        terms: Terms {
            jurisdiction: "ca".into(),
            kinds: vec![OrganizationKind::Institution],
            levels: vec![],
            branches: vec![],
            sectors: vec![],
            mode: Mode::AllOf,
            platforms: vec!["x".into()],
            basis: None,
        },
        valid_from: first,
        valid_to: None,
        updated_at: change_set.now(),
    })
    .await;
}

#[tokio::test]
async fn a_rule_begins_when_its_first_day_begins_where_the_registry_is() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    let ontario = app.registry.snapshot().territory_by_code("ca-on").map(|it| it.id);
    app.change_organization(school, move |it| it.territory_id = ontario).await;
    let today_in_the_east = TimeZone::try_from(EAST.to_owned()).expect("a time zone").today();
    oblige_from(&app, today_in_the_east).await;
    let ask = "{ coverage { total { obliged } } institution(code: \"school\") { obligation { state } } }";
    for (zone, obliged, state) in [(WEST, 0, Value::Null), (EAST, 1, json!("MISSING"))] {
        set_time_zone(&app, zone).await;
        let found = app.data(ask, json!({})).await;
        assert_eq!(found["coverage"]["total"]["obliged"], obliged, "{zone}");
        assert_eq!(found["institution"]["obligation"]["state"], state, "{zone}");
    }
}

const POINTS: &str = "query($period: DateRange!) { page(url: \"https://vk.com/club1\") { statistics {
    latest { recordedAt } lastDay { from isFinal } series(period: $period) { from isFinal } } } }";

/// Statistics of the page 1 on VK.
async fn points(app: &TestApp, from: NaiveDate, to: NaiveDate) -> Value {
    app.data(POINTS, json!({ "period": { "from": from, "to": to } })).await["page"]["statistics"].take()
}

#[tokio::test]
async fn a_day_that_has_begun_only_further_east_is_reported_as_partial() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "1").await;
    set_time_zone(&app, WEST).await;
    let east = last_day_begun(Utc::now());
    let row = |day: NaiveDate| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day, "subscribers": 5 });
    let sent = submit(&app, &key, json!([row(east), row(east + Days::new(2))])).await;
    assert_eq!(statuses(&sent), ["STORED", "REJECTED IN_FUTURE"]);
    let found = points(&app, east, east).await;
    assert_eq!(found["lastDay"], json!({ "from": east, "isFinal": false }));
    assert_eq!(found["series"], json!([{ "from": east, "isFinal": false }]));
    let recorded_at: DateTime<Utc> =
        found["latest"]["recordedAt"].as_str().and_then(|at| at.parse().ok()).expect("a timestamp");
    assert!(recorded_at <= Utc::now(), "nothing was measured in the future: {recorded_at}");
    is_sound(&app).await;
}

#[tokio::test]
async fn partial_statistics_are_replaced_by_the_final_ones_even_if_these_are_equal() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "1").await;
    let row = |at: Value| json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(2), "subscribers": 5, "recordedAt": at }]);
    let hour = |hour: u32| json!(format!("{}T{hour:02}:00:00Z", day(2)));
    for (at, status, is_final) in [
        (hour(10), "STORED", false),
        (hour(20), "DUPLICATE", false),
        (Value::Null, "REPLACED", true),
        (Value::Null, "DUPLICATE", true),
        (hour(22), "DUPLICATE", true),
    ] {
        assert_eq!(statuses(&submit(&app, &key, row(at.clone())).await), [status], "{at}");
        assert_eq!(points(&app, day(2), day(2)).await["series"][0]["isFinal"], is_final, "{at}");
    }
    let today = json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(0), "subscribers": 6 }]);
    assert_eq!(statuses(&submit(&app, &key, today).await), ["STORED"]);
    let series = points(&app, day(2), day(0)).await["series"].take();
    let is_final = |index: usize| &series[index]["isFinal"];
    assert_eq!(
        [is_final(0), is_final(1), is_final(2)],
        [&json!(true), &json!(true), &json!(false)],
        "{series}"
    );
    is_sound(&app).await;
}

#[tokio::test]
async fn sums_are_final_once_their_days_have_ended() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    let amur = app.registry.snapshot().territory_by_code("ru-28").map(|it| it.id);
    app.change_organization(school, move |it| it.territory_id = amur).await;
    old_page(&app, school, "vk", "1").await;
    let row = |ago| json!({ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(ago), "views": 5 });
    submit(&app, &key, json!([row(1), row(0)])).await;
    let ask = "query($period: DateRange!) {
        audience(metric: VIEWS, groupBy: [DAY], period: $period) { groups { isFinal } }
        institution(code: \"school\") { statistics { series(period: $period) { isFinal } } }
        territory(code: \"ru-28\") { statistics { series(period: $period) { isFinal } } } }";
    let found = app.data(ask, json!({ "period": { "from": day(1), "to": day(0) } })).await;
    let expected = json!([{ "isFinal": true }, { "isFinal": false }]);
    assert_eq!(found["audience"]["groups"], expected);
    assert_eq!(found["institution"]["statistics"]["series"], expected);
    assert_eq!(found["territory"]["statistics"]["series"], expected);
}

#[tokio::test]
async fn dates_of_imports_are_days_where_the_registry_is() {
    let app = TestApp::start().await;
    set_time_zone(&app, "Europe/Moscow").await;
    let mapping = "[organization]\nname = \"Owner\"\nvalid_from = \"Since\"\n[[pages]]\nurl = \"Address\"\nsubscribers = \"Subscribers\"\nlast_post_at = \"Post\"\nfigures_at = \"Day\"\n";
    let file = "Owner,Address,Subscribers,Post,Day,Since\nCity,vk.com/one,12,2026-11-01,2026-11-02T08:30:00,1998-09-01\n";
    let case = Case::new("p.csv", file, mapping);
    case.run(&app, Kind::Pages).await;
    let ask = "{ institutions { nodes { validFrom } } pages { nodes { statistics { latest { lastPostAt recordedAt } } } } }";
    let found = app.data(ask, json!({})).await;
    assert_eq!(found["institutions"]["nodes"], json!([{ "validFrom": "1998-09-01" }]));
    assert_eq!(
        found["pages"]["nodes"][0]["statistics"]["latest"],
        json!({ "lastPostAt": "2026-10-31T21:00:00Z", "recordedAt": "2026-11-02T05:30:00Z" })
    );
    assert_eq!(active_on(&app, "2026-11-01").await[1], 1);
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
}

#[tokio::test]
async fn the_pack_added_last_sets_the_time_zone_whichever_is_loaded_again() {
    let app = TestApp::start().await;
    set_time_zone(&app, "Asia/Kamchatka").await;
    pack::load(&app.registry, "ru").await.expect("the pack is loaded");
    assert_eq!(app.registry.snapshot().time_zone().name(), "Asia/Kamchatka");
}

#[tokio::test]
async fn timestamps_have_no_more_digits_than_the_registry_counts() {
    let app = TestApp::start().await;
    let found = app.data("{ registryStatistics { computedAt } }", json!({})).await;
    let at = found["registryStatistics"]["computedAt"].as_str().expect("a timestamp").to_owned();
    assert!(at.len() <= "2026-11-22T07:06:00.123456Z".len() && at.ends_with('Z'), "{at}");
}
