//! Days of the registry: they begin and end in its reporting time zone.

use std::{
    fmt::{self, Formatter},
    ops::RangeInclusive,
};

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone as _, Timelike, Utc,
};
use chrono_tz::{GapInfo, Tz};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, Unexpected, Visitor},
};

/// Difference to UTC of the time zones in which each day begins first.
const FURTHEST_EAST: TimeDelta = TimeDelta::hours(14);

/// Reporting time zone of a registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(Tz);

/// A name that is not in the IANA time zone database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not in the IANA time zone database")]
pub struct UnknownTimeZone(String);

impl TimeZone {
    /// Coordinated Universal Time, the time zone of a registry whose packs name none.
    pub const UTC: Self = Self(Tz::UTC);

    /// Name in the IANA time zone database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// Day of a timestamp. At the ends of the calendar, where the local time does not exist, it is the day in UTC.
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        let at = at.naive_utc();
        let offset = self.0.offset_from_utc_datetime(&at).fix();
        at.checked_add_offset(offset).unwrap_or(at).date()
    }

    /// The current day.
    pub fn today(self) -> NaiveDate {
        self.day_of(Utc::now())
    }

    /// Timestamp of a local time: of two, the earlier one; of a time that clocks skip, the first one after it.
    pub fn at(self, local: NaiveDateTime) -> DateTime<Utc> {
        let after_gap = || GapInfo::new(&local, &self.0)?.end;
        let at = self.0.from_local_datetime(&local).earliest().or_else(after_gap);
        at.map_or_else(|| local.and_utc(), |at| at.to_utc())
    }

    /// Timestamp at which a day begins.
    pub fn start_of(self, day: NaiveDate) -> DateTime<Utc> {
        self.at(day.and_time(NaiveTime::MIN))
    }

    /// Timestamp at which a day ends, and the next one begins.
    pub fn end_of(self, day: NaiveDate) -> DateTime<Utc> {
        self.start_of(day.succ_opt().unwrap_or(day))
    }
}

impl TryFrom<String> for TimeZone {
    type Error = UnknownTimeZone;

    fn try_from(name: String) -> Result<Self, UnknownTimeZone> {
        name.parse().map(Self).map_err(|_| UnknownTimeZone(name))
    }
}

impl From<TimeZone> for String {
    fn from(time_zone: TimeZone) -> Self {
        time_zone.name().to_owned()
    }
}

/// Accepted years: those that are written with four digits, without leading zeros.
const YEARS: RangeInclusive<i32> = 1000..=9999;
/// Nanoseconds from which on a second is a leap second.
const LEAP_SECOND: u32 = 1_000_000_000;

/// Parses a day that exists, exactly as `2026-11-22`.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let is_of_form = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 10 || !text.bytes().enumerate().all(is_of_form) {
        return None;
    }
    text.parse().ok().filter(|day: &NaiveDate| YEARS.contains(&day.year()))
}

/// Parses an RFC 3339 timestamp, with `T` between day and time, and without leap seconds: `2026-11-22T07:06:00Z`.
pub fn parse_timestamp(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = text.split_at_checked(10)?;
    parse_day(day)?;
    // chrono also reads a space, and a minus sign that is not ASCII.
    if !time.starts_with(['T', 't']) || !time.is_ascii() {
        return None;
    }
    let at = DateTime::parse_from_rfc3339(text).ok().filter(|at| at.nanosecond() < LEAP_SECOND)?.to_utc();
    YEARS.contains(&at.year()).then_some(at)
}

