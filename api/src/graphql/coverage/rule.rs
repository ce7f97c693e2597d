//! GraphQL types of obligation rules, of exemptions, and of how an organization stands with them.

use async_graphql::{Enum, ID, Object};
use chrono::NaiveDate;
use registry::{
    snapshot::Filter,
    view::{ExemptionView, ObligationRuleView, OrganizationView, Standing, name_in},
};

use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    institution::Sector,
    kit::{id, scalar::Date},
    organization::OrganizationKind,
    platform::Platform,
    territory::Territory,
};

/// How many of a rule's platforms an organization must have a page on.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "registry::model::Mode")]
pub enum ObligationMode {
    /// One of them is enough.
    AnyOf,
    /// Each of them.
    AllOf,
}

/// How an organization stands with its obligations.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Standing")]
pub enum ObligationState {
    /// It has all pages that it must have.
    Covered,
    /// It lacks a page that it must have.
    Missing,
    /// Exemptions free it.
    Exempt,
}

/// Rule that obliges organizations to keep pages.
pub struct ObligationRule<'a>(pub ObligationRuleView<'a>);

/// Rule that obliges organizations to keep pages.
#[Object]
impl<'a> ObligationRule<'a> {
    /// Global id of the rule.
    async fn id(&self) -> ID {
        id::global("ObligationRule", self.0.id)
    }

    /// Stable code of the rule in this registry.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name of the rule.
    async fn name(
        &self,
        #[graphql(desc = "Language of the name (BCP 47); the registry's own where there is none.")] language: Option<
            String,
        >,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }

    /// Territory whose organizations the rule names, with all territories in it.
    async fn jurisdiction(&self) -> Option<Territory<'a>> {
        self.0.view().territory_by_code(&self.0.terms.jurisdiction).map(Territory)
    }

    /// Kinds of organizations that the rule names; all where there are none. At most 2.
    async fn kinds(&self) -> Vec<OrganizationKind> {
        self.0.terms.kinds.iter().map(|kind| (*kind).into()).collect()
    }

    /// Levels of power that the rule names; all where there are none. At most 3.
    async fn levels(&self) -> Vec<AuthorityLevel> {
        self.0.terms.levels.iter().map(|level| (*level).into()).collect()
    }

    /// Branches of power that the rule names; all where there are none. At most 6.
    async fn branches(&self) -> Vec<AuthorityBranch> {
        self.0.terms.branches.iter().map(|branch| (*branch).into()).collect()
    }

    /// Sectors that the rule names; all where there are none. Tens at most.
    async fn sectors(&self) -> Vec<Sector<'a>> {
        let view = self.0.view();
        self.0.terms.sectors.iter().filter_map(|code| view.sector_by_code(code)).map(Sector).collect()
    }

    /// How many of the platforms an organization must have a page on.
    async fn mode(&self) -> ObligationMode {
        self.0.terms.mode.into()
    }

    /// Platforms that the rule asks for; tens at most.
    async fn platforms(&self) -> Vec<Platform<'a>> {
        let view = self.0.view();
        self.0.terms.platforms.iter().filter_map(|code| view.platform_by_code(code)).map(Platform).collect()
    }

    /// Act that the rule rests on.
    async fn basis(&self) -> Option<&str> {
        self.0.terms.basis.as_deref()
    }

    /// First day of the rule.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day of the rule; null while it holds.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}

/// Decision that frees an organization from an obligation.
pub struct Exemption<'a>(pub ExemptionView<'a>);

/// Decision that frees an organization from an obligation.
#[Object]
impl<'a> Exemption<'a> {
    /// Rule that the organization is freed from; null where it is freed from all.
    async fn rule(&self) -> Option<ObligationRule<'a>> {
        self.0.rule().map(ObligationRule)
    }

    /// Reason of the decision.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Act that the decision rests on.
    async fn basis(&self) -> Option<&str> {
        self.0.basis.as_deref()
    }

    /// Body that decided.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// First day of the exemption.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day of the exemption; null while it holds.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}

/// Rule that obliges an organization, and how the organization stands with it.
pub struct RuleStanding<'a> {
    obligation: registry::view::Obligation<'a>,
    organization: OrganizationView<'a>,
    day: NaiveDate,
}

/// Rule that obliges an organization, and how the organization stands with it.
#[Object]
impl<'a> RuleStanding<'a> {
    /// The rule.
    async fn rule(&self) -> ObligationRule<'a> {
        ObligationRule(self.obligation.rule)
    }

    /// How the organization stands with the rule.
    async fn state(&self) -> ObligationState {
        self.obligation.standing.into()
    }

    /// Platforms of the rule that the organization has no official page on; tens at most.
    async fn missing_platforms(&self) -> Vec<Platform<'a>> {
        let view = self.organization.view();
        let pages = self.organization.pages(&Filter::default());
        let official = pages.after(None).filter_map(|id| view.page(id)).filter(|page| page.is_official());
        let has: Vec<i64> = official.map(|page| page.platform_id).collect();
        let asked =
            self.obligation.rule.terms.platforms.iter().filter_map(|code| view.platform_by_code(code));
        let terms: Vec<_> = asked.filter(|platform| !has.contains(&platform.id)).collect();
        terms.into_iter().map(Platform).collect()
    }

    /// Days since which the page should have been there: since both the rule held and the organization was registered;
    /// 0 where nothing is missing.
    async fn days_overdue(&self) -> u32 {
        overdue(&self.obligation, self.day)
    }
}

/// Obligations of an organization to keep pages.
pub struct Obligation<'a> {
    organization: OrganizationView<'a>,
    rules: Vec<registry::view::Obligation<'a>>,
    day: NaiveDate,
}

impl<'a> Obligation<'a> {
    /// Obligations of the organization on the day that its view shows; none where no rule names it.
    pub fn of(organization: OrganizationView<'a>) -> Option<Self> {
        let day = organization.view().day();
        let rules = organization.obligations(day);
        (!rules.is_empty()).then_some(Self { organization, rules, day })
    }
}

/// Obligations of an organization to keep pages.
#[Object]
impl<'a> Obligation<'a> {
    /// How the organization stands with all of them together.
    async fn state(&self) -> ObligationState {
        let has = |wanted: Standing| self.rules.iter().any(|it| it.standing == wanted);
        match (has(Standing::Missing), has(Standing::Covered)) {
            (true, _) => ObligationState::Missing,
            (false, true) => ObligationState::Covered,
            (false, false) => ObligationState::Exempt,
        }
    }

    /// Rules that name the organization; tens at most.
    async fn rules(&self) -> Vec<RuleStanding<'a>> {
        let standings = self.rules.iter().map(|it| RuleStanding {
            obligation: *it,
            organization: self.organization,
            day: self.day,
        });
        standings.collect()
    }

    /// Exemptions of the organization, past ones included; tens at most.
    async fn exemptions(&self) -> Vec<Exemption<'a>> {
        self.organization.exemptions().into_iter().map(Exemption).collect()
    }

    /// Days since which the longest missing page should have been there; 0 where nothing is missing.
    async fn days_overdue(&self) -> u32 {
        self.rules.iter().map(|rule| overdue(rule, self.day)).max().unwrap_or(0)
    }
}

fn overdue(obligation: &registry::view::Obligation<'_>, day: NaiveDate) -> u32 {
    match obligation.standing {
        Standing::Missing => u32::try_from((day - obligation.since).num_days()).unwrap_or(0),
        Standing::Covered | Standing::Exempt => 0,
    }
}
