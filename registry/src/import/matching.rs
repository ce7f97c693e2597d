//! Entity matching: which organization of the registry a row refers to.
//!
//! Matches by code, then by identifier, then by name within territory, sector and parent. Several matches are
//! ambiguous; row order never decides.

use std::sync::Arc;

use super::{
    identity::{Identity, Profile},
    organization_codes::{is_by_identifier, referred},
    row::{Import, slug},
    row_error::{Code, RowResult, refuse},
    succession::has_ended,
};
use crate::{
    model::{Identifier, Organization, OtherNameKind},
    provenance::{OrganizationFieldName, is_pinned},
    snapshot::Snapshot,
};

/// Most candidates named in a message.
const MAX_NAMED: usize = 5;

impl Import {
    /// The organization that a row refers to; `None` if it is new.
    pub(super) fn find(
        &self,
        snapshot: &Snapshot,
        identity: &Identity,
        units: bool,
    ) -> RowResult<Option<Organization>> {
        let by_code = identity.code.as_deref().and_then(|code| referred(snapshot, code));
        // Units of one body share its identifier: if that is the code, their names distinguish them.
        let is_it = |it: &&Arc<Organization>| {
            let is_unit = !units || is_called(it, &identity.name) || !is_by_identifier(identity, it);
            is_unit && !self.is_of_another_row(identity, it)
        };
        if let Some(found) = by_code.filter(is_it) {
            self.one_alone(snapshot, identity, found, true)?;
            return Ok(Some(Organization::clone(found)));
        }
        // The first row of a code has decided for its other rows.
        let of_file = identity.code.as_deref().and_then(|code| self.codes.get(code));
        if let Some(found) = of_file.and_then(|id| snapshot.organization(*id)).filter(is_it) {
            return Ok(Some(Organization::clone(found)));
        }
        if let Some(found) = self.by_generated_code(snapshot, identity) {
            return Ok(Some(found.clone()));
        }
        // Rows with one code refer to one organization, so the identifiers of all of them apply.
        let others = Identity { identifiers: self.survey.other_identifiers(identity), ..identity.clone() };
        let found = match self.by_identifier(snapshot, identity, units)? {
            Some(found) => Some(found),
            None => self.by_identifier(snapshot, &others, units)?,
        };
        let found = found.or_else(|| self.by_corrected_identifier(snapshot, identity));
        let found = match found {
            None if !units || identity.identifiers.is_empty() => self.by_name(snapshot, identity)?,
            found => found,
        };
        if found.is_none() {
            self.refuse_taken(snapshot, identity)?;
        }
        Ok(found.cloned())
    }

