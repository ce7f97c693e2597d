//! GraphQL type of institutions.

use async_graphql::{Context, ID, Object};
use entities::change::SubjectType;
use registry::view::{OrganizationView, SectorView, name_in};

use crate::graphql::{
    authority::Authority,
    coverage::Obligation,
    error::Result,
    history::{HistoryEntry, history_of},
    kit::{
        connection::Connection,
        id,
        scalar::{Date, DateTime, Url},
        sequential::{SequentialList, SequentialObject},
    },
    organization::{
        self, Organization, OrganizationFilter, OrganizationIdentifier, OrganizationKind, OrganizationName,
        OrganizationOrder, OrganizationStatus, organization_object,
    },
    page::{self, Page, PageFilter, PageOrder},
    statistics::SumStatistics,
    territory::Territory,
};

/// Sector of institutions, such as education.
pub struct Sector<'a>(pub SectorView<'a>);

/// Sector of institutions, such as education.
#[Object]
impl Sector<'_> {
    /// Stable code of the sector.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the sector.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }
}

organization_object! {
    /// Body that an authority founded or that is subordinate to it.
    Institution {
        /// Sector of the institution; null if not set.
        async fn sector(&self) -> Option<Sector<'a>> {
            self.0.sector().map(Sector)
        }

        /// Authority that founded the institution, or else its nearest ancestor authority; null if there is neither.
        async fn authority(&self) -> Option<SequentialObject<Authority<'a>>> {
            self.0.authority().map(Authority::from).map(SequentialObject)
        }
    }
}
