//! Codes of organizations: a source's own ones, generated ones, and references by code or identifier.

use std::sync::Arc;

use super::{
    identity::{Identity, Profile},
    row::{Import, slug},
    row_error::Code,
};
use crate::{model::Organization, snapshot::Snapshot};

/// The organization with this code, or else the only one with this identifier, written with its scheme
/// (`ru:inn:7700000000`): a code that was generated from an identifier remains a reference after a source's own code
/// has replaced it.
pub(super) fn referred<'a>(snapshot: &'a Snapshot, reference: &str) -> Option<&'a Arc<Organization>> {
    let by_code = snapshot.organization_by_code(reference);
    // Codes of schemes contain colons, too.
    by_code.or_else(|| {
        reference
            .match_indices(':')
            .find_map(|(colon, _)| only_one(snapshot, &reference[..colon], &reference[colon + 1..]))
    })
}

/// The organization with this identifier, unless several have it.
fn only_one<'a>(snapshot: &'a Snapshot, scheme: &str, value: &str) -> Option<&'a Arc<Organization>> {
    let mut found = snapshot.organizations_by_identifier(scheme, value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

impl Profile {
    /// Whether both name the same parent, if only by different references.
    pub(super) fn has_parent_of(&self, snapshot: &Snapshot, other: &Self) -> bool {
        let known = |parent: &Option<Box<str>>| Some(referred(snapshot, parent.as_deref()?)?.id);
        self.parent == other.parent
            || known(&self.parent).is_some_and(|parent| Some(parent) == known(&other.parent))
    }
}

impl Import {
    /// Gives an organization the row's code if its code was generated.
    pub(super) fn learn_code(&self, identity: &Identity, known: &mut Organization) {
        if let Some(code) = identity.code.as_deref().filter(|_| !has_own_code(known)) {
            known.code = code.into();
        }
    }

    /// Records a code that the file uses for an organization with a different code. Warns if the latter is a source's
    /// own code, unless the row's code is an identifier of the organization, by which it is found.
    pub(super) fn note_code(&mut self, identity: &Identity, id: i64, organization: &Organization) {
        let Some(code) = identity.code.as_deref().filter(|code| **code != *organization.code) else { return };
        let is_noted = self.codes.insert(code.into(), id).is_some();
        let mut numbers = organization.identifiers.iter().map(|it| format!("{}:{}", it.scheme, it.value));
        if is_noted || numbers.any(|number| number == code) || !has_own_code(organization) {
            return;
        }
        let (name, own) = (&organization.name, &organization.code);
        let text = format!("“{name}” has the code `{own}`; the code `{code}` was not stored.");
        let advice = format!("Refer to it by `{own}`, or by an identifier with its scheme.");
        self.warn(Code::CodeConflict, text, advice);
    }

    /// Code of a new organization: the row's code, or else one from its first identifier, or else a generated code.
    pub(super) fn new_code(&self, snapshot: &Snapshot, identity: &Identity) -> String {
        if let Some(code) = &identity.code {
            return code.clone();
        }
        let base = match identity.identifiers.first() {
            Some(first) => format!("{}:{}", first.scheme, first.value),
            None => self.generated_code(snapshot, identity),
        };
        let more = (2..).map(|number| format!("{base}-{number}"));
        let mut codes = std::iter::once(base.clone()).chain(more);
        codes.find(|code| snapshot.organization_by_code(code).is_none()).unwrap_or(base)
    }

    /// Code generated from source, territory, parent and name.
    pub(super) fn generated_code(&self, snapshot: &Snapshot, identity: &Identity) -> String {
        let territory = identity.profile.territory_id.and_then(|id| snapshot.territory(id));
        let territory = territory.map(|territory| format!("{}:", territory.code)).unwrap_or_default();
        let parent = identity.profile.parent.as_deref().map(|code| format!("{}:", slug(code)));
        format!("{}:{territory}{}{}", self.source, parent.unwrap_or_default(), slug(&identity.name))
    }
}

/// Whether the code came from a source, and was not generated from a name or an identifier.
pub(super) fn has_own_code(organization: &Organization) -> bool {
    let is_of_number = organization.identifiers.iter().any(|it| {
        let rest = organization.code.strip_prefix(&*it.scheme).and_then(|rest| rest.strip_prefix(':'));
        rest.and_then(|rest| rest.strip_prefix(&*it.value))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    });
    !is_generated_from_name(organization) && !is_of_number
}

/// Whether the code was generated from the source, territory, parent and name.
pub(super) fn is_generated_from_name(organization: &Organization) -> bool {
    let after_source =
        organization.code.strip_prefix(&*organization.source).and_then(|rest| rest.strip_prefix(':'));
    let Some(rest) = after_source else { return false };
    let generated = rest.rsplit(':').next().unwrap_or(rest);
    // A numeric suffix distinguishes namesakes.
    let unnumbered =
        generated.rsplit_once('-').filter(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit()));
    let is_generated = |slug: &str| slug == generated || unnumbered.is_some_and(|(head, _)| head == slug);
    rest.is_empty() || organization.names().map(slug).any(|slug| is_generated(&slug))
}
