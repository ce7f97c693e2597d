//! Writes the documents of a snapshot to the search index.

use std::{collections::HashMap, sync::Arc};

use anyhow::Result;
use imbl::ordmap::DiffItem;
use tantivy::{IndexWriter, TantivyDocument, Term};

use super::{
    document::{Document, Hit, of_organization, of_page},
    index::Fields,
    short_forms::ShortForms,
};
use crate::{
    model::{Organization, Page},
    snapshot::Snapshot,
    view::Viewer,
};

/// Updates the index from snapshot to snapshot.
pub(super) struct Indexer {
    writer: IndexWriter,
    fields: Fields,
    /// Viewer whose visibility the index has.
    viewer: Viewer,
    indexed: Snapshot,
    short_forms: Arc<ShortForms>,
    /// Hashes of the indexed documents, by key.
    documents: HashMap<u64, u64>,
}

impl Indexer {
    /// Writes to an empty index with the visibility of this viewer.
    pub(super) fn new(writer: IndexWriter, fields: Fields, viewer: Viewer) -> Self {
        let (indexed, short_forms) = (Snapshot::default(), Arc::default());
        Self { writer, fields, viewer, indexed, short_forms, documents: HashMap::new() }
    }

    /// Short forms of the indexed snapshot.
    pub(super) fn short_forms(&self) -> Arc<ShortForms> {
        self.short_forms.clone()
    }

    /// Updates the index to a snapshot.
    ///
    /// # Errors
    /// When the index cannot be written.
    pub(super) fn apply(mut self, snapshot: &Snapshot) -> Result<Self> {
        let is_new = self.indexed.seq() == 0;
        let changes_all = self.changes_all(snapshot);
        if changes_all && !is_new {
            self.writer.delete_all_documents()?;
            self.documents.clear();
            self.indexed = Snapshot::default();
        }
        if changes_all || is_new {
            self.short_forms = ShortForms::of(snapshot).into();
        }
        let indexed = std::mem::take(&mut self.indexed);
        self.apply_organizations(&indexed, snapshot, is_new || changes_all)?;
        self.apply_pages(&indexed, snapshot, is_new || changes_all)?;
        self.writer.commit()?;
        self.indexed = snapshot.clone();
        Ok(self)
    }

    /// Whether a change since the indexed snapshot affects all documents.
    fn changes_all(&self, snapshot: &Snapshot) -> bool {
        // Names of territories are in every document, and exact keys depend on short forms.
        let changes_all = self.indexed.territories().diff(snapshot.territories()).next().is_some()
            || self.indexed.abbreviations().diff(snapshot.abbreviations()).next().is_some();
        // After a change of history (another generation), the index is rebuilt.
        let is_of_other_history = self.indexed.timeline().generation != snapshot.timeline().generation;
        changes_all || is_of_other_history
    }

    fn apply_organizations(
        &mut self,
        indexed: &Snapshot,
        snapshot: &Snapshot,
        is_rebuilt: bool,
    ) -> Result<()> {
        for change in indexed.organizations().diff(snapshot.organizations()) {
            let (DiffItem::Add(_, organization) | DiffItem::Update { new: (_, organization), .. }) = change
            else {
                continue;
            };
            self.replace_organization(snapshot, organization, is_rebuilt)?;
            // Documents of pages contain their owner's names and territories.
            if matches!(change, DiffItem::Update { .. }) {
                for page in snapshot.pages_of(organization.id) {
                    self.replace_page(snapshot, page, false)?;
                }
            }
        }
        Ok(())
    }

    fn apply_pages(&mut self, indexed: &Snapshot, snapshot: &Snapshot, is_rebuilt: bool) -> Result<()> {
        for change in indexed.pages().diff(snapshot.pages()) {
            let (DiffItem::Add(_, page) | DiffItem::Update { new: (_, page), .. }) = change else { continue };
            self.replace_page(snapshot, page, is_rebuilt)?;
            if is_rebuilt {
                continue;
            }
            // Documents of organizations contain their pages' handles: update the old and the new owner.
            let before = match &change {
                DiffItem::Update { old: (_, before), .. } => Some(before.owner_id),
                _ => None,
            };
            for owner in before.into_iter().filter(|id| *id != page.owner_id).chain([page.owner_id]) {
                if let Some(owner) = snapshot.organization(owner) {
                    self.replace_organization(snapshot, owner, false)?;
                }
            }
        }
        Ok(())
    }

    fn replace_organization(
        &mut self,
        snapshot: &Snapshot,
        organization: &Organization,
        is_new: bool,
    ) -> Result<()> {
        let hit = Hit::Organization(organization.id);
        let is_seen = self.viewer.is_reviewer() || organization.is_public();
        let short_forms = self.short_forms.clone();
        let document = || of_organization(snapshot, &short_forms, organization, self.viewer);
        let document = is_seen.then(document);
        self.replace(hit, document, is_new)
    }

    fn replace_page(&mut self, snapshot: &Snapshot, page: &Page, is_new: bool) -> Result<()> {
        let is_seen = self.viewer.is_reviewer() || snapshot.is_shown(page.id);
        self.replace(Hit::Page(page.id), is_seen.then(|| of_page(snapshot, page)), is_new)
    }

    fn replace(&mut self, hit: Hit, document: Option<Document>, is_new: bool) -> Result<()> {
        // An unchanged document is not rewritten: deleted documents cost memory and time until segments are merged.
        let hash = document.as_ref().map(Document::hash);
        if self.documents.get(&hit.key()).copied() == hash {
            return Ok(());
        }
        if !is_new && self.documents.contains_key(&hit.key()) {
            self.writer.delete_term(Term::from_field_u64(self.fields.key, hit.key()));
        }
        match hash {
            Some(hash) => _ = self.documents.insert(hit.key(), hash),
            None => _ = self.documents.remove(&hit.key()),
        }
        let Some(Document { key, weight, texts }) = document else { return Ok(()) };
        let fields = self.fields;
        let mut indexed = TantivyDocument::default();
        indexed.add_u64(fields.key, key);
        indexed.add_u64(fields.weight, weight);
        for (field, text) in
            [(fields.words, texts.words), (fields.forms, texts.forms), (fields.exact, texts.exact)]
        {
            if !text.is_empty() {
                indexed.add_text(field, text);
            }
        }
        self.writer.add_document(indexed)?;
        Ok(())
    }
}
