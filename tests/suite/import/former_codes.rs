//! Generated codes that a source's code has replaced: they mean the same organization for good, and no other one.

use entities::{organization::CodeOrigin, organization_identifier::State};
use registry::{
    import::{self, Kind},
    model::Identifier,
};

use super::{
    Case,
    codes::{CODED, UNCODED, UNIQUE, of_source, organizations},
};
use crate::suite::{harness::TestApp, tampering::fault};

fn with_units(mapping: &str) -> String {
    with(mapping, "units = true")
}

/// The mapping with a further entry of its organizations.
fn with(mapping: &str, entry: &str) -> String {
    mapping.replace("name = \"n\"", &format!("name = \"n\"\n{entry}"))
}

/// Code of the parent of the organization with this code.
fn parent(app: &TestApp, code: &str) -> Option<String> {
    let snapshot = app.registry.snapshot();
    let parent = snapshot.organization(snapshot.organization_by_code(code)?.parent_id?)?;
    Some(parent.code.to_string())
}

#[tokio::test]
async fn a_replaced_code_means_the_same_organization_and_is_given_to_no_other_one() {
    let app = TestApp::start().await;
    let of_sector = |sector: &str| {
        let mapping = with(UNCODED, &format!("sector = {{ constant = \"{sector}\" }}"));
        Case::new("o.csv", "n,t,p,i\nAlpha,ru-77,,\n", &mapping)
    };
    let first = of_sector("EDUCATION");
    of_source(&app, &first, "s1").await;
    let coded = Case::new("o.csv", "c,n,t,p,i\nz:1,Alpha,ru-77,,7700000016\n", CODED);
    of_source(&app, &coded, "s2").await;
    // As the code of a row, and of a parent.
    let rows = "s1:ru-77:alpha,Alpha,ru-77,,\ny:1,Child,ru-77,s1:ru-77:alpha,\n";
    let other = Case::new("o.csv", format!("c,n,t,p,i\n{rows}"), CODED);
    let report = of_source(&app, &other, "s3").await;
    assert_eq!((report.counts.organizations.created, report.counts.warnings), (1, 0));
    assert_eq!(parent(&app, "y:1").as_deref(), Some("z:1"));
    assert_eq!(of_source(&app, &first, "s1").await.counts.organizations.created, 0);
    // Another organization of the same name and territory, for which the same code would be generated.
    of_source(&app, &of_sector("HEALTH"), "s1").await;
    let codes: Vec<_> = organizations(&app).into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, ["z:1", "y:1", "s1:ru-77:alpha-2"]);
    assert_eq!(fault(&app).await, None);
}

#[tokio::test]
async fn a_new_unit_does_not_get_the_identifier_of_another_one_as_its_code() {
    for codes in [vec![UNCODED, CODED], vec![CODED]] {
        let app = TestApp::start().await;
        for mapping in &codes {
            let case =
                Case::new("o.csv", "c,n,t,p,i\nz:1,Unit one,ru-77,,7700000016\n", &with_units(mapping));
            of_source(&app, &case, "s1").await;
        }
        let rows = "Unit one,ru-77,,7700000016\nUnit two,ru-77,,7700000016\nChild,ru-77,ru:inn:7700000016,\n";
        let case = Case::new("o.csv", format!("n,t,p,i\n{rows}"), &with_units(UNCODED));
        let report = of_source(&app, &case, "s3").await;
        assert_eq!(report.counts.organizations.created, 2);
        let found = organizations(&app);
        assert_eq!(found[0], ("z:1".to_owned(), "Unit one".to_owned()));
        assert_eq!(found[1], ("ru:inn:7700000016-2".to_owned(), "Unit two".to_owned()));
        // Where the identifier was the code of the first unit, it means that one; otherwise it is ambiguous.
        let expected = (codes.len() == 2).then_some("z:1");
        assert_eq!(parent(&app, &found[2].0).as_deref(), expected);
    }
}

