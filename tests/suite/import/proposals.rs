//! Proposals of values for pinned fields, from one import to the next.

use std::collections::BTreeSet;

use entities::{organization::Status, page::Lifecycle, proposal::State};
use rand::Rng;
use registry::{
    import::{self, Action, Kind, Options},
    provenance::{self, Decision, OrganizationFieldName, PageFieldName},
};
use serde_json::{Value, json};

use super::{
    Case,
    corrections::{correct, decide, file, open, reference, request, value_of},
    pinned_pages::{PAGE_ROW, imported_page},
};
use crate::suite::harness::{TestApp, churn::random};

async fn import_title(app: &TestApp, case: &Case, title: &str) -> import::Report {
    case.rewrite(file(PAGE_ROW, "title", title));
    case.run(app, Kind::Pages).await
}

fn proposed(app: &TestApp) -> Vec<Value> {
    open(app).iter().map(|it| it.proposed.clone()).collect()
}

#[tokio::test]
async fn a_source_has_one_open_proposal_for_a_field() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    correct(&app, id, PageFieldName::Title, json!("Right")).await;
    import_title(&app, &case, "Two").await;
    import_title(&app, &case, "Three").await;
    assert_eq!(proposed(&app), [json!("Three")], "the later value takes the place of the former");
    // A file that says nothing of the field leaves the proposal as it is.
    import_title(&app, &case, "").await;
    assert_eq!(proposed(&app), [json!("Three")]);
    import_title(&app, &case, "Right").await;
    assert!(open(&app).is_empty(), "the source has the corrected value");
    let other = Options { source: "another".into(), ..case.options(Kind::Pages) };
    for title in ["Four", "Five"] {
        case.rewrite(file(PAGE_ROW, "title", title));
        case.run(&app, Kind::Pages).await;
        import::run(&app.registry, &other, |_| {}).await.expect("the import runs");
    }
    let by_source: Vec<_> =
        open(&app).iter().map(|it| (it.source.to_string(), it.proposed.clone())).collect();
    let expected =
        [("test", "Five"), ("another", "Five")].map(|(source, title)| (source.to_owned(), json!(title)));
    assert_eq!(by_source, expected, "each source has its own");
}

#[tokio::test]
async fn a_row_with_other_new_values_is_updated_and_counted_as_pinned() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    correct(&app, id, PageFieldName::Title, json!("Right")).await;
    let row = file(PAGE_ROW, "title", "Two").replace("Mayor", "Governor");
    case.rewrite(row);
    let tally = case.run(&app, Kind::Pages).await.counts.pages;
    assert_eq!((tally.updated, tally.unchanged, tally.pinned), (1, 0, 1));
    assert_eq!(value_of(&app, id, PageFieldName::OfficeTitle), json!("Governor"));
    assert_eq!(value_of(&app, id, PageFieldName::Title), json!("Right"));
}

#[tokio::test]
async fn later_rows_of_a_page_add_to_what_is_proposed() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    correct(&app, id, PageFieldName::Languages, json!(["ru"])).await;
    let (first, second) = (file(PAGE_ROW, "lang", "en"), file(PAGE_ROW, "lang", "de"));
    case.rewrite(format!("{first}{}\n", second.lines().nth(1).expect("a row")));
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.proposals), (0, 1), "{:?}", case.codes());
    assert_eq!(value_of(&app, id, PageFieldName::Languages), json!(["ru"]));
    assert_eq!(proposed(&app), [json!(["de", "en", "ru"])]);
}

#[tokio::test]
async fn rows_that_are_older_than_the_correction_propose_nothing() {
    let app = TestApp::start().await;
    let (_, id) = imported_page(&app).await;
    correct(&app, id, PageFieldName::Title, json!("Right")).await;
    let mapping = "as_of = \"day\"\n[organization]\ncode = \"oc\"\nname = \"on\"\n[[pages]]\nurl = \"url\"\nnative_id = \"id\"\ntitle = \"title\"\n";
    let case = Case::new("p.csv", "oc,on,url,id,title,day\na,,vk.com/one,7,Old,2001-01-01\n", mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.proposals), (0, 0), "{:?}", case.codes());
}

