//! Processing order of submitted rows: by page, in parts of bounded size.

use super::PackedFigures;

/// Rows per part: few enough that the database never waits long for the next statement.
const CHUNK: usize = 10_000;

/// Submitted rows by page; those of a page in the order of submission.
pub(super) struct ByPage<'a> {
    figures: &'a PackedFigures,
    /// Indexes into the submitted rows, in processing order.
    indexes: Vec<u32>,
}

/// Rows that are processed together.
pub(super) struct Part<'a> {
    /// Indexes into the submitted rows.
    pub(super) indexes: &'a [u32],
    /// Whether the part begins with the page that the previous part ended with.
    pub(super) goes_on: bool,
}

impl<'a> ByPage<'a> {
    pub(super) fn new(figures: &'a PackedFigures) -> Self {
        let mut indexes: Vec<u32> = (0..).take(figures.len()).collect();
        indexes.sort_by_key(|index| figures.page_id(*index as usize));
        Self { figures, indexes }
    }

    /// The rows in parts. A page is split only if it alone has more rows than a part, so that every block of pages is
    /// written once, and index entries are inserted next to each other.
    pub(super) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let mut begin = 0;
        std::iter::from_fn(move || {
            let end = self.end(begin);
            let indexes = self.indexes.get(begin..end).filter(|indexes| !indexes.is_empty())?;
            let goes_on = begin > 0 && self.page_id(begin) == self.page_id(begin - 1);
            begin = end;
            Some(Part { indexes, goes_on })
        })
    }

    /// End of the part that begins at `begin`: before a page that would be split.
    fn end(&self, begin: usize) -> usize {
        let end = begin + CHUNK;
        if end >= self.indexes.len() {
            return self.indexes.len();
        }
        let cut = self.page_id(end);
        let before =
            self.indexes[begin..end].partition_point(|index| self.figures.page_id(*index as usize) < cut);
        if before > 0 { begin + before } else { end }
    }

    fn page_id(&self, number: usize) -> Option<i64> {
        self.figures.page_id(self.indexes[number] as usize)
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
                page_id: Ok(page_id),
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
                prop_assert!(part.indexes.len() <= CHUNK);
                let page_of = |index: &u32| figures.page_id(*index as usize);
                let goes_on = seen.last().is_some_and(|last| page_of(last) == page_of(&part.indexes[0]));
                prop_assert_eq!(part.goes_on, goes_on);
                let of_page = by_page.indexes.iter().filter(|index| page_of(index) == page_of(&part.indexes[0]));
                prop_assert!(!goes_on || of_page.count() > CHUNK);
                seen.extend_from_slice(part.indexes);
            }
            prop_assert!(seen.is_sorted_by_key(|index| (figures.page_id(*index as usize), *index)));
            prop_assert_eq!(seen.len(), figures.len());
        }
    }
}