#[tokio::test]
async fn a_unit_whose_code_is_the_identifier_of_another_one_gets_a_generated_code() {
    let app = TestApp::start().await;
    let first = Case::new("o.csv", "n,t,p,i\nUnit one,ru-77,,7700000016\n", &with_units(UNCODED));
    of_source(&app, &first, "s1").await;
    let rows = "ru:inn:7700000016,Head,ru-77,,7700000016\n";
    let coded = Case::new("o.csv", format!("c,n,t,p,i\n{rows}"), &with_units(CODED));
    of_source(&app, &coded, "s2").await;
    assert_eq!(coded.warnings(), ["CODE_CONFLICT"]);
    let expected = [("ru:inn:7700000016", "Unit one"), ("ru:inn:7700000016-2", "Head")];
    assert_eq!(organizations(&app), expected.map(|(code, name)| (code.to_owned(), name.to_owned())));
    // Without the identifier, the row may mean either.
    let rows = "ru:inn:7700000016,Annex,ru-77,,\n";
    let unclear = Case::new("o.csv", format!("c,n,t,p,i\n{rows}"), &with_units(CODED));
    of_source(&app, &unclear, "s3").await;
    assert_eq!(unclear.codes(), ["OWNER_AMBIGUOUS"]);
}

#[tokio::test]
async fn an_undo_leaves_an_organization_whose_code_another_one_has() {
    let app = TestApp::start().await;
    of_source(&app, &Case::new("o.csv", "n,t,p,i\nAlpha,ru-77,,\n", UNCODED), "s1").await;
    let rows = "z:1,Alpha,ru-77,,7700000016\nw:1,Other,ru-77,,\n";
    let coded = Case::new("o.csv", format!("c,n,t,p,i\n{rows}"), CODED);
    let job = coded.run(&app, Kind::Organizations).await.job_id.expect("a job");
    // Written without an import, or before codes were reserved.
    let id = app.organization("s1:ru-77:alpha", "Gamma").await;
    let undone = import::undo(&app.registry, job).await.expect("undone");
    assert_eq!((undone.restored, undone.withdrawn, undone.left.len()), (0, 1, 1), "{undone:?}");
    assert_eq!(undone.left[0].1, "“Gamma” now has its code `s1:ru-77:alpha`");
    app.change_organization(id, |it| it.code = "g:1".into()).await;
    let undone = import::undo(&app.registry, job).await.expect("undone");
    assert_eq!((undone.restored, undone.left.len()), (1, 0), "{undone:?}");
    // The code that was taken back is free again.
    let free = Case::new("o.csv", "c,n,t,p,i\nz:1,Delta,ru-77,,7700000023\n", CODED);
    assert_eq!(of_source(&app, &free, "s2").await.counts.organizations.created, 1);
    let first = app.registry.snapshot().organization_by_code("s1:ru-77:alpha").map(|it| it.name.to_string());
    assert_eq!(first.as_deref(), Some("Alpha"));
}

#[tokio::test]
async fn the_form_of_a_code_decides_where_its_origin_was_not_recorded() {
    for (own, stored) in [("test:alpha", "q:1"), ("ca:gc-orgid:11", "q:1"), ("a:1", "a:1")] {
        let app = TestApp::start().await;
        let id = app.organization(own, "Alpha").await;
        let number = Identifier { scheme: "ca:gc-orgid".into(), value: "11".into(), state: State::Valid };
        app.change_organization(id, |it| it.identifiers = vec![number]).await;
        let case = Case::new("o.csv", "c,n,p,g\nq:1,Alpha,,11\n", UNIQUE);
        of_source(&app, &case, "s2").await;
        let snapshot = app.registry.snapshot();
        let known = snapshot.organization(id).expect("the organization");
        let origin = (stored != own).then_some(CodeOrigin::Given);
        assert_eq!((&*known.code, known.code_origin), (stored, origin));
        assert!(known.has_code(own), "{own} still means it");
        assert_eq!(fault(&app).await, None);
    }
}
