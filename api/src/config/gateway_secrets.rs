//! Secrets of federation routers.

use std::{fmt, ops::RangeInclusive};

use anyhow::{Result, ensure};

/// Maximum number of secrets: during a rotation, the old one and the new one.
const MAX_SECRETS: usize = 2;
/// Length of a secret in bytes.
const LENGTH: RangeInclusive<usize> = 16..=512;
/// Purpose of the secret that is derived for the address of the coprocessor.
const COPROCESSOR: &str = "registry of official pages 2026 secret in the address of the coprocessor";

/// Secrets that federation routers may send, as hashes. Without one, no router is accepted.
#[derive(Clone, Default)]
pub struct GatewaySecrets(Vec<Known>);

/// Hashes of a secret, and of the one that is derived from it for addresses.
#[derive(Clone)]
struct Known {
    itself: blake3::Hash,
    in_address: blake3::Hash,
}

impl GatewaySecrets {
    /// Reads up to two secrets, separated by a comma; an empty text has none. Errors do not repeat the secrets.
    ///
    /// # Errors
    /// When there are more, or one is too short, too long, or could not be sent in a header.
    pub fn read(text: &str) -> Result<Self> {
        let known = |secret: &str| Known {
            itself: blake3::hash(secret.as_bytes()),
            in_address: blake3::hash(derived(secret).as_bytes()),
        };
        Ok(Self(split(text)?.into_iter().map(known).collect()))
    }

    /// Secrets for the address of the coprocessor, one derived from each secret of a text.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn for_addresses(text: &str) -> Result<Vec<String>> {
        Ok(split(text)?.into_iter().map(derived).collect())
    }

    /// Whether a router may send this secret.
    pub fn accept(&self, secret: &str) -> bool {
        self.has(secret, |known| known.itself)
    }

    /// Whether a router may have this secret in the address of the coprocessor. Addresses are logged, so that it opens
    /// nothing else, and does not tell the secret it is derived from.
    pub fn accept_in_address(&self, secret: &str) -> bool {
        self.has(secret, |known| known.in_address)
    }

    fn has(&self, secret: &str, hash: impl Fn(&Known) -> blake3::Hash) -> bool {
        let given = blake3::hash(secret.as_bytes());
        // Hashes are compared in constant time, and all of them, so that the time tells nothing.
        self.0.iter().fold(false, |is_known, known| is_known | (hash(known) == given))
    }
}

/// The secrets of a text, checked.
fn split(text: &str) -> Result<Vec<&str>> {
    let secrets = text.split(',').map(str::trim).filter(|secret| !secret.is_empty());
    let secrets: Vec<&str> = secrets.collect();
    let is_sendable = |secret: &str| secret.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    ensure!(secrets.len() <= MAX_SECRETS, "GATEWAY_SECRET takes one or two secrets, separated by a comma");
    ensure!(
        secrets.iter().all(|secret| is_sendable(secret) && LENGTH.contains(&secret.len())),
        "a secret in GATEWAY_SECRET must have {} to {} characters, of ASCII and without line breaks; generate one, such as \
         with `openssl rand -hex 32`, or leave it unset",
        LENGTH.start(),
        LENGTH.end()
    );
    Ok(secrets)
}

/// The secret for addresses, in hexadecimal digits.
fn derived(secret: &str) -> String {
    blake3::Hash::from_bytes(blake3::derive_key(COPROCESSOR, secret.as_bytes())).to_hex().to_string()
}

impl fmt::Debug for GatewaySecrets {
    /// Their number.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} secrets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "0123456789abcdef";
    const NEW: &str = "fedcba9876543210";

    #[test]
    fn one_secret_or_two_are_accepted_and_no_part_of_them() {
        let both = GatewaySecrets::read(&format!("{OLD}, {NEW},")).expect("two secrets");
        assert!(both.accept(OLD) && both.accept(NEW));
        for wrong in ["", ",", "0123456789abcde", &format!("{OLD},{NEW}"), &format!("{OLD}, {NEW},")] {
            assert!(!both.accept(wrong), "{wrong}");
        }
        let one = GatewaySecrets::read(OLD).expect("a secret");
        assert!(one.accept(OLD) && !one.accept(NEW));
        assert_eq!(format!("{both:?} {one:?}"), "2 secrets 1 secrets");
    }

    #[test]
    fn a_secret_and_the_one_derived_for_addresses_are_not_interchangeable() {
        let text = format!("{OLD},{NEW}");
        let both = GatewaySecrets::read(&text).expect("two secrets");
        let derived = GatewaySecrets::for_addresses(&text).expect("two secrets");
        assert_eq!(derived.len(), 2);
        assert_ne!(derived[0], derived[1]);
        for (secret, derived) in [OLD, NEW].into_iter().zip(&derived) {
            assert!(derived.len() == 64 && derived.bytes().all(|byte| byte.is_ascii_hexdigit()), "{derived}");
            assert!(both.accept_in_address(derived) && !both.accept(derived));
            assert!(!both.accept_in_address(secret) && !both.accept_in_address(&derived[1..]));
        }
        assert!(!GatewaySecrets::read(OLD).expect("a secret").accept_in_address(&derived[1]));
        assert!(GatewaySecrets::for_addresses("short").is_err());
    }

    #[test]
    fn an_empty_setting_accepts_nothing() {
        for empty in ["", " ", " , ,"] {
            let none = GatewaySecrets::read(empty).expect("no secrets");
            assert!(!none.accept("") && !none.accept(empty));
            assert!(!none.accept_in_address("") && !none.accept_in_address(empty));
        }
    }

    #[test]
    fn what_is_too_short_too_many_or_no_text_is_an_error_without_the_secret() {
        let (three, long) = (format!("{OLD},{NEW},{OLD}"), "0123".repeat(128));
        let longer = format!("{long}4");
        assert!(GatewaySecrets::read(&long).is_ok());
        for (wrong, hint) in [
            ("0123456789abcde", "16 to 512 characters"),
            ("0123456789abcdef,x", "16 to 512 characters"),
            ("0123456789\u{e4}bcdefgh", "of ASCII"),
            ("0123456789\nbcdefgh", "without line breaks"),
            (longer.as_str(), "16 to 512 characters"),
            (three.as_str(), "one or two"),
        ] {
            let message = GatewaySecrets::read(wrong).expect_err(wrong).to_string();
            assert!(message.contains("GATEWAY_SECRET") && message.contains(hint), "{message}");
            assert!(!message.contains("0123"), "{message}");
        }
    }
}
