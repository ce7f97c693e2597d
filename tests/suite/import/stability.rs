//! Imports, undos and imports again, in orders that nobody planned: nothing is lost, and a second run changes nothing.

use registry::import::{self, Kind, Options};
use serde_json::json;

use super::{Case, repeats::twice};
use crate::suite::harness::TestApp;

const BODIES: &str =
    "[organization]\ncode = \"c\"\nname = \"n\"\nparent = \"p\"\nstatus = \"s\"\nsuccessors = \"f\"\n";
const PAGES: &str = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\nnative_id = \"i\"\n";

async fn undo(app: &TestApp, job: i64) -> (u64, u64, usize) {
    let undone = import::undo(&app.registry, job).await.expect("it is undone");
    (undone.restored, undone.withdrawn, undone.left.len())
}

fn name(app: &TestApp, code: &str) -> String {
    let snapshot = app.registry.snapshot();
    snapshot.organization_by_code(code).map(|it| it.name.to_string()).unwrap_or_default()
}

fn handle(app: &TestApp, id: &str) -> Option<String> {
    let snapshot = app.registry.snapshot();
    let vk = snapshot.platform_by_code("vk").expect("a platform").id;
    snapshot.page_by_native_id(vk, id)?.handle.as_deref().map(str::to_owned)
}

#[tokio::test]
async fn what_was_undone_is_imported_again_beside_what_came_back() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,A,vk.com/stab_one,102\n", PAGES);
    case.run(&app, Kind::Pages).await;
    case.rewrite("c,n,u,i\na,A,vk.com/stab_one,101\n");
    let second = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    assert_eq!(undo(&app, second).await, (1, 1, 0));
    assert_eq!(handle(&app, "102").as_deref(), Some("stab_one"));
    twice(&app, &case, Kind::Pages).await;
    assert_eq!((handle(&app, "101").as_deref(), handle(&app, "102")), (Some("stab_one"), None));
}

#[tokio::test]
async fn imports_are_undone_one_after_the_other() {
    let app = TestApp::start().await;
    let mut jobs = Vec::new();
    let case = Case::new("o.csv", "", "[organization]\ncode = \"c\"\nname = \"n\"\n");
    for name in ["Alpha", "Beta", "Gamma"] {
        case.rewrite(format!("c,n\na,{name}\n"));
        jobs.push(case.run(&app, Kind::Organizations).await.job_id.expect("a job"));
    }
    assert_eq!((undo(&app, jobs[2]).await, name(&app, "a")), ((1, 0, 0), "Beta".to_owned()));
    assert_eq!((undo(&app, jobs[1]).await, name(&app, "a")), ((1, 0, 0), "Alpha".to_owned()));
    assert_eq!(undo(&app, jobs[0]).await, (0, 1, 0));
}

#[tokio::test]
async fn handles_that_changed_hands_are_given_back_by_an_undo() {
    for (before, after) in [
        (["stab_one", "stab_two", "stab_three"], ["stab_two", "stab_one", "stab_three"]),
        (["stab_one", "stab_two", "stab_three"], ["stab_two", "stab_three", "stab_one"]),
        (["stab_one", "stab_two", "stab_three"], ["stab_two", "stab_three", "stab_four"]),
    ] {
        let app = TestApp::start().await;
        let file = |handles: [&str; 3]| {
            let rows = handles.iter().zip(101..).map(|(it, id)| format!("a,A,vk.com/{it},{id}\n"));
            format!("c,n,u,i\n{}", rows.collect::<String>())
        };
        let case = Case::new("p.csv", file(before), PAGES);
        case.run(&app, Kind::Pages).await;
        case.rewrite(file(after));
        let second = case.run(&app, Kind::Pages).await.job_id.expect("a job");
        let (restored, _, left) = undo(&app, second).await;
        assert_eq!((restored >= 2, left), (true, 0), "{after:?}");
        let handles = ["101", "102", "103"].map(|id| handle(&app, id).unwrap_or_default());
        assert_eq!(handles, before, "{after:?}");
    }
}

