//! Keys of a row's page (platform, native id, handle), the page of the registry that has them, and moved handles.

use super::{
    file::Row,
    mapping::PageMapping,
    row::Import,
    row_error::{Code, RowResult, refuse},
};
use crate::{
    address::{Address, Key},
    change_log::ChangeSet,
    import::cell,
    model::Page,
    provenance::{PageFieldName, is_pinned},
    snapshot::Snapshot,
};
use entities::{change::SubjectType, page_alias::Kind};

/// Keys of a page in a row.
pub(super) struct PageKeys {
    pub(super) platform_id: i64,
    pub(super) native_id: Option<Box<str>>,
    pub(super) handle: Option<Box<str>>,
}

impl PageKeys {
    /// Keys from an address alone.
    pub(super) fn of(address: Address) -> Self {
        let (native_id, handle) = match address.key {
            Key::NativeId(id) => (Some(id), None),
            Key::Handle(handle) => (None, Some(handle)),
        };
        Self { platform_id: address.platform_id, native_id, handle }
    }

    /// Whether a page has one of the keys.
    pub(super) fn is_of(&self, page: &Page) -> bool {
        let same = |own: &Option<Box<str>>, other: &Option<Box<str>>| own.is_some() && own == other;
        page.platform_id == self.platform_id
            && (same(&self.native_id, &page.native_id) || same(&self.handle, &page.handle))
    }
}

impl Import {
    pub(super) fn page_keys(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &PageMapping,
        address: Address,
    ) -> RowResult<PageKeys> {
        let Address { platform_id, key, .. } = address;
        let given = self.text(row, &mapping.native_id);
        let given = given.and_then(|text| {
            let id = native_id(snapshot, platform_id, &text);
            if id.is_none() {
                let text =
                    format!("`{text}` is not a page id of this platform. The page was imported without it.");
                let advice = "Give the id that the platform shows, or leave the cell empty.";
                self.warn(Code::BadValue, text, advice);
            }
            id
        });
        let (native_id, handle) = match key {
            Key::NativeId(of_address) => {
                if let Some(given) = given.filter(|given| *given != of_address) {
                    let text =
                        format!("The address has the id {of_address}, but the row has the id {given}.");
                    return refuse(Code::BadValue, text, "Correct the address or the id.");
                }
                (Some(of_address), None)
            }
            Key::Handle(handle) => (given, Some(handle)),
        };
        let keys = PageKeys { platform_id, native_id, handle };
        self.one_id(&keys)?;
        Ok(keys)
    }

    /// Refuses an id if other rows give the same handle another id that takes precedence: the id that the registry had
    /// for the handle before, or else the first.
    fn one_id(&self, keys: &PageKeys) -> RowResult<()> {
        let (Some(id), Some(handle)) = (&keys.native_id, &keys.handle) else { return Ok(()) };
        let claims = || self.survey.ids_at(keys.platform_id, handle);
        let is_known = |id: &&str| {
            let known = self.before.page_by_native_id(keys.platform_id, id);
            known.is_some_and(|known| known.handle.as_deref() == Some(handle))
        };
        match claims().find(is_known).or_else(|| claims().next()) {
            Some(counts) if *counts != **id => {
                let text = format!("Another row has the handle `{handle}` with the id {counts}, not {id}.");
                refuse(Code::DuplicateInFile, text, "Keep the row that is right.")
            }
            _ => Ok(()),
        }
    }

    /// Refuses a row whose platform column contradicts its address.
    pub(super) fn agrees(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &PageMapping,
        url: &str,
        platform_id: i64,
    ) -> RowResult<()> {
        let Some(given) = self.text(row, &mapping.platform) else { return Ok(()) };
        let platform = snapshot.platform(platform_id).expect("the address book has known platforms only");
        let names = platform.names.values().chain([&platform.code, &platform.name]);
        if names.into_iter().any(|name| name.to_lowercase() == given.to_lowercase()) {
            return Ok(());
        }
        refuse(
            Code::PlatformMismatch,
            format!("The row says {given}, but {url} is an address of {}.", platform.name),
            format!("Correct the platform to {}, or the address.", platform.name),
        )
    }

    /// Refuses a row that takes the handle of a page that another row of the file has, or that is newer; otherwise
    /// warns.
    pub(super) fn may_displace(
        &mut self,
        snapshot: &Snapshot,
        row: &Row,
        keys: &PageKeys,
        displaced: &Page,
    ) -> RowResult<()> {
        let handle = keys.handle.as_deref().unwrap_or_default();
        if is_pinned(snapshot, PageFieldName::Handle, displaced) {
            let text = format!("The handle `{handle}` was given to “{}” by hand.", displaced.title);
            let advice = "Correct the row, or unpin the handle of that page.";
            return refuse(Code::DuplicateInRegistry, text, advice);
        }
        self.not_older(row, (SubjectType::Page, displaced.id))?;
        if let Some(seen) = self.seen_pages.get(&displaced.id).filter(|seen| seen.first != row.number) {
            let text = format!("Row {} has the handle `{handle}` with another id.", seen.first);
            return refuse(Code::DuplicateInFile, text, "Keep the row that is right.");
        }
        let text = format!(
            "The handle `{handle}` belonged to “{}” ({}), whose record now has none, unless another row gives it one.",
            displaced.title,
            displaced.native_id.as_deref().unwrap_or("without an id")
        );
        self.warn(Code::HandleMoved, text, "Check which page the address leads to now.");
        Ok(())
    }

