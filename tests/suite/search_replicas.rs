//! Search in several processes: each finds the same hits in the same order, whenever it saw which change.

use entities::page::Lifecycle;
use serde_json::{Value, json};

use super::harness::{TestApp, churn::generated};

const SEARCH: &str = "query($text: String!) {
    search(text: $text, first: 50) {
        totalCount ignoredWords pageInfo { endCursor }
        nodes { matchedBy score item { ... on Authority { code } ... on Institution { code } ... on Page { url } } }
    }
}";

/// Words that many records have and a few have, beginnings, and words with an error.
fn texts(app: &TestApp) -> Vec<String> {
    let snapshot = app.registry.snapshot();
    let names = snapshot.organizations().values().step_by(9).flat_map(|organization| {
        let name = organization.name.to_string();
        let words: Vec<&str> = name.split(' ').collect();
        let first = words.iter().take(3).copied().collect::<Vec<_>>().join(" ");
        let last = words.last().copied().unwrap_or_default();
        let begun: String = last.chars().take(4).collect();
        let misspelt: String =
            words[0].chars().enumerate().filter(|(index, _)| *index != 3).map(|(_, it)| it).collect();
        [name.clone(), first, begun, misspelt]
    });
    names.chain(["школа", "больница", "администрация района", "старое имя"].map(str::to_owned)).collect()
}

async fn answers(app: &TestApp, texts: &[String]) -> Vec<Value> {
    let mut answers = Vec::new();
    for text in texts {
        answers.push(app.data(SEARCH, json!({ "text": text })).await);
    }
    answers
}

#[tokio::test]
async fn a_process_that_saw_every_change_finds_what_one_finds_that_starts_after_them() {
    let mut app = generated(300).await;
    let texts = texts(&app);
    app.search_is_ready().await;
    let organizations: Vec<i64> = app.registry.snapshot().organizations().keys().copied().collect();
    for (round, ids) in organizations.chunks(organizations.len() / 8).enumerate() {
        for id in ids.iter().step_by(4).copied() {
            app.change_organization(id, move |it| it.name = format!("Старое имя {round}").into()).await;
        }
        let page = app.registry.snapshot().pages().keys().nth(round * 7).copied().expect("a page");
        app.change_page(page, |page, _| page.lifecycle = Lifecycle::UnderReview).await;
        app.search_is_ready().await;
    }
    let before = answers(&app, &texts).await;
    app.restart().await;
    app.search_is_ready().await;
    for ((text, before), after) in texts.iter().zip(before).zip(answers(&app, &texts).await) {
        assert_eq!(before, after, "{text}");
    }
}
