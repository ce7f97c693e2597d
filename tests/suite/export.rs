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
    assert_eq!(count("coverage", &[]).await, groups("coverage"));
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
