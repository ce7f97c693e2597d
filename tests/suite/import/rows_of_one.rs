//! Several rows of one organization or page: what each of them says counts, or is reported; what rejected ones say does not.

use registry::import::{self, Kind, Options};
use serde_json::json;

use super::{Case, pages, repeats::twice};
use crate::suite::harness::TestApp;

const PAGE: &str = "[[pages]]\nurl = \"u\"\n";

#[tokio::test]
async fn a_refused_row_does_not_name_an_organization() {
    let app = TestApp::start().await;
    let mapping = format!(
        "[organization]\ncode = \"c\"\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n{PAGE}"
    );
    let rows = [
        "c1,School A,7700000016,vk.com/sa_one",
        "c1,School B,7700000023,vk.com/sb_one",
        "c1,School B,7700000023,vk.com/sb_two",
    ];
    let case = Case::new("p.csv", format!("c,n,i,u\n{}\n", rows.join("\n")), &mapping);
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.warnings), (2, 0));
    let name = app.data("{ institution(code: \"c1\") { name } }", json!({})).await;
    assert_eq!(name["institution"]["name"], "School A");
    // Nor one that is refused for another of its cells.
    let mapping =
        "[organization]\nname = \"n\"\nvalid_from = \"d\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n";
    let case = Case::new("o.csv", "n,i,d\nForests,7700000030,31.02.2020\nWoods,7700000030,\n", mapping);
    let report = case.run(&app, Kind::Organizations).await;
    assert_eq!((report.counts.refused, report.counts.warnings), (1, 0));
    let name = app.data("{ institution(code: \"ru:inn:7700000030\") { name } }", json!({})).await;
    assert_eq!(name["institution"]["name"], "Woods");
}

#[tokio::test]
async fn every_other_name_of_one_number_is_reported_once() {
    let app = TestApp::start().await;
    let mapping =
        format!("[organization]\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n{PAGE}");
    let names = ["Health", "Health", "Health", "Alpha", "Zulu", "Zulu"];
    let rows = names.iter().enumerate().map(|(at, name)| format!("{name},7700000016,vk.com/name_{at}\n"));
    let case = Case::new("p.csv", format!("n,i,u\n{}", rows.collect::<String>()), &mapping);
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.refused, case.warnings()), (0, vec!["NAME_CONFLICT".to_owned(); 2]));
    let messages = case.column("warnings.csv", "warning_text").join("\n");
    assert!(
        messages.contains("“Alpha” has the same identity as “Health”") && messages.contains("“Zulu”"),
        "{messages}"
    );
}

#[tokio::test]
async fn contradictions_between_rows_of_one_organization_are_reported() {
    let app = TestApp::start().await;
    let mapping = format!(
        "[organization]\nname = \"n\"\nterritory = \"t\"\nlevel = \"l\"\nwebsite = \"w\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n{PAGE}"
    );
    let rows = "Комитет,7700000016,ru-28,REGIONAL,a.example,vk.com/kom_one\nКомитет,7700000016,ru-27,MUNICIPAL,b.example,vk.com/kom_two\n";
    let case = Case::new("p.csv", format!("n,i,t,l,w,u\n{rows}"), &mapping);
    for _ in 0..2 {
        twice(&app, &case, Kind::Pages).await;
        assert_eq!(case.warnings(), ["NAME_CONFLICT"]);
        let message = &case.column("warnings.csv", "warning_text")[0];
        assert!(message.contains("level, territory, website"), "{message}");
    }
}

#[tokio::test]
async fn a_unique_number_is_never_that_of_two() {
    let app = TestApp::start().await;
    let mapping = format!(
        "[organization]\nname = \"n\"\nsector = \"s\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n\"ru:court-code\" = \"o\"\n{PAGE}"
    );
    for rows in [
        "School A,7700000016,28RS0004,,x.com/h_two\nSchool B,7700000023,,,x.com/h_one\nSchool B,7700000023,28RS0004,,vk.com/h_two\n",
        "School A,7700000016,28RS0004,HEALTH,x.com/h_two\nSchool A,7700000023,28RS0004,,vk.com/h_two\nSchool B,7700000023,,,x.com/h_one\n",
    ] {
        let case = Case::new("p.csv", format!("n,i,o,s,u\n{rows}"), &mapping);
        let report = twice(&app, &case, Kind::Pages).await;
        assert_eq!(report.counts.refused, 1);
        let snapshot = app.registry.snapshot();
        assert_eq!(snapshot.organizations_by_identifier("ru:court-code", "28RS0004").count(), 1);
        assert_eq!(snapshot.invariants(chrono::Utc::now()).breaches, []);
    }
}

