//! Plan of the generated registry: hierarchy of organizations, and distribution of pages.

use entities::organization::{Branch, Kind, Level};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::recipe::Recipe;

/// A planned organization.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) code: String,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) short_name: Option<String>,
    pub(super) level: Option<Level>,
    pub(super) branch: Option<Branch>,
    pub(super) sector: Option<String>,
    /// Index of the parent organization in the plan.
    pub(super) parent: Option<usize>,
    /// Index of the region in the recipe; `None` for the whole country.
    pub(super) region: Option<usize>,
    /// Prefix of the handles of its pages.
    pub(super) slug: String,
}

/// Size of the generated registry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) authorities: u32,
    pub(super) institutions: u32,
    pub(super) pages: u32,
}

impl Sizes {
    pub(super) fn for_pages(recipe: &Recipe, pages: u32) -> Self {
        let share = f64::from(pages) / f64::from(recipe.national.pages);
        let scaled = |number: u32| (f64::from(number) * share).round() as u32;
        Self {
            authorities: scaled(recipe.national.authorities),
            institutions: scaled(recipe.national.institutions),
            pages,
        }
    }
}

/// Distributes `total` in proportion to the weights (largest remainder method): the shares add up to it.
pub(super) fn apportion(total: u32, weights: &[u32]) -> Vec<u32> {
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
    let exact = |weight: u32| u64::from(total) * u64::from(weight);
    let mut shares: Vec<u32> = weights.iter().map(|weight| (exact(*weight) / sum.max(1)) as u32).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(exact(weights[*index]) % sum.max(1)));
    let missing = total - shares.iter().sum::<u32>();
    for index in order.into_iter().take(missing as usize) {
        shares[index] += 1;
    }
    shares
}

/// A separate random stream per part, so that the size of one part does not change the content of another.
pub(super) fn random(seed: u64, part: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(part);
    random
}

/// Picks an index by weight.
pub(super) fn weighted(random: &mut impl Rng, weights: impl Iterator<Item = u32> + Clone) -> usize {
    let mut rest = random.random_range(0..weights.clone().sum::<u32>().max(1));
    for (index, weight) in weights.enumerate() {
        if rest < weight {
            return index;
        }
        rest -= weight;
    }
    0
}
