//! What an import would do, and undoing one that was done.

use registry::import::{self, Action, Kind, Options, jobs};
use serde_json::json;

use super::Case;
use crate::suite::harness::TestApp;

const MAPPING: &str = "[organization]\ncode = \"id\"\nname = \"o\"\nterritory = \"t\"\n[[pages]]\nurl = \"u\"\nnative_id = \"n\"\ntitle = \"title\"\n";

#[tokio::test]
async fn a_dry_run_lists_what_would_be_created_changed_moved_renamed_and_removed() {
    let app = TestApp::start().await;
    let file = "id,o,t,u,n,title\na,Alpha,ru-28,vk.com/one,1,One\na,Alpha,ru-28,vk.com/two,2,Two\na,Alpha,ru-28,vk.com/three,3,Three\nb,Beta,ru-28,vk.com/four,4,Four\n";
    let case = Case::new("p.csv", file, MAPPING);
    case.run(&app, Kind::Pages).await;
    case.rewrite("id,o,t,u,n,title\na,Alpha,ru-28,vk.com/one,1,Uno\na,Alpha,ru-28,vk.com/second,2,Two\nb,Betta,ru-28,vk.com/three,3,Three\nc,Alfa,ru-28,vk.com/five,5,Five\nd,Городская библиотека,ru-28,vk.com/six,6,Six\ne,Библиотека городская,ru-28,vk.com/seven,7,Seven\n");
    let seq = app.registry.snapshot().seq();
    let options = Options { dry_run: true, full: true, confirm_removals: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &options, |_| {}).await.expect("the dry run ends");
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was written");
    let plan = report.plan.expect("a plan");
    let keys = |action| plan.of(action).map(|step| step.key.as_str()).collect::<Vec<_>>();
    assert_eq!(
        keys(Action::Create),
        ["c", "d", "e", "https://vk.com/five", "https://vk.com/seven", "https://vk.com/six"]
    );
    assert_eq!(keys(Action::Rename), ["b", "https://vk.com/second"]);
    assert_eq!(keys(Action::Move), ["https://vk.com/three"]);
    assert_eq!(keys(Action::Change), ["https://vk.com/one"]);
    assert_eq!(keys(Action::Remove), ["https://vk.com/four"]);
    let changed = plan.of(Action::Change).next().expect("a change");
    assert_eq!(changed.fields, [("title", Some("One".to_owned()), Some("Uno".to_owned()))]);
    let near: Vec<_> =
        plan.near_names.iter().map(|near| (near.new.1.as_str(), near.other.1.as_str())).collect();
    assert!(
        near.iter().any(|(new, other)| new.contains("иблиотека") && other.contains("иблиотека")),
        "{near:?}"
    );

    // An import that is held tells the same.
    case.rewrite("id,o,t,u,n,title\n");
    let full = Options { full: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &full, |_| {}).await.expect("the import is held");
    assert!(report.held.is_some());
    assert_eq!(report.plan.expect("a plan").of(Action::Remove).count(), 4);
}

#[tokio::test]
async fn an_import_is_undone_by_new_changes_where_nothing_depends_on_it() {
    let app = TestApp::start().await;
    let file = "id,o,t,u,n,title\na,Alpha,ru-28,vk.com/one,1,One\na,Alpha,ru-28,vk.com/two,2,Two\n";
    let case = Case::new("p.csv", file, MAPPING);
    case.run(&app, Kind::Pages).await;
    let ask = "{ institutions { nodes { code name } } pages { nodes { handle title lifecycle } } }";
    let before = app.data(ask, json!({})).await;

    case.rewrite("id,o,t,u,n,title\na,Alpha new,ru-28,vk.com/uno,1,One\na,Alpha new,ru-28,vk.com/two,2,Changed\nb,Beta,ru-25,vk.com/four,4,Four\nc,Gamma,ru-25,vk.com/five,5,Five\n");
    let job = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    // Somebody works on one of the new pages after the import.
    let five = app.registry.snapshot().page_by_handle(vk(&app), "five").expect("a page").id;
    app.change_page(five, |page, _| page.title = "Reviewed".into()).await;

    let undone = import::undo(&app.registry, job).await.expect("it is undone");
    assert_eq!((undone.restored, undone.withdrawn), (3, 2), "{undone:?}");
    let left: Vec<_> = undone.left.iter().map(|(subject, reason)| format!("{subject}: {reason}")).collect();
    assert_eq!(
        left,
        [
            "page “Reviewed”: it was changed after the import".replace("Reviewed", "Five"),
            "organization c “Gamma”: the page “Reviewed” belongs to it".to_owned(),
        ]
    );
    let after = app.data(ask, json!({})).await;
    let nodes =
        |answer: &serde_json::Value, list: &str| answer[list]["nodes"].as_array().expect("nodes").clone();
    for list in ["institutions", "pages"] {
        let remaining = nodes(&after, list);
        assert!(nodes(&before, list).iter().all(|node| remaining.contains(node)), "{after}");
        assert_eq!(remaining.len(), nodes(&before, list).len() + 1, "{after}");
    }
    assert_eq!(
        jobs::find(app.registry.database(), job).await.expect("the job").state,
        entities::import_job::State::Undone
    );
    let repeated = import::undo(&app.registry, job).await.expect_err("it was undone").to_string();
    assert!(repeated.contains("already undone"), "{repeated}");
    // What was undone can be imported again.
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(report.counts.refused, 0, "{:?}", case.codes());
}

