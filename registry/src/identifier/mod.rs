//! Identifiers of organizations: format and check digits, as defined by packs.

use entities::organization_identifier::State;
use regex::Regex;
use serde::{Deserialize, Serialize};

/// Format and check of the identifiers of one scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemeRules {
    /// Regular expression that the whole identifier must match.
    pub pattern: String,
    /// Number of digits to pad to with leading zeros, which spreadsheets drop.
    pub pad_to: Option<usize>,
    /// Whether an identifier must be unique to an organization.
    #[serde(default)]
    pub is_unique: bool,
    /// Check digit algorithm; without one, identifiers stay unverified.
    pub check: Option<Check>,
    /// Regular expression of identifiers of persons, which are rejected.
    pub person_pattern: Option<String>,
}

/// How a check digit is computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "algorithm", deny_unknown_fields)]
pub enum Check {
    /// The number before the last digit, modulo `modulus`, modulo 10.
    Remainder {
        /// Divisor.
        modulus: u64,
    },
    /// Sum of the digits before the last, each times its weight, modulo `modulus`, modulo 10.
    Weighted {
        /// Weights of the digits from the left.
        weights: Vec<u64>,
        /// Divisor.
        modulus: u64,
        /// Weights to use when the first remainder is 10.
        retry: Option<Vec<u64>>,
    },
    /// ISO/IEC 7812-1 annex B.
    Luhn,
}

/// Why an identifier is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// It does not match the format of its scheme.
    #[error("it does not match the format of its scheme")]
    Form,
    /// It belongs to a person: the registry contains data on institutions only.
    #[error("it belongs to a person")]
    Person,
}

impl SchemeRules {
    /// Normalizes an identifier and verifies its check digit.
    ///
    /// # Errors
    /// When it does not match the scheme's format, or belongs to a person.
    pub fn verify(&self, raw: &str) -> Result<(Box<str>, State), IdentifierError> {
        let mut value = plain(raw);
        if let Some(padded) = self.padded(&value) {
            value = padded;
        }
        if self.person_pattern.as_deref().is_some_and(|pattern| is_whole_match(pattern, &value)) {
            return Err(IdentifierError::Person);
        }
        let is_nothing = value.bytes().all(|byte| byte == b'0');
        // In patterns, `\d` matches digits of any script; registers use ASCII digits.
        let has_other_digits = value.chars().any(|c| c.is_numeric() && !c.is_ascii());
        if is_nothing || has_other_digits || !is_whole_match(&self.pattern, &value) {
            return Err(IdentifierError::Form);
        }
        let state = match &self.check {
            None => State::Unverified,
            Some(check) if check.holds(&value) => State::Valid,
            Some(_) => State::CheckFailed,
        };
        Ok((value.into(), state))
    }

    /// The identifier with dropped leading zeros restored: a single zero, or more when the check digit
    /// confirms them.
    fn padded(&self, value: &str) -> Option<String> {
        let missing =
            self.pad_to?.checked_sub(value.len()).filter(|missing| (1..=MAX_PADDED).contains(missing))?;
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
        let padded = format!("{}{value}", "0".repeat(missing));
        let is_borne_out = missing == 1 || self.check.as_ref().is_some_and(|check| check.holds(&padded));
        (is_number && is_borne_out && is_whole_match(&self.pattern, &padded)).then_some(padded)
    }

    /// Checks that the patterns are valid regular expressions.
    ///
    /// # Errors
    /// The first invalid pattern.
    pub fn validate(&self) -> Result<(), regex::Error> {
        for pattern in std::iter::once(&self.pattern).chain(&self.person_pattern) {
            Regex::new(pattern)?;
        }
        Ok(())
    }
}

/// Maximum number of restored zeros.
const MAX_PADDED: usize = 4;

/// The identifier without artefacts of typing and spreadsheets: blanks, hyphens, a trailing decimal point
/// with zeros.
pub fn plain(raw: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let is_between =
        |c: &char| c.is_whitespace() || matches!(c, '-' | '‐' | '‑' | '–' | '\u{200b}' | '\u{feff}');
    let value: String = raw.nfc().filter(|c| !is_between(c)).collect();
    match value.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
            whole.to_owned()
        }
        _ => value,
    }
}

impl Check {
    fn holds(&self, value: &str) -> bool {
        let Some(digits) =
            value.bytes().map(|byte| byte.is_ascii_digit().then(|| u64::from(byte - b'0'))).collect()
        else {
            return false;
        };
        let digits: Vec<u64> = digits;
        let Some((last, body)) = digits.split_last() else { return false };
        match self {
            Self::Remainder { modulus } => {
                let modulus = u128::from((*modulus).max(1));
                let rest = body.iter().fold(0, |rest, digit| (rest * 10 + u128::from(*digit)) % modulus);
                rest % 10 == u128::from(*last)
            }
            Self::Weighted { weights, modulus, retry } => {
                let modulus = u128::from((*modulus).max(1));
                let remainder = |weights: &[u64]| {
                    let products = body.iter().zip(weights).map(|(d, w)| u128::from(*d) * u128::from(*w));
                    products.sum::<u128>() % modulus
                };
                let last = u128::from(*last);
                match (remainder(weights), retry) {
                    (10, Some(retry)) => remainder(retry) % 10 == last,
                    (rest, _) => rest % 10 == last,
                }
            }
            Self::Luhn => {
                let doubled = |digit: u64| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
                let sum = digits.iter().rev().enumerate();
                sum.map(|(index, digit)| if index % 2 == 1 { doubled(*digit) } else { *digit }).sum::<u64>()
                    % 10
                    == 0
            }
        }
    }
}

fn is_whole_match(pattern: &str, value: &str) -> bool {
    thread_local! {
        static COMPILED: std::cell::RefCell<std::collections::HashMap<String, Option<Regex>>> = Default::default();
    }
    COMPILED.with_borrow_mut(|compiled| {
        let regex = compiled
            .entry(pattern.to_owned())
            .or_insert_with(|| Regex::new(&format!("^(?:{pattern})$")).ok());
        regex.as_ref().is_some_and(|regex| regex.is_match(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_that_a_spreadsheet_dropped_come_back_where_the_check_digit_holds() {
        let weights = vec![8, 9, 2, 3, 4, 5, 6, 7];
        let rules = SchemeRules {
            pattern: r"\d{9}".into(),
            pad_to: Some(9),
            is_unique: true,
            check: Some(Check::Weighted { weights, modulus: 11, retry: None }),
            person_pattern: None,
        };
        let read = |raw: &str| rules.verify(raw).map(|(value, _)| value.into_string());
        assert_eq!(read("331501.0").as_deref(), Ok("000331501"));
        assert_eq!(read("331502"), Err(IdentifierError::Form), "three zeros need the check digit");
        assert_eq!(read("12345678").as_deref(), Ok("012345678"), "one zero does not");
        let unchecked = SchemeRules { check: None, ..rules.clone() };
        assert_eq!(unchecked.verify("331501"), Err(IdentifierError::Form));
        assert_eq!(rules.verify("٠٠٠٣٣١٥٠١"), Err(IdentifierError::Form), "digits of another script");
    }
}
