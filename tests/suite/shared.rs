//! State that replicas share through Redis; nothing fails without it.

use std::{sync::atomic::Ordering, time::Duration};

use api::{
    app::App,
    config::settings::Settings,
    document::{ClientTiers, Limits},
    redis::Shared,
    router::router,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use futures_util::StreamExt;
use registry::{
    change_log::{Actor, Registry},
    model::Scope,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{
    harness::{
        TestApp,
        behind::AsOf,
        redis::{Redis, free_port},
    },
    statistics::{day, old_page, submit},
};

/// Timeout for short asynchronous operations.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A replica: the service on the same registry, with Redis.
pub struct Replica {
    app: App,
    router: Router,
    shared: Shared,
}

impl Replica {
    pub async fn over(test: &TestApp, address: &str, public: Limits) -> Self {
        Self::of(test.registry.clone(), address, public).await
    }

    async fn of(registry: Registry, address: &str, public: Limits) -> Self {
        let shared = Shared::open(address, "test").expect("an address");
        until("Redis answers", || shared.is_up()).await;
        let client_tiers = ClientTiers { public, ..ClientTiers::default() };
        let settings = Settings { client_tiers, shared: Some(shared.clone()), ..Settings::default() };
        let app = App::new(registry, settings);
        Self { router: router(app.clone()), app, shared }
    }

    pub async fn ask(&self, query: &str) -> (StatusCode, Value) {
        let request = Request::post("/public/graphql")
            .header("content-type", "application/json")
            .body(Body::from(json!({ "query": query }).to_string()));
        let response = self.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    /// Number of responses from Redis, and of executed ones.
    pub fn counts(&self) -> (u64, u64) {
        let counts = self.app.service().response_cache().counts();
        (counts.shared.load(Ordering::Relaxed), counts.misses.load(Ordering::Relaxed))
    }
}

pub fn unlimited() -> Limits {
    Limits { points: u64::MAX, ..Limits::public() }
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "it never happened: {what}");
}

/// A school with statistics on vk.
pub async fn a_school() -> (TestApp, String) {
    let test = TestApp::start().await;
    let school = test.organization("school-1", "School No. 1").await;
    old_page(&test, school, "vk", "1").await;
    let key = test.key("all", Scope::Statistics).await;
    submit(&test, &key, json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(3), "subscribers": 100 }]))
        .await;
    (test, key)
}

/// A query that waits for the database; each number gives another one.
pub fn figures(number: usize) -> String {
    format!(
        "{{ page(url: \"https://vk.com/club1\") {{ statistics {{ lastDay {{ n{number}: subscribers }} }} }} }}"
    )
}

pub fn subscribers(answer: &Value, number: usize) -> &Value {
    &answer["data"]["page"]["statistics"]["lastDay"][format!("n{number}")]
}

