//! Who an organization of a row is: its code, its identifiers, its name, in this order.

use entities::organization_identifier::State;

use super::{
    file::Row,
    mapping::{CheckDigits, OrganizationMapping},
    refusal::{Code, RowResult, refuse},
    row::{Import, slug},
};
use crate::{
    identifier,
    snapshot::{Identifier, Organization, Snapshot},
};

/// What a row says of who an organization is.
pub(super) struct Identity {
    pub(super) name: Box<str>,
    pub(super) code: Option<String>,
    pub(super) identifiers: Vec<Identifier>,
}

impl Import {
    pub(super) fn identity(
        &self,
        snapshot: &Snapshot,
        row: &Row,
        mapping: &OrganizationMapping,
    ) -> RowResult<Identity> {
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
}

/// Finds the organization that a row is about.
pub(super) fn find(
    snapshot: &Snapshot,
    source: &str,
    identity: &Identity,
) -> RowResult<Option<Organization>> {
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
pub(super) fn new_code(snapshot: &Snapshot, source: &str, identity: &Identity) -> String {
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

pub(super) fn add_identifiers(identity: &Identity, organization: &mut Organization) {
    for identifier in &identity.identifiers {
        if organization.identifiers.iter().all(|known| known.scheme != identifier.scheme) {
            organization.identifiers.push(identifier.clone());
        }
    }
    organization.identifiers.sort();
}
