//! State and helpers shared by all kinds of rows.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;

use super::{
    cell,
    counts::Counts,
    file::{Columns, Row},
    mapping::Mapping,
    pinned::PinnedFields,
    row_error::{Code, Problem, RowResult, refuse},
    survey::RowIndex,
    value::Value,
};
use crate::{language, parse_error, snapshot::Snapshot, view::Subject};

/// Values of a page from earlier rows of the file.
#[derive(Clone)]
pub(super) struct SeenPage {
    /// Number of the first row.
    pub(super) first: i64,
    pub(super) handle: Option<Box<str>>,
    pub(super) owners: Vec<i64>,
    /// Owners as named by the rows, before resolving successors.
    pub(super) named_owners: Vec<i64>,
    pub(super) languages: Vec<Box<str>>,
    /// Whether one of the rows had figures.
    pub(super) has_figures: bool,
}

/// State of an import across batches.
pub(super) struct Import {
    pub(super) mapping: Arc<Mapping>,
    pub(super) columns: Arc<Columns>,
    pub(super) source: Box<str>,
    pub(super) counts: Counts,
    /// The registry before the import.
    pub(super) before: Snapshot,
    /// Data collected from all rows.
    pub(super) survey: Arc<RowIndex>,
    /// Number of the first row of each territory and organization.
    pub(super) seen_territories: HashMap<i64, i64>,
    pub(super) seen_organizations: HashMap<i64, i64>,
    /// Languages in which the file names each organization.
    pub(super) seen_languages: HashSet<(i64, Option<Box<str>>)>,
    pub(super) seen_pages: HashMap<i64, SeenPage>,
    /// Records that the file still has, including those of refused rows: protected from removal.
    pub(super) held_organizations: HashSet<i64>,
    pub(super) held_pages: HashSet<i64>,
    /// Pages named by refused rows: the file's list of their owners may be incomplete.
    pub(super) doubtful_pages: HashSet<i64>,
    /// Subjects that rows name.
    pub(super) seen: HashSet<Subject>,
    /// Hidden records that are restored if a row names them.
    pub(super) returning: Arc<HashSet<Subject>>,
    /// Parent codes from the file, by id of organization or territory; set in the second pass.
    pub(super) parents: HashMap<i64, Box<str>>,
    pub(super) territory_parents: HashMap<i64, Box<str>>,
    /// Codes that rows use for organizations with other codes.
    pub(super) codes: HashMap<Box<str>, i64>,
    /// Numbers of rows that are deferred until others have moved.
    pub(super) deferred: HashSet<i64>,
    /// Organizations that are merged or split according to the file, until the second pass has processed them; and, by
    /// row number, how often a row has waited for one.
    pub(super) ending: HashSet<i64>,
    pub(super) waited: HashMap<i64, usize>,
    /// Territories by code in the mapping's `territory_scheme`.
    territories_by_scheme: HashMap<String, Vec<i64>>,
    /// Numbers of rows whose organization is ambiguous so far, and whether this is their last attempt.
    pub(super) undecided: HashSet<i64>,
    pub(super) is_last_try: bool,
    /// Pairs of organization key and name for which a warning was given.
    pub(super) warned_names: HashSet<(String, String)>,
    /// Warnings of an interrupted run: row, code and text of each.
    pub(super) reported_before: HashSet<(i64, String, String)>,
    /// Warnings about the current row.
    pub(super) warned: Vec<Problem>,
    /// What the file gives for pinned fields.
    pub(super) pinned: PinnedFields,
}

