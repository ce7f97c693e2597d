//! Figures in the order in which they are worked on: page by page, in parts that are not too large.

use super::PackedFigures;

/// Figures that are worked on at once: few enough that the database never waits long for the next statement.
const CHUNK: usize = 10_000;

/// Figures page by page, those of a page in the order in which they were sent.
pub(super) struct ByPage<'a> {
    figures: &'a PackedFigures,
    /// Their places among all that were sent, in the order in which they are worked on.
    places: Vec<u32>,
}

/// Figures that are worked on together.
pub(super) struct Part<'a> {
    /// Their places among all that were sent.
    pub(super) places: &'a [u32],
    /// Whether they are of the page that the part before ended with.
    pub(super) goes_on: bool,
}

impl<'a> ByPage<'a> {
    pub(super) fn new(figures: &'a PackedFigures) -> Self {
        let mut places: Vec<u32> = (0..).take(figures.len()).collect();
        places.sort_by_key(|place| figures.page_id(*place as usize));
        Self { figures, places }
    }

    /// The figures in parts: a page is in one of them unless it alone has more figures than a part. So every block of
    /// pages is written once, and rows go into the index side by side.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut begin = 0;
        std::iter::from_fn(move || {
            let end = self.end(begin);
            let places = self.places.get(begin..end).filter(|places| !places.is_empty())?;
            let goes_on = begin > 0 && self.page_id(begin) == self.page_id(begin - 1);
            begin = end;
            Some(Part { places, goes_on })
        })
    }

    /// Where a part that begins here ends: before a page of which it would have some figures and not all.
    fn end(&self, begin: usize) -> usize {
        let end = begin + CHUNK;
        if end >= self.places.len() {
            return self.places.len();
        }
        let cut = self.page_id(end);
        let before =
            self.places[begin..end].partition_point(|place| self.figures.page_id(*place as usize) < cut);
        if before > 0 { begin + before } else { end }
    }

    fn page_id(&self, number: usize) -> Option<i64> {
        self.figures.page_id(self.places[number] as usize)
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::figure::{Figure, Values};

    proptest! {
        #[test]
        fn parts_hold_every_figure_once_and_cut_no_page_that_fits_into_one(
            pages in proptest::collection::vec((1..40_i64, 1..7_000_usize), 1..12)
        ) {
            let figure = |page_id| Figure {
                page_id: Some(page_id),
                day: NaiveDate::default(),
                values: Values::default(),
                last_post_at: None,
                recorded_at: None,
            };
            let sent = pages.iter().flat_map(|(page_id, rows)| std::iter::repeat_n(figure(*page_id), *rows));
            let figures: PackedFigures = sent.collect();
            let by_page = ByPage::new(&figures);
            let mut seen = Vec::new();
            for part in by_page.parts() {
                prop_assert!(part.places.len() <= CHUNK);
                let page_of = |place: &u32| figures.page_id(*place as usize);
                let goes_on = seen.last().is_some_and(|last| page_of(last) == page_of(&part.places[0]));
                prop_assert_eq!(part.goes_on, goes_on);
                let of_page = by_page.places.iter().filter(|place| page_of(place) == page_of(&part.places[0]));
                prop_assert!(!goes_on || of_page.count() > CHUNK);
                seen.extend_from_slice(part.places);
            }
            prop_assert!(seen.is_sorted_by_key(|place| (figures.page_id(*place as usize), *place)));
            prop_assert_eq!(seen.len(), figures.len());
        }
    }
}
