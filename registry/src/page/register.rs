//! Registration of pages that the registry does not have.

use anyhow::Result;

use super::{
    act::PageFields,
    address::{PageAddress, PageKeys},
    draft::PageDraft,
    error::PageError,
    owners,
};
use crate::{
    author::Author,
    change_log::{ChangeSet, Registry},
    idempotency::{WriteRequest, Written, write_once},
    model::{Page, Scope},
    provenance::PageFieldName,
    record_reference::OrganizationReference,
};

/// Source of pages that operators register: the name of a client would be public.
const SOURCE: &str = "operator";

/// Page to register as official.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct NewPage {
    pub address: PageAddress,
    /// Permanent id, if the address has none.
    pub native_id: Option<String>,
    pub owner: OrganizationReference,
    pub fields: PageFields,
}

/// Registers a page as official; returns its id.
///
/// # Errors
/// When the database does not answer, or the author's key was revoked. The inner error is the reason why the page is
/// refused.
pub async fn register(
    registry: &Registry,
    request: WriteRequest,
    new: NewPage,
) -> Result<Result<Written<i64>, PageError>> {
    let written = write_once(
        registry,
        request,
        |_, _| None,
        move |change_set, author| match new_page(change_set, author, &new) {
            Ok(page) => {
                let id = page.id;
                change_set.upsert(page, None)?;
                Ok(Ok(id))
            }
            Err(error) => Ok(Err(error)),
        },
    );
    let written = written.await?;
    if written.is_err() {
        // The refusal is about the state at the log's head.
        registry.catch_up().await?;
    }
    Ok(written)
}

/// A page to register, if the rules allow it.
pub(super) fn new_page(change_set: &ChangeSet, author: &Author, new: &NewPage) -> Result<Page, PageError> {
    if !author.has(Scope::Write) {
        return Err(PageError::lacks(&[Scope::Write]));
    }
    let snapshot = change_set.snapshot();
    let address = new.address.resolve(snapshot, author)?;
    let keys = PageKeys::new(snapshot, address, new.native_id.as_deref())?;
    let owner = owners::active(snapshot, author, &new.owner, "owner")?;
    keys.are_new(snapshot, author)?;
    let mut draft = PageDraft::new(bare_page(change_set, keys, owner.id), change_set, author);
    let has_handle = draft.page.handle.is_some();
    let has_id = draft.page.native_id.is_some();
    for (field, is_given) in [
        (PageFieldName::Owner, true),
        (PageFieldName::Lifecycle, true),
        (PageFieldName::Handle, has_handle),
        (PageFieldName::NativeId, has_id),
    ] {
        if is_given {
            draft.claim(field, false)?;
        }
    }
    draft.fill(&new.fields)?;
    Ok(draft.page)
}

/// A registered page with nothing but its keys and its owner.
fn bare_page(change_set: &ChangeSet, keys: PageKeys, owner_id: i64) -> Page {
    let PageKeys { platform_id, native_id, handle } = keys;
    let title = handle.clone().or_else(|| native_id.clone()).unwrap_or_default();
    let (id, now) = (change_set.next_page_id(), change_set.now());
    Page { native_id, handle, title, ..Page::registered(id, platform_id, owner_id, SOURCE.into(), now) }
}
