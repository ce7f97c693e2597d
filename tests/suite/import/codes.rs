//! Codes of organizations: a source's own code is stored or reported, and references by identifier go on working.

use registry::import::{self, Kind, Options};
use serde_json::json;

use super::{Case, repeats::twice};
use crate::suite::harness::TestApp;

pub const CODED: &str = "[organization]\ncode = \"c\"\nname = \"n\"\nterritory = \"t\"\nparent = \"p\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n";
pub const UNCODED: &str = "[organization]\nname = \"n\"\nterritory = \"t\"\nparent = \"p\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n";

/// Imports a file of another source twice; the second import changes nothing.
pub async fn of_source(app: &TestApp, case: &Case, source: &str) -> import::Report {
    let options = Options { source: source.into(), ..case.options(Kind::Organizations) };
    let report = import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    let seq = app.registry.snapshot().seq();
    import::run(&app.registry, &options, |_| {}).await.expect("the import runs");
    assert_eq!(app.registry.snapshot().seq(), seq, "a second run changes nothing");
    report
}

/// Codes and names of all organizations, in the order of their ids.
pub fn organizations(app: &TestApp) -> Vec<(String, String)> {
    let snapshot = app.registry.snapshot();
    snapshot.organizations().values().map(|it| (it.code.to_string(), it.name.to_string())).collect()
}

#[tokio::test]
async fn a_code_of_a_source_replaces_one_that_was_made_from_an_identifier() {
    let app = TestApp::start().await;
    let first = Case::new("o.csv", "n,t,p,i\nAlpha,ru-77,,7700000016\n", UNCODED);
    of_source(&app, &first, "s1").await;
    assert_eq!(organizations(&app), [("ru:inn:7700000016".to_owned(), "Alpha".to_owned())]);
    let case = Case::new("o.csv", "c,n,t,p,i\nz:1,Alpha,ru-77,,7700000016\nz:9,Child,ru-77,z:1,\n", CODED);
    assert_eq!(of_source(&app, &case, "s2").await.counts.warnings, 0);
    assert_eq!(organizations(&app)[0].0, "z:1");
    // The next file of the source refers to it by this code, and so does an exemption.
    let next = Case::new("o.csv", "c,n,t,p,i\nz:10,Second child,ru-77,z:1,\n", CODED);
    assert_eq!(of_source(&app, &next, "s2").await.counts.warnings, 0);
    let exemption = "[exemption]\norganization = \"c\"\nreason = \"r\"\nvalid_from = \"f\"\n";
    let exempted = "c,r,f\nz:1,One,2025-01-01\nru:inn:7700000016,Two,2025-02-01\n";
    let exempted = Case::new("e.csv", exempted, exemption);
    assert_eq!(twice(&app, &exempted, Kind::Exemptions).await.counts.exemptions.created, 2);
    // The first source still means it, also as a parent.
    first.rewrite("n,t,p,i\nAlpha,ru-77,,7700000016\nThird child,ru-77,ru:inn:7700000016,\n");
    let report = of_source(&app, &first, "s1").await;
    assert_eq!((report.counts.organizations.created, report.counts.warnings), (1, 0));
    assert_eq!(organizations(&app).len(), 4);
    let ask = "{ institution(code: \"z:1\") { name identifiers { value } } }";
    let found = app.data(ask, json!({})).await;
    assert_eq!(found["institution"]["identifiers"], json!([{ "value": "7700000016" }]));
}

#[tokio::test]
async fn children_known_by_name_are_found_again_after_the_code_of_their_parent_was_replaced() {
    let app = TestApp::start().await;
    let rows = "n,t,p,i\nAlpha,ru-77,,7700000016\nDepartment,ru-77,ru:inn:7700000016,\n";
    let first = Case::new("o.csv", rows, UNCODED);
    of_source(&app, &first, "s1").await;
    let coded = Case::new("o.csv", "c,n,t,p,i\nz:1,Alpha,ru-77,,7700000016\n", CODED);
    of_source(&app, &coded, "s2").await;
    let report = of_source(&app, &first, "s1").await;
    assert_eq!((report.counts.organizations.created, report.counts.warnings), (0, 0));
    assert_eq!(organizations(&app).len(), 2);
}

#[tokio::test]
async fn an_identifier_as_the_code_still_means_an_organization_with_a_code_of_another_source() {
    let app = TestApp::start().await;
    let case = Case::new("o.csv", "c,n,t,p,i\nz:1,Alpha,ru-77,,7700000016\n", CODED);
    of_source(&app, &case, "s1").await;
    let other = Case::new("o.csv", "c,n,t,p,i\nru:inn:7700000016,Alpha,,,\n", CODED);
    let report = of_source(&app, &other, "s2").await;
    assert_eq!((report.counts.organizations.created, report.counts.warnings), (0, 0));
    assert_eq!(organizations(&app), [("z:1".to_owned(), "Alpha".to_owned())]);
}

/// Its identifiers belong to one organization only.
pub const UNIQUE: &str = "[organization]\ncode = \"c\"\nname = \"n\"\nparent = \"p\"\n[organization.identifiers]\n\"ca:gc-orgid\" = \"g\"\n";

