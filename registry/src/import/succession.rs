//! Ended organizations, their successors, and restored organizations.

use entities::{change::SubjectType, organization::Status};

use super::{
    file::Row,
    mapping::OrganizationMapping,
    organization_fields::{is_final, set_status},
    row::Import,
    row_error::{Code, RowResult, Stop},
};
use crate::{
    model::Organization,
    provenance::{OrganizationFieldName, is_pinned},
    snapshot::{MAX_DEPTH, Snapshot},
};

impl Import {
    /// Reactivates an organization that an undo withdrew or that its source did not have.
    pub(super) fn bring_back(&self, organization: &mut Organization) {
        if self.returning.contains(&(SubjectType::Organization, organization.id))
            && matches!(organization.status, Status::Withdrawn | Status::Suspended)
        {
            if organization.status == Status::Withdrawn {
                organization.source = self.source.clone();
            }
            organization.status = Status::Active;
        }
    }

    /// The active successor that takes the pages of an ended organization, or else the organization itself. Warns,
    /// unless the row gives a status.
    pub(super) fn follow(
        &mut self,
        snapshot: &Snapshot,
        owner: Organization,
        has_status: bool,
    ) -> Organization {
        if !has_ended(&owner) {
            return owner;
        }
        let next = match (owner.status, owner.successors.as_slice()) {
            (Status::Merged, [one]) => *one,
            _ => owner.id,
        };
        let last = snapshot.organization(snapshot.takes_pages_of(next));
        let last = last.filter(|last| last.id != owner.id && last.status == Status::Active);
        let text = match &last {
            Some(last) => format!("“{}” was merged into “{}”, which owns the page.", owner.name, last.name),
            None => format!("“{}” has ended and has no single active successor for its pages.", owner.name),
        };
        if !has_status {
            self.warn(Code::OwnerEnded, text, "Name the current owner of the page.");
        }
        match last {
            Some(last) => {
                self.held_organizations.insert(owner.id);
                Organization::clone(last)
            }
            None => owner,
        }
    }

    /// Status of the organization in a row.
    pub(super) fn incoming_status(&self, row: &Row) -> RowResult<Option<Status>> {
        let status = self.mapping.organization.as_ref().map(|mapping| &mapping.status);
        status.map_or(Ok(None), |status| self.member(row, "status", status))
    }

    /// Whether a row must wait for a successor that has also ended according to the file and is not processed yet,
    /// since the owner of the pages depends on it. The number of waits is limited, so that cycles end.
    pub(super) fn waits_for_successor(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &Organization,
    ) -> bool {
        let codes = mapping.successors.iter().flat_map(|value| value.list(row, &self.columns));
        let mut found = codes.filter_map(|code| self.referred(snapshot, organization, &code).ok());
        if !found.any(|it| it.id != organization.id && self.ending.contains(&it.id)) {
            return false;
        }
        let times = self.waited.entry(row.number).or_default();
        *times += 1;
        *times < MAX_DEPTH
    }

    /// Sets the successors and the final status of a row's organization.
    pub(super) fn set_successors(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
        let (successors, is_whole) = self.listed_successors(snapshot, row, mapping, organization);
        // The row lists all successors; if one of them is unknown, existing successors are kept. An organization that
        // has ended with another status gets none.
        let status = self.incoming_status(row)?;
        let stays = status.is_some_and(|status| is_final(organization, status));
        let may_end = matches!(organization.status, Status::Active | Status::Suspended);
        let has_ended = matches!(status, Some(Status::Merged | Status::Split));
        // With an incomplete list, one successor could get pages that belong to all of them.
        let waits = has_ended && may_end && (!is_whole || successors.is_empty());
        if !successors.is_empty() && !stays && !waits {
            let known = organization.successors.iter().filter(|_| !is_whole);
            let more: Vec<i64> = known.filter(|id| !successors.contains(*id)).copied().collect();
            organization.successors = successors.into_iter().chain(more).collect();
        }
        if waits {
            self.suspend(organization);
        }
        if let Some(status) = status.filter(|_| !waits && !organization.successors.is_empty()) {
            if is_pinned(snapshot, OrganizationFieldName::Status, organization) {
                // It is only proposed.
                organization.status = status;
                return Ok(());
            }
            match set_status(organization, status) {
                // The row is already imported, so an invalid status is only a warning.
                Err(Stop::RowError(problem)) => self.warned.push(problem),
                other => other?,
            }
        }
        Ok(())
    }

    /// The valid successors that a row lists, and whether these are all that it lists.
    fn listed_successors(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &Organization,
    ) -> (Vec<i64>, bool) {
        let codes = mapping.successors.iter().flat_map(|value| value.list(row, &self.columns));
        let mut successors: Vec<i64> = Vec::new();
        let mut is_whole = true;
        for code in codes.collect::<Vec<_>>() {
            match self.successor(snapshot, organization, &code) {
                Some(id) if successors.contains(&id) => {}
                Some(id) => successors.push(id),
                None => is_whole = false,
            }
        }
        (successors, is_whole)
    }

    /// Suspends an organization that has ended, until its successors are known.
    fn suspend(&mut self, organization: &mut Organization) {
        // It no longer owns pages, whoever its successors are.
        organization.status = Status::Suspended;
        let text = format!(
            "Not all successors of “{}” are known; it is suspended until they are.",
            organization.name
        );
        let advice = "Add its successors to the file, or import them first, and import again.";
        self.warn(Code::OwnerEnded, text, advice);
    }

    /// A successor by its code. An invalid one is skipped with a warning.
    fn successor(&mut self, snapshot: &Snapshot, organization: &Organization, code: &str) -> Option<i64> {
        let found = match self.referred(snapshot, organization, code) {
            Ok(found) => found,
            Err(problem) => {
                self.warned.push(problem);
                return None;
            }
        };
        let mut after = std::iter::successors(Some(found), |it| match it.successors.as_slice() {
            [one] => snapshot.organization(*one).map(|it| &**it),
            _ => None,
        });
        let waits_for_itself = found.id != organization.id && self.ending.contains(&found.id);
        if waits_for_itself || after.by_ref().take(MAX_DEPTH).any(|it| it.id == organization.id) {
            let text = format!("“{}” cannot be its own successor.", organization.name);
            self.warn(Code::TreeCycle, text, "Correct the successor.");
            return None;
        }
        if has_ended(found) && found.successors.is_empty() {
            let text = format!("“{}” has also ended and has no successors.", found.name);
            self.warn(Code::OwnerEnded, text, "Name the current successor.");
        }
        Some(found.id)
    }
}

/// Whether an organization has a final status.
pub(super) fn has_ended(organization: &Organization) -> bool {
    !matches!(organization.status, Status::Draft | Status::Active | Status::Suspended)
}