/// Waits until Redis has this number of responses: they are written asynchronously.
pub async fn holds(redis: &Redis, answers: usize) -> bool {
    for _ in 0..50 {
        if redis.keys("test:answer:*").await.len() >= answers {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

/// Sends queries until a response is shared, and returns that query: on a busy machine, a write may be too late.
pub async fn share_one(replica: &Replica, redis: &Redis, questions: std::ops::Range<usize>) -> usize {
    for number in questions {
        replica.ask(&figures(number)).await;
        if holds(redis, 1).await {
            return number;
        }
    }
    panic!("no answer was written");
}

#[tokio::test]
async fn what_one_replica_made_the_other_sends_until_something_changes() {
    let ((test, key), redis) = (a_school().await, Redis::start().await);
    let one = Replica::over(&test, &redis.url(), unlimited()).await;
    let other = Replica::over(&test, &redis.url(), unlimited()).await;
    let number = share_one(&one, &redis, 0..20).await;
    let response = one.ask(&figures(number)).await;
    let statements = test.statements.load(Ordering::Relaxed);
    assert_eq!(other.ask(&figures(number)).await, response);
    assert_eq!((other.counts(), test.statements.load(Ordering::Relaxed)), ((1, 0), statements));

    submit(&test, &key, json!([{ "page": { "native": { "platformCode": "vk", "nativeId": "1" } }, "day": day(2), "subscribers": 120 }]))
        .await;
    assert_eq!(subscribers(&other.ask(&figures(number)).await.1, number), 120);
    assert_eq!(other.counts(), (1, 1), "what Redis has is no longer true");
}

#[tokio::test]
async fn what_was_made_of_a_lost_history_is_sent_by_nobody_though_none_noticed_the_break() {
    let ((test, _), redis) = (a_school().await, Redis::start().await);
    let title = |number: usize| figures(number).replace("{ statistics", "{ title statistics");
    let page = test.registry.snapshot().pages().get_max().map(|(id, _)| *id).expect("a page");
    let saved = AsOf::keep(&test).await;
    test.change_page(page, |page, _| page.title = "Lost".into()).await;
    let lost = test.registry.snapshot().seq();
    let one = Replica::over(&test, &redis.url(), unlimited()).await;
    let mut number = 0;
    while !holds(&redis, 1).await {
        number += 1;
        assert_eq!(one.ask(&title(number)).await.1["data"]["page"]["title"], "Lost");
    }
    saved.bring_back().await;
    // A server that starts now does not know what others have served.
    let registry = Registry::open(test.database.connect().await).await.expect("it opens");
    let other = Replica::of(registry.clone(), &redis.url(), unlimited()).await;
    assert_ne!(other.ask(&title(number)).await.1["data"]["page"]["title"], "Lost");
    let change = move |change_set: &mut registry::change_log::ChangeSet| {
        let found = change_set.snapshot().pages().get(&page).map(|page| registry::model::Page::clone(page));
        change_set.upsert(registry::model::Page { title: "New".into(), ..found.expect("the page") }, None)
    };
    registry.write(&Actor::Operator, change).await.expect("it is written");
    assert_eq!(registry.snapshot().seq(), lost, "the lost sequence number is used by another change");
    assert_eq!(other.ask(&title(number)).await.1["data"]["page"]["title"], "New");
    assert_eq!(other.counts().0, 0, "nothing came from Redis");
}

#[tokio::test]
async fn whatever_redis_holds_the_answer_is_right() {
    let ((test, _), redis) = (a_school().await, Redis::start().await);
    let one = Replica::over(&test, &redis.url(), unlimited()).await;
    let garbage = ["", "{}", "garbage", "as long as a hash, and something that may follow it"];
    // One wrong bit in a cached response: in the hash, in the metadata, in the body.
    let damages = [3, 20, 100];
    let spoilt = garbage.len() + damages.len() + 1;
    let questions = 2 * spoilt;
    for number in 0..questions {
        one.ask(&figures(number)).await;
    }
    assert!(holds(&redis, spoilt).await);
    let mut keys = redis.keys("test:answer:*").await;
    for whole in keys.split_off(spoilt) {
        let _: i64 = redis.run(redis::cmd("DEL").arg(whole)).await;
    }
    for (key, garbage) in keys.iter().zip(garbage) {
        let () = redis.run(redis::cmd("SET").arg(key).arg(garbage)).await;
    }
    for (key, damage) in keys[garbage.len()..].iter().zip(damages) {
        let mut bytes: Vec<u8> = redis.run(redis::cmd("GET").arg(key)).await;
        bytes[damage] ^= 1;
        let () = redis.run(redis::cmd("SET").arg(key).arg(bytes)).await;
    }
    // One of another kind.
    let wrong = &keys[spoilt - 1];
    let _: i64 = redis.run(redis::cmd("DEL").arg(wrong)).await;
    let _: i64 = redis.run(redis::cmd("LPUSH").arg(wrong).arg("x")).await;

    let other = Replica::over(&test, &redis.url(), unlimited()).await;
    for number in 0..questions {
        assert_eq!(subscribers(&other.ask(&figures(number)).await.1, number), 100);
    }
    let (fetched, executed) = other.counts();
    assert_eq!(fetched + executed, questions as u64);
    assert!(executed >= spoilt as u64, "what was spoilt is executed again");
    assert!(other.shared.failed() > 0, "a wrong kind is counted");
}

#[tokio::test]
async fn a_redis_that_dies_is_done_without_and_used_again_when_it_is_back() {
    let ((test, _), mut redis) = (a_school().await, Redis::start().await);
    let one = Replica::over(&test, &redis.url(), unlimited()).await;
    one.ask(&figures(0)).await;
    redis.kill();
    for number in 1..8 {
        assert_eq!(subscribers(&one.ask(&figures(number)).await.1, number), 100);
    }
    until("nobody asks it any more", || !one.shared.is_up()).await;
    let failed = one.shared.failed();
    assert_eq!(subscribers(&one.ask(&figures(8)).await.1, 8), 100);
    assert_eq!(one.shared.failed(), failed);
    redis.restart().await;
    until("it is used again", || one.shared.is_up()).await;
    share_one(&one, &redis, 20..40).await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_waited_for_once_and_then_no_more() {
    let ((test, _), redis) = (a_school().await, Redis::start().await);
    let one = Replica::over(&test, &redis.url(), unlimited()).await;
    redis.signal("STOP");
    for number in 0..8 {
        assert_eq!(subscribers(&one.ask(&figures(number)).await.1, number), 100);
        assert_eq!(one.shared.failed(), 1, "not even the first who asked waits for it twice");
    }
    assert!(!one.shared.is_up());
    redis.signal("CONT");
    until("it is used again", || one.shared.is_up()).await;
}

#[tokio::test]
async fn a_redis_that_is_full_or_away_from_the_beginning_fails_nothing() {
    let (test, _) = a_school().await;
    let full = Redis::start_at(free_port(), &["--maxmemory", "1", "--maxmemory-policy", "noeviction"]).await;
    let one = Replica::over(&test, &full.url(), unlimited()).await;
    for number in 0..5 {
        assert_eq!(subscribers(&one.ask(&figures(number)).await.1, number), 100);
    }
    until("failures are counted", || one.shared.failed() > 0).await;
    until("it answers, if only that it is full", || one.shared.is_up()).await;

    let away = Shared::open(&format!("redis://127.0.0.1:{}", free_port()), "test").expect("an address");
    let app = App::new(test.registry.clone(), Settings { shared: Some(away.clone()), ..Settings::default() });
    let other = Replica { router: router(app.clone()), app, shared: away };
    assert_eq!(subscribers(&other.ask(&figures(0)).await.1, 0), 100);
    assert!(!other.shared.is_up());
}

#[tokio::test]
async fn replicas_count_the_points_of_an_asker_together() {
    let ((test, _), redis) = (a_school().await, Redis::start().await);
    let limits = Limits::public().with("points=200,per_second=1").expect("limits");
    let one = Replica::over(&test, &redis.url(), limits.clone()).await;
    let other = Replica::over(&test, &redis.url(), limits).await;
    let asked = (0..300).map(|number| {
        let replica = if number % 2 == 0 { &one } else { &other };
        async move { replica.ask("{ __typename }").await.0 == StatusCode::OK }
    });
    let asked: Vec<bool> = futures_util::stream::iter(asked).buffered(16).collect().await;
    let let_in = asked.into_iter().filter(|is_in| *is_in).count();
    // Each may hold an unused lease of 4 points; points refilled meanwhile come on top.
    assert!((190..=210).contains(&let_in), "{let_in} of 300 were let in, of 200 points");
    let (status, answer) = one.ask("{ __typename }").await;
    assert_eq!(
        (status, &answer["errors"][0]["extensions"]["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("THROTTLED"))
    );
    drop(redis);
    while one.shared.is_up() {
        one.ask("{ __typename }").await;
    }
    assert_eq!(one.ask("{ __typename }").await.0, StatusCode::OK, "without Redis each counts for itself");
}
