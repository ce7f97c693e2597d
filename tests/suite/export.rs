//! CSV exports of lists, for spreadsheets.

use axum::http::StatusCode;
use serde_json::json;

use super::harness::{Answer, TestApp, churn::generated};

fn path(list: &str, parameters: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let query: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("/export/{list}.csv?{}", query.join("&"))
}

/// Columns and rows, after the comment.
fn read(answer: &Answer, delimiter: u8) -> (Vec<String>, Vec<Vec<String>>) {
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    let text =
        std::str::from_utf8(&answer.body).expect("UTF-8").strip_prefix('\u{feff}').expect("marked as UTF-8");
    let (comment, rest) = text.split_once("\r\n").expect("a comment row");
    assert!(comment.starts_with("# source: Test registry | licence: CC BY 4.0 | date: 20"), "{comment}");
    assert!(comment.contains(&format!("seq: {}", answer.header("registry-seq"))), "{comment}");
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(rest.as_bytes());
    let columns = reader.headers().expect("columns").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    (columns, rows.collect())
}

fn column(columns: &[String], name: &str) -> usize {
    columns.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
}

#[tokio::test]
async fn a_list_as_a_file_is_the_list_of_the_api() {
    let app = generated(1_500).await;
    let filter = r#"{"platforms":["vk"],"territories":["ru-cfo"]}"#;
    let answer = app.get(&path("pages", &[("filter", filter), ("orderBy", "TITLE")]), &[]).await;
    let (columns, rows) = read(&answer, b',');
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let query = "query($filter: PageFilter) { pages(filter: $filter, orderBy: { field: TITLE }, first: 100) { totalCount nodes { id title url registeredAt } } }";
    let filter: serde_json::Value = serde_json::from_str(filter).expect("JSON");
    let list = app.data(query, json!({ "filter": filter })).await["pages"].take();
    assert_eq!(rows.len() as u64, list["totalCount"].as_u64().expect("a count"));
    assert!(rows.len() > 100);
    for (row, node) in rows.iter().zip(list["nodes"].as_array().expect("nodes")) {
        for name in ["id", "title", "url"] {
            assert_eq!(row[column(&columns, name)], node[name].as_str().expect("text"));
        }
        // Days and times in ISO 8601.
        let registered = &row[column(&columns, "registeredAt")];
        assert!(registered.len() == 20 && registered.ends_with('Z'), "{registered}");
    }
}

#[tokio::test]
async fn each_list_has_as_many_rows_as_the_api_counts() {
    let app = generated(1_500).await;
    app.search_is_ready().await;
    let query = "{ authorities { totalCount } institutions { totalCount } uncovered { totalCount }
        coverage(groupBy: [TERRITORY]) { groups { obliged } } registryStatistics(groupBy: [PLATFORM, MARK]) { groups { pages } }
        search(text: \"школа\", first: 100) { totalCount } }";
    let data = app.data(query, json!({})).await;
    let count = async |list: &str, parameters: &[(&str, &str)]| {
        read(&app.get(&path(list, parameters), &[]).await, b',').1.len() as u64
    };
    let total = |name: &str| data[name]["totalCount"].as_u64().expect("a count");
    assert_eq!(count("authorities", &[]).await, total("authorities"));
    assert_eq!(count("institutions", &[("orderBy", "NAME")]).await, total("institutions"));
    assert_eq!(count("organizations", &[]).await, total("authorities") + total("institutions"));
    assert_eq!(count("uncovered", &[]).await, total("uncovered"));
    assert_eq!(count("search", &[("text", "школа")]).await, total("search").min(1_000));
    let groups = |name: &str| data[name]["groups"].as_array().expect("groups").len() as u64;
    assert_eq!(count("coverage", &[("groupBy", "TERRITORY")]).await, groups("coverage"));
    let search = [("text", "школа"), ("kinds", "INSTITUTION")];
    let schools =
        app.data("{ search(text: \"школа\", kinds: [INSTITUTION]) { totalCount } }", json!({})).await;
    assert_eq!(
        count("search", &search).await,
        schools["search"]["totalCount"].as_u64().expect("a count").min(1_000)
    );
    assert_eq!(count("counts", &[("groupBy", "PLATFORM,MARK")]).await, groups("registryStatistics"));
}

#[tokio::test]
async fn the_key_of_what_has_no_value_is_an_empty_cell_and_rows_add_up_to_the_total() {
    let app = generated(1_500).await;
    let data = app
        .data("{ coverage { total { obliged } } registryStatistics { total { pages } } }", json!({}))
        .await;
    let (obliged, pages) =
        (&data["coverage"]["total"]["obliged"], &data["registryStatistics"]["total"]["pages"]);
    for (list, number, total) in [("coverage", "obliged", obliged), ("counts", "pages", pages)] {
        for by in ["TERRITORY", "LEVEL", "BRANCH", "SECTOR"] {
            let (columns, rows) = read(&app.get(&path(list, &[("groupBy", by)]), &[]).await, b',');
            assert!(rows.iter().any(|row| row[0].is_empty()), "{list} by {by}: {rows:?}");
            let number = column(&columns, number);
            let sum: u64 = rows.iter().map(|row| row[number].parse::<u64>().expect("a number")).sum();
            assert_eq!(*total, sum, "{list} by {by}");
        }
    }
}

#[tokio::test]
async fn without_dimensions_a_file_of_counts_is_the_total() {
    let app = generated(1_500).await;
    let data = app
        .data(
            "{ coverage { total { obliged exempt covered ratio } }
            registryStatistics { total { organizations pages officialPages markedShare } } }",
            json!({}),
        )
        .await;
    for (list, field, columns) in [
        ("coverage", "coverage", vec!["obliged", "exempt", "covered", "ratio"]),
        ("counts", "registryStatistics", vec!["organizations", "pages", "officialPages", "markedShare"]),
    ] {
        for parameters in [vec![], vec![("groupBy", "")]] {
            let (names, rows) = read(&app.get(&path(list, &parameters), &[]).await, b',');
            assert_eq!(names, columns, "{list}");
            let [row] = &rows[..] else { panic!("{list}: {rows:?}") };
            for (name, cell) in names.iter().zip(row) {
                let expected = data[field]["total"][name].as_f64();
                assert_eq!(cell.parse().ok(), expected, "{list} {name}: all digits of the field");
            }
        }
    }
}

