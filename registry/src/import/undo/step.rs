//! One step of undoing: subjects that are blocked by others are retried after those are restored.

use anyhow::Result;
use entities::import_job::Model as Job;

use super::{IsOfStep, Undone, Written, actor, is_hidden, name, obstacles::obstacle, read, withdrawn};
use crate::{
    change_log::{ChangeSet, Registry},
    model::{Page, Record},
    snapshot::Snapshot,
    view::Subject,
};

/// Most subjects undone in one transaction.
const BATCH: usize = 500;

pub(super) struct Step<'a> {
    pub(super) registry: &'a Registry,
    pub(super) job: &'a Job,
}

impl Step<'_> {
    /// Undoes subjects, in rounds until no further progress is possible.
    pub(super) async fn run(
        &self,
        subjects: &[Subject],
        is_of_step: IsOfStep,
        mut undone: Undone,
    ) -> Result<Undone> {
        let mut waiting = Vec::new();
        for batch in subjects.chunks(BATCH) {
            let written = read(self.registry, self.job, batch).await?;
            let written = written.into_iter().filter(is_of_step).collect();
            waiting.extend(self.round(written, &mut undone).await?);
        }
        loop {
            let number = waiting.len();
            waiting = self.round(waiting, &mut undone).await?;
            let is_stuck = waiting.len() == number;
            if waiting.is_empty() || (is_stuck && !self.park(&mut waiting).await?) {
                break;
            }
        }
        for written in waiting {
            undone.left.push((name(&written.after), written.obstacle.unwrap_or_default()));
        }
        Ok(undone)
    }

    /// Undoes the subjects without obstacles; returns the rest.
    async fn round(&self, mut written: Vec<Written>, undone: &mut Undone) -> Result<Vec<Written>> {
        let mut waiting = Vec::new();
        while !written.is_empty() {
            let batch: Vec<Written> = written.drain(..written.len().min(BATCH)).collect();
            let (job_id, mut so_far) = (self.job.id, undone.clone());
            let (left, done) = self
                .registry
                .write(&actor(self.job), move |change_set| {
                    let mut left = Vec::new();
                    for written in batch {
                        left.extend(put_back(change_set, written, job_id, &mut so_far)?);
                    }
                    Ok((left, so_far))
                })
                .await?;
            *undone = done;
            waiting.extend(left);
        }
        Ok(waiting)
    }

    /// Breaks a cycle of pages that wait for each other's handles by removing the handle of one.
    async fn park(&self, waiting: &mut [Written]) -> Result<bool> {
        let snapshot = self.registry.snapshot();
        let today = ChangeSet::preview(Snapshot::clone(&snapshot));
        let in_circle = (0..waiting.len()).find(|index| is_in_circle(&today, waiting, *index));
        let Some(written) = in_circle.and_then(|index| waiting.get_mut(index)) else { return Ok(false) };
        let Some(page) = snapshot.page(written.subject.1) else { return Ok(false) };
        let parked = Page { handle: None, ..Page::clone(page) };
        let reason = format!("undo of import {}", self.job.id);
        self.registry
            .write(&actor(self.job), move |change_set| change_set.upsert(parked, Some(&reason)))
            .await?;
        written.is_parked = true;
        Ok(true)
    }
}

/// Whether a page is in a cycle of pages that wait for each other's handles.
fn is_in_circle(today: &ChangeSet, waiting: &[Written], start: usize) -> bool {
    let next = |index: &usize| {
        let Some(Record::Page(before)) = &waiting[*index].before else { return None };
        let holder = today.snapshot().page_by_handle(before.platform_id, before.handle.as_deref()?)?.id;
        let is_holder = |it: &Written| it.subject.1 == holder && it.before.is_some() && !it.is_changed(today);
        waiting.iter().position(is_holder).filter(|holder| holder != index)
    };
    if waiting[start].is_parked || waiting[start].is_changed(today) {
        return false;
    }
    std::iter::successors(next(&start), next).take(waiting.len()).any(|index| index == start)
}

impl Written {
    /// Whether it was changed by others since the import, or is not a page.
    fn is_changed(&self, today: &ChangeSet) -> bool {
        self.is_interleaved || !matches!(self.after, Record::Page(_)) || today.would_change(&self.after)
    }
}

/// Undoes a subject, or returns it with its obstacle.
fn put_back(
    change_set: &mut ChangeSet,
    mut written: Written,
    job_id: i64,
    undone: &mut Undone,
) -> Result<Option<Written>> {
    let Some(state) = written.before.clone().or_else(|| withdrawn(&written.after)) else {
        written.obstacle = Some("it is new, and records of its kind are never removed".into());
        return Ok(Some(written));
    };
    let is_withdrawn = written.is_new() || (is_hidden(&state) && !is_hidden(&written.after));
    // A subject that an interrupted undo has restored needs no write; one that others changed back is left as it is.
    if change_set.would_change(&state) || written.is_overwritten {
        written.obstacle = obstacle(change_set, &written);
        if written.obstacle.is_some() {
            return Ok(Some(written));
        }
        undone.written += u64::from(change_set.upsert(state, Some(&format!("undo of import {job_id}")))?);
    }
    if is_withdrawn {
        undone.withdrawn += 1
    } else {
        undone.restored += 1
    }
    Ok(None)
}
