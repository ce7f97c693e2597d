//! An import from beginning to end: reading, trial, batches, removals, error file.

use std::{collections::HashSet, fs::TryLockError, path::Path, sync::Arc};

use anyhow::{Result, bail};
use entities::{
    import_job::{self, State},
    import_row_error::{self, Model as RowError},
    import_row_warning::{self, Model as RowWarning},
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    batch::Told,
    counts::{self, Counts, Done},
    error_file::{self, write_errors, write_warnings},
    file::{Row, Table},
    jobs,
    options::{Held, Kind, Options, Progress, Report, Stage},
    plan::Plan,
    removal::{self, Removal},
    returning::returning,
    row::Import,
    trial::Trial,
};
use crate::{
    change::{JobProgress, Registry},
    snapshot::{MAX_DEPTH, Snapshot, Subject},
};

/// Rows written in one transaction.
pub(super) const BATCH: usize = 1_000;

/// Imports a file.
///
/// # Errors
/// When the file or the mapping cannot be used, or the database does not answer. Rows that cannot be
/// taken in are no error: they are counted, and go to the error file.
pub async fn run(registry: &Registry, options: &Options, progress: impl Fn(Progress)) -> Result<Report> {
    check_source(&options.source)?;
    error_file::check_place(&options.error_file)?;
    let mut table = Table::read(&options.file, &options.mapping.file, &progress)?;
    let before = registry.snapshot();
    options.mapping.check(options.kind, &table.columns, &before)?;
    let mut import = options.import(&table, &before);
    import.returning = Arc::new(returning(registry, &before, &options.source).await?);
    import.survey(&before, options.kind, &mut table.rows);
    let (mut removal, mut other_sources) = (Removal::default(), None);
    if options.dry_run || options.full {
        let mut trial = Trial::run(options, &table, &before, &import, &progress)?;
        if options.full {
            let pages = trial.import.former_owners(trial.draft.snapshot());
            Import::put_owners(&mut trial.draft, pages)?;
            removal = Removal::find(&before, options.kind, &trial.import);
            other_sources = removal.other_sources(&before, options.kind);
        }
        let trips = removal.trips(options.mapping.max_removals) && !options.confirm_removals;
        let held = trips.then_some(Held { removed: removal.ids.len(), of: removal.held });
        if options.dry_run || held.is_some() {
            removal::remove(&mut trial.draft, options.kind, &removal.ids)?;
            let plan = Plan::new(&before, trial.draft.snapshot(), &removal.ids, options.kind);
            let counts = trial.counts(&before, &removal.subjects(options.kind));
            trial.write_files(options, &table)?;
            let job_id = match options.dry_run {
                true => None,
                false => Some(options.note_held(registry, counts, &mut import).await?),
            };
            return Ok(Report { job_id, counts, held, plan: Some(plan), other_sources });
        }
    }
    let report = apply(registry, options, import, &before, removal, &table, progress).await?;
    Ok(Report { other_sources, ..report })
}

/// Keeps other processes of this machine from writing the same file at the same time, until it is dropped.
fn lock(file: &Path) -> Result<std::fs::File> {
    let opened = std::fs::File::open(file)?;
    match opened.try_lock() {
        Err(TryLockError::WouldBlock) => {
            bail!("{} is being imported by another process; wait for its end.", file.display())
        }
        // Where files have no locks, nothing is kept from anybody.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(opened),
    }
}

/// Longest name of a source, in characters.
const MAX_SOURCE: usize = 100;

/// Refuses names that the log could not tell from others.
///
/// # Errors
/// What is wrong with the name.
pub fn check_source(source: &str) -> Result<()> {
    let is_plain = source.trim() == source && !source.chars().any(|c| c.is_control() || c == '#');
    if source.is_empty() || !is_plain || source.chars().count() > MAX_SOURCE {
        bail!(
            "`{}` is no name of a source: write 1 to {MAX_SOURCE} characters without `#` and blanks around them.",
            source.chars().take(MAX_SOURCE).collect::<String>()
        );
    }
    Ok(())
}

