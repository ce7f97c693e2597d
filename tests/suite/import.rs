//! Imports: what files bring in, what they are refused for, and what they leave alone.

use std::path::PathBuf;

use api::import::{self, Kind, Mapping, Options, Report};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::harness::TestApp;

/// A folder with a file and a mapping to import.
struct Case {
    directory: TempDir,
    file_name: String,
}

impl Case {
    fn new(file_name: &str, content: impl AsRef<[u8]>, mapping: &str) -> Self {
        let case = Self { directory: TempDir::new().expect("a directory"), file_name: file_name.to_owned() };
        case.rewrite(content);
        std::fs::write(case.path("map.toml"), mapping).expect("the mapping is written");
        case
    }

    fn rewrite(&self, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(&self.file_name), content).expect("the file is written");
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn options(&self, kind: Kind) -> Options {
        Options {
            file: self.path(&self.file_name),
            kind,
            mapping: Mapping::read(&self.path("map.toml")).expect("a mapping"),
            source: "test".into(),
            dry_run: false,
            full: false,
            confirm_removals: false,
            error_file: self.path("errors.csv"),
        }
    }

    async fn run(&self, app: &TestApp, kind: Kind) -> Report {
        import::run(&app.registry, &self.options(kind), |_| {}).await.expect("the import runs")
    }

    async fn failure(&self, app: &TestApp, kind: Kind) -> String {
        format!(
            "{:#}",
            import::run(&app.registry, &self.options(kind), |_| {}).await.expect_err("the import fails")
        )
    }

    /// Codes of the refused rows, in the order of the file.
    fn codes(&self) -> Vec<String> {
        let Ok(mut reader) = csv::ReaderBuilder::new().flexible(true).from_path(self.path("errors.csv"))
        else {
            return Vec::new();
        };
        let place = reader
            .headers()
            .expect("a header")
            .iter()
            .position(|name| name == "error_code")
            .expect("the column");
        reader.records().map(|row| row.expect("a row")[place].to_owned()).collect()
    }
}

const PAGES: &str = r#"
    [organization]
    name = "Owner"
    [[pages]]
    url = "Address"
    platform = { column = "Platform", map = { Twitter = "x" } }
    title = "Title"
    languages = { column = "Language", split = "," }
"#;

async fn pages(app: &TestApp) -> Value {
    let ask = "{ pages(first: 100) { nodes { url title languages lifecycle owner { name } coOwners { name } aliases { handle kind } } } }";
    app.data(ask, json!({})).await["pages"]["nodes"].take()
}

#[tokio::test]
async fn a_row_yields_an_organization_and_a_page() {
    let app = TestApp::start().await;
    let file = "Owner,Address,Platform,Title,Language\n\
                City of Tula,vk.com/Gorod_Tula?from=x,vk,Tula,\"ru,en\"\n\
                City of Tula,https://ok.ru/group54321,Одноклассники,Tula in OK,ru\n\
                Museum,HTTP://TWITTER.COM/TulaMuseum,Twitter,,en\n";
    let case = Case::new("pages.csv", file, PAGES);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(
        (report.counts.organizations.created, report.counts.pages.created, report.counts.refused),
        (2, 3, 0)
    );
    insta::assert_json_snapshot!("imported_pages", pages(&app).await);
    assert!(!case.path("errors.csv").exists());
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let app = TestApp::start().await;
    let file = "Owner,Address,Platform,Title,Language\n\
                A,vk.com/one,vk,One,en\nB,vk.com/one,vk,Eins,fr\nA,vk.com/two,vk,Two,en\nA,vk.com/TWO,vk,Deux,fr\n";
    let case = Case::new("pages.csv", file, PAGES);
    case.run(&app, Kind::Pages).await;
    let (seq, before) = (app.registry.snapshot().seq(), pages(&app).await);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq);
    assert_eq!((report.counts.pages.unchanged, report.counts.pages.updated), (2, 0));
    assert_eq!(pages(&app).await, before);
    // The same page under two owners has a co-owner; in two languages, both.
    assert_eq!(before[0]["coOwners"][0]["name"], "B");
    assert_eq!(before[1]["languages"], json!(["en", "fr"]));
}

