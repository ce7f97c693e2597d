//! Numbers of pages that should have statistics: official pages registered by a day.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entities::{page::Lifecycle, territory::Kind};
use roaring::RoaringBitmap;

use crate::{
    snapshot::{Clause, Dimension, Filter},
    view::{DimensionValue, View},
};

/// Official pages by group, in their current state.
pub struct Expected<'a> {
    view: &'a View,
    groups: HashMap<Vec<DimensionValue>, RoaringBitmap>,
    /// Pages registered by a day, and the day.
    registered: (RoaringBitmap, Option<NaiveDate>),
}

impl<'a> Expected<'a> {
    /// Groups of the official pages that pass a filter.
    pub fn new(view: &'a View, filter: &Filter, by: &[Dimension], territories: Kind) -> Self {
        let mut official = filter.clone();
        official.add(Clause::AnyOf(Dimension::Lifecycle, vec![Lifecycle::Registered as u32]));
        let groups = view.cut(view.group(&official), by, territories, usize::MAX).unwrap_or_default();
        Self {
            view,
            groups: groups.into_iter().map(|group| (group.keys, group.pages)).collect(),
            registered: (RoaringBitmap::new(), None),
        }
    }

    /// Number of a group's pages that were registered by a day. Calls in order of days are fastest.
    pub fn pages(&mut self, keys: &[DimensionValue], day: NaiveDate) -> u64 {
        let (registered, until) = &mut self.registered;
        if *until != Some(day) {
            let since =
                until.filter(|until| *until < day).map_or(NaiveDate::MIN, |until| until + Days::new(1));
            if since == NaiveDate::MIN {
                registered.clear();
            }
            *registered |= self.view.pages_between(Dimension::RegisteredOn, (since, day));
            *until = Some(day);
        }
        self.groups.get(keys).map_or(0, |pages| pages.intersection_len(registered))
    }
}
