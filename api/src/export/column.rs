//! Columns of a table: paths of the API such as `owner.territory.code`, which are names such as `ownerTerritoryCode` in CSV
//! and nested objects in NDJSON.

use std::borrow::Cow;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::cell::Cell;

/// Path of a column.
pub(crate) type Column = Cow<'static, str>;

/// Name of a column in CSV.
pub(super) fn csv_name(column: &str) -> String {
    let mut name = String::with_capacity(column.len());
    for (depth, segment) in column.split('.').enumerate() {
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
            is_object(one, depth) && is_object(next, depth) && name(one, depth) == name(next, depth)
        };
        for columns in columns.chunk_by(is_one) {
            let (own, rest) = cells.split_at(columns.len());
            cells = rest;
            if is_object(&columns[0], depth) {
                let object = Object { columns, cells: own, depth: depth + 1 };
                map.serialize_entry(name(&columns[0], depth), &object)?;
            } else {
                map.serialize_entry(name(&columns[0], depth), &own[0])?;
            }
        }
        map.end()
    }
}

/// Name of a column within the object at this depth.
fn name(column: &str, depth: usize) -> &str {
    column.split('.').nth(depth).unwrap_or_default()
}

/// Whether a column is within an object of the object at this depth.
fn is_object(column: &str, depth: usize) -> bool {
    column.split('.').nth(depth + 1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_name_in_csv_and_an_object_in_ndjson() {
        let columns = ["id", "owner.code", "owner.territory.code", "sector.code", "coOwners", "ratio"];
        assert_eq!(columns.map(csv_name)[2..4], ["ownerTerritoryCode", "sectorCode"]);
        let cells = [
            Cell::from("1"),
            Cell::from("a"),
            Cell::Empty,
            Cell::Empty,
            Cell::List(vec!["b".into()]),
            Cell::decimal(0.5),
        ];
        let json = serde_json::to_string(&Object::of_row(&columns.map(Cow::Borrowed), &cells));
        let expected =
            r#"{"id":"1","owner":{"code":"a","territory":null},"sector":null,"coOwners":["b"],"ratio":0.5}"#;
        assert_eq!(json.expect("JSON"), expected);
        assert_eq!(cells[5].csv(','), "0,5");
    }
}
