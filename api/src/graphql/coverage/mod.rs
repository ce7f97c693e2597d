//! Coverage: which organizations must have pages, are exempt, or have them.

mod object;
mod policy;
mod query;
mod question;
mod rule;

pub use object::Coverage;
pub use policy::POLICIES;
pub use query::{CoverageGroupBy, CoverageQuery};
pub use rule::{Obligation, ObligationRule, ObligationState};
