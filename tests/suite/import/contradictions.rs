//! Rows that contradict others, or what the registry has: the same is refused on every run, and nothing is done by half.

use registry::import::{self, Kind};
use serde_json::json;

use super::Case;
use crate::suite::harness::TestApp;

#[tokio::test]
async fn rows_of_one_new_code_are_of_one_organization_whatever_numbers_they_have() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"inn\"\n\"ca:gc-orgid\" = \"g\"\n[[pages]]\nurl = \"u\"\n";
    let first = Case::new("a.csv", "c,n,inn,g,u\nf,Лицей,7700000030,11,vk.com/h_two\n", mapping);
    first.run(&app, Kind::Pages).await;
    let rows = ["a,Школа,,11,vk.com/h_one", "a,Школа,7700000023,,x.com/h_five"];
    let case = Case::new("b.csv", format!("c,n,inn,g,u\n{}\n{}\n", rows[0], rows[1]), mapping);
    let counts = case.run(&app, Kind::Pages).await.counts;
    assert_eq!((counts.organizations.created, counts.refused), (0, 1), "one number is the lyceum's");
    assert_eq!(case.codes(), ["IDENTIFIER_MISMATCH"]);
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    case.rewrite(format!("c,n,inn,g,u\n{}\n{}\n", rows[1], rows[0]));
    case.run(&app, Kind::Pages).await;
    assert_eq!((case.codes(), app.registry.snapshot().seq()), (vec!["IDENTIFIER_MISMATCH".to_owned()], seq));
}

#[tokio::test]
async fn a_page_stays_with_a_merged_owner_whose_successor_has_ended() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\n[[pages]]\nurl = \"u\"\n";
    let case = Case::new("p.csv", "c,n,s,f,u\na,A,LIQUIDATED,,vk.com/aaaaa\n", mapping);
    case.run(&app, Kind::Pages).await;
    case.rewrite("c,n,s,f,u\ng,G,MERGED,a,vk.com/ggggg\n");
    case.run(&app, Kind::Pages).await;
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
    let page = app.data("{ page(url: \"vk.com/ggggg\") { owner { code } } }", json!({})).await;
    assert_eq!(page["page"]["owner"]["code"], "g");
    // Nor to one that does not work.
    case.rewrite("c,n,s,f,u\nm,M,MERGED,d,vk.com/mmmmm\nd,D,SUSPENDED,,vk.com/ddddd\n");
    case.run(&app, Kind::Pages).await;
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
}

#[tokio::test]
async fn a_merged_organization_waits_until_all_its_successors_are_known() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = { column = \"f\", split = \" \" }\n[[pages]]\nurl = \"u\"\n";
    let rows = "c,n,s,f,u\na,A,MERGED,b later,vk.com/aaaaa\nb,B,,,vk.com/bbbbb\n";
    let case = Case::new("p.csv", rows, mapping);
    let ask = "{ institution(code: \"a\") { status successors { code } } page(url: \"vk.com/aaaaa\") { owner { code } } }";
    for _ in 0..2 {
        case.run(&app, Kind::Pages).await;
        let found = app.data(ask, json!({})).await;
        let institution = json!({ "status": "SUSPENDED", "successors": [] });
        assert_eq!(found, json!({ "institution": institution, "page": { "owner": { "code": "a" } } }));
        assert_eq!(case.column("warnings.csv", "warning_code"), ["PARENT_NOT_FOUND", "OWNER_ENDED"]);
    }
    case.rewrite(format!("{rows}later,L,,,vk.com/lllll\n"));
    case.run(&app, Kind::Pages).await;
    let found = app.data(ask, json!({})).await;
    let institution = json!({ "status": "MERGED", "successors": [{ "code": "b" }, { "code": "later" }] });
    assert_eq!(found, json!({ "institution": institution, "page": { "owner": { "code": "a" } } }));
}

