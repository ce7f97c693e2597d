//! Progress of long commands: a bar on a terminal, plain lines otherwise.

use std::{
    cell::Cell,
    io::IsTerminal,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(2);

/// Display of the progress of a command.
pub(super) struct ProgressDisplay {
    bar: Option<ProgressBar>,
    last_line: Cell<Instant>,
}

impl ProgressDisplay {
    pub(super) fn new(what: &str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{prefix} {bar:30} {percent:>3} %  {msg}  {eta} left");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(1).with_style(style).with_prefix(what.to_owned())
        });
        Self { bar, last_line: Cell::new(Instant::now()) }
    }

    /// Shows the progress: `done` out of `of`.
    pub(super) fn show(&self, done: u64, of: u64, message: String) {
        if let Some(bar) = &self.bar {
            bar.set_length(of);
            bar.set_position(done);
            bar.set_message(message);
        } else if self.last_line.get().elapsed() >= LINE_EVERY {
            self.last_line.set(Instant::now());
            eprintln!("{:>3} %  {message}", done * 100 / of.max(1));
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
