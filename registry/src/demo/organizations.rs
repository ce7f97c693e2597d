//! Generated authorities and institutions.

use entities::organization::{Kind, Level};
use rand::{Rng, seq::IndexedRandom};

use super::{
    names::{fill, latin},
    plan::{Planned, Sizes, apportion, random, weighted},
    recipe::{InstitutionTemplate, Recipe, Region},
};

/// Offsets of the random streams.
const AUTHORITIES: u64 = 1_000;
const INSTITUTIONS: u64 = 2_000;
/// Maximum length of a slug.
const SLUG_LENGTH: usize = 14;

/// Plans all organizations, parents before their children.
pub(super) fn plan(recipe: &Recipe, sizes: Sizes, seed: u64) -> Vec<Planned> {
    let mut planned = federal(recipe);
    let weights: Vec<u32> = recipe.regions.iter().map(|region| region.pages).collect();
    let left = sizes.authorities.saturating_sub(planned.len() as u32);
    let authorities = apportion(left, &weights);
    let institutions = apportion(sizes.institutions, &weights);
    for (index, region) in recipe.regions.iter().enumerate() {
        let first = planned.len();
        let mut regional = InRegion { recipe, index, region, seed, planned: &mut planned };
        regional.authorities(authorities[index]);
        regional.institutions(first, institutions[index]);
    }
    planned
}

fn federal(recipe: &Recipe) -> Vec<Planned> {
    let bodies = recipe.federal.iter().enumerate().map(|(number, body)| Planned {
        code: format!("{}-federal-{}", recipe.source, number + 1),
        kind: Kind::Authority,
        name: body.name.clone(),
        short_name: Some(body.short_name.clone()),
        level: Some(Level::Federal),
        branch: Some(body.branch),
        sector: None,
        parent: body.under_first.then_some(0),
        region: None,
        slug: latin(&recipe.letters, &body.short_name, SLUG_LENGTH),
    });
    bodies.collect()
}

struct InRegion<'a> {
    recipe: &'a Recipe,
    index: usize,
    region: &'a Region,
    seed: u64,
    planned: &'a mut Vec<Planned>,
}

impl InRegion<'_> {
    /// Government and ministries first, then federal offices, then municipalities until `count` is reached.
    fn authorities(&mut self, count: u32) {
        let end = self.planned.len() + count as usize;
        let government = self.planned.len();
        for (number, body) in self.recipe.regional.iter().enumerate() {
            let parent = (number > 0).then_some(government);
            self.authority(end, &body.name, &[], Level::Regional, body.branch, parent, "gov");
        }
        for office in &self.recipe.offices {
            let Some(body) = self.recipe.federal.iter().position(|body| body.short_name == office.of) else {
                continue;
            };
            let slug = latin(&self.recipe.letters, &office.of, SLUG_LENGTH);
            self.authority(
                end,
                &office.name,
                &[],
                Level::Federal,
                self.recipe.federal[body].branch,
                Some(body),
                &slug,
            );
        }
        self.municipalities(end, government);
    }

    /// Administrations and their bodies, one municipality after another.
    fn municipalities(&mut self, end: usize, government: usize) {
        let municipal = &self.recipe.municipal;
        let mut random = random(self.seed, AUTHORITIES + self.index as u64);
        let mut number = 0;
        while self.planned.len() < end {
            let adjective = &municipal.adjectives[number % municipal.adjectives.len()];
            let kind = &municipal.kinds[(number / municipal.adjectives.len()) % municipal.kinds.len()];
            let round = number / (municipal.adjectives.len() * municipal.kinds.len());
            let suffix = if round == 0 { String::new() } else { format!(" № {}", round + 1) };
            let place = format!("{} {}{suffix}", adjective.1, kind.1);
            let slug = latin(&self.recipe.letters, &adjective.0, SLUG_LENGTH);
            let administration = self.planned.len();
            let bodies = random.random_range(2..=municipal.bodies.len());
            for (order, body) in municipal.bodies.iter().take(bodies).enumerate() {
                let parent = if order == 0 { government } else { administration };
                self.authority(
                    end,
                    &body.name,
                    &[("place", &place)],
                    Level::Municipal,
                    body.branch,
                    Some(parent),
                    &slug,
                );
            }
            number += 1;
        }
    }

    #[allow(clippy::too_many_arguments, reason = "a row of a table, named at the call")]
    fn authority(
        &mut self,
        end: usize,
        name: &str,
        holes: &[(&str, &str)],
        level: Level,
        branch: entities::organization::Branch,
        parent: Option<usize>,
        slug: &str,
    ) {
        if self.planned.len() >= end {
            return;
        }
        let mut name = fill(&fill(name, &[("genitive", &self.region.genitive)]), holes);
        if level == Level::Municipal {
            name = format!("{name} {}", self.region.genitive);
        }
        self.planned.push(Planned {
            code: self.code(),
            kind: Kind::Authority,
            name,
            short_name: None,
            level: Some(level),
            branch: Some(branch),
            sector: None,
            parent,
            region: Some(self.index),
            slug: slug.to_owned(),
        });
    }

    /// Institutions below the municipal administrations, or below the government if there are none.
    fn institutions(&mut self, first: usize, count: u32) {
        let mut random = random(self.seed, INSTITUTIONS + self.index as u64);
        // Small registries have no authorities in some regions.
        let government = (first < self.planned.len()).then_some(first);
        let above: Vec<usize> = (first..self.planned.len())
            .filter(|index| self.planned[*index].level == Some(Level::Municipal))
            .filter(|index| self.planned[*index].parent.is_some_and(|parent| parent == first))
            .collect();
        for number in 0..count {
            let template = &self.recipe.institutions
                [weighted(&mut random, self.recipe.institutions.iter().map(|template| template.weight))];
            let parent = above.choose(&mut random).copied().or(government);
            let planned = self.institution(&mut random, template, parent, number);
            self.planned.push(planned);
        }
    }

    fn institution(
        &self,
        random: &mut impl Rng,
        template: &InstitutionTemplate,
        parent: Option<usize>,
        number: u32,
    ) -> Planned {
        let nickname = self.recipe.nicknames.choose(random).map_or("", String::as_str);
        let school = random.random_range(1..=120).to_string();
        let adjectives = &self.recipe.municipal.adjectives;
        let adjective = &adjectives[number as usize % adjectives.len()];
        // The place is the administration's name without its first word, or else the region.
        let administration = parent.map(|parent| &self.planned[parent]);
        let administration = administration.filter(|it| it.level == Some(Level::Municipal));
        let place = administration.and_then(|it| it.name.split_once(' ')).map(|(_, place)| place);
        let place = place.unwrap_or(&self.region.genitive);
        let holes =
            [("n", school.as_str()), ("nick", nickname), ("adjective", &adjective.0), ("place", place)];
        Planned {
            code: self.code(),
            kind: Kind::Institution,
            name: fill(&template.name, &holes),
            short_name: Some(fill(&template.short_name, &holes)),
            level: None,
            branch: None,
            sector: Some(template.sector.clone()),
            parent,
            region: Some(self.index),
            slug: fill(&template.handle, &holes),
        }
    }

    fn code(&self) -> String {
        format!("{}-{}-{}", self.recipe.source, self.region.code, self.planned.len() + 1)
    }
}
