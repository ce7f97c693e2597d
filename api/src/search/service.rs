//! What search answers.

use std::sync::Arc;

use anyhow::Result;
use tantivy::{Searcher, query::Query};
use unicode_normalization::UnicodeNormalization;

use super::{
    combine::{all, all_but_one, combinations, exact_first, with_common},
    direct,
    expand::{Analysis, analyse},
    find::Best,
    index::{Open, SearchIndex},
    terms::Terms,
};
pub use super::{
    document::Hit,
    find::{Among, Place},
};
use crate::snapshot::View;

/// By what a hit was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// By its names, or those of its place or owner.
    Text,
    /// By a number in a register, a native id or its code.
    Identifier,
    /// By the address of a page.
    Address,
}

/// Hits, the best first.
#[derive(Debug)]
pub struct Answer {
    /// By what they were found.
    pub matched_by: MatchedBy,
    /// The hits.
    pub places: Vec<Place>,
    /// Number of all hits.
    pub total: u64,
    /// Words of the query that are nowhere in the registry, or that the best hit lacks.
    pub ignored: Vec<String>,
}

/// Finds what the text may mean, among what the viewer may see: `count` hits after a place. `None` while the index is
/// not built.
///
/// # Errors
/// When the index cannot be read.
pub fn search(
    index: &SearchIndex,
    view: &View,
    text: &str,
    among: Among,
    after: Option<Place>,
    count: usize,
) -> Result<Option<Answer>> {
    if let Some((matched_by, hits)) = direct::find(view, text) {
        let hits: Vec<Hit> = hits.into_iter().filter(|hit| among.has(*hit)).collect();
        let total = hits.len() as u64;
        // The first is the best: scores fall from the number of hits.
        let places = hits
            .into_iter()
            .enumerate()
            .map(|(place, hit)| Place { score: u32::from(u16::MAX) - place as u32, hit });
        let places = places.filter(|place| after.is_none_or(|after| *place > after)).take(count).collect();
        return Ok(Some(Answer { matched_by, places, total, ignored: Vec::new() }));
    }
    let Some(open) = index.open() else { return Ok(None) };
    let searcher = open.reader.searcher();
    let mut analysis = read(&searcher, open, text)?;
    let among = Arc::new(among);
    let exact = std::mem::take(&mut analysis.exact);
    let best = |query: Box<dyn Query>, after, count| {
        let best = Best { among: among.clone(), after, count };
        searcher.search(&exact_first(query, open.fields.exact, &exact), &best)
    };
    let run = |query| best(query, after, count);
    let mut found = (Vec::new(), 0);
    if let Some(query) = with_common(&analysis.clauses) {
        found = run(query)?;
    }
    if !analysis.clauses.is_empty() && found.1 == 0 {
        found = run(all(&analysis.clauses))?;
    }
    if found.1 == 0
        && let Some(query) = all_but_one(&analysis.clauses)
    {
        // What the best hit lacks is told: nobody looks for a hit without it unawares.
        let first = |query| Ok::<_, anyhow::Error>(best(query, None, 1)?.0.first().map(|place| place.hit));
        let top = first(query.box_clone())?;
        found = run(query)?;
        for (left_out, others) in combinations(&analysis.clauses) {
            if top.is_some() && first(others)? == top {
                analysis.ignored.extend(analysis.clauses[left_out].words.iter().cloned());
                break;
            }
        }
    }
    let (places, total) = found;
    Ok(Some(Answer { matched_by: MatchedBy::Text, places, total, ignored: analysis.ignored }))
}

/// Reads a query; where most of it is unknown, what is known counts in names alone, so that hits are fewer and better.
fn read(searcher: &Searcher, open: &Open, text: &str) -> Result<Analysis> {
    let short_forms = open.short_forms.load();
    let text: String = text.nfc().collect();
    let terms = |only_names| Terms { searcher, fields: &open.fields, only_names };
    let analysis = analyse(&terms(false), &short_forms, &text)?;
    if !analysis.ignored.is_empty() && analysis.is_mostly_ignored(searcher.num_docs()) {
        if analysis.is_common(searcher.num_docs()) {
            // A third of the registry is no answer to a name that nobody has.
            return Ok(Analysis { clauses: Vec::new(), ..analysis });
        }
        return analyse(&terms(true), &short_forms, &text);
    }
    Ok(analysis)
}
