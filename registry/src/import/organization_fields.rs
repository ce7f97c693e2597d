//! Fields of a row of an organization other than its identity.

use chrono::{DateTime, Utc};
use entities::organization::Status;

use super::{
    file::Row,
    identity::{Identity, add_identifiers, replace_identifiers},
    mapping::OrganizationMapping,
    row::{Import, in_order},
    row_error::{Code, RowResult, refuse},
};
use crate::{
    change_log::ChangeSet,
    model::Organization,
    provenance::{OrganizationFieldName as Field, is_pinned},
    snapshot::Snapshot,
};

impl Import {
    /// Updates identifiers and names of an existing organization.
    pub(super) fn update_organization(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
        organization: &mut Organization,
    ) -> RowResult<()> {
        let snapshot = change_set.snapshot();
        agrees(snapshot, identity, organization)?;
        match is_pinned(snapshot, Field::Identifiers, organization) {
            true => replace_identifiers(identity, organization),
            false => add_identifiers(identity, organization),
        }
        self.warn_of_names(identity);
        if !mapping.keep.iter().any(|kept| kept == "name") {
            match is_pinned(snapshot, Field::Name, organization) {
                true => self.give_name(identity, organization),
                false => self.rename(change_set.now(), row, identity, organization),
            }
        }
        self.learn(snapshot, identity, organization);
        Ok(())
    }

    /// Warns of values of a later row that differ from the organization's first row.
    pub(super) fn warn_of_others(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &OrganizationMapping,
        known: &Organization,
        first: i64,
    ) -> RowResult<()> {
        let (mut incoming, warnings) = (known.clone(), std::mem::take(&mut self.warned));
        let filled = self.fill(change_set, row, mapping, &mut incoming, false);
        // Discard the warnings of this row: the first row has reported them.
        self.warned = warnings;
        filled?;
        let fields = [
            ("short name", incoming.short_name != known.short_name),
            ("kind", incoming.kind != known.kind),
            ("level", incoming.level != known.level),
            ("branch", incoming.branch != known.branch),
            ("sector", incoming.sector != known.sector),
            ("territory", incoming.territory_id != known.territory_id),
            ("website", incoming.website != known.website),
            ("first day", incoming.valid_from != known.valid_from),
            ("last day", incoming.valid_to != known.valid_to),
            ("status", incoming.status != known.status),
        ];
        let others: Vec<&str> = fields.into_iter().filter(|(_, is_other)| *is_other).map(|it| it.0).collect();
        if !others.is_empty() {
            let text = format!(
                "Row {first} gives “{}” different values, which are used: {}.",
                known.name,
                others.join(", ")
            );
            let advice = "Use the same values in all its rows; different organizations need different codes or identifiers.";
            self.warn(Code::NameConflict, text, advice);
        }
        Ok(())
    }

    /// Sets the mapped fields, except those in `keep` that are already set.
    pub(super) fn fill(
        &mut self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        is_new: bool,
    ) -> RowResult<()> {
        let keeps =
            |field: &str, is_set: bool| !is_new && is_set && mapping.keep.iter().any(|kept| kept == field);
        if let Some(text) = self.line(row, "short name", &mapping.short_name)?
            && !keeps("short_name", organization.short_name.is_some())
        {
            organization.short_name = Some(text);
        }
        self.fill_kind(row, mapping, organization, keeps)?;
        if let Some(text) = self.text(row, &mapping.territory)
            && !keeps("territory", organization.territory_id.is_some())
        {
            organization.territory_id =
                self.territory(change_set.snapshot(), &text).or(organization.territory_id);
        }
        if let Some(sector) = self.boxed(row, &mapping.sector)
            && !keeps("sector", organization.sector.is_some())
        {
            organization.sector = Some(sector);
        }
        self.fill_website(row, mapping, organization, keeps("website", organization.website.is_some()));
        self.fill_days(change_set.snapshot(), row, mapping, organization, keeps)?;
        self.fill_status(change_set.snapshot(), row, mapping, organization)?;
        self.warn_of_days(row, mapping, organization, change_set.now());
        self.fill_names(row, mapping, organization)
    }

    /// Sets kind, level and branch.
    fn fill_kind(
        &self,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        keeps: impl Fn(&str, bool) -> bool,
    ) -> RowResult<()> {
        if let Some(kind) = self.member(row, "kind", &mapping.kind)?.filter(|_| !keeps("kind", true)) {
            organization.kind = kind;
        }
        if let Some(level) = self.member(row, "level", &mapping.level)?
            && !keeps("level", organization.level.is_some())
        {
            organization.level = Some(level);
        }
        if let Some(branch) = self.member(row, "branch", &mapping.branch)?
            && !keeps("branch", organization.branch.is_some())
        {
            organization.branch = Some(branch);
        }
        Ok(())
    }

