//! The same file again, a later one, one that was taken back: nothing is doubled, merged or lost.

use registry::import::{self, Kind, Options};
use serde_json::{Value, json};

use super::Case;
use crate::suite::harness::TestApp;

async fn organizations(app: &TestApp) -> Vec<Value> {
    let ask = "{ institutions(first: 50) { nodes { code name status parent { ... on Authority { code } ... on Institution { code } } pages(first: 50) { nodes { handle } } } } }";
    let mut found = app.data(ask, json!({})).await["institutions"]["nodes"].take();
    found.as_array_mut().map(std::mem::take).unwrap_or_default()
}

/// Runs an import and its repetition, which changes nothing; answers what the first one made.
pub async fn twice(app: &TestApp, case: &Case, kind: Kind) -> import::Report {
    let report = case.run(app, kind).await;
    let seq = app.registry.snapshot().seq();
    let second = case.run(app, kind).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing: {:?}", second.counts);
    report
}

#[tokio::test]
async fn namesakes_below_different_parents_stay_two_whether_or_not_the_parents_are_known() {
    let app = TestApp::start().await;
    app.organization("m1", "First ministry").await;
    app.organization("m2", "Second ministry").await;
    let mapping = "[organization]\nname = \"n\"\nparent = \"p\"\nterritory = \"t\"\n[[pages]]\nurl = \"u\"\n";
    let file = "n,p,t,u\nДом культуры,m1,ru-28,vk.com/house_one\nДом культуры,m2,ru-28,vk.com/house_two\n";
    let case = Case::new("p.csv", file, mapping);
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.organizations.created, report.counts.warnings), (2, 0));
    let parents = organizations(&app).await.into_iter().filter(|it| it["name"] == "Дом культуры");
    let parents: Vec<Value> = parents.map(|it| it["parent"]["code"].clone()).collect();
    assert_eq!(parents.len(), 2);
    assert!(parents.contains(&json!("m1")) && parents.contains(&json!("m2")), "{parents:?}");

    let case = Case::new(
        "o.csv",
        "n,p\nОтдел,none-1\nОтдел,none-2\n",
        "[organization]\nname = \"n\"\nparent = \"p\"\n",
    );
    let report = twice(&app, &case, Kind::Organizations).await;
    assert_eq!(report.counts.organizations.created, 2);
    assert_eq!(case.warnings(), ["PARENT_NOT_FOUND", "PARENT_NOT_FOUND"]);
}

#[tokio::test]
async fn a_refused_territory_takes_no_other_one_with_it() {
    let app = TestApp::start().await;
    let mapping = "[territory]\ncode = \"c\"\nname = \"n\"\nkind = { constant = \"MUNICIPALITY\" }\nparent = \"up\"\npopulation = \"p\"\n";
    let file = "c,n,up,p\nt:1,One,ru-28,many\nt:2,Two,ru-28,10\nt:3,Three,t:2,20\nt:2,Two again,ru-28,11\n";
    let case = Case::new("t.csv", file, mapping);
    let report = twice(&app, &case, Kind::Territories).await;
    assert_eq!(report.counts.territories.created, 2);
    assert_eq!(case.codes(), ["BAD_VALUE", "DUPLICATE_IN_FILE"]);
    let parent = app.data("{ territory(code: \"t:3\") { parent { code } } }", json!({})).await;
    assert_eq!(parent["territory"]["parent"]["code"], "t:2");
}

#[tokio::test]
async fn numbers_of_two_organizations_in_one_row_merge_neither() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"inn\"\n\"ru:ogrn\" = \"ogrn\"\n[[pages]]\nurl = \"u\"\n";
    let file = "n,inn,ogrn,u\nX,0274062111,,vk.com/cb_one\nY,,1027739019142,vk.com/cb_two\n";
    let case = Case::new("p.csv", file, mapping);
    case.run(&app, Kind::Pages).await;
    let seq = app.registry.snapshot().seq();
    case.rewrite("n,inn,ogrn,u\nY,0274062111,1027739019142,vk.com/cb_three\n");
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["OWNER_AMBIGUOUS"]);
    let changed = organizations(&app).await;
    assert!(changed.iter().any(|it| it["name"] == "X"), "{changed:?}");
    // Another number of the same scheme is reported, also in a second row and of another source.
    case.rewrite(
        "n,inn,ogrn,u\nX,0274062111,1022800520588,vk.com/cb_one\nX,0274062111,1027739019142,vk.com/cb_four\n",
    );
    let other = Options { source: "other".into(), ..case.options(Kind::Pages) };
    import::run(&app.registry, &other, |_| {}).await.expect("the import runs");
    assert!(!case.codes().is_empty());
    assert!(app.registry.snapshot().seq() >= seq);
}

#[tokio::test]
async fn codes_that_begin_with_the_name_of_their_source_are_codes_of_their_own() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\n";
    let file = "c,n,u\ntest:a,Health Department,vk.com/health_a\ntest:b,Health Department,vk.com/health_b\n";
    let case = Case::new("p.csv", file, mapping);
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!(report.counts.organizations.created, 2);
}

#[tokio::test]
async fn a_number_that_a_spreadsheet_spoilt_is_one_code_with_its_prefix() {
    let app = TestApp::start().await;
    let mapping =
        "[organization]\ncode = { column = \"c\", prefix = \"z:\" }\nname = \"n\"\n[[pages]]\nurl = \"u\"\n";
    let file = "c,n,u\n2315,A,vk.com/sp_one\n2315.0,A,vk.com/sp_two\n2 315,A,vk.com/sp_three\n";
    let case = Case::new("p.csv", file, mapping);
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!(report.counts.organizations.created, 1);
    assert_eq!(organizations(&app).await[0]["code"], "z:2315");
}

