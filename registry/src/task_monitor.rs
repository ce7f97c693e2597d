//! What background tasks did last: each task reports here, and operators read it in `/readyz`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::database;

/// The background tasks of a process by name. Clones share the tasks.
#[derive(Clone, Debug, Default)]
pub struct TaskMonitor(Arc<Mutex<BTreeMap<&'static str, Report>>>);

/// Handle of one task, to report what it does.
#[derive(Clone, Debug)]
pub struct TaskStatus {
    monitor: TaskMonitor,
    name: &'static str,
}

/// What a task did last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// When it last came to its end without an error; none before that.
    pub last_run: Option<DateTime<Utc>>,
    /// When it last failed, and how; none where it never did.
    pub last_error: Option<(DateTime<Utc>, Failure)>,
}

/// How a task failed: the log has the words, which are not for everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The database was not available.
    Unavailable,
    /// Anything else.
    Internal,
}

impl TaskMonitor {
    /// A task of this name, which has done nothing yet.
    pub fn register(&self, name: &'static str) -> TaskStatus {
        self.lock().entry(name).or_default();
        TaskStatus { monitor: self.clone(), name }
    }

    /// What each task did last, by name.
    pub fn reports(&self) -> BTreeMap<&'static str, Report> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Report>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TaskStatus {
    /// Reports a run, or how it failed.
    pub fn report<T>(&self, done: Result<T, &anyhow::Error>) {
        let now = Utc::now();
        let mut reports = self.monitor.lock();
        let report = reports.entry(self.name).or_default();
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
        task.report::<()>(Err(&anyhow::anyhow!("a fault")));
        task.report(Ok(()));
        let report = monitor.reports()["follower"];
        assert!(report.last_run.is_some());
        assert_eq!(report.last_error.map(|(_, failure)| failure), Some(Failure::Internal));
        task.report::<()>(Err(&anyhow::Error::new(database::NoAnswer)));
        let report = monitor.reports()["follower"];
        assert_eq!(report.last_error.map(|(_, failure)| failure), Some(Failure::Unavailable));
    }
}
