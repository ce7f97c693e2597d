//! Owner and co-owners of a page.

use std::sync::Arc;

use entities::{organization::Status, page::Mark};

use super::{
    draft::PageDraft,
    error::{PageError, PageErrorCode as Code},
};
use crate::{
    author::Author, model::Organization, provenance::PageFieldName, record_reference::OrganizationReference,
    snapshot::Snapshot,
};

/// Maximum number of organizations in one act.
const MAX_NAMED: usize = 20;
/// Maximum number of co-owners of a page.
const MAX_CO_OWNERS: usize = 50;

/// An active organization that the author may write.
pub(super) fn active(
    snapshot: &Snapshot,
    author: &Author,
    reference: &OrganizationReference,
    field: &str,
) -> Result<Arc<Organization>, PageError> {
    let found = reference.resolve(snapshot, author);
    let organization = found.map_err(|error| PageError::of_organization(error, field))?;
    match organization.status {
        Status::Active => Ok(organization),
        _ => Err(PageError::not_active(&organization, field)),
    }
}

impl PageDraft<'_> {
    /// Gives the page to another organization. A confirmed mark is lost: it was confirmed for the former owner.
    pub(super) fn change_owner(&mut self, owner: &OrganizationReference) -> Result<(), PageError> {
        let owner = active(self.snapshot, self.author, owner, "owner")?;
        if self.page.owner_id != owner.id && self.page.mark.state == Mark::Confirmed {
            self.page.mark = self.page.mark.in_state(Mark::Lost, self.at);
        }
        self.page.co_owners.retain(|id| *id != owner.id);
        self.set(PageFieldName::Owner, |page| &mut page.owner_id, owner.id)
    }

    /// Adds co-owners; those that the page has already stay.
    pub(super) fn add_co_owners(&mut self, added: &[OrganizationReference]) -> Result<(), PageError> {
        check_number(added)?;
        let mut co_owners = self.page.co_owners.clone();
        for (index, reference) in added.iter().enumerate() {
            let field = format!("coOwners.{index}");
            let organization = active(self.snapshot, self.author, reference, &field)?;
            if organization.id == self.page.owner_id {
                let text =
                    format!("{} is the owner of the page; an owner is no co-owner.", organization.code);
                return Err(PageError::new(Code::IsOwner, text, &field));
            }
            co_owners.push(organization.id);
        }
        co_owners.sort_unstable();
        co_owners.dedup();
        if co_owners.len() > MAX_CO_OWNERS {
            let text = format!("A page has at most {MAX_CO_OWNERS} co-owners.");
            return Err(PageError::new(Code::TooManyCoOwners, text, "coOwners"));
        }
        self.set(PageFieldName::CoOwners, |page| &mut page.co_owners, co_owners)
    }

    /// Removes co-owners, also those that are beyond the author's limits.
    pub(super) fn remove_co_owners(&mut self, removed: &[OrganizationReference]) -> Result<(), PageError> {
        check_number(removed)?;
        let mut co_owners = self.page.co_owners.clone();
        for (index, reference) in removed.iter().enumerate() {
            let field = format!("coOwners.{index}");
            let found = reference.find(self.snapshot, self.author);
            let organization = found.map_err(|error| PageError::of_organization(error, &field))?;
            if !self.page.co_owners.contains(&organization.id) {
                let text = format!("{} is no co-owner of the page.", organization.code);
                return Err(PageError::new(Code::NotACoOwner, text, &field));
            }
            co_owners.retain(|id| *id != organization.id);
        }
        self.set(PageFieldName::CoOwners, |page| &mut page.co_owners, co_owners)
    }
}

fn check_number(references: &[OrganizationReference]) -> Result<(), PageError> {
    match references.len() {
        1..=MAX_NAMED => Ok(()),
        _ => Err(PageError::invalid(format!("Name 1 to {MAX_NAMED} organizations."), "coOwners")),
    }
}
