//! Figures in the order in which they are worked on: page by page, in parts that are not too large.

use super::PackedFigures;

/// Figures that are worked on at once: few enough that the database never waits long for the next statement.
const CHUNK: usize = 10_000;

/// Figures that are worked on together.
pub(super) struct Part {
    /// Their places among all.
    pub(super) places: Vec<usize>,
    /// Whether they are of the page that the part before ended with.
    pub(super) goes_on: bool,
}

/// Places of figures, page by page, those of a page in the order in which they were sent; a page is in one part unless it alone
/// has more figures than a part. So every block of pages is written once, and rows go into the index side by side.
pub(super) fn by_page(figures: &PackedFigures) -> Vec<Part> {
    let mut sorted: Vec<usize> = (0..figures.len()).collect();
    sorted.sort_by_key(|place| figures.page_id(*place));
    let mut parts: Vec<Part> = Vec::new();
    for of_page in sorted.chunk_by(|one, other| figures.page_id(*one) == figures.page_id(*other)) {
        match parts.last_mut() {
            Some(part) if part.places.len() + of_page.len() <= CHUNK => part.places.extend(of_page),
            _ => {
                let of_page = of_page.chunks(CHUNK).enumerate();
                parts.extend(of_page.map(|(number, it)| Part { places: it.to_vec(), goes_on: number > 0 }));
            }
        }
    }
    parts
}
