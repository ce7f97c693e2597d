//! Organizations that have ended, those that follow them, and those that come back.

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
    snapshot::{MAX_DEPTH, Snapshot},
};

impl Import {
    /// An organization that an undo withdrew, or that was gone from its list, works again.
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

    /// The one organization that goes on with what one that has ended kept, or else itself. It is told, unless the row says
    /// itself that it has ended.
    pub(super) fn follow(
        &mut self,
        snapshot: &Snapshot,
        owner: Organization,
        says_status: bool,
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
            Some(last) => format!("“{}” was merged into “{}”, whose page this is.", owner.name, last.name),
            None => format!("“{}” has ended, and no one organization goes on with its pages.", owner.name),
        };
        if !says_status {
            self.warn(Code::OwnerEnded, text, "Name the organization that keeps the page today.");
        }
        match last {
            Some(last) => {
                self.held_organizations.insert(owner.id);
                Organization::clone(last)
            }
            None => owner,
        }
    }

    /// The state that a row says of its organization.
    pub(super) fn said_status(&self, row: &Row) -> RowResult<Option<Status>> {
        let status = self.mapping.organization.as_ref().map(|mapping| &mapping.status);
        status.map_or(Ok(None), |status| self.member(row, "status", status))
    }

    /// Whether a row waits for a successor that the file says to have ended as well: what becomes of that one decides who
    /// takes the pages. Those that wait for each other wait to the end.
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

    /// Successors that a row names, and the state of what they follow.
    pub(super) fn place_successors(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
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
        // The row says all successors; where one of them cannot be told, those that are known stay. What has ended otherwise has
        // none.
        let status = self.said_status(row)?;
        let stays = status.is_some_and(|status| is_final(organization, status));
        let may_end = matches!(organization.status, Status::Active | Status::Suspended);
        let has_ended = matches!(status, Some(Status::Merged | Status::Split));
        // Of several successors, the one that is known would be given all that is theirs together.
        let waits = has_ended && may_end && (!is_whole || successors.is_empty());
        if !successors.is_empty() && !stays && !waits {
            let known = organization.successors.iter().filter(|_| !is_whole);
            let more: Vec<i64> = known.filter(|id| !successors.contains(*id)).copied().collect();
            organization.successors = successors.into_iter().chain(more).collect();
        }
        if waits {
            // It answers for no page any more, whoever goes on with them.
            organization.status = Status::Suspended;
            let text = format!(
                "Not all are known who follow “{}”; it is suspended until they are.",
                organization.name
            );
            self.warn(
                Code::OwnerEnded,
                text,
                "Add its successors to the file, or import them first, and import again.",
            );
        }
        if let Some(status) = status.filter(|_| !waits && !organization.successors.is_empty()) {
            match set_status(organization, status) {
                // The row has been taken in: what cannot be set is told.
                Err(Stop::Refused(problem)) => self.warned.push(problem),
                other => other?,
            }
        }
        Ok(())
    }

    /// A successor by its code. One that cannot follow is left out, and told.
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
            let text = format!("“{}” cannot follow itself.", organization.name);
            self.warn(Code::TreeCycle, text, "Correct the successor.");
            return None;
        }
        if has_ended(found) && found.successors.is_empty() {
            let text = format!("“{}” has ended itself, and nobody follows it.", found.name);
            self.warn(Code::OwnerEnded, text, "Name the organization that goes on today.");
        }
        Some(found.id)
    }
}

/// Whether an organization does not come back.
pub(super) fn has_ended(organization: &Organization) -> bool {
    !matches!(organization.status, Status::Draft | Status::Active | Status::Suspended)
}
