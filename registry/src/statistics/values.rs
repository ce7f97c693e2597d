//! Numbers computed of each page's figures, kept segment by segment: groups of pages are then runs of numbers.

use std::sync::Arc;

use entities::page_statistics::Metric;

use super::month_cache::{Column, total};

/// A number of a page's inputs and of its figure of the month before.
pub type Compute<'a> = dyn Fn(&[Option<u64>], Option<u64>) -> Option<f64> + Sync + 'a;

/// How a page's number is computed.
pub struct Formula<'a> {
    /// Name that no other formula has.
    pub name: &'static str,
    /// Figures that it is computed of.
    pub inputs: &'a [Metric],
    /// Figure of the month before, where it needs one.
    pub before: Option<Metric>,
    /// The number, of the inputs in their order and of the figure of the month before.
    pub value: &'a Compute<'a>,
}

/// One number for each page that has one.
#[derive(Default)]
pub struct PageValues {
    /// Where the numbers of a segment's pages end; the place is the segment's id.
    ends: Vec<u32>,
    numbers: Numbers,
}

/// Numbers as whole ones in the same order, which are quicker to compare.
enum Numbers {
    /// Where 32 bits hold all of them exactly.
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

impl Default for Numbers {
    fn default() -> Self {
        Self::Narrow(Vec::new())
    }
}

/// A whole number that stands for a number, in the same order.
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

/// Bits of a number to its place in the order of [`f32::total_cmp`], and back.
fn narrow_order(bits: i32) -> i32 {
    bits ^ (((bits >> 31) as u32) >> 1) as i32
}

/// The same as [`f64::total_cmp`] has it.
fn wide_order(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl PageValues {
    /// The number of each group that this share of its pages' numbers lies below, with how many pages have one.
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

    /// Computes the number of every page that counts and that a month has a segment of; figures of several months are added up.
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

/// Puts numbers beside those of the same segment: how many there are of each is counted first.
fn by_segment<T: Copy + Default>(found: &[(u32, f64)], number: impl Fn(f64) -> T) -> (Vec<u32>, Vec<T>) {
    let segments = found.iter().map(|(segment, _)| *segment as usize + 1).max().unwrap_or(0);
    let mut places = vec![0_u32; segments];
    found.iter().for_each(|(segment, _)| places[*segment as usize] += 1);
    let mut begin = 0;
    for place in &mut places {
        begin += std::mem::replace(place, begin);
    }
    let mut numbers = vec![T::default(); found.len()];
    for (segment, value) in found {
        let place = &mut places[*segment as usize];
        numbers[*place as usize] = number(*value);
        *place += 1;
    }
    // Each place has moved on to where its segment ends.
    (places, numbers)
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

/// The number below which this share of the numbers lies, interpolated between neighbours as `percentile_cont` does.
fn quantile<T: Ordered>(numbers: &mut [T], share: f64) -> Option<f64> {
    let place = share * (numbers.len().checked_sub(1)?) as f64;
    let low = place.floor() as usize;
    let (_, at, above) = numbers.select_nth_unstable(low);
    let at = at.number();
    let next = above.iter().min().map_or(at, |next| next.number());
    Some(at + (next - at) * (place - low as f64))
}
