//! Normalising cells: trimming, and parsing numbers and dates in their many forms.

use std::borrow::Cow;

use super::row_error::{Code, RowResult, refuse};
use crate::calendar::TimeZone;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Utc};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Day 0 of spreadsheets that count days from 1900 (ECMA-376, part 1, 18.17.4.1).
const SPREADSHEET_EPOCH: (i32, u32, u32) = (1899, 12, 30);

/// Text in NFC, trimmed of blanks and invisible characters, and without the markers that spreadsheets use to keep a
/// value as text: `="0123"` and `'0123`. May be empty.
pub(super) fn clean(raw: &str) -> Cow<'_, str> {
    let text = composed(raw);
    if text.is_empty() {
        return text;
    }
    let inner = match text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner,
        None => match text.strip_prefix('\'') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit() || "=+-@".contains(c)) => rest,
            _ => return text,
        },
    };
    Cow::Owned(inner.trim().to_owned())
}

/// Text in NFC, trimmed of blanks and without invisible characters.
pub(super) fn composed(raw: &str) -> Cow<'_, str> {
    let is_around = |c: char| c.is_whitespace() || is_unseen(c) || matches!(c, '\u{200c}' | '\u{200d}');
    let text = raw.trim_matches(is_around);
    if !text.contains(is_unseen) && is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !is_unseen(*c)).nfc().collect())
}

/// Invisible characters and direction controls (Bidi_Control). Joiners (U+200C, U+200D) are not included: Persian and
/// Hindi spelling needs them.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
        | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The first control character other than tabs and line ends.
pub(super) fn control_character(text: &str) -> Option<char> {
    text.chars().find(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}'))
}

/// Parses a whole number: `1 001`, `1001.0` and `1001,00` are 1001; other numbers with a point or a comma are refused.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    let text: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’' | '\u{202f}')).collect();
    let whole = match text.split_once(['.', ',']) {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => &text,
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| whole.parse().ok())?
}

/// Parses a number with a decimal point or comma and multiplies it: `12,5` by 1000 is 12500.
pub(super) fn multiplied(text: &str, by: f64) -> Option<String> {
    let text: String =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == ',' { '.' } else { c }).collect();
    let number: f64 = text.parse().ok()?;
    let product = (number * by * 1e6).round() / 1e6;
    product.is_finite().then(|| product.to_string())
}

/// Removes the decimal zeros that a spreadsheet added to an id: `1001.0` and `1001,00` are `1001`.
pub(super) fn unspoilt_id(text: &str) -> &str {
    match text.split_once(['.', ',']) {
        Some((whole, zeros))
            if !whole.is_empty()
                && whole.bytes().all(|byte| byte.is_ascii_digit())
                && !zeros.is_empty()
                && zeros.bytes().all(|byte| byte == b'0') =>
        {
            whole
        }
        _ => text,
    }
}

/// The same for the number at the end of a code with an optional prefix; also removes blanks between its digits.
pub(super) fn unspoilt_code(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}' | '\u{202f}');
    let head = text.trim_end_matches(is_part);
    // A text with words is not a code: unchanged.
    if !head.is_empty() && !head.ends_with(':') {
        return text.to_owned();
    }
    let number: String = text[head.len()..].split([' ', '\u{a0}', '\u{202f}']).collect();
    let id = unspoilt_id(&number);
    // A comma that is left was not followed by zeros only: not a spreadsheet number.
    if id.contains(',') { text.to_owned() } else { format!("{head}{id}") }
}

/// The same for a cell with one code. A line break, tab or semicolon in it separates two values, which are not joined to a
/// third; lists of codes in files are separated by semicolons.
///
/// # Errors
/// When it has such a separator, or another control character.
pub(super) fn one_code(text: &str) -> RowResult<String> {
    if text.trim().contains(|c: char| c.is_control() || matches!(c, ';' | '\u{2028}' | '\u{2029}')) {
        let text = "The code has a semicolon, a line break, a tab or another control character.";
        return refuse(Code::BadValue, text, "Write one code in the cell, without these characters.");
    }
    Ok(unspoilt_code(text))
}

/// Form of a timestamp without an offset.
const LOCAL: &str = "%Y-%m-%dT%H:%M:%S";

/// Accepted years: others are typing errors or two-digit years.
const YEARS: std::ops::Range<i32> = 1000..3000;

/// Whether a spreadsheet turned a long number into scientific notation: `1,02E+12`.
pub(super) fn is_exponent(text: &str) -> bool {
    let Some((digits, power)) = text.split_once(['E', 'e']) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    power.strip_prefix('+').is_some_and(is_number) && digits.split(['.', ',']).all(is_number)
}

/// Parses an RFC 3339 timestamp; in the time zone, also one without an offset, or an ISO 8601 date (its beginning).
pub(super) fn timestamp(text: &str, zone: TimeZone) -> Option<DateTime<Utc>> {
    let with_offset = DateTime::parse_from_rfc3339(text).map(|timestamp| timestamp.to_utc()).ok();
    let local = || Some(zone.at(NaiveDateTime::parse_from_str(text, LOCAL).ok()?));
    let day = || Some(zone.start_of(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?));
    let timestamp = with_offset.or_else(local).or_else(day)?;
    // The first day of a year begins in the year before in UTC where clocks are ahead of it.
    YEARS.contains(&zone.day_of(timestamp).year()).then_some(timestamp)
}

