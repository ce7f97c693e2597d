//! Backups: made while the registry is written to, restored elsewhere, and checked at both ends.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use registry::{
    change_log::{Actor, Registry, Verdict, breaks, prove, verify},
    model::Scope,
    view::{FeedScope, View, Viewer},
};
use sea_orm::ConnectionTrait;
use serde_json::json;
use tempfile::TempDir;

use super::{
    harness::{TestApp, behind::intruder, database::TestDatabase, program, seed},
    receipts::signer,
    statistics::{day, old_page, submit},
};

/// Writes until it is stopped, and returns the number of writes.
fn writing(registry: Registry, stop: Arc<AtomicBool>) -> tokio::task::JoinHandle<usize> {
    tokio::spawn(async move {
        let mut number = 0;
        while !stop.load(Ordering::Relaxed) {
            let code = format!("o-{number}");
            let write = registry.write(&Actor::Operator, move |change_set| {
                change_set.upsert(seed::organization(change_set, &code, &code), None)
            });
            write.await.expect("a write");
            number += 1;
        }
        number
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_under_writes_is_brought_back_whole_and_its_receipts_agree() {
    let app = TestApp::start().await;
    app.organization("first", "First").await;
    let before = app.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    let stop = Arc::new(AtomicBool::new(false));
    let writes = writing(app.registry.clone(), stop.clone());
    let (directory, url) = (TempDir::new().expect("a directory"), app.database.url.clone());
    let folder = directory.path().to_owned();
    let saved = tokio::task::spawn_blocking(move || program::run(&url, &folder, &["backup", "saved"]));
    let saved = saved.await.expect("the program ends");
    stop.store(true, Ordering::Relaxed);
    assert!(writes.await.expect("the writer ends") > 0);
    assert!(saved.status.success(), "{saved:?}");
    let stdout = String::from_utf8_lossy(&saved.stdout).into_owned();
    assert!(stdout.contains("Saved: saved") && stdout.contains("up to change"), "{stdout}");
    app.organization("after", "After").await;
    let after = app.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");

    let other = TestDatabase::empty().await;
    let restored = program::run(&other.url, directory.path(), &["restore", "saved"]);
    assert!(restored.status.success(), "{restored:?}");
    let registry = Registry::open(other.connect().await).await.expect("it opens");
    assert!(matches!(verify(&registry, |_| {}).await, Ok(Verdict::Sound { .. })));
    assert_eq!(prove(&registry, &before).await.expect("an answer"), None);
    assert!(matches!(prove(&registry, &after).await, Ok(Some(_))));
    let snapshot = registry.snapshot();
    let position = (snapshot.seq(), snapshot.hash().to_vec());
    let original =
        registry::change_log::hash_at(app.registry.database(), position.0).await.expect("an answer");
    assert_eq!(original, Some(position.1));
    let digest = async |app: &Registry| {
        let view = View::new(app.snapshot(), Viewer::Public);
        let digest = app.digest_at(&view, &FeedScope::default(), position.0, 50_000).await;
        digest.expect("a digest").expect("not too far")
    };
    assert_eq!(digest(&registry).await, digest(&app.registry).await);
    let noted = breaks(&registry.database().read).await.expect("breaks");
    assert_eq!(noted.iter().map(|it| it.common_seq).collect::<Vec<_>>(), [position.0]);

    assert_eq!(registry.last_common_seq(position.0 + 1).await.expect("an answer"), Some(position.0));
}

#[tokio::test]
async fn nothing_is_saved_over_a_file_or_restored_over_a_database() {
    let app = TestApp::start().await;
    let directory = TempDir::new().expect("a directory");
    let run = |url: &str, arguments: &[&str]| program::run(url, directory.path(), arguments);
    assert!(run(&app.database.url, &["backup", "saved"]).status.success());
    let repeated = program::error(&run(&app.database.url, &["backup", "saved"]));
    assert!(repeated.contains("saved exists already"), "{repeated}");
    let over = program::error(&run(&app.database.url, &["restore", "saved"]));
    assert!(over.contains("already"), "{over}");
    std::fs::write(directory.path().join("other"), "something else").expect("a file");
    let empty = TestDatabase::empty().await;
    let other = program::error(&run(&empty.url, &["restore", "other"]));
    assert!(other.contains("other is not a file of `registry backup`"), "{other}");
    if app.database.url.starts_with("sqlite:") {
        let foreign = directory.path().join("foreign");
        let file = sea_orm::Database::connect(format!("sqlite://{}?mode=rwc", foreign.display()))
            .await
            .expect("a file");
        sea_orm::ConnectionTrait::execute_unprepared(&file, "CREATE TABLE x (a)").await.expect("a table");
        file.close().await.expect("it closes");
        let foreign = program::error(&run(&empty.url, &["restore", "foreign"]));
        assert!(foreign.contains("foreign holds no registry"), "{foreign}");
        std::fs::remove_file(directory.path().join("foreign")).expect("it goes");
    }
    let nothing = program::error(&run(&empty.url, &["restore", "nothing"]));
    assert!(nothing.contains("cannot read nothing"), "{nothing}");
    let folder = program::error(&run(&app.database.url, &["backup", "no-such-folder/saved"]));
    assert!(folder.contains("cannot write no-such-folder/saved"), "{folder}");
    for (name, cut) in [("half", 2), ("most", 10)] {
        // A truncated file leaves nothing behind.
        let whole = std::fs::read(directory.path().join("saved")).expect("the file");
        std::fs::write(directory.path().join(name), &whole[..whole.len() - whole.len() / cut])
            .expect("a file");
        let target = TestDatabase::empty().await;
        assert!(!run(&target.url, &["restore", name]).status.success());
        let retried = run(&target.url, &["restore", "saved"]);
        assert!(retried.status.success(), "{retried:?}");
        std::fs::remove_file(directory.path().join(name)).expect("it goes");
    }
    let odd = "it's 100%41 ?.bak";
    let saved = run(&app.database.url, &["backup", odd]);
    assert!(saved.status.success(), "{saved:?}");
    let target = TestDatabase::empty().await;
    assert!(run(&target.url, &["restore", odd]).status.success());
    std::fs::remove_file(directory.path().join(odd)).expect("it goes");
    let files: Vec<_> = std::fs::read_dir(directory.path()).expect("the folder").collect();
    assert_eq!(files.len(), 2, "no half-made file: {files:?}");
}

#[tokio::test]
async fn a_database_that_was_restored_by_other_means_is_noted_and_checked() {
    let app = TestApp::start().await;
    for number in 0..4 {
        app.organization(&format!("o-{number}"), "Organization").await;
    }
    let directory = TempDir::new().expect("a directory");
    let window = async |after: &str| {
        let window =
            format!("{{ changes(first: 1{after}) {{ epoch nodes {{ seq }} pageInfo {{ endCursor }} }} }}");
        app.ask(&window, json!({})).await
    };
    let first = window("").await;
    let end = first["data"]["changes"]["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    let after = format!(", after: \"{end}\"");
    for _ in 0..3 {
        // Often enough that both are cached.
        assert_eq!(window("").await["data"], first["data"]);
        assert!(window(&after).await["errors"].is_null());
    }
    let unsaid = program::run(&app.database.url, directory.path(), &["restore"]);
    assert!(String::from_utf8_lossy(&unsaid.stderr).contains("FILE"), "{unsaid:?}");
    let noted = program::run(&app.database.url, directory.path(), &["restore", "--in-place"]);
    let following = app.registry.follow();
    while app.registry.snapshot().timeline().last_break == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    following.abort();
    assert_ne!(window("").await["data"]["changes"]["epoch"], first["data"]["changes"]["epoch"]);
    let answer = window(&after).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TIMELINE_CHANGED", "{answer}");
    assert!(noted.status.success(), "{noted:?}");
    let breaks = breaks(&app.registry.database().read).await.expect("breaks");
    // Others may have written since the restore, so the last common change must be given by the caller.
    assert_eq!(breaks.first().map(|it| it.common_seq), Some(0));
    // The position of this cursor is common: the log has its hash.
    assert_eq!(answer["errors"][0]["extensions"]["commonSeq"], 1, "{answer}");
    let seq = app.registry.snapshot().seq();
    let noted = |seq: i64| {
        let seq = seq.to_string();
        program::run(&app.database.url, directory.path(), &["restore", "--in-place", "--common-seq", &seq])
    };
    let beyond = program::error(&noted(seq + 1));
    assert!(beyond.contains(&format!("the log ends at change {seq}")), "{beyond}");
    assert!(noted(seq - 1).status.success());
    let breaks = registry::change_log::breaks(&app.registry.database().read).await.expect("breaks");
    assert_eq!(breaks.first().map(|it| it.common_seq), Some(seq - 1));
}

#[tokio::test]
async fn nothing_is_saved_whose_figures_were_altered_behind_the_log() {
    let app = TestApp::start().await;
    let key = app.key("sender", Scope::Statistics).await;
    let school = app.organization("school", "School").await;
    old_page(&app, school, "vk", "77").await;
    let row = json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "77" } }, "day": day(4), "views": 7 }]);
    submit(&app, &key, row).await;
    let directory = TempDir::new().expect("a directory");
    for sql in
        ["UPDATE page_statistics SET views = views + 1", "UPDATE audience_rollup SET pages = pages + 1"]
    {
        intruder(&app).await.execute_unprepared(sql).await.expect("the change behind the back");
        let saved = program::run(&app.database.url, directory.path(), &["backup", "saved"]);
        assert!(!saved.status.success(), "{sql}: {saved:?}");
        assert_eq!(std::fs::read_dir(directory.path()).expect("the folder").count(), 0, "{sql}");
        let back = sql.replace("+ 1", "- 1");
        intruder(&app).await.execute_unprepared(&back).await.expect("as it was");
    }
    let saved = program::run(&app.database.url, directory.path(), &["backup", "saved"]);
    assert!(saved.status.success(), "{saved:?}");
}

