//! Windows of the change log.

use entities::change::{Kind, SubjectType};
use registry::{
    change_log::{Divergence, Entry, Found, Registry, Scope, mark_of},
    snapshot::{Filter, Timeline},
    view::{View, Viewer},
};

use super::{
    feed::{Change, ChangeConnection, ChangeSubject},
    object::ChangeKind,
};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, CursorPosition, List},
        scalar::Count,
    },
};

/// Maximum number of changes in one window.
pub(super) const MAX_CHANGES: i32 = 500;

/// List to which cursors of the change feed belong.
pub(super) fn list() -> List {
    List::new("changes", &Filter::default(), ())
}

/// Filter on the change log, by codes.
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

    /// The same filter by ids, resolved in the current registry.
    ///
    /// # Errors
    /// If the registry has no such platform or territory.
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
/// If there is none.
pub(super) fn platform_id(view: &View, code: &str) -> Result<i64> {
    let found = view.platform_by_code(code).map(|platform| platform.id);
    found.ok_or_else(|| Error::BadInput("`platform`: the registry has no such platform.".into()))
}

/// Checks a sequence number from an argument.
///
/// # Errors
/// If it is beyond the end of the log.
pub(super) fn check_seq(view: &View, seq: &Count) -> Result<i64> {
    let seq = i64::try_from(seq.0).map_err(|_| Error::InvalidFeedCursor)?;
    if seq > view.seq() { Err(Error::InvalidFeedCursor) } else { Ok(seq) }
}

/// Position to start after, from `after` or `afterSeq`.
///
/// # Errors
/// If both are given, the one is not valid, or the database has lost the history to which it belongs.
pub(super) async fn start(
    registry: &Registry,
    view: &View,
    after: Option<String>,
    after_seq: Option<Count>,
) -> Result<CursorPosition> {
    match (after, after_seq) {
        (Some(_), Some(_)) => Err(Error::BadInput("Give `after` or `afterSeq`, not both.".into())),
        (None, None) => Ok(0.into()),
        (None, Some(seq)) => match check_seq(view, &seq) {
            Ok(seq) => Ok(seq.into()),
            Err(error) => match i64::try_from(seq.0) {
                Ok(seq) => Err(registry.last_common_seq(seq).await?.map_or(error, Error::lost)),
                Err(_) => Err(error),
            },
        },
        (Some(cursor), None) => {
            let position = list().decode_cursor(&cursor).ok_or(Error::InvalidFeedCursor)?;
            let mark = position.mark.ok_or(Error::InvalidFeedCursor)?;
            if position.id == 0 {
                return Ok(position);
            }
            match registry
                .diverged_at(view.timeline(), (view.seq(), view.hash()), (position.id, mark))
                .await?
            {
                Divergence::Nowhere => Ok(position),
                Divergence::At(common_seq) => Err(Error::TimelineChanged(common_seq)),
            }
        }
    }
}

/// Consecutive changes of the log.
pub(super) struct Window {
    start: i64,
    pub(super) entries: Vec<Entry>,
    /// Whether there are more changes to read.
    pub(super) has_next: bool,
    /// Sequence number up to which the log was read.
    pub(super) reached: i64,
    /// Mark at `reached`.
    mark: u64,
    timeline: Timeline,
}

impl Window {
    /// Reads at most `count` changes that the viewer may see, after `start` and up to `until`, where the log has this hash.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub(super) async fn read(
        registry: &Registry,
        scope: &Scope,
        viewer: Viewer,
        start: CursorPosition,
        (until, hash, timeline): (i64, &[u8], &Timeline),
        count: usize,
    ) -> Result<Self> {
        let CursorPosition { id: start, mark } = start;
        let Found { mut entries, scanned_to } =
            registry.changes(scope, viewer, (start, until), count + 1).await?;
        let is_full = entries.len() > count;
        let has_next = is_full || scanned_to.is_some();
        entries.truncate(count);
        let (reached, mark) = match entries.last().filter(|_| is_full) {
            Some(last) => (last.seq, mark_of(&last.hash, timeline)),
            None if scanned_to.is_some() => scanned_to.unwrap_or_default(),
            // This server lags behind the one that issued the cursor.
            None if start > until => (start, mark.unwrap_or_default()),
            None => (until, mark_of(hash, timeline)),
        };
        Ok(Self { start, entries, has_next, reached, mark, timeline: timeline.clone() })
    }

    /// The window as a GraphQL connection.
    pub(super) fn connection<'a>(&self, view: &'a View) -> ChangeConnection<'a> {
        let position = |entry: &Entry| CursorPosition {
            id: entry.seq,
            mark: Some(mark_of(&entry.hash, &self.timeline)),
        };
        let items = self.entries.iter().map(|entry| (Change { view, entry: entry.clone() }, position(entry)));
        let mut window = Connection::new(list(), items, self.start > 0, self.has_next, 0);
        window.end_at(CursorPosition { id: self.reached, mark: Some(self.mark) });
        ChangeConnection { window, last_seq: self.reached, epoch: self.timeline.epoch.clone() }
    }
}
