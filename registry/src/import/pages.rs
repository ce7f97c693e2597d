//! Rows of pages, each with its owner and one or more addresses.
//!
//! A row is checked completely before anything is written: a refused row changes nothing.

use entities::change::SubjectType;

use super::{
    address_error::address_row_error,
    file::Row,
    mapping::PageMapping,
    options::Kind,
    organizations::Owner,
    page_address::PageKeys,
    pinned::HeldBack,
    row::{Import, SeenPage},
    row_error::{Code, Problem, RowResult, Stop, refuse},
};
use crate::{
    change_log::ChangeSet,
    model::{Figures, Page},
    provenance::PageFieldName,
    snapshot::Snapshot,
};

/// New states of a page, not yet written.
pub(super) struct StagedPage {
    /// States to write in this order, each with its reason.
    pub(super) states: Vec<(Page, Option<&'static str>)>,
    /// Another page that loses its handle.
    pub(super) displaced: Option<Page>,
    pub(super) figures: Option<Figures>,
    pub(super) id: i64,
    pub(super) is_new: bool,
    pub(super) seen: SeenPage,
    /// What the row gives for pinned fields.
    pub(super) held: HeldBack<PageFieldName>,
}

impl StagedPage {
    /// Whether it is a page, or displaces it.
    fn changes(&self, page: &Page) -> bool {
        self.id == page.id || self.displaced.as_ref().is_some_and(|it| it.id == page.id)
    }

    /// Whether it is the known page of an address, or has one of the keys of the address.
    fn is_at(&self, known: Option<&Page>, keys: &PageKeys) -> bool {
        Some(self.id) == known.map(|known| known.id) || self.states.iter().any(|(state, _)| keys.is_of(state))
    }
}

/// An address of a row, resolved.
struct Located<'a> {
    mapping: &'a PageMapping,
    url: String,
    keys: PageKeys,
    known: Option<Page>,
    displaced: Option<Page>,
}

impl Import {
    /// Imports all pages of a row. If one of several addresses is refused, it is a warning, and the others are
    /// imported.
    pub(super) fn take_pages(&mut self, change_set: &mut ChangeSet, row: &Row) -> RowResult<()> {
        let mapping = self.mapping.clone();
        let urls: Vec<(&PageMapping, String)> = mapping
            .pages
            .iter()
            .flat_map(|page| page.url.list(row, &self.columns).into_iter().map(move |url| (page, url)))
            .collect();
        if urls.is_empty() && mapping.pages.len() == 1 {
            return refuse(Code::MissingValue, "The row has no address.", "Fill in the address of the page.");
        }
        let (located, mut problems) = self.locate_all(change_set, row, urls)?;
        // With several address columns, the organization is imported even if all addresses are empty or invalid.
        let is_of_pages = mapping.pages.len() == 1;
        if is_of_pages && located.is_empty() && !problems.is_empty() {
            return Err(Stop::RowError(problems.swap_remove(0)));
        }
        let owner = self.owner(change_set, row)?;
        let mut staged: Vec<StagedPage> = Vec::new();
        for located in located {
            let url = located.url.clone();
            match self.stage(change_set, row, located, &owner, &staged) {
                Ok(page) => staged.push(page),
                Err(Stop::RowError(problem)) => problems.push(page_left_out(problem, &url, is_of_pages)),
                Err(failed) => return Err(failed),
            }
        }
        if is_of_pages && staged.is_empty() && !problems.is_empty() {
            return Err(Stop::RowError(problems.swap_remove(0)));
        }
        if !problems.is_empty() {
            self.hold_named(change_set.snapshot(), Kind::Pages, row);
        }
        self.warned.extend(problems.into_iter().map(left_out));
        self.put_owner(change_set, row, owner)?;
        staged.into_iter().try_for_each(|page| self.put_page(change_set, page))
    }

