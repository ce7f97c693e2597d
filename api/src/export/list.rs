//! Lists that can be exported.

use chrono::NaiveDate;
use entities::organization::Kind;
use registry::{
    change_log::RestoredStates,
    database::Database,
    parquet_writer::ColumnType::{self, Integer, Text},
    search::{
        SearchIndex,
        service::{self, Hit},
    },
    snapshot::{Filter, Selection},
    statistics::MonthCache,
    view::{Slice, View},
};

use super::{
    audience,
    cell::Cell,
    column::{Column, fixed},
    groups,
    options::{Options, bad, members},
    organization_rows, page_rows, places,
    restoration::{self, Restoration},
    table::{Rows, Table},
};
use crate::graphql::{
    error::Error,
    kit::{field_policy::RESTORED_POINTS, id},
    organization::{OrganizationFilter, OrganizationOrder, OrganizationOrderField},
    page::{PageFilter, PageOrder, PageOrderField},
    rating::{LEADERBOARD_POINTS, RATING_POINTS},
    registry_statistics::RegistryFilter,
    search::{SearchMatch, among, check_text},
    statistics::{AUDIENCE_GROUP_BY_POINTS, AUDIENCE_POINTS},
};

/// Maximum number of search results in one file.
const MAX_RESULTS: usize = 1_000;
/// Columns of search results.
const SEARCH_COLUMNS: &[(&str, ColumnType)] = &[
    ("id", Text),
    ("kind", Text),
    ("code", Text),
    ("url", Text),
    ("name", Text),
    ("territory.code", Text),
    ("score", Integer),
    ("matchedBy", Text),
];
/// Most dimensions that a list is charged for: with more, it is refused.
const MAX_DIMENSIONS: u64 = 4;

/// What lists are read from, beside a view of the registry.
pub(crate) struct Sources {
    pub(crate) search: SearchIndex,
    pub(crate) restored_states: RestoredStates,
    pub(crate) restoration: Restoration,
    pub(crate) database: Database,
    pub(crate) months: MonthCache,
    /// Whether only the head of the file is asked for: options are checked, no statistics are read, and no past state is
    /// restored.
    pub(crate) is_head: bool,
}

/// Options of the list with this name, as parameters of its files; `None` if there is no such list.
pub(crate) fn parameters(name: &str) -> Option<&'static [&'static str]> {
    match name {
        "pages" | "organizations" | "authorities" | "institutions" | "uncovered" => {
            Some(&["filter", "orderBy"])
        }
        "search" => Some(&["text", "kinds", "filter"]),
        "coverage" | "counts" => Some(&["groupBy", "territoryKind", "filter", "asOf"]),
        "audience" => Some(&["metric", "aggregation", "from", "to", "groupBy", "territoryKind", "filter"]),
        "leaderboard" => Some(&["metric", "from", "to", "kind", "filter"]),
        "rating" => Some(&["methodologyCode", "from", "to"]),
        _ => None,
    }
}

/// Whether the list with this name waits for the database.
pub(crate) fn waits(name: &str, options: &Options) -> bool {
    matches!(name, "audience" | "leaderboard" | "rating") || options.as_of.is_some()
}

/// Points that the list with this name costs beside those of any list: what its field in the GraphQL API costs.
pub(crate) fn points(name: &str, options: &Options) -> u64 {
    match name {
        "audience" => {
            let by = options.group_by.as_deref().filter(|by| !by.trim().is_empty());
            let dimensions = by.map_or(0, |by| by.split(',').count() as u64);
            AUDIENCE_POINTS + AUDIENCE_GROUP_BY_POINTS * dimensions.min(MAX_DIMENSIONS)
        }
        "leaderboard" => LEADERBOARD_POINTS,
        "rating" => RATING_POINTS,
        _ if options.as_of.is_some() => RESTORED_POINTS,
        _ => 0,
    }
}

/// Prepares the list with this name for export, of the registry `now`, or of the past state that the options ask for.
///
/// # Errors
/// When there is no such list, an option is invalid, the list is not available, or the database fails.
pub(crate) async fn prepare(
    name: &str,
    options: &Options,
    now: View,
    sources: &Sources,
) -> Result<Table, Error> {
    let (name, (columns, rows, (from, to))) = match name {
        "audience" => ("audience", audience::groups(options, &now, sources).await?),
        "leaderboard" => ("leaderboard", places::leaderboard(options, &now, sources).await?),
        "rating" => ("rating", places::rating(options, &now, sources)?),
        _ => {
            let (view, day) = restoration::view_of(name, options, &now, sources).await?;
            let (name, columns, rows) = parts(name, options, (&now, &view), &sources.search)?;
            return Ok(Table { name, file_name: format!("{name}-{day}"), columns, rows, view });
        }
    };
    Ok(Table { name, file_name: format!("{name}-{from}-{to}"), columns, rows, view: now })
}

