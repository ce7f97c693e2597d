//! Runs a query: hits that match all words, or else as many as possible.

use std::sync::Arc;

use anyhow::Result;
use tantivy::{
    Searcher,
    query::{BooleanQuery, Occur, Query},
};

use super::{
    collector::{Best, Found, ScoredHit, VisibleIds},
    combine::{all, all_but_one, combinations, ever_fewer, exact_first, named, with_common},
    document::host_key,
    expand::{Analysis, exact},
    index::Open,
    reading::{Clause, FEW},
    terms::Terms,
};

/// Shortest part of a query, in words, that is used alone as a whole name; shorter ones only if few records have it.
const MIN_NAME: usize = 3;

/// A search among the visible records.
pub(super) struct Run<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) open: &'a Open,
    pub(super) among: Arc<VisibleIds>,
    pub(super) after: Option<ScoredHit>,
    pub(super) count: usize,
}

impl Run<'_> {
    /// Organizations by the host of their website.
    pub(super) fn of_website(&self, host: &str) -> Result<Found> {
        let names = [host_key(host)].into();
        self.best(&*named(self.open.fields.exact, &names), self.after, self.count)
    }

    /// Hits of a query, and the query words that the best hit lacks, to report to the client.
    pub(super) fn of_words(&self, analysis: &Analysis) -> Result<(Found, Vec<String>)> {
        let clauses = &analysis.clauses;
        let nothing = (Vec::new(), 0);
        if clauses.is_empty() {
            return Ok((nothing, Vec::new()));
        }
        if let Some(query) = with_common(clauses) {
            let found = self.in_order(query, analysis)?;
            if found.1 > 0 {
                return Ok((found, Vec::new()));
            }
        }
        let found = self.in_order(all(clauses), analysis)?;
        if found.1 > 0 {
            return Ok((found, self.lacking_common(analysis)?));
        }
        let (alive, dead) = self.alive(clauses)?;
        if !dead.is_empty() && !alive.is_empty() {
            let words: Vec<String> = dead.iter().flat_map(|clause| clause.words.clone()).collect();
            let rest = Analysis { clauses: alive, ..analysis.clone() };
            let (found, lacking) = self.of_words(&rest)?;
            return Ok((found, words.into_iter().chain(lacking).collect()));
        }
        if let Some(found) = self.of_name(analysis)? {
            return Ok(found);
        }
        if let Some(found) = self.without_one(analysis)? {
            return Ok(found);
        }
        for (left_out, query) in ever_fewer(clauses) {
            let found = self.in_order(query.box_clone(), analysis)?;
            if found.1 > 0 {
                let left_out = left_out.iter().map(|index| &clauses[*index]);
                return Ok((found, self.lacked(&*query, left_out, analysis)?));
            }
        }
        Ok((nothing, Vec::new()))
    }

    /// Hits that lack at most one clause, and the words of the one that the best hit lacks.
    fn without_one(&self, analysis: &Analysis) -> Result<Option<(Found, Vec<String>)>> {
        let Some(query) = all_but_one(&analysis.clauses) else { return Ok(None) };
        let top = self.top(query.box_clone(), analysis)?;
        if top.is_none() {
            return Ok(None);
        }
        let found = self.in_order(query, analysis)?;
        Ok(Some((found, self.lacking(analysis, top)?)))
    }

    /// Clauses with and without visible hits.
    fn alive(&self, clauses: &[Clause]) -> Result<(Vec<Clause>, Vec<Clause>)> {
        let (mut alive, mut dead) = (Vec::new(), Vec::new());
        for clause in clauses {
            let has_hits = !self.best(&*clause.query, None, 1)?.0.is_empty();
            if has_hits { &mut alive } else { &mut dead }.push(clause.clone());
        }
        // If all clauses are optional, all become required.
        if alive.iter().all(Clause::may_lack) {
            alive.iter_mut().for_each(|clause| (clause.is_filler, clause.is_common) = (false, false));
        }
        Ok((alive, dead))
    }

    /// Hits of the longest part of the query that is a whole name, and the remaining words.
    fn of_name(&self, analysis: &Analysis) -> Result<Option<(Found, Vec<String>)>> {
        let short_forms = self.open.short_forms.load();
        let terms = Terms { searcher: self.searcher, open: self.open, only_names: false };
        let known = &analysis.known;
        for length in (1..known.len()).rev() {
            for start in 0..=known.len() - length {
                let names = exact(&short_forms, &known[start..start + length]);
                let frequencies = names.iter().map(|name| terms.exact_frequency(name));
                let frequency: u64 = frequencies.sum::<Result<u64>>()?;
                if frequency == 0 || (length < MIN_NAME && frequency > FEW) {
                    continue;
                }
                let query = named(self.open.fields.exact, &names);
                let found = self.in_order(query, analysis)?;
                if found.1 > 0 {
                    let others = known[..start].iter().chain(&known[start + length..]);
                    return Ok(Some((found, others.map(|(shown, _)| shown.clone()).collect())));
                }
            }
        }
        Ok(None)
    }

    /// Common words that the best hit lacks, if no hit has them all.
    fn lacking_common(&self, analysis: &Analysis) -> Result<Vec<String>> {
        let clauses = &analysis.clauses;
        if with_common(clauses).is_none() {
            return Ok(Vec::new());
        }
        let common = clauses.iter().filter(|clause| clause.is_common && !clause.is_filler);
        self.lacked(&*all(clauses), common, analysis)
    }

    /// Words of the given clauses that the best hit of a query lacks.
    fn lacked<'c>(
        &self,
        query: &dyn Query,
        clauses: impl Iterator<Item = &'c Clause>,
        analysis: &Analysis,
    ) -> Result<Vec<String>> {
        let top = self.top(query.box_clone(), analysis)?.map(|scored| scored.hit);
        let mut lacking = Vec::new();
        for clause in clauses {
            let both = vec![(Occur::Must, query.box_clone()), (Occur::Must, clause.query.box_clone())];
            let first = self.top(Box::new(BooleanQuery::new(both)), analysis)?;
            if first.map(|scored| scored.hit) != top {
                lacking.extend(clause.words.iter().cloned());
            }
        }
        Ok(lacking)
    }

    /// Words of the one clause that the best hit lacks.
    fn lacking(&self, analysis: &Analysis, top: Option<ScoredHit>) -> Result<Vec<String>> {
        for (left_out, others) in combinations(&analysis.clauses) {
            let first = self.top(others, analysis)?;
            if first.map(|scored| scored.hit) == top.map(|scored| scored.hit) {
                return Ok(analysis.clauses[left_out].words.clone());
            }
        }
        Ok(Vec::new())
    }

    fn top(&self, query: Box<dyn Query>, analysis: &Analysis) -> Result<Option<ScoredHit>> {
        let query = self.ordered(query, analysis);
        Ok(self.best(&*query, None, 1)?.0.first().copied())
    }

    fn in_order(&self, query: Box<dyn Query>, analysis: &Analysis) -> Result<Found> {
        let query = self.ordered(query, analysis);
        self.best(&*query, self.after, self.count)
    }

    fn ordered(&self, query: Box<dyn Query>, analysis: &Analysis) -> Box<dyn Query> {
        let names = analysis.exact.iter().chain(&analysis.begun).cloned().collect();
        exact_first(query, self.open.fields.exact, &names, &analysis.parts, &analysis.spelt)
    }

    fn best(&self, query: &dyn Query, after: Option<ScoredHit>, count: usize) -> Result<Found> {
        Ok(self.searcher.search(query, &Best { among: self.among.clone(), after, count })?)
    }
}
