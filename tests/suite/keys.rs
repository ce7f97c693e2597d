//! Keys of clients: their names, and when servers know them.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use api::{
    app::App,
    config::{gateway_secrets::GatewaySecrets, settings::Settings},
    pipeline::key_lookups::PER_SECOND,
    router::router,
};
use axum::http::StatusCode;
use futures_util::future::{join, join_all};
use registry::{api_client, change_log::Registry, model::Scope};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::harness::{Answer, GATEWAY_SECRET, TestApp, program};

fn ask() -> Value {
    json!({ "query": "{ platforms { code } }" })
}

async fn post(app: &TestApp, key: String) -> Answer {
    app.post("/graphql", Some(&key), &ask()).await
}

/// A key that nobody has.
fn random_key(number: usize) -> String {
    format!("reg_{number:0>43}")
}

#[tokio::test]
async fn a_key_is_accepted_at_once_by_a_server_that_follows_the_log() {
    let mut app = TestApp::start().await;
    let other = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let follower = other.follow();
    let gateway_secrets = GatewaySecrets::read(GATEWAY_SECRET).expect("a secret");
    let settings = Settings { gateway_secrets, ..Settings::default() };
    app.switch_to(router(App::new(other.clone(), settings)));
    for number in 0..5 {
        let key = app.key(&format!("partner {number}"), Scope::Read).await;
        let answer = app.post("/graphql", Some(&key), &ask()).await;
        assert_eq!(answer.status, StatusCode::OK, "{:#}", answer.json());
    }
    // Also if a router passes it on.
    let key = format!("Bearer {}", app.key("client of a router", Scope::Read).await);
    let secret = format!("Bearer {GATEWAY_SECRET}");
    let headers = [("authorization", secret.as_str()), ("x-registry-authorization", key.as_str())];
    let answer = app.post_with("/subgraph", &headers, &ask()).await;
    assert_eq!(answer.status, StatusCode::OK, "{:#}", answer.json());
    follower.abort();
}

