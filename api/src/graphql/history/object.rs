//! GraphQL types of histories.

use async_graphql::{Context, Enum, Object, SimpleObject};
use entities::change::{Audience, SubjectType};
use registry::{
    change_log::{Actor, Registry, Role, Step},
    snapshot::Filter,
    view::{View, differences},
};

use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, List, MAX_FIRST, check_first},
        scalar::{Count, DateTime},
        sequential::in_turn,
    },
};

/// What happened to the subject of a change.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::change::Kind")]
pub enum ChangeKind {
    /// Entered into the registry.
    Created,
    /// Changed in some other way.
    Updated,
    /// Moved on to another stage of life.
    StatusChanged,
    /// Got another name or handle.
    Renamed,
    /// Got another parent or owner.
    Moved,
    /// Registered as an official page.
    Registered,
    /// Found not to be an official page.
    Rejected,
    /// No longer kept.
    Archived,
    /// Lost to somebody else.
    Compromised,
    /// Official or looked at again.
    Restored,
    /// Got another state of its mark.
    MarkChanged,
    /// Key taken away.
    Revoked,
    /// Figures recorded for pages of a platform.
    StatisticsRecorded,
}

/// Role in which a change was made.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ChangeRole {
    /// Import of a file.
    Import,
    /// Pack of a country's data.
    Pack,
    /// Operator of the registry.
    Operator,
    /// Client with a key, such as a partner platform.
    Partner,
    /// Generator of synthetic data.
    Generator,
}

/// Field that a change gave another value.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// Name of the field in the API.
    pub field: String,
    /// Value before the change, as text; organizations and territories by code. Null where there was none.
    pub before: Option<String>,
    /// Value after the change, as text. Null where there is none.
    pub after: Option<String>,
}

/// Step of a subject's history: what changed, when, by which role, and why.
pub struct HistoryEntry<'a> {
    view: &'a View,
    step: Step,
}

in_turn!(HistoryEntry<'_>);

/// Step of a subject's history: what changed, when, by which role, and why.
#[Object]
impl HistoryEntry<'_> {
    /// Place of the change in the change log.
    async fn seq(&self) -> Count {
        Count(self.step.entry.seq.unsigned_abs())
    }

    /// Timestamp of the change.
    async fn at(&self) -> DateTime {
        DateTime(self.step.entry.at)
    }

    /// What happened.
    async fn kind(&self) -> ChangeKind {
        self.step.entry.kind.into()
    }

    /// Role in which the change was made.
    async fn role(&self) -> ChangeRole {
        role(&self.step.entry.actor)
    }

    /// Reason of the change, where one was given.
    async fn reason(&self) -> Option<&str> {
        self.step.entry.reason.as_deref()
    }

    /// Whether the subject is no longer to be seen after the change.
    async fn is_removal(&self) -> bool {
        self.step.entry.audience == Some(Audience::Removal)
    }

    /// Fields that got another value; all that have one in the first step. Tens at most; none in a removal.
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

/// Role of an actor, as the log holds it.
pub(super) fn role(actor: &str) -> ChangeRole {
    match Actor::parse(actor).role() {
        Role::Import => ChangeRole::Import,
        Role::Pack => ChangeRole::Pack,
        Role::Generator => ChangeRole::Generator,
        Role::Partner => ChangeRole::Partner,
        Role::Operator => ChangeRole::Operator,
    }
}

/// Window of a subject's history, the newest step first.
///
/// # Errors
/// When `first` is out of bounds, the cursor is none of this list, or the database does not answer.
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
        let place = step.entry.seq;
        (HistoryEntry { view, step }, place)
    });
    Ok(Connection::new(list, items, before.is_some(), has_next, total))
}
