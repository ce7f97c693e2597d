//! Rows of organizations.

use chrono::{DateTime, SecondsFormat, Utc};
use registry::{
    snapshot::{Filter, member_text},
    view::{ObligationStatus, OrganizationView, View},
};
use sea_orm::ActiveEnum;

use crate::graphql::kit::id;

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "code",
    "kind",
    "name",
    "short_name",
    "level",
    "branch",
    "sector",
    "territory_code",
    "territory_name",
    "parent_code",
    "authority_code",
    "status",
    "website",
    "identifiers",
    "official_pages",
    "obligation",
    "days_overdue",
    "updated_at",
    "source",
];

pub(super) fn row(view: &View, id: i64) -> Option<Vec<String>> {
    let organization = view.organization(id)?;
    let territory = organization.territory();
    let identifiers = organization.identifiers.iter().map(|it| format!("{} {}", it.scheme, it.value));
    let pages = organization.pages(&Filter::default());
    let official = pages.after(None).filter_map(|id| view.page(id)).filter(|page| page.is_official());
    let (obligation, days_overdue) = obligation(&organization);
    Some(vec![
        id::global("Organization", id).to_string(),
        organization.code.to_string(),
        member_text(&organization.kind),
        organization.name.to_string(),
        text(&organization.short_name),
        member(organization.level.as_ref()),
        member(organization.branch.as_ref()),
        text(&organization.sector),
        territory.map(|it| it.code.to_string()).unwrap_or_default(),
        territory.map(|it| it.name.to_string()).unwrap_or_default(),
        organization.parent().map(|it| it.code.to_string()).unwrap_or_default(),
        organization.authority().map(|it| it.code.to_string()).unwrap_or_default(),
        member_text(&organization.status),
        text(&organization.website),
        identifiers.collect::<Vec<_>>().join(", "),
        official.count().to_string(),
        obligation,
        days_overdue,
        timestamp(Some(organization.updated_at)),
        organization.source.to_string(),
    ])
}

/// State of the organization's obligations, and the number of days for which a required page has been missing.
fn obligation(organization: &OrganizationView<'_>) -> (String, String) {
    let day = organization.view().day();
    let rules = organization.obligations(day);
    let missing = rules.iter().filter(|it| it.status == ObligationStatus::Missing);
    if let Some(days) = missing.map(|it| (day - it.since).num_days().max(0)).max() {
        return ("MISSING".to_owned(), days.to_string());
    }
    let state = match rules.iter().any(|it| it.status == ObligationStatus::Covered) {
        true => "COVERED",
        false if rules.is_empty() => "",
        false => "EXEMPT",
    };
    (state.to_owned(), String::new())
}

pub(super) fn text(value: &Option<Box<str>>) -> String {
    value.as_deref().unwrap_or_default().to_owned()
}

pub(super) fn member(member: Option<&impl ActiveEnum<Value = String>>) -> String {
    member.map(member_text).unwrap_or_default()
}

pub(super) fn timestamp(at: Option<DateTime<Utc>>) -> String {
    at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}
