//! Who a row is about: nothing is merged that is two, and nothing is doubled that is one.

use registry::import::{self, Kind, Options};
use serde_json::{Value, json};

use super::Case;
use crate::suite::harness::TestApp;

async fn organizations(app: &TestApp) -> Vec<Value> {
    let ask = "{ institutions(first: 10) { nodes { code name territory { code } otherNames { name kind until } pages(first: 50) { nodes { url } } } } }";
    let mut found = app.data(ask, json!({})).await["institutions"]["nodes"].take();
    found.as_array_mut().map(std::mem::take).unwrap_or_default()
}

const SAME_NAME: &str = "[organization]\nname = \"name\"\nterritory = \"terr\"\nsector = \"sector\"\nparent = \"above\"\n[[pages]]\nurl = \"url\"\n";

#[tokio::test]
async fn one_name_in_two_territories_is_two_organizations() {
    let app = TestApp::start().await;
    let file = "name;terr;sector;above;url\n\
        Школа № 1;ru-28;;;https://vk.com/school1_amur\n\
        Школа № 1;ru-25;;;https://vk.com/school1_prim\n\
        Школа №1;ru-28;;;https://ok.ru/school1amur\n\
        школа № 1;ru-28;;;https://t.me/school1_amur\n\
        Школа № 1;;;;https://t.me/school1_x\n";
    let case = Case::new("p.csv", file, SAME_NAME);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.organizations.created, report.counts.pages.created), (2, 4));
    assert_eq!(case.codes(), ["OWNER_AMBIGUOUS"]);
    let message = &case.column("errors.csv", "error_text")[0];
    assert!(
        message.contains("Амурская область") && message.contains("Приморский край"),
        "the candidates: {message}"
    );
    let found = organizations(&app).await;
    let pages = |territory: &str| {
        let of = found.iter().find(|it| it["territory"]["code"] == territory).expect("the school");
        of["pages"]["nodes"].as_array().expect("pages").len()
    };
    assert_eq!((pages("ru-28"), pages("ru-25")), (3, 1));

    // Another source that knows the territory means the same one; a third territory is a third school.
    let other = Options { source: "another".into(), ..case.options(Kind::Pages) };
    case.rewrite("name;terr;sector;above;url\nШкола № 1;ru-28;;;https://rutube.ru/u/school1_amur/\nШкола № 1;ru-27;;;https://vk.com/school1_khab\n");
    let report = import::run(&app.registry, &other, |_| {}).await.expect("the import runs");
    assert_eq!((report.counts.organizations.created, report.counts.refused), (1, 0));
    // What it imports again, it finds again.
    let seq = app.registry.snapshot().seq();
    import::run(&app.registry, &other, |_| {}).await.expect("the import runs");
    assert_eq!(app.registry.snapshot().seq(), seq);
}

#[tokio::test]
async fn one_name_in_two_sectors_or_under_two_parents_is_two() {
    let app = TestApp::start().await;
    app.organization("ministry-1", "First ministry").await;
    app.organization("ministry-2", "Second ministry").await;
    let file = "name;terr;sector;above;url\n\
        Центр;ru-28;EDUCATION;;https://vk.com/centre_school\n\
        Центр;ru-28;HEALTH;;https://vk.com/centre_health\n\
        Дом культуры;ru-28;;ministry-1;https://vk.com/house_one\n\
        Дом культуры;ru-28;;ministry-2;https://vk.com/house_two\n\
        Центр;ru-28;;;https://vk.com/centre_unclear\n";
    let case = Case::new("p.csv", file, SAME_NAME);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(report.counts.organizations.created, 4);
    assert_eq!(case.codes(), ["OWNER_AMBIGUOUS"]);
}

#[tokio::test]
async fn a_row_with_fewer_details_means_the_organization_of_which_more_is_known() {
    let app = TestApp::start().await;
    let file = "name;terr;sector;above;url\nМузей;;;;https://vk.com/museum_one\nМузей;ru-28;CULTURE;;https://ok.ru/museumone\n";
    let case = Case::new("p.csv", file, SAME_NAME);
    assert_eq!(case.run(&app, Kind::Pages).await.counts.organizations.created, 1);
    // Known without a territory at first, then with one.
    case.rewrite("name;terr;sector;above;url\nТеатр;;;;https://vk.com/theatre_one\n");
    case.run(&app, Kind::Pages).await;
    case.rewrite("name;terr;sector;above;url\nТеатр;ru-28;;;https://ok.ru/theatreone\n");
    assert_eq!(case.run(&app, Kind::Pages).await.counts.organizations.created, 0);
    // But not where the file has two of the name: which of them was meant, nobody knows.
    case.rewrite("name;terr;sector;above;url\nЦирк;;;;https://vk.com/circus_one\n");
    case.run(&app, Kind::Pages).await;
    case.rewrite("name;terr;sector;above;url\nЦирк;ru-28;;;https://ok.ru/circusone\nЦирк;ru-25;;;https://ok.ru/circustwo\n");
    assert_eq!(case.run(&app, Kind::Pages).await.counts.organizations.created, 2);
}

