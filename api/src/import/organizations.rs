//! Rows of organizations, and the owners that rows of pages name.

use entities::{
    organization::{Kind, Status},
    organization_identifier::State,
};

use super::{
    file::Row,
    mapping::{CheckDigits, IfMissing, OrganizationMapping},
    refusal::{Code, RowResult, refuse},
    row::{Import, slug},
};
use crate::{
    change::Draft,
    identifier,
    snapshot::{Identifier, MAX_DEPTH, Organization, OtherName, OtherNameKind, Snapshot},
};

/// What a row says of who an organization is.
struct Identity {
    name: Box<str>,
    code: Option<String>,
    identifiers: Vec<Identifier>,
}

impl Import {
    /// First pass of a file of organizations: everything but the places in the tree.
    pub(super) fn take_organization(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let identity = self.identity(draft.snapshot(), row, &mapping)?;
        let known = find(draft.snapshot(), &self.source, &identity)?;
        if let Some(first) = known.as_ref().and_then(|known| self.seen_organizations.get(&known.id)) {
            let text = format!("Row {first} has the organization “{}” already.", identity.name);
            return refuse(Code::DuplicateInFile, text, "Keep one of the rows.");
        }
        let is_new = known.is_none();
        let mut organization = match &known {
            Some(known) => known.clone(),
            None => self.new_organization(draft, row, &mapping, &identity)?,
        };
        if let Some(known) = &known {
            self.update_organization(draft.snapshot(), row, &mapping, &identity, &mut organization)?;
            if draft.would_change(&organization) {
                self.fresh(row, known.updated_at)?;
            }
        }
        self.seen_organizations.insert(organization.id, row.number);
        let is_changed = draft.put(organization, None)?;
        self.counts.organizations.count(is_new, is_changed);
        Ok(())
    }

    /// Organization that answers for a row's pages: found, or made where the mapping allows it.
    pub(super) fn owner(&mut self, draft: &mut Draft, row: &Row) -> RowResult<i64> {
        let mapping = self.organization_mapping();
        let identity = self.identity(draft.snapshot(), row, &mapping)?;
        let known = find(draft.snapshot(), &self.source, &identity)?;
        let is_first = known.as_ref().is_none_or(|known| !self.seen_organizations.contains_key(&known.id));
        let is_new = known.is_none();
        let organization = match known {
            Some(mut known) => {
                self.learn(row, &mapping, &identity, &mut known);
                known
            }
            None if mapping.if_missing == IfMissing::Refuse => {
                let text = format!("The registry has no organization “{}”.", identity.name);
                return refuse(
                    Code::OwnerNotFound,
                    text,
                    "Import the organization first, or correct its identifiers.",
                );
            }
            None => self.new_organization(draft, row, &mapping, &identity)?,
        };
        let id = organization.id;
        let is_changed = draft.put(organization, None)?;
        if is_first {
            self.seen_organizations.insert(id, row.number);
            self.counts.organizations.count(is_new, is_changed);
        }
        Ok(id)
    }

    /// Second pass of a file of organizations: parents and founders, once all of the file is known.
    pub(super) fn place_organization(&mut self, draft: &mut Draft, row: &Row) -> RowResult<()> {
        let mapping = self.organization_mapping();
        let Ok(identity) = self.identity(draft.snapshot(), row, &mapping) else { return Ok(()) };
        let Some(known) = find(draft.snapshot(), &self.source, &identity)? else { return Ok(()) };
        if self.seen_organizations.get(&known.id) != Some(&row.number) {
            return Ok(());
        }
        let mut organization = known;
        let keeps = |field: &str| mapping.keep.iter().any(|kept| kept == field);
        if let Some(parent) = self.text(row, &mapping.parent)
            && !(organization.parent_id.is_some() && keeps("parent"))
        {
            organization.parent_id = Some(parent_of(draft.snapshot(), &organization, &parent)?);
        }
        if let Some(founder) = self.text(row, &mapping.founder)
            && !(organization.founder_id.is_some() && keeps("founder"))
        {
            organization.founder_id = Some(referred(draft.snapshot(), &organization, &founder)?.id);
        }
        draft.put(organization, None)?;
        Ok(())
    }

    fn organization_mapping(&self) -> OrganizationMapping {
        self.mapping.organization.clone().expect("checked when the import began")
    }

    fn identity(&self, snapshot: &Snapshot, row: &Row, mapping: &OrganizationMapping) -> RowResult<Identity> {
        let Some(name) = mapping.name.text(row, &self.columns) else {
            return refuse(
                Code::MissingValue,
                "The row has no name of an organization.",
                "Fill in the name.",
            );
        };
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut identifiers = Vec::new();
        for (scheme, value) in &mapping.identifiers {
            if let Some(raw) = value.text(row, &self.columns) {
                identifiers.push(self.identifier(snapshot, scheme, &raw)?);
            }
        }
        identifiers.sort();
        Ok(Identity { name: name.into(), code: self.text(row, &mapping.code), identifiers })
    }

    fn identifier(&self, snapshot: &Snapshot, scheme: &str, raw: &str) -> RowResult<Identifier> {
        let rules = &snapshot.scheme_by_code(scheme).expect("checked when the import began").rules;
        match rules.verify(raw) {
            Ok((_, State::CheckFailed)) if self.mapping.check_digits == CheckDigits::Refuse => refuse(
                Code::BadCheckDigit,
                format!("The check digit of {scheme} {raw} does not hold."),
                "Look for a mistyped digit, or set check_digits = \"keep\" in the mapping.",
            ),
            Ok((value, state)) => Ok(Identifier { scheme: scheme.into(), value, state }),
            Err(identifier::Refusal::Person) => refuse(
                Code::PersonIdentifier,
                format!("The {scheme} belongs to a person; the registry holds facts on institutions only."),
                "Give the organization's own identifier.",
            ),
            Err(identifier::Refusal::Form) => {
                refuse(Code::BadIdentifier, format!("`{raw}` is no {scheme}."), "Correct the identifier.")
            }
        }
    }

