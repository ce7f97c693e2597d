//! Lists that can be exported.

use entities::organization::Kind;
use registry::{
    search::{SearchIndex, service},
    snapshot::{Filter, Selection},
    view::View,
};

use super::{
    cell::Cell,
    column::Column,
    groups,
    options::{Options, bad},
    organization_rows, page_rows,
    table::{Rows, Table},
};
use crate::graphql::{
    error::Error,
    organization::{OrganizationFilter, OrganizationOrder},
    page::{PageFilter, PageOrder},
    registry_statistics::RegistryFilter,
    search::check_text,
};

/// Maximum number of search results in one file.
const MAX_RESULTS: usize = 1_000;
/// All items of a list.
const ALL: usize = usize::MAX - 1;
/// Columns of search results.
const SEARCH_COLUMNS: &[&str] = &["type", "codeOrUrl", "name", "territory.code", "score"];

/// Options of the list with this name, as parameters of its files; `None` if there is no such list.
pub(crate) fn parameters(name: &str) -> Option<&'static [&'static str]> {
    match name {
        "pages" | "organizations" | "authorities" | "institutions" | "uncovered" => {
            Some(&["filter", "orderBy"])
        }
        "search" => Some(&["text", "filter"]),
        "coverage" | "counts" => Some(&["groupBy", "filter"]),
        _ => None,
    }
}

/// Prepares the list with this name for export.
///
/// # Errors
/// When there is no such list, an option is invalid, or the list is not available.
pub(crate) fn prepare(
    name: &str,
    options: &Options,
    view: View,
    search: &SearchIndex,
) -> Result<Table, Error> {
    let (name, columns, rows) = parts(name, options, &view, search)?;
    Ok(Table { name, columns, rows, view })
}

/// Name, columns and rows of a list.
type Parts = (&'static str, Vec<Column>, Rows);

fn parts(name: &str, options: &Options, view: &View, search: &SearchIndex) -> Result<Parts, Error> {
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
            let (columns, rows) = groups::coverage(options, view)?;
            ("coverage", columns, rows)
        }
        "counts" => {
            let (columns, rows) = groups::counts(options, view)?;
            ("counts", columns, rows)
        }
        _ => return Err(bad("There is no list of this name.")),
    };
    Ok(parts)
}

fn fixed(columns: &'static [&'static str]) -> Vec<Column> {
    columns.iter().map(|column| Column::Borrowed(*column)).collect()
}

fn of_organizations(
    name: &'static str,
    options: &Options,
    view: &View,
    find: impl Fn(&View, &Filter) -> Selection,
) -> Result<Parts, Error> {
    let filter = options.filter::<OrganizationFilter>()?.compile(view)?;
    let order: OrganizationOrder = options.order()?.unwrap_or(OrganizationOrder::Entry);
    let found = find(view, &filter);
    let ids = view.organization_window(&found, order.into(), None, ALL).ids;
    Ok((name, fixed(organization_rows::COLUMNS), Rows::Of(ids, organization_rows::row)))
}

fn pages(options: &Options, view: &View) -> Result<Vec<i64>, Error> {
    let filter = options.filter::<PageFilter>()?.compile(view)?;
    let order: PageOrder = options.order()?.unwrap_or(PageOrder::Entry);
    Ok(view.page_window(&view.pages(&filter), order.into(), None, ALL).ids)
}

fn results(options: &Options, view: &View, search: &SearchIndex) -> Result<Vec<Vec<Cell>>, Error> {
    use service::{Hit, VisibleIds};
    let text = options.text.as_deref().ok_or_else(|| bad("`text` is required: the search text."))?;
    check_text(text)?;
    let group = view.group(&options.filter::<RegistryFilter>()?.compile(view)?);
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
        let territory = territory.map(|territory| Cell::from(&*territory.code));
        let score = Cell::Whole(u64::from(entry.score));
        Some(vec![kind.into(), code.into(), name.into(), territory.unwrap_or(Cell::Empty), score])
    });
    Ok(rows.collect())
}
