//! Columns of a table: paths of the API such as `owner.territory.code`, which are names such as `ownerTerritoryCode` in CSV
//! and Parquet, and nested objects in NDJSON.

use std::borrow::Cow;

use registry::parquet_writer::{ColumnType, ParquetColumn};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::cell::Cell;

/// Column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    path: Cow<'static, str>,
    column_type: ColumnType,
}

impl Column {
    /// A column with this path.
    pub(super) fn new(path: impl Into<Cow<'static, str>>, column_type: ColumnType) -> Self {
        Self { path: path.into(), column_type }
    }

    /// Its name in CSV and Parquet.
    pub(super) fn name(&self) -> String {
        flat(&self.path)
    }

    /// The column of a Parquet file. Any cell may be empty.
    pub(super) fn typed(&self) -> ParquetColumn {
        ParquetColumn {
            name: self.name().into(),
            column_type: self.column_type,
            is_required: false,
            is_distinct: matches!(&*self.path, "id" | "url"),
        }
    }
}

/// Columns with these paths and types.
pub(super) fn fixed(columns: &[(&'static str, ColumnType)]) -> Vec<Column> {
    columns.iter().map(|(path, column_type)| Column::new(*path, *column_type)).collect()
}

/// Path of a column as one name.
fn flat(path: &str) -> String {
    let mut name = String::with_capacity(path.len());
    for (depth, segment) in path.split('.').enumerate() {
        let mut letters = segment.chars();
        match letters.next() {
            Some(first) if depth > 0 => name.push(first.to_ascii_uppercase()),
            Some(first) => name.push(first),
            None => {}
        }
        name.push_str(letters.as_str());
    }
    name
}

/// A row as the object of a line of NDJSON, or an object within it. Columns of one object follow each other.
pub(super) struct Object<'a> {
    columns: &'a [Column],
    cells: &'a [Cell],
    /// Number of segments of the columns that lead to this object.
    depth: usize,
}

impl<'a> Object<'a> {
    /// The object of a row, with one cell for each column.
    pub(super) fn of_row(columns: &'a [Column], cells: &'a [Cell]) -> Self {
        Self { columns, cells, depth: 0 }
    }
}

impl Serialize for Object<'_> {
    /// An object within the row is null if it has no value.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { columns, mut cells, depth } = *self;
        if depth > 0 && cells.iter().all(|cell| *cell == Cell::Empty) {
            return serializer.serialize_none();
        }
        let mut map = serializer.serialize_map(None)?;
        let is_one = |one: &Column, next: &Column| {
            is_object(&one.path, depth)
                && is_object(&next.path, depth)
                && name(&one.path, depth) == name(&next.path, depth)
        };
        for columns in columns.chunk_by(is_one) {
            let (own, rest) = cells.split_at(columns.len());
            cells = rest;
            let path = &columns[0].path;
            if is_object(path, depth) {
                let object = Object { columns, cells: own, depth: depth + 1 };
                map.serialize_entry(name(path, depth), &object)?;
            } else {
                map.serialize_entry(name(path, depth), &own[0])?;
            }
        }
        map.end()
    }
}

/// Name of a column within the object at this depth.
fn name(path: &str, depth: usize) -> &str {
    path.split('.').nth(depth).unwrap_or_default()
}

/// Whether a column is within an object of the object at this depth.
fn is_object(path: &str, depth: usize) -> bool {
    path.split('.').nth(depth + 1).is_some()
}

#[cfg(test)]
mod tests {
    use registry::csv_writer::CsvCell;

    use super::*;

    #[test]
    fn a_path_is_a_name_in_csv_and_an_object_in_ndjson() {
        let columns = ["id", "owner.code", "owner.territory.code", "sector.code", "coOwners", "ratio"];
        assert_eq!(columns.map(flat)[2..4], ["ownerTerritoryCode", "sectorCode"]);
        let columns = columns.map(|path| Column::new(path, ColumnType::Text));
        let cells = [
            Cell::from("1"),
            Cell::from("a"),
            Cell::Empty,
            Cell::Empty,
            Cell::List(vec!["b".into()]),
            Cell::share(1, 2),
        ];
        let json = serde_json::to_string(&Object::of_row(&columns, &cells));
        let expected =
            r#"{"id":"1","owner":{"code":"a","territory":null},"sector":null,"coOwners":["b"],"ratio":0.5}"#;
        assert_eq!(json.expect("JSON"), expected);
        assert_eq!(cells[5].csv(','), CsvCell::Plain("0,5".into()));
        assert_eq!(cells[4].csv(','), CsvCell::Text("b".into()));
    }
}
