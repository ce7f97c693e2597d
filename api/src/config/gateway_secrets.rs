//! Secrets of federation routers.

use std::{fmt, ops::RangeInclusive};

use anyhow::{Result, ensure};

/// Maximum number of secrets: during a rotation, the old one and the new one.
const MAX_SECRETS: usize = 2;
/// Length of a secret in bytes.
const LENGTH: RangeInclusive<usize> = 16..=512;

/// Secrets that federation routers may send, as hashes. Without one, no router is accepted.
#[derive(Clone, Default)]
pub struct GatewaySecrets(Vec<blake3::Hash>);

impl GatewaySecrets {
    /// Reads up to two secrets, separated by a comma; an empty text has none. Errors do not repeat the secrets.
    ///
    /// # Errors
    /// When there are more, or one is too short, too long, or could not be sent in a header.
    pub fn read(text: &str) -> Result<Self> {
        let secrets = text.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        let secrets: Vec<&str> = secrets.collect();
        let is_sendable = |secret: &str| secret.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        ensure!(
            secrets.len() <= MAX_SECRETS,
            "GATEWAY_SECRET takes one or two secrets, separated by a comma"
        );
        ensure!(
            secrets.iter().all(|secret| is_sendable(secret) && LENGTH.contains(&secret.len())),
            "a secret in GATEWAY_SECRET must have {} to {} characters, of ASCII and without line breaks; generate one, such as \
             with `openssl rand -hex 32`, or leave it unset",
            LENGTH.start(),
            LENGTH.end()
        );
        Ok(Self(secrets.into_iter().map(|secret| blake3::hash(secret.as_bytes())).collect()))
    }

    /// Whether a router may send this secret.
    pub fn accept(&self, secret: &str) -> bool {
        let given = blake3::hash(secret.as_bytes());
        // Hashes are compared in constant time, and all of them, so that the time tells nothing.
        self.0.iter().fold(false, |is_known, known| is_known | (*known == given))
    }
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
    fn an_empty_setting_accepts_nothing() {
        for empty in ["", " ", " , ,"] {
            let none = GatewaySecrets::read(empty).expect("no secrets");
            assert!(!none.accept("") && !none.accept(empty));
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
