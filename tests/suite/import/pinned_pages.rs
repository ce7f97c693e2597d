//! Corrected fields of pages: no import overwrites them, and their values in the file are proposed.

use std::collections::BTreeSet;

use registry::{
    import::Kind,
    provenance::{PageFieldName, RecordField},
};
use serde_json::json;

use super::{
    Case,
    corrections::{Described, file, trial},
};
use crate::suite::harness::TestApp;

pub const PAGE_MAPPING: &str = r#"
    [organization]
    code = "oc"
    name = "on"
    [[pages]]
    url = "url"
    native_id = "id"
    title = "title"
    page_type = "type"
    office_title = "office"
    languages = { column = "lang", split = "|" }
    category = "cat"
    co_owners = { column = "co", split = "|" }
    mark = "mark"
    widget = "widget"
    valid_from = "from"
"#;
pub const PAGE_ROW: &[(&str, &str)] = &[
    ("oc", "a"),
    ("on", ""),
    ("url", "vk.com/one"),
    ("id", "7"),
    ("title", "One"),
    ("type", "group"),
    ("office", "Mayor"),
    ("lang", "ru"),
    ("cat", "ACTIVE"),
    ("co", ""),
    ("mark", "NONE"),
    ("widget", "MISSING"),
    ("from", "2020-01-01"),
];

/// A page of the organization `a`; there are `b`, `c` and `d`, too.
pub async fn imported_page(app: &TestApp) -> (Case, i64) {
    for code in ["a", "b", "c", "d"] {
        app.organization(code, &format!("Body {code}")).await;
    }
    let case = Case::new("p.csv", file(PAGE_ROW, "", ""), PAGE_MAPPING);
    assert_eq!(case.run(app, Kind::Pages).await.counts.pages.created, 1, "{:?}", case.codes());
    let page = app.registry.snapshot().pages().values().next().map(|page| page.id);
    (case, page.expect("the page"))
}

/// Fields that no file gives directly have tests of their own.
const OF_NO_COLUMN: [&str; 2] = ["availability", "lifecycle"];

#[tokio::test]
async fn each_corrected_field_of_a_page_endures() {
    use PageFieldName as Field;
    let body = |app: &TestApp, code: &str| {
        json!(app.registry.snapshot().organization_by_code(code).expect("a body").id)
    };
    let mut tried: BTreeSet<&str> = OF_NO_COLUMN.into();
    for number in 0..12 {
        let app = TestApp::start().await;
        let (case, id) = imported_page(&app).await;
        let mark = json!({ "state": "PENDING_CONFIRMATION", "method": null, "at": null });
        let trial = match number {
            0 => trial(Field::Title, "title", json!("Right"), ("Two", Some("Three")), true),
            1 => trial(Field::PageType, "type", json!("board"), ("public", Some("channel")), true),
            2 => trial(Field::Owner, "oc", body(&app, "d"), ("b", Some("c")), true),
            3 => trial(Field::CoOwners, "co", json!([body(&app, "d")]), ("b", Some("b|c")), false),
            4 => trial(Field::OfficeTitle, "office", json!("Minister"), ("Governor", Some("Head")), true),
            5 => trial(Field::Languages, "lang", json!(["tt"]), ("en", Some("en|de")), false),
            6 => trial(Field::Category, "cat", json!("FLAGSHIP"), ("CARD", Some("ACTIVE")), true),
            7 => trial(Field::Mark, "mark", mark, ("REQUESTED", Some("REJECTED")), true),
            8 => trial(Field::Widget, "widget", json!("CORRECT"), ("INVALID", Some("WRONG_COUNT")), true),
            9 => trial(Field::Handle, "url", json!("four"), ("vk.com/two", Some("vk.com/three")), true),
            10 => trial(Field::NativeId, "id", json!("9"), ("8", Some("6")), false),
            _ => {
                trial(Field::ValidFrom, "from", json!("2019-05-05"), ("2021-01-01", Some("2022-01-01")), true)
            }
        };
        tried.insert(trial.field.name());
        let described = Described { app: &app, case: &case, kind: Kind::Pages, row: PAGE_ROW, id };
        described.endures(trial).await;
    }
    assert_eq!(tried, PageFieldName::EACH.iter().map(|field| field.name()).collect());
}
