//! Sources of single fields: which fields imports do not overwrite.

mod mutation;
mod object;
mod policy;

pub use mutation::{FieldSourceMutation, FieldSubjectRef};
pub use object::FieldSource;
pub use policy::POLICIES;
