//! New state of a page, with the sources of the fields that an act sets.

use chrono::{DateTime, Utc};

use crate::{
    author::Author,
    change_log::ChangeSet,
    model::{FieldSource, Page, SourceRank, rank_of, set_source},
    snapshot::Snapshot,
};

/// New state of a page that an act is working on.
pub(super) struct PageDraft<'a> {
    pub(super) page: Page,
    pub(super) snapshot: &'a Snapshot,
    pub(super) author: &'a Author,
    /// Timestamp of the write.
    pub(super) at: DateTime<Utc>,
}

impl<'a> PageDraft<'a> {
    pub(super) fn new(page: Page, change_set: &'a ChangeSet, author: &'a Author) -> Self {
        Self { page, snapshot: change_set.snapshot(), author, at: change_set.now() }
    }

    /// Sets a field, whose source is an operator from now on: imports do not overwrite it. `field` is its name in the
    /// API.
    pub(super) fn set<T: PartialEq>(&mut self, field: &str, slot: fn(&mut Page) -> &mut T, value: T) {
        let slot = slot(&mut self.page);
        let is_same = *slot == value;
        *slot = value;
        self.claim(field, is_same);
    }

    /// Makes an operator the source of a field. Nothing changes if the value is the same, and an operator set it
    /// before.
    pub(super) fn claim(&mut self, field: &str, is_same: bool) {
        if is_same && rank_of(&self.page.field_sources, field) == SourceRank::Operator {
            return;
        }
        let source = self.author.name().into();
        let entry = FieldSource { field: field.into(), rank: SourceRank::Operator, source, at: self.at };
        set_source(&mut self.page.field_sources, entry);
    }
}
