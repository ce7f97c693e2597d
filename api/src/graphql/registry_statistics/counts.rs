//! GraphQL type of the counts of a group.

use async_graphql::{Object, SimpleObject};
use entities::page::{Mark, Widget};
use registry::{
    snapshot::{Dimension, marks, widgets},
    view::{Group, View, days_up_to, visible_lifecycles, visible_statuses},
};

use crate::graphql::{
    error::{Error, Result},
    group::GroupKey,
    kit::{scalar::SafeInt, sequential::resolve_sequentially},
    organization::OrganizationStatus,
    page::{MarkState, PageLifecycle, WidgetState},
};

/// Maximum of the argument `days` of `change`.
const MAX_DAYS: u32 = 366;

/// Number of organizations with a lifecycle status.
#[derive(SimpleObject)]
pub struct StatusCount {
    /// The status.
    pub status: OrganizationStatus,
    /// Number of organizations.
    pub organizations: SafeInt,
}

/// Number of pages in a lifecycle stage.
#[derive(SimpleObject)]
pub struct LifecycleCount {
    /// The stage.
    pub lifecycle: PageLifecycle,
    /// Number of pages.
    pub pages: SafeInt,
}

/// Number of official pages by the state of their mark.
#[derive(SimpleObject)]
pub struct MarkCount {
    /// The state.
    pub mark: MarkState,
    /// Number of pages.
    pub pages: SafeInt,
}

/// Number of official pages by the state of their feedback widget.
#[derive(SimpleObject)]
pub struct WidgetCount {
    /// The state.
    pub widget: WidgetState,
    /// Number of pages.
    pub pages: SafeInt,
}

/// Official pages by the age of their last post, in days before today, all in the registry's time zone. The first three
/// counts are cumulative.
#[derive(SimpleObject)]
pub struct Freshness {
    /// Pages whose last post was at most 7 days ago.
    pub within7_days: SafeInt,
    /// Pages whose last post was at most 30 days ago.
    pub within30_days: SafeInt,
    /// Pages whose last post was at most 90 days ago.
    pub within90_days: SafeInt,
    /// Pages whose last post was more than 90 days ago.
    pub older: SafeInt,
    /// Pages without a known post.
    pub never: SafeInt,
}

/// Pages and organizations added and ended in the days up to today, in the registry's time zone.
#[derive(SimpleObject)]
pub struct PeriodChange {
    /// Number of days, today included.
    pub days: u32,
    /// Pages registered.
    pub pages_registered: SafeInt,
    /// Pages archived.
    pub pages_archived: SafeInt,
    /// Organizations entered; null if organizations are not counted.
    pub organizations_entered: Option<SafeInt>,
    /// Organizations merged, split or liquidated; null if organizations are not counted.
    pub organizations_ended: Option<SafeInt>,
}

/// Counts of a group of organizations and pages.
pub struct RegistryCounts<'a> {
    pub(super) view: &'a View,
    pub(super) keys: Vec<GroupKey<'a>>,
    pub(super) group: Group,
}

