//! Files in the shapes in which people and programs leave them.

use registry::import::{self, Kind, Options};
use serde_json::json;

use super::{Case, pages};
use crate::suite::harness::TestApp;

const PLAIN: &str = "[organization]\nname = \"o\"\n[[pages]]\nurl = \"u\"\n";

#[tokio::test]
async fn a_row_with_more_or_fewer_cells_than_the_header_is_refused() {
    let app = TestApp::start().await;
    let file = "o,u,note\nМинистерство труда, занятости,vk.com/one,x\nA,vk.com/two\nB,vk.com/three,x,,\nC,vk.com/four,x\n";
    let case = Case::new("p.csv", file, PLAIN);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.refused), (2, 2));
    assert_eq!(case.codes(), ["MALFORMED_ROW", "MALFORMED_ROW"]);
    let messages = case.column("errors.csv", "error_text");
    assert!(messages[0].contains("4 cells") && messages[0].contains("header has 3"), "{messages:?}");
    assert_eq!(case.column("errors.csv", "note"), ["vk.com/one,x", ""], "nothing of the row is lost");
}

#[tokio::test]
async fn lines_before_the_header_are_skipped() {
    for (file, mapping) in [
        ("sep=;\no;u\nA;vk.com/one\n", PLAIN.to_owned()),
        ("\u{feff}sep=|\r\no|u\r\nA|vk.com/one\r\n", PLAIN.to_owned()),
        ("Список страниц, 2026\n\no;u\nA;vk.com/one\n", format!("[file]\nskip_rows = 2\n{PLAIN}")),
        ("A;vk.com/one\n", format!("[file]\ncolumns = [\"o\", \"u\"]\n{PLAIN}")),
    ] {
        let app = TestApp::start().await;
        let case = Case::new("p.csv", file, &mapping);
        let report = case.run(&app, Kind::Pages).await;
        assert_eq!((report.counts.rows, report.counts.pages.created), (1, 1), "{file}: {:?}", case.codes());
    }
}

#[tokio::test]
async fn files_whose_columns_or_quotes_are_ambiguous_are_refused_as_a_whole() {
    let app = TestApp::start().await;
    let seq = app.registry.snapshot().seq();
    for (file, expected) in [
        ("o,u,u\nA,vk.com/one,vk.com/two\n", "two columns named `u`"),
        ("A,vk.com/one\nB,vk.com/two\n", "[file] columns"),
        ("Список\no,u\nA,vk.com/one\n", "skip_rows"),
        ("o,u\n\"A,vk.com/one\nB,vk.com/two\n", "line 2: a quote opened there is never closed"),
    ] {
        let failure = Case::new("p.csv", file, PLAIN).failure(&app, Kind::Pages).await;
        assert!(failure.contains(expected), "{failure}");
    }
    // A quote that another one closes by chance swallows rows, and they are refused together.
    let case =
        Case::new("p.csv", "o,u\n\"A,vk.com/one\nB,vk.com/two\nC\",vk.com/three,x\nD,vk.com/four\n", PLAIN);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, case.codes()), (1, vec!["MALFORMED_ROW".to_owned()]));
    assert!(case.column("errors.csv", "o")[0].contains("vk.com/two"), "nothing is lost");
    assert_ne!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn columns_of_ndjson_are_those_of_all_lines() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"x\"\n[[pages]]\nurl = \"fb\"\n";
    let file = "{\"n\":\"A\",\"x\":\"https://x.com/aaa1\"}\n{\"n\":\"B\",\"fb\":\"https://facebook.com/bbbb2\"}\nnonsense\n[1]\n";
    let case = Case::new("p.ndjson", file, mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.refused), (2, 2));
    let errors = std::fs::read_to_string(case.path("errors.csv")).expect("the error file");
    assert!(errors.starts_with("{\"line\":\"nonsense\",\"error_code\":\"MALFORMED_ROW\""), "{errors}");
}

#[tokio::test]
async fn every_address_of_a_cell_and_every_name_is_taken_in() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"name\"\nnames = { en = { column = \"names\", split = \"|\" } }\n\
        [[pages]]\nurl = { column = \"links\", split = \",\" }\n";
    let file = "name;links;names\nШкола № 7;\"vk.com/school7_amur, t.me/school7_amur_tg, vk.com/id5\";School 7|Seventh school\n\
        Школа № 8;vk.com/id6, vk.com/id7;\n";
    let case = Case::new("p.csv", file, mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.organizations.created), (2, 1));
    assert_eq!(
        (case.codes(), case.warnings()),
        (vec!["PERSON_PROFILE".to_owned()], vec!["PERSON_PROFILE".to_owned()])
    );
    let names = app.data("{ institutions { nodes { otherNames { name } } } }", json!({})).await;
    assert_eq!(
        names["institutions"]["nodes"][0]["otherNames"],
        json!([{ "name": "School 7" }, { "name": "Seventh school" }])
    );
}

#[tokio::test]
async fn a_list_is_held_by_its_own_limits() {
    let app = TestApp::start().await;
    let rows = |range: std::ops::Range<usize>| -> String {
        let rows = range.map(|n| format!("A,vk.com/page_of_{n}\n"));
        format!("o,u\n{}", rows.collect::<String>())
    };
    let mapping = format!("max_removals = [\"40%\", 10]\n{PLAIN}");
    let case = Case::new("p.csv", rows(0..50), &mapping);
    case.run(&app, Kind::Pages).await;
    let full = Options { full: true, ..case.options(Kind::Pages) };
    for (gone, is_held) in [(11, true), (10, false)] {
        case.rewrite(rows(gone..50));
        let report = import::run(&app.registry, &full, |_| {}).await.expect("the import ends");
        assert_eq!(report.held.is_some(), is_held, "{gone}");
    }
    let live = pages(&app)
        .await
        .as_array()
        .expect("pages")
        .iter()
        .filter(|page| page["lifecycle"] == "REGISTERED")
        .count();
    assert_eq!(live, 40);
}

#[tokio::test]
async fn a_line_with_one_name_twice_is_refused() {
    let app = TestApp::start().await;
    let file = "{\"o\":\"One\",\"u\":\"vk.com/one\",\"u\":\"vk.com/evil\"}\n\
        {\"o\":\"Two\",\"u\":\"vk.com/two\",\"more\":{\"a\":1,\"a\":2}}\n\
        {\"o\":\"Three\",\"u\":\"vk.com/three\",\"more\":[{\"a\":1},{\"a\":2}]}\n\
        {\"o\":\"Four\",\"u\":\"vk.com/four\",\"n.x\":\"1\",\"n\":{\"x\":\"2\"}}\n";
    let case = Case::new("p.ndjson", file, "[organization]\nname = \"o\"\n[[pages]]\nurl = \"u\"\n");
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.pages.created), (3, 1));
    let errors = std::fs::read_to_string(case.path("errors.csv")).expect("an error file");
    assert!(errors.contains("the name `u` occurs twice") && errors.contains("MALFORMED_ROW"), "{errors}");
}
