//! Rows that meet at one page or one name: none is merged with another, and none is lost.

use registry::import::{self, Kind, Options};
use serde_json::json;

use super::{Case, repeats::twice};
use crate::suite::harness::TestApp;

const SCHOOLS: &str = "[organization]\nname = \"n\"\nterritory = \"t\"\n[organization.identifiers]\n\"ru:ogrn\" = \"o\"\n\
    [[pages]]\nurl = \"u\"\nnative_id = \"i\"\n";

#[tokio::test]
async fn one_id_at_two_handles_is_refused_whoever_names_it() {
    let app = TestApp::start().await;
    let file = "n,t,o,u,i\nшкола №2,ru-28,,vk.com/sch_27,1010\nшкола №2,ru-28,,vk.com/sch_24,1010\n\
                СОШ 1,ru-25,1027739019142,vk.com/sch_24,\n";
    let case = Case::new("p.csv", file, SCHOOLS);
    twice(&app, &case, Kind::Pages).await;
    assert_eq!(case.codes(), ["DUPLICATE_IN_FILE"]);
    assert_eq!(case.column("errors.csv", "u"), ["vk.com/sch_27"]);
    let ask = "{ pages(first: 9) { nodes { handle nativeId coOwners { name } } } }";
    let found = app.data(ask, json!({})).await;
    assert_eq!(
        found["pages"]["nodes"],
        json!([{ "handle": "sch_24", "nativeId": "1010", "coOwners": [{ "name": "школа №2" }] }])
    );
}

#[tokio::test]
async fn numbered_namesakes_leave_one_without_a_number_alone() {
    let app = TestApp::start().await;
    let without = "n,t,o,u,i\nШкола 1,ru-28,,vk.com/sch_none,\n";
    let case = Case::new("p.csv", without, SCHOOLS);
    twice(&app, &case, Kind::Pages).await;
    case.rewrite(
        "n,t,o,u,i\nШкола 1,ru-28,1027739019142,vk.com/sch_one,\nШкола 1,ru-28,1027700132195,vk.com/sch_two,\n",
    );
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.organizations.created, report.counts.refused), (2, 0));
    // Whoever has no number is still the one that it was.
    case.rewrite(without);
    let seq = app.registry.snapshot().seq();
    twice(&app, &case, Kind::Pages).await;
    assert_eq!((app.registry.snapshot().seq(), case.codes()), (seq, vec![]));
}

#[tokio::test]
async fn namesakes_of_other_sources_are_at_most_one_with_one_that_has_no_place() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "n,t,o,u,i\nШкола № 1,,,vk.com/sch_any,\n", SCHOOLS);
    twice(&app, &case, Kind::Pages).await;
    let mut created = Vec::new();
    for (source, territory) in [("b", "ru-28"), ("c", "ru-25"), ("d", "ru-27")] {
        let file = format!("n,t,o,u,i\nШкола № 1,{territory},,vk.com/sch_{source},\n");
        let other = Case::new("p.csv", file, SCHOOLS);
        let options = Options { source: source.into(), ..other.options(Kind::Pages) };
        for _ in 0..2 {
            let report = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
            assert_eq!(report.counts.refused, 0);
            created.push(report.counts.organizations.created);
        }
    }
    assert_eq!(created, [0, 0, 1, 0, 1, 0]);
    let seq = app.registry.snapshot().seq();
    twice(&app, &case, Kind::Pages).await;
    assert_eq!(
        (app.registry.snapshot().seq(), case.codes()),
        (seq, vec![]),
        "the first source means its own"
    );
}

