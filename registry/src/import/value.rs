//! Values of a mapping: how a field is read from a row.

use std::{collections::BTreeMap, fmt};

use regex::Regex;
use serde::{
    Deserialize, Deserializer,
    de::{
        self, MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

use super::{
    cell,
    file::{Columns, Row},
};

/// Source of a field: a column name, a rule, or the first non-empty of several.
#[derive(Clone, Debug)]
pub enum Value {
    /// Column with this name.
    Column(String),
    /// Rule with its own settings.
    Rule(Box<Rule>),
    /// Tried in order until one is not empty.
    FirstOf(Vec<Value>),
}

/// A rule to compute a value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Column to read.
    column: Option<String>,
    /// Constant text for every row.
    constant: Option<String>,
    /// Text with `{column}` placeholders; empty if a placeholder has no value.
    template: Option<String>,
    /// Values for placeholders that are not columns, by placeholder.
    #[serde(default)]
    values: BTreeMap<String, Value>,
    /// Separators of a list in one cell.
    #[serde(default, deserialize_with = "separators")]
    split: Vec<String>,
    /// Regular expression; the result is its first group, or else the whole match.
    #[serde(default, deserialize_with = "pattern")]
    pattern: Option<Regex>,
    /// Format of dates in the column, such as `%d.%m.%Y`, or `excel` for day numbers.
    #[serde(default, deserialize_with = "date_form")]
    date: Option<String>,
    /// Factor, for figures in thousands.
    multiply: Option<f64>,
    /// Replacements of whole values, ignoring case, by one or several; an empty replacement drops the value.
    map: Option<BTreeMap<String, Texts>>,
    /// Converts to lower or upper case.
    case: Option<Case>,
    /// Text to prepend.
    prefix: Option<String>,
    /// Value if there is none.
    default: Option<String>,
}

/// Letter case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Case {
    Lower,
    Upper,
}

/// One text, or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a text, or a list of texts")]
enum Texts {
    One(String),
    Several(Vec<String>),
}

impl Texts {
    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Several(texts) => texts,
        }
    }
}

fn separators<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let separators = Texts::deserialize(deserializer)?.into_vec();
    if separators.iter().any(String::is_empty) {
        return Err(de::Error::custom("a separator must have at least one character"));
    }
    Ok(separators)
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Regex::new(&text).map(Some).map_err(de::Error::custom)
}

