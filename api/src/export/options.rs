//! Options of a list, in the words of the GraphQL API.

use async_graphql::{InputType, Name, Value, resolver_utils::EnumType};
use registry::{calendar::parse_day, json_names};
use serde_json::Value as Json;

use crate::graphql::{
    error::Error,
    kit::{
        context::check_past,
        date_range::DateRange,
        scalar::{Date, DateTime},
        similar::suggestion,
    },
};

/// Characters of an unknown name that its message repeats.
const MAX_SHOWN: usize = 40;

/// Options of an export.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Filter of the list as in the GraphQL API, in JSON.
    pub(crate) filter: Option<String>,
    /// Order of the list: a field of the GraphQL API, and after a colon a direction other than ascending.
    pub(crate) order_by: Option<String>,
    /// Dimensions to group by, separated by commas.
    pub(crate) group_by: Option<String>,
    /// Search text.
    pub(crate) text: Option<String>,
    /// Kinds of records to search for, separated by commas.
    pub(crate) kinds: Option<String>,
    /// Metric of statistics.
    pub(crate) metric: Option<String>,
    /// Aggregation across pages.
    pub(crate) aggregation: Option<String>,
    /// First and last day of the period.
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    /// Kind of territory to group by.
    pub(crate) territory_kind: Option<String>,
    /// Kind of subject to rank.
    pub(crate) kind: Option<String>,
    /// Code of a rating methodology.
    pub(crate) methodology_code: Option<String>,
    /// Past time of the counts, as in the GraphQL API.
    pub(crate) as_of: Option<String>,
}

impl Options {
    /// Parses the filter; fields that are unknown or given twice are errors.
    pub(super) fn filter<F: InputType + Default>(&self) -> Result<F, Error> {
        let Some(text) = &self.filter else { return Ok(F::default()) };
        let json = json_names::parse(text.as_bytes()).map_err(|error| match error.is_data() {
            true => bad("`filter` has a field twice."),
            false => bad("`filter` is not valid JSON."),
        })?;
        let Json::Object(fields) = &json else { return Err(bad("`filter` must be a JSON object.")) };
        let known = match F::default().to_value() {
            Value::Object(known) => known,
            _ => return Err(bad("`filter` is not supported.")),
        };
        if let Some(unknown) = fields.keys().find(|name| !known.contains_key(name.as_str())) {
            let names: Vec<&str> = known.keys().map(Name::as_str).collect();
            let similar = suggestion(unknown, &names).map_or_else(String::new, |text| format!(" {text}"));
            return Err(Error::BadInput(format!("`filter` has no field `{}`.{similar}", shown(unknown))));
        }
        let value = Value::from_json(json).map_err(|_| bad("`filter` is not valid JSON."))?;
        F::parse(Some(value)).map_err(|_| bad("`filter` has a field with an invalid value."))
    }

    /// Parses the past time of the counts; `None` for the present.
    pub(super) fn past_time(&self) -> Result<Option<DateTime>, Error> {
        let Some(as_of) = &self.as_of else { return Ok(None) };
        let at = DateTime::parse(Some(Value::String(as_of.clone())));
        let at = at.map_err(|_| bad("`asOf` must be a time such as `2026-11-22T07:06:00Z`."))?;
        check_past(at.0)?;
        Ok(Some(at))
    }

    /// Parses the order, by one of the fields `F`.
    pub(super) fn order<O: InputType, F: EnumType>(&self) -> Result<Option<O>, Error> {
        let Some(order) = &self.order_by else { return Ok(None) };
        let mut parts = order.splitn(2, ':').map(|part| Value::Enum(Name::new(part)));
        let field = parts.next().map(|field| (Name::new("field"), field));
        let direction = parts.next().map(|direction| (Name::new("direction"), direction));
        let value = Value::Object(field.into_iter().chain(direction).collect());
        O::parse(Some(value)).map(Some).map_err(|_| {
            let (order, fields) = (shown(order), names::<F>());
            Error::BadInput(format!(
                "`orderBy` has no order `{order}`; write one of {fields}, or one of them with `:DESC`. Case matters."
            ))
        })
    }

    /// Parses the dimensions to group by, of the enum of the list's field in the GraphQL API: by default none.
    pub(super) fn groups<D: InputType + EnumType>(&self) -> Result<Vec<D>, Error> {
        members("groupBy", &self.group_by)
    }

    /// Parses the metric of statistics.
    pub(super) fn metric<M: InputType + EnumType>(&self) -> Result<M, Error> {
        member("metric", &self.metric)?
            .ok_or_else(|| bad("`metric` is required: the metric of the statistics."))
    }

    /// Parses the period of statistics, as in the GraphQL API.
    pub(super) fn period(&self) -> Result<DateRange, Error> {
        if self.from.is_none() {
            return Err(bad("`from` is required: the first day of the period, such as 2026-11-01."));
        }
        Ok(DateRange { from: day("from", &self.from)?, to: day("to", &self.to)? })
    }
}

/// Parses an enum value of the GraphQL API; the error of an unknown one lists all.
pub(super) fn member<M: InputType + EnumType>(
    name: &str,
    value: &Option<String>,
) -> Result<Option<M>, Error> {
    value.as_deref().map(|text| known(name, text)).transpose()
}

/// Parses enum values of the GraphQL API that are separated by commas; an empty text has none.
pub(super) fn members<M: InputType + EnumType>(name: &str, values: &Option<String>) -> Result<Vec<M>, Error> {
    match values.as_deref().map(str::trim) {
        None | Some("") => Ok(Vec::new()),
        Some(values) => values.split(',').map(|text| known(name, text.trim())).collect(),
    }
}

fn known<M: InputType + EnumType>(name: &str, text: &str) -> Result<M, Error> {
    M::parse(Some(Value::Enum(Name::new(text)))).map_err(|_| {
        let (text, all) = (shown(text), names::<M>());
        Error::BadInput(format!("`{name}` has no value `{text}`; it must be one of {all}. Case matters."))
    })
}

/// Names of all values of an enum.
fn names<M: EnumType>() -> String {
    let names: Vec<&str> = M::items().iter().map(|item| item.name).collect();
    names.join(", ")
}

/// The beginning of a text of the request.
fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN).collect()
}

/// An error of the API in the words of a file, where the ends of the period are parameters of their own.
pub(super) fn of_file(error: Error) -> Error {
    match error {
        Error::BadInput(text) => {
            let text = text.replace("`period.from`", "`from`").replace("`period.to`", "`to`");
            Error::BadInput(text.replace("`period`", "`from` to `to`"))
        }
        error => error,
    }
}

fn day(name: &str, value: &Option<String>) -> Result<Option<Date>, Error> {
    let Some(text) = value else { return Ok(None) };
    match parse_day(text) {
        Some(day) => Ok(Some(Date(day))),
        None => Err(Error::BadInput(format!("`{name}` must be a day that exists, such as 2026-11-22."))),
    }
}

pub(super) fn bad(text: &str) -> Error {
    Error::BadInput(text.to_owned())
}
