//! Parquet with typed columns, written in row groups of bounded size.

mod buffer;

use std::{borrow::Cow, sync::Arc};

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use parquet::{
    basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical},
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
    schema::types::{ColumnPath, Type},
};

use self::buffer::Buffer;
use crate::attribution::Attribution;

/// Most rows of a row group, and bytes of their values: held in memory, also by readers.
const GROUP_ROWS: usize = 100_000;
const GROUP_BYTES: usize = 16 << 20;

/// Type of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// UTF-8 text.
    Text,
    /// List of texts.
    Texts,
    /// 64-bit integer.
    Integer,
    /// 64-bit floating-point number.
    Float,
    /// True or false.
    Boolean,
    /// Calendar date.
    Day,
    /// Timestamp in UTC, in microseconds.
    Timestamp,
}

/// Column of a file.
#[derive(Clone, Debug)]
pub struct ParquetColumn {
    /// Name of the column.
    pub name: Cow<'static, str>,
    /// Type of its values.
    pub column_type: ColumnType,
    /// Whether each row has a value.
    pub is_required: bool,
    /// Whether its texts hardly repeat, as those of keys: they share prefixes, not values.
    pub is_distinct: bool,
}

/// Value of a row in a column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Unknown, or not applicable.
    Null,
    /// UTF-8 text.
    Text(&'a str),
    /// List of texts.
    Texts(&'a [String]),
    /// Integer.
    Integer(i64),
    /// Floating-point number.
    Float(f64),
    /// True or false.
    Boolean(bool),
    /// Calendar date.
    Day(NaiveDate),
    /// Timestamp.
    Timestamp(DateTime<Utc>),
}

/// Streaming writer: rows are added, and bytes taken out whenever a row group is full.
pub struct ParquetWriter {
    writer: SerializedFileWriter<Vec<u8>>,
    columns: Vec<Buffer>,
    /// Rows that wait for the end of the row group, and the bytes of their values.
    rows: usize,
    bytes: usize,
}

impl ParquetWriter {
    /// Starts a file with these columns, and with attribution, date and sequence number as metadata.
    ///
    /// # Errors
    /// Never in practice: the file is in memory.
    pub fn new(
        name: &str,
        columns: &[ParquetColumn],
        attribution: &Attribution,
        at: DateTime<Utc>,
        seq: i64,
    ) -> Result<Self> {
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
        for column in columns.iter().filter(|column| column.is_distinct) {
            let path = ColumnPath::from(&*column.name);
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BYTE_ARRAY);
        }
        let fields = columns.iter().map(|column| Ok(Arc::new(field(column)?))).collect::<Result<Vec<_>>>()?;
        let schema = Type::group_type_builder(name).with_fields(fields).build()?;
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties.build()))?;
        let columns = columns.iter().map(Buffer::new).collect();
        Ok(Self { writer, columns, rows: 0, bytes: 0 })
    }

    /// Adds a row, with a value for each column, and writes the row group when it is full.
    ///
    /// # Errors
    /// When a value is missing or not of its column's type.
    pub fn add<'a>(&mut self, row: impl IntoIterator<Item = Value<'a>>) -> Result<()> {
        let mut row = row.into_iter();
        for column in &mut self.columns {
            self.bytes +=
                column.add(row.next().context("a row has fewer values than the file has columns")?)?;
        }
        self.rows += 1;
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES { self.write_group() } else { Ok(()) }
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
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        self.columns.iter_mut().try_for_each(|column| column.write(&mut group))?;
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// Field of the schema.
fn field(column: &ParquetColumn) -> Result<Type> {
    let repetition = if column.is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let (physical, logical) = match column.column_type {
        ColumnType::Text | ColumnType::Texts => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnType::Integer => (Physical::INT64, None),
        ColumnType::Float => (Physical::DOUBLE, None),
        ColumnType::Boolean => (Physical::BOOLEAN, None),
        ColumnType::Day => (Physical::INT32, Some(LogicalType::Date)),
        ColumnType::Timestamp => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
    };
    let primitive = |name: &str, repetition| {
        Type::primitive_type_builder(name, physical)
            .with_logical_type(logical.clone())
            .with_repetition(repetition)
            .build()
    };
    if column.column_type != ColumnType::Texts {
        return Ok(primitive(&column.name, repetition)?);
    }
    // The names within a list are those of the format's specification.
    let list = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(primitive("element", Repetition::REQUIRED)?)])
        .build()?;
    Ok(Type::group_type_builder(&column.name)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(list)])
        .build()?)
}
