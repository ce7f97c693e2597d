//! Statistics of hidden pages are in no sum, however the pages were hidden, and return when they are shown.

use chrono::{Datelike, NaiveDate, NaiveTime, Utc};
use entities::{organization::Status, page::Lifecycle, page_statistics::Metric};
use registry::{
    change_log::Actor,
    database,
    model::{Page, Reach},
    statistics::{self, Figure, PackedFigures, Sender, record},
};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{
    harness::{TestApp, behind::intruder},
    statistics::{day, is_sound, old_page},
};

/// Queries over statistics of many pages.
const QUESTIONS: [&str; 9] = [
    "{ audience(groupBy: [TERRITORY, PLATFORM, DAY], metric: VIEWS, period: $DAYS) { groups { keys { code } from value pagesCounted pagesMissing } } }",
    "{ audience(groupBy: [DAY], metric: VIEWS, period: $DAYS) { groups { from value pagesCounted } } }",
    "{ audience(groupBy: [PLATFORM, MONTH], metric: SUBSCRIBERS, period: $MONTHS) { groups { keys { code } from value pagesCounted } } }",
    "{ audience(groupBy: [MONTH], metric: VIEWS, aggregation: COUNT, period: $MONTHS) { groups { from value pagesCounted } } }",
    "{ audience(groupBy: [KIND], metric: VIEWS, aggregation: MEDIAN, period: $MONTHS) { groups { value pagesCounted } } }",
    "{ audience(groupBy: [PLATFORM], metric: GROWTH_30D, aggregation: P90, period: $MONTHS) { groups { value pagesCounted } } }",
    "{ territory(code: \"ru-28\") { statistics { latest { subscribersSum pagesCounted } series(period: $DAYS, step: DAY) { from viewsSum subscribersSum } } } }",
    "{ territory(code: \"ru\") { statistics { series(period: $MONTHS, step: MONTH) { from viewsSum subscribersSum } } } }",
    "{ leaderboard(metric: VIEWS, period: $MONTHS, kind: ORGANIZATION) { nodes { rank value } } }",
];

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

/// Days since the end of the previous month.
fn last_month() -> u64 {
    u64::from(day(0).day())
}

/// Days since the end of the month before it.
fn month_before() -> u64 {
    last_month() + u64::from(day(last_month()).day())
}

/// Every response, and the file of all statistics without the row with the time of writing.
async fn responses(app: &TestApp) -> Vec<String> {
    let today = Utc::now().date_naive();
    let days = format!("{{ from: \"{}\", to: \"{today}\" }}", day(20));
    let months =
        format!("{{ from: \"{}\", to: \"{}\" }}", first_of_month(day(last_month())), day(last_month()));
    let mut responses = Vec::new();
    for question in QUESTIONS {
        let query = question.replace("$DAYS", &days).replace("$MONTHS", &months);
        let answer = app.post("/public/graphql", None, &json!({ "query": query })).await.json();
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        responses.push(format!("{query}: {}", answer["data"]));
    }
    let file = app.get(&format!("/export/statistics.csv?from={}&to={today}", day(80)), &[]).await;
    let text = String::from_utf8(file.body).expect("UTF-8");
    responses.push(text.split_once("\r\n").map_or_else(String::new, |(_, rows)| rows.to_owned()));
    responses
}

fn figure(page_id: i64, ago: u64, numbers: &[(Metric, i64)]) -> Figure {
    let mut values = [None; 12];
    numbers.iter().for_each(|(metric, number)| values[*metric as usize] = Some(*number));
    let recorded_at = Some(day(ago).and_time(NaiveTime::MIN).and_utc());
    Figure { page_id: Ok(page_id), day: day(ago), values, last_post_at: None, recorded_at }
}

