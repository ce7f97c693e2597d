//! Expiry of confirmed marks after their last day, in the registry's time zone.

use anyhow::Result;
use chrono::{DateTime, Utc};
use entities::page::Mark;

use super::workflow::Act;
use crate::{
    change_log::{Actor, ChangeSet, Registry},
    model::{MarkState, Page},
    snapshot::Snapshot,
};

/// Maximum number of marks that expire in one write, during which other writes wait.
const AT_ONCE: usize = 1_000;

/// Lets all confirmed marks expire whose last day is over at `now`; returns their number. Any number of servers may do
/// so at the same time: which marks are still confirmed is decided under the write lock.
///
/// # Errors
/// When the database does not answer.
pub async fn expire(registry: &Registry, now: DateTime<Utc>) -> Result<usize> {
    let mut expired = 0;
    // Without any there is no need to wait for the write lock.
    while due(&registry.snapshot(), now).next().is_some() {
        let number = registry.write(&Actor::Registry, move |change_set| expire_due(change_set, now)).await?;
        if number == 0 {
            // Another server was faster.
            break;
        }
        expired += number;
    }
    Ok(expired)
}

/// Lets marks expire in a write that has begun.
pub(super) fn expire_due(change_set: &mut ChangeSet, now: DateTime<Utc>) -> Result<usize> {
    let time_zone = change_set.snapshot().time_zone();
    let pages: Vec<Page> = due(change_set.snapshot(), now).take(AT_ONCE).cloned().collect();
    let number = pages.len();
    for page in pages {
        let Some((next, last)) = Act::Expire.next(page.mark.state).zip(page.mark.expires_on) else {
            continue;
        };
        let at = time_zone.end_of(last).min(change_set.now());
        let mark = MarkState { expires_on: Some(last), ..page.mark.in_state(next, at) };
        let reason = format!("the last day of the mark was {last}");
        change_set.upsert(Page { mark, ..page }, Some(&reason))?;
    }
    Ok(number)
}

/// Pages with a confirmed mark whose last day is over.
fn due(snapshot: &Snapshot, now: DateTime<Utc>) -> impl Iterator<Item = &Page> {
    let today = snapshot.time_zone().day_of(now);
    let is_over = move |page: &&Page| {
        page.mark.state == Mark::Confirmed && page.mark.expires_on.is_some_and(|last| last < today)
    };
    snapshot.pages().values().map(|page| &**page).filter(is_over)
}
