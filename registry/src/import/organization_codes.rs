//! Codes of organizations: a source's own ones, generated ones, and references by code or identifier.

use std::sync::Arc;

use entities::organization::CodeOrigin;

use super::{
    identity::{Identity, Profile},
    row::{Import, slug},
    row_error::{Code, RowResult, refuse},
};
use crate::{
    model::{Identifier, Organization},
    snapshot::Snapshot,
};

/// The organization with this code, or else the one that had it before a source's own code replaced it, or else the
/// only one with this identifier, written with its scheme (`ru:inn:7700000000`).
pub(super) fn referred<'a>(snapshot: &'a Snapshot, reference: &str) -> Option<&'a Arc<Organization>> {
    let by_code = snapshot.organization_by_code(reference);
    by_code
        .or_else(|| snapshot.organizations_with_code(reference).next())
        .or_else(|| as_identifiers(reference).find_map(|(scheme, value)| only_one(snapshot, scheme, value)))
}

/// The ways to read a reference as a scheme and an identifier: codes of schemes contain colons, too.
fn as_identifiers(reference: &str) -> impl Iterator<Item = (&str, &str)> {
    reference.match_indices(':').map(move |(colon, _)| (&reference[..colon], &reference[colon + 1..]))
}

/// The organization with this identifier, unless several have it.
fn only_one<'a>(snapshot: &'a Snapshot, scheme: &str, value: &str) -> Option<&'a Arc<Organization>> {
    let mut found = snapshot.organizations_by_identifier(scheme, value);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Whether a code is, or was, that of another organization.
fn is_code_of_another(snapshot: &Snapshot, code: &str, id: Option<i64>) -> bool {
    snapshot.organizations_with_code(code).any(|it| Some(it.id) != id)
}

/// Whether a code is an identifier, with its scheme, of an organization that fits.
fn is_identifier_of(snapshot: &Snapshot, code: &str, fits: impl Fn(&Organization) -> bool) -> bool {
    as_identifiers(code)
        .any(|(scheme, value)| snapshot.organizations_by_identifier(scheme, value).any(|it| fits(it)))
}

/// Whether a code is one of these identifiers, with its scheme.
fn is_among(code: &str, identifiers: &[Identifier]) -> bool {
    identifiers.iter().any(|it| after_scheme(code, it) == Some(&*it.value))
}

fn after_scheme<'a>(code: &'a str, identifier: &Identifier) -> Option<&'a str> {
    code.strip_prefix(&*identifier.scheme)?.strip_prefix(':')
}

