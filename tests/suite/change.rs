//! Change log: complete, in order, and followed by every process.

use std::time::{Duration, Instant};

use entities::{change, page::Lifecycle};
use registry::{
    change_log::{Actor, Registry, Verdict, verify},
    model::Record,
    snapshot::{self},
};
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, TransactionTrait};

use super::harness::{TestApp, seed};

#[tokio::test]
async fn every_write_is_in_the_log_and_the_tables_agree_with_it() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let page = app.page(owner, "vk", "gorod").await;
    app.change_page(page, |page, change_set| page.rename(Some("gorod_tula".into()), change_set.now())).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Compromised).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Registered).await;
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::Archived).await;
    let log = change::Entity::find().order_by_asc(change::Column::Seq);
    let log = log.all(&app.registry.database().read).await.expect("the log");
    let seqs: Vec<_> = log.iter().map(|change| change.seq).collect();
    assert_eq!(seqs, (1..=log.len() as i64).collect::<Vec<_>>(), "in order, without gaps");
    let kinds: Vec<_> = log[log.len() - 6..].iter().map(|change| format!("{:?}", change.kind)).collect();
    assert_eq!(kinds, ["Created", "Registered", "Renamed", "Compromised", "Restored", "Archived"]);
    assert_eq!(
        verify(&app.registry, |_| {}).await.expect("a verdict"),
        Verdict::Sound { changes: log.len() as i64 }
    );
}

#[tokio::test]
async fn a_write_that_changes_nothing_is_no_change() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let seq = app.registry.snapshot().seq();
    app.change_organization(owner, |_| {}).await;
    assert_eq!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn a_write_that_fails_leaves_nothing() {
    let app = TestApp::start().await;
    let seq = app.registry.snapshot().seq();
    let failed: Result<(), _> = app
        .registry
        .write(&Actor::Operator, |change_set| {
            change_set.upsert(seed::organization(change_set, "o", "City"), None)?;
            anyhow::bail!("a rule refused")
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(app.registry.snapshot().seq(), seq);
    assert!(app.registry.snapshot().organization_by_code("o").is_none());
    app.organization("o", "City").await;
    assert_eq!(app.registry.snapshot().seq(), seq + 1);
}

#[tokio::test]
async fn handles_can_change_hands_in_one_write() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let (first, second) = (app.page(owner, "vk", "alpha").await, app.page(owner, "vk", "beta").await);
    app.registry
        .write(&Actor::Operator, move |change_set| {
            for (id, handle) in [(first, "beta"), (second, "alpha")] {
                let mut page =
                    registry::model::Page::clone(change_set.snapshot().page(id).expect("the page"));
                page.rename(Some(handle.into()), change_set.now());
                change_set.upsert(page, Some("they swapped"))?;
            }
            Ok(())
        })
        .await
        .expect("the handles are swapped");
    assert!(matches!(verify(&app.registry, |_| {}).await, Ok(Verdict::Sound { .. })));
}

#[tokio::test]
async fn the_database_itself_refuses_two_live_pages_with_one_handle() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod").await;
    let twice = app
        .registry
        .write(&Actor::Operator, move |change_set| {
            change_set.upsert(seed::page(change_set, owner, "vk", None, Some("gorod")), None)
        })
        .await;
    assert!(twice.is_err());
    let archived = app
        .registry
        .write(&Actor::Operator, move |change_set| {
            let mut page = seed::page(change_set, owner, "vk", None, Some("gorod"));
            page.lifecycle = Lifecycle::Archived;
            change_set.upsert(page, None)
        })
        .await;
    assert!(archived.is_ok(), "pages no longer live may share it");
}

#[tokio::test]
async fn loading_the_tables_and_replaying_the_log_give_one_state() {
    let app = TestApp::start().await;
    registry::demo::generate(&app.registry, registry::demo::Scale::Pages(300), 3, |_| {})
        .await
        .expect("a registry");
    let loaded = snapshot::load(app.registry.database()).await.expect("the tables are loaded");
    assert_eq!(app.registry.snapshot().first_difference(&loaded), None);
    assert_eq!(app.registry.snapshot().seq(), loaded.seq());
    let log = change::Entity::find().order_by_asc(change::Column::Seq);
    let mut replayed = snapshot::Snapshot::default();
    for change in log.all(&app.registry.database().read).await.expect("the log") {
        replayed
            .apply(Record::parse(change.subject_type, &change.after).expect("a state"))
            .expect("it applies");
    }
    assert_eq!(replayed.first_difference(&loaded), None);
}