#[tokio::test]
async fn a_full_file_decides_who_owns_a_page_today() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\n";
    let case = Case::new("p.csv", "n,u\nA,vk.com/ours\nB,vk.com/ours\nC,vk.com/ours\n", mapping);
    case.run(&app, Kind::Pages).await;
    let owners = async || {
        let ask = "{ pages(first: 9) { nodes { owner { name } coOwners { name } } } }";
        app.data(ask, json!({})).await["pages"]["nodes"][0].clone()
    };
    case.rewrite("n,u\nB,vk.com/ours\nC,vk.com/ours\n");
    twice(&app, &case, Kind::Pages).await;
    assert_eq!(owners().await["owner"]["name"], "A", "a file that is not whole takes no owner away");
    let options = Options { full: true, ..case.options(Kind::Pages) };
    for updated in [1, 0] {
        let report = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
        assert_eq!(report.counts.pages.updated, updated);
        assert_eq!(owners().await, json!({ "owner": { "name": "B" }, "coOwners": [{ "name": "C" }] }));
    }
}

#[tokio::test]
async fn a_second_language_is_another_row_of_the_same_organization() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nname_language = \"l\"\n";
    let file = "c,n,l\n7,Justice Canada,en\n7,Justice Canada,en\n7,Ministère de la Justice,fr\n8,***,en\n";
    let case = Case::new("o.csv", file, mapping);
    twice(&app, &case, Kind::Organizations).await;
    assert_eq!(case.codes(), ["DUPLICATE_IN_FILE", "BAD_VALUE"]);
    let ask = "{ institutions(first: 5) { nodes { name otherNames { name kind } } } }";
    let found = app.data(ask, json!({})).await;
    assert_eq!(
        found["institutions"]["nodes"],
        json!([{ "name": "Justice Canada", "otherNames": [{ "name": "Ministère de la Justice", "kind": "TRANSLATION" }] }])
    );
}

#[tokio::test]
async fn rows_of_a_successor_and_of_the_merged_one_may_be_in_one_file() {
    let app = TestApp::start().await;
    let organizations = "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\n";
    let list = Case::new("o.csv", "c,n,s,f\na,Old,MERGED,b\nb,New,ACTIVE,\n", organizations);
    list.run(&app, Kind::Organizations).await;
    let pages = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\n";
    let case = Case::new("p.csv", "c,n,u\na,Old,vk.com/ours\nb,New,vk.com/ours\n", pages);
    twice(&app, &case, Kind::Pages).await;
    assert_eq!((case.codes(), case.warnings()), (vec![], vec!["OWNER_ENDED".to_owned()]));
    // The list corrects who follows, and tells of one that has ended itself.
    list.rewrite("c,n,s,f\na,Old,MERGED,c\nb,New,ACTIVE,\nc,Third,LIQUIDATED,\n");
    let report = list.run(&app, Kind::Organizations).await;
    assert_eq!((list.warnings(), report.counts.organizations.updated), (vec!["OWNER_ENDED".to_owned()], 1));
    let snapshot = app.registry.snapshot();
    let old = snapshot.organization_by_code("a").expect("the merged one");
    let third = snapshot.organization_by_code("c").expect("its successor").id;
    assert_eq!(old.successors, [third]);
}

#[tokio::test]
async fn a_name_alone_leads_to_no_organization_of_another_source_that_has_codes() {
    for (territory, created) in [("", 1), ("ru-28", 0), ("ru-25", 1)] {
        let app = TestApp::start().await;
        let case = Case::new("p.csv", "n,t,o,u,i\nPrivy Council Office,ru-28,,vk.com/pco_page,\n", SCHOOLS);
        case.run(&app, Kind::Pages).await;
        let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nterritory = \"t\"\n";
        let file = format!("c,n,t\ngb/pco,Privy Council Office,{territory}\n");
        let other = Case::new("o.csv", file, mapping);
        let options = Options { source: "b".into(), ..other.options(Kind::Organizations) };
        for created in [created, 0] {
            let report = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
            assert_eq!(report.counts.organizations.created, created, "{territory}");
        }
    }
}

