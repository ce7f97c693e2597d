//! Document frequencies without deleted documents, so that scores do not depend on when this process saw which change.

use anyhow::Result;
use tantivy::{
    DocSet, InvertedIndexReader, Searcher, SegmentReader, Term, postings::TermInfo, schema::IndexRecordOption,
};

/// Number of documents with a term.
pub(super) fn of_term(searcher: &Searcher, term: &Term) -> Result<u64> {
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
