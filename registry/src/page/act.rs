//! Acts on a page of the registry, with their inputs.

use chrono::{DateTime, NaiveDate, Utc};
use entities::page::{Availability, Category, Rejection, Widget};

use super::{address::PageAddress, lifecycle::Act};
use crate::record_reference::OrganizationReference;

/// An act on a page of the registry.
#[derive(Clone, Debug, PartialEq)]
pub enum PageAct {
    /// Sets fields.
    Edit(PageEdit),
    /// Changes the handle; the page keeps the old one as a former handle.
    Rename(PageAddress),
    /// Gives the page to another organization.
    ChangeOwner(OrganizationReference),
    /// Adds co-owners.
    AddCoOwners(Vec<OrganizationReference>),
    /// Removes co-owners.
    RemoveCoOwners(Vec<OrganizationReference>),
    /// Takes a proposed page under review.
    StartReview,
    /// Registers a proposed page, or one that is under review, as official.
    Approve,
    /// Rejects a proposed page, or one that is under review.
    Reject(Rejection),
    /// Archives an official page that is no longer in use.
    Archive,
    /// Takes an archived or a rejected page under review again.
    Restore,
    /// Notes that the owner has lost control of the page.
    ReportCompromised,
    /// Notes that the owner has regained control of the page.
    ClearToRegistered,
    /// Archives a page that its owner has not regained control of.
    ClearToArchived,
    /// Records a check of the address.
    RecordAvailability(CheckResult<Availability>),
    /// Records a check of the feedback widget.
    RecordWidget(CheckResult<Widget>),
}

/// Result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckResult<T> {
    /// State that the check found.
    pub state: T,
    /// Timestamp of the check; now by default.
    pub checked_at: Option<DateTime<Utc>>,
}

/// Fields that describe a page; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PageFields {
    pub title: Option<String>,
    pub page_type: Option<String>,
    pub office_title: Option<String>,
    pub languages: Option<Vec<String>>,
    pub category: Option<Category>,
    pub valid_from: Option<NaiveDate>,
}

/// Fields to set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageEdit {
    /// Values of the fields that describe the page.
    pub fields: PageFields,
    /// Permanent id of a page whose id is unknown.
    pub native_id: Option<String>,
    /// Fields to leave without a value.
    pub clear: Vec<PageField>,
}

/// Field that can be left without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PageField {
    PageType,
    OfficeTitle,
    Languages,
    Category,
    ValidFrom,
}

impl PageAct {
    /// Kind of the act.
    pub fn kind(&self) -> Act {
        match self {
            Self::Edit(_) => Act::Edit,
            Self::Rename(_) => Act::Rename,
            Self::ChangeOwner(_) => Act::ChangeOwner,
            Self::AddCoOwners(_) => Act::AddCoOwners,
            Self::RemoveCoOwners(_) => Act::RemoveCoOwners,
            Self::StartReview => Act::StartReview,
            Self::Approve => Act::Approve,
            Self::Reject(_) => Act::Reject,
            Self::Archive => Act::Archive,
            Self::Restore => Act::Restore,
            Self::ReportCompromised => Act::ReportCompromised,
            Self::ClearToRegistered => Act::ClearToRegistered,
            Self::ClearToArchived => Act::ClearToArchived,
            Self::RecordAvailability(_) => Act::RecordAvailability,
            Self::RecordWidget(_) => Act::RecordWidget,
        }
    }
}

impl PageFields {
    /// Whether a field has a value.
    pub(super) fn has(&self, field: PageField) -> bool {
        match field {
            PageField::PageType => self.page_type.is_some(),
            PageField::OfficeTitle => self.office_title.is_some(),
            PageField::Languages => self.languages.is_some(),
            PageField::Category => self.category.is_some(),
            PageField::ValidFrom => self.valid_from.is_some(),
        }
    }
}
