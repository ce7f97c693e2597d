//! `registry check`.

use anyhow::{Result, bail};

use super::progress::ProgressDisplay;
use crate::{
    change::{self, Verdict},
    config::DatabaseConfig,
};

pub(super) async fn run(config: &DatabaseConfig) -> Result<()> {
    let registry = super::open(config).await?;
    let changes = registry.snapshot().seq();
    let display = std::sync::Arc::new(std::sync::Mutex::new(ProgressDisplay::new("Checking")));
    let shown = display.clone();
    let verdict = change::verify(&registry, move |seq| {
        if let Ok(display) = shown.lock() {
            display.show(seq.unsigned_abs(), changes.unsigned_abs(), format!("{seq} changes"));
        }
    })
    .await?;
    if let Ok(display) = display.lock() {
        display.end();
    }
    match verdict {
        Verdict::Sound { changes } => {
            println!("Sound: {changes} changes, the chain holds, the tables agree with it.");
            Ok(())
        }
        Verdict::Broken { seq } => {
            bail!(
                "the chain breaks at change {seq}: it was altered, or one before it removed. Restore it from a backup."
            )
        }
        Verdict::Differs { subject } => {
            bail!(
                "the tables differ from the log in {subject}: it was altered behind the log. Restore it from a backup."
            )
        }
    }
}
