//! The hash chain: each change seals all that came before it.

use entities::change::Model;
use sea_orm::ActiveEnum;

/// Hash of a change on top of the hash before it (empty before the first).
pub(super) fn seal(previous: &[u8], change: &Model) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(&change.seq.to_le_bytes());
    hasher.update(&change.at.timestamp_micros().to_le_bytes());
    hasher.update(&change.subject_id.to_le_bytes());
    let ids = [change.platform_id, change.territory_id];
    for id in ids {
        hasher.update(&id.unwrap_or(0).to_le_bytes());
    }
    let (kind, subject_type) = (change.kind.to_value(), change.subject_type.to_value());
    let texts = [&kind, &subject_type, &change.actor, &change.after].map(String::as_str);
    for text in texts.into_iter().chain(change.reason.as_deref()) {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    // Only where they are there, so that changes older than these columns keep their seals.
    if let Some(territory_id) = change.former_territory_id {
        hasher.update(&territory_id.to_le_bytes());
    }
    if let Some(audience) = change.audience {
        hasher.update(audience.to_value().as_bytes());
    }
    hasher.finalize().as_bytes().to_vec()
}