fn vk(app: &TestApp) -> i64 {
    app.registry.snapshot().platform_by_code("vk").expect("the platform").id
}

#[tokio::test]
async fn an_interrupted_import_still_reports_its_first_rows() {
    let app = TestApp::start().await;
    app.page(app.organization("x", "Other").await, "vk", "one").await;
    let mut file = String::from("id,o,t,u,n,title\na,Alpha,ru-28,vk.com/one,1,One\n");
    for number in 2..=1_200 {
        file.push_str(&format!("a,Alpha,ru-28,vk.com/page_{number},{number},Page {number}\n"));
    }
    let known = app.registry.snapshot().pages().values().next().map(|page| page.id).expect("a page");
    app.change_page(known, |page, _| page.native_id = Some("77".into())).await;
    let case = Case::new("p.csv", &file, MAPPING);
    let (registry, options) = (app.registry.clone(), case.options(Kind::Pages));
    let stopped = tokio::spawn(async move {
        let stop = |progress: import::Progress| {
            assert!(progress.stage != import::Stage::Writing || progress.done < 1_000, "stopped")
        };
        import::run(&registry, &options, stop).await.map(drop)
    });
    assert!(stopped.await.is_err(), "the import is stopped after its first batch");
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.warnings, case.warnings()), (1, vec!["HANDLE_MOVED".to_owned()]));
    let rows = jobs::reported_rows(&app.registry, report.job_id.expect("a job"), 10).await.expect("rows");
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn a_file_is_imported_by_one_process_at_a_time() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "id,o,t,u,n,title\na,Alpha,ru-28,vk.com/one,1,One\n", MAPPING);
    let other = std::fs::File::open(case.path("p.csv")).expect("the file");
    other.lock().expect("a lock");
    let failure = case.failure(&app, Kind::Pages).await;
    assert!(failure.contains("is being imported by another process"), "{failure}");
    drop(other);
    case.run(&app, Kind::Pages).await;
}

#[tokio::test]
async fn a_full_import_names_other_sources_if_its_own_has_no_records() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "id,o,t,u,n,title\na,Alpha,ru-28,vk.com/one,1,One\n", MAPPING);
    case.run(&app, Kind::Pages).await;
    let full = |source: &str| Options { full: true, source: source.into(), ..case.options(Kind::Pages) };
    let mistyped = import::run(&app.registry, &full("tset"), |_| {}).await.expect("the import runs");
    assert_eq!(mistyped.other_sources, Some(vec!["test".into()]));
    let right = import::run(&app.registry, &full("test"), |_| {}).await.expect("the import runs");
    assert_eq!(right.other_sources, None);
}

#[tokio::test]
async fn imports_that_begin_at_once_have_numbers_of_their_own() {
    let app = TestApp::start().await;
    let cases: Vec<Case> = (0..4)
        .map(|number| {
            let file = format!(
                "id,o,t,u,n,title\no{number},Body {number},ru-28,vk.com/page_{number},{number}1,One\n"
            );
            Case::new("p.csv", file, MAPPING)
        })
        .collect();
    let runs = cases.iter().enumerate().map(|(number, case)| {
        let options = Options { source: format!("source {number}"), ..case.options(Kind::Pages) };
        let registry = app.registry.clone();
        tokio::spawn(async move {
            import::run(&registry, &options, |_| {}).await.expect("the import runs").job_id
        })
    });
    let runs: Vec<_> = runs.collect();
    let mut numbers = Vec::new();
    for run in runs {
        numbers.push(run.await.expect("it ends").expect("a job"));
    }
    for number in &numbers {
        assert_eq!(import::undo(&app.registry, *number).await.expect("undone").withdrawn, 2, "{numbers:?}");
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
}
