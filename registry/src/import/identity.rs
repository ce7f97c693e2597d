//! Identity of a row's organization: code, identifiers, name, and the profile within which the name is unique.

use entities::organization_identifier::State;

use super::{
    cell,
    file::Row,
    mapping::{CheckDigits, IfMissing, OrganizationMapping},
    row::{Import, one_line, slug},
    row_error::{Code, RowResult, refuse},
};
use crate::{
    identifier,
    model::{Identifier, Organization},
    snapshot::Snapshot,
};

/// Identity of the organization that a row names.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) name: Box<str>,
    pub(super) language: Option<Box<str>>,
    pub(super) code: Option<String>,
    pub(super) identifiers: Vec<Identifier>,
    pub(super) profile: Profile,
}

/// Scope of a name: two organizations with one name are different if their territory, sector or parent differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Profile {
    pub(super) territory_id: Option<i64>,
    pub(super) sector: Option<Box<str>>,
    /// Code of the parent.
    pub(super) parent: Option<Box<str>>,
}

impl Profile {
    /// Number of fields that are set.
    pub(super) fn known(&self) -> usize {
        usize::from(self.territory_id.is_some())
            + usize::from(self.sector.is_some())
            + usize::from(self.parent.is_some())
    }
}

fn lies_in(snapshot: &Snapshot, territory: i64, within: i64) -> bool {
    let up = std::iter::successors(Some(territory), |id| snapshot.territory(*id)?.parent_id);
    // Territory trees have at most 10 levels.
    up.take(12).any(|id| id == within)
}

impl Identity {
    /// Key shared by the rows of one organization: its code, or else its first identifier.
    pub(super) fn key(&self) -> Option<String> {
        let by_identifier =
            || self.identifiers.first().map(|first| format!("{}={}", first.scheme, first.value));
        self.code.clone().or_else(by_identifier)
    }

    /// The code, or else the first identifier with its scheme, as shown in a message.
    pub(super) fn label(&self) -> String {
        let first = || self.identifiers.first().map(|first| format!("{}:{}", first.scheme, first.value));
        self.code.clone().or_else(first).unwrap_or_default()
    }

    /// Whether the row's code is that of an organization.
    pub(super) fn is_code_of(&self, organization: &Organization) -> bool {
        self.code.as_deref() == Some(&*organization.code)
    }

    /// Whether an organization has a different identifier of the same scheme.
    pub(super) fn contradicts(&self, organization: &Organization) -> bool {
        contradict(&self.identifiers, &organization.identifiers)
    }
}

impl Import {
    /// Whether the other profile matches every field set in this one; it may be more specific, such as a town of the
    /// region.
    pub(super) fn is_within(&self, snapshot: &Snapshot, profile: &Profile, other: &Profile) -> bool {
        let is_placed = match (profile.territory_id, other.territory_id) {
            (None, _) => true,
            (Some(own), Some(other)) => lies_in(snapshot, other, own),
            (Some(_), None) => false,
        };
        is_placed
            && (profile.sector.is_none() || profile.sector == other.sector)
            && (profile.parent.is_none() || self.have_same_parent(snapshot, profile, other))
    }

    pub(super) fn identity(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
    ) -> RowResult<Identity> {
        let code = self.text(row, &mapping.code).map(|code| cell::one_code(&code)).transpose()?;
        let code = code.map(|code| one_line("code", &code).map(String::from)).transpose()?;
        if let Some(code) = code.as_ref().filter(|code| cell::is_exponent(code)) {
            let text = format!("`{code}` is a number that a spreadsheet has rounded.");
            return refuse(Code::BadValue, text, "Format the column as text and export it again.");
        }
        let mut identifiers = Vec::new();
        for (scheme, value) in &mapping.identifiers {
            if let Some(raw) = value.text(row, &self.columns) {
                identifiers.push(self.identifier(snapshot, scheme, &raw)?);
            }
        }
        identifiers.sort();
        Ok(Identity {
            name: self.name(snapshot, row, mapping, code.as_deref(), &identifiers)?,
            language: self.language(row, &mapping.name_language)?,
            code,
            identifiers,
            profile: self.profile(snapshot, row, mapping)?,
        })
    }

    /// The row's name, or else the name of the organization found by its code or identifier.
    fn name(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
        code: Option<&str>,
        identifiers: &[Identifier],
    ) -> RowResult<Box<str>> {
        if let Some(name) = mapping.name.text(row, &self.columns) {
            let name = one_line("name", &name)?;
            if slug(&name).is_empty() {
                let text = format!("The name `{name}` has no letter or digit.");
                return refuse(Code::BadValue, text, "Fill in the name.");
            }
            return Ok(name);
        }
        let by_code = code.and_then(|code| self.meant(snapshot, code));
        let by_number = || {
            let mut found =
                identifiers.iter().flat_map(|it| snapshot.organizations_by_identifier(&it.scheme, &it.value));
            found.next().filter(|first| found.all(|other| other.id == first.id))
        };
        match by_code.or_else(by_number) {
            Some(known) => Ok(known.name.clone()),
            None => self.refuse_unnamed(snapshot, mapping, code, identifiers),
        }
    }

