//! Running an import: reading, dry run, batches, removals, error file.

use std::{collections::HashSet, fs::TryLockError, path::Path, sync::Arc};

use anyhow::{Result, bail};
use entities::{
    import_job::{self, State},
    import_row_error::{self, Model as RowError},
    import_row_warning::{self, Model as RowWarning},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::{
    batch::RowReports,
    counts::{self, Counts, Done},
    dry_run::DryRun,
    error_file::{self, write_errors, write_warnings},
    file::{Row, Table},
    jobs,
    options::{Held, Kind, Options, Progress, Report, Stage, check_source},
    plan::Plan,
    removal::{self, Removal},
    returning::returning,
    row::Import,
};
use crate::{
    change_log::{Actor, ChangeSet, JobProgress, Registry},
    provenance::propose,
    snapshot::MAX_DEPTH,
    snapshot::Snapshot,
    view::Subject,
};

/// Rows written in one transaction.
pub(super) const BATCH: usize = 1_000;

/// Imports a file.
///
/// # Errors
/// When the file or the mapping is invalid, or the database fails. Refused rows are not an error: they are counted
/// and written to the error file.
pub async fn run(registry: &Registry, options: &Options, progress: impl Fn(Progress)) -> Result<Report> {
    check_source(&options.source)?;
    error_file::check_report_paths(&options.error_file)?;
    let mut table = Table::read(&options.file, &options.mapping.file, &progress)?;
    let before = registry.snapshot();
    options.mapping.check(options.kind, &table.columns, &before)?;
    let mut import = options.import(&table, &before);
    import.returning = Arc::new(returning(registry, &before, &options.source).await?);
    import.survey(&before, options.kind, &mut table.rows, &HashSet::new());
    if import.survey.has_rivals() {
        // Which name is used depends on which rows are refused.
        let with_errors = DryRun::run(options, &table, &before, &import, &progress)?.rows_with_errors();
        import.survey(&before, options.kind, &mut table.rows, &with_errors);
    }
    let (mut removal, mut other_sources) = (Removal::default(), None);
    if options.dry_run || options.full {
        let mut dry_run = DryRun::run(options, &table, &before, &import, &progress)?;
        if options.full {
            let pages = dry_run.import.former_owners(dry_run.change_set.snapshot());
            Import::put_owners(&mut dry_run.change_set, pages)?;
            removal = Removal::find(&before, options.kind, &dry_run.import);
            other_sources = removal.other_sources(&before, options.kind);
        }
        let trips = removal.trips(options.mapping.max_removals) && !options.confirm_removals;
        let held = trips.then_some(Held { removed: removal.ids.len(), of: removal.held });
        if options.dry_run || held.is_some() {
            dry_run.end(options.kind, &removal)?;
            let plan = Plan::new(&before, dry_run.change_set.snapshot(), &removal.ids, options.kind);
            let counts = dry_run.counts(&before, &removal.subjects(options.kind));
            dry_run.write_files(options, &table)?;
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

/// Locks the file against other imports on this machine until the returned handle is dropped.
fn lock(file: &Path) -> Result<std::fs::File> {
    let opened = std::fs::File::open(file)?;
    match opened.try_lock() {
        Err(TryLockError::WouldBlock) => {
            bail!("{} is being imported by another process; wait until it ends.", file.display())
        }
        // On a file system without locks, the import goes on without one.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(opened),
    }
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
    (job, import) = options.write_rows(registry, job, import, table, progress).await?;
    // Deferred rows wait until others have moved: at most one round per level of the tree.
    for _ in 0..MAX_DEPTH {
        let waiting = import.take_deferred(&table.rows);
        for rows in waiting.chunks(BATCH) {
            (job, import) = options.write(registry, job, import, 1, rows.to_vec()).await?;
        }
    }
    options.write_ending(registry, &job, &mut import, &removal).await?;
    job.state = State::Done;
    job.last_seq = Some(registry.snapshot().seq());
    let known = (!is_resumed).then_some(before);
    settle(registry, &job, &mut import, known, &removal.subjects(options.kind)).await?;
    options.finish(registry, job.clone(), import.counts).await?;
    write_errors(&options.error_file, &table.columns, table.form, &errors_of(registry, job.id).await?)?;
    write_warnings(&options.error_file, &table.columns, table.form, &warnings_of(registry, job.id).await?)?;
    Ok(Report { job_id: Some(job.id), counts: import.counts, held: None, plan: None, other_sources: None })
}

/// Counts what the job did; `before` is `None` for a resumed job, whose start is in the log alone.
async fn settle(
    registry: &Registry,
    job: &import_job::Model,
    import: &mut Import,
    before: Option<&Snapshot>,
    removed: &HashSet<Subject>,
) -> Result<()> {
    let written: HashSet<Subject> = jobs::written(registry, job).await?.into_iter().collect();
    // What changed while the import ran was not removed.
    let removed: HashSet<Subject> = removed.intersection(&written).copied().collect();
    let done =
        Done { seen: &import.seen, written: &written, removed: &removed, pinned: &import.pinned.subjects() };
    import.counts.proposals = counts::proposals_of(&registry.snapshot(), job.id);
    match before {
        Some(before) => import.counts.settle(&done, |subject| counts::has(before, subject)),
        None => {
            let known = jobs::known_before(registry, job, &written).await?;
            import.counts.settle(&done, |subject| known.contains(subject));
        }
    }
    Ok(())
}

impl Options {
    pub(super) fn actor(&self, job_id: i64) -> Actor {
        Actor::import(&self.source, job_id)
    }

    pub(super) fn passes(&self) -> usize {
        match self.kind {
            Kind::Exemptions => 1,
            Kind::Pages => {
                1 + usize::from(self.mapping.organization.as_ref().is_some_and(|it| it.has_relations()))
            }
            Kind::Organizations | Kind::Territories => 2,
        }
    }

    pub(super) fn import(&self, table: &Table, snapshot: &Snapshot) -> Import {
        Import::new(Arc::new(self.mapping.clone()), Arc::new(table.columns.clone()), &self.source, snapshot)
    }

    /// Writes all rows, pass by pass, and after the first pass the rows that had to wait for it.
    async fn write_rows(
        &self,
        registry: &Registry,
        mut job: import_job::Model,
        mut import: Import,
        table: &Table,
        progress: impl Fn(Progress),
    ) -> Result<(import_job::Model, Import)> {
        let of = (table.rows.len() * self.passes()) as u64;
        let mut done = 0;
        for pass in 0..self.passes() {
            for rows in table.rows.chunks(BATCH) {
                done += rows.len() as u64;
                (job, import) = self.write(registry, job, import, pass, rows.to_vec()).await?;
                progress(Progress { stage: Stage::Writing, done, of });
            }
            let undecided = if pass == 0 { import.take_undecided(&table.rows) } else { Vec::new() };
            for rows in undecided.chunks(BATCH) {
                (job, import) = self.write(registry, job, import, pass, rows.to_vec()).await?;
            }
        }
        Ok((job, import))
    }

    /// Writes what follows from the file as a whole: owners and records that it no longer has, and proposals of what it
    /// gives for pinned fields.
    async fn write_ending(
        &self,
        registry: &Registry,
        job: &import_job::Model,
        import: &mut Import,
        removal: &Removal,
    ) -> Result<()> {
        if self.full {
            for pages in import.former_owners(&registry.snapshot()).chunks(BATCH) {
                let pages = pages.to_vec();
                let rules = move |change_set: &mut ChangeSet| Import::put_owners(change_set, pages);
                self.write_after_rows(registry, job, rules).await?;
            }
        }
        for ids in removal.ids.chunks(BATCH) {
            let (ids, kind) = (ids.to_vec(), self.kind);
            let rules = move |change_set: &mut ChangeSet| removal::remove(change_set, kind, &ids);
            self.write_after_rows(registry, job, rules).await?;
        }
        import.note_kept(&registry.snapshot(), self.kind, &removal.pinned);
        for given in import.pinned.all().chunks(BATCH) {
            let (given, source, job_id) = (given.to_vec(), self.source.clone(), job.id);
            let rules = move |change_set: &mut ChangeSet| {
                given.iter().try_for_each(|given| propose(change_set, &source, job_id, given))
            };
            self.write_after_rows(registry, job, rules).await?;
        }
        Ok(())
    }

    /// Writes what follows from the file as a whole, and the job's progress, in one transaction.
    async fn write_after_rows(
        &self,
        registry: &Registry,
        job: &import_job::Model,
        rules: impl FnOnce(&mut ChangeSet) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let progress = JobProgress::of(job.clone());
        registry
            .write(&self.actor(job.id), move |change_set| {
                change_set.note_progress(progress);
                rules(change_set)
            })
            .await
    }

    /// Writes one batch of rows and the job's progress in one transaction.
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
            .write(&self.actor(job.id), move |change_set| {
                let RowReports { errors, warnings } =
                    import.take_batch(change_set, kind, pass, job.id, &rows)?;
                job.rows_done += rows.len() as i64;
                job.counts = serde_json::to_string(&import.counts)?;
                change_set.note_progress(JobProgress { errors, warnings, ..JobProgress::of(job.clone()) });
                Ok((job, import))
            })
            .await
    }

    async fn finish(&self, registry: &Registry, mut job: import_job::Model, counts: Counts) -> Result<()> {
        registry
            .write(&self.actor(job.id), move |change_set| {
                job.finished_at = Some(change_set.now());
                job.counts = serde_json::to_string(&counts)?;
                change_set.note_progress(JobProgress::of(job));
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

async fn errors_of(registry: &Registry, job_id: i64) -> Result<Vec<RowError>> {
    use import_row_error::{Column, Entity};
    let errors = Entity::find().filter(Column::JobId.eq(job_id)).order_by_asc(Column::RowNumber);
    Ok(errors.all(&registry.database().read).await?)
}

pub(super) async fn warnings_of(registry: &Registry, job_id: i64) -> Result<Vec<RowWarning>> {
    use import_row_warning::{Column, Entity};
    let warnings = Entity::find().filter(Column::JobId.eq(job_id));
    let warnings = warnings.order_by_asc(Column::RowNumber).order_by_asc(Column::Position);
    Ok(warnings.all(&registry.database().read).await?)
}
