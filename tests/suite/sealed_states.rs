//! Subjects sealed in the log: an honest change never seals an alteration of the same subject outside the log.

use registry::change_log::Actor;
use registry::model::{Alias, Organization, Page};
use sea_orm::ConnectionTrait;

use super::harness::{TestApp, behind::intruder, seed};

/// Alters the registry outside the log, restarts, and returns why an honest change of page and owner is refused.
async fn write_error(sql: &str) -> String {
    let mut app = TestApp::start().await;
    let school = app.organization("school", "School").await;
    let page = app.page(school, "vk", "77").await;
    app.change_page(page, |page, change_set| {
        let alias = Alias {
            handle: "old".into(),
            kind: entities::page_alias::Kind::Former,
            since: None,
            until: Some(change_set.now()),
        };
        page.aliases.push(alias);
    })
    .await;
    let altered = intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
    assert_eq!(altered.rows_affected(), 1, "{sql}");
    app.restart().await;
    let seq = app.registry.snapshot().seq();
    let written = app.registry.write(&Actor::Operator, move |change_set| {
        let owner = change_set.snapshot().organization(school).cloned();
        let owner =
            owner.map_or_else(|| seed::organization(change_set, "new", "New"), |it| Organization::clone(&it));
        change_set.upsert(Organization { website: Some("https://school.example".into()), ..owner }, None)?;
        let known = change_set.snapshot().page(page).cloned();
        let page =
            known.map_or_else(|| seed::page(change_set, 1, "vk", Some("78"), None), |it| Page::clone(&it));
        change_set.upsert(Page { office_title: Some("Head".into()), ..page }, None)
    });
    let error = written.await.expect_err(sql).to_string();
    assert_eq!(app.registry.snapshot().seq(), seq, "{sql}: nothing was written");
    error
}

#[tokio::test]
async fn states_that_were_altered_behind_the_log_are_sealed_by_no_honest_change() {
    let cases = [
        ("UPDATE page SET title = 'Another' WHERE id = 1", "Page 1"),
        ("UPDATE page_alias SET handle = 'another'", "Page 1"),
        // The next page would get its id.
        ("DELETE FROM page", "Page 1"),
        ("UPDATE organization SET name = 'Another' WHERE id = 1", "Organization 1"),
        ("UPDATE organization SET created_at = '2020-01-01T00:00:00+00:00' WHERE id = 1", "Organization 1"),
        ("INSERT INTO page_co_owner (page_id, organization_id) VALUES (1, 1)", "Page 1"),
    ];
    for (sql, subject) in cases {
        let error = write_error(sql).await;
        assert!(
            error.starts_with(&format!("{subject} differs from its state in the change log")),
            "{sql}: {error}"
        );
    }
}

#[tokio::test]
async fn what_follows_from_an_owner_that_was_altered_behind_the_log_is_sealed_by_no_change_of_its_page() {
    for sql in [
        "UPDATE organization SET status = 'LIQUIDATED' WHERE id = 1",
        "UPDATE organization SET territory_id = (SELECT max(id) FROM territory) WHERE id = 1",
    ] {
        let mut app = TestApp::start().await;
        let school = app.organization("school", "School").await;
        let page = app.page(school, "vk", "77").await;
        let altered = intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
        assert_eq!(altered.rows_affected(), 1, "{sql}");
        app.restart().await;
        let seq = app.registry.snapshot().seq();
        let written = app.registry.write(&Actor::Operator, move |change_set| {
            let page = change_set.snapshot().page(page).map(|page| Page::clone(page)).expect("the page");
            change_set.upsert(Page { office_title: Some("Head".into()), ..page }, None)
        });
        let error = written.await.expect_err(sql).to_string();
        assert!(
            error.starts_with("Organization 1 differs from its state in the change log"),
            "{sql}: {error}"
        );
        assert_eq!(app.registry.snapshot().seq(), seq, "{sql}: nothing was written");
    }
}
