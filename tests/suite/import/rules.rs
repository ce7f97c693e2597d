//! Rows of exemptions, of successors, and of figures.

use registry::import::Kind;
use serde_json::json;

use super::Case;
use crate::suite::harness::TestApp;

#[tokio::test]
async fn exemptions_come_with_reason_basis_and_dates() {
    let app = TestApp::start().await;
    let territory = app.registry.snapshot().territory_by_code("ru-77").expect("a region").id;
    let unit = app.organization("unit", "Unit").await;
    app.change_organization(unit, move |it| it.territory_id = Some(territory)).await;
    let mapping = r#"
        [exemption]
        organization = "code"
        rule = "rule"
        reason = "why"
        basis = "act"
        decided_by = { constant = "Ministry" }
        valid_from = "from"
        valid_to = "to"
    "#;
    let file = "code,rule,why,act,from,to\n\
        unit,ru-official-pages,secrecy,Order 5,2023-01-01,\n\
        nobody,,secrecy,,2023-01-01,\n\
        unit,no-such-rule,secrecy,,2023-01-01,\n\
        unit,,,,2023-01-01,\n\
        unit,,secrecy,,,\n\
        unit,,secrecy,,2023-01-01,2022-01-01\n\
        unit,,secrecy,,yesterday,\n";
    let case = Case::new("e.csv", file, mapping);
    let report = case.run(&app, Kind::Exemptions).await;
    assert_eq!((report.counts.exemptions.created, report.counts.refused), (1, 6));
    let codes = ["OWNER_NOT_FOUND", "BAD_VALUE", "MISSING_VALUE", "MISSING_VALUE", "BAD_VALUE", "BAD_VALUE"];
    assert_eq!(case.codes(), codes);
    let query = r#"{ institution(code: "unit") { obligation { state exemptions { reason basis decidedBy validFrom validTo rule { code } } } } }"#;
    let obligation = app.data(query, json!({})).await["institution"]["obligation"].take();
    assert_eq!(obligation["state"], "EXEMPT");
    assert_eq!(
        obligation["exemptions"],
        json!([{ "reason": "secrecy", "basis": "Order 5", "decidedBy": "Ministry", "validFrom": "2023-01-01",
                 "validTo": null, "rule": { "code": "ru-official-pages" } }])
    );
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Exemptions).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
    case.rewrite("code,rule,why,act,from,to\nunit,ru-official-pages,secrecy,Order 5,2023-01-01,2024-01-01\n");
    assert_eq!(case.run(&app, Kind::Exemptions).await.counts.exemptions.updated, 1);
    assert_eq!(app.data(query, json!({})).await["institution"]["obligation"]["state"], "MISSING");
}

#[tokio::test]
async fn a_merged_organization_names_its_successors() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"id\"\nname = \"name\"\nstatus = \"status\"\nsuccessors = { column = \"into\", split = \" \" }\n";
    let file = "id,name,status,into\nold,Old,MERGED,new\nhalf,Half,SPLIT,new old2\nnew,New,ACTIVE,\nold2,Old 2,ACTIVE,\nalone,Alone,MERGED,\nself,Self,MERGED,self\nlost,Lost,MERGED,nobody\n";
    let case = Case::new("o.csv", file, mapping);
    case.run(&app, Kind::Organizations).await;
    assert_eq!(case.codes(), ["MISSING_VALUE"]);
    assert_eq!(case.warnings(), ["TREE_CYCLE", "OWNER_ENDED", "PARENT_NOT_FOUND", "OWNER_ENDED"]);
    let query = r#"{ old: institution(code: "old") { status mergedInto { code } } half: institution(code: "half") { status mergedInto { code } successors { code } }
        new: institution(code: "new") { predecessors { code } } }"#;
    let data = app.data(query, json!({})).await;
    assert_eq!(data["old"], json!({ "status": "MERGED", "mergedInto": { "code": "new" } }));
    assert_eq!(
        data["half"],
        json!({ "status": "SPLIT", "mergedInto": null, "successors": [{ "code": "new" }, { "code": "old2" }] })
    );
    assert_eq!(data["new"]["predecessors"], json!([{ "code": "half" }, { "code": "old" }]));
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Organizations).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
}

#[tokio::test]
async fn figures_come_beside_pages() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"Owner\"\n[[pages]]\nurl = \"Address\"\nsubscribers = \"Subscribers\"\nlast_post_at = \"Post\"\nfigures_at = \"Day\"\n";
    let file = "Owner,Address,Subscribers,Post,Day\nCity,vk.com/one,12 345,2026-11-01,2026-11-02\nCity,vk.com/two,many,,\nCity,vk.com/three,5,2999-01-01,\nCity,vk.com/four,-3,,\nCity,vk.com/five,,,\n";
    let case = Case::new("p.csv", file, mapping);
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["BAD_VALUE", "BAD_VALUE", "BAD_VALUE"]);
    let query = "{ pages(orderBy: { field: SUBSCRIBERS, direction: DESC }) { nodes { handle statistics { latest { subscribers lastPostAt recordedAt } } } } }";
    let nodes = app.data(query, json!({})).await["pages"]["nodes"].take();
    assert_eq!(
        nodes[0],
        json!({ "handle": "one", "statistics": { "latest": {
            "subscribers": 12345, "lastPostAt": "2026-11-01T00:00:00Z", "recordedAt": "2026-11-02T00:00:00Z" } } })
    );
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
    // Older figures never replace newer ones.
    case.rewrite("Owner,Address,Subscribers,Post,Day\nCity,vk.com/one,1,2026-10-01,2026-10-02\n");
    case.run(&app, Kind::Pages).await;
    assert_eq!(
        app.data(query, json!({})).await["pages"]["nodes"][0]["statistics"]["latest"]["subscribers"],
        12345
    );
}