#[tokio::test]
async fn counts_are_grouped_by_territories_of_any_kind() {
    let app = generated(1_500).await;
    let data = app
        .data(
            "{ coverage(groupBy: [TERRITORY], territoryKind: DISTRICT) { groups { keys { code } obliged } } }",
            json!({}),
        )
        .await;
    let groups = data["coverage"]["groups"].as_array().expect("groups");
    for list in ["coverage", "counts"] {
        let parameters = [("groupBy", "TERRITORY"), ("territoryKind", "DISTRICT")];
        let (columns, rows) = read(&app.get(&path(list, &parameters), &[]).await, b',');
        let code = column(&columns, "territoryCode");
        let codes: Vec<&str> = rows.iter().map(|row| &*row[code]).collect();
        for group in groups {
            let key = group["keys"][0]["code"].as_str().unwrap_or_default();
            assert!(codes.contains(&key), "{list}: {key}");
        }
    }
}

#[tokio::test]
async fn a_result_of_a_search_has_the_fields_of_the_record_that_was_found() {
    let app = TestApp::start().await;
    let school = app.organization("school-1", "Zhuravlik").await;
    app.page(school, "vk", "bird_one").await;
    app.search_is_ready().await;
    let ask = "query($text: String!) { search(text: $text) { nodes { score matchedBy item { __typename
        ... on Institution { id code name } ... on Page { id url title } } } } }";
    for (text, kind) in [("zhuravlik", "INSTITUTION"), ("vk.com/bird_one", "PAGE")] {
        let data = app.data(ask, json!({ "text": text })).await;
        let nodes = data["search"]["nodes"].as_array().expect("results");
        let (columns, rows) = read(&app.get(&path("search", &[("text", text)]), &[]).await, b',');
        assert_eq!(columns, ["id", "kind", "code", "url", "name", "territoryCode", "score", "matchedBy"]);
        assert!(!rows.is_empty() && rows.len() == nodes.len(), "{text}: {rows:?}");
        assert_eq!(rows[0][1], kind, "{text}");
        for (row, node) in rows.iter().zip(nodes) {
            let (item, cell) = (&node["item"], |name: &str| row[column(&columns, name)].as_str());
            let kind = item["__typename"].as_str().map(str::to_uppercase);
            assert_eq!(kind.as_deref(), Some(cell("kind")));
            assert_eq!((&item["id"], &node["matchedBy"]), (&json!(cell("id")), &json!(cell("matchedBy"))));
            for field in ["code", "url"] {
                assert_eq!(item[field].as_str().unwrap_or_default(), cell(field), "{item}");
            }
            let name = if item["name"].is_null() { &item["title"] } else { &item["name"] };
            assert_eq!(name.as_str(), Some(cell("name")));
            assert_eq!(node["score"].as_f64(), cell("score").parse().ok());
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_parameter_is_said_with_what_to_write() {
    let app = TestApp::start().await;
    for (list, parameter, expected) in [
        (
            "coverage",
            ("groupBy", "MOON"),
            "`groupBy` has no value `MOON`; it must be one of TERRITORY, KIND,",
        ),
        ("coverage", ("groupBy", "kind"), "Case matters."),
        ("pages", ("orderBy", "NAME"), "one of ENTRY, TITLE, REGISTERED_AT, SUBSCRIBERS,"),
        ("pages", ("orderBy", "SUBSCRIBERS:desc"), "Case matters."),
        ("institutions", ("orderBy", "TITLE"), "one of ENTRY, NAME,"),
        ("pages", ("filter", r#"{"platform":["vk"]}"#), "no field `platform`. Did you mean `platforms`?"),
        ("search", ("kinds", "ANIMAL"), "AUTHORITY, INSTITUTION, PAGE."),
        ("counts", ("territoryKind", "PLANET"), "`territoryKind` has no value `PLANET`"),
    ] {
        let parameters = [("text", "a"), parameter];
        let parameters = if list == "search" { &parameters[..] } else { &parameters[1..] };
        let answer = app.get(&path(list, parameters), &[]).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert!(text.starts_with("BAD_USER_INPUT") && text.contains(expected), "{list}: {text}");
    }
}

#[tokio::test]
async fn no_cell_is_a_formula_and_the_delimiter_is_chosen() {
    let app = TestApp::start().await;
    for (number, name) in
        ["=HYPERLINK(\"x\")", "+7 (4872)", "-1", "@sum", " =1+1", "a;b,c \"d\"\nе"].iter().enumerate()
    {
        app.organization(&format!("o{number}"), name).await;
    }
    for delimiter in [",", ";"] {
        let answer = app.get(&path("institutions", &[("delimiter", delimiter)]), &[]).await;
        let (columns, rows) = read(&answer, delimiter.as_bytes()[0]);
        let names: Vec<_> = rows.iter().map(|row| row[column(&columns, "name")].as_str()).collect();
        assert_eq!(names, ["'=HYPERLINK(\"x\")", "'+7 (4872)", "'-1", "'@sum", "' =1+1", "a;b,c \"d\"\nе"]);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_for_a_file_is_reported() {
    let app = TestApp::start().await;
    for (list, parameters, status, code) in [
        ("nothing", vec![], 404, "NOT_FOUND"),
        ("pages", vec![("filter", "{")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("filter", "[]")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("filter", r#"{"planets":["mars"]}"#)], 400, "BAD_USER_INPUT"),
        ("pages", vec![("filter", r#"{"platforms":["vk"],"platforms":["ok"]}"#)], 400, "BAD_USER_INPUT"),
        ("pages", vec![("filter", r#"{"platforms":["nowhere"]}"#)], 400, "BAD_USER_INPUT"),
        ("pages", vec![("filter", r#"{"lifecycles":["DEAD"]}"#)], 400, "BAD_USER_INPUT"),
        ("pages", vec![("orderBy", "CHAOS")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("orderBy", "TITLE:")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("orderBy", "TITLE:UP")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("orderBy", "TITLE:DESC:DESC")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("orderBy", "DAYS_OVERDUE")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("orderBy", "SUBSCRIBERS:DESC")], 200, ""),
        ("uncovered", vec![("orderBy", "DAYS_OVERDUE:DESC")], 200, ""),
        ("pages", vec![("delimiter", "|")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("limit", "3")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("orderBy", "TITLE"), ("orderBy", "ENTRY")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("header", "none")], 400, "BAD_USER_INPUT"),
        ("pages", vec![("decimal", ",")], 200, ""),
        ("pages", vec![("decimal", ","), ("delimiter", ",")], 400, "BAD_USER_INPUT"),
        ("coverage", vec![("groupBy", "KIND"), ("groupBy", "KIND")], 400, "BAD_USER_INPUT"),
        ("coverage", vec![("groupBy", "MOON")], 400, "BAD_USER_INPUT"),
        ("coverage", vec![("groupBy", "LIFECYCLE")], 400, "BAD_USER_INPUT"),
        ("counts", vec![("groupBy", "KIND,KIND")], 400, "BAD_USER_INPUT"),
        ("search", vec![], 400, "BAD_USER_INPUT"),
        ("search", vec![("text", "школа")], 503, "SEARCH_NOT_READY"),
    ] {
        let answer = app.get(&path(list, &parameters), &[]).await;
        let code_of_answer = if answer.status == StatusCode::OK { String::new() } else { answer.code() };
        assert_eq!((answer.status.as_u16(), &*code_of_answer), (status, code), "{list} {parameters:?}");
    }
}
