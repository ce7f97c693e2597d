//! Corrected keys, names and places: a file that still has the old ones means the same records, and doubles none.

use entities::page::Lifecycle;
use registry::{
    import::Kind,
    provenance::{OrganizationFieldName, PageFieldName},
};
use serde_json::json;

use super::{
    Case,
    corrections::{correct, open, value_of},
    repeats::twice,
};
use crate::suite::harness::TestApp;

const PAGES: &str = "[organization]\ncode = \"c\"\nname = \"n\"\n[[pages]]\nurl = \"u\"\nnative_id = \"i\"\n";

fn page_at(app: &TestApp, handle: &str) -> i64 {
    let snapshot = app.registry.snapshot();
    let vk = snapshot.platform_by_code("vk").expect("the platform").id;
    snapshot.page_by_handle(vk, handle).expect("the page").id
}

#[tokio::test]
async fn a_page_without_an_id_is_found_by_the_handle_that_was_corrected() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,Alpha,vk.com/misspelt,\n", PAGES);
    case.run(&app, Kind::Pages).await;
    let id = page_at(&app, "misspelt");
    app.change_page(id, |page, change_set| page.rename(Some("spelt_right".into()), change_set.now())).await;
    correct(&app, id, PageFieldName::Handle, json!("spelt_right")).await;
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.pages.pinned), (0, 1), "{:?}", report.counts);
    assert_eq!(value_of(&app, id, PageFieldName::Handle), json!("spelt_right"));
    assert_eq!(open(&app)[0].proposed, json!("misspelt"));
    // The page of another owner that has taken the old handle is known by its id.
    case.rewrite("c,n,u,i\na,Alpha,vk.com/spelt_right,5\nb,Beta,vk.com/misspelt,6\n");
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.pages.updated), (1, 1), "{:?}", report.counts);
    assert!(open(&app).is_empty(), "the file has the right handle now");
}

#[tokio::test]
async fn a_page_is_found_by_the_id_that_was_corrected() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,Alpha,vk.com/club71,\n", PAGES);
    case.run(&app, Kind::Pages).await;
    let id = app.registry.snapshot().pages().values().next().expect("the page").id;
    correct(&app, id, PageFieldName::NativeId, json!("72")).await;
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, report.counts.pages.pinned), (0, 1), "{:?}", report.counts);
    assert_eq!(value_of(&app, id, PageFieldName::NativeId), json!("72"));
    assert_eq!(open(&app)[0].proposed, json!("71"));
}

#[tokio::test]
async fn a_row_of_another_page_does_not_overwrite_the_page_whose_id_was_corrected() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,Alpha,vk.com/first,1\n", PAGES);
    case.run(&app, Kind::Pages).await;
    let id = page_at(&app, "first");
    correct(&app, id, PageFieldName::NativeId, json!("9")).await;
    // The corrected page has another handle now; its former one is that of a new page.
    case.rewrite("c,n,u,i\na,Alpha,vk.com/first,2\nb,Beta,vk.com/second,9\n");
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.pages.created), (0, 1), "{:?}", case.codes());
    assert_eq!(page_at(&app, "second"), id);
    let new = page_at(&app, "first");
    assert_eq!(value_of(&app, new, PageFieldName::NativeId), json!("2"));
    assert!(open(&app).is_empty(), "the file has the right id");
}

#[tokio::test]
async fn nobody_loses_a_handle_to_a_page_that_may_not_get_it() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,Alpha,vk.com/first,1\nb,Beta,vk.com/second,2\n", PAGES);
    case.run(&app, Kind::Pages).await;
    let (first, second) = (page_at(&app, "first"), page_at(&app, "second"));
    correct(&app, first, PageFieldName::NativeId, json!("9")).await;
    correct(&app, first, PageFieldName::Handle, json!("first")).await;
    case.rewrite("c,n,u,i\na,Alpha,vk.com/second,1\n");
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.pages.created), (0, 0), "{:?}", case.codes());
    assert_eq!((page_at(&app, "first"), page_at(&app, "second")), (first, second));
    let mut proposed: Vec<_> = open(&app).iter().map(|it| it.field.to_string()).collect();
    proposed.sort();
    assert_eq!(proposed, ["handle", "nativeId"]);
}

