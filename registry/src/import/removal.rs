//! `--full`: removing records that the source no longer has, with a removal guard.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use entities::organization::Status;

use super::{cell, file::Row, mapping::RemovalLimits, options::Kind, page_address::PageKeys, row::Import};
use crate::{
    change_log::ChangeSet,
    model::Organization,
    provenance::{OrganizationFieldName, PageFieldName, archived, is_pinned},
    snapshot::Snapshot,
    view::Subject,
};

/// Records to remove.
#[derive(Clone, Debug, Default)]
pub(super) struct Removal {
    pub(super) ids: Vec<i64>,
    /// Records that the file no longer has, but whose lifecycle or status is pinned: their removal is only proposed.
    pub(super) pinned: Vec<i64>,
    /// Number of records that the source has in the registry.
    pub(super) held: usize,
}

impl Removal {
    /// Finds the records of the source that its file no longer has.
    pub(super) fn find(snapshot: &Snapshot, kind: Kind, import: &Import) -> Self {
        match kind {
            Kind::Territories | Kind::Exemptions => Self::default(),
            Kind::Organizations => {
                let organizations = snapshot.organizations().values();
                let held = organizations.filter(|it| it.source == import.source && is_working(it));
                let is_kept = |id: &i64| {
                    let known = snapshot.organization(*id);
                    known.is_some_and(|it| is_pinned(snapshot, OrganizationFieldName::Status, it))
                };
                Self::of(held.map(|it| it.id), &import.held_organizations, is_kept)
            }
            Kind::Pages => {
                let held = snapshot.pages().values().filter(|it| it.source == import.source && it.is_live());
                let is_kept = |id: &i64| {
                    let known = snapshot.page(*id);
                    known.is_some_and(|it| is_pinned(snapshot, PageFieldName::Lifecycle, it))
                };
                Self::of(held.map(|it| it.id), &import.held_pages, is_kept)
            }
        }
    }

    fn of(held: impl Iterator<Item = i64>, retained: &HashSet<i64>, is_kept: impl Fn(&i64) -> bool) -> Self {
        let held: Vec<i64> = held.collect();
        let number = held.len();
        let gone = held.into_iter().filter(|id| !retained.contains(id));
        let (pinned, ids) = gone.partition(is_kept);
        Self { ids, pinned, held: number }
    }

    /// All sources of the registry if it has no records of this one, whose name may be mistyped. `None` if it has such
    /// records, or there are no sources.
    pub(super) fn other_sources(&self, snapshot: &Snapshot, kind: Kind) -> Option<Vec<Box<str>>> {
        let sources: BTreeSet<&str> = match kind {
            Kind::Territories | Kind::Exemptions => BTreeSet::new(),
            Kind::Organizations => snapshot.organizations().values().map(|it| &*it.source).collect(),
            Kind::Pages => snapshot.pages().values().map(|it| &*it.source).collect(),
        };
        (self.held == 0 && !sources.is_empty()).then(|| sources.into_iter().map(Into::into).collect())
    }

    /// The records to remove.
    pub(super) fn subjects(&self, kind: Kind) -> HashSet<Subject> {
        self.ids.iter().map(|id| (kind.subject_type(), *id)).collect()
    }

    /// Whether the removal exceeds the limits.
    pub(super) fn trips(&self, limits: RemovalLimits) -> bool {
        limits.trips(self.ids.len(), self.held)
    }
}

/// Whether the organization is one that its source can suspend.
fn is_working(organization: &Organization) -> bool {
    matches!(organization.status, Status::Active | Status::Draft)
}

/// Reason in the change log of an archived or suspended record, by which a later import recognises and restores it.
pub(super) const REASON: &str = "no longer in its source";

/// Archives pages, suspends organizations. Those that were pinned or have ended since they were found stay as they are.
pub(super) fn remove(change_set: &mut ChangeSet, kind: Kind, ids: &[i64]) -> Result<()> {
    for id in ids {
        match kind {
            Kind::Territories | Kind::Exemptions => {}
            Kind::Organizations => {
                let snapshot = change_set.snapshot();
                let known = snapshot
                    .organization(*id)
                    .filter(|it| is_working(it) && !is_pinned(snapshot, OrganizationFieldName::Status, it));
                let Some(known) = known.cloned() else { continue };
                let suspended = Organization { status: Status::Suspended, ..Organization::clone(&known) };
                change_set.upsert(suspended, Some(REASON))?;
            }
            Kind::Pages => {
                let snapshot = change_set.snapshot();
                let known = snapshot
                    .page(*id)
                    .filter(|it| it.is_live() && !is_pinned(snapshot, PageFieldName::Lifecycle, it));
                let Some(known) = known.cloned() else { continue };
                change_set.upsert(archived(&known, change_set.now()), Some(REASON))?;
            }
        }
    }
    Ok(())
}