#[tokio::test]
async fn each_kind_of_bad_row_gets_its_code_and_the_rest_is_taken_in() {
    let app = TestApp::start().await;
    let file = "Owner,Address,Platform,Title,Language\n\
                A,vk.com/good,vk,Good,en\n\
                A,vk.com/good,vk,Again,en\n\
                A,https://vk.com/id5,vk,Person,en\n\
                A,https://vk.com/feed,vk,Feed,en\n\
                A,https://example.org/a,vk,Elsewhere,en\n\
                A,https://t.me/gorod_tula,vk,Contradiction,en\n\
                A,,vk,No address,en\n\
                ,vk.com/orphan,vk,No owner,en\n\
                A,Тула,vk,No address at all,en\n\
                A,vk.com/last,vk,Good,en\n";
    let case = Case::new("pages.csv", file, PAGES);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.rows, report.counts.refused, report.counts.pages.created), (10, 8, 2));
    let expected = [
        "DUPLICATE_IN_FILE",
        "PERSON_PROFILE",
        "URL_NOT_A_PAGE",
        "UNSUPPORTED_PLATFORM",
        "PLATFORM_MISMATCH",
        "MISSING_VALUE",
        "MISSING_VALUE",
        "URL_NOT_A_PAGE",
    ];
    assert_eq!(case.codes(), expected);
    let errors = std::fs::read_to_string(case.path("errors.csv")).expect("the error file");
    assert!(
        errors.starts_with("Owner,Address,Platform,Title,Language,error_code,error_text,suggestion\n"),
        "{errors}"
    );
    assert!(errors.contains("A,https://vk.com/id5,vk,Person,en,PERSON_PROFILE,"), "the row itself: {errors}");
}

#[tokio::test]
async fn a_dry_run_tells_and_writes_nothing() {
    let app = TestApp::start().await;
    let case = Case::new(
        "pages.csv",
        "Owner,Address,Platform,Title,Language\nA,vk.com/good,vk,,\nA,vk.com/id5,vk,,\n",
        PAGES,
    );
    let seq = app.registry.snapshot().seq();
    let options = Options { dry_run: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &options, |_| {}).await.expect("the trial runs");
    assert_eq!((report.counts.pages.created, report.counts.refused), (1, 1));
    assert_eq!(case.codes(), ["PERSON_PROFILE"]);
    assert_eq!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn encodings_and_delimiters_are_told_from_the_file() {
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

const ORGANIZATIONS: &str = r#"
    [organization]
    code = { column = "id", prefix = "t:" }
    name = "name"
    kind = { constant = "AUTHORITY" }
    parent = { column = "parent", prefix = "t:" }
    territory = "region"
"#;

#[tokio::test]
async fn parents_may_come_after_their_children() {
    let app = TestApp::start().await;
    let file = "id,name,parent,region\n3,Office,2,ru-28\n2,Department,1,ru-28\n1,Ministry,,\n4,Lost,9,\n5,Nowhere,1,atlantis\n6,Loop,7,\n7,Pool,6,\n1,Ministry again,,\n";
    let case = Case::new("o.csv", file, ORGANIZATIONS);
    let report = case.run(&app, Kind::Organizations).await;
    assert_eq!(report.counts.organizations.created, 6);
    assert_eq!(case.codes(), ["PARENT_NOT_FOUND", "UNKNOWN_TERRITORY", "TREE_CYCLE", "DUPLICATE_IN_FILE"]);
    let office =
        app.data(r#"{ authority(code: "t:3") { territory { code } ancestors { code } } }"#, json!({})).await;
    assert_eq!(office["authority"]["ancestors"], json!([{ "code": "t:2" }, { "code": "t:1" }]));
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Organizations).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
}

#[tokio::test]
async fn a_tree_deeper_than_ten_is_refused() {
    let app = TestApp::start().await;
    let rows: String = (1..=12)
        .map(|n| format!("{n},N{n},{},\n", if n == 1 { String::new() } else { (n - 1).to_string() }))
        .collect();
    let case = Case::new("o.csv", format!("id,name,parent,region\n{rows}"), ORGANIZATIONS);
    case.run(&app, Kind::Organizations).await;
    assert_eq!(case.codes(), ["TREE_TOO_DEEP"]);
}

const NUMBERS: &str = r#"
    [organization]
    name = "name"
    [organization.identifiers]
    "ru:ogrn" = "ogrn"
    "ru:inn" = "inn"
"#;

#[tokio::test]
async fn units_share_their_parents_number_and_stay_apart() {
    let app = TestApp::start().await;
    let file = "name,ogrn,inn\nБиблиотека № 1,1027739019142,7710168360\nБиблиотека № 2,1027739019142,7710168360\nбиблиотека №1,1027739019142,\n\
                Школа,1027739019143,\nЧеловек,,500100732259\nДругая,12,\nМузей,,274062111\n";
    let case = Case::new("o.csv", file, NUMBERS);
    let report = case.run(&app, Kind::Organizations).await;
    assert_eq!(report.counts.organizations.created, 3);
    assert_eq!(case.codes(), ["DUPLICATE_IN_FILE", "BAD_CHECK_DIGIT", "PERSON_IDENTIFIER", "BAD_IDENTIFIER"]);
    let ask = r#"{ organizationsByIdentifier(scheme: "ru:ogrn", value: "1027739019142") { code name }
        museum: organizationsByIdentifier(scheme: "ru:inn", value: "0274062111") { name identifiers { state } } }"#;
    let found = app.data(ask, json!({})).await;
    assert_eq!(
        found["organizationsByIdentifier"],
        json!([
            { "code": "ru:inn:7710168360", "name": "Библиотека № 1" },
            { "code": "ru:inn:7710168360-2", "name": "Библиотека № 2" },
        ])
    );
    assert_eq!(found["museum"][0]["identifiers"][0]["state"], "VALID");

    let keep = Case::new(
        "o.csv",
        "name,ogrn,inn\nШкола,1027739019143,\n",
        &format!("check_digits = \"keep\"\n{NUMBERS}"),
    );
    assert_eq!(keep.run(&app, Kind::Organizations).await.counts.organizations.created, 1);
    let ask = r#"{ organizationsByIdentifier(scheme: "ru:ogrn", value: "1027739019143") { identifiers { state } } }"#;
    assert_eq!(
        app.data(ask, json!({})).await["organizationsByIdentifier"][0]["identifiers"][0]["state"],
        "CHECK_FAILED"
    );
}

#[tokio::test]
async fn a_full_import_archives_what_is_gone_but_not_too_much() {
    let app = TestApp::start().await;
    let rows = |range: std::ops::Range<usize>| -> String {
        let rows = range.map(|n| format!("A,vk.com/page{n},vk,P{n},\n"));
        format!("Owner,Address,Platform,Title,Language\n{}", rows.collect::<String>())
    };
    let case = Case::new("pages.csv", rows(0..100), PAGES);
    case.run(&app, Kind::Pages).await;
    let full = |confirm_removals| Options { full: true, confirm_removals, ..case.options(Kind::Pages) };
    let archived = || app.registry.snapshot().pages().values().filter(|page| !page.is_live()).count();

    case.rewrite(rows(5..100));
    let report = import::run(&app.registry, &full(false), |_| {}).await.expect("the import runs");
    assert_eq!((report.held, report.counts.pages.removed, archived()), (None, 5, 5));

    case.rewrite(rows(15..101));
    let seq = app.registry.snapshot().seq();
    let report = import::run(&app.registry, &full(false), |_| {}).await.expect("the import is held");
    assert_eq!(report.held.map(|held| (held.removed, held.of)), Some((10, 95)));
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was applied");

    let report = import::run(&app.registry, &full(true), |_| {}).await.expect("the import runs");
    assert_eq!(
        (report.held, report.counts.pages.removed, report.counts.pages.created, archived()),
        (None, 10, 1, 15)
    );

    // What comes back is registered again; what other sources hold is not touched.
    case.rewrite(rows(0..101));
    let report = import::run(&app.registry, &full(false), |_| {}).await.expect("the import runs");
    assert_eq!((report.counts.pages.updated, archived()), (15, 0));
    let other = Options { source: "another".into(), ..full(false) };
    case.rewrite(rows(0..0));
    assert_eq!(
        import::run(&app.registry, &other, |_| {}).await.expect("the import runs").counts.pages.removed,
        0
    );
    assert_eq!(archived(), 0);
}

#[tokio::test]
async fn a_renamed_page_is_known_by_its_permanent_id() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"o\"\n[[pages]]\nurl = \"u\"\nnative_id = \"id\"\n";
    let case = Case::new("p.csv", "o,u,id\nA,vk.com/old_name,77\n", mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite("o,u,id\nA,vk.com/new_name,77\n");
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(report.counts.pages.updated, 1);
    let page = &pages(&app).await[0];
    assert_eq!(
        (&page["url"], &page["aliases"]),
        (&json!("https://vk.com/new_name"), &json!([{ "handle": "old_name", "kind": "FORMER" }]))
    );
    // The handle is another page's now: it must not take this page's record over.
    case.rewrite("o,u,id\nA,vk.com/new_name,78\n");
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["DUPLICATE_IN_REGISTRY"]);
}

