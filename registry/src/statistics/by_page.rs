//! Processing order of submitted rows: by page, in parts of bounded size.

use super::PackedFigures;

/// Rows per part: few enough that the database never waits long for the next statement.
const CHUNK: usize = 10_000;

/// Submitted rows by page; those of a page in the order of submission.
pub(super) struct ByPage<'a> {
    figures: &'a PackedFigures,
    /// Indexes into the submitted rows, in processing order.
    places: Vec<u32>,
}

/// Rows that are processed together.
pub(super) struct Part<'a> {
    /// Indexes into the submitted rows.
    pub(super) places: &'a [u32],
    /// Whether the part begins with the page that the previous part ended with.
    pub(super) goes_on: bool,
}

impl<'a> ByPage<'a> {
    pub(super) fn new(figures: &'a PackedFigures) -> Self {
        let mut places: Vec<u32> = (0..).take(figures.len()).collect();
        places.sort_by_key(|place| figures.page_id(*place as usize));
        Self { figures, places }
    }

    /// The rows in parts. A page is split only if it alone has more rows than a part, so that every block of pages is
    /// written once, and index entries are inserted next to each other.
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

    /// End of the part that begins at `begin`: before a page that would be split.
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