/// Deserializes a day as [`parse_day`] does.
///
/// # Errors
/// When it is not written so.
pub(crate) fn deserialize_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    struct Day;

    impl Visitor<'_> for Day {
        type Value = NaiveDate;

        fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
            formatter.write_str("a day as 2026-11-22")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<NaiveDate, E> {
            parse_day(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_str(Day)
}

/// The last day that has begun anywhere on Earth.
pub fn last_day_begun(now: DateTime<Utc>) -> NaiveDate {
    (now + FURTHEST_EAST).date_naive()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Zones far apart, with halves and quarters of hours, and with clocks that are changed at midnight.
    const ZONES: [&str; 11] = [
        "UTC",
        "Europe/Moscow",
        "Asia/Kamchatka",
        "America/Toronto",
        "America/Sao_Paulo",
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "Etc/GMT+12",
    ];

    fn zone(name: &str) -> TimeZone {
        name.to_owned().try_into().expect("a time zone")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a timestamp")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    proptest! {
        #[test]
        fn a_timestamp_lies_between_the_start_and_the_end_of_its_day(
            name in prop::sample::select(ZONES.to_vec()),
            seconds in 788_918_400_i64..3_786_912_000,
        ) {
            let (zone, at) = (zone(name), DateTime::from_timestamp(seconds, 0).expect("a timestamp"));
            let day = zone.day_of(at);
            prop_assert!(zone.start_of(day) <= at && at < zone.end_of(day), "{name} {at} {day}");
            prop_assert_eq!(zone.day_of(zone.start_of(day)), day);
            prop_assert!(day <= last_day_begun(at), "{name} {at} {day}");
        }
    }

    #[test]
    fn days_begin_at_midnight_or_after_the_time_that_clocks_skip() {
        for (name, on, start) in [
            ("UTC", "2026-11-22", "2026-11-22T00:00:00Z"),
            ("Europe/Moscow", "2026-11-22", "2026-11-21T21:00:00Z"),
            ("America/Toronto", "2026-07-01", "2026-07-01T04:00:00Z"),
            ("America/Toronto", "2026-12-01", "2026-12-01T05:00:00Z"),
            // From 00:00 to 01:00.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
            // A whole day.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ] {
            assert_eq!(zone(name).start_of(day(on)), at(start), "{name} {on}");
        }
    }

    #[test]
    fn days_have_one_form() {
        for text in ["1000-01-01", "2026-11-22", "2028-02-29", "9999-12-31"] {
            assert_eq!(parse_day(text).map(|day| day.to_string()).as_deref(), Some(text));
        }
        for text in [
            "",
            "2026-1-1",
            " 2026-01-01",
            "2026-01-01 ",
            "+2026-01-01",
            "-2026-01-0",
            "0000-01-01",
            "0999-12-31",
            "10000-01-01",
            "2026-02-29",
            "2026-00-10",
            "2026/01/01",
            "2026-01-0x",
            "２026-01-01",
            "2026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_day(text), None, "{text:?}");
        }
    }

    #[test]
    fn timestamps_have_the_form_of_rfc_3339() {
        for (text, expected) in [
            ("2026-11-22T07:06:00Z", "2026-11-22T07:06:00Z"),
            ("2026-11-22t07:06:00z", "2026-11-22T07:06:00Z"),
            ("2026-11-22T08:30:00.250001+03:00", "2026-11-22T05:30:00.250001Z"),
            ("1000-01-01T00:00:00Z", "1000-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(parse_timestamp(text), Some(at(expected)), "{text}");
        }
        for text in [
            "2026-11-22 07:06:00Z",
            "2026-11-22T07:06:60Z",
            "2016-12-31T23:59:60Z",
            "2026-11-22T07:06:00",
            "2026-11-22T07:06Z",
            "2026-11-22T07:06:00 Z",
            "2026-11-22T07:06:00\u{2212}03:00",
            " 2026-11-22T07:06:00Z",
            "+2026-11-22T07:06:00Z",
            "0000-01-01T00:00:00Z",
            "1000-01-01T00:00:00+01:00",
            "9999-12-31T23:59:59-01:00",
            "+10000-01-01T00:00:00Z",
            "2026-11-22",
            "2026-11-2é07:06:00Z",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_timestamp_has_a_day() {
        for name in ZONES {
            for at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
                let difference = zone(name).day_of(at).signed_duration_since(at.date_naive()).num_days();
                assert!((-1..=1).contains(&difference), "{name}: {difference}");
            }
        }
        assert_eq!(
            TimeZone::try_from("Mars/Olympus".to_owned()).map_err(|error| error.to_string()),
            Err("`Mars/Olympus` is not in the IANA time zone database".to_owned())
        );
    }
}
