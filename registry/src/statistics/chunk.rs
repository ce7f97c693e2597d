//! Pipelined writes of submitted rows: while the database writes one part, the next one is validated.

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use sea_orm::DatabaseTransaction;
use tokio::task::JoinHandle;

use super::{neighbours::Others, rows::Rows};

/// A validated part, ready to be written.
pub(super) struct Judged {
    pub(super) rows: Rows,
    /// Existing rows whose jump mark changes.
    pub(super) others: Others,
}

impl Judged {
    pub(super) async fn write(self, db: Arc<DatabaseTransaction>) -> Result<()> {
        let begun = Instant::now();
        self.others.write(&db).await?;
        self.rows.write(&db).await?;
        tracing::debug!(ms = begun.elapsed().as_millis(), "part of the statistics written");
        Ok(())
    }
}

/// The part that is being written.
#[derive(Default)]
pub(super) struct Write(Option<JoinHandle<Result<()>>>);

impl Write {
    /// Starts to write the next part; the previous one must be finished.
    pub(super) async fn begin(&mut self, write: impl Future<Output = Result<()>> + Send + 'static) {
        self.0 = Some(tokio::spawn(write));
        // Lets the new task start: otherwise it may wait for this thread, which is about to validate for long.
        tokio::task::yield_now().await;
    }

    /// Waits until the started part is written.
    pub(super) async fn finished(&mut self) -> Result<()> {
        match self.0.take() {
            Some(write) => write.await?,
            None => Ok(()),
        }
    }
}