fn date_form<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let form = String::deserialize(deserializer)?;
    if cell::is_date_form(&form) {
        return Ok(Some(form));
    }
    let text =
        format!("`{form}` is not a date format; use a format such as `%d.%m.%Y`, or `excel` for day numbers");
    Err(de::Error::custom(text))
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl<'de> Visitor<'de> for Written {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's name, a list of values, or a rule such as { column = \"Name\" }")
            }

            fn visit_str<E>(self, column: &str) -> Result<Value, E> {
                Ok(Value::Column(column.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Value, A::Error> {
                Deserialize::deserialize(SeqAccessDeserializer::new(values)).map(Value::FirstOf)
            }

            fn visit_map<A: MapAccess<'de>>(self, rule: A) -> Result<Value, A::Error> {
                let rule = Rule::deserialize(MapAccessDeserializer::new(rule))?;
                if rule.column.is_none() && rule.template.is_none() && rule.constant.is_none() {
                    return Err(de::Error::custom("a rule needs `column`, `template` or `constant`"));
                }
                Ok(Value::Rule(Box::new(rule)))
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl Value {
    /// The first value in a row, if there is one.
    pub(super) fn text(&self, row: &Row, columns: &Columns) -> Option<String> {
        self.list(row, columns).into_iter().next()
    }

    /// All values in a row.
    pub(super) fn list(&self, row: &Row, columns: &Columns) -> Vec<String> {
        match self {
            Self::Column(column) => {
                columns.cell(row, column).map(|cell| cell.into_owned()).into_iter().collect()
            }
            Self::Rule(rule) => rule.list(row, columns),
            Self::FirstOf(values) => {
                let mut lists = values.iter().map(|value| value.list(row, columns));
                lists.find(|list| !list.is_empty()).unwrap_or_default()
            }
        }
    }

    /// The constant text, if the value is a constant.
    pub(super) fn constant(&self) -> Option<&str> {
        match self {
            Self::Rule(rule) if rule.column.is_none() && rule.template.is_none() && rule.map.is_none() => {
                rule.constant.as_deref()
            }
            _ => None,
        }
    }

    /// Columns that the value reads.
    pub(super) fn columns(&self) -> Vec<&str> {
        match self {
            Self::Column(column) => vec![column],
            Self::Rule(rule) => rule.columns(),
            Self::FirstOf(values) => values.iter().flat_map(Self::columns).collect(),
        }
    }
}

impl Rule {
    fn columns(&self) -> Vec<&str> {
        let holes = self.template.iter().flat_map(|template| holes(template));
        let of_columns = holes.filter(|hole| !self.values.contains_key(*hole));
        let of_values = self.values.values().flat_map(Value::columns);
        self.column.as_deref().into_iter().chain(of_columns).chain(of_values).collect()
    }

    fn list(&self, row: &Row, columns: &Columns) -> Vec<String> {
        let raw = match (&self.column, &self.template, &self.constant) {
            (Some(column), _, _) => columns.cell(row, column).map(|cell| cell.into_owned()),
            (None, Some(template), _) => self.fill(template, row, columns),
            (None, None, constant) => constant.clone(),
        };
        let mut parts: Vec<String> = raw.into_iter().collect();
        for separator in &self.split {
            let split = parts.iter().flat_map(|part| part.split(separator.as_str()));
            parts = split.map(|part| columns.clean(part).into_owned()).collect();
        }
        let found: Vec<String> = parts.into_iter().flat_map(|part| self.refine(part)).collect();
        if found.is_empty() { self.default.iter().cloned().collect() } else { found }
    }

    /// Applies pattern, date, factor, map, case and prefix. Text that is not a valid date or number stays unchanged, so
    /// that the field's parser reports it.
    fn refine(&self, text: String) -> Vec<String> {
        let text = match &self.pattern {
            None => Some(text),
            Some(pattern) => {
                let found = pattern.captures(&text);
                found.and_then(|it| it.get(1).or_else(|| it.get(0))).map(|it| it.as_str().to_owned())
            }
        };
        let Some(text) = text else { return Vec::new() };
        let text = self.date.as_deref().and_then(|form| cell::dated(&text, form)).unwrap_or(text);
        let text = self.multiply.and_then(|by| cell::multiplied(&text, by)).unwrap_or(text);
        self.mapped(text).into_iter().filter_map(|text| self.written(text)).collect()
    }

    /// Replacements of a value in `map`, or else the value.
    fn mapped(&self, text: String) -> Vec<String> {
        let folded = text.to_lowercase();
        let mut rules = self.map.iter().flatten();
        let replaced = rules.find(|(from, _)| cell::composed(from).to_lowercase() == folded);
        replaced.map_or_else(|| vec![text], |(_, to)| to.clone().into_vec())
    }

    /// Applies case and prefix; `None` if the value is empty.
    fn written(&self, text: String) -> Option<String> {
        let text = match self.case {
            None => text,
            Some(Case::Lower) => text.to_lowercase(),
            Some(Case::Upper) => text.to_uppercase(),
        };
        let text = text.trim();
        (!text.is_empty()).then(|| format!("{}{text}", self.prefix.as_deref().unwrap_or_default()))
    }

    fn fill(&self, template: &str, row: &Row, columns: &Columns) -> Option<String> {
        let mut filled = String::new();
        let mut parts = template.split('{');
        filled.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let (hole, rest) = part.split_once('}')?;
            match self.values.get(hole) {
                Some(value) => filled.push_str(&value.text(row, columns)?),
                None => filled.push_str(&columns.cell(row, hole)?),
            }
            filled.push_str(rest);
        }
        Some(filled)
    }
}

fn holes(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(hole, _)| hole)
}
