//! Search: typed queries find the intended records.

use entities::{
    organization::{Kind, Level, Status},
    organization_identifier::State,
    page::Lifecycle,
};
use registry::change_log::Actor;
use registry::model::{Identifier, OtherName, OtherNameKind, Scope};
use serde_json::{Value, json};

use super::harness::{TestApp, seed};

const SEARCH: &str = "query($text: String!, $kinds: [SearchKind!], $filter: RegistryFilter, $first: Int! = 10, $after: String) {
    search(text: $text, kinds: $kinds, filter: $filter, first: $first, after: $after) {
        totalCount seq pageInfo { hasNextPage endCursor }
        nodes { matchedBy score item { ... on Authority { code name } ... on Institution { code name } ... on Page { handle title } } }
    }
}";

/// Code or handle, name, short name, territory, level (empty for institutions): a small country.
const BODIES: &str = include_str!("../data/search-bodies.tsv");
/// Query and the codes or handles that must be among the first ten.
const QUERIES: &str = include_str!("../data/search-queries.tsv");

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect())
}

/// The small country, written in one go.
async fn country() -> TestApp {
    let app = TestApp::start().await;
    let write = app.registry.write(&Actor::Operator, |change_set| {
        for row in rows(BODIES) {
            let [code, name, short, territory, level, page] = row[..] else { panic!("six cells: {row:?}") };
            let mut body = seed::organization(change_set, code, name);
            body.short_name = (!short.is_empty()).then(|| short.into());
            body.territory_id = change_set.snapshot().territory_by_code(territory).map(|it| it.id);
            body.level = match level {
                "F" => Some(Level::Federal),
                "R" => Some(Level::Regional),
                "M" => Some(Level::Municipal),
                _ => None,
            };
            body.kind = if body.level.is_some() { Kind::Authority } else { Kind::Institution };
            let id = body.id;
            change_set.upsert(body, None)?;
            if let Some((platform, handle)) = page.split_once(' ') {
                let mut page = seed::page(change_set, id, platform, None, Some(handle));
                page.title = if short.is_empty() { name.into() } else { short.into() };
                change_set.upsert(page, None)?;
            }
        }
        Ok(())
    });
    write.await.expect("the country is written");
    app.search_is_ready().await;
    app
}

/// Codes and handles of what was found.
fn found(answer: &Value) -> Vec<String> {
    let nodes = answer["search"]["nodes"].as_array().expect("nodes").iter();
    let name =
        |item: &Value| item["code"].as_str().or(item["handle"].as_str()).unwrap_or_default().to_owned();
    nodes.map(|node| name(&node["item"])).collect()
}

#[tokio::test]
async fn of_a_judged_list_of_queries_nearly_every_expected_hit_is_among_the_first_ten() {
    let app = country().await;
    let (mut expected, mut hits, mut misses) = (0, 0_u32, Vec::new());
    for row in rows(QUERIES) {
        let (text, wanted) = (row[0], row[1].split(' ').collect::<Vec<_>>());
        let found = found(&app.data(SEARCH, json!({ "text": text })).await);
        expected += wanted.len();
        for code in wanted {
            if found.iter().any(|it| it == code) {
                hits += 1;
            } else {
                misses.push(format!("{text}: {code} is not among {found:?}"));
            }
        }
    }
    assert!(rows(QUERIES).count() >= 60, "a list long enough to judge by");
    let recall = f64::from(hits) / expected as f64;
    assert!(recall >= 0.95, "recall at 10 is {recall:.3}: {misses:#?}");
}

#[tokio::test]
async fn a_name_counts_more_than_a_short_name_other_names_and_a_handle() {
    let app = TestApp::start().await;
    let by_other = app.organization("by-other", "Третье").await;
    app.change_organization(by_other, |it| {
        let other = OtherName {
            name: "Журавлик".into(),
            kind: OtherNameKind::Former,
            language: None,
            since: None,
            until: None,
        };
        it.other_names = vec![other];
    })
    .await;
    let by_short = app.organization("by-short", "Второе").await;
    app.change_organization(by_short, |it| it.short_name = Some("Журавлик".into())).await;
    app.organization("by-name", "Журавлик").await;
    let by_handle = app.organization("by-handle", "Четвёртое").await;
    app.page(by_handle, "vk", "zhuravlik").await;
    app.search_is_ready().await;
    let answer = app.data(SEARCH, json!({ "text": "журавлик" })).await;
    assert_eq!(found(&answer), ["by-name", "by-short", "by-other", "by-handle", "zhuravlik"]);
}

