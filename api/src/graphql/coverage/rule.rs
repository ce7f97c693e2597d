//! GraphQL types of obligation rules, exemptions and the compliance of an organization.

use async_graphql::{Enum, ID, Object};
use chrono::NaiveDate;
use registry::{
    snapshot::Filter,
    view::{ExemptionView, ObligationRuleView, ObligationStatus, OrganizationView, name_in},
};

use crate::graphql::{
    authority::{AuthorityBranch, AuthorityLevel},
    institution::Sector,
    kit::{id, scalar::Date, sequential::SequentialObject},
    organization::OrganizationKind,
    platform::Platform,
    territory::Territory,
};

/// On how many of a rule's platforms an organization must have a page.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "registry::model::Mode")]
pub enum ObligationMode {
    /// On at least one.
    AnyOf,
    /// On each.
    AllOf,
}

/// Whether an organization complies with its obligations.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "ObligationStatus")]
pub enum ObligationState {
    /// It has all required pages.
    Covered,
    /// It lacks a required page.
    Missing,
    /// It is exempt.
    Exempt,
}

/// Rule that obliges organizations to have pages.
pub struct ObligationRule<'a>(pub ObligationRuleView<'a>);

/// Rule that obliges organizations to have pages.
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
        #[graphql(desc = "Language of the name (BCP 47); falls back to the registry's language.")]
        language: Option<String>,
    ) -> &str {
        name_in(&self.0.name, &self.0.names, language.as_deref())
    }

    /// Territory to whose organizations the rule applies, including all territories in it; null if the registry does not
    /// have it.
    async fn jurisdiction(&self) -> Option<SequentialObject<Territory<'a>>> {
        let territory = self.0.view().territory_by_code(&self.0.terms.jurisdiction);
        territory.map(Territory).map(SequentialObject)
    }

    /// Kinds of organizations that the rule applies to; empty for all. At most 2.
    async fn kinds(&self) -> Vec<OrganizationKind> {
        self.0.terms.kinds.iter().map(|kind| (*kind).into()).collect()
    }

    /// Levels of government that the rule applies to; empty for all. At most 3.
    async fn levels(&self) -> Vec<AuthorityLevel> {
        self.0.terms.levels.iter().map(|level| (*level).into()).collect()
    }

    /// Branches of government that the rule applies to; empty for all. At most 6.
    async fn branches(&self) -> Vec<AuthorityBranch> {
        self.0.terms.branches.iter().map(|branch| (*branch).into()).collect()
    }

    /// Sectors that the rule applies to; empty for all. Tens at most.
    async fn sectors(&self) -> Vec<Sector<'a>> {
        let view = self.0.view();
        self.0.terms.sectors.iter().filter_map(|code| view.sector_by_code(code)).map(Sector).collect()
    }

    /// On how many of the platforms an organization must have a page.
    async fn mode(&self) -> ObligationMode {
        self.0.terms.mode.into()
    }

    /// Platforms of the rule; tens at most.
    async fn platforms(&self) -> Vec<Platform<'a>> {
        let view = self.0.view();
        self.0.terms.platforms.iter().filter_map(|code| view.platform_by_code(code)).map(Platform).collect()
    }

    /// Legal act that the rule is based on; null if not given.
    async fn basis(&self) -> Option<&str> {
        self.0.terms.basis.as_deref()
    }

    /// First day on which the rule is in force, in the registry's time zone.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day on which the rule is in force, in the registry's time zone; null if open-ended.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}

/// Decision that exempts an organization from an obligation.
pub struct Exemption<'a>(pub ExemptionView<'a>);

/// Decision that exempts an organization from an obligation.
#[Object]
impl<'a> Exemption<'a> {
    /// Rule from which the organization is exempt; null if from all rules.
    async fn rule(&self) -> Option<ObligationRule<'a>> {
        self.0.rule().map(ObligationRule)
    }

    /// Reason of the decision.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Legal act that the decision is based on; null if not given.
    async fn basis(&self) -> Option<&str> {
        self.0.basis.as_deref()
    }

    /// Body that made the decision; null if not given.
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// First day on which the exemption is in force, in the registry's time zone.
    async fn valid_from(&self) -> Date {
        Date(self.0.valid_from)
    }

    /// Last day on which the exemption is in force, in the registry's time zone; null if open-ended.
    async fn valid_to(&self) -> Option<Date> {
        self.0.valid_to.map(Date)
    }
}

/// Rule that applies to an organization, and whether the organization complies with it.
pub struct RuleStanding<'a> {
    obligation: registry::view::Obligation<'a>,
    organization: OrganizationView<'a>,
    day: NaiveDate,
}

/// Rule that applies to an organization, and whether the organization complies with it.
#[Object]
impl<'a> RuleStanding<'a> {
    /// The rule.
    async fn rule(&self) -> ObligationRule<'a> {
        ObligationRule(self.obligation.rule)
    }

    /// Whether the organization complies with the rule.
    async fn state(&self) -> ObligationState {
        self.obligation.status.into()
    }

    /// Platforms of the rule on which the organization has no official page; tens at most.
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

    /// Days since the rule's first day or the organization's entry into the registry, whichever is later; 0 if nothing is
    /// missing.
    async fn days_overdue(&self) -> u32 {
        overdue(&self.obligation, self.day)
    }
}

/// Obligations of an organization to have pages.
pub struct Obligation<'a> {
    organization: OrganizationView<'a>,
    rules: Vec<registry::view::Obligation<'a>>,
    day: NaiveDate,
}

impl<'a> Obligation<'a> {
    /// Obligations of the organization on the day of its view; `None` if no rule applies to it.
    pub fn of(organization: OrganizationView<'a>) -> Option<Self> {
        let day = organization.view().day();
        let rules = organization.obligations(day);
        (!rules.is_empty()).then_some(Self { organization, rules, day })
    }
}

/// Obligations of an organization to have pages.
#[Object]
impl<'a> Obligation<'a> {
    /// `MISSING` if the state of any rule is `MISSING`, else `COVERED` if that of any is `COVERED`, else `EXEMPT`.
    async fn state(&self) -> ObligationState {
        let status = self.rules.iter().map(|it| it.status).max();
        status.unwrap_or(ObligationStatus::Exempt).into()
    }

    /// Rules in force that apply to the organization, including those from which it is exempt; tens at most.
    async fn rules(&self) -> Vec<RuleStanding<'a>> {
        let statuses = self.rules.iter().map(|it| RuleStanding {
            obligation: *it,
            organization: self.organization,
            day: self.day,
        });
        statuses.collect()
    }

    /// Exemptions of the organization, including past ones; tens at most.
    async fn exemptions(&self) -> Vec<Exemption<'a>> {
        self.organization.exemptions().into_iter().map(Exemption).collect()
    }

    /// Maximum of `daysOverdue` over all rules; 0 if nothing is missing.
    async fn days_overdue(&self) -> u32 {
        self.rules.iter().map(|rule| overdue(rule, self.day)).max().unwrap_or(0)
    }
}

fn overdue(obligation: &registry::view::Obligation<'_>, day: NaiveDate) -> u32 {
    match obligation.status {
        ObligationStatus::Missing => u32::try_from((day - obligation.since).num_days()).unwrap_or(0),
        ObligationStatus::Covered | ObligationStatus::Exempt => 0,
    }
}
