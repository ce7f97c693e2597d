//! Forms of lists as files: columns, NDJSON, plain CSV, decimal commas; and importing a file again.

use entities::{organization::Kind as OrganizationKind, organization_identifier::State};
use registry::{
    import::{self, Kind, Mapping, Options},
    model::Identifier,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::harness::{TestApp, churn::generated};

/// A registry with a page that has a co-owner, a former handle and a formula as its title.
async fn with_a_page() -> TestApp {
    let app = TestApp::start().await;
    let city = app.organization("city", "City").await;
    let school = app.organization("school", "School").await;
    app.change_organization(city, |city| city.kind = OrganizationKind::Authority).await;
    app.change_organization(school, move |school| {
        school.parent_id = Some(city);
        school.founder_id = Some(city);
    })
    .await;
    let page = app.page(school, "vk", "school1").await;
    app.change_page(page, move |page, change_set| {
        page.rename(Some("school_one".into()), change_set.now());
        page.co_owners = vec![city];
        page.title = "=School; -One".into();
        page.languages = vec!["en".into(), "ru".into()];
    })
    .await;
    app
}

async fn text(app: &TestApp, path: &str) -> String {
    let answer = app.get(path, &[]).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    String::from_utf8(answer.body).expect("UTF-8")
}

#[tokio::test]
async fn a_line_of_ndjson_is_a_page_with_its_owner_inside() {
    let app = with_a_page().await;
    let text = text(&app, "/export/pages.ndjson").await;
    assert!(text.ends_with('\n') && text.lines().count() == 1, "{text}");
    let page: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        page["owner"],
        json!({ "code": "school", "name": "School", "kind": "INSTITUTION", "territory": null })
    );
    assert_eq!(page["mark"]["state"], "NONE");
    assert_eq!((&page["coOwners"], &page["aliases"]), (&json!(["city"]), &json!(["school1"])));
    assert_eq!((&page["title"], &page["languages"]), (&json!("=School; -One"), &json!(["en", "ru"])));
    assert_eq!((&page["subscribers"], &page["platformCode"]), (&json!(null), &json!("vk")));
}

#[tokio::test]
async fn a_plain_file_begins_with_the_names_of_its_columns() {
    let app = with_a_page().await;
    let text = text(&app, "/export/pages.csv?header=plain").await;
    assert!(text.starts_with("id,url,platformCode,nativeId,handle,aliases,title,"), "{text}");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let columns = reader.headers().expect("columns").clone();
    let row = reader.records().next().expect("a row").expect("a row");
    for (name, cell) in [
        ("ownerCode", "school"),
        ("ownerTerritoryCode", ""),
        ("coOwners", "city"),
        ("aliases", "school1"),
        ("languages", "en; ru"),
        ("title", "'=School;' -One"),
    ] {
        let position = columns.iter().position(|column| column == name).expect("the column");
        assert_eq!(&row[position], cell, "{name}");
    }
}

#[tokio::test]
async fn each_dimension_has_columns_of_its_own_and_numbers_have_the_decimal_comma_of_the_reader() {
    let app = generated(1_500).await;
    let repeated = text(&app, "/export/coverage.csv?groupBy=KIND&groupBy=LEVEL&header=plain").await;
    assert!(repeated.starts_with("kindCode,kindName,levelCode,levelName,obliged,exempt,covered,ratio\r\n"));
    let joined = text(&app, "/export/coverage.csv?groupBy=KIND,LEVEL&header=plain").await;
    assert_eq!(joined, repeated);
    let lines = text(&app, "/export/coverage.ndjson?groupBy=KIND&groupBy=LEVEL").await;
    assert_eq!(lines.lines().count(), repeated.lines().count() - 1);
    let comma = text(&app, "/export/coverage.csv?groupBy=KIND&groupBy=LEVEL&header=plain&decimal=,").await;
    for ((line, row), with_comma) in lines.lines().zip(repeated.lines().skip(1)).zip(comma.lines().skip(1)) {
        let group: Value = serde_json::from_str(line).expect("JSON");
        let cells: Vec<&str> = row.split(',').collect();
        // Institutions have no level: null in NDJSON, an empty cell in CSV.
        let level =
            if cells[2].is_empty() { Value::Null } else { json!({ "code": cells[2], "name": cells[3] }) };
        assert_eq!((&group["kind"]["code"], &group["level"]), (&json!(cells[0]), &level));
        assert_eq!(group["ratio"].as_f64(), cells[7].parse().ok(), "{row}");
        assert_eq!(with_comma, row.replace(',', ";").replace('.', ","));
    }
}

/// Imports a file of the registry `from` into the registry `to`.
async fn import_again(
    from: &TestApp,
    to: &TestApp,
    (list, kind): (&str, Kind),
) -> anyhow::Result<import::Report> {
    let directory = TempDir::new().expect("a directory");
    let (name, _) = list.split_once('?').unwrap_or((list, ""));
    let file = directory.path().join(name);
    std::fs::write(&file, text(from, &format!("/export/{list}")).await).expect("the file is written");
    let options = Options {
        file,
        kind,
        mapping: Mapping::of_exports(kind, &to.registry.snapshot()).expect("a mapping"),
        source: "test".into(),
        dry_run: false,
        full: false,
        confirm_removals: false,
        error_file: directory.path().join("errors.csv"),
    };
    import::run(&to.registry, &options, |_| {}).await
}

