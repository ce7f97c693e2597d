//! Scores of a methodology by subject, and the resulting ranks.

use std::collections::HashMap;

use anyhow::{Result, anyhow};
use roaring::RoaringBitmap;

use super::leaderboard::{self, Kind, MonthSpan};
use crate::{
    analytics::StatisticsMetric,
    model::{Methodology, Rated},
    snapshot::{Clause, Dimension, Filter},
    statistics::MonthCache,
    view::View,
};

/// Highest score.
const FULL: f64 = 100.0;
/// Resolution of a score: steps per point.
const STEPS: f64 = 1e6;

/// Part of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The metric.
    pub metric: StatisticsMetric,
    /// Value of the metric; `None` if it cannot be computed.
    pub value: Option<f64>,
    /// Percentile rank, from 0 to 1: share of the other subjects with a lower value or none; ties count half.
    pub share: f64,
}

/// Score of a subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Id of the subject.
    pub id: i64,
    /// Rank: 1 plus the number of subjects with a higher score; ties share a rank.
    pub rank: u64,
    /// From 0 to 100: sum of the parts' shares by weight.
    pub score: f64,
    /// Parts of the score, in the order of the methodology's components.
    pub parts: Vec<Part>,
}

/// Kind of subject that a methodology rates: pages, or organizations by their pages.
pub fn kind_of(methodology: &Methodology) -> Kind {
    match methodology.terms.rated {
        Rated::Pages => Kind::Page,
        Rated::Organizations => Kind::Organization(None),
    }
}

/// Pages that a methodology rates, within a scope.
pub fn pages_of(view: &View, methodology: &Methodology, scope: &Filter) -> RoaringBitmap {
    use entities::page::Lifecycle;
    let terms = &methodology.terms;
    let mut filter = scope.clone();
    filter.add(Clause::AnyOf(Dimension::Lifecycle, vec![Lifecycle::Registered as u32]));
    let mut any_of = |dimension, values: Vec<u32>| {
        if !values.is_empty() {
            filter.add(Clause::AnyOf(dimension, values));
        }
    };
    any_of(Dimension::OfOffice, if terms.of_office_holders { vec![1] } else { Vec::new() });
    any_of(Dimension::Kind, terms.kinds.iter().map(|kind| *kind as u32).collect());
    any_of(Dimension::Level, terms.levels.iter().map(|level| *level as u32).collect());
    let platforms = terms.platforms.iter().filter_map(|code| view.platform_by_code(code));
    any_of(Dimension::Platform, platforms.filter_map(|platform| u32::try_from(platform.id).ok()).collect());
    view.pages(&filter).bits().clone()
}

/// Scores of all subjects of a methodology, highest first; ties by id.
///
/// # Errors
/// When the methodology has an unknown metric, or the database fails.
pub async fn scores(
    view: &View,
    months: &MonthCache,
    methodology: &Methodology,
    pages: &RoaringBitmap,
    span: MonthSpan,
) -> Result<Vec<Scored>> {
    let kind = kind_of(methodology);
    let mut parts: HashMap<i64, Vec<Part>> = HashMap::new();
    let mut metrics = Vec::new();
    for component in &methodology.terms.components {
        let metric = StatisticsMetric::named(&component.metric)
            .ok_or_else(|| anyhow!("{}: no metric {}", methodology.code, component.metric))?;
        let question = leaderboard::LeaderboardQuery { kind, pages, metric, months: span };
        let values = leaderboard::values(view, months, &question, span).await?;
        values.keys().for_each(|id| _ = parts.entry(*id).or_default());
        metrics.push((metric, component.weight, values));
    }
    for (metric, _, values) in &metrics {
        let mut sorted: Vec<f64> = values.values().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let rated = parts.len();
        for (id, parts) in &mut parts {
            let value = values.get(id).copied();
            let share = value.map_or(0.0, |value| share(&sorted, value, rated));
            parts.push(Part { metric: *metric, value, share });
        }
    }
    let weights: Vec<f64> = metrics.iter().map(|(_, weight, _)| *weight).collect();
    Ok(ranked(parts, &weights))
}

/// Percentile rank of a value; subjects without a value are below all others.
fn share(sorted: &[f64], value: f64, rated: usize) -> f64 {
    let others = rated.saturating_sub(1);
    if others == 0 {
        return 1.0;
    }
    let below = sorted.partition_point(|other| *other < value) + (rated - sorted.len());
    let equal = sorted.partition_point(|other| *other <= value) + (rated - sorted.len()) - below - 1;
    (below as f64 + equal as f64 / 2.0) / others as f64
}

fn ranked(parts: HashMap<i64, Vec<Part>>, weights: &[f64]) -> Vec<Scored> {
    let score = |parts: &[Part]| {
        let sum: f64 = parts.iter().zip(weights).map(|(part, weight)| part.share * weight).sum();
        // Rounded, so that sums of the same parts in another order are equal.
        (FULL * sum * STEPS).round() / STEPS
    };
    let mut scored: Vec<Scored> =
        parts.into_iter().map(|(id, parts)| Scored { id, rank: 0, score: score(&parts), parts }).collect();
    scored.sort_unstable_by(|left, right| right.score.total_cmp(&left.score).then(left.id.cmp(&right.id)));
    for index in 0..scored.len() {
        let is_equal = index > 0 && scored[index - 1].score == scored[index].score;
        scored[index].rank = if is_equal { scored[index - 1].rank } else { index as u64 + 1 };
    }
    scored
}
