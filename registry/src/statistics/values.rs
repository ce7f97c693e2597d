//! Values computed from each page's metrics, stored by segment, so that a group of pages is a few contiguous runs.

use std::sync::Arc;

use entities::page_statistics::Metric;

use super::month_cache::{Column, total};

/// Computes a value from a page's inputs and its metric of the previous month.
pub type Compute<'a> = dyn Fn(&[Option<u64>], Option<u64>) -> Option<f64> + Sync + 'a;

/// Formula of a page's value.
pub struct Formula<'a> {
    /// Unique name.
    pub name: &'static str,
    /// Metrics from which it is computed.
    pub inputs: &'a [Metric],
    /// Metric of the previous month, if it needs one.
    pub before: Option<Metric>,
    /// The function, of the inputs in their order and the metric of the previous month.
    pub value: &'a Compute<'a>,
}

/// One number for each page that has one.
#[derive(Default)]
pub struct PageValues {
    /// End of the numbers of each segment; the index is the segment's id.
    ends: Vec<u32>,
    numbers: Numbers,
}

/// Numbers as integers of the same order, which are faster to compare.
enum Numbers {
    /// If 32 bits hold all of them exactly.
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

/// An integer that encodes a floating-point number, in the same order.
trait Ordered: Copy + Ord {
    fn number(self) -> f64;
}

impl Ordered for i32 {
    fn number(self) -> f64 {
        f64::from(f32::from_bits(narrow_order(self) as u32))
    }
}

impl Ordered for i64 {
    fn number(self) -> f64 {
        f64::from_bits(wide_order(self) as u64)
    }
}

/// Maps the bits of a number to an integer with the order of [`f32::total_cmp`], and back.
fn narrow_order(bits: i32) -> i32 {
    bits ^ (((bits >> 31) as u32) >> 1) as i32
}

/// The same for [`f64::total_cmp`].
fn wide_order(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl PageValues {
    /// Quantile `share` of each group, with its number of pages; `None` for a group without numbers.
    pub fn quantiles(
        &self,
        groups: usize,
        of_segment: impl Fn(i32) -> Option<usize>,
        share: f64,
    ) -> Vec<Option<(f64, u64)>> {
        match &self.numbers {
            Numbers::Narrow(numbers) => quantiles(numbers, &self.ends, groups, of_segment, share),
            Numbers::Wide(numbers) => quantiles(numbers, &self.ends, groups, of_segment, share),
        }
    }

    /// Computes the number of every page that `counts` and has a segment; inputs of several months are summed.
    pub(super) fn compute(
        (segments, counts): (&Column, &dyn Fn(u32) -> bool),
        inputs: &[Vec<Arc<Column>>],
        before: Option<&Column>,
        formula: &Formula<'_>,
    ) -> Self {
        let mut of_page = Vec::with_capacity(inputs.len());
        let mut found: Vec<(u32, f64)> = Vec::with_capacity(segments.len() as usize);
        for (page_id, segment) in segments.iter().filter(|(page_id, _)| counts(*page_id)) {
            of_page.clear();
            of_page.extend(inputs.iter().map(|columns| total(columns, page_id)));
            let before = before.and_then(|column| column.get(page_id));
            found.extend((formula.value)(&of_page, before).map(|number| (segment as u32, number)));
        }
        if found.iter().all(|(_, number)| f64::from(*number as f32).to_bits() == number.to_bits()) {
            let narrow = |number: f64| narrow_order((number as f32).to_bits() as i32);
            let (ends, numbers) = by_segment(&found, narrow);
            return Self { ends, numbers: Numbers::Narrow(numbers) };
        }
        let (ends, numbers) = by_segment(&found, |number| wide_order(number.to_bits() as i64));
        Self { ends, numbers: Numbers::Wide(numbers) }
    }

    pub(super) fn bytes(&self) -> usize {
        let numbers = match &self.numbers {
            Numbers::Narrow(numbers) => 4 * numbers.len(),
            Numbers::Wide(numbers) => 8 * numbers.len(),
        };
        numbers + 4 * self.ends.len()
    }
}

/// Groups numbers by segment, by counting sort.
fn by_segment<T: Copy + Default>(found: &[(u32, f64)], number: impl Fn(f64) -> T) -> (Vec<u32>, Vec<T>) {
    let segments = found.iter().map(|(segment, _)| *segment as usize + 1).max().unwrap_or(0);
    let mut offsets = vec![0_u32; segments];
    found.iter().for_each(|(segment, _)| offsets[*segment as usize] += 1);
    let mut begin = 0;
    for offset in &mut offsets {
        begin += std::mem::replace(offset, begin);
    }
    let mut numbers = vec![T::default(); found.len()];
    for (segment, value) in found {
        let offset = &mut offsets[*segment as usize];
        numbers[*offset as usize] = number(*value);
        *offset += 1;
    }
    // Each offset has advanced to the end of its segment.
    (offsets, numbers)
}

fn quantiles<T: Ordered>(
    numbers: &[T],
    ends: &[u32],
    groups: usize,
    of_segment: impl Fn(i32) -> Option<usize>,
    share: f64,
) -> Vec<Option<(f64, u64)>> {
    let mut by_group: Vec<Vec<T>> = vec![Vec::new(); groups];
    let mut begin = 0;
    for (segment, end) in (0..).zip(ends) {
        if let Some(group) = of_segment(segment) {
            by_group[group].extend_from_slice(&numbers[begin..*end as usize]);
        }
        begin = *end as usize;
    }
    by_group.iter_mut().map(|numbers| Some((quantile(numbers, share)?, numbers.len() as u64))).collect()
}

/// Quantile `share` of the numbers, interpolated between neighbours as by `percentile_cont`.
fn quantile<T: Ordered>(numbers: &mut [T], share: f64) -> Option<f64> {
    let position = share * (numbers.len().checked_sub(1)?) as f64;
    let low = position.floor() as usize;
    let (_, at, above) = numbers.select_nth_unstable(low);
    let at = at.number();
    let next = above.iter().min().map_or(at, |next| next.number());
    Some(at + (next - at) * (position - low as f64))
}
