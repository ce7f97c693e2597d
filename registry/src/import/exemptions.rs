//! Rows of exemptions from obligations.

use std::sync::Arc;

use chrono::NaiveDate;
use entities::change::SubjectType;

use super::{
    cell,
    file::Row,
    mapping::ExemptionMapping,
    organization_codes::referred,
    row::{Import, in_order},
    row_error::{Code, RowResult, refuse},
};
use crate::{change_log::ChangeSet, model::Exemption};

impl Import {
    /// Imports one decision, identified by organization, rule and first day.
    pub(super) fn take_exemption(&mut self, change_set: &mut ChangeSet, row: &Row) -> RowResult<()> {
        let mapping = self.mapping.exemption.clone().expect("checked when the import began");
        let (organization_id, rule_id) = self.whom_and_what(change_set, row, &mapping)?;
        let Some(reason) = mapping.reason.text(row, &self.columns) else {
            return refuse(
                Code::MissingValue,
                "The row has no reason.",
                "Fill in the reason for the exemption.",
            );
        };
        let Some(valid_from) = self.day(row, &Some(mapping.valid_from.clone()))? else {
            return refuse(
                Code::MissingValue,
                "The row has no first day.",
                "Fill in the first day of the exemption.",
            );
        };
        let valid_to = self.day(row, &mapping.valid_to)?;
        in_order((Some(valid_from), valid_to), "The exemption")?;
        let known = self.known_exemption(change_set, organization_id, rule_id, valid_from)?;
        let exemption = Exemption {
            id: known.as_ref().map_or_else(|| change_set.next_exemption_id(), |known| known.id),
            organization_id,
            rule_id,
            reason: reason.into(),
            basis: self.boxed(row, &mapping.basis),
            decided_by: self.boxed(row, &mapping.decided_by),
            valid_from,
            valid_to,
            source: known.as_ref().map_or_else(|| self.source.clone(), |known| known.source.clone()),
            updated_at: change_set.now(),
        };
        self.seen.insert((SubjectType::Exemption, exemption.id));
        change_set.upsert(exemption, None)?;
        Ok(())
    }

    /// The exemption of the registry; refuses one that an earlier row has.
    fn known_exemption(
        &self,
        change_set: &ChangeSet,
        organization_id: i64,
        rule_id: Option<i64>,
        valid_from: NaiveDate,
    ) -> RowResult<Option<Arc<Exemption>>> {
        let is_same = |it: &Exemption| it.rule_id == rule_id && it.valid_from == valid_from;
        let known = change_set.snapshot().exemptions_of(organization_id).find(|it| is_same(it)).cloned();
        if let Some(known) = known.as_ref().filter(|it| self.seen.contains(&(SubjectType::Exemption, it.id)))
        {
            let text = format!("An earlier row already has this exemption from {}.", known.valid_from);
            return refuse(Code::DuplicateInFile, text, "Keep one of the rows.");
        }
        Ok(known)
    }

    fn whom_and_what(
        &self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &ExemptionMapping,
    ) -> RowResult<(i64, Option<i64>)> {
        let code = mapping.organization.text(row, &self.columns);
        let code = code.map(|code| cell::one_code(&code)).transpose()?;
        let Some(code) = code else {
            return refuse(Code::MissingValue, "The row names no organization.", "Fill in its code.");
        };
        let Some(organization) = referred(change_set.snapshot(), &code) else {
            let text = format!("There is no organization `{code}`.");
            return refuse(Code::OwnerNotFound, text, "Import the organization first.");
        };
        let rule_id = match self.text(row, &mapping.rule) {
            None => None,
            Some(code) => match change_set.snapshot().obligation_rule_by_code(&code) {
                Some(rule) => Some(rule.id),
                None => {
                    let text = format!("There is no obligation rule `{code}`.");
                    return refuse(
                        Code::BadValue,
                        text,
                        "Load the pack that has the rule, or leave the cell empty.",
                    );
                }
            },
        };
        Ok((organization.id, rule_id))
    }
}
