//! Proposals of the values that imports give for pinned fields.

mod filter;
mod mutation;
mod object;
mod policy;
mod query;

pub use mutation::ProposalMutation;
pub use policy::POLICIES;
pub use query::ProposalQuery;
