//! From the clauses of a query to one query: what all hits have, and what they may lack.

use std::{cmp::Ordering, collections::BTreeSet};

use tantivy::{
    Term,
    query::{BooleanQuery, ConstScoreQuery, Occur, Query, TermQuery},
    schema::{Field, IndexRecordOption},
};

use super::reading::Clause;

/// From so many hits on, common words beside them are left out.
const MANY_HITS: u64 = 20_000;
/// What it counts that a name is the whole query: more than any words of it.
const EXACT: f32 = 1_000.0;
/// What each word counts of a part of the query that is a whole name.
const PART: f32 = 10.0;
/// What it counts that a word is spelt as it is typed.
const SPELT: f32 = 4.0;

/// Hits that have all clauses.
pub(super) fn all(clauses: &[Clause]) -> Box<dyn Query> {
    // Where even the rarest word has very many hits, common ones cost much and tell nothing apart.
    let leaves_fillers_out = has_many(clauses);
    joined(clauses.iter().filter(|clause| !(clause.may_lack() && leaves_fillers_out)))
}

/// Hits that have the common clauses as well; none where there are no such clauses, or they would cost much.
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

/// Whether even the rarest word has very many hits.
fn has_many(clauses: &[Clause]) -> bool {
    let rarest = clauses.iter().filter(|clause| !clause.may_lack()).map(|clause| clause.frequency).min();
    rarest.is_some_and(|hits| hits > MANY_HITS)
}

/// Hits that have all clauses but one, for where nothing has them all: no hit then comes from two of the combinations. What
/// says more than the others together is never left out.
pub(super) fn all_but_one(clauses: &[Clause]) -> Option<Box<dyn Query>> {
    let combinations: Vec<_> =
        combinations(clauses).into_iter().map(|(_, query)| (Occur::Should, query)).collect();
    (!combinations.is_empty()).then(|| Box::new(BooleanQuery::new(combinations)) as Box<dyn Query>)
}

/// The combinations of all clauses but one, each with the place of the one that is left out.
pub(super) fn combinations(clauses: &[Clause]) -> Vec<(usize, Box<dyn Query>)> {
    let needed = (0..clauses.len()).filter(|place| !clauses[*place].may_lack());
    // Whoever names a place wants nothing of another place.
    let (mut places, mut others): (Vec<usize>, Vec<usize>) =
        needed.partition(|place| clauses[*place].is_place);
    // Who names one body, and a place that it does not have in its name, wants the body.
    if others.iter().any(|place| clauses[*place].names_one()) {
        std::mem::swap(&mut places, &mut others);
    }
    let total: f32 = places.iter().chain(&others).map(|place| clauses[*place].rarity).sum();
    let is_alone = !places.is_empty() && others.len() == 1;
    let mut candidates = if others.is_empty() { places } else { others };
    // What a body does says more than of what kind it is.
    let kinds: Vec<usize> = candidates.iter().copied().filter(|place| clauses[*place].is_kind).collect();
    let is_kind = !kinds.is_empty() && kinds.len() < candidates.len();
    if is_kind {
        candidates = kinds;
    }
    let is_lesser = |place: &usize| clauses[*place].rarity * 2.0 <= total;
    let may_go = candidates.into_iter().filter(|place| is_alone || is_kind || is_lesser(place));
    may_go
        .map(|left_out| {
            let others = clauses.iter().enumerate().filter(|(place, _)| *place != left_out);
            (left_out, joined(others.map(|(_, clause)| clause)))
        })
        .collect()
}

/// Hits that have ever fewer of the clauses, each with the places of those that are left out: what says least goes first,
/// and a place last.
pub(super) fn ever_fewer(clauses: &[Clause]) -> Vec<(Vec<usize>, Box<dyn Query>)> {
    let mut needed: Vec<usize> = (0..clauses.len()).filter(|place| !clauses[*place].may_lack()).collect();
    let worth = |place: &usize| {
        let clause = &clauses[*place];
        (clause.names_one(), clause.is_place, !clause.is_kind, clause.rarity)
    };
    needed.sort_by(|left, right| worth(left).partial_cmp(&worth(right)).unwrap_or(Ordering::Equal));
    let fewer = (1..needed.len()).map(|count| {
        let left_out = needed[..count].to_vec();
        let others = clauses.iter().enumerate().filter(|(place, _)| !left_out.contains(place));
        let query = joined(others.map(|(_, clause)| clause));
        (left_out, query)
    });
    fewer.collect()
}

/// Hits with one of these whole names.
pub(super) fn named(exact: Field, names: &BTreeSet<String>) -> Box<dyn Query> {
    let names = names.iter().filter(|name| !name.is_empty()).map(|name| {
        let term = TermQuery::new(Term::from_field_text(exact, name), IndexRecordOption::Basic);
        (Occur::Should, Box::new(term) as Box<dyn Query>)
    });
    Box::new(BooleanQuery::new(names.collect()))
}

/// The same hits, those first whose whole name the query is, or a part of it; and before others those that spell its words
/// as it does.
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