/// Records statistics of a page on some days.
async fn load(app: &TestApp, page_id: i64, days: &[u64], views: i64) {
    let figures: PackedFigures = days
        .iter()
        .map(|ago| {
            let subscribers = 1_000 * page_id + i64::from(day(*ago).day());
            figure(page_id, *ago, &[(Metric::Views, views), (Metric::Subscribers, subscribers)])
        })
        .collect();
    let sender =
        Sender { source: "a platform".into(), reach: Reach::default(), call: None, is_dry_run: false };
    record(&app.registry, Actor::Operator, sender, figures).await.expect("the figures are recorded");
}

/// A registry in which two pages have statistics; ids of the organization and page that will be hidden.
async fn begun() -> (TestApp, i64, i64) {
    let app = TestApp::start().await;
    let region = app.registry.snapshot().territory_by_code("ru-28").map(|it| it.id);
    let [seen, owner] = [app.organization("seen", "Seen").await, app.organization("owner", "Owner").await];
    for id in [seen, owner] {
        app.change_organization(id, move |it| it.territory_id = region).await;
    }
    let other = old_page(&app, seen, "vk", "1").await;
    let page = old_page(&app, owner, "vk", "2").await;
    load(&app, other, &[1, 2, 15, last_month(), month_before()], 7).await;
    (app, owner, page)
}

async fn set_lifecycle(app: &TestApp, page: i64, lifecycle: Lifecycle) {
    app.change_page(page, move |page, _| page.lifecycle = lifecycle).await;
}

/// Hides the page in one of the possible ways, or shows it.
async fn hide(app: &TestApp, (owner, page): (i64, i64), way: usize, is_hidden: bool) {
    match way {
        0..3 => {
            let hidden = [Lifecycle::Rejected, Lifecycle::Proposed, Lifecycle::UnderReview][way];
            set_lifecycle(app, page, if is_hidden { hidden } else { Lifecycle::Registered }).await;
        }
        3 | 4 => {
            let hidden = [Status::Withdrawn, Status::Draft][way - 3];
            let status = if is_hidden { hidden } else { Status::Active };
            app.change_organization(owner, move |it| it.status = status).await;
        }
        _ => {
            let draft = app.registry.snapshot().organization_by_code("draft").map(|it| it.id);
            let draft = match draft {
                Some(draft) => draft,
                None => {
                    let id = app.organization("draft", "Draft").await;
                    app.change_organization(id, |it| it.status = Status::Draft).await;
                    id
                }
            };
            app.change_page(page, move |page, _| page.owner_id = if is_hidden { draft } else { owner }).await;
        }
    }
}

#[tokio::test]
async fn figures_of_a_page_go_and_come_with_it_however_it_is_hidden() {
    let (app, owner, page) = begun().await;
    hide(&app, (owner, page), 0, true).await;
    let without = responses(&app).await;
    hide(&app, (owner, page), 0, false).await;
    // For days on which others have statistics, and days on which nobody else has any.
    load(&app, page, &[1, 3, 15, last_month(), last_month() + 2, month_before()], 990_077).await;
    let with = responses(&app).await;
    for (with, without) in with.iter().zip(&without) {
        assert_ne!(with, without, "the page counts");
    }
    for way in 0..6 {
        hide(&app, (owner, page), way, true).await;
        assert_eq!(responses(&app).await, without, "hidden in way {way}");
        is_sound(&app).await;
        hide(&app, (owner, page), way, false).await;
        assert_eq!(responses(&app).await, with, "shown again after way {way}");
        is_sound(&app).await;
    }
}

#[tokio::test]
async fn figures_that_come_while_their_page_is_hidden_count_from_when_it_is_shown() {
    let (app, _, page) = begun().await;
    load(&app, page, &[1, 3, 15], 5).await;
    load(&app, page, &[3, 5, last_month() + 2], 6).await;
    let with = responses(&app).await;
    let (app, owner, page) = begun().await;
    load(&app, page, &[1, 3, 15], 5).await;
    hide(&app, (owner, page), 3, true).await;
    let without = responses(&app).await;
    let changes = "{ changes(first: 100, filter: { kinds: [STATISTICS_RECORDED] }) { nodes { subjectId } } }";
    let changes_before = app.data(changes, json!({})).await;
    // New days, also one on which nobody has statistics, and corrections; twice.
    for _ in 0..2 {
        load(&app, page, &[3, 5, last_month() + 2], 6).await;
        assert_eq!(responses(&app).await, without);
        is_sound(&app).await;
    }
    assert_eq!(app.data(changes, json!({})).await, changes_before, "nobody gets changes of them");
    hide(&app, (owner, page), 3, false).await;
    assert_eq!(responses(&app).await, with, "as if it had never been hidden");
    is_sound(&app).await;
}

