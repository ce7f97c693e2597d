//! Rules for clients: names, scopes, limits, and who may manage whom.

use std::sync::Arc;

use super::error::{ClientError, ClientErrorCode as Code};
use crate::{
    author::Author,
    model::{Client, Reach, Scope},
    record_reference::{OrganizationReference, ReferenceError},
    snapshot::Snapshot,
};

/// Maximum number of characters of a client's name, which lists and errors show in one line.
const MAX_NAME: usize = 100;

/// A client, by one of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientReference {
    /// Primary key.
    Id(i64),
    /// Name.
    Name(String),
}

/// Limits of a client, as whoever writes gives them; none by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewLimits {
    /// Code of the only platform.
    pub platform_code: Option<String>,
    /// The only organization, with all below it.
    pub organization: Option<OrganizationReference>,
    /// Code of the only territory, with all in it.
    pub territory_code: Option<String>,
}

/// The client of a reference, which the author may manage: it has all scopes of the client and reaches all its records. What
/// it does not reach does not exist for it.
pub(super) fn managed(
    snapshot: &Snapshot,
    author: &Author,
    reference: &ClientReference,
) -> Result<Arc<Client>, ClientError> {
    let found = match reference {
        ClientReference::Id(id) => snapshot.clients().get(id),
        ClientReference::Name(name) => snapshot.client_by_name(name),
    };
    let is_seen = |client: &&Arc<Client>| author.reach().contains(snapshot, Reach::from(&***client));
    let Some(client) = found.filter(is_seen) else {
        let text = match reference {
            ClientReference::Id(_) => "There is no such client; `clients` lists all.".to_owned(),
            ClientReference::Name(name) => {
                format!("There is no client `{name}`; `registry keys list` shows all.")
            }
        };
        return Err(ClientError::new(Code::NotFound, "id", text));
    };
    match client.scopes.iter().find(|scope| !author.has(**scope)) {
        None => Ok(client.clone()),
        Some(scope) => {
            let text = format!("The client has the scope `{}`, which your key lacks.", scope.name());
            Err(ClientError::new(Code::NotAllowed, "id", text))
        }
    }
}

/// The same, if the client is not revoked.
pub(super) fn managed_alive(
    snapshot: &Snapshot,
    author: &Author,
    reference: &ClientReference,
) -> Result<Arc<Client>, ClientError> {
    let client = managed(snapshot, author, reference)?;
    match client.revoked_at {
        None => Ok(client),
        Some(_) => Err(ClientError::new(Code::Revoked, "id", "The client is revoked; create another one.")),
    }
}

/// Checks the name of a new client.
pub(super) fn check_name(snapshot: &Snapshot, name: &str) -> Result<(), ClientError> {
    if !is_line(name, MAX_NAME) {
        let text = format!(
            "The name of a client has 1 to {MAX_NAME} characters, without line breaks and other control characters."
        );
        return Err(ClientError::new(Code::InvalidName, "name", text));
    }
    if snapshot.client_by_name(name).is_some() {
        let text = format!("A client `{name}` exists already; choose another name.");
        return Err(ClientError::new(Code::NameTaken, "name", text));
    }
    Ok(())
}

/// Whether a text has from one to `most` characters in one line.
pub(super) fn is_line(text: &str, most: usize) -> bool {
    let is_in_line = !text.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
    is_in_line && (1..=most).contains(&text.chars().count())
}

/// Scopes in the order given, each once.
pub(super) fn distinct(given: Vec<Scope>) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::with_capacity(given.len());
    for scope in given {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// Checks the scopes and limits of a client: nobody gives what it lacks itself.
pub(super) fn check_rights(
    snapshot: &Snapshot,
    author: &Author,
    scopes: &[Scope],
    reach: Reach,
) -> Result<(), ClientError> {
    let error = |code, field, text: String| Err(ClientError::new(code, field, text));
    if scopes.is_empty() {
        return error(Code::NoScopes, "scopes", "Give at least one scope.".into());
    }
    if let Some(scope) = scopes.iter().find(|scope| !author.has(**scope)) {
        let text = format!("Your key lacks the scope `{}` and cannot give it.", scope.name());
        return error(Code::ScopeNotHeld, "scopes", text);
    }
    if !author.reach().contains(snapshot, reach) {
        let text = "Your key is limited to a platform, an organization or a territory; limit the client to the same or less.";
        return error(Code::LimitNotHeld, limited_field(author.reach()), text.into());
    }
    if reach.is_whole() {
        return Ok(());
    }
    if scopes.contains(&Scope::Ratings) {
        let text = format!(
            "A client with the scope `{}` cannot be limited: ratings are of the whole registry.",
            Scope::Ratings.name()
        );
        return error(Code::LimitNotPossible, "scopes", text);
    }
    if !scopes.iter().any(|scope| scope.is_limitable()) {
        let text = format!(
            "A limit restricts what a client writes and reviews, and this one only reads; add a scope such as `{}`, or leave out \
             the limit.",
            Scope::Statistics.name()
        );
        return error(Code::UselessLimit, "scopes", text);
    }
    Ok(())
}

/// Field of the input with the limit of this kind.
fn limited_field(reach: Reach) -> &'static str {
    match reach {
        Reach { platform_id: Some(_), .. } => "platformCode",
        Reach { organization_id: Some(_), .. } => "organization",
        _ => "territoryCode",
    }
}

