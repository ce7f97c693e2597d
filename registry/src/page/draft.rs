//! New state of a page, with the sources of the fields that an act sets.

use chrono::{DateTime, Utc};

use super::{act::PageAct, error::PageError};
use crate::{
    author::Author,
    change_log::ChangeSet,
    model::{Page, SourceRank, rank_of},
    provenance::{Origin, PageFieldName, Precedence, RecordField, set_field_source},
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

    /// Sets a field, whose source is the author from now on: imports do not overwrite it. Refused if the field's source
    /// outranks the author.
    pub(super) fn set<T: PartialEq>(
        &mut self,
        field: PageFieldName,
        slot: fn(&mut Page) -> &mut T,
        value: T,
    ) -> Result<(), PageError> {
        let is_same = *slot(&mut self.page) == value;
        self.claim(field, is_same)?;
        *slot(&mut self.page) = value;
        Ok(())
    }

    /// Makes the author the source of a field. Nothing changes if the value is the same, and its source is of the same
    /// rank or outranks the author.
    pub(super) fn claim(&mut self, field: PageFieldName, is_same: bool) -> Result<(), PageError> {
        let is_outranked = self.is_outranked(field);
        let rank = rank_of(&self.page.field_sources, field.name());
        if is_same && (is_outranked || rank == self.author.rank()) {
            return Ok(());
        }
        if is_outranked && !has_own_rules(field) {
            return Err(PageError::outranked(field.name(), rank));
        }
        set_field_source(&mut self.page, field, Origin::of(self.author, self.at));
        Ok(())
    }

    /// Refuses an act that would undo what an operator decided about the stage, unless the author is one.
    pub(super) fn check_undo(&self, act: &PageAct) -> Result<(), PageError> {
        let undoes = matches!(act, PageAct::Restore | PageAct::ClearToRegistered);
        let source = rank_of(&self.page.field_sources, PageFieldName::Lifecycle.name());
        if undoes && source == SourceRank::Operator && self.author.rank() < SourceRank::Operator {
            return Err(PageError::not_allowed("the stage of the page: an operator decided on it", "page"));
        }
        Ok(())
    }

    /// Whether the field has a source of its own that outranks the author.
    fn is_outranked(&self, field: PageFieldName) -> bool {
        let mut sources = self.page.field_sources.iter();
        let known = sources.find(|it| *it.field == *field.name());
        let precedence = Precedence::of(self.snapshot);
        known.is_some_and(|known| precedence.outranks(field, known.rank, self.author.rank()))
    }
}

/// Whether other rules than precedence say who may set a field: the table of the lifecycle with
/// [`PageDraft::check_undo`], and the times of checks.
fn has_own_rules(field: PageFieldName) -> bool {
    matches!(field, PageFieldName::Lifecycle | PageFieldName::Availability | PageFieldName::Widget)
}