const OGRN: &str = "[organization]\nname = \"name\"\nterritory = \"terr\"\n[organization.identifiers]\n\"ru:ogrn\" = \"ogrn\"\n[[pages]]\nurl = \"url\"\n";

#[tokio::test]
async fn one_number_respelt_is_the_same_organization_with_its_former_name() {
    let app = TestApp::start().await;
    let case = Case::new(
        "p.csv",
        "name;ogrn;terr;url\nМБОУ «СОШ № 1» г. Благовещенска;1022800520588;ru-28;https://vk.com/school1_blag\n",
        OGRN,
    );
    case.run(&app, Kind::Pages).await;
    let long = "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № 1» города Благовещенска";
    case.rewrite(format!("name;ogrn;terr;url\n{long};1022800520588;ru-28;https://vk.com/school1_blag\n"));
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(
        (report.counts.organizations.created, report.counts.organizations.updated, report.counts.refused),
        (0, 1, 0)
    );
    let found = organizations(&app).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["name"], long);
    assert_eq!(found[0]["otherNames"][0]["name"], "МБОУ «СОШ № 1» г. Благовещенска");
    assert_eq!(found[0]["otherNames"][0]["kind"], "FORMER");
    // Without the number it is found by its former name as well, as long as nobody has it today.
    case.rewrite("name;ogrn;terr;url\nМБОУ «СОШ № 1» г. Благовещенска;;ru-28;https://ok.ru/school1blag\n");
    assert_eq!(case.run(&app, Kind::Pages).await.counts.organizations.created, 0);
}

#[tokio::test]
async fn two_names_of_one_number_are_a_warning_and_not_two_organizations() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"Department\"\ncode = { column = \"Id\", prefix = \"ca:gc-orgid:\" }\n\
        [organization.identifiers]\n\"ca:gc-orgid\" = \"Id\"\n[[pages]]\nurl = \"Address\"\n";
    let file = "Department,Id,Address\nJustice Canada,3591,https://x.com/justice_one\n\
        Service Canada,3591,https://x.com/service_one\nService Canada,3591,https://x.com/service_two\n\
        Service Canada,,https://x.com/service_three\n";
    let case = Case::new("p.csv", file, mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(
        (report.counts.organizations.created, report.counts.refused, report.counts.warnings),
        (1, 0, 1)
    );
    assert_eq!(case.warnings(), ["NAME_CONFLICT"]);
    let found = organizations(&app).await;
    assert_eq!((&found[0]["name"], &found[0]["otherNames"]), (&json!("Service Canada"), &json!([])));
    assert_eq!(
        found[0]["pages"]["nodes"].as_array().expect("pages").len(),
        4,
        "the row without a number means it, too"
    );
    // The name that was not taken over leads nowhere.
    case.rewrite("Department,Id,Address\nJustice Canada,,https://x.com/justice_two\n");
    assert_eq!(case.run(&app, Kind::Pages).await.counts.organizations.created, 1);
}

#[tokio::test]
async fn a_number_that_comes_later_completes_what_was_known_by_its_name() {
    let app = TestApp::start().await;
    let case = Case::new("p.csv", "name;ogrn;terr;url\nШкола № 1;;ru-28;https://vk.com/school1_blag\n", OGRN);
    case.run(&app, Kind::Pages).await;
    case.rewrite("name;ogrn;terr;url\nШкола № 1;1022800520588;ru-28;https://vk.com/school1_blag\n");
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.organizations.created, report.counts.organizations.updated), (0, 1));
    // Another number under the same name is another organization.
    case.rewrite("name;ogrn;terr;url\nШкола № 1;1027739019142;ru-28;https://vk.com/school1_other\n");
    assert_eq!(case.run(&app, Kind::Pages).await.counts.organizations.created, 1);
}

#[tokio::test]
async fn a_refused_row_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"o\"\nsector = \"s\"\n[[pages]]\nurl = \"u\"\ncategory = \"c\"\nlast_post_at = \"p\"\n";
    let file = "o,s,u,c,p\nA,,vk.com/one,NONSENSE,\nB,NOWHERE,vk.com/two,,\nC,,vk.com/three,,someday\nD,,vk.com/id5,,\n";
    let case = Case::new("p.csv", file, mapping);
    let before = app.registry.snapshot().sizes();
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["BAD_VALUE", "BAD_VALUE", "BAD_VALUE", "PERSON_PROFILE"]);
    assert_eq!(app.registry.snapshot().sizes(), before, "no organization and no page of them");
    assert_eq!((report.counts.organizations.created, report.counts.pages.created), (0, 0));
    // Nor does a row change what was there.
    case.rewrite("o,s,u,c,p\nA,HEALTH,vk.com/one,CARD,\n");
    case.run(&app, Kind::Pages).await;
    let seq = app.registry.snapshot().seq();
    case.rewrite("o,s,u,c,p\nA,EDUCATION,vk.com/one,NONSENSE,\n");
    case.run(&app, Kind::Pages).await;
    assert_eq!(app.registry.snapshot().seq(), seq);
}
