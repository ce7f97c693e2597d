//! What the client has left, told in the answer itself.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::kit::field_policy::{FieldPolicy, TypePolicy};
use crate::{
    graphql::kit::scalar::{Count, DateTime},
    rate_limit::RateLimitStatus,
};
use registry::snapshot::Kinds;

/// Cost and dependencies of each field of this file.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[])
        .and(&[FieldPolicy::new("rateLimit", Kinds::REGISTRY).personal()]),
    TypePolicy::new("RateLimit", Kinds::REGISTRY, &["limit", "perSecond", "cost", "remaining", "resetAt"]),
];

/// Points that may be asked for, and what is left of them.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// Points that may be asked for at once.
    limit: Count,
    /// Points that come back each second.
    per_second: Count,
    /// Points that this request costs at most; those that it did not need are given back.
    cost: Count,
    /// Points that are left.
    remaining: Count,
    /// Timestamp at which all of them are there again.
    reset_at: DateTime,
}

/// Root field on what the client has left.
#[derive(Default)]
pub struct RateQuery;

#[Object]
impl RateQuery {
    /// Points that you may ask for, and what is left of them; null where nothing limits you.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let status = ctx.data_opt::<RateLimitStatus>()?;
        Some(RateLimit {
            limit: Count(status.limit),
            per_second: Count(status.per_second),
            cost: Count(status.cost),
            remaining: Count(status.remaining),
            reset_at: DateTime(status.reset_at),
        })
    }
}
