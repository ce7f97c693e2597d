//! Expiry of marks after their last day.

use chrono::{DateTime, Days, NaiveDate, Utc};
use entities::{change, page::Mark};
use futures_util::future::join;
use registry::{
    change_log::{Actor, Registry},
    mark,
    model::{MarkState, Page, Scope},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::{confirm, confirmation, is_sound, key, school, state};
use crate::suite::harness::{TestApp, seed};

/// The changes of a page's mark.
async fn mark_changes(app: &TestApp) -> Vec<change::Model> {
    let changes = change::Entity::find().filter(change::Column::Kind.eq(change::Kind::MarkChanged));
    let changes = changes.order_by_asc(change::Column::Seq);
    changes.all(&app.registry.database().read).await.expect("the log")
}

/// Three days from now: whatever ends by tomorrow is over, also if midnight passes meanwhile.
fn later() -> DateTime<Utc> {
    Utc::now() + Days::new(3)
}

/// A last day that does not end during a test.
fn tomorrow(app: &TestApp) -> NaiveDate {
    app.registry.snapshot().time_zone().today() + Days::new(1)
}

#[tokio::test]
async fn a_confirmed_mark_expires_after_its_last_day_by_a_change_of_the_registry() {
    let app = TestApp::start().await;
    school(&app, "ru-28", "77").await;
    school(&app, "ru-28", "78").await;
    let operator = key(&app, "operator", &[Scope::Write], None).await;
    let last_day = tomorrow(&app);
    confirm(&app, &operator, "77", Some(last_day)).await;
    confirm(&app, &operator, "78", None).await;
    assert_eq!(
        mark::expire(&app.registry, Utc::now()).await.expect("expiry"),
        0,
        "valid before the end of its last day"
    );
    assert_eq!(mark::expire(&app.registry, later()).await.expect("expiry"), 1);
    assert_eq!(mark::expire(&app.registry, later()).await.expect("expiry"), 0);
    let last = mark_changes(&app).await.pop().expect("a change");
    assert_eq!(last.actor, "registry");
    assert_eq!(last.reason, Some(format!("the last day of the mark was {last_day}")));
    let query = "{ pages { nodes { nativeId mark { state method expiresOn } } } }";
    let expected = json!([
        { "nativeId": "77", "mark": { "state": "EXPIRED", "method": "gosuslugi", "expiresOn": last_day } },
        { "nativeId": "78", "mark": { "state": "CONFIRMED", "method": "gosuslugi", "expiresOn": null } },
    ]);
    assert_eq!(app.data(query, json!({})).await["pages"]["nodes"], expected);
    is_sound(&app);
    assert_eq!(
        state(&app, &operator, "markConfirm", confirmation("77", None)).await,
        "ILLEGAL_TRANSITION",
        "a mark that has expired is requested anew"
    );
}

#[tokio::test]
async fn a_renewed_mark_does_not_expire_on_its_former_last_day() {
    let app = TestApp::start().await;
    school(&app, "ru-28", "77").await;
    let operator = key(&app, "operator", &[Scope::Write], None).await;
    let last_day = tomorrow(&app);
    confirm(&app, &operator, "77", Some(last_day)).await;
    let renewed = confirmation("77", Some(last_day + Days::new(30)));
    assert_eq!(state(&app, &operator, "markConfirm", renewed).await, "CONFIRMED");
    assert_eq!(mark::expire(&app.registry, later()).await.expect("expiry"), 0);
}

#[tokio::test]
async fn two_servers_let_a_mark_expire_once() {
    let app = TestApp::start().await;
    school(&app, "ru-28", "77").await;
    let operator = key(&app, "operator", &[Scope::Write], None).await;
    confirm(&app, &operator, "77", Some(tomorrow(&app))).await;
    let other = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let before = mark_changes(&app).await.len();
    let (one, two) = join(mark::expire(&app.registry, later()), mark::expire(&other, later())).await;
    assert_eq!(one.expect("expiry") + two.expect("expiry"), 1);
    assert_eq!(mark_changes(&app).await.len(), before + 1, "one change");
}

#[tokio::test]
async fn more_marks_expire_than_one_write_takes() {
    const PAGES: i64 = 1_010;
    let app = TestApp::start().await;
    let owner = app.organization("school", "School").await;
    let today = app.registry.snapshot().time_zone().today();
    let written = app.registry.write(&Actor::Operator, move |change_set| {
        for number in 1..=PAGES {
            let page = seed::page(change_set, owner, "vk", Some(&number.to_string()), None);
            let (method, at) = (Some("gosuslugi".into()), Some(change_set.now()));
            let mark = MarkState { state: Mark::Confirmed, method, at, expires_on: Some(today) };
            change_set.upsert(Page { mark, ..page }, None)?;
        }
        Ok(())
    });
    written.await.expect("the pages are written");
    let expired = mark::expire(&app.registry, later()).await.expect("expiry");
    assert_eq!(i64::try_from(expired), Ok(PAGES));
    is_sound(&app);
}