#[tokio::test]
async fn no_row_takes_a_handle_that_an_operator_has_given_to_a_page() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,Alpha,vk.com/first,1\nb,Beta,vk.com/second,2\n", PAGES);
    case.run(&app, Kind::Pages).await;
    let first = page_at(&app, "first");
    correct(&app, first, PageFieldName::Handle, json!("first")).await;
    // Both want the other one's handle.
    case.rewrite("c,n,u,i\na,Alpha,vk.com/second,1\nb,Beta,vk.com/first,2\n");
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.refused, case.codes()), (1, vec!["DUPLICATE_IN_REGISTRY".to_owned()]));
    assert_eq!(value_of(&app, first, PageFieldName::Handle), json!("first"));
    assert_eq!(page_at(&app, "second"), page_at(&app, "first") + 1, "nobody lost a handle");
    assert_eq!(open(&app)[0].proposed, json!("second"));
}

#[tokio::test]
async fn a_page_that_an_operator_archived_is_not_registered_again() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "c,n,u,i\na,Alpha,vk.com/first,1\n", PAGES);
    case.run(&app, Kind::Pages).await;
    let id = page_at(&app, "first");
    correct(&app, id, PageFieldName::Lifecycle, json!("ARCHIVED")).await;
    let report = twice(&app, &case, Kind::Pages).await;
    assert_eq!((report.counts.pages.pinned, report.counts.proposals), (1, 1));
    let lifecycle = app.registry.snapshot().page(id).map(|page| page.lifecycle);
    assert_eq!(lifecycle, Some(Lifecycle::Archived));
    assert_eq!((&*open(&app)[0].field, &open(&app)[0].proposed), ("lifecycle", &json!("REGISTERED")));
}

#[tokio::test]
async fn an_organization_without_a_code_is_found_when_its_name_and_place_were_corrected() {
    use OrganizationFieldName as Field;
    let app = TestApp::start().await;
    let territory = |code: &str| app.registry.snapshot().territory_by_code(code).expect("a region").id;
    let mapping = "[organization]\nname = \"n\"\nterritory = \"t\"\nsector = \"s\"\n";
    let case = Case::new("o.csv", "n,t,s\nLyceum,ru-28,HEALTH\nOther,ru-28,HEALTH\n", mapping);
    case.run(&app, Kind::Organizations).await;
    let id = app.registry.snapshot().organizations_by_name("Lyceum").next().expect("the school").id;
    correct(&app, id, Field::Name, json!("School")).await;
    correct(&app, id, Field::Territory, json!(territory("ru-77"))).await;
    correct(&app, id, Field::Sector, json!("EDUCATION")).await;
    let report = twice(&app, &case, Kind::Organizations).await;
    let tally = report.counts.organizations;
    assert_eq!((tally.created, tally.updated, tally.pinned), (0, 0, 1), "{:?}", case.codes());
    assert_eq!(value_of(&app, id, Field::Name), json!("School"));
    let proposed: Vec<_> = open(&app).iter().map(|it| (it.field.to_string(), it.proposed.clone())).collect();
    let expected = [
        ("name".to_owned(), json!("Lyceum")),
        ("sector".to_owned(), json!("HEALTH")),
        ("territory".to_owned(), json!(territory("ru-28"))),
    ];
    assert_eq!(proposed, expected);
}

#[tokio::test]
async fn an_organization_is_found_by_the_identifier_that_was_corrected() {
    use OrganizationFieldName as Field;
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n";
    let case = Case::new("o.csv", "n,i\nSchool,7707083893\n", mapping);
    case.run(&app, Kind::Organizations).await;
    let id = app.registry.snapshot().organizations_by_name("School").next().expect("the school").id;
    let right = json!([{ "scheme": "ru:inn", "value": "7736050003", "state": "VALID" }]);
    correct(&app, id, Field::Identifiers, right.clone()).await;
    let report = twice(&app, &case, Kind::Organizations).await;
    let tally = report.counts.organizations;
    assert_eq!((tally.created, tally.pinned, report.counts.refused), (0, 1, 0), "{:?}", case.codes());
    assert_eq!(value_of(&app, id, Field::Identifiers), right);
}

#[tokio::test]
async fn a_pinned_code_is_not_replaced_by_that_of_a_source() {
    use OrganizationFieldName as Field;
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nterritory = \"t\"\n";
    let case = Case::new("o.csv", "c,n,t\n,School,ru-28\n", mapping);
    case.run(&app, Kind::Organizations).await;
    let id = app.registry.snapshot().organizations_by_name("School").next().expect("the school").id;
    let code = value_of(&app, id, Field::Code);
    correct(&app, id, Field::Code, code.clone()).await;
    case.rewrite("c,n,t\nsc-1,School,ru-28\n");
    let report = twice(&app, &case, Kind::Organizations).await;
    let tally = report.counts.organizations;
    assert_eq!((tally.created, tally.pinned), (0, 1), "{:?}", case.warnings());
    assert_eq!(value_of(&app, id, Field::Code), code);
    assert_eq!(open(&app)[0].proposed, json!("sc-1"));
}