#[tokio::test]
async fn a_page_that_is_hidden_and_shown_in_one_write_counts_as_before() {
    let (app, _, page) = begun().await;
    load(&app, page, &[1, 3], 5).await;
    let before = responses(&app).await;
    app.registry
        .write(&Actor::Operator, move |change_set| {
            for lifecycle in [Lifecycle::Rejected, Lifecycle::Registered] {
                let mut known = Page::clone(change_set.snapshot().page(page).expect("the page"));
                known.lifecycle = lifecycle;
                change_set.upsert(known, None)?;
            }
            Ok(())
        })
        .await
        .expect("a write");
    assert_eq!(responses(&app).await, before);
    is_sound(&app).await;
}

#[tokio::test]
async fn a_server_that_learns_of_it_from_the_log_answers_anew() {
    let (app, owner, page) = begun().await;
    load(&app, page, &[1, 3, last_month()], 5).await;
    let other = registry::change_log::Registry::open(app.registry.database().clone())
        .await
        .expect("another server's registry");
    let follower = other.follow();
    let (version, seq) = (other.snapshot().visibility_version(), other.snapshot().seq());
    hide(&app, (owner, page), 3, true).await;
    assert!(other.reached(app.registry.snapshot().seq()).await, "it follows");
    assert_ne!(other.snapshot().visibility_version(), version, "what it computed of figures holds no longer");
    let dependencies = registry::snapshot::Dependencies {
        days: Some((NaiveDate::default(), day(30))),
        ..Default::default()
    };
    assert!(other.snapshot().last_change(&dependencies) > seq, "nor do cached responses");
    follower.abort();
}

#[tokio::test]
async fn a_database_whose_sums_have_figures_of_hidden_pages_is_mended_when_it_is_migrated() {
    let (mut app, owner, page) = begun().await;
    let second = old_page(&app, owner, "ok", "3").await;
    for page in [page, second] {
        load(&app, page, &[1, 3, 15, last_month()], 5).await;
    }
    // As before the sums considered visibility.
    let db = intruder(&app).await;
    for sql in [
        format!("UPDATE page SET lifecycle = 'PROPOSED' WHERE id = {page}"),
        format!("UPDATE organization SET status = 'WITHDRAWN' WHERE id = {owner}"),
        "DELETE FROM seaql_migrations WHERE version = 'm20261127_000009_hidden_figures'".to_owned(),
    ] {
        assert_eq!(db.execute_unprepared(&sql).await.expect("it is altered").rows_affected(), 1, "{sql}");
    }
    app.restart().await;
    let checked = statistics::check(app.registry.database(), app.registry.snapshot(), |_| ());
    assert_eq!(checked.await.expect("a check").faults.len(), 2, "sums of two months");
    assert_eq!(database::migrate(app.registry.database()).await.expect("it migrates"), 1);
    is_sound(&app).await;
}

#[tokio::test]
async fn caches_in_front_can_purge_sums_when_a_page_is_hidden() {
    let (app, _, _) = begun().await;
    let months = format!("from: \"{}\", to: \"{}\"", first_of_month(day(last_month())), day(last_month()));
    let query = format!(
        "{{ audience(groupBy: [MONTH], metric: VIEWS, period: {{ {months} }}) {{ groups {{ value }} }} }}"
    );
    let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let answer = app.get(&format!("/public/graphql?query={query}"), &[]).await;
    let keys: Vec<&str> = answer.header("surrogate-key").split(' ').collect();
    assert!(keys.contains(&"daily-statistics") && keys.contains(&"page"), "{keys:?}");
}
