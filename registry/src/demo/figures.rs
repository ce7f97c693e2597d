//! Plausible latest statistics: most pages are small and have posted this week, a few are large, some are
//! inactive.

use chrono::{DateTime, Duration, Utc};
use rand::Rng;

use super::plan::random;
use crate::model::Figures;

/// Offset of the random streams; each page has its own stream.
const FIGURES: u64 = 1 << 32;
/// Percentage of pages by maximum days since their last post; the rest never posted.
const SILENCE: [(u32, i64); 4] = [(62, 7), (19, 30), (8, 90), (7, 700)];

/// Statistics of a page as of a day.
pub(super) fn latest(seed: u64, page_id: i64, today: DateTime<Utc>) -> Figures {
    let mut random = random(seed, FIGURES + page_id.unsigned_abs());
    // The product of uniform values approximates real audiences: many small, few very large.
    let size = (0..4).map(|_| random.random_range(0.02..1.0_f64)).product::<f64>();
    let subscribers = 20 + (size * 400_000.0) as u32;
    let mut percent = random.random_range(0..100);
    let mut most = 0;
    let last_post_at = SILENCE.iter().find_map(|(share, days)| {
        let least = std::mem::replace(&mut most, *days);
        if percent < *share {
            let minutes = random.random_range(least * 24 * 60..days * 24 * 60);
            return Some(today - Duration::minutes(minutes));
        }
        percent -= share;
        None
    });
    Figures { subscribers: Some(subscribers), last_post_at, recorded_at: today, seq: 0 }
}
