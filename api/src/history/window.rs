//! Windows of the change log.

use entities::change::{Kind, SubjectType};

use super::{
    feed::{Change, ChangeConnection, ChangeSubject},
    object::ChangeKind,
};
use crate::{
    change::{Entry, Registry, Scope},
    error::{Error, Result},
    kit::{
        connection::{Connection, List},
        scalar::Count,
    },
    snapshot::{Filter, View, Viewer},
};

/// Most changes in one window.
pub(super) const MAX_CHANGES: i32 = 500;

/// The list that windows are cut out of.
pub(super) fn list() -> List {
    List::new("changes", &Filter::default(), ())
}

/// What of the change log is asked for.
pub(super) struct Narrowed {
    kinds: Vec<Kind>,
    subjects: Vec<SubjectType>,
    platform: Option<String>,
    territory: Option<String>,
}

impl Narrowed {
    pub(super) fn new(
        kinds: Option<Vec<ChangeKind>>,
        subjects: Option<Vec<ChangeSubject>>,
        platform: Option<String>,
        territory: Option<String>,
    ) -> Self {
        Self {
            kinds: kinds.unwrap_or_default().into_iter().map(Into::into).collect(),
            subjects: subjects.unwrap_or_default().into_iter().map(Into::into).collect(),
            platform,
            territory,
        }
    }

    /// The same by ids, as the registry is now.
    ///
    /// # Errors
    /// When it has no such platform or territory.
    pub(super) fn scope(&self, view: &View) -> Result<Scope> {
        let platform_id = self.platform.as_deref().map(|code| platform_id(view, code)).transpose()?;
        let territory_ids = match &self.territory {
            None => Vec::new(),
            Some(code) => view
                .territory_by_code(code)
                .map(|found| found.with_descendants())
                .ok_or_else(|| Error::BadInput("`territory`: the registry has no such territory.".into()))?,
        };
        let (kinds, subjects) = (self.kinds.clone(), self.subjects.clone());
        Ok(Scope { kinds, subjects, platform_id, territory_ids })
    }
}

/// Id of the platform with this code.
///
/// # Errors
/// When there is none.
pub(super) fn platform_id(view: &View, code: &str) -> Result<i64> {
    let found = view.platform_by_code(code).map(|platform| platform.id);
    found.ok_or_else(|| Error::BadInput("`platform`: the registry has no such platform.".into()))
}

/// A place in the change log that was asked for.
///
/// # Errors
/// When the log has not come so far.
pub(super) fn place(view: &View, seq: &Count) -> Result<i64> {
    let seq = i64::try_from(seq.0).map_err(|_| Error::CursorInvalid)?;
    if seq > view.seq() { Err(Error::CursorInvalid) } else { Ok(seq) }
}

/// Place to begin after.
///
/// # Errors
/// When two are given, or the one is none of this list or the log has not come so far.
pub(super) fn start(
    view: &View,
    list: &List,
    after: Option<String>,
    after_seq: Option<Count>,
) -> Result<i64> {
    match (after, after_seq) {
        (Some(_), Some(_)) => Err(Error::BadInput("Give `after` or `afterSeq`, not both.".into())),
        (None, None) => Ok(0),
        (None, Some(seq)) => place(view, &seq),
        (Some(cursor), None) => {
            let seq = list.open(&cursor).ok_or(Error::CursorInvalid)?;
            if seq > view.seq() { Err(Error::CursorInvalid) } else { Ok(seq) }
        }
    }
}

/// Changes that follow each other in the log.
pub(super) struct Window {
    start: i64,
    pub(super) entries: Vec<Entry>,
    /// Whether more were there to be read.
    pub(super) has_next: bool,
    /// Place in the log that a reader has reached with them.
    pub(super) reached: i64,
}

impl Window {
    /// Reads changes after `start` and up to `until`: at most `count`, as the viewer may see them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read(
        registry: &Registry,
        scope: &Scope,
        viewer: Viewer,
        (start, until): (i64, i64),
        count: usize,
    ) -> Result<Self> {
        let mut entries = registry.changes(scope, viewer, (start, until), count + 1).await?;
        let has_next = entries.len() > count;
        entries.truncate(count);
        let reached =
            if has_next { entries.last().map_or(start, |entry| entry.seq) } else { until.max(start) };
        Ok(Self { start, entries, has_next, reached })
    }

    /// The same as the API tells it.
    pub(super) fn connection<'a>(&self, view: &'a View) -> ChangeConnection<'a> {
        let items = self.entries.iter().map(|entry| (Change { view, entry: entry.clone() }, entry.seq));
        let mut window = Connection::new(list(), items, self.start > 0, self.has_next, 0);
        window.end_at(self.reached);
        ChangeConnection { window, last_seq: self.reached }
    }
}
