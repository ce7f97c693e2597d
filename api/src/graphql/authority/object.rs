//! GraphQL type of authorities.

use async_graphql::{Context, Enum, ID, Object};
use entities::change::SubjectType;
use registry::view::OrganizationView;

use crate::graphql::{
    coverage::Obligation,
    error::Result,
    history::{HistoryEntry, history_of},
    institution::Institution,
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

/// Level of power of an authority.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization::Level")]
pub enum AuthorityLevel {
    /// Of the whole country.
    Federal,
    /// Of a region.
    Regional,
    /// Of local government.
    Municipal,
}

/// Branch of power of an authority.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization::Branch")]
pub enum AuthorityBranch {
    /// Government and its ministries, services, agencies and administrations.
    Executive,
    /// Parliaments and councils.
    Legislative,
    /// Courts.
    Judicial,
    /// Election commissions.
    Electoral,
    /// Prosecutors, auditors, ombudsmen.
    Oversight,
    /// None of the others.
    Other,
}

organization_object! {
    /// Body of state or local power.
    Authority {
        /// Institutions that the authority founded or that stand right below it.
        async fn institutions(
            &self,
            #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
            #[graphql(default_with = "OrganizationOrder::Entry", desc = "Order of the list.")] order_by: OrganizationOrder,
            #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
            #[graphql(desc = "Cursor to go on after.")] after: Option<String>,
        ) -> Result<Ready<Connection<Institution<'a>>>> {
            let filter = filter.unwrap_or_default().compile(self.0.view())?;
            let (name, found) = (format!("institutions-{}", self.0.id), self.0.institutions(&filter));
            organization::listed(&name, self.0.view(), found, &filter, order_by, first, after).map(Ready)
        }

        /// Level of power of the authority.
        async fn level(&self) -> Option<AuthorityLevel> {
            self.0.level.map(Into::into)
        }

        /// Branch of power of the authority.
        async fn branch(&self) -> Option<AuthorityBranch> {
            self.0.branch.map(Into::into)
        }
    }
}
