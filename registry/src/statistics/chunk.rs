//! Figures part by part: while the database writes one, the next one is judged.

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use sea_orm::DatabaseTransaction;
use tokio::task::JoinHandle;

use super::{neighbours::Others, rows::Rows};

/// A part of the figures that is ready to be written.
pub(super) struct Judged {
    pub(super) rows: Rows,
    /// Rows written earlier whose mark changes.
    pub(super) others: Others,
}

impl Judged {
    pub(super) async fn write(self, db: Arc<DatabaseTransaction>) -> Result<()> {
        let begun = Instant::now();
        self.others.write(&db).await?;
        self.rows.write(&db).await?;
        tracing::debug!(ms = begun.elapsed().as_millis(), "a part of the figures is written");
        Ok(())
    }
}

/// The part that is being written.
#[derive(Default)]
pub(super) struct Write(Option<JoinHandle<Result<()>>>);

impl Write {
    /// Begins to write the next part; the one before it is finished.
    pub(super) async fn begin(&mut self, write: impl Future<Output = Result<()>> + Send + 'static) {
        self.0 = Some(tokio::spawn(write));
        // A new task waits for its thread to be free, and this thread is about to judge for long.
        tokio::task::yield_now().await;
    }

    /// Waits until what was begun is written.
    pub(super) async fn finished(&mut self) -> Result<()> {
        match self.0.take() {
            Some(write) => write.await?,
            None => Ok(()),
        }
    }
}
