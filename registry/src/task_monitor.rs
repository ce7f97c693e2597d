//! Status of background tasks: each task reports here, and `/readyz` shows it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::database;

/// Status of the background tasks of a process, by name. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct TaskMonitor(Arc<Mutex<BTreeMap<&'static str, Report>>>);

/// Handle with which a task reports its runs.
#[derive(Clone, Debug)]
pub struct TaskStatus {
    monitor: TaskMonitor,
    name: &'static str,
}

/// Last run, last error and progress of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// End of the last run without an error; `None` before the first.
    pub last_run: Option<DateTime<Utc>>,
    /// Timestamp and kind of the last error; `None` if there was none.
    pub last_error: Option<(DateTime<Utc>, Failure)>,
    /// Progress of the current run; `None` between runs and for tasks that report none.
    pub progress: Option<TaskProgress>,
}

/// Progress of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskProgress {
    /// Number of units that are done.
    pub done: usize,
    /// Number of units in all.
    pub of: usize,
    /// Name of the units, in the plural.
    pub units: &'static str,
}

/// Kind of an error; the details are in the log only, as they are not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The database was not available.
    Unavailable,
    /// Anything else.
    Internal,
}

impl TaskMonitor {
    /// Registers a task that has not run yet.
    pub fn register(&self, name: &'static str) -> TaskStatus {
        self.lock().entry(name).or_default();
        TaskStatus { monitor: self.clone(), name }
    }

    /// Last run and last error of each task, by name.
    pub fn reports(&self) -> BTreeMap<&'static str, Report> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Report>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TaskStatus {
    /// Reports the progress of the current run.
    pub fn report_progress(&self, progress: TaskProgress) {
        self.monitor.lock().entry(self.name).or_default().progress = Some(progress);
    }

    /// Reports the end of a run or its error.
    pub fn report<T>(&self, done: Result<T, &anyhow::Error>) {
        let now = Utc::now();
        let mut reports = self.monitor.lock();
        let report = reports.entry(self.name).or_default();
        report.progress = None;
        match done {
            Ok(_) => report.last_run = Some(now),
            Err(error) if database::is_unavailable(error) => {
                report.last_error = Some((now, Failure::Unavailable));
            }
            Err(_) => report.last_error = Some((now, Failure::Internal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_listed_from_its_start_and_keeps_its_last_error() {
        let monitor = TaskMonitor::default();
        let task = monitor.register("follower");
        assert_eq!(monitor.reports()["follower"], Report::default());
        let progress = TaskProgress { done: 1, of: 2, units: "records" };
        task.report_progress(progress);
        assert_eq!(monitor.reports()["follower"].progress, Some(progress));
        task.report::<()>(Err(&anyhow::anyhow!("a fault")));
        task.report(Ok(()));
        let report = monitor.reports()["follower"];
        assert!(report.last_run.is_some() && report.progress.is_none());
        assert_eq!(report.last_error.map(|(_, failure)| failure), Some(Failure::Internal));
        task.report::<()>(Err(&anyhow::Error::new(database::DatabaseTimeout)));
        let report = monitor.reports()["follower"];
        assert_eq!(report.last_error.map(|(_, failure)| failure), Some(Failure::Unavailable));
    }
}
