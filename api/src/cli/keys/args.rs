//! Options of `registry keys`.

use std::sync::LazyLock;

use anyhow::{Result, bail};
use chrono::{NaiveDate, TimeDelta, Utc};
use clap::{Args, ValueEnum, builder::PossibleValue};
use registry::{
    api_client::{ClientChanges, KeyTerms, NewLimits},
    calendar::{TimeZone, parse_day},
    model::Scope,
    record_reference::OrganizationReference,
};

/// Longest time after which a key expires, in days: ten years.
const MAX_DAYS: i64 = 3_653;

/// A scope by its name, or by its earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct ScopeName(Scope);

impl ValueEnum for ScopeName {
    fn value_variants<'a>() -> &'a [Self] {
        static ALL: LazyLock<Vec<ScopeName>> =
            LazyLock::new(|| Scope::ALL.iter().copied().map(ScopeName).collect());
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let Self(scope) = *self;
        Some(PossibleValue::new(scope.name()).aliases(scope.former_name()).help(help(scope)))
    }
}

fn help(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Read public data",
        Scope::Submit => "Submit pages, and reports of pages",
        Scope::Statistics => "Submit statistics of pages",
        Scope::Review => "Also read drafts, proposals and rejected pages",
        Scope::Write => "Write to the registry: pages, marks, organizations",
        Scope::Ratings => "Publish ratings",
        Scope::Audit => "Read who changed what, and why",
        Scope::Clients => "Create clients and keys, and revoke them",
        Scope::Internal => "Use the limits of the operator's own dashboards",
    }
}

/// Scopes by their names.
pub(super) fn scopes(names: Vec<ScopeName>) -> Vec<Scope> {
    names.into_iter().map(|ScopeName(scope)| scope).collect()
}

#[derive(Args, Debug)]
pub(in crate::cli) struct LimitArgs {
    /// Code of the only platform whose pages the client may write and review, such as `rutube` [default: all]
    #[arg(long, value_name = "CODE")]
    platform: Option<String>,
    /// Code of the only organization that the client may write and review, with all below it [default: all]
    #[arg(long, value_name = "CODE")]
    organization: Option<String>,
    /// Code of the only territory in which the client may write and review, such as `ru-28` [default: all]
    #[arg(long, value_name = "CODE")]
    territory: Option<String>,
}

impl LimitArgs {
    pub(super) fn read(self) -> NewLimits {
        NewLimits {
            platform_code: self.platform,
            organization: self.organization.map(OrganizationReference::Code),
            territory_code: self.territory,
        }
    }
}

#[derive(Args, Debug)]
pub(in crate::cli) struct EditArgs {
    /// Scopes of the client instead of its present ones, separated by commas
    #[arg(long = "scope", value_enum, value_delimiter = ',')]
    scopes: Option<Vec<ScopeName>>,
    #[command(flatten)]
    limits: LimitArgs,
    /// Limits to remove, separated by commas
    #[arg(long, value_enum, value_name = "LIMIT", value_delimiter = ',')]
    without: Vec<Limit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Limit {
    /// The only platform
    Platform,
    /// The only organization
    Organization,
    /// The only territory
    Territory,
}

impl EditArgs {
    pub(super) fn read(self) -> Result<ClientChanges> {
        let removed = |limit| self.without.contains(&limit);
        let changes = ClientChanges {
            scopes: self.scopes.map(scopes),
            platform_code: changed(self.limits.platform, removed(Limit::Platform))?,
            organization: changed(
                self.limits.organization.map(OrganizationReference::Code),
                removed(Limit::Organization),
            )?,
            territory_code: changed(self.limits.territory, removed(Limit::Territory))?,
        };
        if changes == ClientChanges::default() {
            bail!("nothing is to be changed; give --scope, a limit, or --without.");
        }
        Ok(changes)
    }
}

/// Change of a limit that is given or removed.
fn changed<T>(given: Option<T>, is_removed: bool) -> Result<Option<Option<T>>> {
    match (given, is_removed) {
        (Some(_), true) => bail!("a limit cannot be given and removed at once."),
        (Some(given), false) => Ok(Some(Some(given))),
        (None, true) => Ok(Some(None)),
        (None, false) => Ok(None),
    }
}

#[derive(Args, Debug)]
pub(in crate::cli) struct KeyArgs {
    /// What the key is for, shown by `keys list`
    #[arg(long)]
    label: Option<String>,
    /// Last day on which the key is valid, in the registry's time zone, such as `2027-01-31` [default: it does not expire]
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with = "expires_in")]
    expires: Option<NaiveDate>,
    /// Time after which the key expires, in days or hours, such as `90d` or `12h`
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires_in: Option<TimeDelta>,
}

impl KeyArgs {
    pub(super) fn terms(self, time_zone: TimeZone) -> Result<KeyTerms> {
        if self.expires.is_some_and(|day| day < time_zone.today()) {
            bail!("--expires is a day in the past.");
        }
        let until = self.expires.map(|day| time_zone.end_of(day));
        Ok(KeyTerms {
            label: self.label,
            expires_at: until.or(self.expires_in.map(|after| Utc::now() + after)),
        })
    }
}

#[derive(Args, Debug)]
pub(in crate::cli) struct ReasonArgs {
    /// Reason for the change, kept in the change log
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
}

fn day(text: &str) -> Result<NaiveDate, String> {
    parse_day(text).ok_or_else(|| "write a day that exists as 2027-01-31".into())
}

fn time(text: &str) -> Result<TimeDelta, String> {
    let number = |digits: &str| digits.parse::<i64>().ok().filter(|number| *number > 0);
    let hours = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(days), _) => number(days).and_then(|days| days.checked_mul(24)),
        (_, Some(hours)) => number(hours),
        _ => None,
    };
    let hours = hours.filter(|hours| *hours <= MAX_DAYS * 24);
    hours
        .map(TimeDelta::hours)
        .ok_or_else(|| format!("write days or hours as 90d or 12h, at most {MAX_DAYS}d"))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn scopes_have_their_names_and_their_earlier_ones() {
        for (text, scope) in [
            ("registry:read", Scope::Read),
            ("read", Scope::Read),
            ("pages:review", Scope::Review),
            ("review", Scope::Review),
            ("statistics", Scope::Statistics),
            ("ratings", Scope::Ratings),
            ("internal", Scope::Internal),
            ("clients:admin", Scope::Clients),
        ] {
            assert_eq!(ScopeName::from_str(text, false), Ok(ScopeName(scope)), "{text}");
        }
        assert!(ScopeName::from_str("write", false).is_err());
        assert_eq!(ScopeName::value_variants().len(), Scope::ALL.len());
    }

    #[test]
    fn a_time_is_in_days_or_hours() {
        assert_eq!(time("90d"), Ok(TimeDelta::days(90)));
        assert_eq!(time("12h"), Ok(TimeDelta::hours(12)));
        for bad in
            ["", "d", "0d", "-1d", "90", "1.5d", "3654d", "99999999999999999999h", "9223372036854775807d"]
        {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_limit_is_given_or_removed() {
        assert_eq!(changed(Some(1), false).ok(), Some(Some(Some(1))));
        assert_eq!(changed::<i32>(None, true).ok(), Some(Some(None)));
        assert_eq!(changed::<i32>(None, false).ok(), Some(None));
        assert!(changed(Some(1), true).is_err());
    }
}
