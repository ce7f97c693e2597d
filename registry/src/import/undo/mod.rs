//! Undoing an import with new changes, only for records that nothing else has changed since.

mod obstacles;
mod step;

use std::{cmp::Reverse, collections::HashMap};

use anyhow::{Result, bail};
use chrono::{DateTime, Days};
use entities::{
    change,
    change::SubjectType,
    import_job::{Model as Job, State},
    organization::Status,
    page::{Lifecycle, Mark},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use self::step::Step;
use super::{job::BATCH, jobs};
use crate::{
    change_log::{Actor, ChangeSet, JobProgress, Registry},
    model::{Exemption, MarkState, Organization, Page, Record},
    provenance::withdraw,
    snapshot::MAX_DEPTH,
    snapshot::Snapshot,
    view::Subject,
};

/// Result of undoing an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Subjects restored to their state before the import.
    pub restored: u64,
    /// Subjects that the import created or brought back, and that are now hidden.
    pub withdrawn: u64,
    /// Number of proposals of the import that were withdrawn, and of those that it had closed.
    pub proposals: u64,
    /// Whether pages of the import have statistics, which no undo removes.
    pub has_statistics: bool,
    /// How many of both were written by this run; earlier runs may have written the rest.
    pub written: u64,
    /// Subjects that were not undone, each with the reason.
    pub left: Vec<(String, String)>,
}

/// A subject that the import wrote, with its states before and after.
struct Written {
    subject: Subject,
    before: Option<Record>,
    after: Record,
    /// Whether it was changed by others between two changes of the import.
    is_interleaved: bool,
    /// Whether others changed it after the import, and no undo of the import wrote it.
    is_overwritten: bool,
    /// Whether its handle was removed so that another page can get it back.
    is_parked: bool,
    /// Why it cannot be restored yet.
    obstacle: Option<String>,
}

/// Selects the subjects of a step of undoing.
type IsOfStep = fn(&Written) -> bool;

/// Order of undoing: new pages release their handles first; organizations are reactivated before their pages, so that
/// marks are valid; new organizations are hidden once nothing refers to them.
const STEPS: [(SubjectType, IsOfStep); 9] = [
    (SubjectType::Page, Written::is_new),
    (SubjectType::Territory, |written| !written.is_new()),
    (SubjectType::Organization, Written::was_active),
    (SubjectType::Page, |written| !written.is_new()),
    (SubjectType::Organization, |written| !written.is_new() && !written.was_active()),
    (SubjectType::Exemption, |written| !written.is_new()),
    (SubjectType::Exemption, Written::is_new),
    (SubjectType::Organization, Written::is_new),
    (SubjectType::Territory, Written::is_new),
];

impl Written {
    fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether it is an organization that was active before the import.
    fn was_active(&self) -> bool {
        matches!(&self.before, Some(Record::Organization(before)) if before.status == Status::Active)
    }
}

/// Undoes an import.
///
/// # Errors
/// When there is no such import, it was held, everything that can be undone already is, or the database fails.
pub async fn undo(registry: &Registry, job_id: i64) -> Result<Undone> {
    let job = jobs::find(registry.database(), job_id).await?;
    match job.state {
        State::Held => bail!("import {job_id} was held and changed nothing."),
        State::Running | State::Done | State::Undone => {}
    }
    let mut subjects = jobs::written(registry, &job).await?;
    // Children before parents.
    let snapshot = registry.snapshot();
    subjects.sort_by_key(|(subject, id)| (*subject, Reverse(depth(&snapshot, *subject, *id)), -id));
    let has_statistics = |(kind, id): &Subject| *kind == SubjectType::Page && snapshot.figures(*id).is_some();
    let mut undone = Undone { has_statistics: subjects.iter().any(has_statistics), ..Undone::default() };
    for (kind, is_of_step) in STEPS {
        let of_kind: Vec<Subject> =
            subjects.iter().copied().filter(|(subject, _)| *subject == kind).collect();
        let step = Step { registry, job: &job };
        undone = step.run(&of_kind, is_of_step, undone).await?;
    }
    undone.proposals = withdraw_proposals(registry, &job).await?;
    if job.state == State::Undone && undone.written == 0 && undone.proposals == 0 {
        match undone.left.len() {
            0 => bail!("import {job_id} is already undone."),
            1 => bail!("import {job_id} is already undone, except for 1 record."),
            left => bail!("import {job_id} is already undone, except for {left} records."),
        }
    }
    let job = Job { state: State::Undone, ..job };
    registry
        .write(&actor(&job), move |change_set| {
            change_set.note_progress(JobProgress::of(Job { finished_at: Some(change_set.now()), ..job }));
            Ok(())
        })
        .await?;
    Ok(undone)
}

/// Withdraws the open proposals of an import, and opens those again that it closed; returns their number.
async fn withdraw_proposals(registry: &Registry, job: &Job) -> Result<u64> {
    let (job_id, mut withdrawn) = (job.id, 0);
    loop {
        let rules = move |change_set: &mut ChangeSet| withdraw(change_set, job_id, BATCH);
        match registry.write(&actor(job), rules).await? {
            0 => return Ok(withdrawn),
            number => withdrawn += number as u64,
        }
    }
}

/// Actor of an undo.
fn actor(job: &Job) -> Actor {
    Actor::undo(&job.source, job.id)
}

/// Whether a change was made by undoing an import.
pub(super) fn is_undo(actor: &str) -> bool {
    matches!(Actor::parse(actor), Actor::Undo { .. })
}

