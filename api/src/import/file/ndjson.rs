//! Rows of NDJSON: the columns are all names that any line has.

use std::{
    collections::HashMap,
    io::{BufRead, Read},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{Columns, Form, MAX_ROW, Row, Table};

/// Deepest nesting of a line, and most columns of all lines together.
const MAX_DEPTH: usize = 16;
const MAX_COLUMNS: usize = 2_000;

/// Reads an NDJSON file.
pub(super) fn read(mut input: impl BufRead) -> Result<Table> {
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows = Vec::new();
    let mut line = String::new();
    while next_line(&mut input, &mut line).with_context(|| format!("row {}", rows.len() + 1))? {
        let number = rows.len() as i64 + 1;
        let Some(object) = serde_json::from_str::<Value>(&line).ok().filter(Value::is_object) else {
            let fault = Some("The line is not a JSON object.".to_owned());
            rows.push(Row { cells: vec![line.trim().to_owned()], fault, number });
            continue;
        };
        let mut cells = vec![String::new(); names.len()];
        flatten("", &object, 0, &mut |name, text| {
            let place = *places.entry(name.to_owned()).or_insert_with(|| {
                names.push(name.to_owned());
                names.len() - 1
            });
            cells.resize(cells.len().max(place + 1), String::new());
            cells[place] = text;
        });
        if names.len() > MAX_COLUMNS {
            bail!("row {number}: the lines have more than {MAX_COLUMNS} names in all; this is no table.");
        }
        rows.push(Row { cells, fault: None, number });
    }
    for row in rows.iter_mut().filter(|row| row.fault.is_none()) {
        row.cells.resize(names.len(), String::new());
    }
    Ok(Table { columns: Columns::new(names), form: Form::Ndjson, rows })
}

/// The next line that is not blank.
fn next_line(input: &mut impl BufRead, line: &mut String) -> Result<bool> {
    loop {
        line.clear();
        if input.take(MAX_ROW + 1).read_line(line)? == 0 {
            return Ok(false);
        }
        if line.len() as u64 > MAX_ROW {
            bail!("longer than 1 MiB: this is no NDJSON.");
        }
        if !line.trim().is_empty() {
            return Ok(true);
        }
    }
}

/// Names nested values by their path: `{"a": {"b": 1}}` has the column `a.b`.
fn flatten(prefix: &str, value: &Value, depth: usize, found: &mut impl FnMut(&str, String)) {
    match value {
        Value::Object(fields) if depth < MAX_DEPTH => {
            for (name, value) in fields {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&path, value, depth + 1, found);
            }
        }
        Value::Array(items) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned));
            found(prefix, items.collect::<Vec<_>>().join(";"));
        }
        Value::Null => found(prefix, String::new()),
        Value::String(text) => found(prefix, text.clone()),
        other => found(prefix, other.to_string()),
    }
}
