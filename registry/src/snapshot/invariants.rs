//! Invariants of every state of the registry: the rules that imports and reviews enforce, checked again on the
//! stored records.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entities::{
    organization::Status,
    organization_identifier::State,
    page::{Lifecycle, Mark},
};

use super::Snapshot;
use crate::model::{Organization, Page, Territory};

/// Maximum depth of a tree; imports reject deeper ones.
pub const MAX_DEPTH: usize = 10;

/// Violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// The subject, such as `page 42 (https://…)`.
    pub subject: String,
    /// What is wrong with it.
    pub rule: String,
}

/// Result of the check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invariants {
    /// Violations.
    pub breaches: Vec<Breach>,
    /// Registered pages whose owner was merged, split or liquidated, and that no successor has taken over.
    pub orphaned_pages: Vec<String>,
}

impl Snapshot {
    /// Checks all invariants at the time `now`.
    pub fn invariants(&self, now: DateTime<Utc>) -> Invariants {
        let mut found = Invariants::default();
        let mut keys = HashMap::new();
        for page in self.pages().values() {
            let subject = self.page_subject(page);
            let faults = self.page_faults(page, now).into_iter();
            let doubled = doubled_keys(&mut keys, page);
            found
                .breaches
                .extend(faults.chain(doubled).map(|rule| Breach { subject: subject.clone(), rule }));
            let owner = self.organization(page.owner_id).map(|owner| owner.status);
            let has_ended = matches!(owner, Some(Status::Merged | Status::Split | Status::Liquidated));
            if has_ended && page.lifecycle == Lifecycle::Registered {
                found.orphaned_pages.push(subject);
            }
        }
        for organization in self.organizations().values() {
            let subject = format!("organization {}", organization.code);
            let faults = self.organization_faults(organization).into_iter();
            found.breaches.extend(faults.map(|rule| Breach { subject: subject.clone(), rule }));
        }
        for territory in self.territories().values() {
            if let Some(rule) = self.territory_fault(territory) {
                found.breaches.push(Breach { subject: format!("territory {}", territory.code), rule });
            }
        }
        found
    }

    fn page_subject(&self, page: &Page) -> String {
        let platform = self.address_book().platform(page.platform_id);
        let url = platform.and_then(|it| it.canonical_url(page.native_id.as_deref(), page.handle.as_deref()));
        format!("page {} ({})", page.id, url.unwrap_or_else(|| "no address".into()))
    }

    /// Rules that a page breaks.
    pub(crate) fn page_faults(&self, page: &Page, now: DateTime<Utc>) -> Vec<String> {
        let mut faults = Vec::new();
        let owner = self.organization(page.owner_id);
        if owner.is_none() {
            faults.push("its owner does not exist".to_owned());
        }
        if page.co_owners.iter().any(|id| *id == page.owner_id || self.organization(*id).is_none()) {
            faults.push("a co-owner is its owner, or does not exist".to_owned());
        }
        if page.is_live() && page.native_id.is_none() && page.handle.is_none() {
            faults.push("it has neither a native id nor a handle".to_owned());
        }
        let platform = self.platform(page.platform_id);
        let methods = platform.map(|platform| &*platform.mark_methods).unwrap_or_default();
        let is_active = owner.is_some_and(|owner| owner.status == Status::Active);
        faults.extend(page.mark.fault(methods, now, is_active));
        if page.mark.state == Mark::Confirmed && page.lifecycle != Lifecycle::Registered {
            faults.push("its mark is confirmed, but the page is not registered".to_owned());
        }
        if page.valid_from.is_some_and(|day| day > self.time_zone().day_of(now)) {
            faults.push("its `valid_from` is in the future".to_owned());
        }
        faults
    }

    /// Rules that an organization breaks.
    pub(crate) fn organization_faults(&self, organization: &Organization) -> Vec<String> {
        let mut faults = self.identifier_faults(organization);
        let links = [("parent", organization.parent_id), ("founder", organization.founder_id)];
        for (link, id) in links {
            if id.is_some_and(|id| self.organization(id).is_none()) {
                faults.push(format!("its {link} does not exist"));
            }
        }
        if organization.territory_id.is_some_and(|id| self.territory(id).is_none()) {
            faults.push("its territory does not exist".to_owned());
        }
        if organization.successors.iter().any(|id| *id == organization.id || self.organization(*id).is_none())
        {
            faults.push("a successor is the organization itself, or does not exist".to_owned());
        }
        if matches!(organization.status, Status::Merged | Status::Split) && organization.successors.is_empty()
        {
            faults.push("it was merged or split, but has no successor".to_owned());
        }
        let up = std::iter::successors(Some(organization), |it| Some(&**self.organization(it.parent_id?)?));
        if up.take(MAX_DEPTH + 2).count() > MAX_DEPTH + 1 {
            faults.push(format!("it is more than {MAX_DEPTH} levels deep, or below itself"));
        }
        faults
    }

    fn identifier_faults(&self, organization: &Organization) -> Vec<String> {
        let mut faults = Vec::new();
        for identifier in &organization.identifiers {
            let Some(scheme) = self.scheme_by_code(&identifier.scheme) else {
                faults.push(format!("identifier scheme {} does not exist", identifier.scheme));
                continue;
            };
            match scheme.rules.verify(&identifier.value) {
                Err(error) => faults.push(format!("{} {}: {error}", identifier.scheme, identifier.value)),
                Ok((_, State::CheckFailed)) if identifier.state != State::CheckFailed => {
                    faults.push(format!(
                        "the check digit of {} {} is wrong",
                        identifier.scheme, identifier.value
                    ));
                }
                Ok(_) => {}
            }
            let holders = || self.organizations_by_identifier(&identifier.scheme, &identifier.value);
            if scheme.rules.is_unique && holders().any(|other| other.id != organization.id) {
                faults.push(format!("another one has {} {} too", identifier.scheme, identifier.value));
            }
        }
        faults
    }

    fn territory_fault(&self, territory: &Territory) -> Option<String> {
        if territory.parent_id.is_some_and(|id| self.territory(id).is_none()) {
            return Some("its parent does not exist".into());
        }
        let up = std::iter::successors(Some(territory), |it| Some(&**self.territory(it.parent_id?)?));
        (up.take(MAX_DEPTH + 2).count() > MAX_DEPTH + 1)
            .then(|| format!("it is more than {MAX_DEPTH} levels deep, or within itself"))
    }
}

/// Keys that another live page of the platform has too.
fn doubled_keys<'a>(seen: &mut HashMap<(i64, bool, &'a str), i64>, page: &'a Page) -> Vec<String> {
    if !page.is_live() {
        return Vec::new();
    }
    let keys = [(true, page.native_id.as_deref()), (false, page.handle.as_deref())];
    let keys = keys.into_iter().filter_map(|(is_id, key)| Some((is_id, key?)));
    let mut doubled = Vec::new();
    for (is_id, key) in keys {
        if let Some(other) = seen.insert((page.platform_id, is_id, key), page.id) {
            let what = if is_id { "native id" } else { "handle" };
            doubled.push(format!("page {other} has the {what} `{key}` too"));
        }
    }
    doubled
}
