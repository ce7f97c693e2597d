//! Checks of published figures and of rating weights.

use std::collections::HashSet;

use entities::indicator::Unit;

use super::{Checked, Findings, entries::far};
use crate::{
    analytics::StatisticsMetric,
    pack::file::{IndicatorEntry, MethodologyEntry},
};

pub(super) fn check(checked: &Checked<'_>, findings: &mut Findings) {
    for indicator in &checked.file.indicators {
        published(indicator, &format!("indicator `{}`", indicator.code), findings);
    }
    for methodology in &checked.file.methodologies {
        let entry = format!("methodology `{}-{}`", methodology.code, methodology.version);
        weights(methodology, &entry, findings);
        far(&entry, "valid_from", methodology.valid_from, findings);
        for code in &methodology.terms.platforms {
            if !checked.all().flat_map(|pack| &pack.platforms).any(|it| it.code == **code) {
                findings.problem(&entry, format!("no loaded pack has the platform `{code}`"));
            }
        }
    }
}

fn published(indicator: &IndicatorEntry, entry: &str, findings: &mut Findings) {
    let mut periods = HashSet::new();
    for figure in &indicator.figures {
        if figure.to < figure.from {
            findings.problem(entry, "a figure ends before it begins");
        }
        far(entry, "to", figure.to, findings);
        if !periods.insert((figure.from, figure.to)) {
            let text = format!("has two figures from {} to {}", figure.from, figure.to);
            findings.problem(entry, text);
        }
        if figure.value < 0.0 {
            findings.problem(entry, format!("the figure {} is negative", figure.value));
        }
        if indicator.unit == Unit::Share && figure.value > 1.0 {
            let text = format!("the share {} is above 1: write 45 % as 0.45", figure.value);
            findings.problem(entry, text);
        }
        if indicator.unit == Unit::Count && figure.value.fract() != 0.0 {
            findings.problem(entry, format!("the count {} is not a whole number", figure.value));
        }
        if figure.source.trim().is_empty() {
            findings.problem(entry, "a figure has no source");
        }
    }
}

fn weights(methodology: &MethodologyEntry, entry: &str, findings: &mut Findings) {
    if methodology.version < 1 {
        findings.problem(entry, "`version` must be at least 1");
    }
    let weight = methodology.terms.weight();
    if (weight - 1.0).abs() > 1e-9 {
        findings.problem(entry, format!("the weights add up to {weight} instead of 1"));
    }
    let mut metrics = HashSet::new();
    for component in &methodology.terms.components {
        let metric = &component.metric;
        if StatisticsMetric::named(metric).is_none() {
            findings.problem(entry, format!("`{metric}` is not a metric"));
        }
        if !metrics.insert(metric) {
            findings.problem(entry, format!("`{metric}` is listed twice: give it one weight"));
        }
        if component.weight <= 0.0 {
            let text = format!("the weight of `{metric}` is {}; it must be above 0", component.weight);
            findings.problem(entry, text);
        }
    }
}
