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

/// Level of government of an authority.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::organization::Level")]
pub enum AuthorityLevel {
    /// National.
    Federal,
    /// Regional.
    Regional,
    /// Local government.
    Municipal,
}

/// Branch of government of an authority.
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
    /// State or local government body.
    Authority {
        /// Institutions that the authority founded or whose parent it is.
        async fn institutions(
            &self,
            #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
            #[graphql(default_with = "OrganizationOrder::Entry", desc = "Order of the list.")] order_by: OrganizationOrder,
            #[graphql(default = 20, desc = "Number of items, from 1 to 100.")] first: i32,
            #[graphql(desc = "Return items after this cursor.")] after: Option<String>,
        ) -> Result<SequentialObject<Connection<Institution<'a>>>> {
            let filter = filter.unwrap_or_default().compile(self.0.view())?;
            let (name, found) = (format!("institutions-{}", self.0.id), self.0.institutions(&filter));
            organization::listed(&name, self.0.view(), found, &filter, order_by, first, after).map(SequentialObject)
        }

        /// Level of government of the authority; null if not set.
        async fn level(&self) -> Option<AuthorityLevel> {
            self.0.level.map(Into::into)
        }

        /// Branch of government of the authority; null if not set.
        async fn branch(&self) -> Option<AuthorityBranch> {
            self.0.branch.map(Into::into)
        }
    }
}
