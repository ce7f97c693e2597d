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
        sequential::{Items, Ready},
    },
    organization::{
        self, Organization, OrganizationFilter, OrganizationIdentifier, OrganizationName, OrganizationOrder,
        OrganizationStatus, organization_object,
    },
    page::{self, Page, PageFilter, PageOrder},
    statistics::SumStatistics,
    territory::Territory,
};

/// Field of work of institutions, such as education.
pub struct Sector<'a>(pub SectorView<'a>);

/// Field of work of institutions, such as education.
#[Object]
impl Sector<'_> {
    /// Stable code of the sector.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the sector.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); the registry's own where there is none.")] language: Option<
            String,
        >,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }
}

organization_object! {
    /// Body that an authority founded or that is subordinate to it.
    Institution {
        /// Field of work of the institution.
        async fn sector(&self) -> Option<Sector<'a>> {
            self.0.sector().map(Sector)
        }

        /// Authority that founded the institution, or else the nearest one above it.
        async fn authority(&self) -> Option<Authority<'a>> {
            self.0.authority().map(Authority::from)
        }
    }
}
