//! Values of one column, until its row group is written.

use anyhow::{Context, Result, bail};
use chrono::NaiveDate;
use parquet::{
    data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    file::writer::SerializedRowGroupWriter,
};

use super::{ColumnType, ParquetColumn, Value};

/// Values of a column that wait for the end of the row group.
pub(super) struct Buffer {
    values: Values,
    is_required: bool,
    /// How much of the path to each value is defined: 0 for null; 1 for a value, or for an empty list; 2 for an item of a list.
    /// Empty if each row has a value.
    definitions: Vec<i16>,
    /// Whether each value is a further item of the list before it; empty if the column has no lists.
    repetitions: Vec<i16>,
}

enum Values {
    Text(Texts),
    Texts(Texts),
    Integer(Vec<i64>),
    Float(Vec<f64>),
    Boolean(Vec<bool>),
    Day(Vec<i32>),
    Timestamp(Vec<i64>),
}

impl Buffer {
    pub(super) fn new(column: &ParquetColumn) -> Self {
        let values = match column.column_type {
            ColumnType::Text => Values::Text(Texts::default()),
            ColumnType::Texts => Values::Texts(Texts::default()),
            ColumnType::Integer => Values::Integer(Vec::new()),
            ColumnType::Float => Values::Float(Vec::new()),
            ColumnType::Boolean => Values::Boolean(Vec::new()),
            ColumnType::Day => Values::Day(Vec::new()),
            ColumnType::Timestamp => Values::Timestamp(Vec::new()),
        };
        Self { values, is_required: column.is_required, definitions: Vec::new(), repetitions: Vec::new() }
    }

    /// Adds a value, and returns the bytes that it takes.
    pub(super) fn add(&mut self, value: Value<'_>) -> Result<usize> {
        let (levels, values) = (self.definitions.len(), &mut self.values);
        let bytes = match (values, value) {
            (Values::Texts(_), Value::Null) => {
                self.repetitions.push(0);
                0
            }
            (_, Value::Null) if self.is_required => {
                bail!("a value is missing in a column in which each row has one")
            }
            (_, Value::Null) => 0,
            (Values::Texts(texts), Value::Texts(items)) => {
                // An empty list has a level, but no item.
                self.definitions.extend(items.iter().map(|_| 2));
                self.repetitions.extend((0..items.len().max(1)).map(|index| i16::from(index > 0)));
                items.iter().map(|item| texts.push(item)).sum::<usize>()
            }
            (Values::Text(texts), Value::Text(text)) => texts.push(text),
            (Values::Integer(numbers), Value::Integer(number)) => push(numbers, number),
            (Values::Float(numbers), Value::Float(number)) => push(numbers, number),
            (Values::Boolean(flags), Value::Boolean(flag)) => push(flags, flag),
            (Values::Day(days), Value::Day(day)) => push(days, number(day)),
            (Values::Timestamp(times), Value::Timestamp(at)) => push(times, at.timestamp_micros()),
            (_, value) => bail!("{value:?} is not of the column's type"),
        };
        if !self.is_required && self.definitions.len() == levels {
            self.definitions.push(i16::from(value != Value::Null));
        }
        Ok(bytes + size_of::<i16>() * (self.definitions.len() - levels))
    }

    /// Writes the values as the next column of a group.
    pub(super) fn write(&mut self, group: &mut SerializedRowGroupWriter<'_, Vec<u8>>) -> Result<()> {
        let levels = (&*self.definitions, &*self.repetitions);
        match &mut self.values {
            Values::Text(texts) | Values::Texts(texts) => {
                write::<ByteArrayType>(group, &texts.take(), levels)?;
            }
            Values::Integer(numbers) | Values::Timestamp(numbers) => {
                write::<Int64Type>(group, numbers, levels)?;
                numbers.clear();
            }
            Values::Float(numbers) => {
                write::<DoubleType>(group, numbers, levels)?;
                numbers.clear();
            }
            Values::Boolean(flags) => {
                write::<BoolType>(group, flags, levels)?;
                flags.clear();
            }
            Values::Day(days) => {
                write::<Int32Type>(group, days, levels)?;
                days.clear();
            }
        }
        self.definitions.clear();
        self.repetitions.clear();
        Ok(())
    }
}

fn push<T>(values: &mut Vec<T>, value: T) -> usize {
    values.push(value);
    size_of::<T>()
}

/// Days since 1970-01-01.
fn number(day: NaiveDate) -> i32 {
    i32::try_from((day - NaiveDate::default()).num_days()).unwrap_or(i32::MAX)
}

/// Writes the next column of a group.
fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &[T::T],
    (definitions, repetitions): (&[i16], &[i16]),
) -> Result<()> {
    let mut column = group.next_column()?.context("more columns than the schema has")?;
    let definitions = (!definitions.is_empty()).then_some(definitions);
    let repetitions = (!repetitions.is_empty()).then_some(repetitions);
    column.typed::<T>().write_batch(values, definitions, repetitions)?;
    Ok(column.close()?)
}

/// Texts in one allocation.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Texts {
    fn push(&mut self, text: &str) -> usize {
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(self.bytes.len());
        text.len() + size_of::<usize>()
    }

    /// Takes out all texts, which share the allocation.
    fn take(&mut self) -> Vec<ByteArray> {
        let (all, mut begin) = (ByteArray::from(std::mem::take(&mut self.bytes)), 0);
        let texts = self.ends.drain(..).map(|end| {
            let text = all.slice(begin, end - begin);
            begin = end;
            text
        });
        texts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_type_and_a_missing_one_are_refused() {
        let buffer = |column_type, is_required| {
            Buffer::new(&ParquetColumn { name: "x".into(), column_type, is_required, is_distinct: false })
        };
        assert!(buffer(ColumnType::Integer, false).add(Value::Text("1")).is_err());
        assert!(
            buffer(ColumnType::Integer, false).add(Value::Timestamp(chrono::DateTime::UNIX_EPOCH)).is_err()
        );
        assert!(buffer(ColumnType::Text, true).add(Value::Null).is_err());
        assert!(buffer(ColumnType::Text, false).add(Value::Null).is_ok());
    }

    #[test]
    fn levels_tell_a_missing_list_an_empty_one_and_each_item() {
        let column = ParquetColumn {
            name: "x".into(),
            column_type: ColumnType::Texts,
            is_required: false,
            is_distinct: false,
        };
        let mut buffer = Buffer::new(&column);
        for items in [Some(vec!["a".to_owned(), "b".to_owned()]), Some(Vec::new()), None] {
            buffer.add(items.as_deref().map_or(Value::Null, Value::Texts)).expect("it is a list");
        }
        assert_eq!((buffer.definitions, buffer.repetitions), (vec![2, 2, 1, 0], vec![0, 1, 0, 0]));
    }
}
