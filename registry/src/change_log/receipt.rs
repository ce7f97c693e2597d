//! Receipts: signed statements of the hash of the change log at a sequence number.
//!
//! A stored receipt later proves that the log still contains this state: a log that was truncated or
//! rewritten has another hash at that sequence number.

use anyhow::{Context, Result, bail};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use entities::receipt::Model;
use serde::{Deserialize, Serialize};

/// A signed statement: at this time, the registry's log had this hash at this sequence number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// Hash of the registry's first change, in hexadecimal.
    pub registry: String,
    /// Sequence number in the change log.
    pub seq: i64,
    /// Hash of the change with that sequence number, in hexadecimal.
    pub hash: String,
    /// Timestamp of the signature, as RFC 3339 with microseconds.
    pub at: String,
    /// Ed25519 public key (RFC 8032) of the signature, in base64url.
    pub public_key: String,
    /// Signature over the statement, in base64url.
    pub signature: String,
}

impl Receipt {
    /// Signs the state of the log.
    pub(super) fn sign(
        key: &SigningKey,
        registry: &[u8],
        (seq, hash): (i64, &[u8]),
        at: DateTime<Utc>,
    ) -> Self {
        let mut receipt = Self {
            registry: hex(registry),
            seq,
            hash: hex(hash),
            at: timestamp(at),
            public_key: BASE64_URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
            signature: String::new(),
        };
        let signature = key.sign(receipt.statement().as_bytes());
        receipt.signature = BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes());
        receipt
    }

    /// The signed text: the receipt's values, one per line, in this order.
    pub fn statement(&self) -> String {
        let Self { registry, seq, hash, at, .. } = self;
        format!("registry receipt 1\n{registry}\n{seq}\n{hash}\n{at}\n")
    }

    /// Whether the receipt names this key.
    pub(super) fn is_signed_with(&self, key: &[u8; 32]) -> bool {
        self.public_key == BASE64_URL_SAFE_NO_PAD.encode(key)
    }

    /// Whether the signature is valid for the key and the statement.
    pub fn is_genuine(&self) -> bool {
        let read = || {
            let key = BASE64_URL_SAFE_NO_PAD.decode(&self.public_key).ok()?;
            let key = VerifyingKey::from_bytes(&key.try_into().ok()?).ok()?;
            let signature = BASE64_URL_SAFE_NO_PAD.decode(&self.signature).ok()?;
            let signature = Signature::from_slice(&signature).ok()?;
            key.verify_strict(self.statement().as_bytes(), &signature).ok()
        };
        read().is_some()
    }

    /// Why the receipt contradicts a log with this hash at its sequence number; `None` when it agrees.
    pub fn denial(&self, registry: &[u8], hash: &[u8]) -> Option<String> {
        if !self.is_genuine() {
            return Some("its signature does not match its key: the receipt was altered".into());
        }
        if self.registry != hex(registry) {
            return Some("it is of another registry, or the log was rewritten from its first change".into());
        }
        let agrees = self.hash == hex(hash);
        (!agrees).then(|| "the log has another hash there: changes up to it were rewritten".into())
    }

    /// Parses receipts: a single JSON object, or one per line; also returns the numbers of invalid lines.
    ///
    /// # Errors
    /// When there is no receipt.
    pub fn read_all(text: &str) -> Result<(Vec<Self>, Vec<usize>)> {
        if let Ok(only) = serde_json::from_str(text) {
            return Ok((vec![only], Vec::new()));
        }
        let (mut receipts, mut bad) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(receipt) => receipts.push(receipt),
                Err(_) => bad.push(number),
            }
        }
        if receipts.is_empty() {
            bail!("it contains no receipt");
        }
        Ok((receipts, bad))
    }

    /// The receipt as a database row.
    ///
    /// # Errors
    /// When a field is malformed.
    pub(super) fn row(&self) -> Result<Model> {
        Ok(Model {
            seq: self.seq,
            hash: unhex(&self.hash)?,
            at: DateTime::parse_from_rfc3339(&self.at)?.to_utc(),
            public_key: BASE64_URL_SAFE_NO_PAD.decode(&self.public_key)?,
            signature: BASE64_URL_SAFE_NO_PAD.decode(&self.signature)?,
        })
    }

    /// Receipt of a database row.
    pub fn of_row(registry: &[u8], row: &Model) -> Self {
        Self {
            registry: hex(registry),
            seq: row.seq,
            hash: hex(&row.hash),
            at: timestamp(row.at),
            public_key: BASE64_URL_SAFE_NO_PAD.encode(&row.public_key),
            signature: BASE64_URL_SAFE_NO_PAD.encode(&row.signature),
        }
    }

    /// The receipt as one line of JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Bytes as hexadecimal text.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Parses hexadecimal text.
///
/// # Errors
/// When the text is not hexadecimal.
pub fn unhex(text: &str) -> Result<Vec<u8>> {
    let digit = |index| text.get(index..index + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    (0..text.len()).step_by(2).map(digit).collect::<Option<_>>().context("it is not hexadecimal")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> Receipt {
        let key = SigningKey::from_bytes(&[7; 32]);
        Receipt::sign(&key, &[1; 32], (42, &[2; 32]), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_receipt_agrees_with_its_log_alone() {
        let receipt = receipt();
        assert_eq!(receipt.denial(&[1; 32], &[2; 32]), None);
        assert!(receipt.denial(&[3; 32], &[2; 32]).is_some_and(|why| why.contains("another registry")));
        assert!(receipt.denial(&[1; 32], &[3; 32]).is_some_and(|why| why.contains("another hash")));
        assert_eq!(
            Receipt::read_all(&receipt.to_json()).expect("a receipt"),
            (vec![receipt.clone()], Vec::new())
        );
        let torn = format!("{}\n{{\"registry\":\n{}\n", receipt.to_json(), receipt.to_json());
        assert_eq!(
            Receipt::read_all(&torn).expect("receipts"),
            (vec![receipt.clone(), receipt.clone()], vec![2])
        );
        assert_eq!(Receipt::of_row(&[1; 32], &receipt.row().expect("a row")), receipt);
    }

    #[test]
    fn every_alteration_of_a_receipt_is_detected() {
        let altered: [fn(&mut Receipt); 5] = [
            |receipt| receipt.seq = 41,
            |receipt| receipt.at = "1970-01-01T00:00:00.000001Z".into(),
            |receipt| receipt.hash = hex(&[3; 32]),
            |receipt| receipt.registry = hex(&[3; 32]),
            |receipt| receipt.public_key = BASE64_URL_SAFE_NO_PAD.encode([9; 32]),
        ];
        for alter in altered {
            let mut receipt = receipt();
            alter(&mut receipt);
            assert!(!receipt.is_genuine(), "{receipt:?}");
        }
    }
}
