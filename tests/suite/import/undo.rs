//! Undoing imports, and importing what was undone again.

use registry::change_log::Actor;
use registry::import::{self, Kind, Options};
use serde_json::json;

use super::{Case, repeats::twice};
use crate::suite::harness::TestApp;

#[tokio::test]
async fn what_was_undone_or_gone_comes_back_with_its_file() {
    let app = TestApp::start().await;
    let file = "c,n,u\na,Alpha,vk.com/back_one\nb,Beta,vk.com/back_two\n";
    let case =
        Case::new("p.csv", file, "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\n");
    let job = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    let undone = import::undo(&app.registry, job).await.expect("undone");
    assert_eq!((undone.withdrawn, undone.left.len()), (4, 0));
    let verdict = "{ verifyPage(url: \"vk.com/back_one\") { verdict } }";
    assert_eq!(app.data(verdict, json!({})).await["verifyPage"]["verdict"], "NOT_REGISTERED");
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!(report.counts.refused, 0);
    assert_eq!(app.data(verdict, json!({})).await["verifyPage"]["verdict"], "OFFICIAL");
}

#[tokio::test]
async fn undoing_never_makes_a_cycle_nor_refers_to_what_was_withdrawn() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nparent = \"p\"\n";
    let case = Case::new("o.csv", "c,n,p\na,Alpha,\nb,Beta,\nr,Root,\n", mapping);
    case.run(&app, Kind::Organizations).await;
    let mut jobs = Vec::new();
    for row in ["a,Alpha,b", "a,Alpha,r", "b,Beta,a"] {
        case.rewrite(format!("c,n,p\n{row}\n"));
        jobs.push(case.run(&app, Kind::Organizations).await.job_id.expect("a job"));
    }
    let undone = import::undo(&app.registry, jobs[1]).await.expect("undone");
    assert_eq!((undone.restored, undone.left.len()), (0, 1), "{undone:?}");
    assert!(undone.left[0].1.contains("its own ancestor"));
}

#[tokio::test]
async fn undoing_gives_back_handles_and_hides_again_what_a_later_import_brought_back() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nparent = \"p\"\n[[pages]]\nurl = \"u\"\nnative_id = \"i\"\n";
    let case =
        Case::new("p.csv", "c,n,p,u,i\na,Alpha,,vk.com/han_dle,77\nb,Beta,a,vk.com/other_one,79\n", mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite("c,n,p,u,i\nd,Delta,,vk.com/han_dle,78\n");
    let second = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    let undone = import::undo(&app.registry, second).await.expect("undone");
    assert_eq!((undone.restored, undone.withdrawn, undone.left.len()), (1, 2, 0), "{undone:?}");
    let owner = "{ verifyPage(url: \"vk.com/han_dle\") { verdict page { owner { name } } } }";
    let found = app.data(owner, json!({})).await["verifyPage"].take();
    assert_eq!(found, json!({ "verdict": "OFFICIAL", "page": { "owner": { "name": "Alpha" } } }));

    // An organization and one below it, of the same import.
    let app = TestApp::start().await;
    case.rewrite("c,n,p,u,i\na,Alpha,,vk.com/han_dle,77\nb,Beta,a,vk.com/other_one,79\n");
    let first = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    let undone = import::undo(&app.registry, first).await.expect("undone");
    assert_eq!((undone.withdrawn, undone.left.len()), (4, 0), "{undone:?}");
    case.rewrite("c,n,p,u,i\na,Alpha,,vk.com/han_dle,77\nb,Beta,a,vk.com/other_one,79\n");
    let repeated = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    let undone = import::undo(&app.registry, repeated).await.expect("undone");
    assert_eq!(undone.left, Vec::<(String, String)>::new());
    assert_eq!((undone.restored, undone.withdrawn), (0, 4), "what it brought back is hidden again");
    let verdict = app.data("{ verifyPage(url: \"vk.com/han_dle\") { verdict } }", json!({})).await;
    assert_eq!(verdict["verifyPage"]["verdict"], "NOT_REGISTERED");
    assert!(app.registry.snapshot().pages().values().all(|page| !page.is_live()));
}

#[tokio::test]
async fn an_undo_reports_whether_its_pages_have_statistics() {
    for (subscribers, has_statistics) in [("", false), ("30", true)] {
        let app = TestApp::start().await;
        let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\nsubscribers = \"s\"\n";
        let case = Case::new("p.csv", format!("n,u,s\nAlpha,vk.com/back_one,{subscribers}\n"), mapping);
        let job = case.run(&app, Kind::Pages).await.job_id.expect("a job");
        let undone = import::undo(&app.registry, job).await.expect("undone");
        assert_eq!((undone.withdrawn, undone.has_statistics), (2, has_statistics));
    }
}

