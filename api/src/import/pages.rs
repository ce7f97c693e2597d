//! Rows of pages: each with its owner and one or more addresses.

use entities::page::{Availability, Lifecycle, Mark, Widget};

use super::{
    file::Row,
    mapping::PageMapping,
    page_fields::refused,
    refusal::{Code, RowResult, Stop, refuse},
    row::{Import, SeenPage},
};
use crate::{
    address::{Address, Key},
    change::Draft,
    snapshot::{MarkState, Page, Snapshot},
};

/// What a row says of where a page is.
struct Place {
    platform_id: i64,
    native_id: Option<Box<str>>,
    handle: Option<Box<str>>,
}

impl Import {
    /// All pages of a row. Where one of several is refused, the others are taken in.
    pub(super) fn take_pages(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mut refused = None;
        // A row with several columns of addresses tells of its organization even when all are empty.
        let mut owner = if self.mapping.pages.len() > 1 { Some(self.owner(draft, row)?) } else { None };
        for mapping in self.mapping.pages.clone() {
            match self.take_page(draft, row, &mapping, &mut owner) {
                Err(Stop::Refused(refusal)) => refused = refused.or(Some(refusal)),
                other => other?,
            }
        }
        refused.map_or(Ok(()), |refusal| Err(Stop::Refused(refusal)))
    }

    fn take_page(
        &mut self,
        draft: &mut Draft,
        row: &Row,
        mapping: &PageMapping,
        owner: &mut Option<i64>,
    ) -> RowResult<()> {
        let Some(url) = mapping.url.text(row, &self.columns) else {
            if self.mapping.pages.len() > 1 {
                return Ok(());
            }
            return refuse(Code::MissingValue, "The row has no address.", "Fill in the page's address.");
        };
        let address =
            draft.snapshot().address_book().resolve(&url).or_else(|refusal| refused(&url, refusal))?;
        let place = self.place(row, mapping, address);
        let known = find(draft.snapshot(), &place).cloned();
        self.held_pages.extend(known.as_ref().map(|known| known.id));
        self.agrees(draft.snapshot(), row, mapping, &url, place.platform_id)?;
        let owner_id = match owner {
            Some(owner_id) => *owner_id,
            None => *owner.insert(self.owner(draft, row)?),
        };
        match known {
            None => self.create_page(draft, row, mapping, place, owner_id),
            Some(known) if self.seen_pages.contains_key(&known.id) => {
                self.join_page(draft, row, mapping, &known, owner_id)
            }
            Some(known) => self.update_page(draft, row, mapping, &known, place, owner_id),
        }
    }

    fn place(&self, row: &Row, mapping: &PageMapping, address: Address) -> Place {
        let given = self.boxed(row, &mapping.native_id);
        let (native_id, handle) = match address.key {
            Key::NativeId(native_id) => (Some(native_id), None),
            Key::Handle(handle) => (given, Some(handle)),
        };
        Place { platform_id: address.platform_id, native_id, handle }
    }

    /// Refuses a row whose platform column contradicts its address.
    fn agrees(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &PageMapping,
        url: &str,
        platform_id: i64,
    ) -> RowResult<()> {
        let Some(said) = self.text(row, &mapping.platform) else { return Ok(()) };
        let platform = snapshot.platform(platform_id).expect("the address book holds known platforms only");
        let names = platform.names.values().chain([&platform.code, &platform.name]);
        if names.into_iter().any(|name| name.to_lowercase() == said.to_lowercase()) {
            return Ok(());
        }
        refuse(
            Code::PlatformMismatch,
            format!("The row says {said}, but {url} is an address of {}.", platform.name),
            format!("Correct the platform to {}, or the address.", platform.name),
        )
    }

    fn create_page(
        &mut self,
        draft: &mut Draft,
        row: &Row,
        mapping: &PageMapping,
        place: Place,
        owner_id: i64,
    ) -> RowResult<()> {
        let mut page = self.new_page(draft, row, mapping, place, owner_id);
        self.fill_page(draft.snapshot(), row, mapping, &mut page)?;
        self.held_pages.insert(page.id);
        let id = page.id;
        draft.put(page, None)?;
        self.counts.pages.count(true, true);
        self.take_figures(draft, row, mapping, id)?;
        self.see_page(row, mapping, id, owner_id);
        Ok(())
    }

    fn new_page(&self, draft: &Draft, row: &Row, mapping: &PageMapping, place: Place, owner_id: i64) -> Page {
        let title = self
            .boxed(row, &mapping.title)
            .or_else(|| place.handle.clone())
            .or_else(|| place.native_id.clone());
        Page {
            id: draft.next_page_id(),
            platform_id: place.platform_id,
            native_id: place.native_id,
            handle: place.handle,
            title: title.unwrap_or_default(),
            page_type: None,
            owner_id,
            co_owners: Vec::new(),
            office_title: None,
            languages: Vec::new(),
            category: None,
            lifecycle: Lifecycle::Registered,
            lifecycle_at: None,
            availability: Availability::Unknown,
            mark: MarkState { state: Mark::None, method: None, at: None },
            widget: Widget::NotRequired,
            aliases: Vec::new(),
            source: self.source.clone(),
            registered_at: Some(draft.now()),
            created_at: draft.now(),
            updated_at: draft.now(),
        }
    }

