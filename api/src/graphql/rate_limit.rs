//! Rate limit status of the client, as a field of the response.

use async_graphql::{Context, Object, SimpleObject};

use crate::graphql::kit::field_policy::{FieldPolicy, TypePolicy};
use crate::{
    graphql::kit::scalar::{DateTime, SafeInt},
    rate_limit::RateLimitStatus,
};
use registry::snapshot::Kinds;

/// Cost and dependencies of each field of this file.
pub const POLICIES: &[TypePolicy] = &[
    TypePolicy::new("Query", Kinds::REGISTRY, &[])
        .and(&[FieldPolicy::new("rateLimit", Kinds::REGISTRY).personal()]),
    TypePolicy::new("RateLimit", Kinds::REGISTRY, &["limit", "perSecond", "cost", "remaining", "resetAt"]),
];

/// Rate limit of the client: a token bucket of points.
#[derive(SimpleObject)]
pub struct RateLimit {
    /// Maximum number of points in the bucket.
    limit: SafeInt,
    /// Points refilled per second.
    per_second: SafeInt,
    /// Points charged for this request, its maximum cost; unused points are refunded.
    cost: SafeInt,
    /// Points left.
    remaining: SafeInt,
    /// Timestamp at which the bucket will be full.
    reset_at: DateTime,
}

/// Root field of the rate limit.
#[derive(Default)]
pub struct RateQuery;

#[Object]
impl RateQuery {
    /// Rate limit of the client and points left; null if the client is not limited.
    async fn rate_limit(&self, ctx: &Context<'_>) -> Option<RateLimit> {
        let status = ctx.data_opt::<RateLimitStatus>()?;
        Some(RateLimit {
            limit: SafeInt::from(status.limit),
            per_second: SafeInt::from(status.per_second),
            cost: SafeInt::from(status.cost),
            remaining: SafeInt::from(status.remaining),
            reset_at: DateTime(status.reset_at),
        })
    }
}
