//! Options of a list, in the words of the GraphQL API.

use async_graphql::{InputType, Name, Value, resolver_utils::EnumType};
use chrono::NaiveDate;
use registry::json_names;
use serde_json::Value as Json;

use crate::graphql::{
    error::Error,
    kit::{
        context::check_past,
        date_range::DateRange,
        group::GroupDimension,
        scalar::{Date, DateTime},
    },
};

/// Characters of an unknown field that its message repeats.
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
        let json: Json = serde_json::from_str(text).map_err(|_| bad("`filter` is not valid JSON."))?;
        // A parsed object has the last of two values.
        json_names::check_unique(text).map_err(|_| bad("`filter` has a field twice."))?;
        let Json::Object(fields) = &json else { return Err(bad("`filter` must be a JSON object.")) };
        let known = match F::default().to_value() {
            Value::Object(known) => known,
            _ => return Err(bad("`filter` is not supported.")),
        };
        if let Some(unknown) = fields.keys().find(|name| !known.contains_key(name.as_str())) {
            let unknown: String = unknown.chars().take(MAX_SHOWN).collect();
            return Err(Error::BadInput(format!("`filter` has no field `{unknown}`.")));
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

    /// Parses the order.
    pub(super) fn order<O: InputType>(&self) -> Result<Option<O>, Error> {
        let Some(order) = &self.order_by else { return Ok(None) };
        let mut parts = order.splitn(2, ':').map(|part| Value::Enum(Name::new(part)));
        let field = parts.next().map(|field| (Name::new("field"), field));
        let direction = parts.next().map(|direction| (Name::new("direction"), direction));
        let value = Value::Object(field.into_iter().chain(direction).collect());
        O::parse(Some(value)).map(Some).map_err(|_| {
            bad("`orderBy` is not an order of this list; write a field, such as `TITLE`, or `TITLE:DESC`.")
        })
    }

    /// Parses the dimensions to group by, of the enum of the list's field in the GraphQL API: by default the territory.
    pub(super) fn groups<D: InputType + Into<GroupDimension>>(&self) -> Result<Vec<GroupDimension>, Error> {
        let by = dimensions::<D>(self.group_by.as_deref().unwrap_or("TERRITORY"))?;
        Ok(by.into_iter().map(Into::into).collect())
    }

    /// Parses the dimensions to group statistics by: by default none.
    pub(super) fn statistics_groups<D: InputType>(&self) -> Result<Vec<D>, Error> {
        self.group_by.as_deref().map_or(Ok(Vec::new()), dimensions)
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

/// Parses the dimensions of a `groupBy`.
fn dimensions<D: InputType>(names: &str) -> Result<Vec<D>, Error> {
    let names = names.split(',').map(str::trim);
    let by: Result<Vec<D>, _> = names.map(|name| D::parse(Some(Value::Enum(Name::new(name))))).collect();
    by.map_err(|_| bad("`groupBy` has a dimension that this list does not have."))
}

/// Parses an enum value of the GraphQL API; the error of an unknown one lists all.
pub(super) fn member<M: InputType + EnumType>(
    name: &str,
    value: &Option<String>,
) -> Result<Option<M>, Error> {
    let Some(text) = value else { return Ok(None) };
    M::parse(Some(Value::Enum(Name::new(text)))).map(Some).map_err(|_| {
        let all: Vec<&str> = M::items().iter().map(|item| item.name).collect();
        Error::BadInput(format!("`{name}` must be one of {}.", all.join(", ")))
    })
}

fn day(name: &str, value: &Option<String>) -> Result<Option<Date>, Error> {
    let Some(text) = value else { return Ok(None) };
    match text.parse::<NaiveDate>() {
        Ok(day) => Ok(Some(Date(day))),
        Err(_) => Err(Error::BadInput(format!("`{name}` must be a day that exists, such as 2026-11-22."))),
    }
}

pub(super) fn bad(text: &str) -> Error {
    Error::BadInput(text.to_owned())
}
