//! Fields of a row of a page other than its address.

use entities::{change::SubjectType, page::Lifecycle};

use super::{
    file::Row,
    mapping::PageMapping,
    organizations::Owner,
    page_address::PageKeys,
    page_mark::lose_mark,
    pages::StagedPage,
    pinned::HeldBack,
    row::{Import, MAP_LANGUAGES},
    row_error::{Code, RowResult, refuse},
};
use crate::{
    change_log::ChangeSet,
    language,
    model::Page,
    provenance::{PageFieldName, is_pinned},
};

impl Import {
    /// First row of a page that the registry does not have.
    pub(super) fn new_page(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &PageMapping,
        keys: PageKeys,
        owner: &Owner,
        staged: &[StagedPage],
    ) -> RowResult<StagedPage> {
        let title = self
            .line(row, "title", &mapping.title)?
            .or_else(|| keys.handle.clone())
            .or_else(|| keys.native_id.clone());
        let seen = self.seen_first(row, mapping, &keys, owner, change_set.snapshot());
        self.warn_of_former(change_set.snapshot(), &keys);
        let beside = staged.iter().filter(|page| page.is_new).count() as i64;
        let id = change_set.next_page_id() + beside;
        let mut page = self.bare_page(change_set, id, keys, title.unwrap_or_default(), owner.state.id);
        self.fill_page(change_set, row, mapping, &mut page, owner)?;
        Ok(StagedPage {
            id: page.id,
            states: vec![(page, None)],
            displaced: None,
            figures: None,
            is_new: true,
            seen,
            held: HeldBack::nothing(),
        })
    }

    /// A registered page without the fields of its row.
    fn bare_page(
        &self,
        change_set: &ChangeSet,
        id: i64,
        keys: PageKeys,
        title: Box<str>,
        owner_id: i64,
    ) -> Page {
        let PageKeys { platform_id, native_id, handle } = keys;
        let (source, now) = (self.source.clone(), change_set.now());
        Page { native_id, handle, title, ..Page::registered(id, platform_id, owner_id, source, now) }
    }

    /// First row of a page that the registry has.
    pub(super) fn update_page(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &PageMapping,
        known: &Page,
        keys: PageKeys,
        owner: &Owner,
    ) -> RowResult<StagedPage> {
        let mut staged = StagedPage {
            id: known.id,
            states: Vec::new(),
            displaced: None,
            figures: None,
            is_new: false,
            seen: self.seen_first(row, mapping, &keys, owner, change_set.snapshot()),
            held: HeldBack::nothing(),
        };
        if let Some(held) = self.untouched(change_set, row, known)? {
            return Ok(StagedPage { held, ..staged });
        }
        let given = self.given_page_fields(row, mapping, &keys, known);
        let mut page = known.clone();
        self.reassign(change_set, &mut page, owner.state.id)?;
        staged.displaced = self.relocate(change_set, row, &mut page, keys)?;
        if matches!(known.lifecycle, Lifecycle::Archived | Lifecycle::Rejected) {
            let under_review = Page { lifecycle: Lifecycle::UnderReview, ..known.clone() };
            staged.states.push((under_review, Some("back in its source")));
            page.lifecycle = Lifecycle::Registered;
        }
        self.fill_page(change_set, row, mapping, &mut page, owner)?;
        let (mut page, held) = self.hold(change_set, row, (known, &page), &given)?;
        staged.held = held;
        lose_mark(change_set, known, &mut page);
        self.check_keys(change_set.snapshot(), &page, staged.displaced.as_ref())?;
        self.check_not_stale(change_set, row, (SubjectType::Page, known.id), &page)?;
        staged.states.push((page, None));
        Ok(staged)
    }

    /// What the row gives for a page that imports do not change; `None` for other pages. Refuses a rejected page.
    fn untouched(
        &self,
        change_set: &ChangeSet,
        row: &Row,
        known: &Page,
    ) -> RowResult<Option<HeldBack<PageFieldName>>> {
        let lifecycle = PageFieldName::Lifecycle;
        match known.lifecycle {
            Lifecycle::Rejected if !self.returning.contains(&(SubjectType::Page, known.id)) => {
                let suggestion = "Have the registry's operator review it again.";
                refuse(Code::DuplicateInRegistry, "This page was rejected before.", suggestion)
            }
            // Only a reviewer ends the state `COMPROMISED`; an import never does.
            Lifecycle::Compromised => Ok(Some(HeldBack::nothing())),
            // Archived by an operator: that it is registered is only proposed.
            Lifecycle::Archived | Lifecycle::Rejected
                if is_pinned(change_set.snapshot(), lifecycle, known) =>
            {
                let registered = Page { lifecycle: Lifecycle::Registered, ..known.clone() };
                let (_, held) = self.hold(change_set, row, (known, &registered), &[lifecycle])?;
                Ok(Some(held))
            }
            _ => Ok(None),
        }
    }