impl Import {
    pub(super) fn new(
        mapping: Arc<Mapping>,
        columns: Arc<Columns>,
        source: &str,
        snapshot: &Snapshot,
    ) -> Self {
        let scheme =
            mapping.organization.as_ref().and_then(|organization| organization.territory_scheme.as_deref());
        let territories_by_scheme = scheme.map(|scheme| by_scheme(snapshot, scheme)).unwrap_or_default();
        Self {
            mapping,
            columns,
            source: source.into(),
            counts: Counts::default(),
            before: snapshot.clone(),
            survey: Arc::default(),
            seen_territories: HashMap::new(),
            seen_organizations: HashMap::new(),
            seen_languages: HashSet::new(),
            seen_pages: HashMap::new(),
            held_organizations: HashSet::new(),
            held_pages: HashSet::new(),
            doubtful_pages: HashSet::new(),
            seen: HashSet::new(),
            returning: Arc::default(),
            parents: HashMap::new(),
            territory_parents: HashMap::new(),
            codes: HashMap::new(),
            deferred: HashSet::new(),
            ending: HashSet::new(),
            waited: HashMap::new(),
            territories_by_scheme,
            undecided: HashSet::new(),
            is_last_try: false,
            warned_names: HashSet::new(),
            reported_before: HashSet::new(),
            warned: Vec::new(),
            pinned: PinnedFields::default(),
        }
    }

    /// Adds a warning to the current row.
    pub(super) fn warn(&mut self, code: Code, text: impl Into<String>, suggestion: impl Into<String>) {
        self.warned.push(Problem::new(code, text, suggestion));
    }

    /// Text of an optional field.
    pub(super) fn text(&self, row: &Row, value: &Option<Value>) -> Option<String> {
        value.as_ref()?.text(row, &self.columns)
    }

    /// Text of an optional single-line field; runs of blanks are collapsed.
    pub(super) fn line(&self, row: &Row, field: &str, value: &Option<Value>) -> RowResult<Option<Box<str>>> {
        self.text(row, value).map(|text| one_line(field, &text)).transpose()
    }

    /// Canonical language tag of an optional field.
    pub(super) fn language(&self, row: &Row, value: &Option<Value>) -> RowResult<Option<Box<str>>> {
        let tag = self.text(row, value).map(|tag| language::canonical(&tag));
        match tag.transpose() {
            Ok(tag) => Ok(tag.map(Into::into)),
            Err(fault) => refuse(Code::BadValue, fault, MAP_LANGUAGES),
        }
    }

    /// Text of an optional field, boxed.
    pub(super) fn boxed(&self, row: &Row, value: &Option<Value>) -> Option<Box<str>> {
        self.text(row, value).map(Into::into)
    }

    /// Enum value of an optional field.
    pub(super) fn member<T: DeserializeOwned>(
        &self,
        row: &Row,
        field: &str,
        value: &Option<Value>,
    ) -> RowResult<Option<T>> {
        let Some(text) = self.text(row, value) else { return Ok(None) };
        match member_of(&text) {
            Ok(member) => Ok(Some(member)),
            Err(error) => refuse(
                Code::BadValue,
                format!("`{text}` is not a valid {field}; {error}."),
                format!("Map the column's values to those of {field} with `map` in the mapping."),
            ),
        }
    }

    /// Timestamp of an optional field: a date (its beginning), or date and time; in the registry's time zone without offset.
    pub(super) fn timestamp(&self, row: &Row, value: &Option<Value>) -> RowResult<Option<DateTime<Utc>>> {
        let Some(text) = self.text(row, value) else { return Ok(None) };
        match cell::timestamp(&text, self.before.time_zone()) {
            Some(timestamp) => Ok(Some(timestamp)),
            None => refuse(
                Code::BadValue,
                format!("`{text}` is not a valid date."),
                "Write dates as 2026-11-22, or set their format in the mapping: date = \"%d.%m.%Y\".",
            ),
        }
    }

    /// Day of an optional field, in the registry's time zone.
    pub(super) fn day(&self, row: &Row, value: &Option<Value>) -> RowResult<Option<NaiveDate>> {
        Ok(self.timestamp(row, value)?.map(|timestamp| self.before.time_zone().day_of(timestamp)))
    }

