//! Addresses: resolves any pasted text to a platform and a native id or handle, or to a typed refusal.
//!
//! Contains no platform names: every rule is data in the platform's row.
//!
//! 1. `text` finds the address in the pasted text, `html` and `markup` the link targets, `lines` addresses
//!    cut by a line break; a text with no address or with several is refused. `candidates` are all positions
//!    where other software may start reading: they must lead to the same page.
//! 2. `web` parses it: host, path, parameters, fragment.
//! 3. `book` finds the platform by host and applies its rules. The path decides: a parameter or a fragment
//!    names a page only on the paths that the platform's rules list for it.

mod book;
mod candidates;
mod compiled;
mod html;
mod labels;
mod lines;
mod markup;
mod native_id;
mod resolution;
mod rules;
mod text;
mod web;

pub use book::AddressBook;
pub use compiled::CompiledPlatform;
pub use resolution::{Address, AddressError, Key, Resolution};
pub use rules::{Fold, HandleRules, Matcher, Part, PlatformRules, RulesError};
