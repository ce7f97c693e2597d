//! Verification of addresses: verdicts, their reasons, and verdicts that must never occur.

use entities::{page::Lifecycle, page_alias};
use registry::model::{Alias, Page};
use serde_json::{Value, json};

use super::harness::TestApp;

const VERIFY: &str = "query($url: String!) { verifyPage(url: $url) {
    verdict reason matchedBy canonicalUrl page { handle nativeId } lookalikes { handle }
} }";

async fn verify(app: &TestApp, url: &str) -> Value {
    app.data(VERIFY, json!({ "url": url })).await["verifyPage"].take()
}

#[tokio::test]
async fn an_official_page_is_official_in_any_form_of_its_address() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let page = app.page(owner, "vk", "gorod_tula").await;
    app.change_page(page, |page, _| page.native_id = Some("77".into())).await;
    for url in [
        "https://vk.com/gorod_tula",
        "VK.RU/Gorod_Tula/",
        "m.vk.com/gorod_tula?from=x",
        "vkvideo.ru/@gorod_tula",
    ] {
        let answer = verify(&app, url).await;
        assert_eq!(answer["verdict"], "OFFICIAL", "{url}: {answer}");
        assert_eq!(answer["matchedBy"], "HANDLE");
        assert_eq!(answer["canonicalUrl"], "https://vk.com/gorod_tula");
    }
    let by_id = verify(&app, "https://vk.com/wall-77_1").await;
    assert_eq!((&by_id["verdict"], &by_id["matchedBy"]), (&json!("OFFICIAL"), &json!("NATIVE_ID")));
}

#[tokio::test]
async fn each_verdict_has_its_case() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    for (key, lifecycle) in [
        ("of_archive", Lifecycle::Archived),
        ("of_thieves", Lifecycle::Compromised),
        ("of_proposal", Lifecycle::Proposed),
        ("of_refusal", Lifecycle::Rejected),
    ] {
        let page = app.page(owner, "vk", key).await;
        app.change_page(page, move |page, _| page.lifecycle = lifecycle).await;
    }
    let mut answers = serde_json::Map::new();
    for url in [
        "vk.com/of_archive",
        "vk.com/of_thieves",
        "vk.com/of_proposal",
        "vk.com/of_refusal",
        "vk.com/nobody_here",
        "vk.com/id5",
        "vk.com",
        "Тула",
        "https://example.org/tula",
        "https://t.me/+abcdef",
    ] {
        answers.insert(url.to_owned(), verify(&app, url).await);
    }
    insta::assert_json_snapshot!("verdicts", answers);
}