    /// Resolves the addresses of a row; those that are refused are returned as problems.
    fn locate_all<'a>(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        urls: Vec<(&'a PageMapping, String)>,
    ) -> RowResult<(Vec<Located<'a>>, Vec<Problem>)> {
        let mut problems = Vec::new();
        let mut located = Vec::new();
        for (page, url) in urls {
            match self.locate(change_set, row, page, url) {
                Ok(found) => located.push(found),
                Err(Stop::RowError(problem)) => problems.push(problem),
                Err(failed) => return Err(failed),
            }
        }
        Ok((located, problems))
    }

    /// Resolves an address and finds its page in the registry.
    fn locate<'a>(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &'a PageMapping,
        url: String,
    ) -> RowResult<Located<'a>> {
        let snapshot = change_set.snapshot();
        self.is_registered(row, mapping)?;
        let address =
            snapshot.address_book().resolve(&url).or_else(|error| address_row_error(&url, error))?;
        let keys = self.page_keys(snapshot, row, mapping, address)?;
        let (known, displaced) = self.find_page(snapshot, &keys);
        let known = known.cloned();
        self.held_pages.extend(known.as_ref().map(|known| known.id));
        self.agrees(snapshot, row, mapping, &url, keys.platform_id)?;
        Ok(Located { mapping, url, keys, known, displaced: displaced.cloned() })
    }

    fn stage(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        located: Located<'_>,
        owner: &Owner,
        staged: &[StagedPage],
    ) -> RowResult<StagedPage> {
        let Located { mapping, url, keys, known, displaced } = located;
        let known = known.map(|known| as_staged(known, staged));
        let has_it_still = |displaced: &Page| !staged.iter().any(|page| page.changes(displaced));
        let displaced = displaced.filter(has_it_still);
        if staged.iter().any(|page| page.is_at(known.as_ref(), &keys)) {
            let text = format!("`{url}` is the address of a page that the same row already has.");
            return refuse(Code::DuplicateInFile, text, "Keep one of the addresses.");
        }
        if let Some(displaced) = &displaced {
            self.may_displace(change_set.snapshot(), row, &keys, displaced)?;
        }
        self.warn_of_languages(row, mapping);
        let mut page = match known {
            None => self.new_page(change_set, row, mapping, keys, owner, staged)?,
            Some(known) if self.seen_pages.contains_key(&known.id) => {
                self.join_page(change_set, row, mapping, known, keys, owner)?
            }
            Some(known) => self.update_page(change_set, row, mapping, &known, keys, owner)?,
        };
        let figures = self.figures(change_set, row, mapping, page.id)?;
        if let Some(figures) = figures.filter(|_| !page.seen.has_figures) {
            page.figures = figures;
            page.seen.has_figures = true;
        }
        page.displaced = page.displaced.filter(has_it_still).or(displaced).map(|mut displaced| {
            displaced.rename(None, change_set.now());
            displaced
        });
        Ok(page)
    }

    /// Writes a page, after all checks of its row.
    fn put_page(&mut self, change_set: &mut ChangeSet, staged: StagedPage) -> RowResult<()> {
        if let Some(displaced) = staged.displaced {
            change_set.upsert(displaced, Some("its handle leads to another page"))?;
        }
        for (state, reason) in staged.states {
            change_set.upsert(state, reason)?;
        }
        self.seen.insert((SubjectType::Page, staged.id));
        if let Some(figures) = staged.figures {
            change_set.put_figures(staged.id, figures);
        }
        self.pinned.note(staged.held);
        self.held_pages.insert(staged.id);
        self.seen_pages.insert(staged.id, staged.seen);
        Ok(())
    }

    pub(super) fn seen_first(
        &self,
        row: &Row,
        mapping: &PageMapping,
        keys: &PageKeys,
        owner: &Owner,
        snapshot: &Snapshot,
    ) -> SeenPage {
        let (co_owners, _) = self.co_owners(snapshot, row, mapping);
        SeenPage {
            first: row.number,
            handle: keys.handle.clone(),
            owners: std::iter::once(owner.state.id).chain(co_owners).collect(),
            named_owners: vec![owner.named_id],
            languages: self.languages(row, mapping),
            has_figures: false,
        }
    }
}

/// The page as changed by an earlier address of the row.
fn as_staged(known: Page, staged: &[StagedPage]) -> Page {
    let displaced = staged.iter().filter_map(|page| page.displaced.as_ref());
    displaced.into_iter().find(|page| page.id == known.id).cloned().unwrap_or(known)
}

/// Adds the address to the warning about a page that is skipped.
fn page_left_out(problem: Problem, url: &str, is_of_pages: bool) -> Problem {
    let names_url = is_of_pages || problem.text.contains(url);
    let text =
        if names_url { problem.text } else { format!("{} The page `{url}` was skipped.", problem.text) };
    Problem { text, ..problem }
}

/// Warning about one of several addresses of a row.
fn left_out(problem: Problem) -> Problem {
    Problem { text: format!("{} The rest of the row was imported.", problem.text), ..problem }
}