#[tokio::test]
async fn what_was_withdrawn_on_purpose_stays_so_and_what_was_gone_comes_back() {
    let app = TestApp::start().await;
    let case = Case::new("o.csv", "c,n,p,s,f\na,A,,WITHDRAWN,\nb,B,,,\nd,D,,,\n", BODIES);
    case.run(&app, Kind::Organizations).await;
    case.rewrite("c,n,p,s,f\na,A two,,,\n");
    let second = case.run(&app, Kind::Organizations).await.job_id.expect("a job");
    undo(&app, second).await;
    case.run(&app, Kind::Organizations).await;
    let status = |code: &str| {
        let snapshot = app.registry.snapshot();
        format!("{:?}", snapshot.organization_by_code(code).expect("an organization").status)
    };
    assert_eq!(status("a"), "Withdrawn");
    // Gone from its list, and touched by another source since.
    case.rewrite("c,n,p,s,f\nd,D,,,\n");
    let full = Options { full: true, confirm_removals: true, ..case.options(Kind::Organizations) };
    import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
    let other = Case::new("p.csv", "c,n,u,i\nb,B bis,vk.com/stab_b,\n", PAGES);
    let options = Options { source: "other".into(), ..other.options(Kind::Pages) };
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    assert_eq!(status("b"), "Suspended");
    case.rewrite("c,n,p,s,f\nb,B,,,\nd,D,,,\n");
    import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
    assert_eq!(status("b"), "Active");
}

#[tokio::test]
async fn a_wrong_source_is_undone_and_the_right_one_takes_its_place() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,A,vk.com/stab_one,101\n", PAGES);
    let wrong = Options { source: "wrong".into(), ..case.options(Kind::Pages) };
    let job = import::run(&app.registry, &wrong, |_| {}).await.expect("the import runs").job_id;
    undo(&app, job.expect("a job")).await;
    twice(&app, &case, Kind::Pages).await;
    let ask = "{ verifyPage(url: \"vk.com/stab_one\") { verdict } }";
    assert_eq!(app.data(ask, json!({})).await["verifyPage"]["verdict"], "OFFICIAL");
    let snapshot = app.registry.snapshot();
    assert!(snapshot.pages().values().all(|page| &*page.source == "test"));
    assert!(snapshot.organizations().values().all(|it| &*it.source == "test"));
}

#[tokio::test]
async fn a_tree_is_turned_round_whatever_the_order_of_its_rows() {
    for names in [["A", "B", "R"], ["Z", "B", "R"], ["Z", "Y", "A"]] {
        let app = TestApp::start().await;
        let [a, b, r] = names;
        let case = Case::new("o.csv", format!("c,n,p,s,f\na,{a},,,\nb,{b},a,,\nr,{r},,,\n"), BODIES);
        case.run(&app, Kind::Organizations).await;
        case.rewrite(format!("c,n,p,s,f\na,{a},b,,\nb,{b},r,,\nr,{r},,,\n"));
        twice(&app, &case, Kind::Organizations).await;
        assert_eq!(case.warnings(), Vec::<String>::new(), "{names:?}");
        let snapshot = app.registry.snapshot();
        let parent = |code: &str| {
            let parent = snapshot.organization_by_code(code)?.parent_id?;
            Some(snapshot.organization(parent)?.code.to_string())
        };
        assert_eq!((parent("a").as_deref(), parent("b").as_deref()), (Some("b"), Some("r")), "{names:?}");

        let territories = "[territory]\ncode = \"c\"\nkind = \"k\"\nname = \"n\"\nparent = \"p\"\n";
        let case = Case::new(
            "t.csv",
            format!("c,k,n,p\nxx,COUNTRY,X,\nxa,REGION,{a},xx\nxb,REGION,{b},xa\n"),
            territories,
        );
        case.run(&app, Kind::Territories).await;
        case.rewrite(format!("c,k,n,p\nxx,COUNTRY,X,\nxa,REGION,{a},xb\nxb,REGION,{b},xx\n"));
        twice(&app, &case, Kind::Territories).await;
        assert_eq!(case.warnings(), Vec::<String>::new(), "{names:?}");
    }
}

