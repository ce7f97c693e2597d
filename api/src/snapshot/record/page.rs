//! State of a page with its co-owners and aliases.

use chrono::{DateTime, Utc};
use entities::{
    page::{Availability, Category, Lifecycle, Mark, Model, Widget},
    page_alias, page_co_owner,
};
use serde::{Deserialize, Serialize};

use super::{boxed, from_column, owned, to_column};

/// An official page of an organization on one platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Page {
    pub id: i64,
    pub platform_id: i64,
    pub native_id: Option<Box<str>>,
    /// Folded as the platform folds case.
    pub handle: Option<Box<str>>,
    pub title: Box<str>,
    pub page_type: Option<Box<str>>,
    pub owner_id: i64,
    /// In ascending order.
    pub co_owners: Vec<i64>,
    pub office_title: Option<Box<str>>,
    pub languages: Vec<Box<str>>,
    pub category: Option<Category>,
    pub lifecycle: Lifecycle,
    /// Moment since which the page is in this stage; set when it is put.
    #[serde(default)]
    pub lifecycle_at: Option<DateTime<Utc>>,
    pub availability: Availability,
    pub mark: MarkState,
    pub widget: Widget,
    /// In the order of the handles.
    pub aliases: Vec<Alias>,
    pub source: Box<str>,
    pub registered_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The platform's mark for state organizations, how it was got and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MarkState {
    pub state: Mark,
    pub method: Option<Box<str>>,
    pub at: Option<DateTime<Utc>>,
}

/// A former or parallel handle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Alias {
    pub handle: Box<str>,
    pub kind: page_alias::Kind,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl Page {
    /// Whether the page holds its native id and handle alone.
    pub fn is_live(&self) -> bool {
        !matches!(self.lifecycle, Lifecycle::Rejected | Lifecycle::Archived)
    }

    /// Whether everyone may see the page, if they may see its owner.
    pub fn is_public(&self) -> bool {
        matches!(self.lifecycle, Lifecycle::Registered | Lifecycle::Archived | Lifecycle::Compromised)
    }

    /// Whether the page is an official one today.
    pub fn is_official(&self) -> bool {
        self.lifecycle == Lifecycle::Registered
    }

    /// Gives the page another handle and keeps the old one as a former handle.
    pub fn rename(&mut self, handle: Option<Box<str>>, at: DateTime<Utc>) {
        let Some(old) = std::mem::replace(&mut self.handle, handle) else { return };
        let current = self.handle.clone();
        self.aliases.retain(|alias| alias.handle != old && Some(&alias.handle) != current.as_ref());
        self.aliases.push(Alias {
            handle: old,
            kind: page_alias::Kind::Former,
            since: None,
            until: Some(at),
        });
        self.aliases.sort_by(|left, right| left.handle.cmp(&right.handle));
    }

    /// Joins a page's rows.
    ///
    /// # Errors
    /// When a JSON column does not hold what it should.
    pub fn from_rows(
        row: Model,
        co_owners: Vec<page_co_owner::Model>,
        aliases: Vec<page_alias::Model>,
    ) -> anyhow::Result<Self> {
        let aliases = aliases.into_iter().map(|row| Alias {
            handle: row.handle.into(),
            kind: row.kind,
            since: row.since,
            until: row.until,
        });
        Ok(Self {
            id: row.id,
            platform_id: row.platform_id,
            native_id: boxed(row.native_id),
            handle: boxed(row.handle),
            title: row.title.into(),
            page_type: boxed(row.page_type),
            owner_id: row.owner_id,
            co_owners: co_owners.into_iter().map(|row| row.organization_id).collect(),
            office_title: boxed(row.office_title),
            languages: from_column(&row.languages)?,
            category: row.category,
            lifecycle: row.lifecycle,
            lifecycle_at: row.lifecycle_at,
            availability: row.availability,
            mark: MarkState { state: row.mark, method: boxed(row.mark_method), at: row.mark_at },
            widget: row.widget,
            aliases: aliases.collect(),
            source: row.source.into(),
            registered_at: row.registered_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }

    /// Rows of the page's co-owners.
    pub fn co_owner_rows(&self) -> impl Iterator<Item = page_co_owner::Model> + '_ {
        self.co_owners
            .iter()
            .map(|organization| page_co_owner::Model { page_id: self.id, organization_id: *organization })
    }

    /// Rows of the page's former and parallel handles.
    pub fn alias_rows(&self) -> impl Iterator<Item = page_alias::Model> + '_ {
        self.aliases.iter().map(|alias| page_alias::Model {
            page_id: self.id,
            handle: alias.handle.to_string(),
            kind: alias.kind,
            since: alias.since,
            until: alias.until,
        })
    }
}

impl From<&Page> for Model {
    fn from(record: &Page) -> Self {
        Self {
            id: record.id,
            platform_id: record.platform_id,
            native_id: owned(&record.native_id),
            handle: owned(&record.handle),
            title: record.title.to_string(),
            page_type: owned(&record.page_type),
            owner_id: record.owner_id,
            office_title: owned(&record.office_title),
            languages: to_column(&record.languages),
            category: record.category,
            lifecycle: record.lifecycle,
            lifecycle_at: record.lifecycle_at,
            availability: record.availability,
            mark: record.mark.state,
            mark_method: owned(&record.mark.method),
            mark_at: record.mark.at,
            widget: record.widget,
            source: record.source.to_string(),
            registered_at: record.registered_at,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
