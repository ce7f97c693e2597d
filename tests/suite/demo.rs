//! Generated registry: plausible, labelled, the same for the same seed.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use entities::organization::Kind;
use registry::{
    change_log::{Verdict, verify},
    demo::{self, Scale},
    statistics,
    task_monitor::TaskProgress,
};
use serde_json::json;
use tempfile::TempDir;

use super::harness::{TestApp, database::TestDatabase, program};

async fn generated(seed: u64) -> TestApp {
    let app = TestApp::start().await;
    demo::generate(&app.registry, Scale::Pages(2_000), seed, |_| {})
        .await
        .expect("the registry is generated");
    app
}

#[tokio::test]
async fn the_same_seed_makes_the_same_registry() {
    let (first, same, other) = (generated(7).await, generated(7).await, generated(8).await);
    // Times of writing differ; the visible data does not.
    let ask = "{ institutions(first: 50) { nodes { code name identifiers { value } pages { nodes { url lifecycle mark { state } } } } } }";
    let seen = first.data(ask, json!({})).await;
    assert_eq!(seen, same.data(ask, json!({})).await);
    assert_ne!(seen, other.data(ask, json!({})).await);
}

#[tokio::test]
async fn proportions_are_the_nations_own() {
    let app = generated(1).await;
    let snapshot = app.registry.snapshot();
    let institutions: Vec<_> = snapshot.organizations().values().filter(|it| it.sector.is_some()).collect();
    let education = institutions.iter().filter(|it| it.sector.as_deref() == Some("EDUCATION")).count();
    assert!(education * 2 > institutions.len(), "{education} of {}", institutions.len());
    let vk = snapshot.platform_by_code("vk").expect("the platform").id;
    assert_eq!(snapshot.pages().values().filter(|page| page.platform_id == vk).count(), 1_000);
    assert!(snapshot.organizations().values().all(|it| &*it.source == "synthetic"));
    assert!(snapshot.pages().values().all(|it| &*it.source == "synthetic"));
    let ministry = snapshot.organizations_by_name("Минздрав России").next().expect("a real ministry");
    assert_eq!(&*ministry.name, "Министерство здравоохранения Российской Федерации");
}

#[tokio::test]
async fn a_small_demo_has_the_pages_that_were_asked_for_and_whole_names() {
    for pages in [300, 500, 1_001] {
        let app = TestApp::start().await;
        let generated =
            demo::generate(&app.registry, Scale::Pages(pages), 1, |_| {}).await.expect("generated");
        assert_eq!(generated.pages, pages as usize);
        let snapshot = app.registry.snapshot();
        for organization in snapshot.organizations().values() {
            let name = &*organization.name;
            assert!(name.trim() == name && !name.contains("  "), "“{name}”");
            let parent = organization.parent_id.and_then(|id| snapshot.organization(id));
            assert!(parent.is_none_or(|it| it.kind == Kind::Authority), "“{name}” is below an institution");
        }
    }
}

#[tokio::test]
async fn generating_again_goes_on_and_changes_nothing() {
    let app = generated(1).await;
    let seq = app.registry.snapshot().seq();
    demo::generate(&app.registry, Scale::Pages(2_000), 1, |_| {}).await.expect("nothing is left to do");
    assert_eq!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn a_real_registry_is_left_alone() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    let error =
        demo::generate(&app.registry, Scale::Pages(10), 1, |_| {}).await.expect_err("refused").to_string();
    assert!(error.contains("DATABASE_URL"), "{error}");
}

#[tokio::test]
async fn the_start_page_shows_what_is_still_being_generated() {
    let app = TestApp::start().await;
    let status = app.registry.tasks().register("demoGenerator");
    let html = async || String::from_utf8(app.get("/", &[]).await.body).expect("UTF-8");
    assert!(!html().await.contains("Still being generated"));
    status.report_progress(TaskProgress { done: 12, of: 90, units: "days of statistics" });
    let shown = html().await;
    assert!(
        shown.contains("12 of 90 days of statistics") && shown.contains("http-equiv=\"refresh\""),
        "{shown}"
    );
    let progress = json!({ "done": 12, "of": 90, "units": "days of statistics" });
    assert_eq!(app.get("/readyz", &[]).await.json()["tasks"]["demoGenerator"]["progress"], progress);
    status.report(Ok(()));
    assert!(!html().await.contains("Still being generated"));
}

fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

#[tokio::test]
async fn a_demo_is_served_while_it_is_generated_and_may_be_stopped_and_continued() {
    let (database, directory) = (TestDatabase::empty().await, TempDir::new().expect("a directory"));
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let address = free.to_string();
    let arguments = ["demo", "--pages", "500", "--days", "350", "--listen", &address];
    let mut command = program::command(&database.url, directory.path());
    let command = command.args(arguments).env("LOG", "info").stdout(Stdio::null()).stderr(Stdio::piped());
    let mut server = command.spawn().expect("it starts");
    let log = BufReader::new(server.stderr.take().expect("its log"));
    let mut lines = log.lines().map_while(Result::ok);
    lines.find(|line| line.contains("serving")).expect("it serves");
    std::thread::spawn(move || lines.for_each(drop));
    let is_shown = || get(&address, "/").is_some_and(|page| page.contains("Still being generated"));
    let begun = Instant::now();
    while !is_shown() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", get(&address, "/readyz"));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stopped = Command::new("kill").args(["-TERM", &server.id().to_string()]).status();
    assert!(stopped.expect("it is asked to stop").success() && server.wait().expect("it stops").success());
    let arguments = ["demo", "--pages", "500", "--days", "3", "--no-serve"];
    let continued = program::run(&database.url, directory.path(), &arguments);
    assert!(continued.status.success(), "{continued:?}");
    let checked = program::run(&database.url, directory.path(), &["check"]);
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test]
async fn a_demo_of_another_size_or_seed_is_left_as_it_is() {
    let app = TestApp::start().await;
    demo::generate(&app.registry, Scale::Pages(800), 1, |_| {}).await.expect("generated");
    let seq = app.registry.snapshot().seq();
    for (pages, seed) in [(900, 1), (2_000, 1), (800, 2), (700, 1)] {
        let rejected = demo::generate(&app.registry, Scale::Pages(pages), seed, |_| {}).await;
        let error = rejected.expect_err("refused").to_string();
        assert!(error.contains("DATABASE_URL"), "{error}");
    }
    assert_eq!(app.registry.snapshot().seq(), seq);
    demo::generate(&app.registry, Scale::Pages(800), 1, |_| {}).await.expect("the same once more");
    assert!(matches!(verify(&app.registry, |_| {}).await.expect("a check"), Verdict::Sound { .. }));
}

#[tokio::test]
async fn days_that_a_demo_lacks_are_recorded_later() {
    let app = TestApp::start().await;
    demo::generate(&app.registry, Scale::Pages(500), 1, |_| {}).await.expect("generated");
    let days = async || {
        let today = chrono::Utc::now().date_naive();
        let year = today - chrono::Days::new(365);
        statistics::recorded_days(app.registry.database(), (year, today)).await.expect("days").len()
    };
    for (wanted, expected) in [(2, 2), (6, 6), (3, 6)] {
        demo::generate_statistics(&app.registry, 1, wanted, |_| {}).await.expect("statistics");
        assert_eq!(days().await, expected);
    }
}

#[test]
fn more_days_than_a_demo_can_have_are_refused_with_how_many_it_can_have() {
    for (option, number, most) in
        [("--days", "4294967295", "3660"), ("--days", "3661", "3660"), ("--pages", "4294967295", "10000000")]
    {
        let arguments = ["demo", option, number, "--no-serve"];
        let output = program::run("sqlite:///nowhere/at/all.sqlite", Path::new("/"), &arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && text.contains(&format!("from 0 to {most}")),
            "{option} {number}: {text}"
        );
    }
}