#[tokio::test]
async fn pages_pass_on_through_all_mergers_whatever_their_order() {
    for names in [["A", "B", "C"], ["Z", "Y", "X"], ["B", "A", "C"]] {
        let app = TestApp::start().await;
        let pages = Case::new("p.csv", format!("c,n,u,i\na,{},vk.com/stab_one,\n", names[0]), PAGES);
        pages.run(&app, Kind::Pages).await;
        let [a, b, c] = names;
        let case =
            Case::new("o.csv", format!("c,n,p,s,f\na,{a},,MERGED,b\nb,{b},,MERGED,c\nc,{c},,,\n"), BODIES);
        twice(&app, &case, Kind::Organizations).await;
        let ask = "{ verifyPage(url: \"vk.com/stab_one\") { verdict page { owner { name } } } }";
        let found = app.data(ask, json!({})).await["verifyPage"].take();
        assert_eq!(found, json!({ "verdict": "OFFICIAL", "page": { "owner": { "name": c } } }), "{names:?}");
    }
}

#[tokio::test]
async fn a_code_of_a_source_takes_the_place_of_one_that_was_made() {
    let app = TestApp::start().await;
    let pages = Case::new(
        "p.csv",
        "n,u\nAlpha,vk.com/stab_one\n",
        "[organization]\nname = \"n\"\nterritory = { constant = \"ru\" }\n[[pages]]\nurl = \"u\"\n",
    );
    let options = Options { source: "s2".into(), ..pages.options(Kind::Pages) };
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    let bodies = format!("{BODIES}territory = {{ constant = \"ru\" }}\n");
    let case = Case::new("o.csv", "c,n,p,s,f\nx:4,Alpha,,,\nx:5,Beta,x:4,,\n", &bodies);
    twice(&app, &case, Kind::Organizations).await;
    assert_eq!((case.warnings(), name(&app, "x:4")), (vec![], "Alpha".to_owned()));
    case.rewrite("c,n,p,s,f\nx:4,Alpha renamed,,,\nx:5,Beta,x:4,,\n");
    assert_eq!(twice(&app, &case, Kind::Organizations).await.counts.organizations.created, 0);
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    assert_eq!(app.registry.snapshot().organizations().len(), 2, "the other source still means it");
}

#[tokio::test]
async fn organizations_whose_parents_are_missing_are_made_once() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\nsector = \"s\"\nparent = \"p\"\n";
    let case = Case::new("o.csv", "n,s,p\nAlpha,,c:1\n", mapping);
    twice(&app, &case, Kind::Organizations).await;
    case.rewrite("n,s,p\nAlpha,HEALTH,c:1\nAlpha,,c:2\n");
    twice(&app, &case, Kind::Organizations).await;
    twice(&app, &case, Kind::Organizations).await;
    assert_eq!(app.registry.snapshot().organizations().len(), 3);
}

#[tokio::test]
async fn a_new_code_is_nobody_who_has_ended() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\nterritory = \"t\"\nstatus = \"s\"\n";
    let case = Case::new("o.csv", "n,t,s\nAlpha,ru-28,LIQUIDATED\n", mapping);
    case.run(&app, Kind::Organizations).await;
    let coded = Case::new(
        "o.csv",
        "c,n,t\nn:1,Alpha,ru-28\n",
        "[organization]\ncode = \"c\"\nname = \"n\"\nterritory = \"t\"\n",
    );
    let options = Options { source: "s2".into(), ..coded.options(Kind::Organizations) };
    let report = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    assert_eq!(report.counts.organizations.created, 1);
    assert_eq!(name(&app, "n:1"), "Alpha");
}

