//! Aggregates of statistics across pages, as the field `audience` has them.

use registry::{
    analytics::aggregate::Source,
    parquet_writer::ColumnType::{self, Boolean, Day, Float, Integer},
    view::View,
};

use super::{
    cell::Cell,
    groups::{columns, keys},
    list::{OfDays, Sources},
    options::{Options, member, of_file},
    table::Rows,
};
use crate::graphql::{
    error::Error,
    statistics::{AudienceAggregation, AudienceArguments, AudienceFilter, AudienceGroup, MissingPages},
    territory::TerritoryKind,
};

const COLUMNS: &[(&str, ColumnType)] = &[
    ("from", Day),
    ("to", Day),
    ("value", Float),
    ("pagesCounted", Integer),
    ("pagesMissing", Integer),
    ("isFinal", Boolean),
];

/// Aggregate of each group and step of time. By day, `pagesMissing` is empty where it cannot be counted.
pub(super) async fn groups(options: &Options, view: &View, sources: &Sources) -> Result<OfDays, Error> {
    let arguments = AudienceArguments {
        filter: options.filter::<AudienceFilter>()?,
        group_by: options.groups()?,
        territory_kind: member("territoryKind", &options.territory_kind)?.unwrap_or(TerritoryKind::Region),
        metric: options.metric()?,
        aggregation: member("aggregation", &options.aggregation)?.unwrap_or(AudienceAggregation::Sum),
        period: options.period()?,
    };
    let question = arguments.check(view).map_err(of_file)?;
    let columns = columns(question.by(), COLUMNS);
    let mut rows = Vec::new();
    if !sources.is_head {
        let source = Source { database: &sources.database, months: &sources.months };
        let found = question.groups(view, source, MissingPages::CountedIfFew).await?;
        rows.extend(found.groups.iter().map(|group| row(group, found.with_missing)));
    }
    Ok((columns, Rows::Built(rows), question.days()))
}

fn row(group: &AudienceGroup<'_>, with_missing: bool) -> Vec<Cell> {
    let mut row = keys(&group.keys);
    row.extend([
        Cell::Day(group.from.0),
        Cell::Day(group.to.0),
        group.value.map_or(Cell::Empty, Cell::Decimal),
        Cell::Signed(group.pages_counted.0),
        if with_missing { Cell::Signed(group.pages_missing.0) } else { Cell::Empty },
        Cell::Boolean(group.is_final),
    ]);
    row
}
