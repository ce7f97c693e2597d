//! Global ids (Relay): opaque to clients, kind of the object and primary key inside. The id of an object never changes.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

/// Encodes the global id of an object.
pub fn encode(kind: &str, id: i64) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

/// Kind and primary key of a global id; `None` if it is invalid. Earlier ids of organizations have the kind `Authority` or
/// `Institution`, and are read as `Organization`.
pub fn decode(id: &str) -> Option<(String, i64)> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let (kind, key) = text.split_once(':')?;
    let number: i64 = key.parse().ok()?;
    // An authority can become an institution, and the reverse: an id that says which it was still names the organization.
    let kind = if matches!(kind, "Authority" | "Institution") { "Organization" } else { kind };
    // Only the canonical spelling of the number is valid.
    (number > 0 && number.to_string() == key).then(|| (kind.to_owned(), number))
}

/// Primary key, if the id is one of this kind.
pub fn key(kind: &str, id: &str) -> Option<i64> {
    decode(id).filter(|(found, _)| found == kind).map(|(_, key)| key)
}