#[tokio::test]
async fn chains_and_circles_of_mergers_end_the_same_in_any_order() {
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\n[[pages]]\nurl = \"u\"\n";
    // A chain whose last successor is not known, a circle, and one that leads into it.
    let rows = [
        "a,A,MERGED,b,vk.com/aaaaa",
        "b,B,MERGED,c,vk.com/bbbbb",
        "c,C,MERGED,unknown,vk.com/ccccc",
        "d,D,MERGED,e,vk.com/ddddd",
        "e,E,MERGED,f,vk.com/eeeee",
        "f,F,MERGED,e,vk.com/fffff",
        "g,G,MERGED,h,vk.com/ggggg",
        "h,H,MERGED,i,vk.com/hhhhh",
        "i,I,ACTIVE,,vk.com/iiiii",
    ];
    for shift in 0..3 {
        let app = TestApp::start().await;
        let mut order = rows.to_vec();
        order.rotate_left(shift * 4);
        if shift == 1 {
            order.reverse();
        }
        let case = Case::new("p.csv", format!("c,n,s,f,u\n{}\n", order.join("\n")), mapping);
        case.run(&app, Kind::Pages).await;
        let seq = app.registry.snapshot().seq();
        case.run(&app, Kind::Pages).await;
        assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing: {order:?}");
        let snapshot = app.registry.snapshot();
        let mut owners: Vec<String> = Vec::new();
        for page in snapshot.pages().values() {
            let owner = snapshot.organization(page.owner_id).expect("an owner");
            owners.push(format!("{} {}", page.handle.as_deref().expect("a handle"), owner.code));
        }
        owners.sort();
        let expected =
            ["aaaaa a", "bbbbb b", "ccccc c", "ddddd d", "eeeee e", "fffff f", "ggggg i", "hhhhh i"];
        assert_eq!(owners[..8], expected, "{order:?}");
    }
}

#[tokio::test]
async fn contradictions_between_rows_of_one_page_are_reported() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[pages]]\nurl = \"u\"\ntitle = \"t\"\ncategory = \"c\"\nvalid_from = \"v\"\n";
    let rows = ["A,vk.com/aaaaa,One,ACTIVE,2020-01-01", "B,vk.com/aaaaa,Two,ACTIVE,2021-01-01"];
    let case = Case::new("p.csv", format!("n,u,t,c,v\n{}\n{}\n", rows[0], rows[1]), mapping);
    for _ in 0..2 {
        case.run(&app, Kind::Pages).await;
        assert_eq!(case.column("warnings.csv", "warning_code"), ["NAME_CONFLICT"]);
        let message = &case.column("warnings.csv", "warning_text")[0];
        assert!(message.contains("are used: title, first day"), "{message}");
        case.rewrite(format!("n,u,t,c,v\n{}\n{}\n", rows[1], rows[0]));
    }
}

#[tokio::test]
async fn what_has_ended_in_one_way_does_not_end_in_another_by_half() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\nsuccessors = \"f\"\n[[pages]]\nurl = \"u\"\n";
    let case = Case::new("p.csv", "c,n,s,f,u\ne,E,LIQUIDATED,,vk.com/eeeee\nb,B,,,vk.com/bbbbb\n", mapping);
    case.run(&app, Kind::Pages).await;
    let seq = app.registry.snapshot().seq();
    case.rewrite("c,n,s,f,u\ne,E,MERGED,b,vk.com/fffff\n");
    for _ in 0..2 {
        case.run(&app, Kind::Pages).await;
        assert_eq!((case.codes(), app.registry.snapshot().seq()), (vec!["FINAL_STATUS".to_owned()], seq));
    }
}

#[tokio::test]
async fn a_suspended_organization_comes_back_after_an_undo() {
    let app = TestApp::start().await;
    let case = Case::new(
        "o.csv",
        "c,n,s\na,A,SUSPENDED\n",
        "[organization]\ncode = \"c\"\nname = \"n\"\nstatus = \"s\"\n",
    );
    let job = case.run(&app, Kind::Organizations).await.job_id.expect("a job");
    import::undo(&app.registry, job).await.expect("undone");
    case.run(&app, Kind::Organizations).await;
    assert!(case.codes().is_empty(), "{:?}", case.codes());
    let asked = app.data("{ institution(code: \"a\") { status } }", json!({})).await;
    assert_eq!(asked["institution"]["status"], "SUSPENDED");
}

#[tokio::test]
async fn a_row_whose_number_a_later_row_explains_is_taken_in_on_the_first_run() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\nsector = \"s\"\nterritory = \"t\"\n[organization.identifiers]\n\"ru:ogrn\" = \"o\"\n\"ca:gc-orgid\" = \"g\"\n[[pages]]\nurl = \"u\"\n";
    let file = "n,t,s,o,g,u\nJustice,ru-dfo,,1027700000030,,vk.com/h_two\nJustice,,HEALTH,1027700000020,,vk.com/h_three\n\
        School,,,,11,vk.com/h_five\nJustice,,,,11,x.com/h_three\n";
    let case = Case::new("p.csv", file, mapping);
    let counts = case.run(&app, Kind::Pages).await.counts;
    assert_eq!((counts.rows, counts.refused, counts.pages.created), (4, 0, 4));
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
}
