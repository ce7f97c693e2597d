//! Hidden records do not affect public responses.

use chrono::{NaiveDate, NaiveTime};
use entities::{organization::Status, page::Lifecycle};
use registry::{
    change_log::Actor,
    model::{Figures, Reach, Scope},
    statistics::{Figure, Sender, record},
};
use serde_json::json;

use super::harness::{TestApp, churn::generated, seed};

#[tokio::test]
async fn a_page_that_is_hidden_takes_nobody_s_place() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let old = app.page(owner, "vk", "gorod_tula").await;
    app.change_page(old, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let ask = "{ verifyPage(url: \"vk.com/gorod_tula\") { verdict page { title owner { code } } } }";
    let before = app.data(ask, json!({})).await;
    assert_eq!(before["verifyPage"]["verdict"], "ARCHIVED");
    let at = chrono::Utc::now();
    let other = app.organization("other", "Another").await;
    app.put(move |change_set| {
        let mut page = seed::page(change_set, other, "vk", None, Some("gorod_tula"));
        page.lifecycle = Lifecycle::Proposed;
        page
    })
    .await;
    assert_eq!(app.data(ask, json!({})).await, before, "a proposal changes nothing that everyone sees");
    let then = "query($at: DateTime!) { verifyPage(url: \"vk.com/gorod_tula\", asOf: $at) { verdict } }";
    for at in [at, chrono::Utc::now()] {
        let then = app.data(then, json!({ "at": at.to_rfc3339() })).await;
        assert_eq!(then["verifyPage"]["verdict"], "ARCHIVED");
    }
}

