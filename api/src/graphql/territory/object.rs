//! GraphQL type of territories.

use async_graphql::{Enum, ID, Object, SimpleObject};
use entities::organization::Kind;
use registry::view::{TerritoryView, name_in};

use crate::graphql::{
    authority::Authority,
    error::Result,
    institution::Institution,
    kit::{
        connection::Connection,
        id,
        part::Part,
        scalar::{Date, DateTime, SafeInt},
        sequential::{SequentialList, SequentialObject, resolve_sequentially},
    },
    organization::{OrganizationFilter, OrganizationOrder, listed},
    statistics::SumStatistics,
};

/// Kind of a territory, from the largest to the smallest.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entities::territory::Kind")]
pub enum TerritoryKind {
    /// Whole country.
    Country,
    /// Group of regions, such as a federal district.
    District,
    /// First-level unit of the country, such as a region or a province.
    Region,
    /// Unit of local government.
    Municipality,
    /// City, town or village.
    Settlement,
}

/// Population of a territory.
#[derive(SimpleObject)]
pub struct Population {
    /// Number of people.
    pub people: SafeInt,
    /// Day for which the number was counted or estimated; null if unknown.
    pub date: Option<Date>,
    /// Source of the number; null if unknown.
    pub source: Option<String>,
}

/// Code of a territory in a classifier.
#[derive(SimpleObject)]
pub struct ClassifierCode {
    /// Classifier, such as `iso` or a national one.
    pub scheme: String,
    /// Code of the territory in it.
    pub code: String,
}

/// Country, district, region, municipality or settlement.
pub struct Territory<'a>(pub TerritoryView<'a>);

resolve_sequentially!(Territory<'_>);

/// Country, district, region, municipality or settlement.
#[Object]
impl<'a> Territory<'a> {
    /// Global id of the territory.
    pub async fn id(&self) -> ID {
        id::global("Territory", self.0.id)
    }

    /// Stable code of the territory in this registry.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Kind of the territory.
    async fn kind(&self) -> TerritoryKind {
        self.0.kind.into()
    }

    /// Name of the territory.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }

    /// Parent territory; null if there is none.
    async fn parent(&self) -> Option<SequentialObject<Territory<'a>>> {
        self.0.parent().map(Territory).map(SequentialObject)
    }

    /// Child territories; hundreds at most.
    async fn children(&self) -> SequentialList<Territory<'a>> {
        SequentialList(self.0.children().into_iter().map(Territory).collect())
    }

    /// Codes of the territory in classifiers; at most 10.
    async fn codes(&self) -> Vec<ClassifierCode> {
        let codes = self.0.scheme_codes.iter();
        codes
            .map(|(scheme, code)| ClassifierCode { scheme: scheme.to_string(), code: code.to_string() })
            .collect()
    }

    /// Time zone of the territory (IANA); null if not set.
    async fn time_zone(&self) -> Option<&str> {
        self.0.timezone.as_deref()
    }

    /// Population of the territory; null if unknown.
    async fn population(&self) -> Option<Population> {
        Some(Population {
            people: SafeInt(self.0.population?),
            date: self.0.population_date.map(Date),
            source: self.0.population_source.as_deref().map(str::to_owned),
        })
    }

    /// Name of the body that coordinates the territory's pages; null if not set.
    async fn coordinating_centre(&self) -> Option<&str> {
        self.0.coordinating_centre.as_deref()
    }

    /// Statistics summed over the pages of all organizations in the territory.
    async fn statistics(&self) -> SumStatistics<'a> {
        self.0.into()
    }

    /// Authorities of this territory and of all territories in it, as with the filter `territories`.
    #[allow(clippy::too_many_arguments, reason = "they are the arguments of the field")]
    async fn authorities(
        &self,
        #[graphql(desc = "Conditions that the organizations must meet.")] filter: Option<OrganizationFilter>,
        #[graphql(default, desc = "Order of the list.")] order_by: OrganizationOrder,
        #[graphql(desc = "Number of items from the beginning, 20 unless `last` is given, from 1 to 100.")]
        first: Option<i32>,
        #[graphql(desc = "Return items after this cursor; with `first`.")] after: Option<String>,
        #[graphql(desc = "Number of items from the end, from 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Return items before this cursor; with `last`.")] before: Option<String>,
    ) -> Result<Connection<Authority<'a>>> {
        let filter = filter.unwrap_or_default().compile(self.0.view())?;
        let (name, found) =
            (format!("authorities-of-{}", self.0.id), self.0.organizations(Kind::Authority, &filter));
        let part = Part { first, after, last, before };
        listed(&name, self.0.view(), found, &filter, order_by, part)
    }

    /// Institutions of this territory and of all territories in it, as with the filter `territories`.
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
    ) -> Result<Connection<Institution<'a>>> {
        let filter = filter.unwrap_or_default().compile(self.0.view())?;
        let (name, found) =
            (format!("institutions-of-{}", self.0.id), self.0.organizations(Kind::Institution, &filter));
        let part = Part { first, after, last, before };
        listed(&name, self.0.view(), found, &filter, order_by, part)
    }

    /// Timestamp of the territory's last change in the registry.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}
