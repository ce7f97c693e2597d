//! GraphQL type of identifier schemes.

use async_graphql::Object;
use registry::{model, view::name_in};

use crate::graphql::kit::scalar::DateTime;

/// Scheme of identifiers of organizations, such as the numbers of a national register.
pub struct IdentifierScheme<'a>(pub &'a model::IdentifierScheme);

/// Scheme of identifiers of organizations, such as the numbers of a national register.
#[Object]
impl IdentifierScheme<'_> {
    /// Stable code of the scheme.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the scheme.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }

    /// Regular expression that a whole identifier matches.
    async fn pattern(&self) -> &str {
        &self.0.rules.pattern
    }

    /// Whether identifiers have a check digit.
    async fn has_check_digit(&self) -> bool {
        self.0.rules.check.is_some()
    }

    /// Whether each identifier belongs to one organization only.
    async fn is_unique(&self) -> bool {
        self.0.rules.is_unique
    }

    /// Timestamp of the scheme's last change in the registry.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}
