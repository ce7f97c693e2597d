//! Documents: measured before they are parsed, counted and costed before they are executed, and known from then on.
//!
//! The library's own checks walk every fragment wherever it is named, so that a text of a kilobyte may keep them busy for
//! minutes. Here a fragment is looked at once, and nothing is executed, or handed to the library, that does not keep its
//! [`Limits`].

mod cost;
mod dear;
mod factor;
mod known;
mod lexer;
mod limits;
mod needs;
pub mod nulls;
pub mod order;
pub mod persisted;
mod refusal;
mod shape;
mod variables;
mod weights;

pub use dear::Dear;
pub use known::{Document, Documents};
pub use limits::{Audiences, Limits};
pub use needs::{Needed, needed_fields};
pub use order::root_fields;
pub use refusal::Refusal;
pub use weights::weighted_fields;
