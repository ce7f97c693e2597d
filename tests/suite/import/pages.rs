//! Rows of pages: owners, co-owners, duplicates, removals.

use registry::import::{self, Kind, Options};
use serde_json::{Value, json};

use super::{Case, PAGES, pages, repeats::twice};
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
    let page =
        |url: &str| before.as_array().and_then(|pages| pages.iter().find(|page| page["url"] == url)).cloned();
    assert_eq!(page("https://vk.com/one").expect("a page")["coOwners"][0]["name"], "B");
    assert_eq!(page("https://vk.com/two").expect("a page")["languages"], json!(["en", "fr"]));
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
        errors
            .starts_with("\u{feff}Owner,Address,Platform,Title,Language,error_code,error_text,suggestion\n"),
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
}

/// A handle that moves on takes nothing of the page with it that had it before.
#[tokio::test]
async fn a_handle_that_moves_on_registers_another_page_and_leaves_the_record() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"o\"\n[[pages]]\nurl = \"u\"\nnative_id = \"id\"\n";
    let case = Case::new("p.csv", "o,u,id\nA,vk.com/name,77\n", mapping);
    case.run(&app, Kind::Pages).await;
    let at = chrono::Utc::now().to_rfc3339();
    case.rewrite("o,u,id\nB,vk.com/name,78\n");
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.refused, report.counts.warnings), (1, 0, 1));
    assert_eq!(case.warnings(), ["HANDLE_MOVED"]);
    let ask = "query($url: String!, $at: DateTime) { verifyPage(url: $url, asOf: $at) {
        verdict matchedBy page { nativeId handle owner { name } aliases { handle kind until } } } }";
    let verify = async |url: &str, at: Option<&str>| {
        app.data(ask, json!({ "url": url, "at": at })).await["verifyPage"].take()
    };
    let now = verify("vk.com/name", None).await;
    assert_eq!((&now["verdict"], &now["page"]["nativeId"]), (&json!("OFFICIAL"), &json!("78")), "{now}");
    let old = verify("vk.com/club77", None).await;
    assert_eq!((&old["verdict"], &old["page"]["handle"]), (&json!("OFFICIAL"), &json!(null)), "{old}");
    assert_eq!(old["page"]["aliases"][0]["kind"], "FORMER");
    assert!(old["page"]["aliases"][0]["until"].is_string(), "{old}");
    let then = verify("vk.com/name", Some(&at)).await;
    assert_eq!(then["page"]["nativeId"], "77", "its verdict of then stays: {then}");

    // Archived pages give their handle up as well, and two pages may change theirs in one file.
    case.rewrite("o,u,id\nA,vk.com/other,78\nB,vk.com/name,77\n");
    assert_eq!(case.run(&app, Kind::Pages).await.counts.refused, 0, "{:?}", case.codes());
    assert_eq!(verify("vk.com/name", None).await["page"]["nativeId"], "77");
    assert_eq!(verify("vk.com/other", None).await["page"]["nativeId"], "78");
    // Two rows of one file cannot both have it.
    case.rewrite("o,u,id\nA,vk.com/name,81\nA,vk.com/name,82\n");
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["DUPLICATE_IN_FILE"]);
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
    let mapping = "[organization]\nname = \"o\"\nstatus = \"s\"\n[[pages]]\nurl = \"u\"\nmark = { constant = \"CONFIRMED\" }\n\
        mark_method = \"how\"\nmark_at = \"when\"\n";
    let file = "o,s,u,how,when\n\
        A,ACTIVE,vk.com/one,gosuslugi,2024-05-01\n\
        B,SUSPENDED,vk.com/two,gosuslugi,2024-05-01\n\
        C,ACTIVE,vk.com/three,,2024-05-01\n\
        D,ACTIVE,vk.com/four,gosuslugi,\n\
        E,ACTIVE,vk.com/five,friendship,2024-05-01\n\
        F,ACTIVE,vk.com/six,gosuslugi,2999-01-01\n\
        G,ACTIVE,x.com/seven,gosuslugi,2024-05-01\n";
    let case = Case::new("p.csv", file, mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.refused), (7, 0));
    assert_eq!(case.warnings(), ["MARK_NOT_ALLOWED"; 6]);
    let marked = app.data("{ pages(filter: { marks: [CONFIRMED] }) { nodes { handle } } }", json!({})).await;
    assert_eq!(marked["pages"]["nodes"], json!([{ "handle": "one" }]));
    case.rewrite("o,s,u,how,when\n");
    let options = Options { full: true, confirm_removals: true, ..case.options(Kind::Pages) };
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    let ask = "{ pages(first: 1) { nodes { lifecycle mark { state } } } }";
    let found = app.data(ask, json!({})).await;
    assert_eq!(found["pages"]["nodes"], json!([{ "lifecycle": "ARCHIVED", "mark": { "state": "EXPIRED" } }]));
}

