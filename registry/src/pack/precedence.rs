//! Precedence of sources in a pack.

use std::collections::BTreeMap;

use anyhow::{Result, bail};

use super::PackFile;
use crate::{
    model::SourceRank,
    provenance::{OrganizationFieldName, PageFieldName, RecordField},
};

impl PackFile {
    /// Refuses unknown fields, and an order that does not have each rank once.
    pub(super) fn check_precedence(&self) -> Result<()> {
        let Some(terms) = &self.precedence else { return Ok(()) };
        check::<PageFieldName>("pages", &terms.pages)?;
        check::<OrganizationFieldName>("organizations", &terms.organizations)
    }
}

fn check<F: RecordField>(section: &str, orders: &BTreeMap<Box<str>, [SourceRank; 4]>) -> Result<()> {
    for (field, order) in orders {
        if F::parse(field).is_none() {
            let known: Vec<&str> = F::EACH.iter().map(|field| field.name()).collect();
            bail!("precedence.{section}: there is no field `{field}`; the fields are {}", known.join(", "));
        }
        let mut ranks = *order;
        ranks.sort();
        if ranks != SourceRank::ALL {
            bail!("precedence.{section}.{field}: give each of OPERATOR, AUTHORITY, PLATFORM and IMPORT once");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(precedence: &str) -> String {
        let head = "[pack]\ncode = \"x\"\nname = \"X\"\nversion = 1\nlanguage = \"en\"\n";
        match PackFile::parse(&format!("{head}{precedence}")) {
            Ok(_) => "read".into(),
            Err(error) => format!("{error:#}"),
        }
    }

    #[test]
    fn an_order_has_each_rank_once_and_is_of_a_field() {
        let order = |ranks: &str| outcome(&format!("[precedence.pages]\nhandle = [{ranks}]\n"));
        assert_eq!(order("\"PLATFORM\", \"OPERATOR\", \"AUTHORITY\", \"IMPORT\""), "read");
        let twice = order("\"PLATFORM\", \"PLATFORM\", \"AUTHORITY\", \"IMPORT\"");
        assert!(twice.contains("precedence.pages.handle: give each"), "{twice}");
        assert_ne!(order("\"PLATFORM\", \"OPERATOR\""), "read");
        let unknown = outcome(
            "[precedence.organizations]\nhandle = [\"PLATFORM\", \"OPERATOR\", \"AUTHORITY\", \"IMPORT\"]\n",
        );
        assert!(unknown.contains("there is no field `handle`; the fields are name, "), "{unknown}");
    }
}
