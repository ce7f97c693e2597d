//! Statistics as Parquet, written in row groups.

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use entities::page_statistics::{Metric, Model};
use parquet::{
    basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical},
    data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::types::{ColumnPath, Type},
};

use super::export::COLUMNS;
use crate::{attribution::Attribution, global_id, view::View};

/// Rows per row group: held in memory, also by readers.
const GROUP: usize = 100_000;

/// Streaming writer: rows are added, and bytes taken out whenever a row group is full.
pub struct Parquet {
    writer: SerializedFileWriter<Vec<u8>>,
    rows: Vec<Row>,
}

/// A daily row with the keys of its page.
struct Row {
    page_id: ByteArray,
    platform_code: ByteArray,
    native_id: Option<ByteArray>,
    statistics: Model,
}

impl Parquet {
    /// Starts a file, with attribution, date and sequence number as metadata.
    ///
    /// # Errors
    /// Never in practice: the file is in memory.
    pub fn new(attribution: &Attribution, at: DateTime<Utc>, seq: i64) -> Result<Self> {
        let metadata = [
            ("source", attribution.source.clone()),
            ("licence", attribution.licence.clone()),
            ("date", at.to_rfc3339_opts(SecondsFormat::Secs, true)),
            ("seq", seq.to_string()),
        ];
        let metadata = metadata.map(|(key, value)| KeyValue::new(key.to_owned(), value)).to_vec();
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(metadata))
            // Metadata is held in memory until the end of the file: only statistics of row groups are written.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true);
        // A row group rarely has a page twice: ids share prefixes, not values.
        for column in ["pageId", "nativeId"] {
            let path = ColumnPath::from(column);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY);
        }
        let writer =
            SerializedFileWriter::new(Vec::new(), Arc::new(schema()?), Arc::new(properties.build()))?;
        Ok(Self { writer, rows: Vec::with_capacity(GROUP) })
    }

    /// Adds a row, unless its page is hidden from the viewer, and writes the row group when it is full.
    ///
    /// # Errors
    /// Never in practice: the file is in memory.
    pub fn add(&mut self, view: &View, statistics: Model) -> Result<()> {
        let Some(page) = view.page(statistics.page_id) else { return Ok(()) };
        self.rows.push(Row {
            page_id: global_id::encode("Page", statistics.page_id).as_str().into(),
            platform_code: page.platform_code().into(),
            native_id: page.native_id.as_deref().map(ByteArray::from),
            statistics,
        });
        if self.rows.len() == GROUP { self.write_group() } else { Ok(()) }
    }

    /// Takes out the bytes that were written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.inner_mut())
    }

    /// Writes the rest of the file.
    ///
    /// # Errors
    /// Never in practice: the file is in memory.
    pub fn finish(&mut self) -> Result<()> {
        self.write_group()?;
        self.writer.finish()?;
        Ok(())
    }

    fn write_group(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        column::<ByteArrayType>(&mut group, rows.iter().map(|row| Some(row.page_id.clone())))?;
        column::<ByteArrayType>(&mut group, rows.iter().map(|row| Some(row.platform_code.clone())))?;
        column::<ByteArrayType>(&mut group, rows.iter().map(|row| row.native_id.clone()))?;
        column::<Int32Type>(&mut group, rows.iter().map(|row| Some(days(row.statistics.day))))?;
        let recorded = rows.iter().map(|row| Some(row.statistics.recorded_at.timestamp_micros()));
        column::<Int64Type>(&mut group, recorded)?;
        for metric in Metric::ALL {
            column::<Int64Type>(&mut group, rows.iter().map(|row| row.statistics.values()[metric as usize]))?;
        }
        group.close()?;
        self.rows = rows;
        self.rows.clear();
        Ok(())
    }
}

/// Columns as in the other formats; those that every row has are required.
fn schema() -> Result<Type> {
    let mut columns = Vec::new();
    for name in COLUMNS {
        let (physical, logical) = match name {
            "pageId" | "platformCode" | "nativeId" => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            "day" => (Physical::INT32, Some(LogicalType::Date)),
            "recordedAt" => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
            _ => (Physical::INT64, None),
        };
        let is_required = matches!(name, "pageId" | "platformCode" | "day" | "recordedAt");
        let repetition = if is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let column = Type::primitive_type_builder(name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition)
            .build()?;
        columns.push(Arc::new(column));
    }
    Ok(Type::group_type_builder("statistics").with_fields(columns).build()?)
}

fn days(day: NaiveDate) -> i32 {
    i32::try_from((day - NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

/// Writes the next column of a group.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<()> {
    let mut known = Vec::with_capacity(GROUP);
    let levels: Vec<i16> = values
        .map(|value| {
            let level = i16::from(value.is_some());
            known.extend(value);
            level
        })
        .collect();
    let mut column = group.next_column()?.context("more columns than the schema has")?;
    column.typed::<T>().write_batch(&known, Some(&levels), None)?;
    Ok(column.close()?)
}
