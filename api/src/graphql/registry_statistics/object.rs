//! GraphQL types of the registry's counts.

use async_graphql::{Object, SimpleObject};
use chrono::Utc;
use entities::page::{Mark, Widget};
use registry::{
    snapshot::{Dimension, marks, widgets},
    view::{Group, View, days_up_to, visible_lifecycles, visible_statuses},
};

use crate::graphql::{
    error::{Error, Result},
    kit::{
        group::{GroupDimension, GroupKey, named},
        scalar::{Count, DateTime},
    },
    organization::OrganizationStatus,
    page::{MarkState, PageLifecycle, WidgetState},
};

/// Longest period that a change is counted over, in days.
const MAX_DAYS: u32 = 366;

/// Counts of the registry itself.
pub struct RegistryStatistics<'a> {
    pub(super) view: &'a View,
    pub(super) total: Group,
    pub(super) by: Vec<GroupDimension>,
    pub(super) groups: Vec<Group>,
}

/// Counts of the registry itself.
#[Object]
impl<'a> RegistryStatistics<'a> {
    /// Counts of everything that passed the filter.
    async fn total(&self) -> RegistryCounts<'a> {
        RegistryCounts { view: self.view, keys: Vec::new(), group: self.total.clone() }
    }

    /// Counts of each group; empty groups are left out. At most 5,000.
    async fn groups(&self) -> Vec<RegistryCounts<'a>> {
        let groups = self.groups.iter().map(|group| RegistryCounts {
            view: self.view,
            keys: named(self.view, &self.by, &group.keys),
            group: group.clone(),
        });
        groups.collect()
    }

    /// Timestamp of the counts.
    async fn computed_at(&self) -> DateTime {
        DateTime(Utc::now())
    }

    /// Place in the change log at which the counts are true.
    async fn seq(&self) -> Count {
        Count(self.view.seq().unsigned_abs())
    }
}

/// Number of organizations in a stage of life.
#[derive(SimpleObject)]
pub struct StatusCount {
    /// The stage.
    pub status: OrganizationStatus,
    /// Number of organizations.
    pub organizations: Count,
}

/// Number of pages in a stage of life.
#[derive(SimpleObject)]
pub struct LifecycleCount {
    /// The stage.
    pub lifecycle: PageLifecycle,
    /// Number of pages.
    pub pages: Count,
}

/// Number of official pages by the state of their mark.
#[derive(SimpleObject)]
pub struct MarkCount {
    /// The state.
    pub mark: MarkState,
    /// Number of pages.
    pub pages: Count,
}

/// Number of official pages by the state of their feedback widget.
#[derive(SimpleObject)]
pub struct WidgetCount {
    /// The state.
    pub widget: WidgetState,
    /// Number of pages.
    pub pages: Count,
}

/// Official pages by the day of their last post, counted back from today. Each count includes the one before it.
#[derive(SimpleObject)]
pub struct Freshness {
    /// Pages that posted in the last 7 days.
    pub within7_days: Count,
    /// Pages that posted in the last 30 days.
    pub within30_days: Count,
    /// Pages that posted in the last 90 days.
    pub within90_days: Count,
    /// Pages that posted, but not in the last 90 days.
    pub older: Count,
    /// Pages that never posted, or that nobody looked at.
    pub never: Count,
}

/// What came and went in the days up to today.
#[derive(SimpleObject)]
pub struct PeriodChange {
    /// Number of days, today included.
    pub days: u32,
    /// Pages registered.
    pub pages_registered: Count,
    /// Pages archived.
    pub pages_archived: Count,
    /// Organizations entered; null where organizations are not counted.
    pub organizations_entered: Option<Count>,
    /// Organizations merged, split or liquidated; null where organizations are not counted.
    pub organizations_ended: Option<Count>,
}

/// Counts of a group of organizations and pages.
pub struct RegistryCounts<'a> {
    view: &'a View,
    keys: Vec<GroupKey>,
    group: Group,
}

