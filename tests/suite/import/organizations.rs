//! Rows of organizations: the tree, identifiers, units.

use registry::import::Kind;
use serde_json::json;

use super::Case;
use crate::suite::harness::TestApp;

const ORGANIZATIONS: &str = r#"
    [organization]
    code = { column = "id", prefix = "t:" }
    name = "name"
    kind = { constant = "AUTHORITY" }
    parent = { column = "parent", prefix = "t:" }
    territory = "region"
"#;

#[tokio::test]
async fn parents_may_come_after_their_children() {
    let app = TestApp::start().await;
    let file = "id,name,parent,region\n3,Office,2,ru-28\n2,Department,1,ru-28\n1,Ministry,,\n4,Lost,9,\n5,Nowhere,1,atlantis\n6,Loop,7,\n7,Pool,6,\n1,Ministry again,,\n";
    let case = Case::new("o.csv", file, ORGANIZATIONS);
    let report = case.run(&app, Kind::Organizations).await;
    assert_eq!(report.counts.organizations.created, 6);
    assert_eq!(case.codes(), ["UNKNOWN_TERRITORY", "DUPLICATE_IN_FILE"]);
    // What was taken in without its parent counts as what it is; which row of a circle is wrong, nobody knows.
    assert_eq!(case.warnings(), ["PARENT_NOT_FOUND", "TREE_CYCLE", "TREE_CYCLE"]);
    let office =
        app.data(r#"{ authority(code: "t:3") { territory { code } ancestors { code } } }"#, json!({})).await;
    assert_eq!(office["authority"]["ancestors"], json!([{ "code": "t:2" }, { "code": "t:1" }]));
    let seq = app.registry.snapshot().seq();
    case.run(&app, Kind::Organizations).await;
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
}

#[tokio::test]
async fn a_tree_deeper_than_ten_is_refused() {
    let app = TestApp::start().await;
    let rows: String = (1..=12)
        .map(|n| format!("{n},N{n},{},\n", if n == 1 { String::new() } else { (n - 1).to_string() }))
        .collect();
    let case = Case::new("o.csv", format!("id,name,parent,region\n{rows}"), ORGANIZATIONS);
    case.run(&app, Kind::Organizations).await;
    assert_eq!((case.codes(), case.warnings()), (vec![], vec!["TREE_TOO_DEEP".to_owned()]));
}

const NUMBERS: &str = r#"
    [organization]
    name = "name"
    units = true
    [organization.identifiers]
    "ru:ogrn" = "ogrn"
    "ru:inn" = "inn"
"#;

#[tokio::test]
async fn units_share_their_parents_number_and_stay_apart() {
    let app = TestApp::start().await;
    let file = "name,ogrn,inn\nБиблиотека № 1,1027739019142,7710168360\nБиблиотека № 2,1027739019142,7710168360\nбиблиотека №1,1027739019142,\n\
                Школа,1027739019143,\nЧеловек,,500100732259\nДругая,12,\nМузей,,274062111\n";
    let case = Case::new("o.csv", file, NUMBERS);
    let report = case.run(&app, Kind::Organizations).await;
    assert_eq!(report.counts.organizations.created, 3);
    assert_eq!(case.codes(), ["DUPLICATE_IN_FILE", "BAD_CHECK_DIGIT", "PERSON_IDENTIFIER", "BAD_IDENTIFIER"]);
    let ask = r#"{ organizationsByIdentifier(schemeCode: "ru:ogrn", value: "1027739019142") { code name }
        museum: organizationsByIdentifier(schemeCode: "ru:inn", value: "0274062111") { name identifiers { state } } }"#;
    let found = app.data(ask, json!({})).await;
    assert_eq!(
        found["organizationsByIdentifier"],
        json!([
            { "code": "ru:inn:7710168360", "name": "Библиотека № 1" },
            { "code": "ru:inn:7710168360-2", "name": "Библиотека № 2" },
        ])
    );
    assert_eq!(found["museum"][0]["identifiers"][0]["state"], "VALID");

    let keep = Case::new(
        "o.csv",
        "name,ogrn,inn\nШкола,1027739019143,\n",
        &format!("check_digits = \"keep\"\n{NUMBERS}"),
    );
    assert_eq!(keep.run(&app, Kind::Organizations).await.counts.organizations.created, 1);
    let ask = r#"{ organizationsByIdentifier(schemeCode: "ru:ogrn", value: "1027739019143") { identifiers { state } } }"#;
    assert_eq!(
        app.data(ask, json!({})).await["organizationsByIdentifier"][0]["identifiers"][0]["state"],
        "CHECK_FAILED"
    );
}
