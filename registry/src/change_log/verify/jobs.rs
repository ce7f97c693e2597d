//! Compares imports with their seals in the log.

use anyhow::Result;
use entities::import_job::{self, Model as Job, State};
use sea_orm::{DatabaseTransaction, EntityTrait, QueryOrder};

use super::replay::Replay;
use crate::change_log::job_seal::{self, claims_changes};

/// First import in which the tables differ from the log.
pub(super) async fn compare(db: &DatabaseTransaction, replay: &Replay) -> Result<Option<String>> {
    let jobs = import_job::Entity::find().order_by_asc(import_job::Column::Id).all(db).await?;
    let find = |id: i64| jobs.binary_search_by_key(&id, |job| job.id).ok().and_then(|index| jobs.get(index));
    for (id, (source, first)) in &replay.imports {
        match find(*id) {
            Some(job) if *job.source == **source && job.first_seq.is_some_and(|begun| begun <= *first) => {}
            Some(_) => return Ok(Some(format!("import {id}, which does not match its changes in the log"))),
            None => return Ok(Some(format!("import {id}, which is missing"))),
        }
    }
    if let Some(id) = replay.jobs.keys().find(|id| find(**id).is_none()) {
        return Ok(Some(format!("import {id}, which is missing")));
    }
    for job in &jobs {
        let is_sealed = match replay.jobs.get(&job.id) {
            Some(digest) => job_seal::digest(db, job).await? == **digest,
            None => may_be_unsealed(job, replay),
        };
        if !is_sealed {
            return Ok(Some(format!("import {}", job.id)));
        }
    }
    Ok(None)
}

/// Whether an import may be missing from the log: it has changed nothing, and is running, was interrupted, or
/// started and finished after the last change in the log.
fn may_be_unsealed(job: &Job, replay: &Replay) -> bool {
    let now = chrono::Utc::now() + chrono::TimeDelta::minutes(5);
    let next = replay.seq() + 1;
    !replay.imports.contains_key(&job.id)
        && !claims_changes(job)
        && match job.finished_at {
            None => job.state == State::Running && job.first_seq.is_some_and(|first| first <= next),
            Some(at) => (replay.last_at()..=now).contains(&at) && job.first_seq == Some(next),
        }
}
