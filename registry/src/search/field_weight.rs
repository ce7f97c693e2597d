//! Field weights. The field in which a word occurs is encoded as its term frequency in a single index field, so that
//! each word has one posting list, which is cheap to intersect.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    postings::{Postings, SegmentPostings},
    query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::IndexRecordOption,
};

/// Field in which a word occurs. The values are term frequencies, so the most common fields have the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldWeight {
    /// In the name.
    Name = 1,
    /// In the names of its territories or of the page's owner, or implied by a short form.
    Around = 2,
    /// In another name, or the title of a page.
    Other = 3,
    /// In a handle.
    Handle = 4,
    /// In the short name.
    Short = 5,
}

impl FieldWeight {
    /// Score of a word in this field.
    pub(super) fn score(self) -> Score {
        SCORES[self as usize]
    }
}

/// Scores by `FieldWeight`; index 0 is not used.
const SCORES: [Score; 6] = [0.0, 4.0, 0.8, 2.8, 2.0, 3.4];

/// Rounds a score so that sums of scores are exact. The index adds them in an order that depends on its segments, and the
/// same hit must have the same score in every process.
pub(super) fn exact_in_sums(score: Score) -> Score {
    const PARTS: Score = 64.0;
    (score * PARTS).round() / PARTS
}

/// Query for documents with a word, scored by the field in which it occurs.
#[derive(Clone, Debug)]
pub(super) struct FieldWeightQuery {
    term: Term,
    share: Score,
    only_names: bool,
}

impl FieldWeightQuery {
    /// Query for `term` with scores multiplied by `share`; with `only_names`, only in names and short names.
    pub(super) fn new(term: Term, share: Score, only_names: bool) -> Self {
        Self { term, share, only_names }
    }
}

impl Query for FieldWeightQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(FieldTermWeight(self.clone())))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        visitor(&self.term, false);
    }
}

struct FieldTermWeight(FieldWeightQuery);

impl Weight for FieldTermWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inverted = reader.inverted_index(self.0.term.field())?;
        let postings = inverted.read_postings(&self.0.term, IndexRecordOption::WithFreqs)?;
        let scores = SCORES.map(|score| exact_in_sums(score * self.0.share * boost));
        Ok(match postings {
            Some(postings) => {
                let mut scorer = FieldTermScorer { postings, scores, only_names: self.0.only_names };
                scorer.skip();
                Box::new(scorer)
            }
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        let has = scorer.doc() <= doc && scorer.seek(doc) == doc;
        Ok(Explanation::new("weight of the field of the word", if has { scorer.score() } else { 0.0 }))
    }
}

struct FieldTermScorer {
    postings: SegmentPostings,
    scores: [Score; SCORES.len()],
    only_names: bool,
}

impl FieldTermScorer {
    /// Skips to the next document that matches.
    fn skip(&mut self) -> DocId {
        let is_name =
            |frequency| frequency == FieldWeight::Name as u32 || frequency == FieldWeight::Short as u32;
        while self.only_names && self.postings.doc() != TERMINATED && !is_name(self.postings.term_freq()) {
            self.postings.advance();
        }
        self.postings.doc()
    }
}

impl DocSet for FieldTermScorer {
    fn advance(&mut self) -> DocId {
        self.postings.advance();
        self.skip()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.postings.seek(target);
        self.skip()
    }

    fn doc(&self) -> DocId {
        self.postings.doc()
    }

    fn size_hint(&self) -> u32 {
        self.postings.size_hint()
    }
}

impl Scorer for FieldTermScorer {
    fn score(&mut self) -> Score {
        self.scores.get(self.postings.term_freq() as usize).copied().unwrap_or_default()
    }
}
