//! Rows of NDJSON: the columns are all names that any line has.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde_json::Value;

use super::{Columns, Fault, Form, MAX_ROW, Row, Table};

/// Deepest nesting of a line, and most columns of all lines together.
const MAX_DEPTH: usize = 16;
const MAX_COLUMNS: usize = 2_000;

/// Reads an NDJSON file.
pub(super) fn read(text: &str) -> Result<Table> {
    let mut names: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rows = Vec::new();
    for line in text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()) {
        let number = rows.len() as i64 + 1;
        if line.len() > MAX_ROW {
            bail!("row {number}: longer than 1 MiB: this is no NDJSON.");
        }
        let Some(object) = serde_json::from_str::<Value>(line).ok().filter(Value::is_object) else {
            let text = "The line is not a JSON object.".to_owned();
            let fault = Some(Fault { text, advice: "Write one JSON object on each line." });
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
    // By name: in which order the lines bring the columns is nothing that they say.
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|place| &names[*place]);
    for row in rows.iter_mut().filter(|row| row.fault.is_none()) {
        row.cells.resize(names.len(), String::new());
        row.cells = order.iter().map(|place| std::mem::take(&mut row.cells[*place])).collect();
    }
    let names = order.iter().map(|place| std::mem::take(&mut names[*place])).collect();
    let mut table = Table { columns: Columns::new(names), form: Form::Ndjson, rows };
    table.drop_told();
    Ok(table)
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
