//! Facets of a record, both for the current sets and for queries as of the past.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entities::{organization::Status, page::Lifecycle};

use super::facet::{Dimension, FacetKey};
use crate::{
    calendar::TimeZone,
    model::{Figures, Organization, Page, Territory},
};

/// Maximum number of ancestors that are followed; longer chains are cycles of a damaged registry.
const MAX_STEPS: usize = 32;

/// Look-up of related records: in a snapshot, or in a state of the past.
pub(crate) trait Records {
    fn find_organization(&self, id: i64) -> Option<&Organization>;
    fn find_territory(&self, id: i64) -> Option<&Territory>;
    fn find_sector(&self, code: &str) -> Option<i64>;
}

/// Number of a day, counted from the year 1.
pub fn day_number(day: NaiveDate) -> u32 {
    u32::try_from(day.num_days_from_ce()).unwrap_or(0)
}

/// Number of a second, counted from 1970.
pub fn second_number(timestamp: DateTime<Utc>) -> u32 {
    // From 2106 on, all times are equal.
    u32::try_from(timestamp.timestamp().max(0)).unwrap_or(u32::MAX)
}

fn day_of(zone: TimeZone, timestamp: DateTime<Utc>) -> u32 {
    day_number(zone.day_of(timestamp))
}

/// Facets of an organization that its pages share.
pub(crate) fn shared_keys(records: &impl Records, organization: &Organization) -> Vec<FacetKey> {
    let mut keys =
        vec![(Dimension::Kind, organization.kind as u32), (Dimension::Status, organization.status as u32)];
    keys.extend(organization.authority_level().map(|level| (Dimension::Level, level as u32)));
    keys.extend(organization.authority_branch().map(|branch| (Dimension::Branch, branch as u32)));
    let sector = organization.institution_sector().and_then(|code| records.find_sector(code));
    keys.extend(sector.map(|id| (Dimension::Sector, id as u32)));
    let mut territory = organization.territory_id;
    for _ in 0..MAX_STEPS {
        let Some(id) = territory else { break };
        keys.push((Dimension::Territory, id as u32));
        territory = records.find_territory(id).and_then(|territory| territory.parent_id);
    }
    keys.extend(above(records, organization).into_iter().map(|id| (Dimension::Below, id as u32)));
    keys
}

/// Ancestors of this organization, by subordination or foundation.
pub(super) fn above(records: &impl Records, organization: &Organization) -> Vec<i64> {
    let mut found = Vec::new();
    let mut next = Some(organization);
    for step in 0..MAX_STEPS {
        for id in next.into_iter().flat_map(|it| [it.parent_id, it.founder_id]).flatten() {
            if id != organization.id && !found.contains(&id) {
                found.push(id);
            }
        }
        let Some(id) = found.get(step) else { break };
        next = records.find_organization(*id);
    }
    found
}

/// Facets of an organization that its pages do not share; days are those of the time zone.
pub(crate) fn own_keys(zone: TimeZone, organization: &Organization) -> Vec<FacetKey> {
    let mut keys = vec![(Dimension::CreatedOn, day_of(zone, organization.created_at))];
    if matches!(organization.status, Status::Merged | Status::Split | Status::Liquidated) {
        keys.extend(organization.status_at.map(|at| (Dimension::EndedOn, day_of(zone, at))));
    }
    keys
}

/// Facets of a page itself, without those of its owner and of its statistics; days are those of the time zone.
pub(crate) fn page_keys(zone: TimeZone, page: &Page) -> Vec<FacetKey> {
    let mut keys = vec![
        (Dimension::Platform, page.platform_id as u32),
        (Dimension::Lifecycle, page.lifecycle as u32),
        (Dimension::Availability, page.availability as u32),
        (Dimension::Mark, page.mark.state as u32),
        (Dimension::Widget, page.widget as u32),
    ];
    keys.extend(page.office_title.is_some().then_some((Dimension::OfOffice, 1)));
    keys.extend(page.category.map(|category| (Dimension::Category, category as u32)));
    keys.extend(page.registered_at.map(|at| (Dimension::RegisteredOn, day_of(zone, at))));
    if page.lifecycle == Lifecycle::Archived {
        keys.extend(page.lifecycle_at.map(|at| (Dimension::EndedOn, day_of(zone, at))));
    }
    keys
}

/// Facets of a page that come from its latest statistics; days are those of the time zone.
pub(crate) fn figure_keys(zone: TimeZone, figures: Option<&Figures>) -> Vec<FacetKey> {
    match figures.and_then(|figures| figures.last_post_at) {
        Some(at) => vec![(Dimension::LastPostOn, day_of(zone, at)), (Dimension::HasPosted, 1)],
        None => Vec::new(),
    }
}
