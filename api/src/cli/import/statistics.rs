//! `registry import --kind statistics`.

use std::{fs::File, path::Path};

use anyhow::{Context, Result};

use crate::{
    change::Registry,
    cli::progress::ProgressDisplay,
    facts::Sender,
    import::{check_is_file, check_place, check_source},
    statistics::load::{self, Form, Input, Summary},
};

pub(super) async fn run(
    registry: &Registry,
    file: &Path,
    source: String,
    is_trial: bool,
    error_file: &Path,
) -> Result<()> {
    check_source(&source)?;
    check_place(error_file)?;
    check_is_file(file)?;
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let form = if matches!(ending, "ndjson" | "jsonl") { Form::Ndjson } else { Form::Csv };
    let actor = format!("import:{source}");
    let sender = Sender { source, platform_id: None, call: None, is_trial };
    let display = ProgressDisplay::new("Importing");
    let input = Input { form, most_told: usize::MAX, patience: None };
    let loaded = load::load(registry, &actor, sender, input, opened, |rows| {
        display.show(rows, rows, format!("{rows} rows"))
    });
    let summary = loaded.await;
    display.end();
    let summary = summary?;
    if is_trial {
        say!("Dry run: nothing was written.");
    }
    print(&summary);
    if summary.rejected > 0 {
        let mut rows = csv::Writer::from_path(error_file)?;
        for rejection in &summary.rejections {
            rows.serialize(rejection)?;
        }
        rows.flush()?;
        say!("Lines of refused rows, with what is wrong and what to do: {}", error_file.display());
    }
    Ok(())
}

fn print(summary: &Summary) {
    let Summary { rows, stored, replaced, duplicates, rejected, jumps, .. } = summary;
    say!("{rows} rows read, {rejected} refused.");
    say!(
        "figures: {stored} stored, {replaced} replaced, {duplicates} known already, {jumps} jumps to look at."
    );
    for (code, number) in &summary.rejected_by_code {
        say!("  {code}: {number}");
    }
}
