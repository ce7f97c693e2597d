//! The index in memory, kept in step with the registry: it may be a moment behind, and says where it is.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
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
    document::{Document, of_organization, of_page},
    short_forms::ShortForms,
};
use crate::{change::Registry, snapshot::Snapshot};

/// Memory of the writer before it writes a segment.
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

/// The search index of this process.
#[derive(Clone)]
pub struct SearchIndex {
    shared: Arc<Shared>,
}

struct Shared {
    is_started: AtomicBool,
    open: OnceLock<Open>,
    /// Place in the change log that the index has reached; none before it is built.
    seq: watch::Sender<Option<i64>>,
}

/// An index that can be asked.
pub(super) struct Open {
    pub(super) reader: IndexReader,
    pub(super) fields: Fields,
    /// Those of the registry that the index has reached.
    pub(super) short_forms: ArcSwap<ShortForms>,
}

impl Default for SearchIndex {
    fn default() -> Self {
        let shared = Shared {
            is_started: AtomicBool::new(false),
            open: OnceLock::new(),
            seq: watch::Sender::new(None),
        };
        Self { shared: Arc::new(shared) }
    }
}

impl SearchIndex {
    /// Builds the index in the background and keeps it in step, unless that was begun before.
    pub fn start(&self, registry: &Registry) {
        if self.shared.is_started.swap(true, Ordering::AcqRel) {
            return;
        }
        let (index, registry) = (self.clone(), registry.clone());
        tokio::spawn(async move {
            if let Err(error) = index.run(registry).await {
                tracing::error!(%error, "the search index stopped");
            }
        });
    }

    /// Place in the change log that the index has reached; none before it is built.
    pub fn seq(&self) -> Option<i64> {
        *self.shared.seq.borrow()
    }

    /// Waits until the index has reached a place in the change log.
    pub async fn reached(&self, seq: i64) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self.shared.seq.subscribe().wait_for(|current| current.is_some_and(|it| it >= seq)).await;
    }

    /// The index, once it is built.
    pub(super) fn open(&self) -> Option<&Open> {
        self.seq()?;
        self.shared.open.get()
    }

    async fn run(&self, registry: Registry) -> Result<()> {
        let (index, fields) = create();
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let writer = index.writer_with_num_threads(1, WRITER_MEMORY)?;
        let open = self.shared.open.get_or_init(|| Open { reader, fields, short_forms: ArcSwap::default() });
        let reader = open.reader.clone();
        let mut keeper = Keeper { writer, fields, indexed: Snapshot::default(), short_forms: Arc::default() };
        loop {
            let snapshot = registry.snapshot();
            let seq = snapshot.seq();
            keeper = tokio::task::spawn_blocking(move || keeper.take_in(&snapshot)).await??;
            open.short_forms.store(keeper.short_forms.clone());
            reader.reload()?;
            self.shared.seq.send_replace(Some(seq));
            registry.reached(seq + 1).await;
        }
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

/// Writes what changed since the last state that was taken in.
struct Keeper {
    writer: IndexWriter,
    fields: Fields,
    indexed: Snapshot,
    short_forms: Arc<ShortForms>,
}

impl Keeper {
    fn take_in(mut self, snapshot: &Snapshot) -> Result<Self> {
        let is_new = self.indexed.seq() == 0;
        // Names of places are in every document, and short forms tell what a name is as a whole.
        let changes_all = self.indexed.territories().diff(snapshot.territories()).next().is_some()
            || self.indexed.abbreviations().diff(snapshot.abbreviations()).next().is_some();
        // A history that was lost takes all that it told with it.
        let is_of_other_history = self.indexed.timeline().generation != snapshot.timeline().generation;
        let changes_all = changes_all || is_of_other_history;
        if changes_all && !is_new {
            self.writer.delete_all_documents()?;
            self.indexed = Snapshot::default();
        }
        if changes_all || is_new {
            self.short_forms = ShortForms::of(snapshot).into();
        }
        let short_forms = self.short_forms.clone();
        let indexed = std::mem::take(&mut self.indexed);
        for change in indexed.organizations().diff(snapshot.organizations()) {
            let (DiffItem::Add(_, organization) | DiffItem::Update { new: (_, organization), .. }) = change
            else {
                continue;
            };
            self.replace(of_organization(snapshot, &short_forms, organization), is_new || changes_all)?;
            // Pages are found by their owner's name and place, too.
            if matches!(change, DiffItem::Update { .. }) {
                for page in snapshot.pages_of(organization.id) {
                    self.replace(of_page(snapshot, page), false)?;
                }
            }
        }
        for change in indexed.pages().diff(snapshot.pages()) {
            let (DiffItem::Add(_, page) | DiffItem::Update { new: (_, page), .. }) = change else { continue };
            self.replace(of_page(snapshot, page), is_new || changes_all)?;
            if is_new || changes_all {
                continue;
            }
            // Organizations are found by their pages' handles, too: those that lose the page as well.
            let before = match &change {
                DiffItem::Update { old: (_, before), .. } => Some(before.owner_id),
                _ => None,
            };
            for owner in before.into_iter().filter(|id| *id != page.owner_id).chain([page.owner_id]) {
                if let Some(owner) = snapshot.organization(owner) {
                    self.replace(of_organization(snapshot, &short_forms, owner), false)?;
                }
            }
        }
        self.writer.commit()?;
        self.indexed = snapshot.clone();
        Ok(self)
    }

    fn replace(&mut self, document: Document, is_new: bool) -> Result<()> {
        let Document { key, weight, texts } = document;
        if !is_new {
            self.writer.delete_term(Term::from_field_u64(self.fields.key, key));
        }
        let fields = self.fields;
        let mut made = TantivyDocument::default();
        made.add_u64(fields.key, key);
        made.add_u64(fields.weight, weight);
        for (field, text) in
            [(fields.words, texts.words), (fields.forms, texts.forms), (fields.exact, texts.exact)]
        {
            if !text.is_empty() {
                made.add_text(field, text);
            }
        }
        self.writer.add_document(made)?;
        Ok(())
    }
}
