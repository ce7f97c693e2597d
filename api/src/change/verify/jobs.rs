//! Imports that have ended, held against what the log sealed of them.

use anyhow::Result;
use entities::{change, import_job};
use sea_orm::{DatabaseTransaction, EntityTrait, QueryOrder, QuerySelect};

use super::replay::Replay;
use crate::change::{import_actor, job_seal};

/// First import in which the tables differ from the log.
pub(super) async fn compare(db: &DatabaseTransaction, replay: &Replay) -> Result<Option<String>> {
    let jobs = import_job::Entity::find().order_by_asc(import_job::Column::Id).all(db).await?;
    for job in jobs.iter().filter(|job| !replay.jobs.contains_key(&job.id)) {
        if !wrote_its_range(db, job).await? {
            return Ok(Some(format!("import {}, which did not make the changes that it claims", job.id)));
        }
    }
    // Those before the first that the log tells of are older than that.
    let (Some(first), Some(last)) = (replay.jobs.keys().next(), replay.jobs.keys().next_back().copied())
    else {
        return Ok(None);
    };
    let now = chrono::Utc::now() + chrono::TimeDelta::minutes(5);
    for job in jobs.iter().filter(|job| job.id >= *first) {
        let is_sealed = match replay.jobs.get(&job.id) {
            Some(digest) => job_seal::digest(db, job).await? == **digest,
            // It goes on, was interrupted, or ended without a change after all that the log has.
            None => match job.finished_at {
                None => job.state == import_job::State::Running,
                Some(at) => job.id > last && at >= replay.last_at() && at <= now,
            },
        };
        if !is_sealed {
            return Ok(Some(format!("import {}", job.id)));
        }
    }
    let missing = replay.jobs.keys().find(|id| !jobs.iter().any(|job| job.id == **id));
    Ok(missing.map(|id| format!("import {id}, which is not there")))
}

/// Whether the first and the last change that an import claims were made by it.
async fn wrote_its_range(db: &DatabaseTransaction, job: &import_job::Model) -> Result<bool> {
    let ends: Vec<i64> = [job.first_seq, job.last_seq].into_iter().flatten().collect();
    let actor = import_actor(&job.source, job.id);
    for seq in ends {
        let made_by = change::Entity::find_by_id(seq).select_only().column(change::Column::Actor);
        let made_by: Option<String> = made_by.into_tuple().one(db).await?;
        if made_by.as_deref() != Some(&*actor) {
            return Ok(false);
        }
    }
    Ok(true)
}