    fn by_identifier<'a>(
        &self,
        snapshot: &'a Snapshot,
        identity: &Identity,
        units: bool,
    ) -> RowResult<Option<&'a Organization>> {
        for identifier in &identity.identifiers {
            let is_unique = is_unique(snapshot, identifier);
            let same = snapshot.organizations_by_identifier(&identifier.scheme, &identifier.value);
            // Units of one legal entity share its identifier; their own codes or names distinguish them.
            let same = same.map(|it| &**it).filter(|it| is_unique || !self.has_another_code(identity, it));
            let mut found: Vec<&Organization> = same.collect();
            if !is_unique && (units || found.len() > 1) {
                let named =
                    found.iter().copied().filter(|it| is_called(it, &identity.name)).collect::<Vec<_>>();
                if named.is_empty() && found.len() > 1 && !units {
                    return ambiguous(snapshot, &identity.name, &found);
                }
                found = named;
            }
            if found.len() > 1 {
                let fitting = self.fitting(snapshot, &identity.profile, found.clone());
                // If none fits, try those with less specific profiles: the row's values may have been skipped.
                let is_less = |it: &&Organization| {
                    self.is_within(snapshot, &self.profile_of(snapshot, it), &identity.profile)
                };
                let less = || found.iter().copied().filter(is_less).collect();
                found = if fitting.is_empty() { less() } else { fitting };
            }
            match found.as_slice() {
                [] => {}
                [one] => {
                    self.one_alone(snapshot, identity, one, units)?;
                    return Ok(Some(one));
                }
                several => return ambiguous(snapshot, &identity.name, several),
            }
        }
        Ok(None)
    }

    /// Refuses a row with an identifier of another organization. Organizations that only share a non-unique identifier,
    /// and differ from the row in another one, are ignored.
    fn one_alone(
        &self,
        snapshot: &Snapshot,
        identity: &Identity,
        one: &Organization,
        units: bool,
    ) -> RowResult<()> {
        // The row's identifiers become a proposal.
        if is_pinned(snapshot, OrganizationFieldName::Identifiers, one) {
            return Ok(());
        }
        for identifier in &identity.identifiers {
            let holders = snapshot.organizations_by_identifier(&identifier.scheme, &identifier.value);
            let is_unique = is_unique(snapshot, identifier);
            if units && !is_unique {
                continue;
            }
            let holders: Vec<_> = holders.filter(|it| is_unique || !identity.contradicts(it)).collect();
            if let [other, ..] = holders.as_slice()
                && holders.iter().all(|it| it.id != one.id)
            {
                return ambiguous(snapshot, &identity.name, &[one, other]);
            }
        }
        Ok(())
    }

    fn by_name<'a>(
        &self,
        snapshot: &'a Snapshot,
        identity: &Identity,
    ) -> RowResult<Option<&'a Organization>> {
        let same = snapshot.organizations_by_name(&identity.name).map(|it| &**it);
        let same = same.filter(|it| !identity.contradicts(it) && !self.has_another_code(identity, it));
        let same = same.filter(|it| !self.is_elsewhere(identity, it));
        // A new code never refers to an organization that has ended.
        let same = same.filter(|it| identity.code.is_none() || !has_ended(it));
        // A former name matches only if no organization has the name now.
        let (current, former): (Vec<_>, Vec<_>) = same.partition(|it| is_called(it, &identity.name));
        let candidates = if current.is_empty() { former } else { current };
        let fitting = self.fitting(snapshot, &identity.profile, candidates.clone());
        match fitting.as_slice() {
            [] => Ok(self.less_specific(snapshot, identity, candidates)),
            [one] if self.may_be_another(snapshot, identity, one) => refuse(
                Code::OwnerAmbiguous,
                format!(
                    "The file has several organizations named “{}”; the row may refer to any of them.",
                    identity.name
                ),
                "Give the organization's code or identifier, or its territory, sector or parent.",
            ),
            [one] => Ok(Some(*one).filter(|one| !self.has_rival(snapshot, identity, one))),
            several => match self.of_source(several).as_slice() {
                [own] => Ok(Some(own)),
                _ => ambiguous(snapshot, &identity.name, several),
            },
        }
    }

    /// Candidates of the row's own source: records of other sources must not change what its rows match.
    fn of_source<'a>(&self, candidates: &[&'a Organization]) -> Vec<&'a Organization> {
        candidates.iter().filter(|it| it.source == self.source).copied().collect()
    }

    /// Candidates whose profile includes the row's profile: exact matches if there are any, or else all.
    fn fitting<'a>(
        &self,
        snapshot: &Snapshot,
        profile: &Profile,
        candidates: Vec<&'a Organization>,
    ) -> Vec<&'a Organization> {
        let known = |it: &Organization| self.profile_of(snapshot, it);
        let fitting: Vec<_> =
            candidates.into_iter().filter(|it| self.is_within(snapshot, profile, &known(it))).collect();
        // Those that do not say more than the row.
        let is_exact = |it: &&Organization| self.is_within(snapshot, &known(it), profile);
        let exact: Vec<_> = fitting.iter().copied().filter(is_exact).collect();
        if exact.is_empty() { fitting } else { exact }
    }

    /// The only candidate with a less specific profile than the row, unless the file has several organizations that may
    /// be it.
    fn less_specific<'a>(
        &self,
        snapshot: &Snapshot,
        identity: &Identity,
        candidates: Vec<&'a Organization>,
    ) -> Option<&'a Organization> {
        let known = |it: &Organization| self.profile_of(snapshot, it);
        let is_less = |it: &&Organization| self.is_within(snapshot, &known(it), &identity.profile);
        let less: Vec<_> = candidates.into_iter().filter(is_less).collect();
        let [one] = less.as_slice() else { return None };
        let profile = known(one);
        let of_file = self.survey.namesakes(&identity.name).map(|it| &it.profile);
        let of_file = of_file.filter(|it| self.is_within(snapshot, &profile, it));
        // Rows whose profiles contain one another may both refer to it.
        let mut others = of_file.filter(|it| {
            !self.is_within(snapshot, it, &identity.profile)
                && !self.is_within(snapshot, &identity.profile, it)
        });
        (others.next().is_none() && !self.has_rival(snapshot, identity, one)).then_some(*one)
    }

    /// Whether another organization of this name in the file may also match the candidate; then neither row matches it.
    fn has_rival(&self, snapshot: &Snapshot, identity: &Identity, candidate: &Organization) -> bool {
        let known = self.profile_of(snapshot, candidate);
        let may_be = |profile: &Profile| {
            self.is_within(snapshot, profile, &known) || self.is_within(snapshot, &known, profile)
        };
        let rivals = self.survey.namesakes(&identity.name).filter(|it| it.is_apart(identity));
        rivals.filter(|it| !it.is_apart_from(candidate)).any(|it| may_be(&it.profile))
    }

    /// Whether a row without code and identifiers may also refer to another organization of the file.
    fn may_be_another(&self, snapshot: &Snapshot, identity: &Identity, candidate: &Organization) -> bool {
        let known = self.profile_of(snapshot, candidate);
        let is_apart = |profile: &Profile| {
            !self.is_within(snapshot, profile, &known) && !self.is_within(snapshot, &known, profile)
        };
        let mut others = self.survey.namesakes(&identity.name).filter(|it| !it.is_of(candidate));
        identity.key().is_none()
            && others
                .any(|it| self.is_within(snapshot, &identity.profile, &it.profile) && is_apart(&it.profile))
    }

    /// Whether only the name links a row that has a code to an organization of another source: without territories the
    /// two may be in different countries.
    fn is_elsewhere(&self, identity: &Identity, organization: &Organization) -> bool {
        let are_placed = identity.profile.territory_id.is_some() && organization.territory_id.is_some();
        identity.code.is_some() && organization.source != self.source && !are_placed
    }
}