#[tokio::test]
async fn a_server_that_cannot_read_the_log_says_that_it_lacks_the_key() {
    let mut app = TestApp::start().await;
    let second = app.second().await;
    app.switch_to(second);
    let key = app.key("partner", Scope::Read).await;
    let answer = app.post("/graphql", Some(&key), &ask()).await;
    assert_eq!((answer.status, answer.code()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE".into()));
    assert_eq!(answer.header("retry-after"), "1");
    // A key that is revoked before it is read is as good as none.
    api_client::revoke(&app.registry, "partner").await.expect("it is revoked");
    let begun = Instant::now();
    assert_eq!(app.post("/graphql", Some(&key), &ask()).await.status, StatusCode::UNAUTHORIZED);
    assert!(begun.elapsed() < Duration::from_secs(2), "nothing is awaited");
}

#[tokio::test]
async fn random_keys_are_refused_and_hardly_reach_the_database() {
    let app = TestApp::start().await;
    let (begun, before) = (Instant::now(), app.statements.load(Ordering::Relaxed));
    let answers = join_all((0..300).map(|number| post(&app, random_key(number)))).await;
    let mut refused = 0;
    for answer in answers {
        // What is not looked up cannot be refused: this server does not read the log.
        match answer.status {
            StatusCode::UNAUTHORIZED => refused += 1,
            status => {
                assert_eq!((status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"))
            }
        }
    }
    let looked_up = app.statements.load(Ordering::Relaxed) - before;
    let seconds = usize::try_from(begun.elapsed().as_secs()).expect("a few") + 2;
    assert!((1..=PER_SECOND as usize * seconds).contains(&looked_up), "{looked_up} in {seconds} s");
    assert_eq!(refused, looked_up);
    // What has not the form of a key is never looked up.
    let before = app.statements.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for other in
        ["reg_", "x", &random_key(1)[1..], &format!("{}0", random_key(1)), &random_key(1).replace('0', "=")]
    {
        assert_eq!(
            app.post("/graphql", Some(other), &ask()).await.status,
            StatusCode::UNAUTHORIZED,
            "{other}"
        );
    }
    assert_eq!(app.statements.load(Ordering::Relaxed), before);
    // A database that is away does not make a key wrong.
    app.registry.database().read.clone().close().await.expect("the pool closes");
    let unsure = app.post("/graphql", Some(&random_key(777)), &ask()).await;
    assert_eq!((unsure.status, unsure.code()), (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE".into()));
}

#[tokio::test]
async fn requests_with_the_same_unknown_key_share_a_look_up() {
    let app = TestApp::start().await;
    let (begun, before) = (Instant::now(), app.statements.load(Ordering::Relaxed));
    for _ in 0..3 {
        for answer in join_all((0..50).map(|_| post(&app, random_key(1)))).await {
            assert_eq!((answer.status, answer.code()), (StatusCode::UNAUTHORIZED, "UNAUTHENTICATED".into()));
        }
    }
    let looked_up = app.statements.load(Ordering::Relaxed) - before;
    let seconds = usize::try_from(begun.elapsed().as_secs()).expect("a few");
    assert!((1..=seconds + 2).contains(&looked_up), "{looked_up} in {seconds} s");
}

#[tokio::test]
async fn a_server_that_reads_the_log_refuses_keys_that_it_did_not_look_up() {
    let app = TestApp::start().await;
    let follower = app.registry.follow();
    let mut is_refused = false;
    // On a busy machine, the log may be read too late.
    for round in 0..5 {
        let answers = join_all((0..30).map(|number| post(&app, random_key(100 * round + number)))).await;
        is_refused |= answers.iter().all(|answer| answer.status == StatusCode::UNAUTHORIZED);
    }
    assert!(is_refused);
    follower.abort();
}

#[tokio::test]
async fn a_new_key_is_not_refused_in_many_requests_at_once_nor_while_others_guess() {
    let mut app = TestApp::start().await;
    let other = Registry::open(app.database.connect().await).await.expect("the registry opens");
    let follower = other.follow();
    app.switch_to(router(App::new(other.clone(), Settings::default())));
    let key = app.key("one", Scope::Read).await;
    for answer in join_all((0..20).map(|_| post(&app, key.clone()))).await {
        assert_eq!(answer.status, StatusCode::OK, "{:#}", answer.json());
    }
    for round in 1..4 {
        let key = app.key(&format!("partner {round}"), Scope::Read).await;
        let guesses = join_all((0..50).map(|number| post(&app, random_key(100 * round + number))));
        let (guessed, answers) = join(guesses, join_all((0..20).map(|_| post(&app, key.clone())))).await;
        assert!(guessed.iter().all(|answer| answer.status != StatusCode::OK));
        for answer in answers {
            // On a busy machine, the log may be read too late.
            let is_said =
                answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.header("retry-after") == "1";
            assert!(answer.status == StatusCode::OK || is_said, "{:#}", answer.json());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(post(&app, key).await.status, StatusCode::OK);
    }
    follower.abort();
}

#[tokio::test]
async fn names_of_clients_are_short_and_in_one_line() {
    let app = TestApp::start().await;
    let long = "я".repeat(101);
    for name in ["", " \n ", "a\nb", "a\tb", "a\u{1b}[31m", "a\u{85}b", "a\u{2028}b", &long] {
        let created = api_client::create(&app.registry, name, vec![Scope::Read], None).await;
        let message = created.err().expect("it is refused").to_string();
        assert!(message.contains("1 to 100 characters") && !message.contains('\n'), "{message}");
    }
    for name in [" Partner №\u{a0}1 ", &"я".repeat(100)] {
        assert!(api_client::create(&app.registry, name, vec![Scope::Read], None).await.is_ok(), "{name}");
    }
    let directory = TempDir::new().expect("a directory");
    let create = ["keys", "create", "--name", "one\ntwo"];
    let message = program::error(&program::run(&app.database.url, directory.path(), &create));
    assert!(message.contains("without line breaks"), "{message}");
}

#[tokio::test]
async fn a_command_releases_its_connections_before_it_ends() {
    let app = TestApp::start().await;
    // So that no demo is generated.
    app.organization("school", "School").await;
    let directory = TempDir::new().expect("a directory");
    for arguments in [
        &["keys", "list"][..],
        &["keys", "revoke", "nobody"],
        &["pack", "list"],
        &["import", "list"],
        &["import", "undo", "7"],
        &["check"],
        &["check", "--statistics"],
        &["migrate"],
        &["demo", "--no-serve"],
    ] {
        let mut command = program::command(&app.database.url, directory.path());
        let output = command.env("LOG", "warn").args(arguments).output().expect("the program runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("shutdown") && !said.contains("pool::connection"), "{arguments:?}: {said}");
    }
}
