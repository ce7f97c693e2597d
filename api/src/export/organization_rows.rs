//! Rows of organizations.

use registry::{
    model::Organization,
    parquet_writer::ColumnType::{self, Day, Integer, Text, Texts, Timestamp},
    snapshot::Filter,
    view::{ObligationStatus, OrganizationView, View},
};

use super::cell::Cell;
use crate::graphql::kit::id;

pub(super) const COLUMNS: &[(&str, ColumnType)] = &[
    ("id", Text),
    ("code", Text),
    ("kind", Text),
    ("name", Text),
    ("shortName", Text),
    ("level", Text),
    ("branch", Text),
    ("sector.code", Text),
    ("territory.code", Text),
    ("territory.name", Text),
    ("parent.code", Text),
    ("founder.code", Text),
    ("authority.code", Text),
    ("status", Text),
    ("successors", Texts),
    ("validFrom", Day),
    ("validTo", Day),
    ("website", Text),
    ("identifiers", Texts),
    ("officialPages", Integer),
    ("obligation.state", Text),
    ("obligation.daysOverdue", Integer),
    ("createdAt", Timestamp),
    ("updatedAt", Timestamp),
    ("source", Text),
];

pub(super) fn row(view: &View, id: i64) -> Option<Vec<Cell>> {
    let organization = view.organization(id)?;
    let [territory_code, territory_name] = territory(&organization);
    let founder = organization.founder_id.and_then(|id| view.organization(id));
    let (obligation, days_overdue) = obligation(&organization);
    Some(vec![
        Cell::Text(id::global("Organization", id).to_string()),
        (&*organization.code).into(),
        Cell::member(&organization.kind),
        (&*organization.name).into(),
        organization.short_name.as_deref().into(),
        organization.authority_level().as_ref().map(Cell::member).into(),
        organization.authority_branch().as_ref().map(Cell::member).into(),
        organization.institution_sector().into(),
        territory_code,
        territory_name,
        code(organization.parent()),
        code(founder),
        code(organization.authority()),
        Cell::member(&organization.status),
        codes(&organization.successors()),
        organization.valid_from.into(),
        organization.valid_to.into(),
        organization.website.as_deref().into(),
        identifiers(&organization),
        Cell::Whole(official_pages(&organization)),
        obligation,
        days_overdue,
        organization.created_at.into(),
        organization.updated_at.into(),
        (&*organization.source).into(),
    ])
}

fn code(organization: Option<OrganizationView<'_>>) -> Cell {
    organization.map_or(Cell::Empty, |organization| (&*organization.code).into())
}

/// Code and name of the territory of an organization.
pub(super) fn territory(organization: &OrganizationView<'_>) -> [Cell; 2] {
    let territory = organization.territory();
    [territory.as_ref().map(|it| &*it.code).into(), territory.as_ref().map(|it| &*it.name).into()]
}

/// Codes of organizations.
pub(super) fn codes(organizations: &[OrganizationView<'_>]) -> Cell {
    list(organizations.iter().map(|organization| organization.code.to_string()))
}

/// A list of texts.
pub(super) fn list(items: impl Iterator<Item = String>) -> Cell {
    Cell::List(items.collect())
}

/// Identifiers, each after its scheme.
fn identifiers(organization: &Organization) -> Cell {
    list(
        organization
            .identifiers
            .iter()
            .map(|identifier| format!("{} {}", identifier.scheme, identifier.value)),
    )
}

fn official_pages(organization: &OrganizationView<'_>) -> u64 {
    let (view, pages) = (organization.view(), organization.pages(&Filter::default()));
    pages.after(None).filter_map(|id| view.page(id)).filter(|page| page.is_official()).count() as u64
}

/// State of the organization's obligations, and the number of days for which a required page has been missing.
fn obligation(organization: &OrganizationView<'_>) -> (Cell, Cell) {
    let day = organization.view().day();
    let rules = organization.obligations(day);
    let missing = rules.iter().filter(|it| it.status == ObligationStatus::Missing);
    if let Some(days) = missing.map(|it| (day - it.since).num_days().max(0)).max() {
        return ("MISSING".into(), Cell::Whole(days.unsigned_abs()));
    }
    let state = match rules.iter().any(|it| it.status == ObligationStatus::Covered) {
        true => "COVERED",
        false if rules.is_empty() => "",
        false => "EXEMPT",
    };
    (state.into(), Cell::Empty)
}