#[tokio::test]
async fn an_exported_file_is_imported_as_it_is() {
    let ask = "{ pages(first: 10) { nodes { url title languages owner { code name status parent { code } ... on Institution { authority { code } } } coOwners { code } } } }";
    let from = with_a_page().await;
    let expected = from.data(ask, json!({})).await;
    for query in ["csv", "csv?header=plain", "csv?decimal=,", "ndjson"] {
        let to = TestApp::start().await;
        for (list, kind) in [("organizations", Kind::Organizations), ("pages", Kind::Pages)] {
            let report = import_again(&from, &to, (&format!("{list}.{query}"), kind)).await.expect("it runs");
            assert_eq!((report.counts.refused, report.counts.warnings), (0, 0), "{list}.{query}");
        }
        assert_eq!(to.data(ask, json!({})).await, expected, "{query}");
        let known =
            import_again(&from, &from, (&format!("pages.{query}"), Kind::Pages)).await.expect("it runs");
        assert_eq!((known.counts.pages.unchanged, known.counts.pages.updated), (1, 0), "{query}");
    }
}

#[tokio::test]
async fn what_is_no_exported_list_or_no_registered_page_is_refused_with_the_reason() {
    let app = with_a_page().await;
    for (list, kind, column) in [
        ("counts.csv", Kind::Organizations, "code"),
        ("organizations.csv", Kind::Pages, "url"),
        ("pages.ndjson", Kind::Organizations, "code"),
    ] {
        let failed = import_again(&app, &app, (list, kind)).await.expect_err("it is refused");
        let text = format!("{failed:#}");
        assert!(
            text.contains(&format!("it has no column `{column}`")) && text.lines().count() == 1,
            "{text}"
        );
    }
    let id = *app.registry.snapshot().pages().keys().next().expect("a page");
    app.change_page(id, |page, _| page.lifecycle = entities::page::Lifecycle::Archived).await;
    let path = "pages.csv?filter=%7B%22lifecycles%22%3A%5B%22ARCHIVED%22%5D%7D";
    let report = import_again(&app, &app, (path, Kind::Pages)).await.expect("it runs");
    assert_eq!((report.counts.refused, report.counts.pages.updated), (1, 0));
}

#[tokio::test]
async fn texts_that_look_marked_by_a_spreadsheet_are_imported_again_as_they_are() {
    let titles = ["'90s radio", "=\"a\"", "'=x", "=x", "''=y; '=z", "a,'=b"];
    let from = TestApp::start().await;
    let school = from.organization("school", "School").await;
    for (number, title) in titles.into_iter().enumerate() {
        let page = from.page(school, "vk", &format!("school_no{number}")).await;
        from.change_page(page, move |page, _| page.title = title.into()).await;
    }
    for query in ["csv", "csv?decimal=,", "ndjson"] {
        let path = format!("pages.{query}");
        let same = import_again(&from, &from, (&path, Kind::Pages)).await.expect("it runs");
        assert_eq!((same.counts.pages.unchanged, same.counts.pages.updated), (6, 0), "{query}");
        let to = TestApp::start().await;
        import_again(&from, &to, (&path, Kind::Pages)).await.expect("it runs");
        let snapshot = to.registry.snapshot();
        let mut found: Vec<String> = snapshot.pages().values().map(|page| page.title.to_string()).collect();
        let mut expected = titles.map(str::to_owned);
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn units_that_share_an_identifier_are_imported_again_in_any_order() {
    let units = ["ru:inn:7700000016", "ru:inn:7700000016-2", "ru:inn:7700000016-3"];
    let ask = "{ organizations(first: 10, orderBy: { field: NAME }) { nodes { code name } }
        pages(first: 10, orderBy: { field: TITLE }) { nodes { title url owner { code } } } }";
    for first in 0..units.len() {
        let from = TestApp::start().await;
        for code in units.into_iter().cycle().skip(first).take(units.len()) {
            let unit = from.organization(code, &format!("Unit {code}")).await;
            from.change_organization(unit, |unit| {
                let state = State::Valid;
                let number = Identifier { scheme: "ru:inn".into(), value: "7700000016".into(), state };
                unit.identifiers = vec![number];
            })
            .await;
            let page = from.page(unit, "vk", &code.replace([':', '-'], "_")).await;
            from.change_page(page, move |page, _| page.title = code.into()).await;
        }
        let expected = from.data(ask, json!({})).await;
        let to = TestApp::start().await;
        for _ in 0..2 {
            for (list, kind) in [("organizations.csv", Kind::Organizations), ("pages.csv", Kind::Pages)] {
                let report = import_again(&from, &to, (list, kind)).await.expect("it runs");
                assert_eq!((report.counts.refused, report.counts.warnings), (0, 0), "{list} {first}");
            }
            assert_eq!(to.data(ask, json!({})).await, expected, "{first}");
        }
    }
}
