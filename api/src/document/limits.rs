//! Limits of client tiers: per request, and over time.

use std::{fmt::Display, str::FromStr, time::Duration};

use super::tokenizer::MAX_OPEN_BRACKETS;

/// Limits of a client tier: per request, and per client over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the request body.
    pub body: usize,
    /// Tokens of the document.
    pub tokens: usize,
    /// Depth of nested fields; introspection fields do not count.
    pub depth: usize,
    /// Aliases of the document.
    pub aliases: usize,
    /// Root fields of an operation, fragments expanded.
    pub root_fields: usize,
    /// Directives of the document.
    pub directives: usize,
    /// Fragment definitions of the document.
    pub fragments: usize,
    /// Selections (fields and fragments) of an operation, fragments expanded.
    pub selections: u64,
    /// Items of one list in the document or the variables.
    pub list_items: usize,
    /// Maximum cost of the request, in points.
    pub cost: u64,
    /// Time limit of the execution, including the wait for a permit.
    pub timeout: Duration,
    /// Points of a full rate limit bucket.
    pub points: u64,
    /// Points that are refilled each second.
    pub per_second: u64,
}

/// Limits of all client tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientTiers {
    /// Requests without a key.
    pub public: Limits,
    /// Clients with a key.
    pub partner: Limits,
    /// Clients whose keys have the scope `limits:internal`.
    pub internal: Limits,
}

impl Default for ClientTiers {
    fn default() -> Self {
        Self { public: Limits::public(), partner: Limits::partner(), internal: Limits::internal() }
    }
}

impl ClientTiers {
    /// The limits for documents that federation routers write for clients: a document may be as large as an internal one, and
    /// may cost and take as long as one of the client.
    pub(crate) fn of_routers(&self) -> Self {
        let of_router = |own: &Limits| Limits {
            cost: own.cost,
            timeout: own.timeout,
            points: own.points,
            per_second: own.per_second,
            ..self.internal.clone()
        };
        Self {
            public: of_router(&self.public),
            partner: of_router(&self.partner),
            internal: self.internal.clone(),
        }
    }
}

impl Limits {
    /// Limits of requests without a key.
    pub fn public() -> Self {
        Self {
            body: 256 << 10,
            tokens: 2_000,
            depth: 12,
            aliases: 30,
            root_fields: 20,
            directives: 20,
            fragments: 50,
            selections: 10_000,
            list_items: 250,
            cost: 1_000,
            timeout: Duration::from_secs(5),
            points: 10_000,
            per_second: 100,
        }
    }

    /// Limits of clients with a key.
    pub fn partner() -> Self {
        Self {
            body: 1 << 20,
            tokens: 15_000,
            list_items: 2_000,
            cost: 5_000,
            timeout: Duration::from_secs(15),
            points: 100_000,
            per_second: 2_000,
            ..Self::public()
        }
    }

    /// Limits of keys with the scope `limits:internal`.
    pub fn internal() -> Self {
        Self {
            aliases: 200,
            root_fields: 100,
            list_items: 5_000,
            cost: 50_000,
            points: 10_000_000,
            per_second: 1_000_000,
            ..Self::partner()
        }
    }

    /// The limits with overrides such as `tokens=3000,depth=14`.
    ///
    /// # Errors
    /// A message, when a limit does not exist, or its value is not a whole number above zero or is too large.
    pub fn with(mut self, changes: &str) -> Result<Self, String> {
        for change in changes.split(',').map(str::trim).filter(|change| !change.is_empty()) {
            let (name, value) = change
                .split_once('=')
                .ok_or_else(|| format!("`{change}` is not of the form LIMIT=NUMBER"))?;
            match name.trim() {
                "body" => self.body = number(change, value)?,
                "tokens" => self.tokens = number(change, value)?,
                // Without fragments, no field is deeper than that.
                "depth" => self.depth = at_most(MAX_OPEN_BRACKETS, change, value)?,
                "aliases" => self.aliases = number(change, value)?,
                "root_fields" => self.root_fields = number(change, value)?,
                "directives" => self.directives = number(change, value)?,
                "fragments" => self.fragments = number(change, value)?,
                "selections" => self.selections = number(change, value)?,
                "list_items" => self.list_items = number(change, value)?,
                "cost" => self.cost = number(change, value)?,
                "timeout" => self.timeout = Duration::from_secs(at_most(MAX_TIMEOUT, change, value)?),
                "points" => self.points = number(change, value)?,
                "per_second" => self.per_second = number(change, value)?,
                other => return Err(format!("there is no limit `{other}`")),
            }
        }
        Ok(self)
    }
}

/// Longest time-out that can be set, in seconds.
const MAX_TIMEOUT: u64 = 3_600;

/// A whole number above zero, with a maximum.
fn at_most<T>(most: T, change: &str, value: &str) -> Result<T, String>
where
    T: FromStr + PartialOrd + Default + Display,
{
    let number = Some(number(change, value)?).filter(|number| *number <= most);
    number.ok_or_else(|| format!("`{change}` may be at most {most}"))
}

fn number<T: FromStr + PartialOrd + Default>(change: &str, value: &str) -> Result<T, String> {
    let number = value.trim().parse().ok().filter(|number| *number > T::default());
    number.ok_or_else(|| format!("`{change}` needs a whole number above zero"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_and_a_depth_have_a_bound() {
        assert_eq!(Limits::public().with("timeout=3600").map(|it| it.timeout), Ok(Duration::from_secs(3600)));
        for wrong in ["timeout=3601", "timeout=18446744073709551615", "timeout=0", "timeout=1.5"] {
            assert!(Limits::public().with(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Limits::public().with("depth=64").map(|it| it.depth), Ok(64));
        let error = Limits::public().with("depth=65").expect_err("more than brackets may be open");
        assert_eq!(error, "`depth=65` may be at most 64");
    }
}