/// Reads the states of the subjects before and after the import.
async fn read(registry: &Registry, job: &Job, batch: &[Subject]) -> Result<Vec<Written>> {
    use change::Column::{After, Seq};
    let ranges = read_ranges(registry, job, batch).await?;
    let seqs: Vec<i64> =
        ranges.iter().flat_map(|(_, range)| range.before.into_iter().chain(range.last)).collect();
    let rows = change::Entity::find().select_only().columns([Seq, After]).filter(Seq.is_in(seqs));
    let rows: Vec<(i64, String)> = rows.into_tuple().all(&registry.database().read).await?;
    let states: HashMap<i64, String> = rows.into_iter().collect();
    let state = |subject: SubjectType, seq: i64| Record::parse(subject, &states[&seq]);
    let mut written = Vec::with_capacity(ranges.len());
    for (subject, range) in ranges {
        let Some(last) = range.last else { continue };
        let before = range.before.map(|seq| state(subject.0, seq)).transpose()?;
        let (after, is_interleaved) = (state(subject.0, last)?, range.is_interleaved);
        if before.as_ref().is_some_and(|before| is_restated(before, &after)) {
            continue;
        }
        written.push(Written {
            subject,
            before,
            after,
            is_interleaved,
            is_overwritten: range.has_others && !range.is_undone,
            is_parked: false,
            obstacle: None,
        });
    }
    let order: HashMap<Subject, usize> = batch.iter().enumerate().map(|(index, it)| (*it, index)).collect();
    written.sort_by_key(|it| order[&it.subject]);
    Ok(written)
}

/// Whether a record was only written again, because of a change of an organization that it names.
fn is_restated(before: &Record, after: &Record) -> bool {
    let at_once = |record: &Record| record.clone().updated_on(DateTime::UNIX_EPOCH);
    at_once(before) == at_once(after)
}

/// Reads the changes of the subjects around the import.
async fn read_ranges(
    registry: &Registry,
    job: &Job,
    batch: &[Subject],
) -> Result<Vec<(Subject, ChangeRange)>> {
    use change::Column::{Actor as By, Seq, SubjectId, SubjectType as Type};
    let db = &registry.database().read;
    let actor = Actor::import(&job.source, job.id).to_string();
    let undo_actor = self::actor(job).to_string();
    let mut ranges: Vec<(Subject, ChangeRange)> = Vec::new();
    for kind in [SubjectType::Page, SubjectType::Organization, SubjectType::Territory, SubjectType::Exemption]
    {
        let ids = batch.iter().filter(|(subject, _)| *subject == kind).map(|(_, id)| *id);
        let changes = change::Entity::find().select_only().columns([SubjectId, Seq, By]);
        let changes = changes.filter(Type.eq(kind)).filter(SubjectId.is_in(ids)).order_by_asc(Seq);
        let changes: Vec<(i64, i64, String)> = changes.into_tuple().all(db).await?;
        let mut of_subject: HashMap<i64, ChangeRange> = HashMap::new();
        for (id, seq, by) in changes {
            of_subject.entry(id).or_default().note(seq, by == actor, by == undo_actor);
        }
        ranges.extend(of_subject.into_iter().map(|(id, range)| ((kind, id), range)));
    }
    Ok(ranges)
}

/// Sequence numbers of a subject's changes around an import.
#[derive(Default)]
struct ChangeRange {
    /// Last change before the import's first.
    before: Option<i64>,
    /// The import's last change.
    last: Option<i64>,
    has_others: bool,
    is_interleaved: bool,
    is_undone: bool,
}

impl ChangeRange {
    fn note(&mut self, seq: i64, is_own: bool, is_undo: bool) {
        self.is_undone |= is_undo;
        match (is_own, self.last) {
            (true, _) => {
                self.is_interleaved |= self.has_others;
                self.last = Some(seq);
            }
            (false, None) => self.before = Some(seq),
            (false, Some(_)) => self.has_others = true,
        }
    }
}

/// Depth of an organization in the tree: 1 for a root; 0 for other subjects.
fn depth(snapshot: &Snapshot, subject: SubjectType, id: i64) -> usize {
    if subject != SubjectType::Organization {
        return 0;
    }
    std::iter::successors(Some(id), |id| snapshot.organization(*id)?.parent_id).take(MAX_DEPTH + 1).count()
}

/// Hidden state of a new subject; records are never deleted.
fn withdrawn(after: &Record) -> Option<Record> {
    match after {
        Record::Page(page) => {
            let mark = if page.mark.state == Mark::Confirmed { MarkState::NONE } else { page.mark.clone() };
            Some(Page { lifecycle: Lifecycle::Rejected, mark, ..Page::clone(page) }.into())
        }
        Record::Organization(organization) => {
            Some(Organization { status: Status::Withdrawn, ..Organization::clone(organization) }.into())
        }
        Record::Exemption(exemption) => {
            // Its last day is before its first, so it applies on no day.
            let valid_to = exemption.valid_from.checked_sub_days(Days::new(1));
            Some(Exemption { valid_to, ..Exemption::clone(exemption) }.into())
        }
        _ => None,
    }
}

/// Whether nobody is shown a record in this state: a reviewer or an undo took it back.
fn is_hidden(record: &Record) -> bool {
    match record {
        Record::Page(page) => page.lifecycle == Lifecycle::Rejected,
        Record::Organization(organization) => organization.status == Status::Withdrawn,
        Record::Exemption(exemption) => exemption.valid_to.is_some_and(|last| last < exemption.valid_from),
        _ => false,
    }
}

fn name(record: &Record) -> String {
    match record {
        Record::Page(page) => format!("page “{}”", page.title),
        Record::Organization(organization) => {
            format!("organization {} “{}”", organization.code, organization.name)
        }
        Record::Territory(territory) => format!("territory {}", territory.code),
        other => format!("{:?} {}", other.subject_type(), other.id()),
    }
}
