//! Pages of owners that have ended or are suspended.

use registry::import::Kind;
use serde_json::json;

use super::Case;
use crate::suite::harness::TestApp;

const MAPPING: &str = "[organization]\ncode = \"code\"\nname = \"name\"\nstatus = \"status\"\nsuccessors = \"into\"\n\
    [[pages]]\nurl = \"url\"\nmark = \"mark\"\nmark_method = { constant = \"gosuslugi\" }\nmark_at = { constant = \"2024-05-01\" }\n";

const VERIFY: &str =
    "query($url: String!) { verifyPage(url: $url) { verdict page { owner { code } mark { state } } } }";

#[tokio::test]
async fn the_page_of_a_liquidated_owner_loses_its_mark_and_its_plain_verdict() {
    let app = TestApp::start().await;
    let case = Case::new(
        "p.csv",
        "code;name;status;into;url;mark\nx:s2;School 2;ACTIVE;;https://vk.com/school_two;CONFIRMED\n",
        MAPPING,
    );
    case.run(&app, Kind::Pages).await;
    let verify = async || app.data(VERIFY, json!({ "url": "vk.com/school_two" })).await["verifyPage"].take();
    let answer = verify().await;
    assert_eq!(
        (&answer["verdict"], &answer["page"]["mark"]["state"]),
        (&json!("OFFICIAL"), &json!("CONFIRMED"))
    );
    case.rewrite(
        "code;name;status;into;url;mark\nx:s2;School 2;LIQUIDATED;;https://vk.com/school_two;CONFIRMED\n",
    );
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.refused, case.warnings()), (0, vec!["MARK_NOT_ALLOWED".to_owned()]));
    let answer = verify().await;
    assert_eq!(
        (&answer["verdict"], &answer["page"]["mark"]["state"]),
        (&json!("OWNER_DISSOLVED"), &json!("LOST"))
    );
    // It is listed among those that nobody has taken over.
    let orphaned = r#"{ pages(filter: { statuses: [LIQUIDATED, MERGED, SPLIT], lifecycles: [REGISTERED] }) { nodes { handle } } }"#;
    assert_eq!(app.data(orphaned, json!({})).await["pages"]["nodes"], json!([{ "handle": "school_two" }]));
}

#[tokio::test]
async fn pages_of_a_merged_owner_pass_to_its_one_successor() {
    let app = TestApp::start().await;
    let (old, new) = (app.organization("old", "Old").await, app.organization("new", "New").await);
    let (half, other) = (app.organization("half", "Half").await, app.organization("other", "Other").await);
    app.page(old, "vk", "of_old").await;
    app.page(half, "vk", "of_half").await;
    for (id, successors) in [(old, vec![new]), (half, vec![new, other])] {
        app.change_organization(id, move |it| {
            it.status = entities::organization::Status::Merged;
            it.successors = successors;
        })
        .await;
    }
    let verify = async |url: &str| app.data(VERIFY, json!({ "url": url })).await["verifyPage"].take();
    let passed = verify("vk.com/of_old").await;
    assert_eq!((&passed["verdict"], &passed["page"]["owner"]["code"]), (&json!("OFFICIAL"), &json!("new")));
    let orphaned = verify("vk.com/of_half").await;
    assert_eq!(
        (&orphaned["verdict"], &orphaned["page"]["owner"]["code"]),
        (&json!("OWNER_DISSOLVED"), &json!("half"))
    );
    let history = r#"{ page(url: "vk.com/of_old") { history { nodes { kind reason } } } }"#;
    let history = app.data(history, json!({})).await["page"]["history"]["nodes"].take();
    assert_eq!(history[0], json!({ "kind": "MOVED", "reason": "its owner was merged into new" }));
}

