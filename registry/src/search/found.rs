//! What a word or phrase of a query may stand for, as queries of the index.

use tantivy::query::{BooleanQuery, DisjunctionMaxQuery, Occur, Query};

/// What a word or phrase may stand for.
#[derive(Default)]
pub(super) struct Found {
    /// Queries of which one must hold; the best one counts.
    pub(super) any: Vec<Box<dyn Query>>,
    /// Most documents that one of them is met by, as far as it is known.
    pub(super) frequency: u64,
    /// How little one of them says, at least; none where there are none.
    pub(super) rarity: Option<f32>,
}

impl Found {
    pub(super) fn one(query: Box<dyn Query>, frequency: u64, rarity: f32) -> Self {
        Self { any: vec![query], frequency, rarity: Some(rarity) }
    }

    /// Takes in what it may stand for as well.
    pub(super) fn join(&mut self, other: Self) {
        self.any.extend(other.any);
        self.frequency = self.frequency.max(other.frequency);
        self.rarity = match (self.rarity, other.rarity) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (own, other) => own.or(other),
        };
    }

    /// Whether it is nowhere.
    pub(super) fn is_empty(&self) -> bool {
        self.any.is_empty()
    }
}

/// What meets one of the queries, by the best of them.
pub(super) fn best_of(mut any: Vec<Box<dyn Query>>) -> Box<dyn Query> {
    if any.len() == 1 { any.remove(0) } else { Box::new(DisjunctionMaxQuery::new(any)) }
}

/// What has all of them: nothing where one of them is nowhere. It says as much as they say together.
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
