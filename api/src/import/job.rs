//! An import from beginning to end: preview, batches, removals, error file.

use std::path::Path;

use anyhow::{Result, bail};
use entities::{
    import_job::{self, State},
    import_row_error::Model as RowError,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    error_file,
    file::{Form, Row, Source},
    options::{Held, Kind, Options, Progress, Report},
    removal::{self, Removal},
    row::{Counts, Import},
};
use crate::change::{Draft, JobProgress, Registry};

/// Rows written in one transaction.
const BATCH: usize = 1_000;

/// Imports a file.
///
/// # Errors
/// When the file or the mapping cannot be used, or the database does not answer. Rows that cannot be
/// taken in are no error: they are counted, and go to the error file.
pub async fn run(registry: &Registry, options: &Options, progress: impl Fn(Progress)) -> Result<Report> {
    let opened = Source::open(&options.file, &options.mapping.file)?;
    let (form, columns) = (opened.form, opened.columns.clone());
    drop(opened);
    options.mapping.check(options.kind, &columns, &registry.snapshot())?;
    let mut removal = Removal::default();
    if options.dry_run || options.full {
        let mut trial =
            Trial { draft: Draft::preview(registry.snapshot().as_ref().clone()), errors: Vec::new() };
        let mut import = options.import(registry)?;
        for pass in 0..options.passes() {
            options.read(pass, &progress, |rows| trial.take(&mut import, options.kind, pass, &rows))?;
        }
        if options.full {
            removal = Removal::find(&registry.snapshot(), options.kind, &import);
        }
        let held = removal.trips().then_some(Held { removed: removal.ids.len(), of: removal.held });
        if options.dry_run {
            error_file::write(&options.error_file, &columns, form, &trial.errors)?;
            import.tally(options.kind).removed += removal.ids.len() as u64;
            return Ok(Report { counts: import.counts, held: held.filter(|_| !options.confirm_removals) });
        }
        if let Some(held) = held.filter(|_| !options.confirm_removals) {
            options.note_held(registry, import.counts).await?;
            return Ok(Report { counts: Counts::default(), held: Some(held) });
        }
    }
    apply(registry, options, removal, (form, &columns), progress).await
}

async fn apply(
    registry: &Registry,
    options: &Options,
    removal: Removal,
    (form, columns): (Form, &super::file::Columns),
    progress: impl Fn(Progress),
) -> Result<Report> {
    let mut job = options.start(registry).await?;
    let mut import = options.import(registry)?;
    for pass in 0..options.passes() {
        let mut source = Source::open(&options.file, &options.mapping.file)?;
        loop {
            let rows = source.read(BATCH)?;
            if rows.is_empty() {
                break;
            }
            (job, import) = options.write(registry, job, import, pass, rows).await?;
            progress(options.progress(&source, pass, &import));
        }
    }
    for ids in removal.ids.chunks(BATCH) {
        let (ids, kind) = (ids.to_vec(), options.kind);
        import = registry
            .write(&options.actor(), move |draft| {
                removal::remove(draft, kind, &ids, import.tally(kind))?;
                Ok(import)
            })
            .await?;
    }
    job.state = State::Done;
    options.finish(registry, job.clone(), import.counts).await?;
    error_file::write(&options.error_file, columns, form, &errors_of(registry, job.id).await?)?;
    Ok(Report { counts: import.counts, held: None })
}

impl Options {
    fn actor(&self) -> String {
        format!("import:{}", self.source)
    }

    fn passes(&self) -> usize {
        match self.kind {
            Kind::Pages | Kind::Exemptions => 1,
            Kind::Organizations | Kind::Territories => 2,
        }
    }

    fn import(&self, registry: &Registry) -> Result<Import> {
        let columns = Source::open(&self.file, &self.mapping.file)?.columns;
        Ok(Import::new(self.mapping.clone(), columns, &self.source, &registry.snapshot()))
    }

    fn progress(&self, source: &Source, pass: usize, import: &Import) -> Progress {
        Progress {
            bytes_done: source.position(),
            bytes_in_all: source.size,
            rows: import.counts.rows,
            pass: pass + 1,
        }
    }

