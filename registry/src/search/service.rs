//! The search service.

use std::sync::Arc;

use anyhow::Result;
use unicode_normalization::UnicodeNormalization;

pub use super::{
    collector::{ScoredHit, VisibleIds},
    document::Hit,
};
use super::{exact_match, expand::analyse, host::host_of, index::SearchIndex, run::Run, terms::Terms};
use crate::view::View;

/// How hits matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// By names of the record, its territory or its owner, or by handles or the title of a page.
    Text,
    /// By an identifier, code, native id or handle.
    Identifier,
    /// By the address of a page or website.
    Address,
}

/// Search result.
#[derive(Debug)]
pub struct Answer {
    /// How the hits matched.
    pub matched_by: MatchedBy,
    /// The hits, best first.
    pub hits: Vec<ScoredHit>,
    /// Total number of hits.
    pub total: u64,
    /// Words of the query that are not in the registry, or that the best hit lacks.
    pub ignored: Vec<String>,
}

/// Searches the records in `among`: at most `count` hits after a position. `None` while the index is not built.
///
/// # Errors
/// When the index cannot be read.
pub fn search(
    index: &SearchIndex,
    view: &View,
    text: &str,
    among: VisibleIds,
    after: Option<ScoredHit>,
    count: usize,
) -> Result<Option<Answer>> {
    if let Some((matched_by, hits)) = exact_match::find(view, text) {
        return Ok(Some(of_direct(view, text, matched_by, hits, &among, after, count)));
    }
    let Some(open) = index.open(view.viewer()) else { return Ok(None) };
    let searcher = open.reader.searcher();
    let run = Run { searcher: &searcher, open, among: Arc::new(among), after, count };
    if let Some(host) = host_of(text) {
        let (hits, total) = run.of_website(&host)?;
        let ignored = if total == 0 { vec![text.trim().to_owned()] } else { Vec::new() };
        // A name may look like a host, such as ВЭБ.РФ.
        if total > 0 || text.is_ascii() {
            return Ok(Some(Answer { matched_by: MatchedBy::Address, hits, total, ignored }));
        }
    }
    of_words(&run, text).map(Some)
}

/// Result of an exact match, with the extra words that the first hit lacks.
fn of_direct(
    view: &View,
    text: &str,
    matched_by: MatchedBy,
    hits: Vec<Hit>,
    among: &VisibleIds,
    after: Option<ScoredHit>,
    count: usize,
) -> Answer {
    let hits: Vec<Hit> = hits.into_iter().filter(|hit| among.has(*hit)).collect();
    let ignored = hits.first().map(|hit| exact_match::lacking(view, text, *hit)).unwrap_or_default();
    let total = hits.len() as u64;
    // Scores descend in the order of the hits.
    let scored = hits
        .into_iter()
        .enumerate()
        .map(|(rank, hit)| ScoredHit { score: u32::from(u16::MAX) - rank as u32, hit });
    let hits = scored.filter(|it| after.is_none_or(|after| *it > after)).take(count).collect();
    Answer { matched_by, hits, total, ignored }
}

/// Text search. If most words are unknown, the known ones are first searched in names only, for fewer and better hits,
/// and in all fields if that finds nothing.
fn of_words(run: &Run<'_>, text: &str) -> Result<Answer> {
    let short_forms = run.open.short_forms.load();
    let text: String = text.nfc().collect();
    let terms = |only_names| Terms { searcher: run.searcher, open: run.open, only_names };
    let analysis = analyse(&terms(false), &short_forms, &text)?;
    let documents = run.searcher.num_docs();
    let is_doubtful = !analysis.ignored.is_empty() && analysis.is_mostly_ignored(documents);
    let ((hits, total), lacking) = if is_doubtful && analysis.is_unspecific(documents) {
        // The known words are too common: their hits would be unrelated to the query.
        ((Vec::new(), 0), Vec::new())
    } else if is_doubtful {
        let in_names = run.of_words(&analyse(&terms(true), &short_forms, &text)?)?;
        if in_names.0.1 > 0 { in_names } else { run.of_words(&analysis)? }
    } else {
        run.of_words(&analysis)?
    };
    let mut ignored = analysis.ignored;
    for word in lacking {
        if !ignored.contains(&word) {
            ignored.push(word);
        }
    }
    Ok(Answer { matched_by: MatchedBy::Text, hits, total, ignored })
}
