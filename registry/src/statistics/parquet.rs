//! Statistics as Parquet.

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::page_statistics::Model;

use super::export::COLUMNS;
use crate::{
    attribution::Attribution,
    global_id,
    parquet_writer::{ColumnType, ParquetColumn, ParquetWriter, Value},
    view::View,
};

/// Starts a file, with attribution, date and sequence number as metadata.
///
/// # Errors
/// Never in practice: the file is in memory.
pub fn writer(attribution: &Attribution, at: DateTime<Utc>, seq: i64) -> Result<ParquetWriter> {
    ParquetWriter::new("statistics", &COLUMNS.map(column), attribution, at, seq)
}

/// Column as in the other formats; those that every row has are required.
fn column(name: &'static str) -> ParquetColumn {
    let column_type = match name {
        "pageId" | "platformCode" | "nativeId" => ColumnType::Text,
        "day" => ColumnType::Day,
        "recordedAt" => ColumnType::Timestamp,
        _ => ColumnType::Integer,
    };
    ParquetColumn {
        name: name.into(),
        column_type,
        is_required: matches!(name, "pageId" | "platformCode" | "day" | "recordedAt"),
        // A row group rarely has a page twice.
        is_distinct: matches!(name, "pageId" | "nativeId"),
    }
}

/// Adds a row, unless its page is hidden from the viewer.
///
/// # Errors
/// Never in practice: the file is in memory.
pub fn add(file: &mut ParquetWriter, view: &View, row: &Model) -> Result<()> {
    let Some(page) = view.page(row.page_id) else { return Ok(()) };
    let page_id = global_id::encode("Page", row.page_id);
    let keys = [
        Value::Text(&page_id),
        Value::Text(page.platform_code()),
        page.native_id.as_deref().map_or(Value::Null, Value::Text),
        Value::Day(row.day),
        Value::Timestamp(row.recorded_at),
    ];
    let figures = row.values().map(|value| value.map_or(Value::Null, Value::Integer));
    file.add(keys.into_iter().chain(figures))
}