/// Whether the organization has the name now.
pub(super) fn is_called(organization: &Organization, name: &str) -> bool {
    let other = organization.other_names.iter().filter(|other| other.kind != OtherNameKind::Former);
    let names = std::iter::once(&organization.name).chain(&organization.short_name);
    names.chain(other.map(|other| &other.name)).any(|known| slug(known) == slug(name))
}

/// Whether identifiers of the scheme are unique to one organization.
fn is_unique(snapshot: &Snapshot, identifier: &Identifier) -> bool {
    snapshot.scheme_by_code(&identifier.scheme).is_some_and(|scheme| scheme.rules.is_unique)
}

fn ambiguous<T>(snapshot: &Snapshot, name: &str, candidates: &[&Organization]) -> RowResult<T> {
    let mut named: Vec<String> = candidates.iter().map(|it| label(snapshot, it)).collect();
    named.sort();
    let more = named.len().saturating_sub(MAX_NAMED);
    named.truncate(MAX_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    refuse(
        Code::OwnerAmbiguous,
        format!("“{name}” matches {} organizations: {}{more}.", candidates.len(), named.join("; ")),
        "Give the organization's code or identifier, or its territory, sector or parent.",
    )
}

/// An organization as shown in a message: code and territory.
fn label(snapshot: &Snapshot, organization: &Organization) -> String {
    let territory = organization.territory_id.and_then(|id| snapshot.territory(id));
    let place = territory.map(|territory| format!(" ({})", territory.name)).unwrap_or_default();
    format!("{}{place}", organization.code)
}
