//! Corrected fields of organizations: no import overwrites them, and their values in the file are proposed.

use std::collections::BTreeSet;

use registry::{
    import::Kind,
    provenance::{OrganizationFieldName, RecordField},
};
use serde_json::json;

use super::{
    Case,
    corrections::{Described, Trial, file, trial},
};
use crate::suite::harness::TestApp;

const ORGANIZATION_MAPPING: &str = r#"
    [organization]
    code = "code"
    name = "name"
    short_name = "short"
    kind = "kind"
    level = "level"
    branch = "branch"
    sector = "sector"
    founder = "founder"
    territory = "territory"
    parent = "parent"
    website = "site"
    status = "status"
    successors = { column = "next", split = "|" }
    valid_from = "from"
    valid_to = "to"
    [organization.names]
    en = "en"
    [organization.identifiers]
    "ru:inn" = "inn"
"#;
const ORGANIZATION_ROW: &[(&str, &str)] = &[
    ("code", "x"),
    ("name", "Alpha"),
    ("short", "A"),
    ("kind", "INSTITUTION"),
    ("level", ""),
    ("branch", ""),
    ("sector", "EDUCATION"),
    ("founder", "b1"),
    ("territory", "ru-28"),
    ("parent", "b1"),
    ("site", "https://a.example/"),
    ("status", "ACTIVE"),
    ("next", ""),
    ("from", "2020-01-01"),
    ("to", "2130-01-01"),
    ("en", ""),
    ("inn", "7707083893"),
];

#[tokio::test]
async fn each_corrected_field_of_an_organization_endures() {
    // The code has a test of its own: a file replaces only generated ones.
    let mut tried: BTreeSet<&str> = ["code"].into();
    for number in 0..16 {
        let app = TestApp::start().await;
        for code in ["b1", "b2", "b3", "b4"] {
            app.organization(code, &format!("Body {code}")).await;
        }
        let case = Case::new("o.csv", file(ORGANIZATION_ROW, "", ""), ORGANIZATION_MAPPING);
        assert_eq!(case.run(&app, Kind::Organizations).await.counts.organizations.created, 1);
        let id = app.registry.snapshot().organization_by_code("x").expect("the organization").id;
        let trial = trial_of(&app, number);
        tried.insert(trial.field.name());
        let row = ORGANIZATION_ROW;
        Described { app: &app, case: &case, kind: Kind::Organizations, row, id }.endures(trial).await;
    }
    assert_eq!(tried, OrganizationFieldName::EACH.iter().map(|field| field.name()).collect());
}

/// The trial with this number.
fn trial_of(app: &TestApp, number: u32) -> Trial<OrganizationFieldName> {
    use OrganizationFieldName as Field;
    let snapshot = app.registry.snapshot();
    let body = |code: &str| snapshot.organization_by_code(code).expect("a body").id;
    let amur = snapshot.territory_by_code("ru-25").expect("a region").id;
    let name =
        json!([{ "name": "Other", "kind": "ALTERNATIVE", "language": null, "since": null, "until": null }]);
    let inn = json!([{ "scheme": "ru:inn", "value": "7706107510", "state": "VALID" }]);
    match number {
        0 => trial(Field::Name, "name", json!("Right"), ("Beta", Some("Gamma")), true),
        1 => trial(Field::ShortName, "short", json!("R"), ("B", Some("C")), true),
        2 => trial(Field::OtherNames, "en", name, ("Beta", Some("Gamma")), false),
        3 => trial(Field::Kind, "kind", json!("AUTHORITY"), ("INSTITUTION", None), true),
        4 => trial(Field::Level, "level", json!("FEDERAL"), ("REGIONAL", Some("MUNICIPAL")), true),
        5 => trial(Field::Branch, "branch", json!("OTHER"), ("LEGISLATIVE", Some("JUDICIAL")), true),
        6 => trial(Field::Sector, "sector", json!("SPORT"), ("HEALTH", Some("CULTURE")), true),
        7 => trial(Field::Founder, "founder", json!(body("b4")), ("b2", Some("b3")), true),
        8 => trial(Field::Territory, "territory", json!(amur), ("ru-77", Some("ru-54")), true),
        9 => trial(Field::Parent, "parent", json!(body("b4")), ("b2", Some("b3")), true),
        10 => {
            let files = ("https://b.example/", Some("https://c.example/"));
            trial(Field::Website, "site", json!("https://right.example/"), files, true)
        }
        // A final status is not replaced.
        11 => trial(Field::Status, "status", json!("SUSPENDED"), ("ACTIVE", Some("LIQUIDATED")), false),
        12 => trial(Field::Successors, "next", json!([body("b4")]), ("b2", Some("b2|b3")), true),
        // A row with another identifier is refused.
        13 => trial(Field::Identifiers, "inn", inn, ("7736050003", Some("7728168971")), false),
        14 => trial(Field::ValidFrom, "from", json!("2019-05-05"), ("2021-01-01", Some("2022-01-01")), true),
        _ => trial(Field::ValidTo, "to", json!("2129-01-01"), ("2131-01-01", Some("2132-01-01")), true),
    }
}