#[tokio::test]
async fn an_old_list_overwrites_nothing_that_is_newer() {
    let app = TestApp::start().await;
    let new = Case::new("o.csv", "c,n,p,s,f\na,A,,,\nb,B,,,\nd,D,,,\n", BODIES);
    new.run(&app, Kind::Organizations).await;
    let pages = Case::new("p.csv", "c,n,u,i\na,A,vk.com/stab_one,101\n", PAGES);
    pages.run(&app, Kind::Pages).await;
    let seq = app.registry.snapshot().seq();
    let old = "as_of = { constant = \"2020-01-01\" }\n";
    let case = Case::new("o.csv", "c,n,p,s,f\na,A,d,,\nb,B,,MERGED,d\nd,D,,,\n", &format!("{old}{BODIES}"));
    case.run(&app, Kind::Organizations).await;
    let named =
        PAGES.replace("name = \"n\"", "name = \"n\"\nwebsite = { constant = \"https://old.example\" }");
    let case_of_pages = Case::new(
        "p.csv",
        "c,n,u,i\nb,B,vk.com/stab_one,102\na,A,vk.com/stab_one,101\n",
        &format!("{old}{named}"),
    );
    case_of_pages.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was overwritten");
    assert_eq!(
        (case.warnings(), case_of_pages.codes()),
        (vec!["STALE_ROW".to_owned(); 2], vec!["DUPLICATE_IN_FILE".to_owned()])
    );
}

#[tokio::test]
async fn one_decision_is_one_row_and_has_its_source() {
    let app = TestApp::start().await;
    app.organization("a", "Alpha").await;
    let mapping = "[exemption]\norganization = \"c\"\nreason = \"r\"\nvalid_from = \"f\"\n";
    let case = Case::new("e.csv", "c,r,f\na,One,2025-01-01\na,Two,2025-01-01\n", mapping);
    twice(&app, &case, Kind::Exemptions).await;
    assert_eq!(case.codes(), ["DUPLICATE_IN_FILE"]);
    case.rewrite("c,r,f\na,One,2025-01-01\n");
    let seq = app.registry.snapshot().seq();
    let other = Options { source: "other".into(), ..case.options(Kind::Exemptions) };
    import::run(&app.registry, &other, |_| {}).await.expect("the import runs");
    assert_eq!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn a_whole_file_keeps_what_its_refused_rows_name() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,A,vk.com/stab_one,101\nb,B,vk.com/stab_one,101\n", PAGES);
    case.run(&app, Kind::Pages).await;
    let full = Options { full: true, ..case.options(Kind::Pages) };
    for rows in [
        "a,A,vk.com/stab_one,101\nb,B,vk.com/stab_nine,101\n",
        "a,A,vk.com/feed,101\n",
        "a,A,,vk.com/stab_one,101,zz\n",
    ] {
        case.rewrite(format!("c,n,u,i\n{rows}"));
        let report = import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
        assert_eq!((report.held, report.counts.refused), (None, 1), "{rows}");
        let snapshot = app.registry.snapshot();
        let page = snapshot.pages().values().next().expect("a page");
        assert_eq!((page.is_live(), page.co_owners.len()), (true, 1), "{rows}");
    }
}

#[tokio::test]
async fn a_row_without_a_name_comes_after_those_that_have_one() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nsector = \"s\"\n";
    let case = Case::new("o.csv", "c,n,s\na,,EDUCATION\na,Alpha,HEALTH\n", mapping);
    twice(&app, &case, Kind::Organizations).await;
    assert_eq!(case.codes(), ["DUPLICATE_IN_FILE"]);
    let snapshot = app.registry.snapshot();
    assert_eq!(
        snapshot.organization_by_code("a").expect("an organization").sector.as_deref(),
        Some("HEALTH")
    );
}
