//! Counts of the registry itself.

use chrono::{Duration, SubsecRound, Utc};
use entities::page::{Lifecycle, Mark, Widget};
use registry::change_log::Actor;
use registry::model::Figures;
use serde_json::json;

use super::harness::TestApp;

#[tokio::test]
async fn every_number_counts_what_its_name_means() {
    let app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    app.change_organization(school, |it| it.sector = Some("EDUCATION".into())).await;
    let territory = app.registry.snapshot().territory_by_code("ru-28").expect("a region").id;
    app.change_organization(school, move |it| it.territory_id = Some(territory)).await;
    let clinic = app.organization("clinic", "Clinic").await;
    // Last posts 3, 7, 20, 80 and 200 days ago, and one page that never posted.
    for (number, days) in [Some(3), Some(7), Some(20), Some(80), Some(200), None].into_iter().enumerate() {
        let page = app.page(school, "vk", &format!("page_{number}")).await;
        app.change_page(page, move |page, change_set| {
            page.registered_at = Some(change_set.now() - Duration::days(10 * number as i64));
            page.mark.state = if number < 3 { Mark::Confirmed } else { Mark::None };
            page.widget = [Widget::Correct, Widget::Missing, Widget::NotRequired][number % 3];
        })
        .await;
        let last_post_at = days.map(|days| Utc::now().trunc_subsecs(0) - Duration::days(days));
        app.registry
            .write(&Actor::Operator, move |change_set| {
                let recorded_at = change_set.now();
                Ok(change_set
                    .put_figures(page, Figures { subscribers: Some(10), last_post_at, recorded_at, seq: 0 }))
            })
            .await
            .expect("the figures are written");
    }
    let archived = app.page(clinic, "ok", "gone").await;
    app.change_page(archived, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let query = "query($filter: RegistryFilter, $by: [GroupDimension!]! = []) { registryStatistics(filter: $filter, groupBy: $by) {
        total { ...counts } groups { keys { dimension code } ...counts } } }
        fragment counts on RegistryCounts {
            organizations pages officialPages markedShare correctWidgetShare
            organizationsByStatus { status organizations } pagesByLifecycle { lifecycle pages }
            freshness { within7Days within30Days within90Days older never }
            week: change(days: 7) { pagesRegistered pagesArchived organizationsEntered organizationsEnded }
            month: change(days: 30) { days pagesRegistered }
        }";
    insta::assert_json_snapshot!("counts", app.data(query, json!({})).await);
    insta::assert_json_snapshot!(
        "counts_by_sector",
        app.data(query, json!({ "by": ["SECTOR", "PLATFORM"] })).await["registryStatistics"]["groups"]
    );
    let marked =
        app.data(query, json!({ "filter": { "marks": ["CONFIRMED"], "territories": ["ru-28"] } })).await;
    let total = &marked["registryStatistics"]["total"];
    assert_eq!(
        (&total["pages"], &total["organizations"]),
        (&json!(3), &json!(null)),
        "states of pages count no organizations"
    );
    // Statistics reach the page itself, and another process.
    let page = app
        .data(
            r#"{ page(url: "vk.com/page_0") { statistics { latest { subscribers lastPostAt } } } }"#,
            json!({}),
        )
        .await;
    assert_eq!(page["page"]["statistics"]["latest"]["subscribers"], 10);
}

#[tokio::test]
async fn too_many_dimensions_and_days_are_refused() {
    let app = TestApp::start().await;
    for query in [
        "{ registryStatistics(groupBy: [PLATFORM, MARK, WIDGET, LEVEL]) { seq } }",
        "{ registryStatistics { total { change(days: 0) { days } } } }",
        "{ registryStatistics { total { change(days: 1000) { days } } } }",
        "{ registryStatistics(filter: { subtreeOf: [\"nobody\"] }) { seq } }",
        "{ coverage(groupBy: [TERRITORY, KIND, LEVEL, BRANCH]) { seq } }",
    ] {
        let answer = app.ask(query, json!({})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{query}: {answer}");
    }
}
