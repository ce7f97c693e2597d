//! Lists that can be exported, and their options.

use async_graphql::{InputType, Value};
use entities::{organization::Kind, territory};
use registry::{
    search::{SearchIndex, service},
    snapshot::{Dimension, Selection},
    view::{Coverage, DimensionValue, Group, View},
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::{
    organization_rows, page_rows,
    table::{Rows, Table},
};
use crate::graphql::{
    coverage::CoverageGroupBy,
    error::Error,
    group::named,
    kit::group::{GroupDimension, cut},
    organization::{OrganizationFilter, OrganizationOrder},
    page::{PageFilter, PageOrder},
    registry_statistics::RegistryFilter,
};

/// Maximum number of search results in one file.
const MAX_RESULTS: usize = 1_000;
/// All items of a list.
const ALL: usize = usize::MAX - 1;

/// Options of an export, from the query string.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// Filter of the list as in the GraphQL API, in JSON.
    pub filter: Option<String>,
    /// Order of the list, as in the GraphQL API.
    pub order_by: Option<String>,
    /// Dimensions to group by, separated by commas.
    pub group_by: Option<String>,
    /// Search text.
    pub text: Option<String>,
    /// Delimiter of the cells: `,` or `;`.
    pub delimiter: Option<String>,
}

/// Why a list cannot be exported.
#[derive(Debug)]
pub enum ExportError {
    /// There is no list of this name.
    NoSuchList,
    /// The options are invalid, or the list is not available.
    Rejected(Error),
}

impl From<Error> for ExportError {
    fn from(error: Error) -> Self {
        Self::Rejected(error)
    }
}

/// Prepares the list with this name for export.
///
/// # Errors
/// When there is no such list, or an option is invalid.
pub fn prepare(
    name: &str,
    options: &Options,
    view: View,
    search: &SearchIndex,
) -> Result<Table, ExportError> {
    if options.text.is_some() && name != "search" {
        return Err(bad("`text` is supported by the list `search` only; use `filter`.").into());
    }
    if options.group_by.is_some() && !matches!(name, "coverage" | "counts") {
        return Err(bad("This list does not support `groupBy`.").into());
    }
    let (name, columns, rows) = parts(name, options, &view, search)?;
    Ok(Table { name, columns, rows, view })
}

/// Name, columns and rows of a list.
fn parts(name: &str, options: &Options, view: &View, search: &SearchIndex) -> Result<Parts, ExportError> {
    let unordered = || match &options.order_by {
        Some(_) => Err(bad("This list does not support `orderBy`.")),
        None => Ok(()),
    };
    let parts = match name {
        "pages" => ("pages", page_rows::COLUMNS, Rows::Of(pages(options, view)?, page_rows::row)),
        "organizations" => {
            of_organizations("organizations", options, view, |view, filter| view.all_organizations(filter))?
        }
        "authorities" => of_organizations("authorities", options, view, |view, filter| {
            view.organizations(Kind::Authority, filter)
        })?,
        "institutions" => of_organizations("institutions", options, view, |view, filter| {
            view.organizations(Kind::Institution, filter)
        })?,
        "uncovered" => {
            of_organizations("uncovered", options, view, |view, filter| view.uncovered(view.day(), filter))?
        }
        "search" => {
            unordered()?;
            ("search", SEARCH_COLUMNS, Rows::Built(results(options, view, search)?))
        }
        "coverage" => {
            unordered()?;
            ("coverage", COVERAGE_COLUMNS, Rows::Built(coverage(options, view)?))
        }
        "counts" => {
            unordered()?;
            ("counts", COUNTS_COLUMNS, Rows::Built(counts(options, view)?))
        }
        _ => return Err(ExportError::NoSuchList),
    };
    Ok(parts)
}

fn bad(text: &str) -> Error {
    Error::BadInput(text.to_owned())
}