#[tokio::test]
async fn numbers_codes_and_addresses_are_recognised() {
    let app = country().await;
    let school = app.registry.snapshot().organization_by_code("amur-school-5").expect("a school").id;
    app.change_organization(school, |it| {
        it.identifiers =
            vec![Identifier { scheme: "ru:inn".into(), value: "7710168360".into(), state: State::Valid }];
    })
    .await;
    for (text, matched_by, codes) in [
        ("7710168360", "IDENTIFIER", vec!["amur-school-5"]),
        ("amur-school-5", "IDENTIFIER", vec!["amur-school-5"]),
        ("https://vk.com/Minzdrav_RB?w=wall", "ADDRESS", vec!["minzdrav_rb", "rb-minzdrav"]),
        ("t.me/gorod_tula", "ADDRESS", vec!["gorod_tula", "tula-adm"]),
    ] {
        let answer = app.data(SEARCH, json!({ "text": text })).await;
        assert_eq!(found(&answer), codes, "{text}");
        assert_eq!(answer["search"]["nodes"][0]["matchedBy"], matched_by, "{text}");
    }
}

#[tokio::test]
async fn results_are_narrowed_by_kind_and_filter_and_read_window_by_window() {
    let app = country().await;
    let all = app.data(SEARCH, json!({ "text": "школа", "first": 100 })).await;
    let total = all["search"]["totalCount"].as_u64().expect("a count");
    assert_eq!(found(&all).len() as u64, total);
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let window = app.data(SEARCH, json!({ "text": "школа", "first": 3, "after": after })).await;
        seen.extend(found(&window));
        after = window["search"]["pageInfo"]["endCursor"].clone();
        if window["search"]["pageInfo"]["hasNextPage"] == json!(false) {
            break;
        }
    }
    assert_eq!(seen, found(&all), "windows join without gap or double");
    let pages = app.data(SEARCH, json!({ "text": "школа", "kinds": ["PAGE"], "first": 100 })).await;
    let institutions = app
        .data(SEARCH, json!({ "text": "школа", "kinds": ["INSTITUTION", "AUTHORITY"], "first": 100 }))
        .await;
    assert_eq!(found(&pages).len() + found(&institutions).len(), found(&all).len());
    let amur = app
        .data(
            SEARCH,
            json!({ "text": "школа", "filter": { "territories": ["ru-28"] }, "kinds": ["INSTITUTION"] }),
        )
        .await;
    assert!(!found(&amur).is_empty() && found(&amur).iter().all(|code| code.starts_with("amur")), "{amur}");
    let foreign =
        app.ask(SEARCH, json!({ "text": "другое", "after": all["search"]["pageInfo"]["endCursor"] })).await;
    assert_eq!(foreign["errors"][0]["extensions"]["code"], "INVALID_CURSOR");
}

#[tokio::test]
async fn the_index_follows_every_change_and_hides_what_is_hidden() {
    let app = country().await;
    let search = async |text: &str| found(&app.data(SEARCH, json!({ "text": text })).await);
    let id = app.registry.snapshot().organization_by_code("amur-school-5").expect("a school").id;
    app.change_organization(id, |it| it.name = "Лицей Пифагора".into()).await;
    app.search_is_ready().await;
    assert_eq!(search("пифагора").await[0], "amur-school-5");
    // Its page is found by the new name of its owner.
    assert!(search("пифагора").await.contains(&"school5_amur".to_owned()));
    app.change_organization(id, |it| it.status = Status::Withdrawn).await;
    assert!(search("пифагора").await.is_empty(), "hidden at once, whatever the index has");
    let key = app.key("reviewer", Scope::Review).await;
    app.search_of_reviewers_is_ready().await;
    let asked = json!({ "query": SEARCH, "variables": { "text": "пифагора" } });
    let reviewed = app.post("/graphql", Some(&key), &asked).await.json();
    assert!(!found(&reviewed["data"]).is_empty());
    app.change_organization(id, |it| it.status = Status::Active).await;
    let page = app.page(id, "ok", "zorkiy_glaz").await;
    app.search_is_ready().await;
    let found = search("зоркий глаз").await;
    assert!(
        found.len() == 2 && found.contains(&"zorkiy_glaz".to_owned()),
        "the page and its owner: {found:?}"
    );
    // A page with a new owner leads to the new owner only.
    let other = app.registry.snapshot().organization_by_code("tula-adm").expect("a city").id;
    app.change_page(page, move |page, _| page.owner_id = other).await;
    app.search_is_ready().await;
    let found = search("зоркий глаз").await;
    assert!(
        found.contains(&"tula-adm".to_owned()) && !found.contains(&"amur-school-5".to_owned()),
        "{found:?}"
    );
    app.change_page(page, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
    app.search_is_ready().await;
    assert!(search("зоркий глаз").await.is_empty());
}

#[tokio::test]
async fn the_name_that_was_typed_is_first_and_words_of_nothing_are_named() {
    let app = country().await;
    app.organization("long", "Музей истории города Тула и Тульского края имени основателя").await;
    app.organization("exact", "Музей истории").await;
    app.search_is_ready().await;
    let ask = "query($text: String!) { search(text: $text) { totalCount ignoredWords nodes { item {
        ... on Authority { code } ... on Institution { code } ... on Page { handle } } } } }";
    let answer = app.data(ask, json!({ "text": "музей истории" })).await;
    assert_eq!(found(&answer)[0], "exact");
    assert_eq!(answer["search"]["ignoredWords"], json!([]));
    // A word that is nowhere in the registry does not affect the others.
    let answer = app.data(ask, json!({ "text": "музей щщззыы истории" })).await;
    assert_eq!(found(&answer)[0], "exact");
    assert_eq!(answer["search"]["ignoredWords"], json!(["щщззыы"]));
    let answer = app.data(ask, json!({ "text": "щщззыы" })).await;
    assert_eq!(answer["search"]["totalCount"], 0);
}