#[tokio::test]
async fn an_undo_that_was_interrupted_goes_on() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\ntitle = \"t\"\n";
    let case = Case::new("p.csv", "c,n,u,t\na,Alpha,vk.com/back_one,One\n", mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite("c,n,u,t\na,Alpha,vk.com/back_one,Uno\na,Alpha,vk.com/back_two,Two\n");
    let job = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    // What an interrupted run has put back already.
    let page = app.registry.snapshot().pages().values().next().expect("a page").id;
    let actor = Actor::undo("test", job);
    let reverted = app.registry.write(&actor, move |change_set| {
        let known = change_set.snapshot().page(page).cloned().expect("the page");
        change_set.upsert(
            registry::model::Page { title: "One".into(), ..registry::model::Page::clone(&known) },
            None,
        )
    });
    assert!(reverted.await.expect("written"));
    let undone = import::undo(&app.registry, job).await.expect("undone");
    assert_eq!((undone.restored, undone.withdrawn, undone.left.len()), (1, 1, 0), "{undone:?}");
}

#[tokio::test]
async fn what_an_undo_left_is_undone_once_nothing_prevents_it() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\ntitle = \"t\"\n";
    let case = Case::new("p.csv", "c,n,u,t\na,Alpha,vk.com/back_one,One\n", mapping);
    let first = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    case.rewrite("c,n,u,t\na,Alpha,vk.com/back_one,Uno\n");
    let second = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    let undone = import::undo(&app.registry, first).await.expect("undone");
    assert_eq!((undone.withdrawn, undone.left.len()), (0, 2), "{undone:?}");
    import::undo(&app.registry, second).await.expect("undone");
    let undone = import::undo(&app.registry, first).await.expect("undone");
    assert_eq!((undone.withdrawn, undone.left.len()), (2, 0), "{undone:?}");
    let error = import::undo(&app.registry, first).await.expect_err("nothing is left to undo").to_string();
    assert!(error.ends_with(&format!("import {first} is already undone.")), "{error}");
}

#[tokio::test]
async fn an_older_import_is_not_undone_where_a_later_one_archived_the_page() {
    let app = TestApp::start().await;
    let case = Case::new(
        "p.csv",
        "c,o,u,t\na,Alpha,vk.com/one,One\nb,Beta,vk.com/two,Two\n",
        "[organization]\ncode = \"c\"\nname = \"o\"\n[[pages]]\nurl = \"u\"\ntitle = \"t\"\n",
    );
    case.run(&app, Kind::Pages).await;
    case.rewrite("c,o,u,t\na,Alpha,vk.com/one,One\nb,Beta,vk.com/two,Second\n");
    let second = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    case.rewrite("c,o,u,t\na,Alpha,vk.com/one,One\n");
    let full = Options { full: true, confirm_removals: true, ..case.options(Kind::Pages) };
    import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
    let seq = app.registry.snapshot().seq();
    let undone = import::undo(&app.registry, second).await.expect("what can be is undone");
    assert_eq!((undone.restored, undone.left.len()), (0, 1), "{undone:?}");
    assert_eq!(app.registry.snapshot().seq(), seq + 1, "nothing is written but that it was undone");
    let asked = app.data("{ verifyPage(url: \"vk.com/two\") { verdict page { title } } }", json!({})).await;
    assert_eq!(asked["verifyPage"], json!({ "verdict": "ARCHIVED", "page": { "title": "Second" } }));
}

#[tokio::test]
async fn what_a_later_import_made_as_it_was_before_is_the_later_one_s() {
    let app = TestApp::start().await;
    let case = Case::new(
        "o.csv",
        "c,n,s\na,A,SUSPENDED\n",
        "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\n",
    );
    let mut jobs = Vec::new();
    for status in ["SUSPENDED", "ACTIVE", "SUSPENDED"] {
        case.rewrite(format!("c,n,s\na,A,{status}\n"));
        jobs.push(case.run(&app, Kind::Organizations).await.job_id.expect("a job"));
    }
    let status = || app.registry.snapshot().organization_by_code("a").map(|it| format!("{:?}", it.status));
    let undone = import::undo(&app.registry, jobs[1]).await.expect("undone");
    assert_eq!((undone.restored, undone.left.len()), (0, 1), "{undone:?}");
    assert_eq!(status().as_deref(), Some("Suspended"));
}