/// Counts of a group of organizations and pages.
#[Object]
impl RegistryCounts<'_> {
    /// Values that the group has in common, in the order of `groupBy`.
    async fn keys(&self) -> &[GroupKey] {
        &self.keys
    }

    /// Number of organizations; null where the filter or the groups are about states of pages.
    async fn organizations(&self) -> Option<Count> {
        self.group.organizations.as_ref().map(|it| Count(it.len()))
    }

    /// Number of pages in any stage that the viewer may see.
    async fn pages(&self) -> Count {
        Count(self.group.pages.len())
    }

    /// Number of official pages: those that are registered.
    async fn official_pages(&self) -> Count {
        Count(self.view.official(&self.group.pages).len())
    }

    /// Organizations by stage of life; at most 7. Null where organizations are not counted.
    async fn organizations_by_status(&self) -> Option<Vec<StatusCount>> {
        let organizations = self.group.organizations.as_ref()?;
        let statuses = visible_statuses(self.view.viewer()).into_iter().map(|status| StatusCount {
            status: status.into(),
            organizations: Count(
                self.view.count_organizations(organizations, (Dimension::Status, status as u32)),
            ),
        });
        Some(statuses.collect())
    }

    /// Pages by stage of life; at most 6.
    async fn pages_by_lifecycle(&self) -> Vec<LifecycleCount> {
        let lifecycles = visible_lifecycles(self.view.viewer()).into_iter().map(|lifecycle| LifecycleCount {
            lifecycle: lifecycle.into(),
            pages: Count(self.view.count_pages(&self.group.pages, (Dimension::Lifecycle, lifecycle as u32))),
        });
        lifecycles.collect()
    }

    /// Official pages by the state of their mark; at most 8.
    async fn pages_by_mark(&self) -> Vec<MarkCount> {
        let marks = marks().map(|mark| MarkCount {
            mark: mark.into(),
            pages: Count(self.view.count_official(&self.group.pages, (Dimension::Mark, mark as u32))),
        });
        marks.collect()
    }

    /// Official pages by the state of their feedback widget; at most 6.
    async fn pages_by_widget(&self) -> Vec<WidgetCount> {
        let widgets = widgets().map(|widget| WidgetCount {
            widget: widget.into(),
            pages: Count(self.view.count_official(&self.group.pages, (Dimension::Widget, widget as u32))),
        });
        widgets.collect()
    }

    /// Share of official pages whose mark is confirmed, from 0 to 1; null without official pages.
    async fn marked_share(&self) -> Option<f64> {
        self.share((Dimension::Mark, Mark::Confirmed as u32))
    }

    /// Share of official pages that need a feedback widget whose widget is correct, from 0 to 1; null where none needs one.
    async fn correct_widget_share(&self) -> Option<f64> {
        let official = self.view.official(&self.group.pages);
        let free = self.view.count_pages(&official, (Dimension::Widget, Widget::NotRequired as u32));
        let correct = self.view.count_pages(&official, (Dimension::Widget, Widget::Correct as u32));
        let needing = official.len() - free;
        (needing > 0).then(|| correct as f64 / needing as f64)
    }

    /// Official pages by the day of their last post.
    async fn freshness(&self) -> Freshness {
        let official = self.view.official(&self.group.pages);
        let today = self.view.day();
        let within = |days: u32| {
            self.view.count_pages_between(&official, Dimension::LastPostOn, days_up_to(today, days + 1))
        };
        let posted = self.view.count_pages(&official, (Dimension::HasPosted, 1));
        let within90 = within(90);
        Freshness {
            within7_days: Count(within(7)),
            within30_days: Count(within(30)),
            within90_days: Count(within90),
            older: Count(posted - within90),
            never: Count(official.len() - posted),
        }
    }

    /// What came and went in the days up to today.
    async fn change(
        &self,
        #[graphql(default = 7, desc = "Number of days, today included, from 1 to 366.")] days: u32,
    ) -> Result<PeriodChange> {
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(Error::BadInput(format!("`days` must be from 1 to {MAX_DAYS}.")));
        }
        let period = days_up_to(self.view.day(), days);
        let pages = |dimension| Count(self.view.count_pages_between(&self.group.pages, dimension, period));
        let organizations = |dimension| {
            let all = self.group.organizations.as_ref()?;
            Some(Count(self.view.count_organizations_between(all, dimension, period)))
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
