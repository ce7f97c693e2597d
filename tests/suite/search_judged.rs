//! Search relevance: judged queries against a generated registry and real lists.
//!
//! On SQLite only: search reads the snapshot, which does not depend on the database.

use regex::Regex;
use registry::{
    demo::{self, Scale},
    import::{self, Kind},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{harness::TestApp, real_data};

/// Columns: see the head of the file.
const JUDGED: &str = include_str!("../data/search-judged.tsv");
/// Share of the expected hits that must be among the first ten.
const RECALL: f64 = 0.95;

const IS_SQLITE: bool = matches!(env!("CARGO_CRATE_NAME").as_bytes(), b"sqlite");

const SEARCH: &str = "query($text: String!) { search(text: $text, first: 10) { totalCount nodes { item {
    ... on Authority { name territory { name } }
    ... on Institution { name territory { name } }
} } } }";

/// One line of the list.
struct Judged {
    text: &'static str,
    expected: Vec<&'static str>,
    territory: Regex,
}

fn judged(registry: &str) -> Vec<Judged> {
    let lines = JUDGED.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows = lines.map(|line| line.split('\t').collect::<Vec<_>>()).filter(|row| row[0] == registry);
    rows.map(|row| {
        let [_, text, expected, territory, _place, _how] = row[..] else { panic!("six cells: {row:?}") };
        Judged { text, expected: expected.split(" ;; ").collect(), territory: regex(territory) }
    })
    .collect()
}

fn regex(text: &str) -> Regex {
    Regex::new(text).expect("a regular expression")
}

/// Number of expected hits, and the missed ones.
struct Recall {
    expected: u32,
    missed: Vec<String>,
    broken: Vec<String>,
}

async fn judge(app: &TestApp, registry: &str) -> Recall {
    app.search_is_ready().await;
    let mut recall = Recall { expected: 0, missed: Vec::new(), broken: Vec::new() };
    for query in judged(registry) {
        let answer = app.data(SEARCH, json!({ "text": query.text })).await;
        let total = answer["search"]["totalCount"].as_u64().expect("a count");
        let nodes = answer["search"]["nodes"].as_array().expect("nodes");
        let is_hit = |name: &Regex, item: &Value| {
            name.is_match(item["name"].as_str().unwrap_or_default())
                && query.territory.is_match(item["territory"]["name"].as_str().unwrap_or_default())
        };
        for expected in &query.expected {
            let line = || format!("{}: {expected}", query.text);
            if let Some(limit) = expected.strip_prefix("∅<=") {
                if total > limit.parse().expect("a number") {
                    recall.broken.push(format!("{}, found {total}", line()));
                }
            } else if let Some(unwanted) = expected.strip_prefix('!') {
                let unwanted = regex(unwanted);
                if nodes.iter().any(|node| is_hit(&unwanted, &node["item"])) {
                    recall.broken.push(line());
                }
            } else {
                recall.expected += 1;
                let name = regex(expected);
                if !nodes.iter().any(|node| is_hit(&name, &node["item"])) {
                    recall.missed.push(line());
                }
            }
        }
    }
    recall
}

fn assert_found(recall: &Recall, at_least: u32) {
    assert!(recall.expected >= at_least, "a list long enough to judge by: {}", recall.expected);
    let found = 1.0 - recall.missed.len() as f64 / f64::from(recall.expected);
    println!("recall at 10: {found:.3} of {}; missed: {:#?}", recall.expected, recall.missed);
    assert!(found >= RECALL, "recall at 10 is {found:.3}: {:#?}", recall.missed);
    assert!(recall.broken.len() <= 3, "too much is found: {:#?}", recall.broken);
}

#[tokio::test]
async fn in_a_generated_nation_expected_hits_are_among_the_first_ten() {
    if !IS_SQLITE {
        return;
    }
    let app = TestApp::start().await;
    demo::generate(&app.registry, Scale::Pages(20_000), 1, |_| {}).await.expect("a registry");
    assert_found(&judge(&app, "generated").await, 150);
}

#[tokio::test]
async fn in_real_lists_of_bodies_and_courts_expected_hits_are_among_the_first_ten() {
    if !IS_SQLITE {
        return;
    }
    let (Some(bodies), Some(courts)) = (
        real_data::path("ru-govdomains/organizations.csv"),
        real_data::read("ru-courts/sudrf_websites.json"),
    ) else {
        return;
    };
    let app = TestApp::start().await;
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("courts.csv");
    std::fs::write(&file, courts_as_csv(&app, &courts)).expect("a file");
    for (file, mapping) in [(bodies, "ru-govdomains.toml"), (file, "ru-courts.toml")] {
        let options = real_data::options(file, Kind::Organizations, mapping, &directory);
        let done = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
        assert!(done.counts.refused * 10 <= done.counts.rows, "{mapping}: {:?}", done.counts);
    }
    assert_found(&judge(&app, "real").await, 150);
}

/// Courts as a table. The region is in brackets after the name, where it is not of the group: garrison courts have others
/// than their codes say.
fn courts_as_csv(app: &TestApp, text: &str) -> String {
    let regions: Value = serde_json::from_str(text).expect("JSON");
    let in_brackets = regex(r"\s*\(((?:[^()]|\([^()]*\))*)\)?\s*$");
    let mut csv = String::from("court_id,name,territory,website\n");
    let groups = regions.as_object().expect("regions").iter();
    let courts = groups
        .flat_map(|(group, courts)| courts.as_array().expect("courts").iter().map(move |it| (group, it)));
    for (group, court) in courts {
        let cell = |name: &str| court[name].as_str().expect("a text").trim().to_owned();
        let full = cell("court_name");
        let region = in_brackets.captures(&full).map_or(String::new(), |it| it[1].to_owned());
        let territory = territory_code(app, group, region.trim_start_matches("Город "));
        let name = in_brackets.replace(&full, "");
        csv.push_str(&format!(
            "{},\"{}\",{territory},{}\n",
            cell("court_id"),
            name.replace('"', "\"\""),
            cell("court_website")
        ));
    }
    csv
}

/// The territory with most of the region's words; that of the group where no region is named.
fn territory_code(app: &TestApp, group: &str, region: &str) -> String {
    let words = |name: &str| {
        let name = name.to_lowercase().replace(['-', '—', '–', '(', ')'], " ");
        name.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let (snapshot, wanted) = (app.registry.snapshot(), words(region));
    let known = snapshot.territories().values().filter(|it| it.code.starts_with("ru-"));
    if wanted.is_empty() {
        // The list numbers regions like number plates, except Bashkortostan, which is 03.
        return if group == "03" { "ru-02".to_owned() } else { format!("ru-{group}") };
    }
    let within = known.map(|it| (words(&it.name), it));
    let within = within.filter(|(name, _)| name.iter().all(|word| wanted.contains(word)));
    let best = within.max_by_key(|(name, _)| name.len());
    best.map_or_else(|| "ru".to_owned(), |(_, it)| it.code.to_string())
}