#[tokio::test]
async fn a_restore_that_was_killed_before_it_began_is_not_taken_for_one() {
    let directory = TempDir::new().expect("a directory");
    let empty = TestDatabase::empty().await;
    let noted = program::error(&program::run(&empty.url, directory.path(), &["restore", "--in-place"]));
    assert!(noted.contains("holds no registry") && noted.contains("registry restore FILE"), "{noted}");
}

/// The program, serving and ready.
fn served(url: &str, directory: &Path) -> Child {
    let mut command = program::command(url, directory);
    let command = command.args(["serve", "--listen", "127.0.0.1:0"]).env("LOG", "info");
    let mut server = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let stderr = BufReader::new(server.stderr.take().expect("its log"));
    let mut lines = stderr.lines().map_while(Result::ok);
    lines.find(|line| line.contains("serving")).expect("it serves");
    // A process that writes to a pipe blocks if nobody reads it.
    std::thread::spawn(move || lines.for_each(drop));
    server
}

#[tokio::test]
async fn what_took_the_place_of_a_served_file_is_left_as_it_is() {
    let app = TestApp::start().await;
    let Some(file) = app.database.url.strip_prefix("sqlite://").map(std::path::PathBuf::from) else { return };
    app.organization("first", "First").await;
    let directory = TempDir::new().expect("a directory");
    assert!(program::run(&app.database.url, directory.path(), &["backup", "saved"]).status.success());
    let mut server = served(&app.database.url, directory.path());
    let key = program::run(&app.database.url, directory.path(), &["keys", "create", "--name", "k"]);
    assert!(key.status.success(), "the write-ahead log has something: {key:?}");
    let new = directory.path().join("saved");
    let before = std::fs::read(&new).expect("the other file");
    std::fs::rename(&new, &file).expect("the file is replaced");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let checked_while_serving = program::run(&app.database.url, directory.path(), &["check"]);
    assert!(checked_while_serving.status.success(), "{checked_while_serving:?}");
    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(stopped.expect("it is asked to stop").success() && server.wait().expect("it stops").success());
    let checked = program::run(&app.database.url, directory.path(), &["check"]);
    assert!(checked.status.success(), "{checked:?}");
    assert!(std::fs::read(&file).expect("the file") == before, "not a byte is another");
}