#[tokio::test]
async fn of_two_rows_of_a_page_statistics_stay_and_an_unused_mark_is_reported() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"o\"\n[[pages]]\nurl = \"u\"\nmark = \"m\"\nmark_method = { constant = \"gosuslugi\" }\nmark_at = { constant = \"2024-05-01\" }\nsubscribers = \"s\"\n";
    for (number, rows) in [
        ["z,Zeta,vk.com/both,CONFIRMED,812", "a,Alpha,vk.com/both,,"],
        ["a,Alpha,vk.com/both2,NONE,", "z,Zeta,vk.com/both2,CONFIRMED,812"],
    ]
    .iter()
    .enumerate()
    {
        let case = Case::new("p.csv", format!("c,o,u,m,s\n{}\n{}\n", rows[0], rows[1]), mapping);
        for _ in 0..2 {
            let counts = case.run(&app, Kind::Pages).await.counts;
            assert_eq!(
                (counts.refused, case.warnings()),
                (0, vec!["MARK_NOT_ALLOWED".to_owned()]),
                "{number}"
            );
        }
        let seq = app.registry.snapshot().seq();
        case.run(&app, Kind::Pages).await;
        assert_eq!(app.registry.snapshot().seq(), seq, "a further run changes nothing");
        let url = if number == 0 { "vk.com/both" } else { "vk.com/both2" };
        let ask = "query($url: String!) { page(url: $url) { mark { state } statistics { latest { subscribers } } } }";
        let page = app.data(ask, json!({ "url": url })).await["page"].take();
        assert_eq!(page["mark"]["state"], "NONE", "{page}");
        assert_eq!(page["statistics"]["latest"]["subscribers"], 812, "{page}");
    }
}

#[tokio::test]
async fn a_page_that_a_bad_figure_keeps_out_is_named() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"o\"\n[[pages]]\nurl = \"u\"\nsubscribers = \"s\"\n[[pages]]\nurl = \"v\"\n";
    let case = Case::new("p.csv", "c,o,u,s,v\na,Alpha,vk.com/one,many,vk.com/two\n", mapping);
    let counts = case.run(&app, Kind::Pages).await.counts;
    assert_eq!((counts.pages.created, counts.warnings), (1, 1));
    let warnings = std::fs::read_to_string(case.path("warnings.csv")).expect("warnings");
    assert!(warnings.contains("The page `vk.com/one` was skipped."), "{warnings}");
}

#[tokio::test]
async fn handles_that_two_pages_swap_take_the_titles_that_they_stand_for_along() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\nnative_id = \"i\"\n";
    let case = Case::new("p.csv", "n,i,u\nA,1001,x.com/alpha_gov\nB,1002,x.com/beta_gov\n", mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite("n,i,u\nA,1001,x.com/beta_gov\nB,1002,x.com/alpha_gov\n");
    twice(&app, &case, Kind::Pages).await;
    let mut found: Vec<(Value, Value)> = pages(&app)
        .await
        .as_array()
        .expect("pages")
        .iter()
        .map(|page| (page["url"].clone(), page["title"].clone()))
        .collect();
    found.sort_by_key(|(url, _)| url.to_string());
    let expected = [("https://x.com/alpha_gov", "alpha_gov"), ("https://x.com/beta_gov", "beta_gov")];
    assert_eq!(found, expected.map(|(url, title)| (json!(url), json!(title))));
}
