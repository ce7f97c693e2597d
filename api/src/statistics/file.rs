//! Figures as rows of a file: what is exported can be loaded again.

use chrono::SecondsFormat;
use entities::page_statistics::{Metric, Model};
use serde_json::{Map, Value, json};

use crate::{kit::id, snapshot::View};

/// Columns of the file: those that a load knows first, then what makes rows readable.
pub const COLUMNS: [&str; 17] = [
    "pageId",
    "platform",
    "nativeId",
    "day",
    "recordedAt",
    "subscribers",
    "views",
    "reach",
    "posts",
    "reactions",
    "comments",
    "shares",
    "messagesReceived",
    "messagesAnswered",
    "videos",
    "shorts",
    "streams",
];
/// Columns before the figures.
const FIRST_FIGURE: usize = 5;

/// Cells of a row; none where the viewer may not see the page.
pub fn cells(view: &View, row: &Model) -> Option<Vec<String>> {
    let page = view.page(row.page_id)?;
    let mut cells = vec![
        id::global("Page", row.page_id).to_string(),
        page.platform_code().to_owned(),
        page.native_id.as_deref().unwrap_or_default().to_owned(),
        row.day.to_string(),
        row.recorded_at.to_rfc3339_opts(SecondsFormat::Secs, true),
    ];
    cells.extend(row.values().map(|value| value.map(|value| value.to_string()).unwrap_or_default()));
    Some(cells)
}

/// The row as a JSON object on a line of its own, without what is not known.
pub fn line(view: &View, row: &Model) -> Option<String> {
    let known = cells(view, row)?;
    let mut object = Map::new();
    for (name, cell) in COLUMNS.into_iter().zip(known).take(FIRST_FIGURE).filter(|(_, cell)| !cell.is_empty())
    {
        object.insert(name.to_owned(), Value::String(cell));
    }
    let figures =
        Metric::ALL.into_iter().zip(row.values()).filter_map(|(metric, value)| Some((metric, value?)));
    for (metric, value) in figures {
        object.insert(COLUMNS[FIRST_FIGURE + metric as usize].to_owned(), json!(value));
    }
    Some(format!("{}\n", Value::Object(object)))
}
