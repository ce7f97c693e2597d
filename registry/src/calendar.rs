//! Days of the registry: they begin and end in its reporting time zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};

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