#[tokio::test]
async fn another_source_cannot_take_a_page_away() {
    let app = TestApp::start().await;
    let case = Case::new("pages.csv", "Owner,Address,Platform,Title,Language\nA,vk.com/one,vk,One,\n", PAGES);
    case.run(&app, Kind::Pages).await;
    case.rewrite("Owner,Address,Platform,Title,Language\nB,vk.com/one,vk,One,\n");
    let other = Options { source: "another".into(), ..case.options(Kind::Pages) };
    import::run(&app.registry, &other, |_| {}).await.expect("the import runs");
    assert_eq!(case.codes(), ["DUPLICATE_IN_REGISTRY"]);
    case.run(&app, Kind::Pages).await;
    assert_eq!(pages(&app).await[0]["owner"]["name"], "B", "its own source may move it");
}

#[tokio::test]
async fn an_older_row_does_not_overwrite_a_later_change() {
    let app = TestApp::start().await;
    let mapping = format!("as_of = \"date\"\n{PAGES}");
    let case = Case::new(
        "p.csv",
        "Owner,Address,Platform,Title,Language,date\nA,vk.com/one,vk,One,,2020-01-01\n",
        &mapping,
    );
    case.run(&app, Kind::Pages).await;
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), Vec::<String>::new(), "the same row again is no stale row");
    case.rewrite("Owner,Address,Platform,Title,Language,date\nA,vk.com/one,vk,Changed,,2020-01-01\n");
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["STALE_ROW"]);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_told_in_words() {
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
            "names the column `Address`, but the file has only: Owner, Adress",
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