    fn new_organization(
        &self,
        draft: &Draft,
        row: &Row,
        mapping: &OrganizationMapping,
        identity: &Identity,
    ) -> RowResult<Organization> {
        let mut organization = Organization {
            id: draft.next_organization_id(),
            code: new_code(draft.snapshot(), &self.source, identity).into(),
            kind: self.member(row, "kind", &mapping.kind)?.unwrap_or(Kind::Institution),
            name: identity.name.clone(),
            short_name: None,
            other_names: Vec::new(),
            level: None,
            branch: None,
            sector: None,
            founder_id: None,
            territory_id: None,
            parent_id: None,
            website: None,
            status: Status::Active,
            successors: Vec::new(),
            identifiers: identity.identifiers.clone(),
            source: self.source.clone(),
            created_at: draft.now(),
            updated_at: draft.now(),
        };
        self.fill(draft.snapshot(), row, mapping, &mut organization, |_, _| false)?;
        Ok(organization)
    }

    fn update_organization(
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

    /// Sets what the mapping has, but for the fields that `keeps` says to leave alone.
    fn fill(
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
        if let Some(status) = self.member(row, "status", &mapping.status)? {
            set_status(organization, status)?;
        }
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

    /// Adds what a row of a page tells beside what is known of its owner; never overwrites.
    fn learn(&self, row: &Row, mapping: &OrganizationMapping, identity: &Identity, known: &mut Organization) {
        let language = self.text(row, &mapping.name_language);
        add_name(known, &identity.name, language.as_deref());
        add_identifiers(identity, known);
    }
}

/// Finds the organization that a row is about.
fn find(snapshot: &Snapshot, source: &str, identity: &Identity) -> RowResult<Option<Organization>> {
    let code = identity.code.clone().unwrap_or_else(|| format!("{source}:{}", slug(&identity.name)));
    if let Some(found) = snapshot.organization_by_code(&code) {
        return Ok(Some(Organization::clone(found)));
    }
    for identifier in &identity.identifiers {
        let is_unique =
            snapshot.scheme_by_code(&identifier.scheme).is_some_and(|scheme| scheme.rules.is_unique);
        let mut same = snapshot.organizations_by_identifier(&identifier.scheme, &identifier.value);
        // Units share their legal parent's number: the name tells them apart.
        let found =
            same.find(|known| is_unique || known.names().any(|name| slug(name) == slug(&identity.name)));
        if let Some(found) = found {
            return Ok(Some(Organization::clone(found)));
        }
    }
    if identity.code.is_some() || !identity.identifiers.is_empty() {
        return Ok(None);
    }
    let mut same = snapshot.organizations_by_name(&identity.name);
    match (same.next(), same.next()) {
        (Some(_), Some(_)) => refuse(
            Code::OwnerAmbiguous,
            format!("Several organizations are called “{}”.", identity.name),
            "Name a column with the organization's code or identifier in the mapping.",
        ),
        (found, _) => Ok(found.map(|found| Organization::clone(found))),
    }
}

/// Code of a new organization: the source's own, or its first identifier with a unit's suffix, or its name.
fn new_code(snapshot: &Snapshot, source: &str, identity: &Identity) -> String {
    if let Some(code) = &identity.code {
        return code.clone();
    }
    let Some(first) = identity.identifiers.first() else {
        return format!("{source}:{}", slug(&identity.name));
    };
    let base = format!("{}:{}", first.scheme, first.value);
    let units = (2..).map(|unit| format!("{base}-{unit}"));
    let mut codes = std::iter::once(base.clone()).chain(units);
    codes.find(|code| snapshot.organization_by_code(code).is_none()).unwrap_or(base)
}

fn add_identifiers(identity: &Identity, organization: &mut Organization) {
    for identifier in &identity.identifiers {
        if organization.identifiers.iter().all(|known| known.scheme != identifier.scheme) {
            organization.identifiers.push(identifier.clone());
        }
    }
    organization.identifiers.sort();
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

fn set_status(organization: &mut Organization, status: Status) -> RowResult<()> {
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

fn referred<'a>(
    snapshot: &'a Snapshot,
    organization: &Organization,
    code: &str,
) -> RowResult<&'a Organization> {
    match snapshot.organization_by_code(code) {
        Some(found) => Ok(found),
        None => refuse(
            Code::ParentNotFound,
            format!("There is no organization `{code}`; “{}” was taken in without it.", organization.name),
            "Add it to the file or to the registry.",
        ),
    }
}

fn parent_of(snapshot: &Snapshot, organization: &Organization, code: &str) -> RowResult<i64> {
    let parent = referred(snapshot, organization, code)?;
    let above = std::iter::successors(Some(parent), |here| Some(&**snapshot.organization(here.parent_id?)?));
    let above: Vec<i64> = above.take(MAX_DEPTH + 1).map(|here| here.id).collect();
    if above.contains(&organization.id) {
        let text = format!("“{}” would stand below itself.", organization.name);
        return refuse(Code::TreeCycle, text, "Correct the parent.");
    }
    if above.len() > MAX_DEPTH {
        let text = format!("“{}” would stand more than {MAX_DEPTH} steps deep.", organization.name);
        return refuse(Code::TreeTooDeep, text, "Correct the parent.");
    }
    Ok(parent.id)
}