/// Columns and rows of a list of statistics, and its first and last day.
pub(super) type OfDays = (Vec<Column>, Rows, (NaiveDate, NaiveDate));

/// Name, columns and rows of a list.
type Parts = (&'static str, Vec<Column>, Rows);

fn parts(
    name: &str,
    options: &Options,
    (now, view): (&View, &View),
    search: &SearchIndex,
) -> Result<Parts, Error> {
    let parts = match name {
        "pages" => ("pages", fixed(page_rows::COLUMNS), Rows::Of(pages(options, view)?, page_rows::row)),
        "organizations" => of_organizations("organizations", options, view, View::all_organizations)?,
        "authorities" => of_organizations("authorities", options, view, |view, filter| {
            view.organizations(Kind::Authority, filter)
        })?,
        "institutions" => of_organizations("institutions", options, view, |view, filter| {
            view.organizations(Kind::Institution, filter)
        })?,
        "uncovered" => {
            of_organizations("uncovered", options, view, |view, filter| view.uncovered(view.day(), filter))?
        }
        "search" => ("search", fixed(SEARCH_COLUMNS), Rows::Built(results(options, view, search)?)),
        "coverage" => {
            let (columns, rows) = groups::coverage(options, now, view)?;
            ("coverage", columns, rows)
        }
        "counts" => {
            let (columns, rows) = groups::counts(options, now, view)?;
            ("counts", columns, rows)
        }
        _ => return Err(bad("There is no list of this name.")),
    };
    Ok(parts)
}

fn of_organizations(
    name: &'static str,
    options: &Options,
    view: &View,
    find: impl Fn(&View, &Filter) -> Selection,
) -> Result<Parts, Error> {
    let filter = options.filter::<OrganizationFilter>()?.compile(view)?;
    let order = options.order::<OrganizationOrder, OrganizationOrderField>()?.unwrap_or_default();
    let found = find(view, &filter);
    let ids = view.organization_window(&found, order.into(), Slice::ALL).ids();
    Ok((name, fixed(organization_rows::COLUMNS), Rows::Of(ids, organization_rows::row)))
}

fn pages(options: &Options, view: &View) -> Result<Vec<i64>, Error> {
    let filter = options.filter::<PageFilter>()?.compile(view)?;
    let order = options.order::<PageOrder, PageOrderField>()?.unwrap_or_default();
    Ok(view.page_window(&view.pages(&filter), order.into(), Slice::ALL).ids())
}

fn results(options: &Options, view: &View, search: &SearchIndex) -> Result<Vec<Vec<Cell>>, Error> {
    let text = options.text.as_deref().ok_or_else(|| bad("`text` is required: the search text."))?;
    check_text(text)?;
    let kinds = Some(members("kinds", &options.kinds)?).filter(|kinds| !kinds.is_empty());
    let filter = options.filter::<RegistryFilter>()?.compile(view)?;
    let among = among(view, &filter, kinds.as_deref());
    let answer =
        service::search(search, view, text, among, None, MAX_RESULTS)?.ok_or(Error::SearchNotReady)?;
    let rows = answer.hits.iter().filter_map(|entry| {
        let mut row = found(view, entry.hit)?;
        row.extend([Cell::Whole(u64::from(entry.score)), Cell::value(SearchMatch::from(answer.matched_by))]);
        Some(row)
    });
    Ok(rows.collect())
}

/// Cells of a record that was found; a page has its title as its name, and the territory of its owner.
fn found(view: &View, hit: Hit) -> Option<Vec<Cell>> {
    let (cells, territory) = match hit {
        Hit::Organization(id) => {
            let found = view.organization(id)?;
            let global = Cell::Text(id::global("Organization", id).to_string());
            let kind = Cell::member(&found.kind);
            ([global, kind, (&*found.code).into(), Cell::Empty, (&*found.name).into()], found.territory())
        }
        Hit::Page(id) => {
            let page = view.page(id)?;
            let global = Cell::Text(id::global("Page", id).to_string());
            let kind = Cell::from("PAGE");
            ([global, kind, Cell::Empty, page.url().into(), (&*page.title).into()], page.owner().territory())
        }
    };
    let mut row = Vec::from(cells);
    row.push(territory.map_or(Cell::Empty, |territory| (&*territory.code).into()));
    Some(row)
}