/// Public queries with every list, count, verdict, correction and score that hidden records might affect.
const QUESTIONS: [&str; 44] = [
    "{ pages(first: 100) { totalCount nodes { id url title handle nativeId lifecycle mark { state } owner { code name } coOwners { code } } pageInfo { endCursor hasNextPage } } }",
    "{ pages(first: 100, orderBy: { field: TITLE }) { nodes { title } } }",
    "{ institutions(first: 40) { totalCount nodes { id code name status pages(first: 5) { totalCount nodes { title } } } } }",
    "{ authorities(first: 60) { totalCount nodes { id code name children(first: 1) { totalCount } pages(first: 1) { totalCount } } } }",
    "{ regions { code name } }",
    "{ organizations(first: 60, filter: { obligations: [MISSING] }, orderBy: { field: NAME }) { totalCount nodes { id code kind } pageInfo { endCursor } } }",
    "{ organizations(filter: { name: \"ксенофонт\", updatedSince: \"2020-01-01T00:00:00Z\" }) { totalCount nodes { code } pageInfo { endCursor } } }",
    "{ pages(first: 100, filter: { title: \"ксенофонт\" }) { totalCount pageInfo { endCursor } } ours: pages(filter: { title: \"о\" }) { totalCount } }",
    "{ pages(filter: { nativeIds: [\"990070\", \"990071\"] }) { totalCount pageInfo { endCursor } } pagesByNativeIds(platformCode: \"vk\", nativeIds: [\"990070\"]) { id } }",
    "{ pages(filter: { subscribers: { from: 990000 } }) { totalCount } some: pages(filter: { subscribers: { from: 100 } }) { totalCount nodes { number } } }",
    "{ organizationsByCodes(codes: [\"xenophon\"]) { name } organization(code: \"xenophon\") { name } nodes(ids: [\"UGFnZTozMjA\"]) { id } }",
    "{ registryStatistics(filter: { notOnPlatforms: [\"vk\"] }, groupBy: [LEVEL]) { total { organizations pages } groups { keys { code } organizations } } }",
    "{ platforms { code name } }",
    "{ search(text: \"ксенофонтово\") { totalCount ignoredWords nodes { score matchedBy } } }",
    "{ search(text: \"ксенофонтова\") { totalCount ignoredWords nodes { score matchedBy } } }",
    "{ search(text: \"ksenofontovo\") { totalCount ignoredWords nodes { score } } }",
    "{ search(text: \"правительство\") { totalCount ignoredWords nodes { score item { ... on Authority { code } ... on Institution { code } ... on Page { title } } } } }",
    "{ search(text: \"школа\", first: 50) { totalCount ignoredWords nodes { score item { ... on Institution { code } ... on Page { title } } } } }",
    "{ search(text: \"школа ксенофонтово\", first: 50) { totalCount ignoredWords nodes { score } } }",
    "{ search(text: \"больница №1\", first: 50) { totalCount ignoredWords nodes { score } } }",
    "{ verifyPage(url: \"vk.com/ksenofontovo\") { verdict page { title } } }",
    "{ verifyPage(url: \"vk.com/ksenofontov0\") { verdict } }",
    "{ verifyPage(url: \"t.me/xenophon_school\") { verdict } }",
    "{ verifyPages(urls: [\"vk.com/club990077\", \"https://ok.ru/group/990077\"]) { verdict } }",
    "{ institution(code: \"xenophon\") { name } }",
    "{ registryStatistics(groupBy: [PLATFORM]) { total { organizations pages officialPages markedShare pagesByLifecycle { pages } organizationsByStatus { organizations } } groups { pages officialPages pagesByMark { pages } } } }",
    "{ coverage(groupBy: [KIND]) { total { obliged exempt covered ratio } groups { obliged covered } } }",
    "{ changes(first: 200, filter: { kinds: [REGISTERED] }) { nodes { subjectId kind reason } } }",
    "{ changes(first: 200, filter: { kinds: [STATISTICS_RECORDED] }) { nodes { kind subjectType subjectId reason } } }",
    "{ pages(first: 100, orderBy: { field: SUBSCRIBERS, direction: DESC }) { nodes { id statistics { latest { subscribers } } } } }",
    "{ pages(last: 50, orderBy: { field: LAST_POST_ON }) { nodes { id } pageInfo { startCursor endCursor hasPreviousPage hasNextPage } } }",
    "{ organizations(first: 50, orderBy: { field: AUDIENCE, direction: DESC }) { nodes { id } pageInfo { endCursor hasNextPage } } }",
    "{ organizations(last: 50, orderBy: { field: AUDIENCE }) { nodes { id } pageInfo { startCursor hasPreviousPage } } }",
    "{ organizations(first: 50, orderBy: { field: DAYS_OVERDUE, direction: DESC }) { nodes { id } pageInfo { endCursor } } }",
    "{ registryStatistics(groupBy: [PLATFORM]) { groups { freshness { within7Days never } } } }",
    "{ statisticsJumps(period: { from: \"2026-01-01\", to: \"2026-12-31\" }) { totalCount nodes { page { id } day } pageInfo { hasNextPage endCursor } } }",
    "{ territory(code: \"ru\") { statistics { latest { subscribersSum pagesCounted pagesMissing } } } }",
    "{ regions { code statistics { latest { subscribersSum pagesCounted pagesMissing } } } }",
    "{ registryDigest { pages { count digest } organizations { count digest } } }",
    "{ registryDigest(filter: { platforms: [\"vk\"], withOwners: true }) { pages { count digest } organizations { count digest } } }",
    "{ changes(first: 200, filter: { platforms: [\"vk\"], subjects: [PAGE], withOwners: true }) { nodes { seq subjectId kind isRemoval reason } } }",
    "{ audience(groupBy: [PLATFORM, DAY], metric: VIEWS, period: { from: \"2026-10-01\", to: \"2026-10-31\" }) { groups { from value pagesCounted pagesMissing } } }",
    "{ audience(groupBy: [KIND], metric: VIEWS, aggregation: MEDIAN, period: { from: \"2026-01-01\", to: \"2026-10-31\" }) { groups { value pagesCounted } } }",
    "{ territory(code: \"ru\") { statistics { series(period: { from: \"2026-01-01\", to: \"2026-10-31\" }, step: MONTH) { from viewsSum subscribersSum } } } }",
];

/// All public responses, as sent.
async fn seen(app: &TestApp) -> Vec<(String, String)> {
    app.search_is_ready().await;
    let mut seen = Vec::new();
    for question in QUESTIONS {
        let answer = app.post("/public/graphql", None, &json!({ "query": question })).await;
        seen.push((question.to_owned(), String::from_utf8(answer.body).expect("UTF-8")));
    }
    for list in [
        "pages.csv",
        "institutions.csv",
        "authorities.csv",
        "leaderboard.csv?metric=SUBSCRIBERS&from=2026-01-01&to=2026-10-31",
        "leaderboard.csv?metric=VIEWS&kind=ORGANIZATION&from=2026-01-01&to=2026-10-31",
        "audience.csv?metric=VIEWS&groupBy=PLATFORM,DAY&from=2026-10-01&to=2026-10-31",
        "audience.csv?metric=VIEWS&groupBy=KIND&aggregation=MEDIAN&from=2026-01-01&to=2026-10-31",
    ] {
        let file = app.get(&format!("/export/{list}"), &[]).await;
        assert_eq!(file.status, 200, "{list}");
        let text = String::from_utf8(file.body).expect("UTF-8");
        // The first row has the time of writing.
        let rows = text.split_once("\r\n").map_or("", |(_, rows)| rows);
        seen.push((list.to_owned(), rows.to_owned()));
    }
    seen
}