    /// Changes the owner, if the page is of this source.
    fn reassign(&self, change_set: &ChangeSet, page: &mut Page, owner_id: i64) -> RowResult<()> {
        // A page that its source archived, or that an undo rejected, may be taken over by another source.
        let is_given_up = page.lifecycle == Lifecycle::Archived
            || self.returning.contains(&(SubjectType::Page, page.id))
                && page.lifecycle == Lifecycle::Rejected;
        if page.source != self.source && is_given_up {
            page.source = self.source.clone();
            if page.owner_id != owner_id {
                page.co_owners.clear();
            }
        }
        if page.owner_id == owner_id || page.co_owners.contains(&owner_id) {
            return Ok(());
        }
        self.reassignable(change_set, page, owner_id)?;
        page.owner_id = owner_id;
        Ok(())
    }

    /// Refuses a new owner for a page of another source.
    pub(super) fn reassignable(&self, change_set: &ChangeSet, page: &Page, owner_id: i64) -> RowResult<()> {
        let is_known = page.owner_id == owner_id || page.co_owners.contains(&owner_id);
        if page.source != self.source && !is_known {
            let owner = change_set.snapshot().organization(page.owner_id).map_or("", |owner| &owner.name);
            let text = format!("The page belongs to “{owner}” according to the source {}.", page.source);
            return refuse(Code::DuplicateInRegistry, text, "Correct the owner in one of the sources.");
        }
        Ok(())
    }

    fn fill_page(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &PageMapping,
        page: &mut Page,
        owner: &Owner,
    ) -> RowResult<()> {
        self.describe(change_set, row, mapping, page)?;
        self.add_languages(row, mapping, page);
        self.add_co_owners(change_set.snapshot(), row, mapping, page);
        self.fill_mark(change_set, row, mapping, page, owner)
    }

    /// Sets title, type, office title, category, widget and first day.
    pub(super) fn describe(
        &self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &PageMapping,
        page: &mut Page,
    ) -> RowResult<()> {
        if let Some(title) = self.line(row, "title", &mapping.title)? {
            page.title = title;
        }
        for (field, value, slot) in [
            ("page type", &mapping.page_type, &mut page.page_type),
            ("title of office", &mapping.office_title, &mut page.office_title),
        ] {
            if let Some(text) = self.line(row, field, value)? {
                *slot = Some(text);
            }
        }
        if let Some(category) = self.member(row, "category", &mapping.category)? {
            page.category = Some(category);
        }
        if let Some(widget) = self.member(row, "widget", &mapping.widget)? {
            page.widget = widget;
        }
        if let Some(day) = self.day(row, &mapping.valid_from)? {
            if day > self.before.time_zone().day_of(change_set.now()) {
                return refuse(Code::BadValue, format!("{day} is in the future."), "Correct the date.");
            }
            page.valid_from = Some(day);
        }
        Ok(())
    }

    pub(super) fn add_languages(&self, row: &Row, mapping: &PageMapping, page: &mut Page) {
        for language in self.languages(row, mapping) {
            if !page.languages.contains(&language) {
                page.languages.push(language);
            }
        }
        page.languages.sort();
    }

    pub(super) fn languages(&self, row: &Row, mapping: &PageMapping) -> Vec<Box<str>> {
        let languages = mapping.languages.iter().flat_map(|value| value.list(row, &self.columns));
        languages.filter_map(|tag| language::canonical(&tag).ok()).map(Into::into).collect()
    }

    /// Warns of invalid language tags.
    pub(super) fn warn_of_languages(&mut self, row: &Row, mapping: &PageMapping) {
        let languages = mapping.languages.iter().flat_map(|value| value.list(row, &self.columns));
        for fault in languages.filter_map(|tag| language::canonical(&tag).err()).collect::<Vec<_>>() {
            self.warn(Code::BadValue, format!("{fault}. It was skipped."), MAP_LANGUAGES);
        }
    }
}