#[tokio::test]
async fn pages_of_a_merged_owner_wait_for_a_suspended_successor() {
    use entities::organization::Status;
    let app = TestApp::start().await;
    let (first, old, new) = (
        app.organization("first", "First").await,
        app.organization("old", "Old").await,
        app.organization("new", "New").await,
    );
    app.page(first, "vk", "of_first").await;
    app.page(old, "vk", "of_old").await;
    let owner = async |url: &str| {
        let answer = app.data(VERIFY, json!({ "url": url })).await["verifyPage"].take();
        (answer["verdict"].clone(), answer["page"]["owner"]["code"].clone())
    };
    app.change_organization(new, |it| it.status = Status::Suspended).await;
    for (id, successor) in [(old, new), (first, old)] {
        app.change_organization(id, move |it| (it.status, it.successors) = (Status::Merged, vec![successor]))
            .await;
    }
    assert_eq!(owner("vk.com/of_old").await, (json!("OWNER_DISSOLVED"), json!("old")));
    app.change_organization(new, |it| it.status = Status::Active).await;
    for url in ["vk.com/of_old", "vk.com/of_first"] {
        assert_eq!(owner(url).await, (json!("OFFICIAL"), json!("new")), "{url}");
    }
}

#[tokio::test]
async fn a_mark_of_a_merged_owner_does_not_pass_to_its_successor() {
    let app = TestApp::start().await;
    let file = "code;name;status;into;url;mark\nnew;New;ACTIVE;;https://vk.com/of_new;\nold;Old;MERGED;new;https://vk.com/of_old;CONFIRMED\n";
    let case = Case::new("p.csv", file, MAPPING);
    case.run(&app, Kind::Pages).await;
    let state = async || {
        let answer = app.data(VERIFY, json!({ "url": "vk.com/of_old" })).await["verifyPage"].take();
        (answer["page"]["owner"]["code"].clone(), answer["page"]["mark"]["state"].clone())
    };
    assert_eq!(state().await, (json!("new"), json!("LOST")));
    // The same list again.
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    assert_eq!((state().await, app.registry.snapshot().seq()), ((json!("new"), json!("LOST")), seq));
    assert_eq!(case.warnings(), ["MARK_NOT_ALLOWED"]);
    // A page of it that comes later.
    case.rewrite("code;name;status;into;url;mark\nold;Old;MERGED;new;https://vk.com/of_old_too;CONFIRMED\n");
    case.run(&app, Kind::Pages).await;
    let answer = app.data(VERIFY, json!({ "url": "vk.com/of_old_too" })).await["verifyPage"].take();
    assert_eq!(
        (&answer["page"]["owner"]["code"], &answer["page"]["mark"]["state"]),
        (&json!("new"), &json!("NONE"))
    );
}

#[tokio::test]
async fn an_organization_that_was_merged_into_an_unknown_one_is_no_longer_active() {
    let app = TestApp::start().await;
    let row = "old;Old;MERGED;new;https://vk.com/of_old;CONFIRMED\n";
    let case = Case::new("p.csv", format!("code;name;status;into;url;mark\n{row}"), MAPPING);
    for _ in 0..2 {
        case.run(&app, Kind::Pages).await;
        let answer = app.data(VERIFY, json!({ "url": "vk.com/of_old" })).await["verifyPage"].take();
        assert_eq!(answer["verdict"], "OWNER_SUSPENDED", "{answer}");
        assert_ne!(answer["page"]["mark"]["state"], "CONFIRMED");
        assert!(case.warnings().contains(&"OWNER_ENDED".to_owned()), "{:?}", case.warnings());
    }
    case.rewrite(format!("code;name;status;into;url;mark\n{row}new;New;ACTIVE;;https://vk.com/of_new;\n"));
    case.run(&app, Kind::Pages).await;
    let answer = app.data(VERIFY, json!({ "url": "vk.com/of_old" })).await["verifyPage"].take();
    assert_eq!((&answer["verdict"], &answer["page"]["owner"]["code"]), (&json!("OFFICIAL"), &json!("new")));
}