#[tokio::test]
async fn an_altered_log_or_table_is_found() {
    for (sql, expected) in [
        ("UPDATE change SET reason = 'another' WHERE seq = 30", "Broken { seq: 30 }"),
        ("UPDATE change SET after = '{}' WHERE seq = 30", "Broken { seq: 30 }"),
        ("DELETE FROM change WHERE seq = 30", "Broken { seq: 31 }"),
        ("UPDATE organization SET name = 'Another' WHERE id = 1", "Differs { subject: \"Organization 1\" }"),
    ] {
        let app = TestApp::start().await;
        app.organization("o", "City").await;
        app.registry.database().read.execute_unprepared(sql).await.expect("the change behind the back");
        assert_eq!(
            format!("{:?}", verify(&app.registry, |_| {}).await.expect("a verdict")),
            expected,
            "{sql}"
        );
    }
}

#[tokio::test]
async fn two_processes_see_each_others_writes_within_a_second() {
    let app = TestApp::start().await;
    let other = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let following = [app.registry.follow(), other.follow()];
    // Before both listen, only polling would wake them.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for (number, (writer, reader)) in
        [(&app.registry, &other), (&other, &app.registry)].into_iter().enumerate()
    {
        let code = format!("o{number}");
        let seq = {
            let code = code.clone();
            writer
                .write(&Actor::Operator, move |change_set| {
                    change_set.upsert(seed::organization(change_set, &code, "City"), None)
                })
                .await
                .expect("the write");
            writer.snapshot().seq()
        };
        let written = Instant::now();
        // Generous, so that a busy machine does not fail the test; the benchmark checks the real bound.
        tokio::time::timeout(Duration::from_secs(5), reader.reached(seq))
            .await
            .expect("the other process follows");
        assert!(reader.snapshot().organization_by_code(&code).is_some(), "{:?}", written.elapsed());
    }
    following.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn writers_of_two_processes_take_turns_and_lose_nothing() {
    let app = TestApp::start().await;
    let other = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let begun = app.registry.snapshot().seq();
    let writes = (0..20).map(|number| {
        let registry = if number % 2 == 0 { app.registry.clone() } else { other.clone() };
        tokio::spawn(async move {
            let code = format!("o{number}");
            registry
                .write(&Actor::Operator, move |change_set| {
                    change_set.upsert(seed::organization(change_set, &code, "City"), None)
                })
                .await
        })
    });
    for write in writes.collect::<Vec<_>>() {
        write.await.expect("no panic").expect("the write");
    }
    let reopened = Registry::open(app.database.connect().await).await.expect("the registry opens");
    assert_eq!(reopened.snapshot().seq(), begun + 20);
    assert!(matches!(verify(&reopened, |_| {}).await, Ok(Verdict::Sound { .. })));
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_no_half_written_transaction() {
    let app = TestApp::start().await;
    for number in 0..30 {
        let registry = app.registry.clone();
        let write = async move {
            let code = format!("o{number}");
            registry
                .write(&Actor::Operator, move |change_set| {
                    change_set.upsert(seed::organization(change_set, &code, "City"), None)
                })
                .await
        };
        // A client's disconnect can drop the handler at any point, even during BEGIN.
        let _ = tokio::time::timeout(Duration::from_micros(number * 150), write).await;
    }
    app.organization("last", "City").await;
    assert!(matches!(verify(&app.registry, |_| {}).await, Ok(Verdict::Sound { .. })));
    let probe =
        app.registry.database().read.begin().await.expect("a connection that is not inside a transaction");
    probe.commit().await.expect("it ends");
}

#[tokio::test]
async fn a_lost_database_does_not_stop_the_readers() {
    let app = TestApp::start().await;
    app.organization("o", "City").await;
    app.registry
        .database()
        .read
        .execute_unprepared("ALTER TABLE change RENAME TO gone")
        .await
        .expect("the log is away");
    let found = app.data(r#"{ institution(code: "o") { name } }"#, serde_json::json!({})).await;
    assert_eq!(found["institution"]["name"], "City");
    let write = app
        .registry
        .write(&Actor::Operator, |change_set| {
            change_set.upsert(seed::organization(change_set, "p", "P"), None)
        })
        .await;
    assert!(write.is_err());
}
