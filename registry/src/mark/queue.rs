//! Marks that operators have to look after: requests to decide on, and marks that expire soon.

use chrono::NaiveDate;
use entities::page::Mark;

use crate::{
    author::Author,
    model::Page,
    snapshot::{Clause, Dimension, Filter, Selection},
    view::{Slice, View, Window},
};

/// Pages whose mark waits for a decision, the longest wait first.
pub struct PendingMarks(Selection);

/// Pages with a confirmed mark that expires up to a day, the earliest first.
pub struct ExpiringMarks(Selection);

impl PendingMarks {
    /// Those that match the filter, among the pages that the author may write.
    pub fn find(view: &View, author: &Author, filter: &Filter) -> Self {
        let states = [Mark::Requested, Mark::PendingConfirmation];
        Self(pages(view, author, filter, &states, |_| true))
    }

    /// A window of them.
    pub fn window(&self, view: &View, slice: Slice) -> Window {
        view.page_window_by(&self.0, slice, |page| {
            // The time of an imported request may be unknown.
            Some(page.mark.at.unwrap_or(page.created_at).timestamp_micros())
        })
    }
}

impl ExpiringMarks {
    /// Those that match the filter, among the pages that the author may write.
    pub fn find(view: &View, author: &Author, filter: &Filter, until: NaiveDate) -> Self {
        let expires = |page: &Page| page.mark.expires_on.is_some_and(|last| last <= until);
        Self(pages(view, author, filter, &[Mark::Confirmed], expires))
    }

    /// A window of them.
    pub fn window(&self, view: &View, slice: Slice) -> Window {
        let day = |page: &Page| Some((page.mark.expires_on? - NaiveDate::default()).num_days());
        view.page_window_by(&self.0, slice, day)
    }
}

fn pages(
    view: &View,
    author: &Author,
    filter: &Filter,
    states: &[Mark],
    passes: impl Fn(&Page) -> bool,
) -> Selection {
    let (mut filter, snapshot) = (filter.clone(), view.snapshot());
    let states = states.iter().map(|state| *state as u32).collect();
    filter.add(Clause::AnyOf(Dimension::Mark, states));
    view.pages(&filter).filtered(|id| {
        snapshot.page(id).is_some_and(|page| passes(page) && author.reaches_page(snapshot, page))
    })
}
