//! Where in a document a word stands, kept as the number of times that it is written into one field of the index: each
//! word is then one list of documents, however many kinds of names there are, and lists are cheap to intersect.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, TERMINATED, Term,
    postings::{Postings, SegmentPostings},
    query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight},
    schema::IndexRecordOption,
};

/// Where a word stands. The numbers are the repetitions, so what is most frequent comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// In the name.
    Name = 1,
    /// In the names of its place, or of the owner of a page.
    Around = 2,
    /// In another name, or the title of a page.
    Other = 3,
    /// In a handle.
    Handle = 4,
    /// In the short name.
    Short = 5,
}

impl Standing {
    /// What a word counts where it stands so.
    pub(super) fn worth(self) -> Score {
        WORTHS[self as usize]
    }
}

/// What a word counts by where it stands; place 0 is not used.
const WORTHS: [Score; 6] = [0.0, 4.0, 0.8, 2.8, 2.0, 3.4];

/// Documents with a word, each worth as much as the place where it stands.
#[derive(Clone, Debug)]
pub(super) struct StandingQuery {
    term: Term,
    share: Score,
    only_names: bool,
}

impl StandingQuery {
    /// The word, what its worth is multiplied by, and whether only documents count that have it in a name.
    pub(super) fn new(term: Term, share: Score, only_names: bool) -> Self {
        Self { term, share, only_names }
    }
}

impl Query for StandingQuery {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(StandingWeight(self.clone())))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        visitor(&self.term, false);
    }
}

struct StandingWeight(StandingQuery);

impl Weight for StandingWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inverted = reader.inverted_index(self.0.term.field())?;
        let postings = inverted.read_postings(&self.0.term, IndexRecordOption::WithFreqs)?;
        let worths = WORTHS.map(|worth| worth * self.0.share * boost);
        Ok(match postings {
            Some(postings) => {
                let mut scorer = StandingScorer { postings, worths, only_names: self.0.only_names };
                scorer.skip();
                Box::new(scorer)
            }
            None => Box::new(EmptyScorer),
        })
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let mut scorer = self.scorer(reader, 1.0)?;
        let has = scorer.doc() <= doc && scorer.seek(doc) == doc;
        Ok(Explanation::new("worth of where the word stands", if has { scorer.score() } else { 0.0 }))
    }
}

struct StandingScorer {
    postings: SegmentPostings,
    worths: [Score; WORTHS.len()],
    only_names: bool,
}

impl StandingScorer {
    /// Goes on to the next document that counts.
    fn skip(&mut self) -> DocId {
        let is_name = |frequency| frequency == Standing::Name as u32 || frequency == Standing::Short as u32;
        while self.only_names && self.postings.doc() != TERMINATED && !is_name(self.postings.term_freq()) {
            self.postings.advance();
        }
        self.postings.doc()
    }
}

impl DocSet for StandingScorer {
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

impl Scorer for StandingScorer {
    fn score(&mut self) -> Score {
        self.worths.get(self.postings.term_freq() as usize).copied().unwrap_or_default()
    }
}
