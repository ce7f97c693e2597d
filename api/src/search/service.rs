//! What search answers.

use std::sync::Arc;

use anyhow::Result;
use tantivy::query::Query;

use super::{
    direct,
    expand::{all_but_one_of, all_of, expand},
    find::Best,
    index::SearchIndex,
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
        return Ok(Some(Answer { matched_by, places, total }));
    }
    let Some(open) = index.open() else { return Ok(None) };
    let searcher = open.reader.searcher();
    let expanded = expand(&searcher, &open.fields, text)?;
    let among = Arc::new(among);
    let run = |query: Box<dyn Query>| {
        let best = Best { among: among.clone(), after, count };
        searcher.search(&query, &best)
    };
    let mut found = run(all_of(&expanded))?;
    if found.1 == 0 && expanded.len() > 1 {
        found = run(all_but_one_of(&expanded))?;
    }
    Ok(Some(Answer { matched_by: MatchedBy::Text, places: found.0, total: found.1 }))
}
