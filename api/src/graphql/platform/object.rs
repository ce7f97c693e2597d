//! GraphQL type of platforms.

use async_graphql::{Enum, ID, Object};
use registry::{
    analytics,
    view::{PlatformView, name_in},
};

use crate::graphql::{
    kit::{
        id,
        scalar::{DateTime, Url},
        sequential::resolve_sequentially,
    },
    statistics::StatisticsMetric,
};

/// Whether a platform is open or closed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::platform::Status")]
pub enum PlatformStatus {
    /// Open.
    Active,
    /// Permanently closed.
    Closed,
}

/// Social platform that hosts pages.
pub struct Platform<'a>(pub PlatformView<'a>);

resolve_sequentially!(Platform<'_>);

/// Social platform that hosts pages.
#[Object]
impl Platform<'_> {
    /// Global id of the platform.
    pub async fn id(&self) -> ID {
        id::global("Platform", self.0.id)
    }

    /// Stable code of the platform, such as `vk`.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the platform.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }

    /// Website of the platform; null if not set.
    async fn website(&self) -> Option<Url> {
        self.0.website.as_deref().map(|url| Url(url.to_owned()))
    }

    /// Whether the platform is open or closed.
    async fn status(&self) -> PlatformStatus {
        self.0.status.into()
    }

    /// Metrics that the platform reports for its pages; at most 12.
    async fn metrics(&self) -> Vec<StatisticsMetric> {
        let names = self.0.metrics.iter().map(|name| name.to_uppercase());
        names.filter_map(|name| analytics::StatisticsMetric::named(&name)).map(Into::into).collect()
    }

    /// Methods by which the platform's marks are obtained: the possible values of `PageMark.method`; at most 20.
    async fn mark_methods(&self) -> Vec<&str> {
        self.0.mark_methods.iter().map(|method| &**method).collect()
    }

    /// Timestamp of the platform's last change in the registry.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}
