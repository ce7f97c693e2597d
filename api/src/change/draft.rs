//! A write in the making: rules read the state at the log's head and put new states of subjects.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use chrono::{DateTime, SubsecRound, Utc};
use entities::{change::Kind, import_job, import_row_error};

use super::kind;
use crate::snapshot::{
    Client, IdentifierScheme, Organization, Page, Platform, Record, Sector, Snapshot, Territory,
};

/// Changes that will be written together or not at all.
///
/// Everything that rules decide here is a pure function of the snapshot at the log's head: the write
/// lock is held, so nobody else can change the registry between the decision and the commit.
pub struct Draft {
    snapshot: Snapshot,
    pub(super) at: DateTime<Utc>,
    pub(super) actor: Box<str>,
    pub(super) changes: Vec<DraftedChange>,
    pub(super) progress: Option<JobProgress>,
    pub(super) meta: HashMap<String, String>,
}

pub(super) struct DraftedChange {
    pub(super) kind: Kind,
    pub(super) after: Record,
    pub(super) reason: Option<Box<str>>,
    /// Where the subject is, for feeds by territory.
    pub(super) territory_id: Option<i64>,
    /// Whether a page gives up a key that another one may take in the same write.
    pub(super) frees_key: bool,
    pub(super) changes_mark: bool,
    pub(super) is_new: bool,
}

/// How far an import came, written with the rows it covers.
#[derive(Clone)]
pub struct JobProgress {
    /// The job after these rows.
    pub job: import_job::Model,
    /// Rows refused among them.
    pub errors: Vec<import_row_error::Model>,
}

impl Draft {
    /// A draft that will never be written, to see what rules would do.
    pub fn preview(snapshot: Snapshot) -> Self {
        Self::new(snapshot, "preview".into())
    }

    pub(super) fn new(snapshot: Snapshot, actor: Box<str>) -> Self {
        let at = Utc::now().trunc_subsecs(6);
        Self { snapshot, at, actor, changes: Vec::new(), progress: None, meta: HashMap::new() }
    }

    /// The registry as it will be with all that was put so far.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Moment of the write, to the microsecond.
    pub fn now(&self) -> DateTime<Utc> {
        self.at
    }

    /// Puts the new state of a subject; `false` when it is the state it has.
    ///
    /// # Errors
    /// When the state could not be taken into the snapshot.
    pub fn put(&mut self, record: impl Into<Record>, reason: Option<&str>) -> Result<bool> {
        let record = record.into();
        let last = updated_at(&self.snapshot, &record).unwrap_or(self.at);
        let record = stamped(record, last);
        let Some(kind) = kind::of(&self.snapshot, &record) else { return Ok(false) };
        let after = stamped(record, self.at);
        let before = match &after {
            Record::Page(page) => self.snapshot.page(page.id).cloned(),
            _ => None,
        };
        self.snapshot.apply(after.clone())?;
        let territory_id = self.territory_of(&after);
        self.changes.push(DraftedChange {
            kind,
            reason: reason.map(Into::into),
            territory_id,
            frees_key: matches!((&before, &after), (Some(before), Record::Page(after)) if frees_key(before, after)),
            changes_mark: match (&before, &after) {
                (Some(before), Record::Page(after)) => before.mark != after.mark,
                (None, Record::Page(after)) => after.mark.state != entities::page::Mark::None,
                _ => false,
            },
            is_new: matches!(kind, Kind::Created) || (before.is_none() && matches!(after, Record::Page(_))),
            after,
        });
        Ok(true)
    }

    /// Notes how far an import came; the last note counts.
    pub fn note_progress(&mut self, progress: JobProgress) {
        self.progress = Some(progress);
    }

    /// Notes a fact about the registry itself.
    pub fn note_meta(&mut self, key: &str, value: &str) {
        self.meta.insert(key.to_owned(), value.to_owned());
    }

    /// The snapshot once the draft has become the changes up to `seq`.
    pub(super) fn into_snapshot(mut self, seq: i64) -> Snapshot {
        self.snapshot.advance(seq);
        self.snapshot
    }

    fn territory_of(&self, record: &Record) -> Option<i64> {
        match record {
            Record::Territory(territory) => Some(territory.id),
            Record::Organization(organization) => organization.territory_id,
            Record::Page(page) => self.snapshot.organization(page.owner_id)?.territory_id,
            _ => None,
        }
    }
}

/// Ids are dense and given out under the write lock, so that a repeated run gives the same ones.
macro_rules! next_ids {
    ($($(#[$doc:meta])* $name:ident from $table:ident;)+) => {
        impl Draft {
            $($(#[$doc])* pub fn $name(&self) -> i64 {
                self.snapshot.$table().get_max().map_or(1, |(id, _)| id + 1)
            })+
        }
    };
}

next_ids! {
    /// Id for the next territory.
    next_territory_id from territories;
    /// Id for the next sector.
    next_sector_id from sectors;
    /// Id for the next identifier scheme.
    next_scheme_id from schemes;
    /// Id for the next platform.
    next_platform_id from platforms;
    /// Id for the next organization.
    next_organization_id from organizations;
    /// Id for the next page.
    next_page_id from pages;
    /// Id for the next client.
    next_client_id from clients;
}

fn frees_key(before: &Page, after: &Page) -> bool {
    before.is_live()
        && (!after.is_live() || before.handle != after.handle || before.native_id != after.native_id)
}

/// When the subject was last written.
fn updated_at(snapshot: &Snapshot, record: &Record) -> Option<DateTime<Utc>> {
    let id = record.id();
    match record {
        Record::Territory(_) => snapshot.territory(id).map(|before| before.updated_at),
        Record::Sector(_) => snapshot.sector(id).map(|before| before.updated_at),
        Record::IdentifierScheme(_) => snapshot.scheme(id).map(|before| before.updated_at),
        Record::Platform(_) => snapshot.platform(id).map(|before| before.updated_at),
        Record::Organization(_) => snapshot.organization(id).map(|before| before.updated_at),
        Record::Page(_) => snapshot.page(id).map(|before| before.updated_at),
        Record::Client(_) => None,
    }
}

/// The record with the moment of the write as its time of update.
fn stamped(record: Record, at: DateTime<Utc>) -> Record {
    match record {
        Record::Territory(record) => Territory { updated_at: at, ..Arc::unwrap_or_clone(record) }.into(),
        Record::Sector(record) => Sector { updated_at: at, ..Arc::unwrap_or_clone(record) }.into(),
        Record::IdentifierScheme(record) => {
            IdentifierScheme { updated_at: at, ..Arc::unwrap_or_clone(record) }.into()
        }
        Record::Platform(record) => Platform { updated_at: at, ..Arc::unwrap_or_clone(record) }.into(),
        Record::Organization(record) => {
            Organization { updated_at: at, ..Arc::unwrap_or_clone(record) }.into()
        }
        Record::Page(record) => Page { updated_at: at, ..Arc::unwrap_or_clone(record) }.into(),
        Record::Client(record) => Record::Client(record),
    }
}

macro_rules! into_record {
    ($($name:ident),+) => {
        $(impl From<$name> for Record {
            fn from(record: $name) -> Self {
                Self::$name(Arc::new(record))
            }
        })+
    };
}
into_record!(Territory, Sector, IdentifierScheme, Platform, Organization, Page, Client);

impl Draft {
    /// Whether putting the record would change anything.
    pub fn would_change<T: Clone + Into<Record>>(&self, record: &T) -> bool {
        let record = record.clone().into();
        let last = updated_at(&self.snapshot, &record).unwrap_or(self.at);
        kind::of(&self.snapshot, &stamped(record, last)).is_some()
    }
}