/// Id of the platform with a code.
pub(super) fn platform_id(snapshot: &Snapshot, code: &str) -> Result<i64, ClientError> {
    let text = || format!("There is no platform `{code}`; `platforms` lists all.");
    let found = snapshot.platform_by_code(code).map(|platform| platform.id);
    found.ok_or_else(|| ClientError::new(Code::UnknownPlatform, "platformCode", text()))
}

/// Id of the organization of a reference that the author may see.
pub(super) fn organization_id(
    snapshot: &Snapshot,
    author: &Author,
    reference: &OrganizationReference,
) -> Result<i64, ClientError> {
    let found = reference.find(snapshot, author).map(|organization| organization.id);
    found.map_err(|error| {
        let text = match error {
            ReferenceError::Ambiguous => "Several organizations have the identifier; give the code of one.",
            ReferenceError::NotFound | ReferenceError::NotAllowed => "There is no such organization.",
        };
        ClientError::new(Code::UnknownOrganization, "organization", text)
    })
}

/// Id of the territory with a code.
pub(super) fn territory_id(snapshot: &Snapshot, code: &str) -> Result<i64, ClientError> {
    let text = || format!("There is no territory `{code}`; `territories` lists all.");
    let found = snapshot.territory_by_code(code).map(|territory| territory.id);
    found.ok_or_else(|| ClientError::new(Code::UnknownTerritory, "territoryCode", text()))
}

impl NewLimits {
    /// The records within the limits.
    pub(super) fn reach(&self, snapshot: &Snapshot, author: &Author) -> Result<Reach, ClientError> {
        Ok(Reach {
            platform_id: self.platform_code.as_deref().map(|code| platform_id(snapshot, code)).transpose()?,
            organization_id: self
                .organization
                .as_ref()
                .map(|reference| organization_id(snapshot, author, reference))
                .transpose()?,
            territory_id: self
                .territory_code
                .as_deref()
                .map(|code| territory_id(snapshot, code))
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(scopes: &[Scope], reach: Reach) -> Option<Code> {
        check_rights(&Snapshot::default(), &Author::operator(), scopes, reach).err().map(|error| error.code)
    }

    #[test]
    fn a_limit_goes_with_a_scope_that_it_restricts() {
        let limited = Reach { platform_id: Some(1), ..Reach::default() };
        for (scopes, expected) in [
            (vec![], Some(Code::NoScopes)),
            (vec![Scope::Read], Some(Code::UselessLimit)),
            (vec![Scope::Read, Scope::Internal], Some(Code::UselessLimit)),
            (vec![Scope::Write, Scope::Ratings], Some(Code::LimitNotPossible)),
            (vec![Scope::Read, Scope::Statistics], None),
            (vec![Scope::Review], None),
        ] {
            assert_eq!(checked(&scopes, limited), expected, "{scopes:?}");
        }
        assert_eq!(checked(&[Scope::Ratings, Scope::Read], Reach::default()), None);
    }

    #[test]
    fn a_scope_that_is_given_twice_counts_once() {
        let given = vec![Scope::Statistics, Scope::Read, Scope::Statistics];
        assert_eq!(distinct(given), [Scope::Statistics, Scope::Read]);
    }

    #[test]
    fn a_name_is_one_line() {
        for (text, expected) in [("a", true), ("", false), ("a\nb", false), ("a\u{2028}b", false)] {
            assert_eq!(is_line(text, 100), expected, "{text:?}");
        }
        assert!(is_line(&"я".repeat(100), 100) && !is_line(&"я".repeat(101), 100));
    }
}