    /// Refuses a row without a name that the registry does not have by its code or identifiers either.
    fn refuse_unnamed<T>(
        &self,
        snapshot: &Snapshot,
        mapping: &OrganizationMapping,
        code: Option<&str>,
        identifiers: &[Identifier],
    ) -> RowResult<T> {
        let is_known =
            |it: &Identifier| snapshot.organizations_by_identifier(&it.scheme, &it.value).next().is_some();
        let number = identifiers.first().map(|first| format!("{}:{}", first.scheme, first.value));
        let may_create = mapping.if_missing == IfMissing::Create || self.mapping.pages.is_empty();
        match code.map(str::to_owned).or(number) {
            Some(given) if !may_create && !identifiers.iter().any(is_known) => {
                let text = format!("The registry has no organization `{given}`.");
                refuse(
                    Code::OwnerNotFound,
                    text,
                    "Import the organization first, or correct its code or identifiers.",
                )
            }
            _ => refuse(
                Code::MissingValue,
                "The row has no organization name.",
                "Fill in the name, or the code of an organization of the registry.",
            ),
        }
    }

    fn profile(&self, snapshot: &Snapshot, row: &Row, mapping: &OrganizationMapping) -> RowResult<Profile> {
        let territory_id = match self.text(row, &mapping.territory) {
            None => None,
            Some(text) => match self.territory(snapshot, &text) {
                Some(id) => Some(id),
                None => {
                    let text = format!("There is no territory `{text}`.");
                    let advice = "Import the territory first, or map the value to a territory's code.";
                    return refuse(Code::UnknownTerritory, text, advice);
                }
            },
        };
        let sector = self.boxed(row, &mapping.sector);
        if let Some(code) = sector.as_ref().filter(|code| snapshot.sector_by_code(code).is_none()) {
            let known: Vec<_> = snapshot.sectors().values().map(|sector| &*sector.code).collect();
            let suggestion = format!("Map the column's values to one of {}.", known.join(", "));
            return refuse(Code::BadValue, format!("There is no sector `{code}`."), suggestion);
        }
        Ok(Profile { territory_id, sector, parent: self.boxed(row, &mapping.parent) })
    }

    /// Profile of an organization, with the file's parent before the second pass sets it.
    pub(super) fn profile_of(&self, snapshot: &Snapshot, organization: &Organization) -> Profile {
        let of_registry = || Some(snapshot.organization(organization.parent_id?)?.code.clone());
        Profile {
            territory_id: organization.territory_id,
            sector: organization.sector.clone(),
            parent: self.parents.get(&organization.id).cloned().or_else(of_registry),
        }
    }

    fn identifier(&self, snapshot: &Snapshot, scheme: &str, raw: &str) -> RowResult<Identifier> {
        let rules = &snapshot.scheme_by_code(scheme).expect("checked when the import began").rules;
        match rules.verify(raw) {
            Ok((_, State::CheckFailed)) if self.mapping.check_digits == CheckDigits::Refuse => refuse(
                Code::BadCheckDigit,
                format!("The check digit of {scheme} {raw} is wrong."),
                "Check for a mistyped digit, or set check_digits = \"keep\" in the mapping.",
            ),
            Ok((value, state)) => Ok(Identifier { scheme: scheme.into(), value, state }),
            Err(identifier::IdentifierError::Person) => refuse(
                Code::PersonIdentifier,
                format!("The {scheme} belongs to a person; the registry holds data on institutions only."),
                "Give the organization's own identifier.",
            ),
            Err(identifier::IdentifierError::Form) => {
                let text = format!("`{raw}` is not a valid {scheme}: the pattern is {}.", rules.pattern);
                refuse(Code::BadIdentifier, text, "Correct the identifier.")
            }
        }
    }
}

/// Whether two lists of identifiers differ within one scheme.
pub(super) fn contradict(one: &[Identifier], other: &[Identifier]) -> bool {
    one.iter().any(|own| other.iter().any(|it| it.scheme == own.scheme && it.value != own.value))
}

/// Gives an organization the row's identifiers in place of others of the same schemes.
pub(super) fn replace_identifiers(identity: &Identity, organization: &mut Organization) {
    let is_given = |known: &Identifier| identity.identifiers.iter().any(|given| given.scheme == known.scheme);
    organization.identifiers.retain(|known| !is_given(known));
    organization.identifiers.extend(identity.identifiers.iter().cloned());
    organization.identifiers.sort();
}

pub(super) fn add_identifiers(identity: &Identity, organization: &mut Organization) {
    for identifier in &identity.identifiers {
        if organization.identifiers.iter().all(|known| known.scheme != identifier.scheme) {
            organization.identifiers.push(identifier.clone());
        }
    }
    organization.identifiers.sort();
}
