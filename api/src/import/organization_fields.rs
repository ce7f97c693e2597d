//! What a row of an organization says beside who it is.

use entities::organization::Status;

use super::{
    file::Row,
    identity::{Identity, add_identifiers},
    mapping::OrganizationMapping,
    refusal::{Code, RowResult, refuse},
    row::Import,
};
use crate::snapshot::{Organization, OtherName, OtherNameKind, Snapshot};

impl Import {
    pub(super) fn update_organization(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
        organization: &mut Organization,
    ) -> RowResult<()> {
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
        add_identifiers(identity, organization);
        let keeps = |field: &str, is_set: bool| is_set && mapping.keep.iter().any(|kept| kept == field);
        if !keeps("name", true) {
            organization.name = identity.name.clone();
        }
        self.fill(snapshot, row, mapping, organization, keeps)
    }

    /// Adds what a row of a page tells beside what is known of its owner; never overwrites.
    pub(super) fn learn(
        &self,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
        known: &mut Organization,
    ) {
        let language = self.text(row, &mapping.name_language);
        add_name(known, &identity.name, language.as_deref());
        add_identifiers(identity, known);
    }

    /// Sets what the mapping has, but for the fields that `keeps` says to leave alone.
    pub(super) fn fill(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
        keeps: impl Fn(&str, bool) -> bool,
    ) -> RowResult<()> {
        for (field, value, slot) in [
            ("short_name", &mapping.short_name, &mut organization.short_name),
            ("website", &mapping.website, &mut organization.website),
        ] {
            if let Some(text) = self.boxed(row, value).filter(|_| !keeps(field, slot.is_some())) {
                *slot = Some(text);
            }
        }
        if let Some(kind) = self.member(row, "kind", &mapping.kind)?.filter(|_| !keeps("kind", true)) {
            organization.kind = kind;
        }
        if let Some(level) = self.member(row, "level", &mapping.level)? {
            organization.level = Some(level);
        }
        if let Some(branch) = self.member(row, "branch", &mapping.branch)? {
            organization.branch = Some(branch);
        }
        self.fill_status(row, mapping, organization)?;
        self.fill_sector(snapshot, row, mapping, organization)?;
        for (language, value) in &mapping.names {
            if let Some(name) = value.text(row, &self.columns) {
                add_name(organization, &name, Some(language.as_str()));
            }
        }
        if let Some(text) = self.text(row, &mapping.territory)
            && !keeps("territory", organization.territory_id.is_some())
        {
            organization.territory_id = Some(self.territory(snapshot, &text)?);
        }
        Ok(())
    }

    fn fill_status(
        &self,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
        let Some(status) = self.member(row, "status", &mapping.status)? else { return Ok(()) };
        let has_ended = matches!(status, Status::Merged | Status::Split);
        if has_ended && organization.successors.is_empty() && self.text(row, &mapping.successors).is_none() {
            let text = format!("“{}” was merged or split, and nobody follows it.", organization.name);
            return refuse(Code::MissingValue, text, "Give the codes of its successors.");
        }
        // Successors may come later in the file: the second pass ends what they follow.
        if !has_ended || !organization.successors.is_empty() {
            set_status(organization, status)?;
        }
        Ok(())
    }

    fn fill_sector(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        organization: &mut Organization,
    ) -> RowResult<()> {
        let Some(sector) = self.boxed(row, &mapping.sector) else { return Ok(()) };
        if snapshot.sector_by_code(&sector).is_none() {
            let known: Vec<_> = snapshot.sectors().values().map(|sector| &*sector.code).collect();
            let suggestion = format!("Map the column's values to one of {}.", known.join(", "));
            return refuse(Code::BadValue, format!("There is no sector `{sector}`."), suggestion);
        }
        organization.sector = Some(sector);
        Ok(())
    }

    fn territory(&self, snapshot: &Snapshot, text: &str) -> RowResult<i64> {
        let by_scheme = self.territories_by_scheme.get(text).copied();
        match by_scheme.or_else(|| snapshot.territory_by_code(text).map(|territory| territory.id)) {
            Some(id) => Ok(id),
            None => refuse(
                Code::UnknownTerritory,
                format!("There is no territory `{text}`."),
                "Import the territory first, or map the value to a territory's code.",
            ),
        }
    }
}

fn add_name(organization: &mut Organization, name: &str, language: Option<&str>) {
    if organization.names().any(|known| known == name) {
        return;
    }
    let kind = if language.is_some() { OtherNameKind::Translation } else { OtherNameKind::Alternative };
    let other =
        OtherName { name: name.into(), kind, language: language.map(Into::into), since: None, until: None };
    organization.other_names.push(other);
}

pub(super) fn set_status(organization: &mut Organization, status: Status) -> RowResult<()> {
    let is_final = !matches!(organization.status, Status::Draft | Status::Active | Status::Suspended);
    if is_final && organization.status != status {
        return refuse(
            Code::FinalStatus,
            format!("“{}” has ended; it does not come back.", organization.name),
            "Import the organization that followed it under a code of its own.",
        );
    }
    organization.status = status;
    Ok(())
}
