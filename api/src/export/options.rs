//! Options of a list, in the words of the GraphQL API.

use async_graphql::{InputType, Name, Value};
use registry::json_names;
use serde_json::Value as Json;

use crate::graphql::{error::Error, kit::group::GroupDimension};

/// Characters of an unknown field that its message repeats.
const MAX_SHOWN: usize = 40;

/// Options of an export.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// Filter of the list as in the GraphQL API, in JSON.
    pub(crate) filter: Option<String>,
    /// Order of the list, as in the GraphQL API.
    pub(crate) order_by: Option<String>,
    /// Dimensions to group by, separated by commas.
    pub(crate) group_by: Option<String>,
    /// Search text.
    pub(crate) text: Option<String>,
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

    /// Parses the order.
    pub(super) fn order<O: InputType>(&self) -> Result<Option<O>, Error> {
        let Some(order) = &self.order_by else { return Ok(None) };
        let value = Value::Enum(Name::new(order));
        O::parse(Some(value)).map(Some).map_err(|_| bad("`orderBy` is not an order of this list."))
    }

    /// Parses the dimensions to group by, of the enum of the list's field in the GraphQL API: by default the territory.
    pub(super) fn groups<D: InputType + Into<GroupDimension>>(&self) -> Result<Vec<GroupDimension>, Error> {
        let names = self.group_by.as_deref().unwrap_or("TERRITORY").split(',').map(str::trim);
        let parse = |name| D::parse(Some(Value::Enum(Name::new(name)))).map(Into::into);
        let by: Result<Vec<GroupDimension>, _> = names.map(parse).collect();
        by.map_err(|_| bad("`groupBy` has a dimension that this list does not have."))
    }
}

pub(super) fn bad(text: &str) -> Error {
    Error::BadInput(text.to_owned())
}