    /// Reads the whole file once.
    fn read(
        &self,
        pass: usize,
        progress: impl Fn(Progress),
        mut take: impl FnMut(Vec<Row>) -> Result<u64>,
    ) -> Result<()> {
        let mut source = Source::open(&self.file, &self.mapping.file)?;
        loop {
            let rows = source.read(BATCH)?;
            if rows.is_empty() {
                return Ok(());
            }
            let rows = take(rows)?;
            progress(Progress {
                bytes_done: source.position(),
                bytes_in_all: source.size,
                rows,
                pass: pass + 1,
            });
        }
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
            .write(&self.actor(), move |draft| {
                let errors = import.take_batch(draft, kind, pass, job.id, &rows)?;
                job.rows_done += rows.len() as i64;
                job.counts = serde_json::to_string(&import.counts)?;
                draft.note_progress(JobProgress { job: job.clone(), errors });
                Ok((job, import))
            })
            .await
    }

    async fn start(&self, registry: &Registry) -> Result<import_job::Model> {
        let (fingerprint, source) = (fingerprint(&self.file, self)?, self.source.clone());
        let file_name =
            self.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let id = job_id(registry, &fingerprint).await?;
        registry
            .write(&self.actor(), move |draft| {
                let job = import_job::Model {
                    id,
                    fingerprint,
                    source,
                    file_name,
                    state: State::Running,
                    rows_done: 0,
                    counts: serde_json::to_string(&Counts::default())?,
                    started_at: draft.now(),
                    finished_at: None,
                };
                draft.note_progress(JobProgress { job: job.clone(), errors: Vec::new() });
                Ok(job)
            })
            .await
    }

    async fn finish(&self, registry: &Registry, mut job: import_job::Model, counts: Counts) -> Result<()> {
        registry
            .write(&self.actor(), move |draft| {
                job.finished_at = Some(draft.now());
                job.counts = serde_json::to_string(&counts)?;
                draft.note_progress(JobProgress { job, errors: Vec::new() });
                Ok(())
            })
            .await
    }

    async fn note_held(&self, registry: &Registry, counts: Counts) -> Result<()> {
        let mut job = self.start(registry).await?;
        job.state = State::Held;
        self.finish(registry, job, counts).await
    }
}

/// A run that writes nothing.
struct Trial {
    draft: Draft,
    errors: Vec<RowError>,
}

impl Trial {
    fn take(&mut self, import: &mut Import, kind: Kind, pass: usize, rows: &[Row]) -> Result<u64> {
        self.errors.extend(import.take_batch(&mut self.draft, kind, pass, 0, rows)?);
        Ok(import.counts.rows)
    }
}

/// Id of the job that was interrupted at the same work, or the next free one.
async fn job_id(registry: &Registry, fingerprint: &str) -> Result<i64> {
    let db = &registry.database().read;
    let ids = || import_job::Entity::find().select_only().column(import_job::Column::Id);
    let same =
        import_job::Column::Fingerprint.eq(fingerprint).and(import_job::Column::State.eq(State::Running));
    if let Some(interrupted) = ids().filter(same).into_tuple().one(db).await? {
        return Ok(interrupted);
    }
    let last: Option<i64> = ids().order_by_desc(import_job::Column::Id).into_tuple().one(db).await?;
    Ok(last.unwrap_or(0) + 1)
}

async fn errors_of(registry: &Registry, job_id: i64) -> Result<Vec<RowError>> {
    use entities::import_row_error::{Column, Entity};
    let errors = Entity::find().filter(Column::JobId.eq(job_id)).order_by_asc(Column::RowNumber);
    Ok(errors.all(&registry.database().read).await?)
}

/// Tells one run from another: the file's content and what it is imported as.
fn fingerprint(file: &Path, options: &Options) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{:?} {} {}", options.kind, options.source, options.full).as_bytes());
    if let Err(error) = std::fs::File::open(file).and_then(|file| hasher.update_reader(file).map(|_| ())) {
        bail!("cannot read {}: {error}", file.display());
    }
    Ok(hasher.finalize().to_hex().to_string())
}