#[tokio::test]
async fn rows_of_a_new_code_mean_whom_the_first_of_them_means() {
    let app = TestApp::start().await;
    let mapping =
        "[organization]\ncode = \"c\"\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n";
    let first = Case::new("a.csv", "c,n,i\n,School 1,7700000016\n", mapping);
    let options = Options { source: "other".into(), ..first.options(Kind::Organizations) };
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    let rows = "c6,School 1,7700000016\nc6,School 1,7700000023\n,School 2,7700000023\n";
    let case = Case::new("b.csv", format!("c,n,i\n{rows}"), mapping);
    assert_eq!(twice(&app, &case, Kind::Organizations).await.counts.refused, 1);
    let name = app.data("{ institution(code: \"ru:inn:7700000023\") { name } }", json!({})).await;
    assert_eq!(name["institution"]["name"], "School 2");
}

#[tokio::test]
async fn a_number_of_two_namesakes_makes_no_third_with_each_run() {
    let app = TestApp::start().await;
    let mapping = format!(
        "[organization]\ncode = \"c\"\nname = \"n\"\nparent = \"p\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n{PAGE}"
    );
    let rows = "c1,School 1,,,vk.com/h_five\n,School 2,7700000016,,vk.com/h_one\n";
    let case = Case::new("p.csv", format!("c,n,i,p,u\n{rows}"), &mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite("c,n,i,p,u\n,School 2,7700000016,c3,x.com/h_one\nc1,School 2,7700000016,,vk.com/h_five\n");
    twice(&app, &case, Kind::Pages).await;
    assert_eq!(
        (case.codes(), app.registry.snapshot().organizations().len()),
        (vec!["OWNER_AMBIGUOUS".to_owned()], 2)
    );
}

#[tokio::test]
async fn figures_are_those_of_the_first_row_of_a_page_and_checked_in_all() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\nsubscribers = \"s\"\n";
    let case = Case::new("p.csv", "n,u,s\nSchool 1,vk.com/h_one,30\nSchool 2,vk.com/h_one,20\n", mapping);
    twice(&app, &case, Kind::Pages).await;
    let ask = "{ page(url: \"vk.com/h_one\") { statistics { latest { subscribers } } } }";
    let latest = app.data(ask, json!({})).await;
    assert_eq!(latest["page"]["statistics"]["latest"]["subscribers"], 30);
    case.rewrite("n,u,s\nSchool 1,vk.com/h_one,30\nSchool 2,vk.com/h_one,x\n");
    for _ in 0..2 {
        case.run(&app, Kind::Pages).await;
        assert_eq!(case.codes(), ["BAD_VALUE"]);
    }
}

#[tokio::test]
async fn co_owners_that_are_merged_are_followed_by_their_successors() {
    let app = TestApp::start().await;
    let mapping =
        format!("[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\n{PAGE}");
    let rows =
        "c1,School 1,,,vk.com/h_one\nc2,School 2,MERGED,c3,vk.com/h_one\nc3,School 3,,,vk.com/h_nine\n";
    let case = Case::new("p.csv", format!("c,n,s,f,u\n{rows}"), &mapping);
    twice(&app, &case, Kind::Pages).await;
    let found = pages(&app).await;
    let shared = found.as_array().expect("pages").iter().find(|page| page["url"] == "https://vk.com/h_one");
    let shared = shared.expect("the page");
    assert_eq!(
        (&shared["owner"]["name"], &shared["coOwners"]),
        (&json!("School 1"), &json!([{ "name": "School 3" }]))
    );
}

