//! The order of a file's rows means nothing: any other gives the same registry and the same refusals.

use std::collections::BTreeMap;

use entities::page_alias;
use rand::{Rng, seq::SliceRandom};
use registry::import::Kind;

use super::Case;
use crate::suite::harness::{
    TestApp,
    churn::{Random, random},
};

const MAPPING: &str = "[organization]\nname = \"name\"\nname_language = \"lang\"\nterritory = \"terr\"\nsector = \"sector\"\n\
    [organization.identifiers]\n\"ca:gc-orgid\" = \"id\"\n\"ru:ogrn\" = \"ogrn\"\n\
    [[pages]]\nurl = { column = \"url\", split = \" \" }\nnative_id = \"native\"\ncategory = \"cat\"\ntitle = \"title\"\nlanguages = \"lang\"\n";
const HEADER: &str = "name,lang,terr,sector,id,ogrn,url,native,cat,title\n";

/// A registry without what depends on when and in which order it was written.
async fn state(app: &TestApp) -> (Vec<String>, Vec<String>) {
    let snapshot = app.registry.snapshot();
    let code = |id: i64| snapshot.organization(id).map(|it| it.code.to_string()).unwrap_or_default();
    let mut organizations: Vec<String> = snapshot
        .organizations()
        .values()
        .map(|it| {
            let mut names: Vec<_> =
                it.other_names.iter().map(|name| (&name.name, name.kind as u8, &name.language)).collect();
            names.sort();
            format!(
                "{} {} {names:?} {:?} {:?} {:?} {:?}",
                it.code, it.name, it.identifiers, it.territory_id, it.sector, it.status
            )
        })
        .collect();
    let mut pages: Vec<String> = snapshot
        .pages()
        .values()
        .map(|it| {
            let aliases: Vec<_> = it
                .aliases
                .iter()
                .map(|alias| (&alias.handle, alias.kind == page_alias::Kind::Former))
                .collect();
            let mut co_owners: Vec<_> = it.co_owners.iter().map(|id| code(*id)).collect();
            co_owners.sort();
            format!(
                "{} {:?} {:?} {} {} {co_owners:?} {:?} {:?} {aliases:?} {:?}",
                it.platform_id,
                it.native_id,
                it.handle,
                it.title,
                code(it.owner_id),
                it.languages,
                it.category,
                it.lifecycle
            )
        })
        .collect();
    organizations.sort();
    pages.sort();
    (organizations, pages)
}

/// Rows that collide in every way: names, numbers, handles, ids, languages, values that are refused.
fn rows(random: &mut Random) -> Vec<String> {
    let mut pick = |of: &[&str]| of[random.random_range(0..of.len())].to_owned();
    let names = ["Школа № 1", "школа №1", "Школа № 2", "Justice Canada", "Justice  Canada", "Ministère"];
    let row = |pick: &mut dyn FnMut(&[&str]) -> String| {
        let url = pick(&[
            "vk.com/h_one",
            "vk.com/h_two",
            "vk.com/h_three",
            "vk.com/club77",
            "vk.com/h_one ok.ru/honeone",
            "vk.com/id5",
            "x.com/h_one",
            "",
        ]);
        [
            pick(&names),
            pick(&["", "en", "fr"]),
            pick(&["", "", "ru-28", "ru-25", "ru-dfo", "nowhere"]),
            pick(&["", "", "EDUCATION", "HEALTH"]),
            pick(&["", "", "11", "12"]),
            pick(&["", "", "", "1027739019142", "123"]),
            url,
            pick(&["", "", "77", "78", "79"]),
            pick(&["", "", "CARD", "NONSENSE"]),
            pick(&["", "Title A", "Title B"]),
        ]
        .join(",")
    };
    (0..14).map(|_| row(&mut pick)).collect()
}

/// Refusals and warnings by the row's own text.
fn reported(case: &Case) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (file, code) in [("errors.csv", "error_code"), ("warnings.csv", "warning_code")] {
        let columns: Vec<Vec<String>> =
            HEADER.trim().split(',').chain([code]).map(|column| case.column(file, column)).collect();
        for index in 0..columns[0].len() {
            let row: Vec<&str> = columns.iter().map(|column| column[index].as_str()).collect();
            *counts.entry(row.join(",")).or_insert(0) += 1;
        }
    }
    counts
}

#[tokio::test]
async fn any_permutation_of_a_file_gives_the_same_registry_and_the_same_refusals() {
    const FILES: u64 = 12;
    const PERMUTATIONS: usize = 3;
    for seed in 0..FILES {
        let mut random = random(seed);
        let (first, mut second) = (rows(&mut random), rows(&mut random));
        let mut expected = None;
        for _ in 0..PERMUTATIONS {
            let app = TestApp::start().await;
            let case = Case::new("p.csv", format!("{HEADER}{}\n", first.join("\n")), MAPPING);
            case.run(&app, Kind::Pages).await;
            // A second file meets what the first one left: handles change hands, numbers come to names.
            case.rewrite(format!("{HEADER}{}\n", second.join("\n")));
            case.run(&app, Kind::Pages).await;
            let found = (state(&app).await, reported(&case));
            match &expected {
                None => expected = Some(found),
                Some(expected) => assert_eq!(&found, expected, "file {seed}, {second:#?}"),
            }
            second.shuffle(&mut random);
        }
    }
}
