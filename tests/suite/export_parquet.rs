//! Lists as Parquet: the rows of CSV, in columns with types.

use axum::{body::Bytes, http::StatusCode};
use parquet::{
    basic::{LogicalType, Type as Physical},
    file::reader::{FileReader, SerializedFileReader},
    schema::types::Type,
};
use registry::csv_writer::without_apostrophes;

use super::{
    export_statistics::{rows_of_csv, rows_of_parquet},
    harness::{TestApp, churn::generated},
};

#[tokio::test]
async fn a_list_has_the_same_rows_in_parquet_as_in_csv() {
    let app = generated(1_500).await;
    app.search_is_ready().await;
    for (list, query) in [
        ("pages", ""),
        ("pages", "?orderBy=TITLE"),
        ("organizations", ""),
        ("authorities", ""),
        ("institutions", ""),
        ("uncovered", ""),
        ("search", "?text=%D1%88%D0%BA%D0%BE%D0%BB%D0%B0"),
        ("coverage", "?groupBy=TERRITORY"),
        ("counts", "?groupBy=PLATFORM,MARK"),
    ] {
        let csv = app.get(&format!("/export/{list}.csv{query}"), &[]).await;
        assert_eq!(csv.status, StatusCode::OK, "{list}");
        let mut expected = rows_of_csv(&csv.body);
        for (_, cell) in expected.iter_mut().flatten() {
            *cell = without_apostrophes(cell, b',');
        }
        let file = app.file(&format!("/export/{list}.parquet{query}")).await.expect("a whole file");
        assert!(expected.len() > 2, "{list}");
        assert_eq!(rows_of_parquet(file), expected, "{list}{query}");
    }
}

fn reader(file: Vec<u8>) -> SerializedFileReader<Bytes> {
    SerializedFileReader::new(Bytes::from(file)).expect("a Parquet file")
}

#[tokio::test]
async fn columns_have_types_also_where_no_row_has_a_value() {
    let app = TestApp::start().await;
    let answer = app.get("/export/pages.parquet", &[]).await;
    assert_eq!(answer.header("content-type"), "application/vnd.apache.parquet");
    assert!(answer.header("content-disposition").ends_with(".parquet\""), "{:?}", answer.headers);
    let reader = reader(answer.body.clone());
    assert_eq!(reader.get_row_iter(None).expect("rows").count(), 0);
    let metadata = reader.metadata().file_metadata();
    let value = |key: &str| {
        let known = metadata.key_value_metadata().expect("metadata");
        known.iter().find(|entry| entry.key == key).and_then(|entry| entry.value.clone()).unwrap_or_default()
    };
    assert_eq!((value("source").as_str(), value("licence").as_str()), ("Test registry", "CC BY 4.0"));
    assert_eq!(value("seq"), answer.header("registry-seq"));
    assert!(value("date").starts_with("20"), "{}", value("date"));
    let fields = metadata.schema().get_fields();
    let csv = app.get("/export/pages.csv?header=plain", &[]).await.body;
    let names: Vec<&str> = fields.iter().map(|field| field.name()).collect();
    assert_eq!(names.join(","), String::from_utf8(csv).expect("UTF-8").trim_end());
    let field = |name: &str| fields.iter().find(|field| field.name() == name).expect("the column");
    let physical = |name: &str| field(name).get_physical_type();
    assert_eq!((physical("title"), physical("subscribers")), (Physical::BYTE_ARRAY, Physical::INT64));
    let logical = |field: &Type| field.get_basic_info().logical_type_ref().cloned();
    assert_eq!(logical(field("title")), Some(LogicalType::String));
    assert_eq!(logical(field("validFrom")), Some(LogicalType::Date));
    assert_eq!(logical(field("coOwners")), Some(LogicalType::List));
    assert!(matches!(logical(field("registeredAt")), Some(LogicalType::Timestamp(_))));
    assert!(fields.iter().all(|field| field.is_optional()));
}

#[tokio::test]
async fn what_is_wrong_with_a_parquet_file_is_told_as_json_and_csv_parameters_are_unknown() {
    let app = TestApp::start().await;
    for (file, status, code) in [
        ("nothing.parquet", StatusCode::NOT_FOUND, "NOT_FOUND"),
        ("pages.parquet?header=plain", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        ("pages.parquet?filter=x", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        ("search.parquet", StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
    ] {
        let answer = app.get(&format!("/export/{file}"), &[]).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{file}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{file}");
    }
}
