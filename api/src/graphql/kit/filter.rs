//! Compiles filter inputs into clauses over facets; each invalid value is an error that names its field.

use async_graphql::{ID, InputObject};
use registry::{
    snapshot::{Clause, Dimension, Filter, day_number, second_number},
    view::View,
};

use super::{
    date_range::DateRange,
    scalar::{Date, DateTime, SafeInt},
};
use crate::graphql::error::{Error, Result};

/// Maximum number of values in one list of a filter.
const MAX_VALUES: usize = 100;
/// Maximum length of a part of a name, in characters.
const MAX_NAME: usize = 200;

/// Inclusive range of counts; a null end is unbounded.
#[derive(Clone, Copy, InputObject)]
pub struct CountRange {
    /// Lowest count, not negative; null for no lower bound.
    pub from: Option<SafeInt>,
    /// Highest count, not negative; null for no upper bound.
    pub to: Option<SafeInt>,
}

/// Builder of a filter.
pub struct Clauses<'a> {
    view: &'a View,
    filter: Filter,
}

impl<'a> Clauses<'a> {
    /// A filter without conditions.
    pub fn new(view: &'a View) -> Self {
        Self { view, filter: Filter::default() }
    }

    /// The filter.
    pub fn finish(self) -> Filter {
        self.filter
    }

    /// Adds a condition: the record has one of these enum members.
    pub fn members<T: Copy>(
        &mut self,
        field: &str,
        dimension: Dimension,
        members: &Option<Vec<T>>,
        value_of: impl Fn(T) -> u32,
    ) -> Result<()> {
        let Some(members) = checked(field, members)? else { return Ok(()) };
        let values = members.iter().map(|member| value_of(*member)).collect();
        self.filter.add(Clause::AnyOf(dimension, values));
        Ok(())
    }

    /// Adds a condition: the record has one of these codes.
    pub fn codes(&mut self, field: &str, codes: &Option<Vec<String>>, kind: CodeKind) -> Result<()> {
        if let Some(values) = self.values(field, codes, kind)? {
            self.filter.add(Clause::AnyOf(kind.dimension(), values));
        }
        Ok(())
    }

    /// Adds a condition: the record has none of these codes.
    pub fn no_codes(&mut self, field: &str, codes: &Option<Vec<String>>, kind: CodeKind) -> Result<()> {
        if let Some(values) = self.values(field, codes, kind)? {
            self.filter.add(Clause::NoneOf(kind.dimension(), values));
        }
        Ok(())
    }

    fn values(&self, field: &str, codes: &Option<Vec<String>>, kind: CodeKind) -> Result<Option<Vec<u32>>> {
        let Some(codes) = checked(field, codes)? else { return Ok(None) };
        let values = codes.iter().map(|code| {
            let id = kind.find(self.view, code).and_then(|id| u32::try_from(id).ok());
            // Client input: quoted up to a fixed length.
            let shown: String = code.chars().take(40).collect();
            id.ok_or_else(|| {
                Error::BadInput(format!("`{field}`: the registry has no {} `{shown}`.", kind.noun()))
            })
        });
        values.collect::<Result<_>>().map(Some)
    }

    /// Adds a condition: the record has the flag, or has it not.
    pub fn flag(&mut self, dimension: Dimension, value: u32, flag: Option<bool>) {
        match flag {
            Some(true) => self.filter.add(Clause::AnyOf(dimension, vec![value])),
            Some(false) => self.filter.add(Clause::NoneOf(dimension, vec![value])),
            None => {}
        }
    }

    /// Adds a condition: the record's day is in the range.
    pub fn days(&mut self, field: &str, dimension: Dimension, range: Option<DateRange>) -> Result<()> {
        let Some(DateRange { from, to }) = range else { return Ok(()) };
        let number = |day: Date| day_number(day.0);
        self.between(field, dimension, (from.map(number), to.map(number)))
    }