#[tokio::test]
async fn a_former_handle_never_answers_official() {
    let app = TestApp::start().await;
    let (city, stranger) = (app.organization("o", "City").await, app.organization("s", "Somebody").await);
    let page = app.page(city, "vk", "gorod_tula").await;
    app.change_page(page, |page, draft| page.rename(Some("tula_official".into()), draft.now())).await;
    let answer = verify(&app, "https://vk.com/gorod_tula").await;
    assert_eq!(answer["verdict"], "NOT_REGISTERED", "{answer}");
    assert_eq!(answer["matchedBy"], "FORMER_HANDLE");
    assert_eq!(answer["page"]["handle"], "tula_official");
    assert_eq!(answer["canonicalUrl"], "https://vk.com/gorod_tula");
    assert_eq!(
        app.data(r#"{ page(url: "vk.com/gorod_tula") { id } }"#, json!({})).await["page"],
        Value::Null
    );

    // A page that takes over the handle is judged by its own record only.
    let other = app.page(stranger, "vk", "gorod_tula").await;
    app.change_page(other, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    assert_eq!(verify(&app, "https://vk.com/gorod_tula").await["verdict"], "NOT_REGISTERED");
    app.change_page(other, |page, _| page.lifecycle = Lifecycle::Registered).await;
    let answer = verify(&app, "https://vk.com/gorod_tula").await;
    assert_eq!((&answer["verdict"], &answer["matchedBy"]), (&json!("OFFICIAL"), &json!("HANDLE")));
}

#[tokio::test]
async fn a_parallel_handle_leads_to_its_page() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let page = app.page(owner, "telegram", "gorod_tula").await;
    app.change_page(page, |page: &mut Page, _| {
        let kind = page_alias::Kind::Parallel;
        page.aliases.push(Alias { handle: "tula".into(), kind, since: None, until: None });
    })
    .await;
    let answer = verify(&app, "t.me/tula").await;
    assert_eq!((&answer["verdict"], &answer["matchedBy"]), (&json!("OFFICIAL"), &json!("ALIAS")));
    assert_eq!(answer["canonicalUrl"], "https://t.me/gorod_tula");
}

#[tokio::test]
async fn lookalikes_of_official_pages_are_shown() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "Ministry").await;
    for handle in ["minzdrav_rf", "minsport_rf", "minzdrav_old"] {
        app.page(owner, "vk", handle).await;
    }
    for fake in [
        "minzdrav.rf",
        "minzdravrf",
        "rninzdrav_rf",
        "mlnzdrav_rf",
        "minzdraw_rf",
        "minzrdav_rf",
        "minzdravv_rf",
        "m1nzdrav_rf",
    ] {
        let answer = verify(&app, &format!("vk.com/{fake}")).await;
        assert_eq!(answer["verdict"], "NOT_REGISTERED", "{fake}");
        assert_eq!(answer["lookalikes"][0]["handle"], "minzdrav_rf", "{fake}: {answer}");
    }
    assert_eq!(verify(&app, "vk.com/something_else").await["lookalikes"], json!([]));
    assert_eq!(
        verify(&app, "t.me/minzdravrf").await["lookalikes"],
        json!([]),
        "another platform is another place"
    );
}

#[tokio::test]
async fn a_name_on_another_host_or_in_another_form_of_address_is_a_look_alike() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "Ministry").await;
    app.page(owner, "mastodon", "@minzdrav@social.example").await;
    app.page(owner, "youtube", "@minzdrav").await;
    for (fake, known) in [
        ("https://mastodon.social/@minzdrav", "@minzdrav@social.example"),
        ("https://mastodon.social/@m1nzdrav", "@minzdrav@social.example"),
        ("https://www.youtube.com/c/minzdrav", "@minzdrav"),
        ("https://www.youtube.com/user/minzdrav", "@minzdrav"),
    ] {
        let answer = verify(&app, fake).await;
        assert_eq!(answer["verdict"], "NOT_REGISTERED", "{fake}");
        assert_eq!(answer["lookalikes"][0]["handle"], known, "{fake}: {answer}");
    }
}

#[tokio::test]
async fn a_verdict_is_never_borrowed_from_a_page_that_is_shown_over_another() {
    const ASK: &str = "query($url: String!) { verifyPage(url: $url) { verdict page { handle } embeddedPage { handle } embeddedUrl } }";
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    let page = app.page(owner, "vk", "gorod_tula").await;
    app.change_page(page, |page, _| page.native_id = Some("77".into())).await;
    let ask = async |url: &str| app.data(ASK, json!({ "url": url })).await["verifyPage"].take();

    let over = ask("https://vk.com/evil?w=wall-77_1").await;
    assert_eq!(over["verdict"], "NOT_REGISTERED", "{over}");
    assert_eq!(over["page"], Value::Null);
    assert_eq!(over["embeddedPage"], json!({ "handle": "gorod_tula" }));
    let unknown = ask("https://vk.com/gorod_tula?w=wall-78_1").await;
    assert_eq!((&unknown["verdict"], &unknown["embeddedPage"]), (&json!("OFFICIAL"), &Value::Null));
    assert_eq!(unknown["embeddedUrl"], "https://vk.com/club78");
    for nothing in
        ["https://vk.com/gorod_tula", "https://vk.com/feed?w=wall-77_1", "https://vk.com/wall-77_1"]
    {
        let answer = ask(nothing).await;
        assert_eq!(
            (&answer["verdict"], &answer["embeddedUrl"]),
            (&json!("OFFICIAL"), &Value::Null),
            "{nothing}"
        );
    }
}

