//! Rows of pages: owners, co-owners, duplicates, removals.

use api::import::{self, Kind, Options};
use serde_json::json;

use super::{Case, PAGES, pages};
use crate::suite::harness::TestApp;

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
async fn a_confirmed_mark_belongs_to_a_registered_page_of_an_active_organization() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"o\"\nstatus = \"s\"\n[[pages]]\nurl = \"u\"\nmark = { constant = \"CONFIRMED\" }\n";
    let case = Case::new("p.csv", "o,s,u\nA,ACTIVE,vk.com/one\nB,SUSPENDED,vk.com/two\n", mapping);
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["MARK_NOT_ALLOWED"]);
    case.rewrite("o,s,u\n");
    let options = Options { full: true, confirm_removals: true, ..case.options(Kind::Pages) };
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    let ask = "{ pages { nodes { lifecycle mark { state } } } }";
    let found = app.data(ask, json!({})).await;
    assert_eq!(found["pages"]["nodes"], json!([{ "lifecycle": "ARCHIVED", "mark": { "state": "EXPIRED" } }]));
}
