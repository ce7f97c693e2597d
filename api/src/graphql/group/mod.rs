//! Keys of groups: what the members of a group have in common.

mod object;
mod policy;
mod value_name;

pub use object::{GroupKey, named};
pub use policy::POLICIES;
