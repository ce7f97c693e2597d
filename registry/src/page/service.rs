//! Acts on pages, each as one write.

use anyhow::Result;
use entities::{
    change::SubjectType,
    organization::Status,
    page::{Lifecycle, Rejection},
};

use super::{act::PageAct, address::PageKeys, draft::PageDraft, error::PageError, lifecycle::Effect};
use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{WriteRequest, Written, write_once},
    model::Page,
    provenance::PageFieldName,
    record_reference::PageReference,
};

/// Performs an act on a page; returns the id of the page.
///
/// # Errors
/// When the database does not answer, or the author's key was revoked. The inner error is the reason why the act is
/// refused.
pub async fn perform(
    registry: &Registry,
    request: WriteRequest,
    page: PageReference,
    act: PageAct,
) -> Result<Result<Written<i64>, PageError>> {
    let author = request.author.clone();
    let (subject, target) = (page.clone(), page.clone());
    let written = write_once(
        registry,
        request,
        move |snapshot, author| {
            let found = subject.resolve(snapshot, author).ok()?;
            Some((SubjectType::Page, found.id))
        },
        move |change_set, author| apply(change_set, author, &target, &act),
    );
    match written.await? {
        Ok(written) => Ok(Ok(written)),
        Err(error) => {
            // The refusal is about the state at the log's head.
            registry.catch_up().await?;
            let found = page.resolve(&registry.snapshot(), &author).ok().map(|page| page.id);
            Ok(Err(PageError { page_id: error.page_id.or(found), ..error }))
        }
    }
}

/// Performs an act on a page in a write that has begun; returns the id of the page.
///
/// # Errors
/// When the snapshot cannot apply the new state. The inner error is the reason why the act is refused.
pub fn apply(
    change_set: &mut ChangeSet,
    author: &Author,
    page: &PageReference,
    act: &PageAct,
) -> Result<Result<i64, PageError>> {
    match states_after(change_set, author, page, act) {
        Ok((id, states)) => {
            for state in states {
                change_set.upsert(state, None)?;
            }
            Ok(Ok(id))
        }
        Err(error) => Ok(Err(error)),
    }
}

/// Id of the page, and the states that an act leads it through, if the rules allow it.
fn states_after(
    change_set: &ChangeSet,
    author: &Author,
    page: &PageReference,
    act: &PageAct,
) -> Result<(i64, Vec<Page>), PageError> {
    let kind = act.kind();
    let known = page.resolve(change_set.snapshot(), author).map_err(PageError::of_page)?;
    if !kind.scopes().iter().any(|scope| author.has(*scope)) {
        return Err(PageError::lacks(kind.scopes()));
    }
    let effect = kind.effect(known.lifecycle);
    if effect == Effect::Illegal {
        return Err(PageError::illegal(kind, &known));
    }
    let mut draft = PageDraft::new(Page::clone(&known), change_set, author);
    draft.check_undo(act)?;
    draft.change(act)?;
    let mut states = Vec::new();
    match effect {
        Effect::To(next) => draft.enter(next)?,
        Effect::Reviewed(next) => {
            states.push(Page { lifecycle: Lifecycle::UnderReview, ..Page::clone(&known) });
            draft.enter(next)?;
        }
        Effect::Stays | Effect::Illegal => {}
    }
    states.push(draft.page);
    Ok((known.id, states))
}

impl PageDraft<'_> {
    /// Changes of an act, but for the stage.
    fn change(&mut self, act: &PageAct) -> Result<(), PageError> {
        match act {
            PageAct::Edit(edit) => self.edit(edit),
            PageAct::Rename(address) => self.rename(address),
            PageAct::ChangeOwner(owner) => self.change_owner(owner),
            PageAct::AddCoOwners(added) => self.add_co_owners(added),
            PageAct::RemoveCoOwners(removed) => self.remove_co_owners(removed),
            PageAct::RecordAvailability(check) => self.record_availability(*check),
            PageAct::RecordWidget(check) => self.record_widget(*check),
            PageAct::Reject(rejection) => {
                self.reject(*rejection);
                Ok(())
            }
            PageAct::StartReview
            | PageAct::Approve
            | PageAct::Archive
            | PageAct::Restore
            | PageAct::ReportCompromised
            | PageAct::ClearToRegistered
            | PageAct::ClearToArchived => Ok(()),
        }
    }

    fn reject(&mut self, rejection: Rejection) {
        self.page.rejection = Some(rejection);
    }

    /// Moves the page to another stage: an official page has an active owner, and a live one has keys of its own.
    fn enter(&mut self, next: Lifecycle) -> Result<(), PageError> {
        let was_live = self.page.is_live();
        if next == Lifecycle::Registered {
            let owner = self.snapshot.organization(self.page.owner_id);
            if let Some(owner) = owner.filter(|owner| owner.status != Status::Active) {
                return Err(PageError::not_active(owner, "page").about(self.page.id));
            }
            self.page.registered_at = self.page.registered_at.or(Some(self.at));
        }
        self.set(PageFieldName::Lifecycle, |page| &mut page.lifecycle, next)?;
        if self.page.is_live() && !was_live {
            let keys = PageKeys::of(&self.page);
            keys.are_free(self.snapshot, self.author, self.page.id)
                .map_err(|error| PageError { field: vec!["page".into()], ..error })?;
        }
        Ok(())
    }
}