async fn apply(
    registry: &Registry,
    options: &Options,
    mut import: Import,
    before: &Snapshot,
    removal: Removal,
    table: &Table,
    progress: impl Fn(Progress),
) -> Result<Report> {
    let _only = lock(&options.file)?;
    let (mut job, is_resumed) = options.start(registry, false, &mut import).await?;
    let of = (table.rows.len() * options.passes()) as u64;
    let mut done = 0;
    for pass in 0..options.passes() {
        for rows in table.rows.chunks(BATCH) {
            done += rows.len() as u64;
            (job, import) = options.write(registry, job, import, pass, rows.to_vec()).await?;
            progress(Progress { stage: Stage::Writing, done, of });
        }
    }
    // What waits for others to move comes after them: as often as there are steps in a tree.
    for _ in 0..MAX_DEPTH {
        let waiting = import.take_deferred(&table.rows);
        for rows in waiting.chunks(BATCH) {
            (job, import) = options.write(registry, job, import, 1, rows.to_vec()).await?;
        }
    }
    if options.full {
        for pages in import.former_owners(&registry.snapshot()).chunks(BATCH) {
            let pages = pages.to_vec();
            registry.write(&options.actor(job.id), move |draft| Import::put_owners(draft, pages)).await?;
        }
    }
    for ids in removal.ids.chunks(BATCH) {
        let (ids, kind) = (ids.to_vec(), options.kind);
        registry.write(&options.actor(job.id), move |draft| removal::remove(draft, kind, &ids)).await?;
    }
    job.state = State::Done;
    job.last_seq = Some(registry.snapshot().seq());
    let written: HashSet<Subject> = jobs::written(registry, &job).await?.into_iter().collect();
    let removed = removal.subjects(options.kind);
    let done = Done { seen: &import.seen, written: &written, removed: &removed };
    match is_resumed {
        true => {
            let known = jobs::known_before(registry, &job, &written).await?;
            import.counts.settle(&done, |subject| known.contains(subject));
        }
        false => import.counts.settle(&done, |subject| counts::has(before, subject)),
    }
    options.finish(registry, job.clone(), import.counts).await?;
    write_errors(&options.error_file, &table.columns, table.form, &errors_of(registry, job.id).await?)?;
    write_warnings(&options.error_file, &table.columns, table.form, &warnings_of(registry, job.id).await?)?;
    Ok(Report { job_id: Some(job.id), counts: import.counts, held: None, plan: None, other_sources: None })
}

impl Options {
    fn actor(&self, job_id: i64) -> String {
        jobs::actor(&self.source, job_id)
    }

    pub(super) fn passes(&self) -> usize {
        match self.kind {
            Kind::Exemptions => 1,
            Kind::Pages => {
                1 + usize::from(self.mapping.organization.as_ref().is_some_and(|it| it.has_places()))
            }
            Kind::Organizations | Kind::Territories => 2,
        }
    }

    pub(super) fn import(&self, table: &Table, snapshot: &Snapshot) -> Import {
        Import::new(Arc::new(self.mapping.clone()), Arc::new(table.columns.clone()), &self.source, snapshot)
    }

    /// Writes one batch of rows with the job's progress.
    async fn write(
        &self,
        registry: &Registry,
        mut job: import_job::Model,
        mut import: Import,
        pass: usize,
        rows: Vec<Row>,
    ) -> Result<(import_job::Model, Import)> {
        let kind = self.kind;
        registry
            .write(&self.actor(job.id), move |draft| {
                let Told { errors, warnings } = import.take_batch(draft, kind, pass, job.id, &rows)?;
                job.rows_done += rows.len() as i64;
                job.counts = serde_json::to_string(&import.counts)?;
                draft.note_progress(JobProgress { job: job.clone(), errors, warnings });
                Ok((job, import))
            })
            .await
    }