    /// Warns of dates that contradict the status; verdicts on the organization's pages use the status.
    fn warn_of_days(
        &mut self,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &Organization,
        now: DateTime<Utc>,
    ) {
        if mapping.valid_from.is_none() && mapping.valid_to.is_none() && mapping.status.is_none() {
            return;
        }
        let today = self.before.time_zone().day_of(now);
        // Merged or split organizations get their status in the second pass, with their successors.
        if matches!(self.incoming_status(row), Ok(Some(Status::Merged | Status::Split))) {
            return;
        }
        let ends = organization.valid_to.filter(|last| *last < today);
        let is_over = matches!(organization.status, Status::Merged | Status::Split | Status::Liquidated);
        let text = match organization.status {
            Status::Active if ends.is_some() => "is active by its status, but its last day is past",
            Status::Active if organization.valid_from.is_some_and(|first| first > today) => {
                "is active by its status, but its first day is in the future"
            }
            _ if is_over && organization.valid_to.is_some_and(|last| last > today) => {
                "has ended by its status, but its last day is in the future"
            }
            _ => return,
        };
        let text = format!("“{}” {text}. The status is used.", organization.name);
        self.warn(Code::BadValue, text, "Correct the status or the dates.");
    }

    /// First and last day; a day missing in the row stays unchanged.
    fn fill_days(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        keeps: impl Fn(&str, bool) -> bool,
    ) -> RowResult<()> {
        let (from, to) = self.days(row, (&mapping.valid_from, &mapping.valid_to), "The organization")?;
        if let Some(from) = from.filter(|_| !keeps("valid_from", organization.valid_from.is_some())) {
            organization.valid_from = Some(from);
        }
        if let Some(to) = to.filter(|_| !keeps("valid_to", organization.valid_to.is_some())) {
            organization.valid_to = Some(to);
        }
        let mut days = [Field::ValidFrom, Field::ValidTo].into_iter();
        if days.any(|field| is_pinned(snapshot, field, organization)) {
            // A day that does not go with a pinned one is only proposed.
            return Ok(());
        }
        in_order((organization.valid_from, organization.valid_to), "The organization")
    }

    fn fill_status(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
        let Some(status) = self.member(row, "status", &mapping.status)? else { return Ok(()) };
        let has_ended = matches!(status, Status::Merged | Status::Split);
        if has_ended && organization.successors.is_empty() && self.text(row, &mapping.successors).is_none() {
            let text = format!("“{}” was merged or split, but has no successors.", organization.name);
            return refuse(Code::MissingValue, text, "Give the codes of its successors.");
        }
        if is_pinned(snapshot, Field::Status, organization) {
            // It is only proposed.
            organization.status = status;
            return Ok(());
        }
        if is_final(organization, status) {
            return set_status(organization, status);
        }
        // Successors may come later in the file: then the second pass sets the status.
        if !has_ended || !organization.successors.is_empty() {
            set_status(organization, status)?;
        }
        Ok(())
    }
}

/// Refuses a row that gives an organization a different identifier of a scheme, unless its identifiers are pinned: then
/// the row's are only proposed.
pub(super) fn agrees(snapshot: &Snapshot, identity: &Identity, organization: &Organization) -> RowResult<()> {
    if is_pinned(snapshot, Field::Identifiers, organization) {
        return Ok(());
    }
    for identifier in &identity.identifiers {
        let other = organization.identifiers.iter().find(|known| known.scheme == identifier.scheme);
        if let Some(other) = other.filter(|other| other.value != identifier.value) {
            let text = format!(
                "“{}” has the {} {}, not {}.",
                organization.name, other.scheme, other.value, identifier.value
            );
            return refuse(Code::IdentifierMismatch, text, "Check which of the identifiers is right.");
        }
    }
    Ok(())
}

/// Whether an organization has ended with a different status.
pub(super) fn is_final(organization: &Organization, status: Status) -> bool {
    let has_ended = !matches!(organization.status, Status::Draft | Status::Active | Status::Suspended);
    has_ended && organization.status != status
}

pub(super) fn set_status(organization: &mut Organization, status: Status) -> RowResult<()> {
    if is_final(organization, status) {
        return refuse(
            Code::FinalStatus,
            format!("“{}” has ended; its status is final.", organization.name),
            "Import its successor with a different code.",
        );
    }
    organization.status = status;
    Ok(())
}
