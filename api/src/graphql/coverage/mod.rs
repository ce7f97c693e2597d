//! Coverage: who must have pages, who is exempt, who has them.

mod object;
mod query;
mod rule;

pub use object::{Coverage, CoverageGroup};
pub use query::CoverageQuery;
pub use rule::{Exemption, Obligation, ObligationRule};
