//! The mark of a row's page.

use entities::{organization::Status, page::Mark};

use super::{
    file::Row,
    mapping::PageMapping,
    organizations::Owner,
    row::Import,
    row_error::{Code, RowResult},
};
use crate::{
    change_log::ChangeSet,
    model::{MarkState, Page},
    provenance::{PageFieldName, is_pinned},
};

impl Import {
    /// The mark with its method and date. An invalid mark is skipped with a warning.
    pub(super) fn fill_mark(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &PageMapping,
        page: &mut Page,
        owner: &Owner,
    ) -> RowResult<()> {
        let Some(state) = self.member(row, "mark", &mapping.mark)? else { return Ok(()) };
        let (known, at) = (&page.mark, self.timestamp(row, &mapping.mark_at)?);
        let mark = MarkState {
            state,
            method: self.boxed(row, &mapping.mark_method),
            at,
            // Files have no last day: that of the same mark stays.
            expires_on: known.expires_on.filter(|_| (known.state, known.at) == (state, at)),
        };
        let platform = change_set.snapshot().platform(page.platform_id);
        let methods = platform.map(|platform| &*platform.mark_methods).unwrap_or_default();
        // A mark is confirmed for an owner: a successor needs a new confirmation.
        let is_owner_s = owner.named_id == owner.state.id && owner.state.status == Status::Active;
        match mark.fault(methods, change_set.now(), is_owner_s) {
            None => page.mark = mark,
            Some(fault) => {
                let text = format!("{fault} The page was imported without the mark.");
                let advice = if methods.is_empty() {
                    "Remove the mark; this platform has no marks.".to_owned()
                } else if !is_owner_s {
                    "Remove the mark, or name the current owner of the page.".to_owned()
                } else {
                    format!("Give the date and one of the methods: {}.", methods.join(", "))
                };
                self.warn(Code::MarkNotAllowed, text, advice);
            }
        }
        Ok(())
    }
}

/// Sets a pinned, confirmed mark to lost if the page gets another owner: it was confirmed for the former one, and the
/// row cannot confirm it for the new one.
pub(super) fn lose_mark(change_set: &ChangeSet, known: &Page, page: &mut Page) {
    let is_moved = page.owner_id != known.owner_id && page.mark.state == Mark::Confirmed;
    if is_moved && is_pinned(change_set.snapshot(), PageFieldName::Mark, known) {
        page.mark = page.mark.in_state(Mark::Lost, change_set.now());
    }
}
