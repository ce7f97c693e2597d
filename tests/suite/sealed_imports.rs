//! Imports sealed in the log: alterations are reported, and honest imports cause no reports.

use entities::import_job::{self, State};
use registry::{
    change_log::{Actor, JobProgress, Verdict, verify},
    import::Kind,
    model::Scope,
};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::json;

use super::{
    harness::{TestApp, behind::intruder},
    import::Case,
    statistics::{day, old_page, submit},
};

const MAPPING: &str =
    "[organization]\ncode = \"id\"\nname = \"o\"\nterritory = \"t\"\n[[pages]]\nurl = \"u\"\n";
const FILE: &str = "id,o,t,u\na,Alpha,ru-28,vk.com/one\n";

/// Output of a check of the registry; `None` if all is sound.
async fn fault(app: &TestApp) -> Option<String> {
    match verify(&app.registry, |_| {}).await.expect("a verdict") {
        Verdict::Sound { .. } => None,
        other => Some(format!("{other:?}")),
    }
}

async fn alter(app: &TestApp, sql: &str) {
    intruder(app).await.execute_unprepared(sql).await.expect("the change behind the back");
}

/// An interrupted import, with or without a change before the interruption.
async fn interrupted(app: &TestApp, has_changes: bool) -> i64 {
    let finished = import_job::Entity::find().one(&app.registry.database().read).await.expect("an answer");
    let finished = finished.expect("an import");
    let id = finished.id + 1;
    let actor = Actor::import(&finished.source, id);
    app.registry
        .write(&actor, move |change_set| {
            let job = import_job::Model {
                id,
                fingerprint: "another".into(),
                state: State::Running,
                rows_done: 0,
                finished_at: None,
                first_seq: Some(change_set.snapshot().seq() + 1),
                last_seq: None,
                ..finished
            };
            change_set.note_progress(JobProgress { is_new: true, ..JobProgress::of(job) });
            Ok(())
        })
        .await
        .expect("it begins");
    if has_changes {
        let running = import_job::Entity::find_by_id(id).one(&app.registry.database().read).await;
        let running = running.expect("an answer").expect("the import");
        app.registry
            .write(&actor, move |change_set| {
                let (_, page) = change_set.snapshot().pages().get_max().expect("a page");
                let page =
                    registry::model::Page { title: "Another".into(), ..registry::model::Page::clone(page) };
                change_set.upsert(page, None)?;
                change_set.note_progress(JobProgress::of(import_job::Model { rows_done: 1, ..running }));
                Ok(())
            })
            .await
            .expect("it goes on");
    }
    id
}

#[tokio::test]
async fn an_import_that_changes_nothing_is_sound_whatever_is_written_next() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "77").await;
    let case = Case::new("p.csv", FILE, MAPPING);
    case.run(&app, Kind::Pages).await;
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "importing the same again makes the log no longer");
    assert_eq!(fault(&app).await, None, "nothing was written since");
    submit(&app, &key, json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "77" } }, "day": day(2), "views": 7 }])).await;
    assert_eq!(fault(&app).await, None, "figures seal it as any change does");
    alter(&app, "UPDATE import_job SET source = 'somebody else' WHERE id = 2").await;
    assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 2")));
}

#[tokio::test]
async fn an_import_that_was_interrupted_is_sound_whatever_others_write() {
    for has_changes in [false, true] {
        let app = TestApp::start().await;
        Case::new("p.csv", FILE, MAPPING).run(&app, Kind::Pages).await;
        interrupted(&app, has_changes).await;
        assert_eq!(fault(&app).await, None);
        app.organization("other", "Other").await;
        assert_eq!(fault(&app).await, None);
    }
}

#[tokio::test]
async fn an_unfinished_import_that_has_changed_something_cannot_be_altered_or_removed() {
    for sql in [
        "UPDATE import_job SET source = 'somebody else' WHERE id = 2",
        "UPDATE import_job SET file_name = 'other.csv' WHERE id = 2",
        "UPDATE import_job SET state = 'HELD', finished_at = started_at WHERE id = 2",
        "UPDATE import_job SET first_seq = first_seq + 1000 WHERE id = 2",
        "DELETE FROM import_job WHERE id = 2",
    ] {
        let app = TestApp::start().await;
        Case::new("p.csv", FILE, MAPPING).run(&app, Kind::Pages).await;
        interrupted(&app, true).await;
        alter(&app, sql).await;
        assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 2")), "{sql}");
        app.organization("other", "Other").await;
        assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 2")), "{sql}");
    }
}

#[tokio::test]
async fn an_invented_import_is_reported_also_where_there_was_none() {
    let app = TestApp::start().await;
    app.organization("one", "One").await;
    alter(
        &app,
        "INSERT INTO import_job (id, fingerprint, source, file_name, kind, state, counts, rows_done, started_at, finished_at) \
         VALUES (1, 'x', 'evil', 'forged.csv', 'pages', 'DONE', '{}', 5, '2020-11-26T10:00:00+00:00', '2020-11-26T10:00:00+00:00')",
    )
    .await;
    assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 1")));
    app.organization("two", "Two").await;
    assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 1")), "no later write seals it");
}

#[tokio::test]
async fn an_invented_import_that_claims_changes_is_reported_and_never_sealed() {
    let app = TestApp::start().await;
    Case::new("p.csv", FILE, MAPPING).run(&app, Kind::Pages).await;
    for first_seq in ["NULL", "(SELECT max(seq) + 1 FROM change)"] {
        let now = chrono::Utc::now().to_rfc3339();
        alter(
            &app,
            &format!(
                "INSERT INTO import_job (id, fingerprint, source, file_name, kind, state, counts, rows_done, started_at, finished_at, first_seq) \
                 SELECT 77, 'x', 'evil', 'evil.csv', kind, state, counts, rows_done, '{now}', '{now}', {first_seq} FROM import_job"
            ),
        )
        .await;
        assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 77")), "{first_seq}");
        app.organization(&format!("o{}", first_seq.len()), "Other").await;
        assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 77")), "{first_seq}");
        alter(&app, "DELETE FROM import_job WHERE id = 77").await;
        assert_eq!(fault(&app).await, None);
    }
}

#[tokio::test]
async fn an_import_that_was_altered_or_removed_is_sealed_by_no_honest_one() {
    let app = TestApp::start().await;
    Case::new("p.csv", FILE, MAPPING).run(&app, Kind::Pages).await;
    alter(&app, "UPDATE import_job SET file_name = 'another.csv'").await;
    let undone = registry::import::undo(&app.registry, 1).await.expect_err("it is not undone");
    assert!(undone.to_string().contains("import 1 differs from its state in the change log"), "{undone:#}");
    assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 1")));
    alter(&app, "DELETE FROM import_job").await;
    let next = Case::new("q.csv", FILE.replace("Alpha", "Beta"), MAPPING).run(&app, Kind::Pages).await;
    assert_eq!(next.job_id, Some(2), "its number is not given out again");
    assert!(fault(&app).await.is_some_and(|fault| fault.contains("import 1")));
}