#[tokio::test]
async fn a_code_that_cannot_be_stored_is_reported_once() {
    let app = TestApp::start().await;
    of_source(&app, &Case::new("o.csv", "c,n,p,g\na:1,Alpha,,11\n", UNIQUE), "s1").await;
    let other = Case::new("o.csv", "c,n,p,g\nz:1,Alpha,,11\nz:9,Child,z:1,\n", UNIQUE);
    assert_eq!(of_source(&app, &other, "s2").await.counts.warnings, 1);
    assert_eq!(other.warnings(), ["CODE_CONFLICT"]);
    let text = &other.column("warnings.csv", "warning_text")[0];
    assert!(text.contains("the code `a:1`; the code `z:1` was not stored"), "{text}");
    let expected = [("a:1", "Alpha"), ("z:9", "Child")];
    assert_eq!(organizations(&app), expected.map(|(code, name)| (code.to_owned(), name.to_owned())));
    let rows = "z:1,Alpha,,11,vk.com/alpha_one\nz:1,Alpha,,11,vk.com/alpha_two\n";
    let mapping = format!("{UNIQUE}[[pages]]\nurl = \"u\"\n");
    let pages = Case::new("p.csv", format!("c,n,p,g,u\n{rows}"), &mapping);
    twice(&app, &pages, Kind::Pages).await;
    assert_eq!(pages.warnings(), ["CODE_CONFLICT"], "one for two pages");
}

#[tokio::test]
async fn one_code_never_means_two_organizations() {
    let app = TestApp::start().await;
    let both = "n,t,p,i\nAlpha,ru-77,,7700000016\nBeta,ru-77,,7700000023\n";
    of_source(&app, &Case::new("o.csv", both, UNCODED), "s1").await;
    let case = Case::new("o.csv", "c,n,t,p,i\nx:1,Alpha,ru-77,,7700000016\n", CODED);
    twice(&app, &case, Kind::Organizations).await;
    for number in ["7700000023", "7700000030"] {
        case.rewrite(format!("c,n,t,p,i\nx:1,Gamma,ru-77,,{number}\n"));
        twice(&app, &case, Kind::Organizations).await;
        assert_eq!(case.codes(), ["IDENTIFIER_MISMATCH"], "{number}");
    }
    let expected = [("x:1", "Alpha"), ("ru:inn:7700000023", "Beta")];
    assert_eq!(organizations(&app), expected.map(|(code, name)| (code.to_owned(), name.to_owned())));
}

#[tokio::test]
async fn a_second_row_of_an_organization_is_refused_with_the_code_of_the_first() {
    for (rows, mapping, code) in [
        ("c,n,p,g\nx:1,Alpha,,11\nx:2,Alpha,,11\n", UNIQUE, "x:1"),
        ("n,t,p,i\nAlpha,ru-77,,7700000016\nAlpha,ru-77,,7700000016\n", UNCODED, "ru:inn:7700000016"),
    ] {
        let app = TestApp::start().await;
        let case = Case::new("o.csv", rows, mapping);
        twice(&app, &case, Kind::Organizations).await;
        let expected = format!("Row 1 has the same organization, “Alpha” ({code}).");
        assert_eq!(case.column("errors.csv", "error_text"), [expected]);
    }
}

#[tokio::test]
async fn a_code_that_the_registry_lacks_is_no_missing_name() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\nif_missing = \"refuse\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n[[pages]]\nurl = \"u\"\n";
    let rows = "c,n,i,u\nx:1,,,vk.com/code_one\n,,7700000016,vk.com/code_two\n,,,vk.com/code_three\n";
    let case = Case::new("p.csv", rows, mapping);
    twice(&app, &case, Kind::Pages).await;
    assert_eq!(case.codes(), ["OWNER_NOT_FOUND", "OWNER_NOT_FOUND", "MISSING_VALUE"]);
    let texts = case.column("errors.csv", "error_text");
    assert!(texts[0].contains("`x:1`") && texts[1].contains("`ru:inn:7700000016`"), "{texts:?}");
}

#[tokio::test]
async fn two_codes_in_a_cell_are_not_joined_to_a_third() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n";
    let rows = "c,n\nq:12,Twelve\n\"q:1\n2\",Other\nq:1\t2,Another\nq:1 3,Thirteen\n";
    let case = Case::new("o.csv", rows, mapping);
    twice(&app, &case, Kind::Organizations).await;
    assert_eq!(case.codes(), ["BAD_VALUE", "BAD_VALUE"]);
    let mut organizations = organizations(&app);
    organizations.sort();
    let expected = [("q:12", "Twelve"), ("q:13", "Thirteen")];
    assert_eq!(organizations, expected.map(|(code, name)| (code.to_owned(), name.to_owned())));
}

