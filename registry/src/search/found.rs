//! Alternatives of a query word or phrase as index queries.

use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, Occur, Query};

/// Alternatives of a word or phrase.
#[derive(Default)]
pub(super) struct Found {
    /// Queries of which at least one must match; the best score is used.
    pub(super) any: Vec<Box<dyn Query>>,
    /// Largest known number of documents that one of them matches.
    pub(super) frequency: u64,
    /// Smallest rarity of the alternatives; `None` if there are none.
    pub(super) rarity: Option<f32>,
}

impl Found {
    pub(super) fn one(query: Box<dyn Query>, frequency: u64, rarity: f32) -> Self {
        Self { any: vec![query], frequency, rarity: Some(rarity) }
    }

    /// Adds alternatives.
    pub(super) fn join(&mut self, other: Self) {
        self.any.extend(other.any);
        self.frequency = self.frequency.max(other.frequency);
        self.rarity = match (self.rarity, other.rarity) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (own, other) => own.or(other),
        };
    }

    /// Whether there are no alternatives.
    pub(super) fn is_empty(&self) -> bool {
        self.any.is_empty()
    }
}

/// Matches any of the queries, with the best score.
pub(super) fn best_of(mut any: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if any.len() == 1 { any.remove(0) } else { Box::new(DisjunctionMaxQuery::new(any)) }
}

/// Matches all of them; empty if one of them is empty. The rarities are summed.
pub(super) fn all_of(mut all: Vec<Found>) -> Found {
    if all.len() == 1 {
        return all.remove(0);
    }
    if all.is_empty() || all.iter().any(Found::is_empty) {
        return Found::default();
    }
    let frequency = all.iter().map(|found| found.frequency).min().unwrap_or_default();
    let rarity = all.iter().filter_map(|found| found.rarity).sum();
    let all = all.into_iter().map(|found| (Occur::Must, best_of(found.any))).collect();
    Found { any: vec![Box::new(BooleanQuery::new(all))], frequency, rarity: Some(rarity) }
}
