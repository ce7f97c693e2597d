//! A registry in motion: random changes of everything that facets, orders, digests and histories depend on.

use chrono::{Duration, SubsecRound, Utc};
use entities::{
    organization::{Kind, Status},
    page::{Lifecycle, Mark, Widget},
};
use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use registry::{
    change_log::{Actor, ChangeSet},
    demo::{self, Scale},
    model::{Figures, Organization, Page, Territory},
};

use super::TestApp;

pub type Random = ChaCha8Rng;

/// A source of chance that is the same in every run.
pub fn random(seed: u64) -> Random {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A small generated registry.
pub async fn generated(pages: u32) -> TestApp {
    let app = TestApp::start().await;
    demo::generate(&app.registry, Scale::Pages(pages), 1, |_| {}).await.expect("the registry is generated");
    app
}

/// Makes random changes, a few in each write.
pub async fn churn(app: &TestApp, random: &mut Random, writes: usize) {
    for _ in 0..writes {
        let seed = random.random();
        let write = app.registry.write(&Actor::Operator, move |change_set| {
            let mut random = self::random(seed);
            for _ in 0..random.random_range(1..4) {
                change(change_set, &mut random)?;
            }
            Ok(())
        });
        write.await.expect("the changes are written");
    }
}

fn change(change_set: &mut ChangeSet, random: &mut Random) -> anyhow::Result<()> {
    match random.random_range(0..10) {
        0..5 => change_page(change_set, random),
        5..8 => change_organization(change_set, random),
        8 => change_figures(change_set, random),
        _ => change_territory(change_set, random),
    }
}

fn pick<T: Copy>(random: &mut Random, of: &[T]) -> T {
    *of.choose(random).expect("something to pick")
}

fn any_id(random: &mut Random, most: usize) -> i64 {
    random.random_range(1..=most as i64)
}

fn change_page(change_set: &mut ChangeSet, random: &mut Random) -> anyhow::Result<()> {
    let snapshot = change_set.snapshot();
    let (organizations, pages) = snapshot.sizes();
    let mut page = Page::clone(snapshot.page(any_id(random, pages)).expect("a page"));
    match random.random_range(0..9) {
        0 => page.title = format!("Страница № {}", random.random_range(1..500)).into(),
        1 => page.owner_id = any_id(random, organizations),
        2 => {
            page.co_owners = vec![any_id(random, organizations)];
            page.co_owners.retain(|id| *id != page.owner_id);
        }
        3 => {
            page.lifecycle = match page.lifecycle {
                Lifecycle::Proposed => Lifecycle::UnderReview,
                Lifecycle::UnderReview => pick(random, &[Lifecycle::Registered, Lifecycle::Rejected]),
                Lifecycle::Registered => pick(random, &[Lifecycle::Archived, Lifecycle::Compromised]),
                Lifecycle::Compromised => Lifecycle::Registered,
                Lifecycle::Archived => Lifecycle::UnderReview,
                Lifecycle::Rejected => Lifecycle::Rejected,
            }
        }
        4 => page.mark.state = pick(random, &[Mark::None, Mark::Requested, Mark::Confirmed, Mark::Lost]),
        5 => page.widget = pick(random, &[Widget::Missing, Widget::Correct, Widget::Invalid]),
        6 => page.office_title = random.random::<bool>().then(|| "Mayor".into()),
        _ if page.handle.is_some() => {
            let handle = format!("renamed_{}", random.random_range(0..1_000_000_000));
            page.rename(Some(handle.into()), change_set.now());
        }
        _ => page.registered_at = Some(change_set.now() - Duration::days(random.random_range(0..900))),
    }
    change_set.upsert(page, Some("by chance"))?;
    Ok(())
}

fn change_organization(change_set: &mut ChangeSet, random: &mut Random) -> anyhow::Result<()> {
    let snapshot = change_set.snapshot();
    let (organizations, _) = snapshot.sizes();
    let known = snapshot.organization(any_id(random, organizations)).expect("an organization");
    let mut organization = Organization::clone(known);
    match random.random_range(0..7) {
        0 => organization.name = format!("Учреждение № {}", random.random_range(1..500)).into(),
        1 => {
            // Only upwards, to an authority entered before: no circles.
            let above = snapshot.organization(any_id(random, organization.id as usize)).expect("another");
            let may = above.kind == Kind::Authority && above.id < organization.id;
            organization.parent_id = may.then_some(above.id);
        }
        2 => {
            let founder = snapshot.organization(any_id(random, organization.id as usize)).expect("another");
            organization.founder_id = (founder.id < organization.id).then_some(founder.id);
        }
        3 => organization.territory_id = Some(any_id(random, snapshot.territories().len())),
        4 => {
            organization.status = match organization.status {
                Status::Active => pick(random, &[Status::Suspended, Status::Liquidated, Status::Withdrawn]),
                Status::Suspended => Status::Active,
                ended => ended,
            }
        }
        5 => organization.kind = pick(random, &[Kind::Authority, Kind::Institution]),
        _ => organization.sector = Some(pick(random, &["EDUCATION", "HEALTH", "SPORT"]).into()),
    }
    change_set.upsert(organization, Some("by chance"))?;
    Ok(())
}

fn change_figures(change_set: &mut ChangeSet, random: &mut Random) -> anyhow::Result<()> {
    let (_, pages) = change_set.snapshot().sizes();
    let figures = Figures {
        subscribers: Some(random.random_range(0..1_000)),
        last_post_at: Some(Utc::now().trunc_subsecs(0) - Duration::days(random.random_range(0..200))),
        recorded_at: change_set.now(),
        seq: 0,
    };
    change_set.put_figures(any_id(random, pages), figures);
    Ok(())
}

/// Moves a region to another district of its country.
fn change_territory(change_set: &mut ChangeSet, random: &mut Random) -> anyhow::Result<()> {
    use entities::territory::Kind;
    let snapshot = change_set.snapshot();
    let of_kind =
        |kind| snapshot.territories().values().filter(move |it| it.kind == kind).collect::<Vec<_>>();
    let (regions, districts) = (of_kind(Kind::Region), of_kind(Kind::District));
    let mut region = Territory::clone(regions.choose(random).expect("a region"));
    region.parent_id = Some(districts.choose(random).expect("a district").id);
    change_set.upsert(region, Some("by chance"))?;
    Ok(())
}