#[tokio::test]
async fn a_code_of_a_source_stays_whatever_it_looks_like() {
    for own in ["gov.ru:alpha", "gov.ru:alpha-2", "ca:gc-orgid:11", "ca:gc-orgid:11-01"] {
        let app = TestApp::start().await;
        let first = Case::new("o.csv", format!("c,n,p,g\n{own},Alpha,,11\n"), UNIQUE);
        of_source(&app, &first, "gov.ru").await;
        let other = Case::new("o.csv", "c,n,p,g\nq:1,Alpha,,11\n", UNIQUE);
        of_source(&app, &other, "s2").await;
        assert_eq!(other.warnings(), ["CODE_CONFLICT"], "{own}");
        assert_eq!(of_source(&app, &first, "gov.ru").await.counts.organizations.created, 0);
        assert_eq!(organizations(&app), [(own.to_owned(), "Alpha".to_owned())]);
    }
}

#[tokio::test]
async fn two_identifiers_as_codes_of_two_sources_do_not_replace_each_other() {
    let mapping = "[organization]\ncode = \"c\"\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"i\"\n\"ru:ogrn\" = \"o\"\n";
    let row = |code: &str| format!("c,n,i,o\n{code},Alpha,7700000016,1027700000019\n");
    let app = TestApp::start().await;
    let first = Case::new("o.csv", row("ru:inn:7700000016"), mapping);
    of_source(&app, &first, "s1").await;
    let seq = app.registry.snapshot().seq();
    let other = Case::new("o.csv", row("ru:ogrn:1027700000019"), mapping);
    for (case, source) in [(&other, "s2"), (&first, "s1"), (&other, "s2")] {
        let options = Options { source: source.into(), ..case.options(Kind::Organizations) };
        let counts = import::run(&app.registry, &options, |_| {}).await.expect("the import runs").counts;
        assert_eq!((counts.organizations.unchanged, counts.warnings, counts.refused), (1, 0, 0));
    }
    let snapshot = app.registry.snapshot();
    let known = snapshot.organization_by_code("ru:inn:7700000016").expect("the first code");
    assert_eq!((snapshot.organizations().len(), &*known.name), (1, "Alpha"));
    assert_eq!(snapshot.seq(), seq, "nothing was written");
}

#[tokio::test]
async fn the_code_of_a_row_in_another_language_is_reported_and_means_the_organization_in_this_file() {
    let app = TestApp::start().await;
    let mapping = UNIQUE.replace("name = \"n\"", "name = \"n\"\nname_language = \"l\"");
    let rows = "x:1,Parks,en,,11\nx:2,Parcs,fr,,11\nx:3,Child,en,x:2,\n";
    let case = Case::new("o.csv", format!("c,n,l,p,g\n{rows}"), &mapping);
    of_source(&app, &case, "s1").await;
    assert_eq!((case.codes(), case.warnings()), (vec![], vec!["CODE_CONFLICT".to_owned()]));
    let ask = "{ institution(code: \"x:3\") { parent { ... on Institution { code } } } }";
    let found = app.data(ask, json!({})).await;
    assert_eq!(found["institution"]["parent"]["code"], "x:1");
}

#[tokio::test]
async fn a_code_that_is_not_stored_means_the_organization_in_rows_without_a_name() {
    let app = TestApp::start().await;
    of_source(&app, &Case::new("o.csv", "c,n,p,g\na:1,Parks,,11\n", UNIQUE), "s1").await;
    let rows = "z:1,Parks,11,vk.com/parks_one\nz:2,Parks,11,vk.com/parks_two\nz:1,,,vk.com/parks_three\n";
    let mapping = format!("{UNIQUE}[[pages]]\nurl = \"u\"\n");
    let pages = Case::new("p.csv", format!("c,n,g,u\n{rows}"), &mapping.replace("parent = \"p\"\n", ""));
    let report = twice(&app, &pages, Kind::Pages).await;
    assert_eq!((report.counts.pages.created, pages.codes()), (3, vec![]));
    assert_eq!(app.registry.snapshot().organizations().len(), 1);
}

#[tokio::test]
async fn children_known_by_name_are_found_again_if_the_code_of_their_parent_is_not_stored() {
    let app = TestApp::start().await;
    of_source(&app, &Case::new("o.csv", "c,n,p,g\na:1,Parks,,11\n", UNIQUE), "s1").await;
    let other = Case::new("o.csv", "c,n,p,g\nz:1,Parks,,11\n,Department,z:1,\n", UNIQUE);
    assert_eq!(of_source(&app, &other, "s2").await.counts.organizations.created, 1);
    assert_eq!(of_source(&app, &other, "s2").await.counts.organizations.created, 0);
    let snapshot = app.registry.snapshot();
    let parents: Vec<_> = snapshot.organizations().values().map(|it| it.parent_id).collect();
    assert_eq!(parents, [None, snapshot.organization_by_code("a:1").map(|it| it.id)]);
}

#[tokio::test]
async fn codes_that_a_list_of_codes_cannot_hold_are_refused() {
    let app = TestApp::start().await;
    let file = "c,n\n\"a;b\",One\n\"a\nb\",Two\na\u{85}b,Three\na-b,Four\n";
    let case = Case::new("o.csv", file, "[organization]\nname = \"n\"\ncode = \"c\"\n");
    let report = case.run(&app, Kind::Organizations).await;
    assert_eq!((report.counts.organizations.created, case.codes()), (1, vec!["BAD_VALUE".to_owned(); 3]));
}
