//! Quantiles: medians and the like.

/// The number below which this share of the numbers lies, interpolated between neighbours as `percentile_cont` does.
pub(super) fn quantile(mut numbers: Vec<f64>, share: f64) -> Option<f64> {
    let place = share * (numbers.len().checked_sub(1)?) as f64;
    let low = place.floor() as usize;
    let (_, at, above) = numbers.select_nth_unstable_by(low, f64::total_cmp);
    let at = *at;
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(at);
    Some(at + (next - at) * (place - low as f64))
}