    /// Warns of a new page with a handle that another page had before.
    pub(super) fn warn_of_former(&mut self, snapshot: &Snapshot, keys: &PageKeys) {
        let Some(handle) = &keys.handle else { return };
        let Some(former) = snapshot.pages_by_alias(keys.platform_id, handle).next() else { return };
        let text =
            format!("The handle `{handle}` belonged to “{}”, which has another handle now.", former.title);
        self.warn(
            Code::HandleMoved,
            text,
            "Check that the address now leads to the page of this row's owner.",
        );
    }

    /// Sets a new native id or handle; returns the page that loses the handle, if there is one.
    pub(super) fn relocate(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        page: &mut Page,
        keys: PageKeys,
    ) -> RowResult<Option<Page>> {
        if let Some(native_id) = &keys.native_id {
            page.native_id = Some(native_id.clone());
        }
        if is_pinned(change_set.snapshot(), PageFieldName::Handle, page) {
            // It is only proposed: nobody loses the handle.
            let proposed = keys.handle.filter(|handle| !has_parallel(page, handle));
            page.handle = proposed.or_else(|| page.handle.take());
            return Ok(None);
        }
        // A page that is not live may keep a handle that a live page also has.
        let has_it = page.is_live() && page.handle == keys.handle;
        let Some(handle) = keys.handle.clone().filter(|_| !has_it) else { return Ok(None) };
        let holder = change_set.snapshot().page_by_handle(page.platform_id, &handle);
        let holder = holder.filter(|holder| holder.id != page.id).map(|holder| Page::clone(holder));
        match &holder {
            None => {}
            Some(holder) if holder.native_id.is_some() || !holder.is_live() => {
                self.may_displace(change_set.snapshot(), row, &keys, holder)?
            }
            Some(holder) => {
                let text =
                    format!("The handle `{handle}` belongs to “{}”, whose id is unknown.", holder.title);
                let advice = "Both may be the same page: archive the record without an id, or add its id.";
                return refuse(Code::DuplicateInRegistry, text, advice);
            }
        }
        // A parallel handle also leads to the page: no change.
        if page.handle.as_ref() != Some(&handle) && !has_parallel(page, &handle) {
            // A title that was only the handle or the id is replaced too.
            if has_no_title(page) && !is_pinned(change_set.snapshot(), PageFieldName::Title, page) {
                page.title = handle.clone();
            }
            page.rename(Some(handle), change_set.now());
        }
        Ok(holder)
    }
}

/// Whether a page has this parallel handle.
fn has_parallel(page: &Page, handle: &str) -> bool {
    page.aliases.iter().any(|alias| *alias.handle == *handle && alias.kind == Kind::Parallel)
}

/// Whether the title of a page is only its handle, its id, or a former handle.
fn has_no_title(page: &Page) -> bool {
    let was_handle = || page.handle.is_none() && page.aliases.iter().any(|alias| alias.handle == page.title);
    [&page.handle, &page.native_id].iter().any(|it| it.as_ref() == Some(&page.title)) || was_handle()
}

/// Normalises a native id; `None` if it cannot be one. If the platform has addresses by id, the id must give a valid
/// one.
pub(super) fn native_id(snapshot: &Snapshot, platform_id: i64, text: &str) -> Option<Box<str>> {
    snapshot.address_book().native_id(platform_id, &cell::unspoilt_code(text))
}

/// The page with the native id, or else with the handle; and, separately, a holder of the handle that is known to be
/// a different page.
pub(super) fn find<'a>(snapshot: &'a Snapshot, keys: &PageKeys) -> (Option<&'a Page>, Option<&'a Page>) {
    let by_id = keys.native_id.as_ref().and_then(|id| snapshot.page_by_native_id(keys.platform_id, id));
    if let Some(found) = by_id {
        return (Some(found), None);
    }
    let Some(handle) = &keys.handle else { return (None, None) };
    let by_alias = || {
        snapshot.pages_by_alias(keys.platform_id, handle).find(|page| {
            let mut aliases = page.aliases.iter();
            aliases.any(|alias| alias.handle == *handle && alias.kind == Kind::Parallel)
        })
    };
    let Some(holder) = snapshot.page_by_handle(keys.platform_id, handle).or_else(by_alias) else {
        return (None, None);
    };
    let is_another = match (&keys.native_id, &holder.native_id) {
        // A corrected id endures: the row's id becomes a proposal.
        (Some(own), Some(known)) => own != known && !is_pinned(snapshot, PageFieldName::NativeId, holder),
        // Whether an archived page had this id is unknown: treat it as another page.
        (Some(_), None) => !holder.is_live(),
        (None, _) => false,
    };
    if is_another { (None, Some(holder)) } else { (Some(holder), None) }
}
