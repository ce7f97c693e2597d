//! State of a page with its co-owners and aliases.

use chrono::{DateTime, NaiveDate, Utc};
use entities::{
    page::{Availability, Category, Lifecycle, Mark, Model, Rejection, Widget},
    page_alias, page_co_owner,
};
use serde::{Deserialize, Serialize};

use super::{FieldSource, boxed, from_column, owned, to_column};

/// An official page of an organization on one platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Page {
    pub id: i64,
    pub platform_id: i64,
    pub native_id: Option<Box<str>>,
    /// Case-folded by the rules of the platform.
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
    /// Timestamp of the last lifecycle change; set by `ChangeSet::upsert`.
    #[serde(default)]
    pub lifecycle_at: Option<DateTime<Utc>>,
    pub availability: Availability,
    /// Timestamp of the last check of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability_checked_at: Option<DateTime<Utc>>,
    pub mark: MarkState,
    pub widget: Widget,
    /// Timestamp of the last check of the widget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub widget_checked_at: Option<DateTime<Utc>>,
    /// Why it was rejected; `ChangeSet::upsert` removes it from a page in another stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
    /// By handle.
    pub aliases: Vec<Alias>,
    pub source: Box<str>,
    /// Sources of the fields that are not of `source`, by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub field_sources: Vec<FieldSource>,
    pub registered_at: Option<DateTime<Utc>>,
    /// Day since which the page is official according to its source; independent of the log's timestamps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// The platform's mark for state organizations, its confirmation method and date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct MarkState {
    pub state: Mark,
    pub method: Option<Box<str>>,
    pub at: Option<DateTime<Utc>>,
    /// Last day of a confirmed mark, in the registry's time zone; also of one that has expired since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
}

impl MarkState {
    /// No mark.
    pub const NONE: Self = Self { state: Mark::None, method: None, at: None, expires_on: None };

    /// The mark in another state since `at`, with the same method.
    pub fn in_state(&self, state: Mark, at: DateTime<Utc>) -> Self {
        Self { state, method: self.method.clone(), at: Some(at), expires_on: None }
    }

    /// Message for an invalid mark. A confirmed mark needs a method of its platform, a date, and an active
    /// organization as owner; no date may be in the future.
    pub fn fault(&self, methods: &[Box<str>], now: DateTime<Utc>, owner_is_active: bool) -> Option<String> {
        let is_confirmed = self.state == Mark::Confirmed;
        if self.at.is_some_and(|at| at > now) {
            return Some("The date of the mark is in the future.".into());
        }
        if self.expires_on.is_some() && !matches!(self.state, Mark::Confirmed | Mark::Expired) {
            return Some("Only a mark that is or was confirmed has a last day.".into());
        }
        if self.state == Mark::None {
            return None;
        }
        if methods.is_empty() {
            return Some("The platform has no mark for state organizations.".into());
        }
        if let Some(method) = self.method.as_ref().filter(|method| !methods.contains(method)) {
            return Some(format!("`{method}` is not a mark method of the platform."));
        }
        if is_confirmed && (self.method.is_none() || self.at.is_none()) {
            return Some("A confirmed mark needs a method and a date.".into());
        }
        (is_confirmed && !owner_is_active)
            .then(|| "Only a page of an active organization can have a confirmed mark.".into())
    }
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
    /// A page that is registered at a timestamp, with nothing but its platform and its owner.
    pub(crate) fn registered(
        id: i64,
        platform_id: i64,
        owner_id: i64,
        source: Box<str>,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            platform_id,
            native_id: None,
            handle: None,
            title: "".into(),
            page_type: None,
            owner_id,
            co_owners: Vec::new(),
            office_title: None,
            languages: Vec::new(),
            category: None,
            lifecycle: Lifecycle::Registered,
            lifecycle_at: None,
            availability: Availability::Unknown,
            availability_checked_at: None,
            mark: MarkState::NONE,
            widget: Widget::NotRequired,
            widget_checked_at: None,
            rejection: None,
            aliases: Vec::new(),
            source,
            field_sources: Vec::new(),
            registered_at: Some(at),
            valid_from: None,
            created_at: at,
            updated_at: at,
        }
    }

    /// Whether the page is live: native ids and handles are unique among live pages.
    pub fn is_live(&self) -> bool {
        !matches!(self.lifecycle, Lifecycle::Rejected | Lifecycle::Archived)
    }

    /// Whether the page is public, provided that its owner is.
    pub fn is_public(&self) -> bool {
        matches!(self.lifecycle, Lifecycle::Registered | Lifecycle::Archived | Lifecycle::Compromised)
    }

    /// Whether the page is official at present.
    pub fn is_official(&self) -> bool {
        self.lifecycle == Lifecycle::Registered
    }

    /// Changes the handle and keeps the old one as a former handle.
    pub fn rename(&mut self, handle: Option<Box<str>>, at: DateTime<Utc>) {
        let old = std::mem::replace(&mut self.handle, handle);
        let current = self.handle.clone();
        self.aliases
            .retain(|alias| Some(&alias.handle) != old.as_ref() && Some(&alias.handle) != current.as_ref());
        let Some(old) = old.filter(|old| Some(old) != current.as_ref()) else { return };
        self.aliases.push(Alias {
            handle: old,
            kind: page_alias::Kind::Former,
            since: None,
            until: Some(at),
        });
        self.aliases.sort_by(|left, right| left.handle.cmp(&right.handle));
    }

    /// Builds a page from its rows.
    ///
    /// # Errors
    /// When a JSON column cannot be parsed.
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
            availability_checked_at: row.availability_checked_at,
            mark: MarkState {
                state: row.mark,
                method: boxed(row.mark_method),
                at: row.mark_at,
                expires_on: row.mark_expires_on,
            },
            widget: row.widget,
            widget_checked_at: row.widget_checked_at,
            rejection: row.rejection,
            aliases: aliases.collect(),
            source: row.source.into(),
            field_sources: from_column(&row.field_sources)?,
            registered_at: row.registered_at,
            valid_from: row.valid_from,
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

    /// Rows of the former and parallel handles.
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
            availability_checked_at: record.availability_checked_at,
            mark: record.mark.state,
            mark_method: owned(&record.mark.method),
            mark_at: record.mark.at,
            mark_expires_on: record.mark.expires_on,
            widget: record.widget,
            widget_checked_at: record.widget_checked_at,
            rejection: record.rejection,
            source: record.source.to_string(),
            field_sources: to_column(&record.field_sources),
            registered_at: record.registered_at,
            valid_from: record.valid_from,
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}
