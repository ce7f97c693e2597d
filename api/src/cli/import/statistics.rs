//! `registry import --kind statistics`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result};
use registry::{
    change_log::{Actor, Registry},
    import::{check_is_file, check_report_paths, check_source, remove_old},
    model::Reach,
    statistics::{
        Sender,
        bulk_load::{self, Form, Input, RowRejection, Summary},
    },
    worker_pool::Meter,
};

use crate::cli::{counted, progress::ProgressDisplay};

pub(super) async fn run(
    registry: &Registry,
    file: &Path,
    source: String,
    is_dry_run: bool,
    error_file: &Path,
) -> Result<()> {
    check_source(&source)?;
    check_report_paths(error_file)?;
    check_is_file(file)?;
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let form = if matches!(ending, "ndjson" | "jsonl") { Form::Ndjson } else { Form::Csv };
    let actor = Actor::StatisticsImport(source.as_str().into());
    let sender = Sender { source, reach: Reach::default(), call: None, is_dry_run };
    let display = ProgressDisplay::new("Importing");
    let input =
        Input { form, max_rejections: usize::MAX, transaction_timeout: None, meter: Meter::default() };
    let loaded = bulk_load::load(registry, actor, sender, input, opened, |rows| {
        display.show(rows, rows, format!("{rows} rows"))
    });
    let summary = loaded.await;
    display.end();
    let summary = summary?;
    if is_dry_run {
        say!("Dry run: nothing was written.");
    }
    print(&summary);
    if summary.rejected > 0 {
        write_rejected(error_file, form, &summary.rejections)?;
        say!("Refused rows by line, with what is wrong: {}", error_file.display());
    } else {
        remove_old(error_file)?;
    }
    Ok(())
}

/// Writes the rejected rows in the format of the imported file.
fn write_rejected(path: &Path, form: Form, rejections: &[RowRejection]) -> Result<()> {
    if form == Form::Csv {
        let mut rows = csv::Writer::from_path(path)?;
        rejections.iter().try_for_each(|rejection| rows.serialize(rejection))?;
        return Ok(rows.flush()?);
    }
    let mut file = BufWriter::new(File::create(path)?);
    for rejection in rejections {
        serde_json::to_writer(&mut file, rejection)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn print(summary: &Summary) {
    let Summary { rows, stored, replaced, duplicates, rejected, jumps, .. } = summary;
    say!("{} read, {rejected} refused.", counted(rows, "row", "rows"));
    let jumps = counted(jumps, "jump", "jumps");
    say!("statistics: {stored} stored, {replaced} replaced, {duplicates} unchanged, {jumps} to review.");
    for (code, number) in &summary.rejected_by_code {
        say!("  {code}: {number}");
    }
}