#[tokio::test]
async fn words_are_found_in_the_other_layout_joined_split_and_as_short_forms() {
    let app = country().await;
    for (text, code) in [
        ("vbyplhfd hjccbb", "rf-minzdrav"),
        // With Shift held: capitals, and signs at the positions of letters.
        ("VBYPLHFD HJCCBB", "rf-minzdrav"),
        ("мин здрав россии", "rf-minzdrav"),
        ("минкультуры рф", "rf-mincult"),
        ("федеральнаяналоговая служба", "rf-fns"),
    ] {
        let answer = app.data(SEARCH, json!({ "text": text })).await;
        assert!(found(&answer).iter().any(|it| it == code), "{text}: {:?}", found(&answer));
    }
    // An abbreviation in a name matches its full form; words that the best hit has are not reported as missing.
    app.organization("svob-school", "МОБУ СОШ № 1 г. Свободного").await;
    app.search_is_ready().await;
    let ask = "query($text: String!) { search(text: $text) { ignoredWords nodes { item { ... on Institution { code } } } } }";
    for (text, ignored) in [
        ("школа 1 свободный", json!([])),
        ("средняя школа №1 свободного", json!([])),
        ("гимназия музей 1 свободный", json!(["гимназия", "музей"])),
    ] {
        let answer = app.data(ask, json!({ "text": text })).await;
        assert_eq!(found(&answer)[0], "svob-school", "{text}");
        assert_eq!(answer["search"]["ignoredWords"], ignored, "{text}");
    }
    // An address of an unknown page on a platform: it matches no organization.
    let answer = app.data(SEARCH, json!({ "text": "https://vk.com/nobody_has_this_one" })).await;
    assert_eq!(answer["search"]["totalCount"], 0);
}

#[tokio::test]
async fn texts_that_cannot_be_searched_for_are_refused() {
    let app = TestApp::start().await;
    let code =
        |answer: &Value| answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("none").to_owned();
    assert_eq!(code(&app.ask(SEARCH, json!({ "text": "школа" })).await), "SEARCH_NOT_READY");
    app.search_is_ready().await;
    for text in ["", "  ", "!?", &"a".repeat(201), &"ш".repeat(8_000), "\u{1}\u{2}", "школа\u{1}"] {
        let answer = app.ask(SEARCH, json!({ "text": text })).await;
        assert_eq!(code(&answer), "BAD_USER_INPUT", "{text:.20}");
        assert!(answer.to_string().len() < 500, "the text is not repeated");
    }
    for text in [
        "%_'\"\\",
        "a OR b AND (c",
        "школа AND",
        "*",
        "\"a b\"~3",
        "🏫 школа",
        "é".repeat(200).as_str(),
        "[[[[a",
    ] {
        let answer = app.ask(SEARCH, json!({ "text": text })).await;
        assert!(["none", "BAD_USER_INPUT"].contains(&&*code(&answer)), "{text}: {answer}");
    }
}