#[tokio::test]
async fn a_merger_in_a_full_file_hands_the_pages_over_at_once() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\n[[pages]]\nurl = \"u\"\n";
    let case = Case::new("p.csv", "c,n,u,s,f\n1,One,vk.com/mer_one,,\n2,Two,vk.com/mer_two,,\n", mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite("c,n,u,s,f\n1,One,vk.com/mer_one,MERGED,2\n2,Two,vk.com/mer_two,,\n");
    let full = Options { full: true, ..case.options(Kind::Pages) };
    let dry_run = Options { dry_run: true, ..full.clone() };
    let foreseen = import::run(&app.registry, &dry_run, |_| {}).await.expect("the dry run ends").counts;
    let done = import::run(&app.registry, &full, |_| {}).await.expect("the import runs").counts;
    assert_eq!((done.organizations.updated, done.pages.updated, done.pages.unchanged), (1, 1, 1));
    assert_eq!((foreseen.organizations, foreseen.pages), (done.organizations, done.pages));
    let ask = "{ verifyPage(url: \"vk.com/mer_one\") { verdict page { owner { name } } } }";
    let found = app.data(ask, json!({})).await["verifyPage"].take();
    assert_eq!(found, json!({ "verdict": "OFFICIAL", "page": { "owner": { "name": "Two" } } }));
    let seq = app.registry.snapshot().seq();
    let repeated = import::run(&app.registry, &full, |_| {}).await.expect("the import runs").counts;
    assert_eq!((app.registry.snapshot().seq(), repeated.organizations.unchanged), (seq, 2));
}

#[tokio::test]
async fn a_moved_handle_is_reported_and_titles_follow_the_handles() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "n,t,o,u,i\nA,,,vk.com/was_here,11\n", SCHOOLS);
    case.run(&app, Kind::Pages).await;
    case.rewrite("n,t,o,u,i\nA,,,vk.com/is_there,11\n");
    twice(&app, &case, Kind::Pages).await;
    let other = Case::new("p.csv", "n,t,o,u,i\nB,,,vk.com/was_here,\n", SCHOOLS);
    let options = Options { source: "other".into(), ..other.options(Kind::Pages) };
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    assert_eq!((other.codes(), other.warnings()), (vec![], vec!["HANDLE_MOVED".to_owned()]));
    let titles: Vec<_> = app.registry.snapshot().pages().values().map(|it| it.title.to_string()).collect();
    assert_eq!(titles, ["is_there", "was_here"]);
}

#[tokio::test]
async fn a_page_that_its_source_gave_up_may_be_another_s() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "n,t,o,u,i\nA,,,vk.com/given_up,11\n", SCHOOLS);
    case.run(&app, Kind::Pages).await;
    let other = Case::new("p.csv", "n,t,o,u,i\nB,,,vk.com/given_up,\n", SCHOOLS);
    let options = Options { source: "other".into(), ..other.options(Kind::Pages) };
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    assert_eq!(other.codes(), ["DUPLICATE_IN_REGISTRY"]);
    case.rewrite("n,t,o,u,i\n");
    let full = Options { full: true, confirm_removals: true, ..case.options(Kind::Pages) };
    import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
    for updated in [1, 0] {
        let report = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
        assert_eq!((report.counts.refused, report.counts.pages.updated), (0, updated));
    }
    let ask = "{ pages { nodes { lifecycle owner { name } coOwners { name } } } }";
    let found = app.data(ask, json!({})).await["pages"]["nodes"].take();
    assert_eq!(found, json!([{ "lifecycle": "REGISTERED", "owner": { "name": "B" }, "coOwners": [] }]));
}

#[tokio::test]
async fn a_row_that_gives_a_code_alone_means_whoever_has_it() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[organization.identifiers]\n\"ru:ogrn\" = \"o\"\n[[pages]]\nurl = \"u\"\n";
    let file = "c,n,o,u\nx:1,,,vk.com/code_two\n,,1027739019142,vk.com/code_three\nx:2,,,vk.com/code_none\n\
                1\u{2c}02E+12,Школа,,vk.com/code_cut\nx:1,Школа,1027739019142,vk.com/code_one\n";
    let case = Case::new("p.csv", file.replace("1,02E", "\"1,02E").replace("+12,", "+12\","), mapping);
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!(
        (report.counts.pages.created, case.codes()),
        (3, vec!["MISSING_VALUE".into(), "BAD_VALUE".into()])
    );
    assert_eq!(app.registry.snapshot().organizations().len(), 1);
}
