//! Combines the clauses of a query into index queries with required and optional clauses.

use std::{cmp::Ordering, collections::BTreeSet};

use tantivy::{
    Term,
    query::{BooleanQuery, ConstScoreQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::reading::Clause;

/// If the rarest clause has more hits than this, optional clauses are dropped.
const MANY_HITS: u64 = 20_000;
/// Score if a whole name equals the query; above any score of words.
const EXACT: f32 = 1_000.0;
/// Score if a whole name is what was searched for.
const NAMED: f32 = 1.0;
/// Score per word of a part of the query that is a whole name.
const PART: f32 = 10.0;
/// Score if a word has exactly the typed spelling.
const SPELT: f32 = 4.0;

/// Hits that match all required clauses.
pub(super) fn all(clauses: &[Clause]) -> Box<dyn Query> {
    // If even the rarest word has very many hits, common words are expensive and do not discriminate.
    let leaves_fillers_out = has_many(clauses);
    joined(clauses.iter().filter(|clause| !(clause.may_lack() && leaves_fillers_out)))
}

/// Hits that also match the common clauses; `None` if there are none, or they would be too expensive.
pub(super) fn with_common(clauses: &[Clause]) -> Option<Box<dyn Query>> {
    let is_asked = clauses.iter().any(|clause| clause.is_common && !clause.is_filler) && !has_many(clauses);
    is_asked.then(|| {
        let clauses = clauses.iter().map(|clause| {
            let occur = if clause.is_filler { Occur::Should } else { Occur::Must };
            (occur, clause.query.box_clone())
        });
        Box::new(BooleanQuery::new(clauses.collect())) as Box<dyn Query>
    })
}

/// Whether even the rarest required clause has more than `MANY_HITS` hits.
fn has_many(clauses: &[Clause]) -> bool {
    let rarest = clauses.iter().filter(|clause| !clause.may_lack()).map(|clause| clause.frequency).min();
    rarest.is_some_and(|hits| hits > MANY_HITS)
}

/// Hits that match all required clauses except one, for use if nothing matches them all, so that no hit comes from two
/// combinations. A clause with more weight than the others together is normally kept.
pub(super) fn all_but_one(clauses: &[Clause]) -> Option<Box<dyn Query>> {
    let combinations: Vec<_> =
        combinations(clauses).into_iter().map(|(_, query)| (Occur::Should, query)).collect();
    (!combinations.is_empty()).then(|| Box::new(BooleanQuery::new(combinations)) as Box<dyn Query>)
}

/// The combinations of all clauses except one, each with the index of the omitted clause.
pub(super) fn combinations(clauses: &[Clause]) -> Vec<(usize, Box<dyn Query>)> {
    let needed = (0..clauses.len()).filter(|index| !clauses[*index].may_lack());
    // Clauses of territories are kept, so that hits are not from another territory.
    let (mut territories, mut others): (Vec<usize>, Vec<usize>) =
        needed.partition(|index| clauses[*index].is_place);
    // If a clause identifies one organization, omit the territory instead: its names may lack it.
    if others.iter().any(|index| clauses[*index].names_one()) {
        std::mem::swap(&mut territories, &mut others);
    }
    let total: f32 = territories.iter().chain(&others).map(|index| clauses[*index].rarity).sum();
    let is_alone = !territories.is_empty() && others.len() == 1;
    let mut candidates = if others.is_empty() { territories } else { others };
    // Omit the kind of organization rather than its subject.
    let kinds: Vec<usize> = candidates.iter().copied().filter(|index| clauses[*index].is_kind).collect();
    let is_kind = !kinds.is_empty() && kinds.len() < candidates.len();
    if is_kind {
        candidates = kinds;
    }
    let is_lesser = |index: &usize| clauses[*index].rarity * 2.0 <= total;
    let may_go = candidates.into_iter().filter(|index| is_alone || is_kind || is_lesser(index));
    may_go
        .map(|left_out| {
            let others = clauses.iter().enumerate().filter(|(index, _)| *index != left_out);
            (left_out, joined(others.map(|(_, clause)| clause)))
        })
        .collect()
}

/// Queries with fewer and fewer required clauses, each with the indexes of the omitted ones: the least significant are
/// omitted first, territories and clauses that identify one organization last.
pub(super) fn ever_fewer(clauses: &[Clause]) -> Vec<(Vec<usize>, Box<dyn Query>)> {
    let mut needed: Vec<usize> = (0..clauses.len()).filter(|index| !clauses[*index].may_lack()).collect();
    let worth = |index: &usize| {
        let clause = &clauses[*index];
        (clause.names_one(), clause.is_place, !clause.is_kind, clause.rarity)
    };
    needed.sort_by(|left, right| worth(left).partial_cmp(&worth(right)).unwrap_or(Ordering::Equal));
    let fewer = (1..needed.len()).map(|count| {
        let left_out = needed[..count].to_vec();
        let others = clauses.iter().enumerate().filter(|(index, _)| !left_out.contains(index));
        let query = joined(others.map(|(_, clause)| clause));
        (left_out, query)
    });
    fewer.collect()
}

/// Hits with one of these whole names, all with the same score: the library's own scores count deleted documents.
pub(super) fn named(exact: Field, names: &BTreeSet<String>) -> Box<dyn Query> {
    let names = names.iter().filter(|name| !name.is_empty()).map(|name| {
        let term = TermQuery::new(Term::from_field_text(exact, name), IndexRecordOption::Basic);
        (Occur::Should, Box::new(term) as Box<dyn Query>)
    });
    Box::new(ConstScoreQuery::new(Box::new(BooleanQuery::new(names.collect())), NAMED))
}

/// The same hits, with higher scores for whole names that equal the query or a part of it, and for the exact spelling.
pub(super) fn exact_first(
    query: Box<dyn Query>,
    exact: Field,
    names: &BTreeSet<String>,
    parts: &[(String, usize)],
    spelt: &[String],
) -> Box<dyn Query> {
    let term = |word: &str| TermQuery::new(Term::from_field_text(exact, word), IndexRecordOption::Basic);
    let mut all = vec![(Occur::Must, query)];
    if names.iter().any(|name| !name.is_empty()) {
        all.push((Occur::Should, Box::new(ConstScoreQuery::new(named(exact, names), EXACT))));
    }
    let parts = parts.iter().map(|(name, words)| (name, PART * *words as f32));
    for (word, worth) in parts.chain(spelt.iter().map(|word| (word, SPELT))) {
        all.push((Occur::Should, Box::new(ConstScoreQuery::new(Box::new(term(word)), worth))));
    }
    Box::new(BooleanQuery::new(all))
}

fn joined<'a>(clauses: impl Iterator<Item = &'a Clause>) -> Box<dyn Query> {
    let clauses = clauses.map(|clause| {
        let occur = if clause.may_lack() { Occur::Should } else { Occur::Must };
        (occur, clause.query.box_clone())
    });
    Box::new(BooleanQuery::new(clauses.collect()))
}