    /// First row of a page that the registry has.
    fn update_page(
        &mut self,
        draft: &mut Draft,
        row: &Row,
        mapping: &PageMapping,
        known: &Page,
        place: Place,
        owner_id: i64,
    ) -> RowResult<()> {
        let mut page = known.clone();
        match known.lifecycle {
            Lifecycle::Rejected => {
                let suggestion = "Have the registry's operator review it again.";
                return refuse(Code::DuplicateInRegistry, "This page was rejected before.", suggestion);
            }
            // Only a reviewer ends a compromise; the file cannot know of it.
            Lifecycle::Compromised => {
                self.counts.pages.count(false, false);
                self.see_page(row, mapping, known.id, owner_id);
                return Ok(());
            }
            _ => {}
        }
        self.reassign(draft.snapshot(), &mut page, owner_id)?;
        self.relocate(draft, &mut page, place)?;
        self.fill_page(draft.snapshot(), row, mapping, &mut page)?;
        if draft.would_change(&page) {
            self.fresh(row, known.updated_at)?;
        }
        if known.lifecycle == Lifecycle::Archived {
            draft.put(
                Page { lifecycle: Lifecycle::UnderReview, ..known.clone() },
                Some("back in its source"),
            )?;
            page.lifecycle = Lifecycle::Registered;
        }
        let is_changed = draft.put(page, None)?;
        self.counts.pages.count(false, is_changed);
        self.take_figures(draft, row, mapping, known.id)?;
        self.see_page(row, mapping, known.id, owner_id);
        Ok(())
    }

    /// Gives a page to another owner, where its own source says so.
    fn reassign(&self, snapshot: &Snapshot, page: &mut Page, owner_id: i64) -> RowResult<()> {
        if page.owner_id == owner_id || page.co_owners.contains(&owner_id) {
            return Ok(());
        }
        if page.source != self.source {
            let owner = snapshot.organization(page.owner_id).map_or("", |owner| &owner.name);
            let text = format!("The page belongs to “{owner}”, says the source {}.", page.source);
            return refuse(
                Code::DuplicateInRegistry,
                text,
                "Make the organizations co-owners, or correct one.",
            );
        }
        page.owner_id = owner_id;
        Ok(())
    }

    fn see_page(&mut self, row: &Row, mapping: &PageMapping, id: i64, owner_id: i64) {
        let languages = self.languages(row, mapping);
        self.seen_pages.insert(id, SeenPage { first: row.number, owners: vec![owner_id], languages });
    }

    /// Later row of the same page: another owner becomes a co-owner, another language is added.
    fn join_page(
        &mut self,
        draft: &mut Draft,
        row: &Row,
        mapping: &PageMapping,
        known: &Page,
        owner_id: i64,
    ) -> RowResult<()> {
        let languages = self.languages(row, mapping);
        let Some(seen) = self.seen_pages.get_mut(&known.id) else { return Ok(()) };
        let says_more =
            !seen.owners.contains(&owner_id) || languages.iter().any(|it| !seen.languages.contains(it));
        if !says_more {
            let owner = draft.snapshot().organization(owner_id).map_or("", |owner| &owner.name);
            let text = format!("Row {} has this page of “{owner}” already.", seen.first);
            return refuse(Code::DuplicateInFile, text, "Keep one of the rows.");
        }
        seen.owners.push(owner_id);
        seen.languages.extend(languages);
        let mut page = known.clone();
        if page.owner_id != owner_id && !page.co_owners.contains(&owner_id) {
            page.co_owners.push(owner_id);
            page.co_owners.sort_unstable();
        }
        self.add_languages(row, mapping, &mut page);
        draft.put(page, Some("another row of the file"))?;
        Ok(())
    }

    /// Takes in a native id that was unknown, or a handle that changed.
    fn relocate(&self, draft: &Draft, page: &mut Page, place: Place) -> RowResult<()> {
        let taken = |text: &str| {
            refuse(
                Code::DuplicateInRegistry,
                format!("Another page of the registry has {text}."),
                "Check which page the address leads to today, and archive the other.",
            )
        };
        if let Some(native_id) = place.native_id {
            match &page.native_id {
                Some(known) if *known != native_id => {
                    return taken(&format!("this handle, with the id {known}"));
                }
                _ => page.native_id = Some(native_id),
            }
        }
        let Some(handle) = place.handle.filter(|handle| page.handle.as_ref() != Some(handle)) else {
            return Ok(());
        };
        let holder = draft.snapshot().page_by_handle(page.platform_id, &handle);
        if holder.is_some_and(|holder| holder.is_live() && holder.id != page.id) {
            return taken(&format!("the handle `{handle}`"));
        }
        // A parallel handle leads to the page as well as its own: nothing has changed.
        if page
            .aliases
            .iter()
            .all(|alias| alias.handle != handle || alias.kind != entities::page_alias::Kind::Parallel)
        {
            page.rename(Some(handle), draft.now());
        }
        Ok(())
    }
}

/// The page at this place: by its permanent id, or by a handle that leads to it today.
fn find<'a>(snapshot: &'a Snapshot, place: &Place) -> Option<&'a Page> {
    let by_id = place.native_id.as_ref().and_then(|id| snapshot.page_by_native_id(place.platform_id, id));
    if let Some(found) = by_id {
        return Some(found);
    }
    let handle = place.handle.as_ref()?;
    let by_alias = || {
        snapshot.pages_by_alias(place.platform_id, handle).find(|page| {
            let mut aliases = page.aliases.iter();
            aliases.any(|alias| alias.handle == *handle && alias.kind == entities::page_alias::Kind::Parallel)
        })
    };
    snapshot.page_by_handle(place.platform_id, handle).or_else(by_alias).map(|page| &**page)
}
