//! Document frequencies without deleted documents, so that scores do not depend on when this process saw which change.

use anyhow::Result;
use moka::sync::Cache;
use tantivy::{
    DocSet, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, Term, postings::TermInfo,
    schema::IndexRecordOption,
};

/// Documents from which on a term is cached: fewer are counted in microseconds.
const FREQUENT: u64 = 500;
/// Most cached terms.
const MAX_CACHED: u64 = 20_000;

/// Frequencies of frequent terms, which take long to count, by generation of the index.
pub(super) struct FrequencyCache(Cache<(u64, Term), u64>);

impl Default for FrequencyCache {
    fn default() -> Self {
        Self(Cache::new(MAX_CACHED))
    }
}

impl FrequencyCache {
    /// Number of documents with a term.
    pub(super) fn of_term(&self, searcher: &Searcher, term: &Term) -> Result<u64> {
        if searcher.doc_freq(term)? < FREQUENT {
            return of_term(searcher, term);
        }
        let key = (searcher.generation().generation_id(), term.clone());
        if let Some(known) = self.0.get(&key) {
            return Ok(known);
        }
        let frequency = of_term(searcher, term)?;
        self.0.insert(key, frequency);
        Ok(frequency)
    }
}

fn of_term(searcher: &Searcher, term: &Term) -> Result<u64> {
    let mut total = 0;
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(term.field())?;
        if let Some(info) = inverted.get_term_info(term)? {
            total += u64::from(in_segment(segment, &inverted, &info)?);
        }
    }
    Ok(total)
}

/// Number of documents of a segment with a term of its dictionary. The dictionary counts deleted documents too: if the
/// segment has any, the documents are counted one by one.
pub(super) fn in_segment(
    segment: &SegmentReader,
    inverted: &InvertedIndexReader,
    info: &TermInfo,
) -> Result<u32> {
    let Some(alive) = segment.alive_bitset() else { return Ok(info.doc_freq) };
    let mut postings = inverted.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    Ok(postings.count(alive))
}

/// Whether a document of a segment has a term of its dictionary.
pub(super) fn is_in_segment(
    segment: &SegmentReader,
    inverted: &InvertedIndexReader,
    info: &TermInfo,
) -> Result<bool> {
    let Some(alive) = segment.alive_bitset() else { return Ok(info.doc_freq > 0) };
    let mut postings = inverted.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
    while postings.doc() != TERMINATED && alive.is_deleted(postings.doc()) {
        postings.advance();
    }
    Ok(postings.doc() != TERMINATED)
}
