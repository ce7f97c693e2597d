//! GraphQL types of histories.

use async_graphql::{Context, Enum, Object, SimpleObject};
use entities::change::{Audience, SubjectType};
use registry::{
    change_log::{Actor, HistoryStep, Registry, Role},
    snapshot::Filter,
    view::{View, differences},
};

use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        scalar::{DateTime, SafeInt},
        sequential::resolve_sequentially,
    },
};

/// Kind of a change.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::change::Kind")]
pub enum ChangeKind {
    /// Added to the registry.
    Created,
    /// Any other change.
    Updated,
    /// Lifecycle stage or status changed.
    StatusChanged,
    /// Name or handle changed.
    Renamed,
    /// Parent or owner changed.
    Moved,
    /// An authority became an institution, or the reverse; other fields may have changed with it. Its id stays the same.
    KindChanged,
    /// Registered as an official page.
    Registered,
    /// Found not to be an official page.
    Rejected,
    /// Formerly official, no longer in use.
    Archived,
    /// The owner lost control of the page.
    Compromised,
    /// Official or under review again.
    Restored,
    /// State of the mark changed.
    MarkChanged,
    /// API key revoked.
    Revoked,
    /// Statistics recorded for pages of a platform.
    StatisticsRecorded,
}

/// Role of the actor that made a change.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ChangeRole {
    /// Import of a file.
    Import,
    /// Country data pack.
    Pack,
    /// Operator of the registry.
    Operator,
    /// Client with a key, such as a partner platform.
    Partner,
    /// Generator of synthetic data.
    Generator,
}

/// Changed field with its values before and after.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// Name of the field in the API.
    pub field: String,
    /// Value before the change, as text; organizations and territories as codes. Null if there was none.
    pub before: Option<String>,
    /// Value after the change, in the same form. Null if there is none.
    pub after: Option<String>,
}

/// Entry of a subject's history: what changed, when, by which role, and why.
pub struct HistoryEntry<'a> {
    view: &'a View,
    step: HistoryStep,
}

resolve_sequentially!(HistoryEntry<'_>);

/// Entry of a subject's history: what changed, when, by which role, and why.
#[Object]
impl HistoryEntry<'_> {
    /// Sequence number of the change.
    async fn seq(&self) -> SafeInt {
        SafeInt(self.step.entry.seq)
    }

    /// Timestamp of the change.
    async fn at(&self) -> DateTime {
        DateTime(self.step.entry.at)
    }

    /// Kind of the change.
    async fn kind(&self) -> ChangeKind {
        self.step.entry.kind.into()
    }

    /// Role of the actor that made the change.
    async fn role(&self) -> ChangeRole {
        role(&self.step.entry.actor)
    }

    /// Reason for the change; null if none was given.
    async fn reason(&self) -> Option<&str> {
        self.step.entry.reason.as_deref()
    }

    /// Whether the change is a tombstone: the subject is no longer visible.
    async fn is_removal(&self) -> bool {
        self.step.entry.audience == Some(Audience::Removal)
    }

    /// Changed fields; in the oldest entry, all fields with a value. Tens at most. Empty for a tombstone, except with the
    /// scope `pages:review`.
    async fn fields(&self) -> Vec<FieldChange> {
        if self.step.entry.audience == Some(Audience::Removal) && !self.view.viewer().is_reviewer() {
            return Vec::new();
        }
        let fields = differences(self.view, self.step.before.as_ref(), &self.step.after);
        let changes = fields.into_iter().map(|(field, before, after)| FieldChange {
            field: field.to_owned(),
            before,
            after,
        });
        changes.collect()
    }
}

/// Role of an actor, from its text in the change log.
pub(super) fn role(actor: &str) -> ChangeRole {
    match Actor::parse(actor).role() {
        Role::Import => ChangeRole::Import,
        Role::Pack => ChangeRole::Pack,
        Role::Generator => ChangeRole::Generator,
        Role::Partner => ChangeRole::Partner,
        Role::Operator => ChangeRole::Operator,
    }
}

/// Connection over a subject's history, newest entry first.
///
/// # Errors
/// If `first` is out of bounds, the cursor is not of this list, or the database is unavailable.
pub async fn history_of<'a>(
    ctx: &Context<'_>,
    view: &'a View,
    subject: (SubjectType, i64),
    first: i32,
    after: Option<String>,
) -> Result<Connection<HistoryEntry<'a>>> {
    check_first(first, MAX_FIRST)?;
    let list = List::new(format!("history-{}", subject.1), &Filter::default(), subject.0);
    let before = after.map(|cursor| list.open(&cursor).ok_or(Error::InvalidCursor)).transpose()?;
    let registry: &Registry = ctx.data_unchecked();
    let count = first as usize;
    let (mut steps, total) =
        registry.history(subject, view.viewer(), (before, view.seq()), count + 1).await?;
    let has_next = steps.len() > count;
    steps.truncate(count);
    let items = steps.into_iter().map(|step| {
        let seq = step.entry.seq;
        (HistoryEntry { view, step }, seq)
    });
    Ok(Connection::new(list, items, before.is_some(), has_next, total))
}
