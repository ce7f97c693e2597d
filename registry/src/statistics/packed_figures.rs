//! Compact buffer of submitted rows: one day of all pages of a country takes a few megabytes.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::figure::{Figure, Rejection, Values};

/// Encoded row: page, day, values, `last_post_at` and `recorded_at`, the last two in microseconds.
type EncodedRow = (Result<i64, Rejection>, i32, Values, Option<i64>, Option<i64>);

/// Rows per block: full blocks are never reallocated.
const BLOCK: usize = 1_024;

/// Submitted rows, in their order.
#[derive(Clone, Debug, Default)]
pub struct PackedFigures {
    /// All but the last are full.
    blocks: Vec<Block>,
}

#[derive(Clone, Debug, Default)]
struct Block {
    bytes: Vec<u8>,
    /// Offset of each row.
    starts: Vec<u32>,
}

impl PackedFigures {
    /// Adds a row.
    pub fn push(&mut self, figure: &Figure) {
        let micros = |at: Option<DateTime<Utc>>| at.map(|at| at.timestamp_micros());
        let row: EncodedRow = (
            figure.page_id,
            figure.day.num_days_from_ce(),
            figure.values,
            micros(figure.last_post_at),
            micros(figure.recorded_at),
        );
        if self.blocks.last().is_none_or(|block| block.starts.len() == BLOCK) {
            self.blocks.push(Block::default());
        }
        let block = self.blocks.last_mut().expect("a block that is not full");
        block.starts.push(u32::try_from(block.bytes.len()).expect("a block is small"));
        block.bytes =
            postcard::to_extend(&row, std::mem::take(&mut block.bytes)).expect("numbers are encoded");
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        let full = self.blocks.len().saturating_sub(1) * BLOCK;
        full + self.blocks.last().map_or(0, |block| block.starts.len())
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Page of a row; `None` if it is unknown which one.
    pub(super) fn page_id(&self, index: usize) -> Option<i64> {
        let (page_id, _) = postcard::take_from_bytes::<Result<i64, Rejection>>(self.encoded(index))
            .expect("what was encoded here");
        page_id.ok()
    }

    /// The row at an index.
    pub(super) fn get(&self, index: usize) -> Figure {
        let (page_id, day, values, last_post_at, recorded_at) =
            postcard::from_bytes::<EncodedRow>(self.encoded(index)).expect("what was encoded here");
        let timestamp = |micros: Option<i64>| micros.and_then(DateTime::from_timestamp_micros);
        Figure {
            page_id,
            day: NaiveDate::from_num_days_from_ce_opt(day).expect("a day that was encoded here"),
            values,
            last_post_at: timestamp(last_post_at),
            recorded_at: timestamp(recorded_at),
        }
    }

    /// Bytes from a row to the end of its block.
    fn encoded(&self, index: usize) -> &[u8] {
        let block = &self.blocks[index / BLOCK];
        &block.bytes[block.starts[index % BLOCK] as usize..]
    }
}

impl FromIterator<Figure> for PackedFigures {
    fn from_iter<T: IntoIterator<Item = Figure>>(figures: T) -> Self {
        let mut packed = Self::default();
        figures.into_iter().for_each(|figure| packed.push(&figure));
        packed
    }
}

#[cfg(test)]
mod tests {
    use chrono::SubsecRound;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_as_it_was(
            rows in proptest::collection::vec(
                (any::<Option<i64>>(), 1..1_000_000_i32, any::<[Option<i64>; 12]>(), any::<Option<i32>>(), any::<Option<i32>>()),
                0..40,
            )
        ) {
            let timestamp = |seconds: Option<i32>| seconds.and_then(|it| DateTime::from_timestamp(it.into(), 0));
            let figures: Vec<Figure> = rows.into_iter().map(|(page_id, day, values, last, recorded)| Figure {
                page_id: page_id.ok_or(Rejection::PageNotFound),
                day: NaiveDate::from_num_days_from_ce_opt(day).expect("a day"),
                values,
                last_post_at: timestamp(last).map(|at| at.trunc_subsecs(6)),
                recorded_at: timestamp(recorded),
            }).collect();
            let packed: PackedFigures = figures.iter().cloned().collect();
            prop_assert_eq!(packed.len(), figures.len());
            for (index, figure) in figures.iter().enumerate() {
                prop_assert_eq!(&packed.get(index), figure);
                prop_assert_eq!(packed.page_id(index), figure.page_id.ok());
            }
        }
    }
}