resolve_sequentially!(RegistryCounts<'_>);

/// Counts of a group of organizations and pages.
#[Object]
impl<'a> RegistryCounts<'a> {
    /// Value of each dimension for this group, in the order of `groupBy`; empty for the total.
    async fn keys(&self) -> &[GroupKey<'a>] {
        &self.keys
    }

    /// Number of organizations; null if the filter or `groupBy` uses states of pages (lifecycle, mark or widget).
    async fn organizations(&self) -> Option<SafeInt> {
        self.group.organizations.as_ref().map(|it| SafeInt::from(it.len()))
    }

    /// Number of pages in all lifecycle stages that the client may see.
    async fn pages(&self) -> SafeInt {
        SafeInt::from(self.group.pages.len())
    }

    /// Number of official pages: those in the lifecycle stage `REGISTERED`.
    async fn official_pages(&self) -> SafeInt {
        SafeInt::from(self.view.official(&self.group.pages).len())
    }

    /// Organizations by lifecycle status; at most 7. Null if organizations are not counted.
    async fn organizations_by_status(&self) -> Option<Vec<StatusCount>> {
        let organizations = self.group.organizations.as_ref()?;
        let statuses = visible_statuses(self.view.viewer()).into_iter().map(|status| StatusCount {
            status: status.into(),
            organizations: SafeInt::from(
                self.view.count_organizations(organizations, (Dimension::Status, status as u32)),
            ),
        });
        Some(statuses.collect())
    }

    /// Pages by lifecycle stage; at most 6.
    async fn pages_by_lifecycle(&self) -> Vec<LifecycleCount> {
        let lifecycles = visible_lifecycles(self.view.viewer()).into_iter().map(|lifecycle| LifecycleCount {
            lifecycle: lifecycle.into(),
            pages: SafeInt::from(
                self.view.count_pages(&self.group.pages, (Dimension::Lifecycle, lifecycle as u32)),
            ),
        });
        lifecycles.collect()
    }

    /// Official pages by the state of their mark; at most 8.
    async fn pages_by_mark(&self) -> Vec<MarkCount> {
        let marks = marks().map(|mark| MarkCount {
            mark: mark.into(),
            pages: SafeInt::from(self.view.count_official(&self.group.pages, (Dimension::Mark, mark as u32))),
        });
        marks.collect()
    }

    /// Official pages by the state of their feedback widget; at most 6.
    async fn pages_by_widget(&self) -> Vec<WidgetCount> {
        let widgets = widgets().map(|widget| WidgetCount {
            widget: widget.into(),
            pages: SafeInt::from(
                self.view.count_official(&self.group.pages, (Dimension::Widget, widget as u32)),
            ),
        });
        widgets.collect()
    }

    /// Share of official pages whose mark is confirmed, from 0 to 1; null without official pages.
    async fn marked_share(&self) -> Option<f64> {
        self.share((Dimension::Mark, Mark::Confirmed as u32))
    }

    /// Share of official pages whose feedback widget is correct among those that require one, from 0 to 1; null if none
    /// does.
    async fn correct_widget_share(&self) -> Option<f64> {
        let official = self.view.official(&self.group.pages);
        let free = self.view.count_pages(&official, (Dimension::Widget, Widget::NotRequired as u32));
        let correct = self.view.count_pages(&official, (Dimension::Widget, Widget::Correct as u32));
        let needing = official.len() - free;
        (needing > 0).then(|| correct as f64 / needing as f64)
    }

    /// Official pages by the age of their last post; null in the past, because the change log does not have statistics.
    async fn freshness(&self) -> Option<Freshness> {
        if self.view.past_at().is_some() {
            return None;
        }
        let official = self.view.official(&self.group.pages);
        let today = self.view.day();
        let within = |days: u32| {
            self.view.count_pages_between(&official, Dimension::LastPostOn, days_up_to(today, days + 1))
        };
        let posted = self.view.count_pages(&official, (Dimension::HasPosted, 1));
        let within90 = within(90);
        Some(Freshness {
            within7_days: SafeInt::from(within(7)),
            within30_days: SafeInt::from(within(30)),
            within90_days: SafeInt::from(within90),
            older: SafeInt::from(posted - within90),
            never: SafeInt::from(official.len() - posted),
        })
    }

    /// Pages and organizations added and ended in the last `days` days, up to today, in the registry's time zone.
    async fn change(
        &self,
        #[graphql(default = 7, desc = "Number of days, today included, from 1 to 366.")] days: i32,
    ) -> Result<PeriodChange> {
        let days = u32::try_from(days).ok().filter(|days| (1..=MAX_DAYS).contains(days));
        let days = days.ok_or_else(|| Error::BadInput(format!("`days` must be from 1 to {MAX_DAYS}.")))?;
        let period = days_up_to(self.view.day(), days);
        let pages =
            |dimension| SafeInt::from(self.view.count_pages_between(&self.group.pages, dimension, period));
        let organizations = |dimension| {
            let all = self.group.organizations.as_ref()?;
            Some(SafeInt::from(self.view.count_organizations_between(all, dimension, period)))
        };
        Ok(PeriodChange {
            days,
            pages_registered: pages(Dimension::RegisteredOn),
            pages_archived: pages(Dimension::EndedOn),
            organizations_entered: organizations(Dimension::CreatedOn),
            organizations_ended: organizations(Dimension::EndedOn),
        })
    }
}

impl RegistryCounts<'_> {
    fn share(&self, key: (Dimension, u32)) -> Option<f64> {
        let official = self.view.official(&self.group.pages);
        let with = self.view.count_pages(&official, key);
        (!official.is_empty()).then(|| with as f64 / official.len() as f64)
    }
}