#[tokio::test]
async fn an_owner_that_was_suspended_with_several_rows_is_so_after_an_undo() {
    let app = TestApp::start().await;
    let mapping = format!("[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\n{PAGE}");
    let rows = "c1,School 1,SUSPENDED,vk.com/h_one\nc1,School 1,SUSPENDED,vk.com/h_two\n";
    let case = Case::new("p.csv", format!("c,n,s,u\n{rows}"), &mapping);
    let job = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    import::undo(&app.registry, job).await.expect("undone");
    twice(&app, &case, Kind::Pages).await;
    let verdict = app.data("{ verifyPage(url: \"vk.com/h_one\") { verdict } }", json!({})).await;
    assert_eq!(verdict["verifyPage"]["verdict"], "OWNER_SUSPENDED");
}

#[tokio::test]
async fn a_refused_row_makes_no_namesake_of_another_row_its_own() {
    let app = TestApp::start().await;
    let mapping = format!("[organization]\nname = \"n\"\nterritory = \"t\"\n{PAGE}");
    for address in ["vk.com/", "vk.com/kult27"] {
        let rows = format!(
            "Управление культуры,ru-27,{address}\nУправление культуры,ru-25,vk.com/kult25\nУправление культуры,,vk.com/kultnone\n"
        );
        let case = Case::new("p.csv", format!("n,t,u\n{rows}"), &mapping);
        case.run(&app, Kind::Pages).await;
        assert!(case.codes().contains(&"OWNER_AMBIGUOUS".to_owned()), "{:?}", case.codes());
        let verdict = app.data("{ verifyPage(url: \"vk.com/kultnone\") { verdict } }", json!({})).await;
        assert_eq!(verdict["verifyPage"]["verdict"], "NOT_REGISTERED");
    }
}

#[tokio::test]
async fn pages_of_an_owner_with_an_unreadable_address_are_not_taken_from_it() {
    let app = TestApp::start().await;
    let mapping = format!("max_removals = \"50%\"\n[organization]\ncode = \"c\"\nname = \"n\"\n{PAGE}");
    let row = |at: usize| format!("o{at},Отдел {at},vk.com/otdel{at}\n");
    let case = Case::new("p.csv", format!("c,n,u\n{}", (1..30).map(row).collect::<String>()), &mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite(format!("c,n,u\n{}o28,Отдел 28,vk.com/\n", (1..28).map(row).collect::<String>()));
    let options = Options { full: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    assert_eq!((report.counts.refused, report.counts.pages.removed), (1, 1));
    for (url, verdict) in [("vk.com/otdel28", "OFFICIAL"), ("vk.com/otdel29", "ARCHIVED")] {
        let ask = "query($url: String!) { verifyPage(url: $url) { verdict } }";
        assert_eq!(app.data(ask, json!({ "url": url })).await["verifyPage"]["verdict"], verdict, "{url}");
    }
}

#[tokio::test]
async fn languages_are_tags_and_others_are_reported() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\nlanguages = { column = \"l\", split = [\",\", \"/\"], map = { both = [\"en\", \"fr\"] } }\n";
    let case = Case::new(
        "p.csv",
        "n,u,l\nA,vk.com/a_one,\"EN, русский/sr-latn\"\nA,vk.com/a_two,1\nA,vk.com/a_xx,Both\n",
        mapping,
    );
    twice(&app, &case, Kind::Pages).await;
    assert_eq!(case.warnings(), ["BAD_VALUE", "BAD_VALUE"]);
    let found = pages(&app).await;
    let languages: Vec<_> = found.as_array().expect("pages").iter().map(|page| &page["languages"]).collect();
    assert_eq!(languages, [&json!(["en", "sr-Latn"]), &json!([]), &json!(["en", "fr"])]);
}

#[tokio::test]
async fn a_merged_organization_with_a_last_day_contradicts_nothing() {
    let app = TestApp::start().await;
    let mapping =
        "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\nvalid_to = \"d\"\n";
    let case = Case::new("o.csv", "c,n,s,f,d\na,A,,,\nb,B,MERGED,a,2019-12-31\n", mapping);
    assert_eq!(twice(&app, &case, Kind::Organizations).await.counts.warnings, 0);
}
