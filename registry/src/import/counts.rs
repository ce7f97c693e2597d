//! Counts of an import.

use std::{collections::HashSet, sync::Arc};

use entities::{change::SubjectType, proposal::State};
use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};

use crate::{
    model::Proposal,
    snapshot::{Snapshot, Table},
    view::Subject,
};

/// Counts of records of one kind by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Tally {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub removed: u64,
    /// Number of records with a value in the file that they did not get, because it is pinned; other fields of them may
    /// have been updated.
    #[serde(default)]
    pub pinned: u64,
}

/// Counts of an import: rows, and records by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Counts {
    pub rows: u64,
    /// Number of refused rows, of which nothing was imported.
    pub refused: u64,
    /// Number of warnings.
    #[serde(default)]
    pub warnings: u64,
    pub territories: Tally,
    pub organizations: Tally,
    pub pages: Tally,
    #[serde(default)]
    pub exemptions: Tally,
    /// Number of proposals that the import made of values for pinned fields.
    #[serde(default)]
    pub proposals: u64,
}

impl Counts {
    /// Number of records that the import wrote.
    pub fn changed(&self) -> u64 {
        let tallies = [self.territories, self.organizations, self.pages, self.exemptions];
        tallies.iter().map(|it| it.created + it.updated + it.removed).sum()
    }

    pub(super) fn tally_mut(&mut self, kind: SubjectType) -> &mut Tally {
        match kind {
            SubjectType::Territory => &mut self.territories,
            SubjectType::Organization => &mut self.organizations,
            SubjectType::Exemption => &mut self.exemptions,
            _ => &mut self.pages,
        }
    }
}

/// Kinds of records that imports count.
const KINDS: [SubjectType; 4] =
    [SubjectType::Territory, SubjectType::Organization, SubjectType::Page, SubjectType::Exemption];

/// Records that an import named, wrote and removed.
pub(super) struct Done<'a> {
    /// Records that rows name.
    pub(super) seen: &'a HashSet<Subject>,
    /// Records that were written, whether or not a row names them.
    pub(super) written: &'a HashSet<Subject>,
    /// Records that were archived or suspended because the file no longer has them.
    pub(super) removed: &'a HashSet<Subject>,
    /// Records with a pinned field for which the file has another value.
    pub(super) pinned: &'a HashSet<Subject>,
}

impl Counts {
    /// Computes the counts by record kind. `is_known` says whether a record existed before.
    pub(super) fn settle(&mut self, done: &Done<'_>, is_known: impl Fn(&Subject) -> bool) {
        KINDS.into_iter().for_each(|kind| *self.tally_mut(kind) = Tally::default());
        for subject in done.removed {
            self.tally_mut(subject.0).removed += 1;
        }
        for subject in done.pinned {
            self.tally_mut(subject.0).pinned += 1;
        }
        for subject in done.written.difference(done.removed) {
            match is_known(subject) {
                true => self.tally_mut(subject.0).updated += 1,
                false => self.tally_mut(subject.0).created += 1,
            }
        }
        for subject in done.seen.iter().filter(|it| !done.written.contains(it) && !done.removed.contains(it))
        {
            self.tally_mut(subject.0).unchanged += 1;
        }
    }
}

/// Number of proposals that an import made and that are open.
pub(super) fn proposals_of(snapshot: &Snapshot, job_id: i64) -> u64 {
    let of_job = |it: &&Arc<Proposal>| it.job_id == job_id && it.state == State::Open;
    snapshot.proposals().values().filter(of_job).count() as u64
}

/// Whether a registry has a record.
pub(super) fn has(snapshot: &Snapshot, (kind, id): &Subject) -> bool {
    match kind {
        SubjectType::Territory => snapshot.territories().contains_key(id),
        SubjectType::Organization => snapshot.organizations().contains_key(id),
        SubjectType::Page => snapshot.pages().contains_key(id),
        SubjectType::Exemption => snapshot.exemptions().contains_key(id),
        _ => false,
    }
}

/// Records in which two states of the registry differ.
pub(super) fn differing(before: &Snapshot, after: &Snapshot) -> HashSet<Subject> {
    let mut found = HashSet::new();
    found.extend(ids(before.territories(), after.territories()).map(|id| (SubjectType::Territory, id)));
    found
        .extend(ids(before.organizations(), after.organizations()).map(|id| (SubjectType::Organization, id)));
    found.extend(ids(before.pages(), after.pages()).map(|id| (SubjectType::Page, id)));
    found.extend(ids(before.exemptions(), after.exemptions()).map(|id| (SubjectType::Exemption, id)));
    found
}

fn ids<T: PartialEq>(before: &Table<T>, after: &Table<T>) -> impl Iterator<Item = i64> {
    before.diff(after).map(|item| match item {
        DiffItem::Add(id, _) | DiffItem::Remove(id, _) | DiffItem::Update { new: (id, _), .. } => *id,
    })
}