impl Import {
    /// The organization that a reference of the file means: one of the registry, or else the one for which a row of the
    /// file uses this code, though it has another one.
    pub(super) fn meant<'a>(&self, snapshot: &'a Snapshot, reference: &str) -> Option<&'a Arc<Organization>> {
        referred(snapshot, reference).or_else(|| snapshot.organization(*self.codes.get(reference)?))
    }

    /// Whether both profiles name the same parent, if only by different references.
    pub(super) fn have_same_parent(&self, snapshot: &Snapshot, one: &Profile, other: &Profile) -> bool {
        let known = |parent: &Option<Box<str>>| Some(self.meant(snapshot, parent.as_deref()?)?.id);
        one.parent == other.parent
            || known(&one.parent).is_some_and(|parent| Some(parent) == known(&other.parent))
    }

    /// Whether a row's code means another organization, by its present or former code, or by an identifier that it had
    /// before the import. Such a code is not stored: references to it would change their meaning. In an exported file,
    /// the organizations of its rows are told apart by their codes, so that only identifiers of others count.
    fn is_taken(&self, snapshot: &Snapshot, code: &str, id: Option<i64>) -> bool {
        let is_another = |it: &Organization| Some(it.id) != id && !self.survey.has_code_of(it);
        is_code_of_another(snapshot, code, id) || is_identifier_of(&self.before, code, is_another)
    }

    /// Whether an organization is that of another row of an exported file, though the two share an identifier or a name.
    pub(super) fn is_of_another_row(&self, identity: &Identity, organization: &Organization) -> bool {
        let is_own = identity.code.as_deref().is_some_and(|code| organization.has_code(code));
        !is_own && self.survey.has_code_of(organization)
    }

    /// Whether codes distinguish the two: both have codes from sources, which differ, or another row has the organization's
    /// code. A code that is an identifier of the organization does not distinguish the two by itself.
    pub(super) fn has_another_code(&self, identity: &Identity, organization: &Organization) -> bool {
        let is_another =
            |code: &str| !organization.has_code(code) && !is_among(code, &organization.identifiers);
        let are_apart = identity.code.as_deref().is_some_and(is_another) && has_own_code(organization);
        are_apart || self.is_of_another_row(identity, organization)
    }

    /// Refuses a row of a new organization if its code means another one.
    pub(super) fn refuse_taken(&self, snapshot: &Snapshot, identity: &Identity) -> RowResult<()> {
        let Some(code) = identity.code.as_deref() else { return Ok(()) };
        // A unit that shares the identifier gets a generated code.
        if is_among(code, &identity.identifiers) || !self.is_taken(snapshot, code, None) {
            return Ok(());
        }
        let text = format!("The code `{code}` of “{}” belongs to other organizations.", identity.name);
        refuse(Code::OwnerAmbiguous, text, "Give the organization its own code, or its identifier.")
    }

    /// Gives an organization the row's code if its code was generated.
    pub(super) fn learn_code(&self, snapshot: &Snapshot, identity: &Identity, known: &mut Organization) {
        let Some(code) = identity.code.as_deref().filter(|code| !known.has_code(code)) else { return };
        if !has_own_code(known) && !self.is_taken(snapshot, code, Some(known.id)) {
            let generated = std::mem::replace(&mut known.code, code.into());
            known.former_codes.push(generated);
            known.code_origin = Some(CodeOrigin::Given);
        }
    }

    /// Records a code that the file uses for an organization with a different code. Warns, unless other files may use
    /// it, too, since it is an identifier by which the organization is found.
    pub(super) fn note_code(
        &mut self,
        snapshot: &Snapshot,
        identity: &Identity,
        id: i64,
        organization: &Organization,
    ) {
        let Some(code) = identity.code.as_deref().filter(|code| !organization.has_code(code)) else { return };
        if self.codes.contains_key(code) {
            return;
        }
        self.codes.insert(code.into(), id);
        // The generated code of an organization that was not written, because the row is stale, is not replaced.
        let is_found = is_among(code, &organization.identifiers) || !has_own_code(organization);
        if is_found && !self.is_taken(snapshot, code, Some(id)) {
            return;
        }
        let (name, own) = (&organization.name, &organization.code);
        let text = format!("“{name}” has the code `{own}`; the code `{code}` was not stored.");
        let advice = format!("Refer to it by `{own}`, or by an identifier with its scheme.");
        self.warn(Code::CodeConflict, text, advice);
    }

    /// Code of a new organization: the row's code, or else one from its first identifier, or else a generated code.
    pub(super) fn new_code(&self, snapshot: &Snapshot, identity: &Identity) -> (Box<str>, CodeOrigin) {
        if let Some(code) = identity.code.as_deref().filter(|code| !self.is_taken(snapshot, code, None)) {
            return (code.into(), CodeOrigin::Given);
        }
        let base = match identity.identifiers.first() {
            Some(first) => format!("{}:{}", first.scheme, first.value),
            None => self.generated_code(snapshot, identity),
        };
        let more = (2..).map(|number| format!("{base}-{number}"));
        let mut codes = std::iter::once(base.clone()).chain(more);
        let is_free = |code: &String| {
            !is_code_of_another(snapshot, code, None) && !is_identifier_of(snapshot, code, |_| true)
        };
        (codes.find(is_free).unwrap_or(base).into(), CodeOrigin::Generated)
    }

    /// Code generated from source, territory, parent and name.
    pub(super) fn generated_code(&self, snapshot: &Snapshot, identity: &Identity) -> String {
        let territory = identity.profile.territory_id.and_then(|id| snapshot.territory(id));
        let territory = territory.map(|territory| format!("{}:", territory.code)).unwrap_or_default();
        let parent = identity.profile.parent.as_deref().map(|code| format!("{}:", slug(code)));
        format!("{}:{territory}{}{}", self.source, parent.unwrap_or_default(), slug(&identity.name))
    }
}

/// Whether a row's code leads to an organization only because it is an identifier: no source gave it as the code.
pub(super) fn is_by_identifier(identity: &Identity, organization: &Organization) -> bool {
    let is_given = identity.is_code_of(organization) && has_own_code(organization);
    !is_given && identity.code.as_deref().is_some_and(|code| is_among(code, &organization.identifiers))
}

/// Whether a source gave the code.
pub(super) fn has_own_code(organization: &Organization) -> bool {
    match organization.code_origin {
        Some(origin) => origin == CodeOrigin::Given,
        // Written before origins were recorded: only the form of the code tells.
        None => !resembles_name(organization) && !is_from_identifier(organization),
    }
}

/// Whether the code was generated from the source, territory, parent and name.
pub(super) fn is_generated_from_name(organization: &Organization) -> bool {
    !has_own_code(organization) && !is_from_identifier(organization)
}

/// Whether the code is an identifier of the organization, perhaps with a suffix.
fn is_from_identifier(organization: &Organization) -> bool {
    organization.identifiers.iter().any(|it| {
        let rest = after_scheme(&organization.code, it).and_then(|rest| rest.strip_prefix(&*it.value));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    })
}

/// Whether the code has the form of one that is generated from the source and a name.
fn resembles_name(organization: &Organization) -> bool {
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
