//! Command line: clear errors, restarts after a kill.

use std::{net::TcpListener, path::Path, process::Stdio, time::Duration};

use api::graphql::schema::Contract;
use migrations::MigratorTrait;
use registry::{change_log::Registry, database, import::jobs, snapshot::Snapshot};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use super::{
    harness::{TestApp, database::TestDatabase, program},
    statistics::{day, old_page},
};

const MAPPING: &str = "[organization]\nname = \"o\"\n[[pages]]\nurl = \"u\"\ntitle = \"t\"\n";

fn write_import(directory: &Path, rows: usize) {
    let rows = (0..rows).map(|n| format!("Office {},vk.com/page_{n},Page {n}\n", n % 97));
    std::fs::write(directory.join("pages.csv"), format!("o,u,t\n{}", rows.collect::<String>()))
        .expect("a file");
    std::fs::write(directory.join("map.toml"), MAPPING).expect("a mapping");
}

const IMPORT: [&str; 8] =
    ["import", "pages.csv", "--kind", "pages", "--mapping", "map.toml", "--source", "test"];

#[tokio::test]
async fn a_new_registry_is_made_filled_and_checked_from_the_command_line() {
    let database = TestDatabase::empty().await;
    let directory = TempDir::new().expect("a directory");
    let run = |arguments: &[&str]| {
        let output = program::run(&database.url, directory.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let early = program::run(&database.url, directory.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(program::error(&early).contains("registry migrate"));
    assert!(run(&["migrate", "--pack", "ru"]).contains("pack ru"));
    let again = run(&["migrate"]);
    assert!(again.starts_with("0 migrations applied.") && again.contains("0 new or changed"), "{again}");
    assert_eq!(again.matches("pack world: ").count(), 1, "it is also part of the other pack: {again}");
    write_import(directory.path(), 250);
    let printed = run(&IMPORT);
    assert!(printed.contains("pages: 250 created, 0 updated, 0 unchanged, 0 removed."), "{printed}");
    assert!(printed.contains("`registry import undo 1` undoes it"), "{printed}");
    let printed = run(&IMPORT);
    assert!(printed.contains("pages: 0 created, 0 updated, 250 unchanged, 0 removed."), "{printed}");
    assert!(printed.contains("it changed no record") && !printed.contains("undoes it"), "{printed}");
    assert!(run(&["keys", "list"]).starts_with("There are no keys yet"));
    let key = run(&["keys", "create", "--name", "dashboard"]);
    assert!(key.starts_with("reg_"), "{key}");
    let begin = "name\tscopes\tkey\tstate\tlast used\tonly for\ndashboard\tregistry:read\t1 ";
    assert!(run(&["keys", "list"]).starts_with(&format!("{begin}{}\tsince", &key[..8])));
    let useless = ["keys", "create", "--name", "vk", "--scope", "read", "--platform", "vk"];
    let message = program::error(&program::run(&database.url, directory.path(), &useless));
    assert!(message.contains("`statistics:write`") && !run(&["keys", "list"]).contains("vk"), "{message}");
    assert!(run(&["keys", "revoke", "dashboard"]).starts_with("Revoked"));
    assert!(run(&["keys", "revoke", "dashboard"]).starts_with("The client was revoked on"));
    assert!(run(&["keys", "list"]).contains("revoked"));
    assert!(run(&["check"]).starts_with("Sound:"));
    if let Some(file) = database.url.strip_prefix("sqlite://") {
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(file).expect("the file").permissions(),
        );
        assert_eq!(mode & 0o777, 0o600, "it holds hashes of keys");
        // A copy of the file has the whole registry.
        let copy = directory.path().join("copy.sqlite");
        std::fs::copy(file.split('?').next().unwrap_or_default(), &copy).expect("a copy");
        let copied = program::run(&format!("sqlite://{}", copy.display()), directory.path(), &["check"]);
        assert!(String::from_utf8_lossy(&copied.stdout).starts_with("Sound:"), "{copied:?}");
    }
    assert_eq!(run(&["schema"]), Contract::Partner.sdl());
    assert_eq!(run(&["schema", "--for", "public"]), Contract::Public.sdl());
    assert_eq!(run(&["schema", "--for", "subgraph"]), Contract::Subgraph.sdl());
}

#[tokio::test]
async fn a_killed_import_is_completed_by_running_it_again() {
    let rows = 6_000;
    let clean = imported(rows, None).await;
    for kill_after in [30, 120, 250, 450] {
        let rerun = imported(rows, Some(Duration::from_millis(kill_after))).await;
        assert_eq!(rerun, clean, "killed after {kill_after} ms");
    }
}

/// Contents of a registry after an import, without times of writing.
async fn imported(rows: usize, kill_after: Option<Duration>) -> String {
    let app = TestApp::start().await;
    let directory = TempDir::new().expect("a directory");
    write_import(directory.path(), rows);
    if let Some(kill_after) = kill_after {
        let mut import = program::command(&app.database.url, directory.path());
        let mut import =
            import.args(IMPORT).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        tokio::time::sleep(kill_after).await;
        import.kill().expect("it is killed");
        import.wait().expect("it ends");
    }
    let output = program::run(&app.database.url, directory.path(), &IMPORT);
    assert!(output.status.success(), "{output:?}");
    let check = program::run(&app.database.url, directory.path(), &["check"]);
    assert!(check.status.success(), "{check:?}");
    let registry = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let first = jobs::find(registry.database(), 1).await.expect("the import");
    format!("{}\n{}", content(&registry.snapshot()), first.counts)
}

fn content(snapshot: &Snapshot) -> String {
    let organizations =
        snapshot.organizations().values().map(|it| format!("{} {} {}\n", it.id, it.code, it.name));
    let pages = snapshot.pages().values();
    let pages = pages
        .map(|it| format!("{} {:?} {} {} {:?}\n", it.id, it.handle, it.title, it.owner_id, it.lifecycle));
    organizations.chain(pages).chain([format!("seq {}", snapshot.seq())]).collect()
}

#[tokio::test]
async fn a_held_import_and_an_undo_say_what_applies_to_them() {
    let app = TestApp::start().await;
    let directory = TempDir::new().expect("a directory");
    let run = |arguments: &[&str]| program::run(&app.database.url, directory.path(), arguments);
    write_import(directory.path(), 100);
    assert!(run(&IMPORT).status.success());
    write_import(directory.path(), 90);
    let full: Vec<&str> = IMPORT.into_iter().chain(["--full"]).collect();
    let message = program::error(&run(&full));
    assert!(message.contains("lacks 10 of the 100 records of the source test, more than 5 %;"), "{message}");
    let undone = run(&["import", "undo", "1"]);
    let printed = String::from_utf8_lossy(&undone.stdout).into_owned();
    assert!(printed.contains("197 withdrawn") && !printed.contains("tatistics"), "{printed}");
    let message = program::error(&run(&["import", "undo", "1"]));
    assert!(message.ends_with("import 1 is already undone."), "{message}");
}

#[tokio::test]
async fn errors_are_printed_in_one_line() {
    let app = TestApp::start().await;
    let url = app.database.url.clone();
    let directory = TempDir::new().expect("a directory");
    let error =
        |url: &str, arguments: &[&str]| program::error(&program::run(url, directory.path(), arguments));

    let message = error("mysql://localhost/registry", &["check"]);
    assert!(message.contains("DATABASE_URL must begin with"), "{message}");
    let message = error("sqlite:///nowhere/at/all.sqlite", &["check"]);
    assert!(message.contains("there is no database"), "{message}");
    let message = error("postgres://nobody:secret@127.0.0.1:1/registry", &["check"]);
    assert!(message.contains("cannot open the database") && !message.contains("secret"), "{message}");

    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let message = error(&url, &["serve", "--listen", &address]);
    assert!(message.contains(&address) && message.contains("LISTEN"), "{message}");

    write_import(directory.path(), 3);
    std::fs::write(directory.path().join("map.toml"), "[organization]\nname = 7\n").expect("a mapping");
    let message = error(&url, &IMPORT);
    assert!(message.contains("map.toml") && message.contains("line 2"), "{message}");
    let message =
        error(&url, &["import", "nothing.csv", "--kind", "pages", "--mapping", "map.toml", "--source", "x"]);
    assert!(message.contains("error:"), "{message}");
}

#[tokio::test]
async fn a_check_prints_what_the_log_has_of_an_altered_record() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    let page = app.page(school, "vk", "1").await;
    let alter = format!("UPDATE page SET title = 'altered' WHERE id = {page}");
    app.registry.database().read.execute_unprepared(&alter).await.expect("the change behind the back");
    let directory = TempDir::new().expect("a directory");
    let message = program::error(&program::run(&app.database.url, directory.path(), &["check"]));
    assert!(message.contains(&format!("subject_type = 'PAGE' AND subject_id = {page}")), "{message}");
    assert!(message.contains("docs/operations.md"), "{message}");
}

#[tokio::test]
async fn words_of_libraries_are_not_shown_to_whoever_sets_something_wrong() {
    let app = TestApp::start().await;
    let directory = TempDir::new().expect("a directory");
    for (option, value, hint) in [
        ("--max-lag", "x", "write a whole number from 1 to 86400"),
        ("--max-lag", "0", "write a whole number from 1 to 86400"),
        ("--max-sockets", "1,000", "without separators"),
        ("--listen", "8080", "write ADDRESS:PORT"),
    ] {
        let serve = program::run(&app.database.url, directory.path(), &["serve", option, value]);
        let text = String::from_utf8_lossy(&serve.stderr).into_owned();
        assert!(!serve.status.success() && text.contains(hint), "{text}");
        assert!(!text.contains("invalid digit") && !text.contains("syntax"), "{text}");
    }
    let Some((server, _)) = app.database.url.rsplit_once('/').filter(|(url, _)| url.starts_with("postgres"))
    else {
        return;
    };
    let missing = program::run(&format!("{server}/there_is_none"), directory.path(), &["check"]);
    let message = program::error(&missing);
    assert!(message.contains("no such database") && !message.contains("at line"), "{message}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let app = TestApp::start().await;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_future', 1)";
    app.registry.database().read.execute_unprepared(newer).await.expect("a future version");
    let directory = TempDir::new().expect("a directory");
    for arguments in [&["migrate"][..], &["check"], &["serve", "--listen", "127.0.0.1:0"]] {
        let message = program::error(&program::run(&app.database.url, directory.path(), arguments));
        assert!(message.contains("newer version"), "{message}");
    }
}

#[tokio::test]
async fn two_processes_may_migrate_at_once() {
    let database = TestDatabase::empty().await;
    // Pools are opened one after the other; the migrations run concurrently.
    let (first, second) = (database.connect().await, database.connect().await);
    let (one, two) = tokio::join!(database::migrate(&first), database::migrate(&second));
    let mut applied = [one.expect("it migrates"), two.expect("it migrates")];
    applied.sort_unstable();
    assert_eq!(applied, [0, migrations::Migrator::migrations().len()]);
}

#[tokio::test]
async fn figures_are_imported_tried_and_checked_from_the_command_line() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "School No. 1").await;
    old_page(&app, school, "vk", "1").await;
    let directory = TempDir::new().expect("a directory");
    let rows = format!("platformCode,nativeId,day,subscribers\nvk,1,{0},100\nvk,2,{0},5\n", day(1));
    std::fs::write(directory.path().join("night.csv"), rows).expect("a file");
    let run = |arguments: &[&str]| {
        let output = program::run(&app.database.url, directory.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let import = ["import", "night.csv", "--kind", "statistics", "--source", "night"];
    let tried = run(&[&import[..], &["--dry-run"]].concat());
    assert!(tried.contains("Dry run") && tried.contains("1 stored"), "{tried}");
    for expected in ["1 stored", "1 unchanged"] {
        let printed = run(&import);
        assert!(printed.contains(expected) && printed.contains("PAGE_NOT_FOUND: 1"), "{printed}");
    }
    let errors = std::fs::read_to_string(directory.path().join("night.errors.csv")).expect("the error file");
    assert!(errors.contains("3,PAGE_NOT_FOUND"), "{errors}");
    let lines = |native_id: &str| {
        format!(
            "{{\"platformCode\":\"vk\",\"nativeId\":\"{native_id}\",\"day\":\"{}\",\"views\":1}}\n",
            day(1)
        )
    };
    let ndjson = ["import", "night.ndjson", "--kind", "statistics", "--source", "night"];
    let error_file = directory.path().join("night.errors.ndjson");
    for (native_id, has_errors) in [("2", true), ("2", true), ("1", false)] {
        std::fs::write(directory.path().join("night.ndjson"), lines(native_id)).expect("a file");
        run(&ndjson);
        assert_eq!(
            error_file.exists(),
            has_errors,
            "an old file of errors gives way to the new one, or to none"
        );
    }
    let checked = run(&["check", "--statistics"]);
    assert!(checked.contains("Sound: 1 row of statistics in 1 month,"), "{checked}");
    let older = format!("platformCode,nativeId,day,subscribers\nvk,1,{},100\n", day(390));
    std::fs::write(directory.path().join("older.csv"), older).expect("a file");
    run(&["import", "older.csv", "--kind", "statistics", "--source", "night"]);
    let checked = program::run(&app.database.url, directory.path(), &["check", "--statistics"]);
    let (said, shown) = (String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
    assert!(said.contains("Sound: 2 rows of statistics in 2 months,"), "{said}");
    assert_eq!(shown.matches("Checked ").count(), 2, "months without rows are not shown: {shown}");
    let needless = program::run(&app.database.url, directory.path(), &[&import[..], &["--full"]].concat());
    assert!(program::error(&needless).contains("neither --mapping nor --full"));
    for (read, errors, expected) in [
        (".", "night.errors.csv", "not a regular file"),
        ("night.csv", "notes.txt", "was not written by an import"),
        ("night.csv", "absent/night.errors.csv", "is not a directory"),
    ] {
        std::fs::write(directory.path().join("notes.txt"), "mine").expect("a file");
        let arguments = ["import", read, "--kind", "statistics", "--source", "night", "--errors", errors];
        let message = program::error(&program::run(&app.database.url, directory.path(), &arguments));
        assert!(message.contains(expected), "{message}");
        let notes = std::fs::read_to_string(directory.path().join("notes.txt")).expect("the file");
        assert_eq!(notes, "mine");
    }
}
