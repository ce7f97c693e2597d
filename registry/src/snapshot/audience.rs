//! Audiences of organizations: the subscribers of their public official pages, kept up with every change.

use std::collections::HashMap;

use imbl::OrdMap;

use super::{order::NumberOrder, sets::bit};
use crate::model::Page;

/// Audience of each organization, and the organizations in the order of their audiences.
#[derive(Clone, Default)]
pub(crate) struct Audiences {
    /// Organizations without such a page, or of whose pages no number is known, are absent.
    sums: OrdMap<u32, Sum>,
    order: NumberOrder,
}

/// Subscribers of the pages of an organization whose number is known.
#[derive(Clone, Copy, Default)]
struct Sum {
    subscribers: i64,
    pages: i64,
}

impl Sum {
    fn add(&mut self, subscribers: i64, pages: i64) {
        self.subscribers += subscribers;
        self.pages += pages;
    }
}

/// A page that counts, with its number of subscribers.
pub(crate) type Counted<'a> = (&'a Page, i64);

impl Audiences {
    /// Audiences of these organizations from all pages that count.
    pub(crate) fn build<'a>(
        organizations: impl Iterator<Item = i64>,
        pages: impl Iterator<Item = Counted<'a>>,
    ) -> Self {
        let mut sums: HashMap<u32, Sum> = HashMap::new();
        for (page, subscribers) in pages {
            owners(page).for_each(|id| sums.entry(bit(id)).or_default().add(subscribers, 1));
        }
        let sums: OrdMap<u32, Sum> = sums.into_iter().collect();
        let order =
            NumberOrder::build(organizations.map(|id| (id, sums.get(&bit(id)).map(|sum| sum.subscribers))));
        Self { sums, order }
    }

    /// Audience of an organization; `None` if it is unknown.
    pub(crate) fn of(&self, organization_id: i64) -> Option<i64> {
        self.sums.get(&bit(organization_id)).map(|sum| sum.subscribers)
    }

    /// The organizations in the order of their audiences.
    pub(crate) fn order(&self) -> &NumberOrder {
        &self.order
    }

    /// Adds an organization, if it is new.
    pub(crate) fn enter(&mut self, organization_id: i64) {
        self.order.replace(organization_id, None, self.of(organization_id));
    }

    /// Replaces what a page counted before a change by what it counts now.
    pub(crate) fn shift(&mut self, before: Option<Counted<'_>>, after: Option<Counted<'_>>) {
        if before.map(key) == after.map(key) {
            return;
        }
        if let Some((page, subscribers)) = before {
            owners(page).for_each(|id| self.add(id, -subscribers, -1));
        }
        if let Some((page, subscribers)) = after {
            owners(page).for_each(|id| self.add(id, subscribers, 1));
        }
    }

    fn add(&mut self, organization_id: i64, subscribers: i64, pages: i64) {
        let id = bit(organization_id);
        let before = self.of(organization_id);
        let mut sum = self.sums.get(&id).copied().unwrap_or_default();
        sum.add(subscribers, pages);
        if sum.pages == 0 {
            self.sums.remove(&id);
        } else {
            self.sums.insert(id, sum);
        }
        self.order.replace(organization_id, Some(before), self.of(organization_id));
    }
}

/// What decides the audiences that a page counts for.
fn key((page, subscribers): Counted<'_>) -> (i64, &[i64], i64) {
    (page.owner_id, page.co_owners.as_slice(), subscribers)
}

/// Owner and co-owners of a page.
fn owners(page: &Page) -> impl Iterator<Item = i64> {
    page.co_owners.iter().copied().chain([page.owner_id])
}
