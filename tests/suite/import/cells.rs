//! Cells as people and machines write them.

use registry::import::Kind;
use serde_json::json;

use super::Case;
use crate::suite::harness::TestApp;

#[tokio::test]
async fn numbers_ids_and_dates_are_read_as_they_are_written() {
    let app = TestApp::start().await;
    let mapping = r#"
        [organization]
        name = "name"
        code = { template = "t:{id}", values = { id = { column = "id", case = "lower" } } }
        valid_from = { column = "since", date = "%d.%m.%Y" }
        [organization.identifiers]
        "ru:inn" = "inn"
        [[pages]]
        url = "url"
        native_id = "native"
        subscribers = { column = "k", multiply = 1000 }
        figures_at = { column = "day", date = "%d.%m.%Y" }
        valid_from = { column = "since", date = "%d.%m.%Y" }
    "#;
    let file = "name;id;inn;url;native;k;day;since\n\
        \u{a0}Школа «И\u{306}од» ;AB-1;=\"0274062111\";vk.com/one;1001.0;12,5;01.11.2025;01.09.1998\n\
        Школа 2;ab-2;'0274062111;vk.com/two;;1 001;01.11.2025;\n\
        Школа 3;ab-3;274062111.0;vk.com/three;;1001.0;01.11.2025;\n\
        Школа 4;ab-4;0000000000;vk.com/four;;;;\n\
        Школа 5;ab-5;;vk.com/five;;;2025-11-01;32.13.2025\n";
    let case = Case::new("p.csv", file, mapping);
    case.run(&app, Kind::Pages).await;
    assert_eq!(case.codes(), ["BAD_IDENTIFIER", "BAD_VALUE"]);
    let ask = r#"{ institution(code: "t:ab-1") { name validFrom identifiers { value } pages { nodes { nativeId validFrom statistics { latest { subscribers recordedAt } } } } } }"#;
    let found = app.data(ask, json!({})).await["institution"].take();
    assert_eq!(
        found,
        json!({ "name": "Школа «Йод»", "validFrom": "1998-09-01", "identifiers": [{ "value": "0274062111" }],
            "pages": { "nodes": [{ "nativeId": "1001", "validFrom": "1998-09-01",
                "statistics": { "latest": { "subscribers": 12500, "recordedAt": "2025-11-01T00:00:00Z" } } }] } })
    );
}

#[tokio::test]
async fn headers_and_mappings_agree_in_whatever_form_their_letters_are() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"Район\"\n[[pages]]\nurl = \"u\"\n";
    let case = Case::new("p.csv", "Раи\u{306}он ;u\nA;vk.com/one\n", mapping);
    assert_eq!(case.run(&app, Kind::Pages).await.counts.pages.created, 1, "{:?}", case.codes());
}

#[tokio::test]
async fn identifiers_are_looked_up_as_they_were_taken_in() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[organization.identifiers]\n\"ru:inn\" = \"inn\"\n\"ru:ogrn\" = \"ogrn\"\n";
    let case = Case::new("o.csv", "n,inn,ogrn\nМузей,0274062111,1027739019142\n", mapping);
    case.run(&app, Kind::Organizations).await;
    for (scheme, value) in [
        ("ru:inn", "0274062111"),
        ("ru:inn", "274062111"),
        ("ru:inn", "0274 062 111"),
        ("ru:ogrn", "1 02 77 39 019142"),
        ("ru:ogrn", "1027739019142.0"),
    ] {
        let ask = "query($scheme: String!, $value: String!) { organizationsByIdentifier(schemeCode: $scheme, value: $value) { name } }";
        let found = app.data(ask, json!({ "scheme": scheme, "value": value })).await;
        assert_eq!(found["organizationsByIdentifier"], json!([{ "name": "Музей" }]), "{value}");
    }
}

#[tokio::test]
async fn former_names_come_with_their_dates() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"n\"\n[[organization.former_names]]\nname = \"was\"\nsince = \"a\"\nuntil = \"b\"\n";
    let case = Case::new(
        "o.csv",
        "n,was,a,b\nЛицей № 5,Школа № 5,1970-01-01,1999-08-31\nШкола 6,Школа шесть,2000-01-01,1999-01-01\n",
        mapping,
    );
    case.run(&app, Kind::Organizations).await;
    assert_eq!(case.codes(), ["BAD_VALUE"]);
    let ask = "{ institutions { nodes { name otherNames { name kind since until } } } }";
    assert_eq!(
        app.data(ask, json!({})).await["institutions"]["nodes"],
        json!([{ "name": "Лицей № 5", "otherNames": [
            { "name": "Школа № 5", "kind": "FORMER", "since": "1970-01-01", "until": "1999-08-31" }] }])
    );
}

#[tokio::test]
async fn a_code_that_a_spreadsheet_made_a_number_is_the_code() {
    let app = TestApp::start().await;
    let mapping = "[organization]\ncode = { column = \"id\", prefix = \"x:\" }\nname = \"o\"\n";
    let case = Case::new("o.csv", "id;o\n1001;One\n", mapping);
    case.run(&app, Kind::Organizations).await;
    for spelt in ["1 001,00", "1001.0", "1\u{a0}001", "1\u{202f}001,0"] {
        case.rewrite(format!("id;o\n{spelt};One\n"));
        let counts = case.run(&app, Kind::Organizations).await.counts;
        assert_eq!((counts.organizations.unchanged, counts.organizations.created), (1, 0), "{spelt}");
    }
    case.rewrite("id;o\n12,5;Two\n");
    assert_eq!(case.run(&app, Kind::Organizations).await.counts.organizations.created, 1);
    assert!(app.registry.snapshot().organizations().values().any(|it| &*it.code == "x:12,5"));
}

#[tokio::test]
async fn headers_with_line_breaks_and_cells_with_several_separators_are_read() {
    let app = TestApp::start().await;
    let mapping = "[organization]\nname = \"Owner of the page\"\n[[pages]]\nurl = { column = \"Pages (VK, OK)\", split = [\";\", \"\\n\"] }\n";
    let file =
        "Owner\u{a0}of\nthe page,\"Pages\n(VK,  OK)\"\n\"A\",\"vk.com/a_one; ok.ru/a_two\nt.me/a_three\"\n";
    let file = file.replacen("Owner\u{a0}of\nthe page", "\"Owner\u{a0}of\nthe page\"", 1);
    let case = Case::new("p.csv", file, mapping);
    let report = case.run(&app, Kind::Pages).await;
    assert_eq!((report.counts.refused, report.counts.pages.created, report.counts.warnings), (0, 3, 0));
}
