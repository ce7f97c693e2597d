//! Addresses: from anything a person pastes to (platform, native id or handle), or a typed refusal.
//!
//! Knows no platform by name: every rule is data of the platform's row.

mod book;
mod input;
mod rules;

pub use book::{Address, AddressBook, Key, Refusal};
pub use rules::{CompiledPlatform, Fold, HandleRules, Matcher, Part, PlatformRules, RulesError};
