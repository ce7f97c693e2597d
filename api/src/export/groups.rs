//! Coverage and counts of groups.

use async_graphql::{InputType, Value};
use entities::{page, territory::Kind};
use registry::{
    parquet_writer::ColumnType::{self, Float, Integer, Text},
    snapshot::Dimension,
    view::{Coverage, Group, View},
};
use roaring::RoaringBitmap;

use super::{
    cell::Cell,
    column::{Column, fixed},
    options::{Options, member},
    table::Rows,
};
use crate::graphql::{
    coverage::CoverageGroupBy,
    error::Error,
    group::{GroupKey, named},
    kit::group::{GroupDimension, MAX_GROUPS, check_dimensions, cut},
    organization::OrganizationFilter,
    registry_statistics::RegistryFilter,
    territory::TerritoryKind,
};

/// Columns and rows of a list.
type Parts = (Vec<Column>, Rows);

/// Checks the options of a list of groups against the present.
///
/// # Errors
/// When one is invalid.
pub(super) fn check(list: &str, options: &Options, now: &View) -> Result<(), Error> {
    let by = match list {
        "coverage" => {
            options.filter::<OrganizationFilter>()?.compile(now)?;
            coverage_groups(options)?
        }
        _ => {
            options.filter::<RegistryFilter>()?.compile(now)?;
            options.groups()?
        }
    };
    check_dimensions(now, &by, territories(options)?)
}

/// Dimensions to group coverage by.
fn coverage_groups(options: &Options) -> Result<Vec<GroupDimension>, Error> {
    let by = options.groups::<CoverageGroupBy>()?;
    Ok(by.into_iter().map(Into::into).collect())
}

/// Kind of territory to group by.
fn territories(options: &Options) -> Result<Kind, Error> {
    let kind: Option<TerritoryKind> = member("territoryKind", &options.territory_kind)?;
    Ok(kind.unwrap_or(TerritoryKind::Region).into())
}

/// Coverage of each group in a view, without dimensions the total; the filter has the codes of the present.
pub(super) fn coverage(options: &Options, now: &View, view: &View) -> Result<Parts, Error> {
    let filter = view.filter_then(&options.filter::<OrganizationFilter>()?.compile(now)?);
    let by = coverage_groups(options)?;
    let Coverage { obliged, exempt, covered } = view.coverage(view.day(), &filter);
    let groups =
        cut(view, Group::of_organizations(&obliged | &exempt), &by, territories(options)?, MAX_GROUPS)?;
    let rows = groups.into_iter().map(|group| {
        let organizations = group.organizations.unwrap_or_default();
        let count = |set: &RoaringBitmap| set.intersection_len(&organizations);
        let (must, have) = (count(&obliged), count(&covered));
        let mut row = keys(&named(view, &by, &group.keys));
        row.extend([must, count(&exempt), have].map(Cell::Whole));
        row.push(Cell::share(have, must));
        row
    });
    let numbers = [("obliged", Integer), ("exempt", Integer), ("covered", Integer), ("ratio", Float)];
    Ok((columns(&by, &numbers), Rows::Built(rows.collect())))
}

/// Numbers of records of each group in a view, without dimensions the total; the filter has the codes of the present.
pub(super) fn counts(options: &Options, now: &View, view: &View) -> Result<Parts, Error> {
    let by: Vec<GroupDimension> = options.groups()?;
    let whole = view.group(&view.filter_then(&options.filter::<RegistryFilter>()?.compile(now)?));
    let rows = cut(view, whole, &by, territories(options)?, MAX_GROUPS)?.into_iter().map(|group| {
        let marked = (Dimension::Mark, page::Mark::Confirmed as u32);
        let mut row = keys(&named(view, &by, &group.keys));
        row.push(group.organizations.as_ref().map(RoaringBitmap::len).into());
        let (official, marked) =
            (view.official(&group.pages).len(), view.count_official(&group.pages, marked));
        row.extend([group.pages.len(), official].map(Cell::Whole));
        row.push(Cell::share(marked, official));
        row
    });
    let rows = Rows::Built(rows.collect());
    let numbers =
        [("organizations", Integer), ("pages", Integer), ("officialPages", Integer), ("markedShare", Float)];
    Ok((columns(&by, &numbers), rows))
}

/// Code and name in each dimension, then these columns.
pub(super) fn columns(by: &[GroupDimension], rest: &[(&'static str, ColumnType)]) -> Vec<Column> {
    let keys = by.iter().flat_map(|dimension| {
        let name = match dimension.to_value() {
            Value::Enum(name) => name.to_lowercase(),
            other => other.to_string(),
        };
        ["code", "name"].map(|field| Column::new(format!("{name}.{field}"), Text))
    });
    keys.chain(fixed(rest)).collect()
}

/// Code and name in each dimension; empty without a value.
pub(super) fn keys(keys: &[GroupKey<'_>]) -> Vec<Cell> {
    keys.iter().flat_map(|key| [Cell::from(key.to_code()), Cell::from(key.to_name(None))]).collect()
}
