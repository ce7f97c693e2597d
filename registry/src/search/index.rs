//! The in-memory search index. It follows the change log asynchronously and exposes the sequence number it has reached.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Result;
use arc_swap::ArcSwap;
use imbl::ordmap::DiffItem;
use tantivy::{
    Index, IndexReader, IndexWriter, ReloadPolicy, TantivyDocument, Term,
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};
use tokio::sync::watch;

use super::{
    document::{Document, Hit, of_organization, of_page},
    frequency::FrequencyCache,
    short_forms::ShortForms,
};
use crate::{
    change_log::Registry,
    model::{Organization, Page},
    snapshot::Snapshot,
    view::Viewer,
    worker_pool,
};

/// Memory budget of the index writer, in bytes.
const WRITER_MEMORY: usize = 64 << 20;

/// Fields of a document.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub(super) struct Fields {
    pub(super) key: Field,
    pub(super) weight: Field,
    pub(super) words: Field,
    pub(super) forms: Field,
    pub(super) exact: Field,
}

/// The search indexes of this process: one of public records, and one of all records, for reviewers. They do not share
/// words and frequencies, so hidden records do not affect public scores and corrections.
#[derive(Clone, Default)]
pub struct SearchIndex {
    public: Arc<Shared>,
    internal: Arc<Shared>,
    registry: Arc<OnceLock<Registry>>,
}

struct Shared {
    is_started: AtomicBool,
    open: OnceLock<Open>,
    /// Sequence number that the index has reached; `None` before it is built.
    seq: watch::Sender<Option<i64>>,
}

/// An index that can be searched.
pub(super) struct Open {
    pub(super) reader: IndexReader,
    pub(super) fields: Fields,
    /// Frequencies of terms of the index.
    pub(super) frequencies: FrequencyCache,
    /// Short forms of the indexed snapshot.
    pub(super) short_forms: ArcSwap<ShortForms>,
}

impl Default for Shared {
    fn default() -> Self {
        Self { is_started: AtomicBool::new(false), open: OnceLock::new(), seq: watch::Sender::new(None) }
    }
}

impl SearchIndex {
    /// Starts building and updating the public index in the background, unless it is already started. The internal
    /// index is started by its first use.
    pub fn start(&self, registry: &Registry) {
        let _ = self.registry.set(registry.clone());
        begin(&self.public, registry, Viewer::Public);
    }

    /// Sequence number that the viewer's index has reached; `None` before it is built.
    pub fn seq(&self, viewer: Viewer) -> Option<i64> {
        *self.of(viewer).seq.borrow()
    }

    /// Waits until the viewer's index has reached a sequence number.
    pub async fn reached(&self, viewer: Viewer, seq: i64) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let mut reached = self.of(viewer).seq.subscribe();
        let _ = reached.wait_for(|current| current.is_some_and(|it| it >= seq)).await;
    }

    /// The viewer's index; `None` before it is built.
    pub(super) fn open(&self, viewer: Viewer) -> Option<&Open> {
        let index = self.of(viewer);
        (*index.seq.borrow())?;
        index.open.get()
    }

    fn of(&self, viewer: Viewer) -> &Arc<Shared> {
        if !viewer.is_reviewer() {
            return &self.public;
        }
        if let Some(registry) = self.registry.get() {
            begin(&self.internal, registry, viewer);
        }
        &self.internal
    }
}

fn begin(index: &Arc<Shared>, registry: &Registry, viewer: Viewer) {
    if index.is_started.swap(true, Ordering::AcqRel) {
        return;
    }
    let (index, registry) = (index.clone(), registry.clone());
    worker_pool::spawn(async move {
        if let Err(error) = run(&index, registry, viewer).await {
            tracing::error!(%error, "the search index stopped");
        }
    });
}

async fn run(shared: &Shared, registry: Registry, viewer: Viewer) -> Result<()> {
    let name = if viewer.is_reviewer() { "reviewerSearchIndex" } else { "publicSearchIndex" };
    let status = registry.tasks().register(name);
    let (index, fields) = create();
    let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
    let writer = index.writer_with_num_threads(1, WRITER_MEMORY)?;
    let open = shared.open.get_or_init(|| Open {
        reader,
        fields,
        frequencies: FrequencyCache::default(),
        short_forms: ArcSwap::default(),
    });
    let reader = open.reader.clone();
    let (indexed, short_forms) = (Snapshot::default(), Arc::default());
    let documents = HashMap::new();
    let mut keeper = Indexer { writer, fields, viewer, indexed, short_forms, documents };
    loop {
        let snapshot = registry.snapshot();
        let seq = snapshot.seq();
        keeper = tokio::task::spawn_blocking(move || keeper.apply(&snapshot)).await??;
        open.short_forms.store(keeper.short_forms.clone());
        reader.reload()?;
        shared.seq.send_replace(Some(seq));
        status.report(Ok(()));
        registry.reached(seq + 1).await;
    }
}

fn create() -> (Index, Fields) {
    let mut schema = Schema::builder();
    let texts = |option| {
        let indexing = TextFieldIndexing::default().set_tokenizer("whitespace").set_fieldnorms(false);
        TextOptions::default().set_indexing_options(indexing.set_index_option(option))
    };
    let fields = Fields {
        key: schema.add_u64_field("key", FAST | INDEXED),
        weight: schema.add_u64_field("weight", FAST),
        words: schema.add_text_field("words", texts(IndexRecordOption::WithFreqs)),
        forms: schema.add_text_field("forms", texts(IndexRecordOption::Basic)),
        exact: schema.add_text_field("exact", texts(IndexRecordOption::Basic)),
    };
    (Index::create_in_ram(schema.build()), fields)
}

/// Updates the index from snapshot to snapshot.
struct Indexer {
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
    fn apply(mut self, snapshot: &Snapshot) -> Result<Self> {
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
