//! Removal limits: how many records of a source a full import may remove before the removal guard holds it.

use serde::Deserialize;

/// Largest source, in records, for which both limits apply; for larger ones only the share does, since their usual
/// changes exceed any number that suits a small source.
const SMALL: usize = 1_000;

/// Limits of removals: `"5%"`, a number, or both as a list.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Written")]
pub struct RemovalLimits {
    /// Share of the source's records, in percent.
    pub share: Option<f64>,
    /// Number of records.
    pub number: Option<usize>,
}

impl Default for RemovalLimits {
    fn default() -> Self {
        Self { share: Some(5.0), number: None }
    }
}

impl RemovalLimits {
    /// Whether removing `removed` of `of` records exceeds the limits.
    pub fn trips(&self, removed: usize, of: usize) -> bool {
        !self.exceeded(removed, of).is_empty()
    }

    /// The limits that removing `removed` of `of` records exceeds, such as `5 %`.
    pub fn exceeded(&self, removed: usize, of: usize) -> Vec<String> {
        let share = self.share.filter(|share| removed as f64 * 100.0 > of as f64 * share);
        let has_number = self.share.is_none() || of <= SMALL;
        let number = self.number.filter(|number| has_number && removed > *number);
        let share = share.map(|share| format!("{share} %"));
        share.into_iter().chain(number.map(|number| format!("{number} records"))).collect()
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a share such as \"5%\", a number, or a list of both")]
enum Written {
    Number(usize),
    Share(String),
    Both(Vec<Written>),
}

impl TryFrom<Written> for RemovalLimits {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let none = Self { share: None, number: None };
        match written {
            Written::Number(number) => Ok(Self { number: Some(number), ..none }),
            Written::Share(text) => {
                let share = text.strip_suffix('%').and_then(|number| number.trim().parse().ok());
                let share = share.filter(|share| (0.0..=100.0).contains(share));
                let wrong =
                    || format!("`{text}` is not a valid share; use a value such as \"5%\", from 0% to 100%");
                share.map(|share| Self { share: Some(share), ..none }).ok_or_else(wrong)
            }
            Written::Both(parts) => parts.into_iter().try_fold(none, |limits, part| {
                let part = Self::try_from(part)?;
                Ok(Self { share: part.share.or(limits.share), number: part.number.or(limits.number) })
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Mapping {
        max_removals: RemovalLimits,
    }

    fn limits(text: &str) -> RemovalLimits {
        toml::from_str::<Mapping>(&format!("max_removals = {text}")).expect("limits").max_removals
    }

    #[test]
    fn the_stricter_limit_counts_for_small_lists_alone() {
        let usual = RemovalLimits::default();
        assert!(!usual.trips(5, 100) && usual.trips(6, 100));
        assert!(!usual.trips(1_000, 20_000) && usual.trips(1_001, 20_000));
        let both = limits("[\"10%\", 20]");
        assert!(!both.trips(20, 500) && both.trips(21, 500));
        assert!(!both.trips(150, 1_500) && both.trips(151, 1_500));
        assert!(limits("20").trips(21, 1_000_000) && !limits("\"50%\"").trips(50, 100));
    }

    #[test]
    fn a_held_import_names_the_limits_that_it_exceeds_and_no_others() {
        assert_eq!(RemovalLimits::default().exceeded(10, 100), ["5 %"]);
        let both = limits("[\"10%\", 20]");
        assert_eq!(both.exceeded(21, 500), ["20 records"]);
        assert_eq!(both.exceeded(11, 100), ["10 %"]);
        assert_eq!(both.exceeded(60, 500), ["10 %", "20 records"]);
        assert_eq!(both.exceeded(151, 1_500), ["10 %"]);
    }

    #[test]
    fn limits_that_mean_nothing_are_refused() {
        for text in ["\"5\"", "\"500%\"", "\"-1%\"", "-1", "true"] {
            assert!(toml::from_str::<Mapping>(&format!("max_removals = {text}")).is_err(), "{text}");
        }
    }
}
