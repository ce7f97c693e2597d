//! Addresses: from anything a person pastes to (platform, native id or handle), or a typed refusal.
//!
//! Knows no platform by name: every rule is data of the platform's row.
//!
//! 1. `text` finds the address in the pasted text, `html` and `markup` the targets of links, `lines` whether a line break cut it;
//!    a text that holds none or several is refused. `candidates` are all places where somebody else may begin to read: they
//!    must lead to the same page.
//! 2. `web` takes it apart: host, path, parameters, fragment.
//! 3. `book` finds the platform by the host and asks its rules. The path decides: a parameter or a fragment
//!    names a page only on the paths that the platform's rules list for it.

mod book;
mod candidates;
mod compiled;
mod html;
mod labels;
mod lines;
mod markup;
mod rules;
mod text;
mod web;

pub use book::{Address, AddressBook, Key, Refusal, Resolution};
pub use compiled::CompiledPlatform;
pub use rules::{Fold, HandleRules, Matcher, Part, PlatformRules, RulesError};
