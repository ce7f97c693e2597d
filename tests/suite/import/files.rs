//! Files: forms, encodings, dry runs, and those that cannot be used.

use registry::import::{self, Kind, Options};
use serde_json::{Value, json};

use super::{Case, PAGES, pages};
use crate::suite::harness::TestApp;

#[tokio::test]
async fn a_dry_run_reports_and_writes_nothing() {
    let app = TestApp::start().await;
    let case = Case::new(
        "pages.csv",
        "Owner,Address,Platform,Title,Language\nA,vk.com/good,vk,,\nA,vk.com/id5,vk,,\n",
        PAGES,
    );
    let seq = app.registry.snapshot().seq();
    let options = Options { dry_run: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &options, |_| {}).await.expect("the dry run ends");
    assert_eq!((report.counts.pages.created, report.counts.refused), (1, 1));
    assert_eq!(case.codes(), ["PERSON_PROFILE"]);
    assert_eq!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn encodings_and_delimiters_are_detected_from_the_file() {
    let rows = "Owner;Address;Platform;Title;Language\nАдминистрация города Тулы;vk.com/tula;ВКонтакте;Тула № 1;ru\n";
    let (windows_1251, _, _) = encoding_rs::WINDOWS_1251.encode(rows);
    let tabs = rows.replace(';', "\t");
    let commas = rows.replace(';', ",");
    let with_mark = format!("\u{feff}{rows}");
    for content in [rows.as_bytes(), with_mark.as_bytes(), &windows_1251, tabs.as_bytes(), commas.as_bytes()]
    {
        let app = TestApp::start().await;
        let case = Case::new("pages.csv", content, PAGES);
        let report = case.run(&app, Kind::Pages).await;
        assert_eq!((report.counts.pages.created, report.counts.refused), (1, 0), "{:?}", case.codes());
        let pages = pages(&app).await;
        assert_eq!(pages[0]["title"], "Тула № 1");
        assert_eq!(pages[0]["owner"]["name"], "Администрация города Тулы");
    }
}

#[tokio::test]
async fn ndjson_is_read_like_csv() {
    let app = TestApp::start().await;
    let mapping = PAGES.replace("\"Owner\"", "\"owner.name\"").replace("split = \",\"", "split = \";\"");
    let file = "{\"owner\":{\"name\":\"A\"},\"Address\":\"vk.com/one\",\"Platform\":\"vk\",\"Title\":\"One\",\"Language\":[\"en\",\"fr\"]}\n\n\
                {\"owner\":{\"name\":\"A\"},\"Address\":\"vk.com/id5\",\"Platform\":null}\n";
    let case = Case::new("pages.ndjson", file, &mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.refused), (1, 1));
    assert_eq!(pages(&app).await[0]["languages"], json!(["en", "fr"]));
    let errors = std::fs::read_to_string(case.path("errors.csv")).expect("the error file");
    let error: Value = serde_json::from_str(errors.lines().next().unwrap_or_default()).expect("a JSON line");
    assert_eq!((&error["error_code"], &error["Address"]), (&json!("PERSON_PROFILE"), &json!("vk.com/id5")));
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused_with_a_message() {
    let app = TestApp::start().await;
    let header = "Owner,Address,Platform,Title,Language\n";
    let utf_16: Vec<u8> = header.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let french = encoding_rs::WINDOWS_1252
        .encode("Owner,Address,Platform,Title,Language\nMinistère,vk.com/a,vk,Été français,\n")
        .0
        .into_owned();
    let endless = format!("{header}A,\"{}", "x".repeat(5 << 20));
    let seq = app.registry.snapshot().seq();
    for (content, expected) in [
        (b"".to_vec(), "is empty"),
        (b" \n\n".to_vec(), "is empty"),
        (utf_16, "not text in UTF-8 or windows-1251"),
        (french, "neither UTF-8 nor windows-1251"),
        (
            b"Owner,Adress,Platform,Title,Language\n".to_vec(),
            "uses the column `Address`, but the file has only: Owner, Adress",
        ),
        (endless.into_bytes(), "longer than 1 MiB"),
    ] {
        let case = Case::new("p.csv", content, PAGES);
        let failure = case.failure(&app, Kind::Pages).await;
        assert!(failure.contains(expected), "{failure}");
    }
    for (mapping, expected) in [
        ("[[pages]]\nurl = \"Address\"\n", "[organization]"),
        ("[organization]\nname = \"Owner\"\n", "[[pages]]"),
        (
            "[organization]\nname = \"Owner\"\n[organization.identifiers]\n\"xx:no\" = \"Title\"\n[[pages]]\nurl = \"Address\"\n",
            "xx:no",
        ),
    ] {
        let case = Case::new("p.csv", header, mapping);
        let failure = case.failure(&app, Kind::Pages).await;
        assert!(failure.contains(expected), "{failure}");
    }
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was applied");
}

#[tokio::test]
async fn a_file_of_another_kind_is_told_in_one_line_whatever_its_name() {
    let app = TestApp::start().await;
    let header = "Owner,Address,Platform,Title,Language\n";
    let utf_32 = |text: &str, write: fn(u32) -> [u8; 4]| -> Vec<u8> {
        text.chars().flat_map(|c| write(u32::from(c))).collect()
    };
    for (content, expected) in [
        (b"PK\x03\x04\x14\0\x06\0\x08\0".to_vec(), "is a spreadsheet (.xlsx, .ods)"),
        (utf_32(&format!("\u{feff}{header}"), u32::to_le_bytes), "is text in UTF-32"),
        (utf_32(header, u32::to_be_bytes), "is text in UTF-32"),
        (b"[{\"Owner\":\"A\",\"Address\":\"vk.com/a\"}]".to_vec(), "is one JSON array"),
        (b"<html><table><tr><td>Owner".to_vec(), "is a web page"),
    ] {
        for name in ["p.csv", "p.ndjson"] {
            let failure = Case::new(name, &content, PAGES).failure(&app, Kind::Pages).await;
            assert!(failure.contains(expected) && !failure.contains('\n'), "{failure}");
        }
    }
}
