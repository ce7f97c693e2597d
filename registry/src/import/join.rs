//! Later rows of a page that an earlier row of the file has.

use entities::{change::SubjectType, page::Mark};

use super::{
    file::Row,
    mapping::PageMapping,
    organizations::Owner,
    page_address::PageKeys,
    pages::StagedPage,
    row::{Import, SeenPage},
    row_error::{Code, RowResult, refuse},
};
use crate::{change_log::ChangeSet, model::Page, provenance::PageFieldName};

impl Import {
    /// Merges a later row of the same page: adds its owner as co-owner, its languages, and an id or handle that earlier
    /// rows lack.
    pub(super) fn join_page(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &PageMapping,
        known: Page,
        keys: PageKeys,
        owner: &Owner,
    ) -> RowResult<StagedPage> {
        let mut page = self.pinned.as_given::<PageFieldName>(&known);
        let languages = self.languages(row, mapping);
        let mut described = page.clone();
        self.describe(change_set, row, mapping, &mut described)?;
        let mut seen = self.seen_pages[&known.id].clone();
        one_handle(&seen, &page, &keys)?;
        refuse_repeated(&seen, owner, &languages)?;
        let owner_id = owner.state.id;
        seen.handle = seen.handle.or_else(|| keys.handle.clone());
        seen.owners.push(owner_id);
        seen.named_owners.push(owner.named_id);
        seen.languages.extend(languages);
        self.reassignable(change_set, &known, owner_id)?;
        let displaced = self.relocate(change_set, row, &mut page, keys)?;
        if page.owner_id != owner_id && !page.co_owners.contains(&owner_id) {
            page.co_owners.push(owner_id);
            page.co_owners.sort_unstable();
        }
        seen.owners.extend(self.add_co_owners(change_set.snapshot(), row, mapping, &mut page));
        self.add_languages(row, mapping, &mut page);
        self.warn_of_description(&described, &page, seen.first);
        self.warn_of_mark(row, mapping, &page, seen.first)?;
        let (page, held) = self.hold::<PageFieldName>(change_set, row, (&known, &page), &[])?;
        self.check_keys(change_set.snapshot(), &page, displaced.as_ref())?;
        self.check_not_stale(change_set, row, (SubjectType::Page, page.id), &page)?;
        Ok(StagedPage {
            id: page.id,
            states: vec![(page, Some("another row of the file"))],
            displaced,
            figures: None,
            is_new: false,
            seen,
            held,
        })
    }
}

impl Import {
    /// Warns of values of a later row that differ from the first row, which is used.
    fn warn_of_description(&mut self, described: &Page, page: &Page, first: i64) {
        let fields = [
            ("title", described.title != page.title),
            ("page type", described.page_type != page.page_type),
            ("title of office", described.office_title != page.office_title),
            ("category", described.category != page.category),
            ("widget", described.widget != page.widget),
            ("first day", described.valid_from != page.valid_from),
        ];
        let others: Vec<&str> = fields.into_iter().filter(|(_, is_other)| *is_other).map(|it| it.0).collect();
        if !others.is_empty() {
            let text = format!(
                "Row {first} gives this page different values, which are used: {}.",
                others.join(", ")
            );
            self.warn(
                Code::NameConflict,
                text,
                "Give the same values in all rows of a page, or leave the cells empty.",
            );
        }
    }

    /// The first row sets the mark: the owner of a later row may be one for which the mark was never confirmed.
    fn warn_of_mark(&mut self, row: &Row, mapping: &PageMapping, page: &Page, first: i64) -> RowResult<()> {
        let Some(state) = self.member::<Mark>(row, "mark", &mapping.mark)? else { return Ok(()) };
        if state != page.mark.state {
            let text = format!("Row {first} has this page without this mark; the mark was skipped.");
            self.warn(
                Code::MarkNotAllowed,
                text,
                "Give the mark in the row of the organization that owns the page.",
            );
        }
        Ok(())
    }
}

/// Refuses a row whose owner and languages earlier rows of the page have.
fn refuse_repeated(seen: &SeenPage, owner: &Owner, languages: &[Box<str>]) -> RowResult<()> {
    if seen.named_owners.contains(&owner.named_id) && languages.iter().all(|it| seen.languages.contains(it)) {
        let text = format!("Row {} already has this page of “{}”.", seen.first, owner.state.name);
        return refuse(Code::DuplicateInFile, text, "Keep one of the rows.");
    }
    Ok(())
}

/// Refuses a row that gives a page a different handle than an earlier row: either may be right.
fn one_handle(seen: &SeenPage, page: &Page, keys: &PageKeys) -> RowResult<()> {
    let (Some(first), Some(other)) = (&seen.handle, &keys.handle) else { return Ok(()) };
    if first == other || keys.native_id.is_none() {
        return Ok(());
    }
    let text = format!(
        "Row {} has the page with the id {} at the handle `{first}`, not `{other}`.",
        seen.first,
        page.native_id.as_deref().unwrap_or_default()
    );
    refuse(Code::DuplicateInFile, text, "Keep the row that is right, or correct the id of one of them.")
}
