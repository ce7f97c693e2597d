//! Records the generated statistics, day by day up to today.

use anyhow::{Result, bail};
use chrono::{Days, NaiveDate};

use super::{
    recipe::Recipe,
    series::{Counted, Course},
    service::Progress,
};
use crate::{
    change_log::{Actor, Registry},
    model::Reach,
    statistics::{self, PackedFigures, Sender},
};

/// Records statistics of a generated registry for so many days up to today, or resumes an interrupted run.
///
/// # Errors
/// When the database does not answer.
pub async fn generate_statistics(
    registry: &Registry,
    seed: u64,
    days: u32,
    progress: impl Fn(Progress),
) -> Result<()> {
    if days == 0 {
        return Ok(());
    }
    let recipe = &Recipe::built_in()?;
    let today = registry.snapshot().time_zone().today();
    let first = today - Days::new(u64::from(days) - 1);
    let recorded = statistics::recorded_days(registry.database(), (first, today)).await?;
    let courses = courses(registry, recipe, seed, today);
    let of = (today - first).num_days() as usize + 1;
    for day in first.iter_days().take_while(|day| *day <= today) {
        // A day is recorded in one transaction.
        if recorded.contains(&day) {
            continue;
        }
        let figures: PackedFigures = courses
            .iter()
            .filter(|(since, _)| *since <= day)
            .filter_map(|(_, course)| course.day(day, today))
            .collect();
        let sender =
            Sender { source: recipe.source.clone(), reach: Reach::default(), call: None, is_dry_run: false };
        let recorded = statistics::record(registry, Actor::Generator, sender, figures).await?;
        if let Some(statistics::Outcome::Rejected(reason)) =
            recorded.result.iter().find(|outcome| matches!(outcome, statistics::Outcome::Rejected(_)))
        {
            bail!("statistics of the demo were rejected: {}", reason.text());
        }
        progress(Progress { done: (day - first).num_days() as usize + 1, of, what: "days of statistics" });
    }
    Ok(())
}

/// Series parameters of all public pages, each with the first day that may have statistics.
fn courses(registry: &Registry, recipe: &Recipe, seed: u64, today: NaiveDate) -> Vec<(NaiveDate, Course)> {
    let snapshot = registry.snapshot();
    let zone = snapshot.time_zone();
    let counted = |platform_id: i64| {
        let code = snapshot.platform(platform_id).map(|platform| platform.code.clone());
        let share = recipe.platforms.iter().find(|share| Some(&*share.code) == code.as_deref());
        let has = |what: &str| share.is_some_and(|share| share.figures.iter().any(|figure| figure == what));
        Counted { messages: has("messages"), reach: has("reach"), videos: has("videos") }
    };
    let pages = snapshot.pages().values().filter(|page| page.is_public());
    let courses = pages.filter_map(|page| {
        let latest = snapshot.figures(page.id)?;
        let last_post = latest.last_post_at.map(|at| (today - zone.day_of(at)).num_days());
        let counted = counted(page.platform_id);
        let course = Course::new(seed, page.id, counted, latest.subscribers.unwrap_or(0), last_post);
        Some((zone.day_of(page.created_at) + Days::new(1), course))
    });
    courses.collect()
}