/// Adds records that only reviewers may see, beside and instead of public ones.
async fn hide(app: &TestApp) {
    let known: Vec<_> = app.registry.snapshot().pages().values().take(40).cloned().collect();
    let owner = known.first().expect("a page").owner_id;
    let proposed = app
        .registry
        .write(&Actor::Operator, move |change_set| {
            let mut hidden = seed::organization(change_set, "xenophon", "Ксенофонтово: школа и больница №1");
            hidden.status = Status::Draft;
            let hidden_id = hidden.id;
            change_set.upsert(hidden, None)?;
            let stages = [Lifecycle::Proposed, Lifecycle::UnderReview, Lifecycle::Rejected];
            for number in 0..60 {
                let handle = format!("ksenofontovo{number}");
                let by = if number % 2 == 0 { owner } else { hidden_id };
                let mut page =
                    seed::page(change_set, by, "vk", Some(&format!("99007{number}")), Some(&handle));
                page.title = format!("Ксенофонтово, школа и правительство {number}").into();
                page.lifecycle = stages[number % 3];
                page.registered_at = None;
                change_set.upsert(page, None)?;
            }
            let mut page = seed::page(change_set, owner, "vk", None, Some("ksenofontovo"));
            page.lifecycle = Lifecycle::Proposed;
            page.created_at = days().0.and_time(NaiveTime::MIN).and_utc();
            let proposed_id = page.id;
            change_set.upsert(page, None)?;
            let figures = Figures {
                subscribers: Some(990_077),
                last_post_at: None,
                recorded_at: change_set.now(),
                seq: 0,
            };
            change_set.put_figures(proposed_id, figures);
            // Instead of pages that are no longer live.
            for known in known.iter().filter(|page| !page.is_live()).take(5) {
                let mut page = registry::model::Page::clone(known);
                page.id = change_set.next_page_id();
                page.lifecycle = Lifecycle::Proposed;
                page.title = "Ксенофонтово".into();
                change_set.upsert(page, None)?;
            }
            Ok(proposed_id)
        })
        .await
        .expect("hidden records are written");
    let figure = |day| {
        let values = std::array::from_fn(|index| Some(990_077 + index as i64));
        Figure { page_id: Ok(proposed), day, values, last_post_at: None, recorded_at: None }
    };
    let figures = days().0.iter_days().take_while(|day| *day <= days().1).map(figure).collect();
    let sender =
        Sender { source: "a platform".into(), reach: Reach::default(), call: None, is_dry_run: false };
    record(&app.registry, Actor::Operator, sender, figures)
        .await
        .expect("figures of a proposed page are recorded");
}

/// Days with statistics.
fn days() -> (NaiveDate, NaiveDate) {
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).expect("a day");
    (day(9, 1), day(10, 31))
}

#[tokio::test]
async fn every_public_answer_is_the_same_with_hidden_records_as_without_them() {
    let app = generated(300).await;
    let before = seen(&app).await;
    let errors = before.iter().filter(|(_, answer)| answer.contains("\"errors\""));
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<&(String, String)>::new());
    hide(&app).await;
    for ((question, before), (_, after)) in before.iter().zip(seen(&app).await) {
        assert_eq!(*before, after, "{question}");
    }
    // Reviewers see them.
    let key = app.key("reviewer", Scope::Review).await;
    let ask = json!({ "query": "{ search(text: \"ксенофонтово\") { totalCount } }" });
    app.search_of_reviewers_is_ready().await;
    let answer = app.post("/graphql", Some(&key), &ask).await.json();
    let found = &answer["data"]["search"]["totalCount"];
    assert!(found.as_u64().is_some_and(|number| number > 50), "{found}");
}
