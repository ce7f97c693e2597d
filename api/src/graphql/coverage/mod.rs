//! Coverage: who must have pages, who is exempt, who has them.

mod object;
mod policy;
mod query;
mod rule;

pub use object::{Coverage, CoverageGroup};
pub use policy::POLICIES;
pub use query::CoverageQuery;
pub use rule::{Exemption, Obligation, ObligationRule};