#[tokio::test]
async fn a_handle_that_cannot_be_shows_whom_it_imitates() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "Ministry").await;
    app.page(owner, "vk", "minzdrav_rf").await;
    app.page(owner, "telegram", "minzdrav_ru").await;
    for fake in [
        "vk.com/minzdrаv_rf",
        "vk.com/minzdrav-rf",
        "vk.com/мinzdrav_rf",
        "t.me/minzdrav-ru",
        "t.me/minzdrаv_ru",
    ] {
        let answer = verify(&app, fake).await;
        assert_eq!(
            (&answer["verdict"], &answer["reason"]),
            (&json!("NOT_A_PAGE"), &json!("INVALID_HANDLE")),
            "{fake}"
        );
        let known = answer["lookalikes"][0]["handle"].as_str().unwrap_or_default();
        assert!(known.starts_with("minzdrav_r"), "{fake}: {answer}");
    }
    assert_eq!(verify(&app, "vk.com/что-то").await["lookalikes"], json!([]));
}

#[tokio::test]
async fn the_page_of_an_ended_or_suspended_owner_is_not_plainly_official() {
    use entities::organization::Status;
    let app = TestApp::start().await;
    for (status, verdict) in [
        (Status::Active, "OFFICIAL"),
        (Status::Suspended, "OWNER_SUSPENDED"),
        (Status::Liquidated, "OWNER_DISSOLVED"),
        (Status::Split, "OWNER_DISSOLVED"),
        (Status::Merged, "OWNER_DISSOLVED"),
        (Status::Withdrawn, "NOT_REGISTERED"),
    ] {
        let handle = format!("page_{verdict}_{status:?}").to_lowercase();
        let owner = app.organization(&handle, "City").await;
        app.page(owner, "vk", &handle).await;
        app.change_organization(owner, move |organization| organization.status = status).await;
        let answer = verify(&app, &format!("vk.com/{handle}")).await;
        assert_eq!(answer["verdict"], verdict, "{status:?}: {answer}");
    }
}

#[tokio::test]
async fn before_its_first_record_the_verdict_is_that_there_are_none() {
    const ASK: &str =
        "query($at: DateTime!, $url: String!) { verifyPage(url: $url, asOf: $at) { verdict recordsSince } }";
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod_tula").await;
    for url in ["vk.com/gorod_tula", "vk.com/nobody_here"] {
        let answer =
            app.data(ASK, json!({ "at": "2001-01-01T00:00:00Z", "url": url })).await["verifyPage"].take();
        assert_eq!(answer["verdict"], "NO_RECORDS", "{url}: {answer}");
        assert!(answer["recordsSince"].as_str().is_some_and(|since| since > "2025"), "{answer}");
    }
    let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let answer = app.data(ASK, json!({ "at": at, "url": "vk.com/nobody_here" })).await["verifyPage"].take();
    assert_eq!(answer, json!({ "verdict": "NOT_REGISTERED", "recordsSince": null }));
    let answer =
        app.data(ASK, json!({ "at": "2001-01-01T00:00:00Z", "url": "vk.com/id5" })).await["verifyPage"]
            .take();
    assert_eq!(answer["verdict"], "NOT_A_PAGE", "what is no page never was one");
}

#[tokio::test]
async fn many_addresses_are_answered_in_order() {
    let app = TestApp::start().await;
    let owner = app.organization("o", "City").await;
    app.page(owner, "vk", "gorod_tula").await;
    let ask = "query($urls: [String!]!) { verifyPages(urls: $urls) { url verdict } }";
    let urls: Vec<_> = (0..100)
        .map(|n| if n % 2 == 0 { "vk.com/gorod_tula".to_owned() } else { format!("vk.com/x_{n}") })
        .collect();
    let answers = app.data(ask, json!({ "urls": urls })).await["verifyPages"].take();
    for (url, answer) in urls.iter().zip(answers.as_array().expect("a list")) {
        let verdict = if url == "vk.com/gorod_tula" { "OFFICIAL" } else { "NOT_REGISTERED" };
        assert_eq!(answer, &json!({ "url": url, "verdict": verdict }));
    }
    for urls in [vec![], vec!["x"; 101]] {
        let answer = app.ask(ask, json!({ "urls": urls })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}