#[tokio::test]
async fn a_complete_file_only_proposes_to_remove_what_is_pinned() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\n";
    let whole = "c,n,u\na,Alpha,vk.com/one\na,Alpha,vk.com/two\n";
    let case = Case::new("p.csv", whole, mapping);
    case.run(&app, Kind::Pages).await;
    let pages: Vec<i64> = app.registry.snapshot().pages().keys().copied().collect();
    correct(&app, pages[0], PageFieldName::Lifecycle, json!("REGISTERED")).await;
    case.rewrite("c,n,u\n");
    let full = Options { full: true, confirm_removals: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
    assert_eq!((report.counts.pages.removed, report.counts.pages.pinned), (1, 1));
    let stages = pages.iter().map(|id| app.registry.snapshot().page(*id).map(|page| page.lifecycle));
    assert_eq!(stages.collect::<Vec<_>>(), [Some(Lifecycle::Registered), Some(Lifecycle::Archived)]);
    assert_eq!(proposed(&app), [json!("ARCHIVED")]);
    case.rewrite(whole);
    case.run(&app, Kind::Pages).await;
    assert!(open(&app).is_empty(), "the file has the page again");

    let case = Case::new("o.csv", "c,n\nb,Beta\n", "[organization]\ncode = \"c\"\nname = \"n\"\n");
    case.run(&app, Kind::Organizations).await;
    let beta = app.registry.snapshot().organization_by_code("b").expect("Beta").id;
    correct(&app, beta, OrganizationFieldName::Status, json!("ACTIVE")).await;
    case.rewrite("c,n\na,Alpha\n");
    let full = Options { full: true, confirm_removals: true, ..case.options(Kind::Organizations) };
    import::run(&app.registry, &full, |_| {}).await.expect("the import runs");
    let status = app.registry.snapshot().organization(beta).map(|it| it.status);
    assert_eq!((status, proposed(&app)), (Some(Status::Active), vec![json!("SUSPENDED")]));
}

/// Number of the open proposal of a field.
fn open_of(app: &TestApp, field: &str) -> i64 {
    open(app).iter().find(|it| *it.field == *field).expect("an open proposal").id
}

fn open_fields(app: &TestApp) -> BTreeSet<String> {
    open(app).iter().map(|it| it.field.to_string()).collect()
}

#[tokio::test]
async fn the_proposal_of_a_field_that_depends_on_a_pinned_one_is_open_while_that_is_pinned() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    let owner = app.registry.snapshot().organization_by_code("d").expect("a body").id;
    correct(&app, id, PageFieldName::Owner, json!(owner)).await;
    let (same, other) = (file(PAGE_ROW, "", ""), file(PAGE_ROW, "mark", "REQUESTED"));
    let both = BTreeSet::from(["mark".to_owned(), "owner".to_owned()]);
    case.rewrite(&other);
    case.run(&app, Kind::Pages).await;
    assert_eq!(open_fields(&app), both);
    let pinned = provenance::pin(&app.registry, request(), reference(id, PageFieldName::Title)).await;
    pinned.expect("it is written").expect("it is pinned");
    assert_eq!(open_fields(&app), both, "pinning another field closes nothing");

    case.rewrite(&same);
    let job = case.run(&app, Kind::Pages).await.job_id.expect("a job");
    assert_eq!(open_fields(&app), BTreeSet::from(["owner".to_owned()]), "the file has the same mark");
    import::undo(&app.registry, job).await.expect("undone");
    assert_eq!(open_fields(&app), both, "the undo opens what the import closed");

    decide(&app, open_of(&app, "owner"), Decision::Accept).await;
    assert!(open(&app).is_empty(), "the next import writes the mark");
    case.rewrite(&other);
    case.run(&app, Kind::Pages).await;
    assert_eq!(value_of(&app, id, PageFieldName::Mark)["state"], "REQUESTED");
}

#[tokio::test]
async fn a_confirmed_mark_is_lost_with_the_owner_for_whom_it_was_confirmed() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    let body = |code: &str| json!(app.registry.snapshot().organization_by_code(code).expect("a body").id);
    let mark = json!({ "state": "CONFIRMED", "method": "gosuslugi", "at": "2024-05-01T00:00:00Z" });
    let state = || value_of(&app, id, PageFieldName::Mark)["state"].clone();
    correct(&app, id, PageFieldName::Mark, mark.clone()).await;
    assert_eq!(state(), "CONFIRMED");
    case.rewrite(file(PAGE_ROW, "oc", "b"));
    case.run(&app, Kind::Pages).await;
    assert_eq!((value_of(&app, id, PageFieldName::Owner), state()), (body("b"), json!("LOST")));

    correct(&app, id, PageFieldName::Mark, mark).await;
    correct(&app, id, PageFieldName::Owner, body("b")).await;
    case.rewrite(file(PAGE_ROW, "oc", "c"));
    case.run(&app, Kind::Pages).await;
    assert_eq!(state(), "CONFIRMED", "the owner is pinned, too");
    decide(&app, open_of(&app, "owner"), Decision::Accept).await;
    assert_eq!((value_of(&app, id, PageFieldName::Owner), state()), (body("c"), json!("LOST")));
}