    /// Adds a condition: the record's count is in the range.
    pub fn counts(&mut self, field: &str, dimension: Dimension, range: Option<CountRange>) -> Result<()> {
        let Some(CountRange { from, to }) = range else { return Ok(()) };
        let number = |end: &str, count: Option<SafeInt>| -> Result<Option<u32>> {
            let count = count.map(|count| count.not_negative(&format!("{field}.{end}"))).transpose()?;
            Ok(count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
        };
        self.between(field, dimension, (number("from", from)?, number("to", to)?))
    }

    fn between(
        &mut self,
        field: &str,
        dimension: Dimension,
        (first, last): (Option<u32>, Option<u32>),
    ) -> Result<()> {
        let (first, last) = (first.unwrap_or(0), last.unwrap_or(u32::MAX));
        if first > last {
            return Err(Error::BadInput(format!("`{field}`: `from` is after `to`.")));
        }
        self.filter.add(Clause::Between(dimension, first, last));
        Ok(())
    }

    /// Adds a condition: the record was changed in the second of a time or later.
    pub fn updated_since(&mut self, since: Option<DateTime>) {
        if let Some(DateTime(since)) = since {
            self.filter.add(Clause::Between(Dimension::UpdatedAt, second_number(since), u32::MAX));
        }
    }

    /// Adds a condition: the page has one of these permanent ids, on any platform.
    pub fn native_ids(&mut self, field: &str, native_ids: &Option<Vec<ID>>) -> Result<()> {
        let Some(native_ids) = checked(field, native_ids)? else { return Ok(()) };
        let pages = self.view.pages_with_native_ids(native_ids.iter().map(|id| id.as_str()));
        self.filter.add(Clause::AnyOf(Dimension::Id, pages));
        Ok(())
    }

    /// Adds a condition: a name of the record has this part.
    pub fn name(&mut self, field: &str, part: &Option<String>) -> Result<()> {
        let Some(part) = part else { return Ok(()) };
        if part.chars().count() > MAX_NAME {
            return Err(Error::BadInput(format!("`{field}` must be at most {MAX_NAME} characters long.")));
        }
        if !self.filter.add_name(part) {
            return Err(Error::BadInput(format!("`{field}` must contain a letter or a digit.")));
        }
        Ok(())
    }
}

/// Kind of object that a code in a filter refers to.
#[derive(Clone, Copy, Debug)]
pub enum CodeKind {
    /// Platform of a page.
    Platform,
    /// Platform on which an organization has an official page.
    HasPageOn,
    /// Territory, including all territories in it.
    Territory,
    /// Sector.
    Sector,
    /// Organization, including all organizations below it.
    Organization,
    /// Owner of a page.
    Owner,
}

impl CodeKind {
    fn dimension(self) -> Dimension {
        match self {
            Self::Platform => Dimension::Platform,
            Self::HasPageOn => Dimension::HasPageOn,
            Self::Territory => Dimension::Territory,
            Self::Sector => Dimension::Sector,
            Self::Organization => Dimension::Below,
            Self::Owner => Dimension::Owner,
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Platform | Self::HasPageOn => "platform",
            Self::Territory => "territory",
            Self::Sector => "sector",
            Self::Organization | Self::Owner => "organization",
        }
    }

    fn find(self, view: &View, code: &str) -> Option<i64> {
        match self {
            Self::Platform | Self::HasPageOn => view.platform_by_code(code).map(|it| it.id),
            Self::Territory => view.territory_by_code(code).map(|it| it.id),
            Self::Sector => view.sector_by_code(code).map(|it| it.id),
            Self::Organization | Self::Owner => view.organization_by_code(code).map(|it| it.id),
        }
    }
}

/// Values of a list of a filter, if it is given.
///
/// # Errors
/// If it is empty or too long.
pub fn checked<'a, T>(field: &str, values: &'a Option<Vec<T>>) -> Result<Option<&'a [T]>> {
    let Some(values) = values else { return Ok(None) };
    match values.len() {
        0 => Err(Error::BadInput(format!("`{field}` is empty; give at least one value, or omit it."))),
        1..=MAX_VALUES => Ok(Some(values)),
        _ => Err(Error::BadInput(format!("`{field}` must hold at most {MAX_VALUES} values."))),
    }
}