type Parts = (&'static str, &'static [&'static str], Rows);

fn of_organizations(
    name: &'static str,
    options: &Options,
    view: &View,
    find: impl Fn(&View, &registry::snapshot::Filter) -> Selection,
) -> Result<Parts, Error> {
    let filter = read_filter::<OrganizationFilter>(options)?.compile(view)?;
    let order: OrganizationOrder = read_order(options)?.unwrap_or(OrganizationOrder::Entry);
    let found = find(view, &filter);
    let ids = view.organization_window(&found, order.into(), None, ALL).ids;
    Ok((name, organization_rows::COLUMNS, Rows::Of(ids, organization_rows::row)))
}

fn pages(options: &Options, view: &View) -> Result<Vec<i64>, Error> {
    let filter = read_filter::<PageFilter>(options)?.compile(view)?;
    let order: PageOrder = read_order(options)?.unwrap_or(PageOrder::Entry);
    Ok(view.page_window(&view.pages(&filter), order.into(), None, ALL).ids)
}

/// Parses a filter as in the GraphQL API; unknown fields are errors.
fn read_filter<F: InputType + Default>(options: &Options) -> Result<F, Error> {
    let Some(text) = &options.filter else { return Ok(F::default()) };
    let json: Json = serde_json::from_str(text).map_err(|_| bad("`filter` is not valid JSON."))?;
    let Json::Object(fields) = &json else { return Err(bad("`filter` must be a JSON object.")) };
    let known = match F::default().to_value() {
        Value::Object(known) => known,
        _ => return Err(bad("`filter` is not supported.")),
    };
    if let Some(unknown) = fields.keys().find(|name| !known.contains_key(name.as_str())) {
        let unknown: String = unknown.chars().take(40).collect();
        return Err(Error::BadInput(format!("`filter` has no field `{unknown}`.")));
    }
    let value = Value::from_json(json).map_err(|_| bad("`filter` is not valid JSON."))?;
    F::parse(Some(value)).map_err(|_| bad("`filter` has a field with an invalid value."))
}

fn read_order<O: InputType>(options: &Options) -> Result<Option<O>, Error> {
    let Some(order) = &options.order_by else { return Ok(None) };
    let value = Value::Enum(async_graphql::Name::new(order));
    O::parse(Some(value)).map(Some).map_err(|_| bad("`orderBy` is not an order of this list."))
}

/// Parses dimensions to group by, of the enum of the list's field in the GraphQL API.
fn read_groups<D: InputType + Into<GroupDimension>>(options: &Options) -> Result<Vec<GroupDimension>, Error> {
    let names = options.group_by.as_deref().unwrap_or("TERRITORY").split(',').map(str::trim);
    let parse = |name| D::parse(Some(Value::Enum(async_graphql::Name::new(name)))).map(Into::into);
    let by: Result<Vec<GroupDimension>, _> = names.map(parse).collect();
    by.map_err(|_| bad("`groupBy` has a dimension that this list does not have."))
}

const SEARCH_COLUMNS: &[&str] = &["type", "code_or_url", "name", "territory_code", "score"];
const COVERAGE_COLUMNS: &[&str] = &["group_codes", "group_names", "obliged", "exempt", "covered", "ratio"];
const COUNTS_COLUMNS: &[&str] =
    &["group_codes", "group_names", "organizations", "pages", "official_pages", "marked_pages"];

fn results(options: &Options, view: &View, search: &SearchIndex) -> Result<Vec<Vec<String>>, Error> {
    use service::{Hit, VisibleIds};
    let text = options.text.as_deref().ok_or_else(|| bad("`text` is required: the search text."))?;
    crate::graphql::search::check_text(text)?;
    let group = view.group(&read_filter::<RegistryFilter>(options)?.compile(view)?);
    let among = VisibleIds { organizations: group.organizations.unwrap_or_default(), pages: group.pages };
    let answer =
        service::search(search, view, text, among, None, MAX_RESULTS)?.ok_or(Error::SearchNotReady)?;
    let rows = answer.hits.into_iter().filter_map(|entry| {
        let (kind, code, name, territory) = match entry.hit {
            Hit::Organization(id) => {
                let found = view.organization(id)?;
                (found.kind.name(), found.code.to_string(), found.name.to_string(), found.territory())
            }
            Hit::Page(id) => {
                let page = view.page(id)?;
                ("Page", page.url().unwrap_or_default(), page.title.to_string(), page.owner().territory())
            }
        };
        let territory = territory.map(|it| it.code.to_string()).unwrap_or_default();
        Some(vec![kind.to_owned(), code, name, territory, entry.score.to_string()])
    });
    Ok(rows.collect())
}

/// Codes and names of a group's keys; empty for null keys.
fn names_of(view: &View, by: &[GroupDimension], keys: &[DimensionValue]) -> [String; 2] {
    let keys = named(view, by, keys);
    let codes: Vec<String> = keys.iter().map(|key| key.to_code().unwrap_or_default()).collect();
    let names: Vec<String> = keys.iter().map(|key| key.to_name(None).unwrap_or_default()).collect();
    [codes.join(" / "), names.join(" / ")]
}

fn coverage(options: &Options, view: &View) -> Result<Vec<Vec<String>>, Error> {
    let filter = read_filter::<OrganizationFilter>(options)?.compile(view)?;
    let Coverage { obliged, exempt, covered } = view.coverage(view.day(), &filter);
    let by = read_groups::<CoverageGroupBy>(options)?;
    let groups = cut(view, Group::of_organizations(&obliged | &exempt), &by, territory::Kind::Region)?;
    let rows = groups.into_iter().map(|group| {
        let organizations = group.organizations.unwrap_or_default();
        let count = |set: &roaring::RoaringBitmap| set.intersection_len(&organizations);
        let (must, have) = (count(&obliged), count(&covered));
        let ratio = if must > 0 { format!("{:.4}", have as f64 / must as f64) } else { String::new() };
        let [codes, names] = names_of(view, &by, &group.keys);
        vec![codes, names, must.to_string(), count(&exempt).to_string(), have.to_string(), ratio]
    });
    Ok(rows.collect())
}

fn counts(options: &Options, view: &View) -> Result<Vec<Vec<String>>, Error> {
    let whole = view.group(&read_filter::<RegistryFilter>(options)?.compile(view)?);
    let by = read_groups::<GroupDimension>(options)?;
    let rows = cut(view, whole, &by, territory::Kind::Region)?.into_iter().map(|group| {
        let marked = (Dimension::Mark, entities::page::Mark::Confirmed as u32);
        let [codes, names] = names_of(view, &by, &group.keys);
        vec![
            codes,
            names,
            group.organizations.as_ref().map(|it| it.len().to_string()).unwrap_or_default(),
            group.pages.len().to_string(),
            view.official(&group.pages).len().to_string(),
            view.count_official(&group.pages, marked).to_string(),
        ]
    });
    Ok(rows.collect())
}