#[tokio::test]
async fn a_dry_run_lists_what_would_be_proposed() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    correct(&app, id, PageFieldName::Title, json!("Right")).await;
    case.rewrite(file(PAGE_ROW, "title", "Two"));
    let seq = app.registry.snapshot().seq();
    let dry_run = Options { dry_run: true, ..case.options(Kind::Pages) };
    let report = import::run(&app.registry, &dry_run, |_| {}).await.expect("the dry run ends");
    assert_eq!(app.registry.snapshot().seq(), seq, "nothing was written");
    assert_eq!((report.counts.pages.pinned, report.counts.proposals), (1, 1));
    let plan = report.plan.expect("a plan");
    let step = plan.of(Action::Propose).next().expect("a proposal");
    assert_eq!((step.kind, &*step.key, &*step.name), ("page", "https://vk.com/one", "Right"));
    assert_eq!(step.fields, [("title", Some("Right".to_owned()), Some("Two".to_owned()))]);
}

#[tokio::test]
async fn undoing_an_import_withdraws_its_proposals_and_opens_those_that_it_closed() {
    let app = TestApp::start().await;
    let (case, id) = imported_page(&app).await;
    correct(&app, id, PageFieldName::Title, json!("Right")).await;
    let first = import_title(&app, &case, "Two").await.job_id.expect("a job");
    let second = import_title(&app, &case, "Three").await.job_id.expect("a job");
    let undone = import::undo(&app.registry, second).await.expect("undone");
    assert_eq!((undone.proposals, undone.left.len()), (2, 0), "{undone:?}");
    assert_eq!(proposed(&app), [json!("Two")]);
    import::undo(&app.registry, first).await.expect("undone");
    assert!(open(&app).is_empty());
    let error = import::undo(&app.registry, first).await.expect_err("nothing is left to undo").to_string();
    assert!(error.contains("already undone"), "{error}");
    let states: Vec<State> = app.registry.snapshot().proposals().values().map(|it| it.state).collect();
    assert_eq!(states, [State::Superseded, State::Superseded]);
}

#[tokio::test]
async fn after_any_corrections_and_imports_each_corrected_field_has_its_last_correction() {
    let fields = [
        (PageFieldName::Title, "title"),
        (PageFieldName::OfficeTitle, "office"),
        (PageFieldName::PageType, "type"),
        (PageFieldName::ValidFrom, "from"),
        (PageFieldName::Handle, "url"),
        (PageFieldName::Owner, "oc"),
    ];
    for seed in 0..4 {
        let app = TestApp::start().await;
        let (case, id) = imported_page(&app).await;
        let bodies = ["a", "b", "c", "d"];
        let body =
            |number: usize| app.registry.snapshot().organization_by_code(bodies[number]).expect("it").id;
        let mut random = random(seed);
        let mut last = vec![None; fields.len()];
        for _ in 0..25 {
            let (index, number) = (random.random_range(0..fields.len()), random.random_range(0..4_usize));
            let (field, column) = fields[index];
            if random.random_bool(0.3) {
                let value = match field {
                    PageFieldName::ValidFrom => json!(format!("2019-01-0{}", number + 1)),
                    PageFieldName::Owner => json!(body(number)),
                    _ => json!(format!("right_{number}")),
                };
                correct(&app, id, field, value.clone()).await;
                last[index] = Some(value);
                continue;
            }
            let cell = match field {
                PageFieldName::ValidFrom => format!("2021-01-0{}", number + 1),
                PageFieldName::Owner => bodies[number].to_owned(),
                PageFieldName::Handle => format!("vk.com/file_{number}"),
                _ => format!("file {number}"),
            };
            case.rewrite(file(PAGE_ROW, column, &cell));
            assert_eq!(case.run(&app, Kind::Pages).await.counts.refused, 0, "{:?}", case.codes());
            for ((field, _), last) in fields.iter().zip(&last) {
                if let Some(last) = last {
                    assert_eq!(value_of(&app, id, *field), *last, "seed {seed}: {field:?}");
                }
            }
        }
        assert_eq!(app.registry.snapshot().pages().len(), 1, "no page is doubled");
        let keys: Vec<_> = open(&app).iter().map(|it| it.field.clone()).collect();
        let mut distinct = keys.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), keys.len(), "one open proposal for each field");
        assert!(app.registry.snapshot().invariants(chrono::Utc::now()).breaches.is_empty());
    }
}