    /// First and last day; refuses a first day after the last.
    pub(super) fn days(
        &self,
        row: &Row,
        (from, to): (&Option<Value>, &Option<Value>),
        what: &str,
    ) -> RowResult<(Option<NaiveDate>, Option<NaiveDate>)> {
        let days = (self.day(row, from)?, self.day(row, to)?);
        in_order(days, what)?;
        Ok(days)
    }

    /// Non-negative whole number of an optional field.
    pub(super) fn number<T: TryFrom<i64>>(
        &self,
        row: &Row,
        value: &Option<Value>,
        of: &str,
    ) -> RowResult<Option<T>> {
        let Some(text) = self.text(row, value) else { return Ok(None) };
        match cell::whole_number(&text)
            .filter(|number| *number >= 0)
            .and_then(|number| number.try_into().ok())
        {
            Some(number) => Ok(Some(number)),
            None => refuse(
                Code::BadValue,
                format!("`{text}` is not a number of {of}."),
                "Write a whole number of at least 0, without separators; if the column counts thousands, set multiply = 1000 in the mapping.",
            ),
        }
    }

    /// Id of a territory by its code in the mapping's scheme, or else by its own code.
    pub(super) fn territory(&self, snapshot: &Snapshot, text: &str) -> Option<i64> {
        match self.territories_by_scheme.get(text).map(Vec::as_slice) {
            Some([one]) => Some(*one),
            // A code that several territories share is ambiguous.
            Some(_) => None,
            None => snapshot.territory_by_code(text).map(|territory| territory.id),
        }
    }
}

/// Parses an enum value: any letter case, blanks or hyphens for `_`.
///
/// # Errors
/// When there is no such value; the message lists all.
pub(super) fn member_of<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let name = text.to_uppercase().replace([' ', '-'], "_");
    serde_json::from_value(serde_json::Value::String(name)).map_err(|error| {
        let message = error.to_string();
        parse_error::known_values(&message).map_or(message, |values| format!("the values are {values}"))
    })
}

/// Refuses a last day before the first.
pub(super) fn in_order(days: (Option<NaiveDate>, Option<NaiveDate>), what: &str) -> RowResult<()> {
    if matches!(days, (Some(from), Some(to)) if from > to) {
        return refuse(Code::BadValue, format!("{what} ends before it begins."), "Correct the dates.");
    }
    Ok(())
}

/// Collapses blanks to one line; refuses texts over `MAX_LINE`.
pub(super) fn one_line(field: &str, text: &str) -> RowResult<Box<str>> {
    let length = text.chars().count();
    if length > MAX_LINE {
        let text = format!("The {field} has {length} characters; the limit is {MAX_LINE}.");
        return refuse(Code::BadValue, text, "Shorten it, or check for a quote that is not closed.");
    }
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" ").into())
}

fn by_scheme(snapshot: &Snapshot, scheme: &str) -> HashMap<String, Vec<i64>> {
    let mut found: HashMap<String, Vec<i64>> = HashMap::new();
    for territory in snapshot.territories().values() {
        let code = territory.scheme_codes.get(scheme).map(|code| code.to_string());
        code.into_iter().for_each(|code| found.entry(code).or_default().push(territory.id));
    }
    found
}

/// Slug of a name: lower-case words joined by hyphens; long ones are cut and get a hash suffix.
pub(super) fn slug(name: &str) -> String {
    let words = name.to_lowercase().replace('ё', "е");
    let words: Vec<&str> =
        words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    if slug.chars().count() <= MAX_SLUG {
        return slug;
    }
    let head: String = slug.chars().take(MAX_SLUG).collect();
    format!("{head}-{}", &blake3::hash(slug.as_bytes()).to_hex()[..8])
}

/// Suggestion for an invalid language tag.
pub(super) const MAP_LANGUAGES: &str =
    "Map the column's values to tags with `map` in the mapping, such as English = \"en\".";
const MAX_SLUG: usize = 80;
/// Longest single-line text, in characters.
const MAX_LINE: usize = 1_000;
