//! Starting an import job: a new one, or the interrupted job with the same fingerprint.

use std::path::Path;

use anyhow::{Result, bail};
use entities::{
    import_job::{self, State},
    import_row_warning::Model as RowWarning,
};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{job::warnings_of, options::Options, row::Import};
use crate::change_log::{self, JobProgress, JobTaken, Registry};

/// Attempts to allocate a job id while other processes allocate ids.
const MAX_TRIES: usize = 10;

impl Options {
    /// Starts a job or resumes an interrupted one; returns whether it was resumed. Warnings of a resumed job are kept,
    /// since rows that it has imported no longer produce them. A held job writes no records and is always new.
    pub(super) async fn start(
        &self,
        registry: &Registry,
        is_held: bool,
        import: &mut Import,
    ) -> Result<(import_job::Model, bool)> {
        let fingerprint = fingerprint(&self.file, self)?;
        for _ in 0..MAX_TRIES {
            let (id, first_seq) = match is_held {
                true => (next_job_id(registry).await?, None),
                false => job_id(registry, &fingerprint).await?,
            };
            let warnings = if first_seq.is_some() { warnings_of(registry, id).await? } else { Vec::new() };
            import.go_on_from(&warnings);
            let counts = serde_json::to_string(&import.counts)?;
            match self.begin(registry, (id, first_seq), &fingerprint, warnings, counts).await {
                Err(error) if error.is::<JobTaken>() => {}
                begun => return Ok((begun?, first_seq.is_some())),
            }
        }
        bail!("other imports are starting at the same time; try again.")
    }

    async fn begin(
        &self,
        registry: &Registry,
        (id, first_seq): (i64, Option<i64>),
        fingerprint: &str,
        warnings: Vec<RowWarning>,
        counts: String,
    ) -> Result<import_job::Model> {
        let file_name = self.file.file_name().map(|name| name.to_string_lossy().into_owned());
        let (kind, source) = (self.kind.word().to_owned(), self.source.clone());
        let (fingerprint, is_new) = (fingerprint.to_owned(), first_seq.is_none());
        registry
            .write(&self.actor(id), move |change_set| {
                let job = import_job::Model {
                    id,
                    fingerprint,
                    source,
                    file_name: file_name.unwrap_or_default(),
                    kind,
                    state: State::Running,
                    rows_done: 0,
                    counts,
                    started_at: change_set.now(),
                    finished_at: None,
                    first_seq: first_seq.or(Some(change_set.snapshot().seq() + 1)),
                    last_seq: None,
                };
                change_set.note_progress(JobProgress { is_new, warnings, ..JobProgress::of(job.clone()) });
                Ok(job)
            })
            .await
    }
}

/// Id of the interrupted job with the same fingerprint and its first sequence number, or else the next free id.
async fn job_id(registry: &Registry, fingerprint: &str) -> Result<(i64, Option<i64>)> {
    let db = &registry.database().read;
    let same =
        import_job::Column::Fingerprint.eq(fingerprint).and(import_job::Column::State.eq(State::Running));
    if let Some(interrupted) = import_job::Entity::find().filter(same).one(db).await? {
        return Ok((interrupted.id, interrupted.first_seq));
    }
    Ok((next_job_id(registry).await?, None))
}

/// An id that no import has had, also counting imports that are only in the change log.
async fn next_job_id(registry: &Registry) -> Result<i64> {
    let last = import_job::Entity::find().select_only().column(import_job::Column::Id);
    let last = last.order_by_desc(import_job::Column::Id).into_tuple();
    let last: Option<i64> = last.one(&registry.database().read).await?;
    let sealed = change_log::last_import(&registry.database().read).await?;
    Ok(Ord::max(last.unwrap_or(0), sealed) + 1)
}

/// Hash of the file's content and of the options that affect the result; identifies a resumable job.
fn fingerprint(file: &Path, options: &Options) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    let Options { kind, source, full, mapping, .. } = options;
    hasher.update(format!("{kind:?} {source} {full} {mapping:?}").as_bytes());
    if let Err(error) = std::fs::File::open(file).and_then(|file| hasher.update_reader(file).map(|_| ())) {
        bail!("cannot read {}: {error}", file.display());
    }
    Ok(hasher.finalize().to_hex().to_string())
}