    /// Begins a job, or goes on with one that was interrupted, and says which. What that one told stays told: a row that it
    /// took in has nothing to tell any more. A held one writes nothing, and is always a new one.
    async fn start(
        &self,
        registry: &Registry,
        is_held: bool,
        import: &mut Import,
    ) -> Result<(import_job::Model, bool)> {
        let (fingerprint, source) = (fingerprint(&self.file, self)?, self.source.clone());
        let file_name =
            self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (id, first_seq) = match is_held {
            true => (next_job_id(registry).await?, None),
            false => job_id(registry, &fingerprint).await?,
        };
        let kind = self.kind.word().to_owned();
        let warnings = if first_seq.is_some() { warnings_of(registry, id).await? } else { Vec::new() };
        import.go_on_from(&warnings);
        let counts = serde_json::to_string(&import.counts)?;
        registry
            .write(&self.actor(id), move |draft| {
                let job = import_job::Model {
                    id,
                    fingerprint,
                    source,
                    file_name,
                    kind,
                    state: State::Running,
                    rows_done: 0,
                    counts,
                    started_at: draft.now(),
                    finished_at: None,
                    first_seq: first_seq.or(Some(draft.snapshot().seq() + 1)),
                    last_seq: None,
                };
                draft.note_progress(JobProgress { warnings, ..JobProgress::of(job.clone()) });
                Ok((job, first_seq.is_some()))
            })
            .await
    }

    async fn finish(&self, registry: &Registry, mut job: import_job::Model, counts: Counts) -> Result<()> {
        registry
            .write(&self.actor(job.id), move |draft| {
                job.finished_at = Some(draft.now());
                job.counts = serde_json::to_string(&counts)?;
                draft.note_progress(JobProgress::of(job));
                Ok(())
            })
            .await
    }

    async fn note_held(&self, registry: &Registry, counts: Counts, import: &mut Import) -> Result<i64> {
        let (mut job, _) = self.start(registry, true, import).await?;
        let id = job.id;
        job.state = State::Held;
        self.finish(registry, job, counts).await?;
        Ok(id)
    }
}

/// Id of the job that was interrupted at the same work, with its first change, or the next free id.
async fn job_id(registry: &Registry, fingerprint: &str) -> Result<(i64, Option<i64>)> {
    let db = &registry.database().read;
    let same =
        import_job::Column::Fingerprint.eq(fingerprint).and(import_job::Column::State.eq(State::Running));
    if let Some(interrupted) = import_job::Entity::find().filter(same).one(db).await? {
        return Ok((interrupted.id, interrupted.first_seq));
    }
    Ok((next_job_id(registry).await?, None))
}

async fn next_job_id(registry: &Registry) -> Result<i64> {
    let last = import_job::Entity::find().select_only().column(import_job::Column::Id);
    let last = last.order_by_desc(import_job::Column::Id).into_tuple();
    let last: Option<i64> = last.one(&registry.database().read).await?;
    Ok(last.unwrap_or(0) + 1)
}

async fn errors_of(registry: &Registry, job_id: i64) -> Result<Vec<RowError>> {
    use import_row_error::{Column, Entity};
    let errors = Entity::find().filter(Column::JobId.eq(job_id)).order_by_asc(Column::RowNumber);
    Ok(errors.all(&registry.database().read).await?)
}

async fn warnings_of(registry: &Registry, job_id: i64) -> Result<Vec<RowWarning>> {
    use import_row_warning::{Column, Entity};
    let warnings = Entity::find().filter(Column::JobId.eq(job_id));
    let warnings = warnings.order_by_asc(Column::RowNumber).order_by_asc(Column::Position);
    Ok(warnings.all(&registry.database().read).await?)
}

/// Tells one run from another: the file's content and what it is imported as.
fn fingerprint(file: &Path, options: &Options) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let Options { kind, source, full, mapping, .. } = options;
    hasher.update(format!("{kind:?} {source} {full} {mapping:?}").as_bytes());
    if let Err(error) = std::fs::File::open(file).and_then(|file| hasher.update_reader(file).map(|_| ())) {
        bail!("cannot read {}: {error}", file.display());
    }
    Ok(hasher.finalize().to_hex().to_string())
}
