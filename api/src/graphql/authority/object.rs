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
        part::Part,
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
        #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
        async fn institutions(
            &self,
            #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
            #[graphql(default, desc = "Order of the list.")] order_by: OrganizationOrder,
            #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
            first: Option<i32>,
            #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
            #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
            #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
        ) -> Result<SequentialObject<Connection<Institution<'a>>>> {
            let filter = filter.unwrap_or_default().compile(self.0.view())?;
            let (name, found) = (format!("institutions-{}", self.0.id), self.0.institutions(&filter));
            let part = Part { first, after, last, before };
            organization::listed(&name, self.0.view(), found, &filter, order_by, part).map(SequentialObject)
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