/// Smallest accepted spreadsheet day number: smaller numbers are days or months, not dates.
const FIRST_YEAR: u64 = 366;

/// Converts a date in a `strftime` format, or a spreadsheet day number (`excel`), to ISO 8601.
pub(super) fn dated(text: &str, form: &str) -> Option<String> {
    if form == "excel" {
        let (day, time) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        let is_number = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
        let number = day.parse().ok().filter(|day| is_number && *day >= FIRST_YEAR)?;
        let (year, month, day) = SPREADSHEET_EPOCH;
        let date = NaiveDate::from_ymd_opt(year, month, day)?.checked_add_days(Days::new(number))?;
        return Some(date.to_string());
    }
    let written = |timestamp: NaiveDateTime| timestamp.format(LOCAL).to_string();
    let with_zone = || Some(format!("{}Z", written(DateTime::parse_from_str(text, form).ok()?.naive_utc())));
    let with_time = || Some(written(NaiveDateTime::parse_from_str(text, form).ok()?));
    let day = || Some(NaiveDate::parse_from_str(text, form).ok()?.to_string());
    with_zone().or_else(with_time).or_else(day)
}

/// Whether a date format is valid.
pub(super) fn is_date_form(form: &str) -> bool {
    use chrono::format::{Item, StrftimeItems};
    form == "excel"
        || (form.contains('%') && !StrftimeItems::new(form).any(|item| matches!(item, Item::Error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spreadsheets_put_around_a_value_goes() {
        for (raw, value) in [
            (" \u{a0}Тула\u{feff} ", "Тула"),
            ("=\"0123\"", "0123"),
            ("'0123", "0123"),
            ("'=SUM(A1)", "=SUM(A1)"),
            ("'quoted'", "'quoted'"),
            ("и\u{306}", "й"),
            ("Шко\u{ad}ла \u{202e}№ 1\u{2066}", "Школа № 1"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("", ""),
        ] {
            assert_eq!(clean(raw), value, "{raw}");
        }
    }

    #[test]
    fn whole_numbers_are_read_and_others_are_not() {
        for (text, number) in [
            ("1001", Some(1001)),
            ("1 001", Some(1001)),
            ("1\u{a0}001", Some(1001)),
            ("1\u{202f}001", Some(1001)),
            ("1'001", Some(1001)),
            ("1001.0", Some(1001)),
            ("1001,00", Some(1001)),
            ("-3", Some(-3)),
            ("12,5", None),
            ("1,001", None),
            ("1.001", None),
            ("12 тыс.", None),
            ("", None),
            ("-", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(whole_number(text), number, "{text}");
        }
        assert!(
            is_exponent("1,02E+12") && is_exponent("1.5e+9") && !is_exponent("E+12") && !is_exponent("12")
        );
        assert_eq!(multiplied("12,5", 1000.0).as_deref(), Some("12500"));
        assert_eq!(multiplied("many", 1000.0), None);
    }

    #[test]
    fn dates_without_an_offset_are_those_of_the_time_zone() {
        let moscow = TimeZone::try_from("Europe/Moscow".to_owned()).expect("a time zone");
        for (text, expected) in [
            ("2026-11-22", "2026-11-21T21:00:00Z"),
            ("2026-11-22T01:30:00", "2026-11-21T22:30:00Z"),
            ("2026-11-22T01:30:00Z", "2026-11-22T01:30:00Z"),
            ("2026-11-22T01:30:00+10:00", "2026-11-21T15:30:00Z"),
        ] {
            assert_eq!(timestamp(text, moscow), expected.parse().ok(), "{text}");
        }
        assert!(timestamp("1000-01-01", moscow).is_some() && timestamp("0999-12-31", moscow).is_none());
    }

    #[test]
    fn dates_are_read_in_the_form_of_the_mapping() {
        assert_eq!(dated("01.11.2026", "%d.%m.%Y").as_deref(), Some("2026-11-01"));
        assert_eq!(dated("01.11.2026 08:30", "%d.%m.%Y %H:%M").as_deref(), Some("2026-11-01T08:30:00"));
        assert_eq!(dated("45962", "excel").as_deref(), Some("2025-11-01"));
        assert_eq!(dated("45962.5", "excel").as_deref(), Some("2025-11-01"));
        assert!(["01.11.2025", "0", "11", "01.11"].iter().all(|text| dated(text, "excel").is_none()));
        assert_eq!(dated("31.02.2026", "%d.%m.%Y"), None);
        let in_zone = dated("01.11.2026 02:00 +0300", "%d.%m.%Y %H:%M %z");
        assert_eq!(in_zone.as_deref(), Some("2026-10-31T23:00:00Z"));
        let is_refused = |text: &&str| timestamp(text, TimeZone::UTC).is_none();
        assert!(["0020-11-01", "-0044-03-15", "+20026-11-01"].iter().all(is_refused));
        assert!(
            is_date_form("%d.%m.%Y")
                && is_date_form("excel")
                && !is_date_form("dd.mm.yyyy")
                && !is_date_form("%Q!")
        );
    }
}