const WITH_IDS: &str = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u1\"\nnative_id = \"i1\"\n[[pages]]\nurl = \"u2\"\nnative_id = \"i2\"\n";

#[tokio::test]
async fn two_addresses_of_one_row_may_swap_their_handles() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "n,u1,i1,u2,i2\nA,vk.com/han_red,77,vk.com/han_blue,78\n", WITH_IDS);
    case.run(&app, Kind::Pages).await;
    case.rewrite("n,u1,i1,u2,i2\nA,vk.com/han_blue,77,vk.com/han_red,78\n");
    twice(&app, &case, Kind::Pages).await;
    let handle = |id: &str| {
        let snapshot = app.registry.snapshot();
        let vk = snapshot.platform_by_code("vk").expect("a platform").id;
        let page = snapshot.page_by_native_id(vk, id).expect("a page").clone();
        page.handle.clone().map(String::from)
    };
    assert_eq!((handle("77").as_deref(), handle("78").as_deref()), (Some("han_blue"), Some("han_red")));
    // The handle moves to a new id, and the old id stands in the same row.
    case.rewrite("n,u1,i1,u2,i2\nA,vk.com/han_blue,79,vk.com/club77,\n");
    twice(&app, &case, Kind::Pages).await;
    assert_eq!((handle("79").as_deref(), handle("77")), (Some("han_blue"), None));
}

#[tokio::test]
async fn what_cannot_be_an_id_of_the_platform_is_left_out_and_reported() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\nnative_id = \"i\"\n";
    let file = "n,u,i\nA,vk.com/id_zero,0\nB,vk.com/id_none,n/a\nC,vk.com/id_words,abc def\nD,vk.com/id_spoilt,1002.0\nE,vk.com/id_blank,1 003\nF,vk.com/club77,78\n";
    let case = Case::new("p.csv", file, mapping);
    twice(&app, &case, Kind::Pages).await;
    assert_eq!(
        (case.codes(), case.warnings()),
        (vec!["BAD_VALUE".to_owned()], vec!["BAD_VALUE".to_owned(); 3])
    );
    let snapshot = app.registry.snapshot();
    let vk = snapshot.platform_by_code("vk").expect("a platform").id;
    assert!(
        snapshot.page_by_native_id(vk, "1002").is_some() && snapshot.page_by_native_id(vk, "1003").is_some()
    );
}

#[tokio::test]
async fn rows_that_are_refused_say_nothing_of_an_organizations_name() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\n";
    let file =
        "c,n,u\n1,Bad name,vk.com/id5\n1,Bad name,vk.com/id6\n1,Good name,vk.com/good_one\n1,Junk\n1,Junk\n";
    let case = Case::new("p.csv", file, mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.warnings), (4, 0));
    assert_eq!(organizations(&app).await[0]["name"], "Good name");
}

#[tokio::test]
async fn what_a_refused_row_still_names_is_not_removed() {
    let app = TestApp::start().await;
    let mapping = "max_removals = 0\n[organization]\ncode = \"c\"\nname = \"n\"\nterritory = \"t\"\n[organization.identifiers]\n\"ru:inn\" = \"inn\"\n";
    let case =
        Case::new("o.csv", "c,n,t,inn\na,Alpha,ru-28,0274062111\nb,Beta,ru-28,\nd,Delta,ru-28,\n", mapping);
    case.run(&app, Kind::Organizations).await;
    case.rewrite("c,n,t,inn\na,Alpha,ru-28,0274062112\nb,Beta,ru-nowhere,\nd,Del, ta,ru-28,\n");
    let full = Options { full: true, ..case.options(Kind::Organizations) };
    let report = import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
    assert!(report.held.is_none(), "nothing would go: {report:?}");
    assert_eq!((report.counts.refused, report.counts.organizations.removed), (3, 0));
}

#[tokio::test]
async fn an_old_list_of_pages_does_not_take_them_back_from_a_successor() {
    let app = TestApp::start().await;
    let pages = Case::new(
        "p.csv",
        "c,n,u\nold,Old office,vk.com/office_page\nnew,New office,vk.com/other_page\n",
        "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\n",
    );
    pages.run(&app, Kind::Pages).await;
    let ended = Case::new(
        "o.csv",
        "c,n,s,f\nold,Old office,MERGED,new\nnew,New office,,\n",
        "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\n",
    );
    ended.run(&app, Kind::Organizations).await;
    let owner = "{ page(url: \"vk.com/office_page\") { owner { name } } }";
    assert_eq!(app.data(owner, json!({})).await["page"]["owner"]["name"], "New office");
    pages.rewrite("c,n,u\nold,Old office,vk.com/office_page\nold,Old office,vk.com/office_second\nnew,New office,vk.com/other_page\n");
    twice(&app, &pages, Kind::Pages).await;
    assert_eq!(pages.warnings(), ["OWNER_ENDED", "OWNER_ENDED"]);
    assert_eq!(app.data(owner, json!({})).await["page"]["owner"]["name"], "New office");
    let second = "{ verifyPage(url: \"vk.com/office_second\") { verdict page { owner { name } } } }";
    let second = app.data(second, json!({})).await["verifyPage"].take();
    assert_eq!(second, json!({ "verdict": "OFFICIAL", "page": { "owner": { "name": "New office" } } }));
}
