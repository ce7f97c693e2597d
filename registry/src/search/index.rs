//! The in-memory search index. It follows the change log asynchronously and exposes the sequence number it has reached.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use anyhow::Result;
use arc_swap::ArcSwap;
use tantivy::{
    Index, IndexReader, ReloadPolicy,
    schema::{FAST, Field, INDEXED, IndexRecordOption, Schema, TextFieldIndexing, TextOptions},
};
use tokio::sync::watch;

use super::{frequency::FrequencyCache, indexer::Indexer, short_forms::ShortForms};
use crate::{change_log::Registry, view::Viewer, worker_pool};

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
    let mut indexer = Indexer::new(writer, fields, viewer);
    loop {
        let snapshot = registry.snapshot();
        let seq = snapshot.seq();
        indexer = tokio::task::spawn_blocking(move || indexer.apply(&snapshot)).await??;
        open.short_forms.store(indexer.short_forms());
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