impl Import {
    /// Protects the records that a refused row names from removal, matched by any code, identifier, name or address in
    /// its cells.
    pub(super) fn hold_named(&mut self, snapshot: &Snapshot, kind: Kind, row: &Row) {
        let mapping = self.mapping.clone();
        if let Some(organization) = mapping.organization.as_ref().filter(|_| kind == Kind::Organizations) {
            let values = [organization.code.as_ref(), Some(&organization.name)];
            let values = values.into_iter().flatten().chain(organization.identifiers.values());
            let texts = values.filter_map(|value| value.text(row, &self.columns)).collect::<Vec<_>>();
            for text in texts.iter().chain(row.fault.iter().flat_map(|_| &row.cells)) {
                let code = cell::unspoilt_code(text);
                let by_code = self.meant(snapshot, &code).into_iter();
                let named = by_code.chain(snapshot.organizations_by_name(text));
                self.held_organizations.extend(named.map(|it| it.id));
            }
            for (scheme, value) in &organization.identifiers {
                let Some(raw) = value.text(row, &self.columns) else { continue };
                let rules = snapshot.scheme_by_code(scheme).map(|scheme| &scheme.rules);
                if let Some(Ok((number, _))) = rules.map(|rules| rules.verify(&raw)) {
                    let named = snapshot.organizations_by_identifier(scheme, &number);
                    self.held_organizations.extend(named.map(|it| it.id));
                }
            }
        }
        if kind == Kind::Pages {
            self.hold_by_id(snapshot, row);
            let urls = mapping.pages.iter().flat_map(|page| page.url.list(row, &self.columns));
            // In a malformed row, values may be in wrong cells or joined.
            let cells = row.fault.iter().flat_map(|_| &row.cells);
            let cells = cells.flat_map(|cell| cell.split([',', ';', '\t', '|']).map(str::to_owned));
            let mut is_located = false;
            for url in urls.chain(cells).collect::<Vec<_>>() {
                let Ok(address) = snapshot.address_book().resolve(&url) else { continue };
                is_located = true;
                let page = self.find_page(snapshot, &PageKeys::of(address)).0.map(|page| page.id);
                self.held_pages.extend(page);
                self.doubtful_pages.extend(page);
            }
            if !is_located {
                self.hold_owned(snapshot, row);
            }
        }
    }

    /// Protects all pages of the organization that a refused row without a valid address names.
    fn hold_owned(&mut self, snapshot: &Snapshot, row: &Row) {
        let Some(mapping) = self.mapping.organization.clone() else { return };
        let identity = self.identity(snapshot, row, &mapping);
        let Ok(Some(owner)) = identity.and_then(|identity| self.find(snapshot, &identity, mapping.units))
        else {
            return;
        };
        let owner_id = snapshot.takes_pages_of(owner.id);
        let pages = snapshot.pages_of(owner_id).filter(|page| page.source == self.source).map(|page| page.id);
        let pages: Vec<i64> = pages.collect();
        self.held_pages.extend(&pages);
        self.doubtful_pages.extend(pages);
    }

    /// Protects pages by the native ids of a refused row, on all platforms: the address may be wrong.
    fn hold_by_id(&mut self, snapshot: &Snapshot, row: &Row) {
        let mapping = self.mapping.clone();
        let ids = mapping.pages.iter().filter_map(|page| self.text(row, &page.native_id));
        // In a malformed row, values may be in wrong cells.
        let cells = row.fault.iter().flat_map(|_| row.cells.iter().cloned());
        for id in ids.chain(cells).collect::<Vec<_>>() {
            let id = cell::unspoilt_code(&id);
            for platform in snapshot.platforms().keys() {
                let page = snapshot.page_by_native_id(*platform, &id).map(|page| page.id);
                self.held_pages.extend(page);
                self.doubtful_pages.extend(page);
            }
        }
    }
}
