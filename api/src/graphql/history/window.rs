//! Windows of the change log.

use entities::change::{Kind, SubjectType};
use registry::{
    change_log::{Entry, Found, Left, Registry, Scope, mark_of},
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
        connection::{Connection, List, Place},
        scalar::Count,
    },
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
    let seq = i64::try_from(seq.0).map_err(|_| Error::InvalidFeedCursor)?;
    if seq > view.seq() { Err(Error::InvalidFeedCursor) } else { Ok(seq) }
}

/// Place to begin after.
///
/// # Errors
/// When two are given, the one is none of this list, or the database has lost the history that it is of.
pub(super) async fn start(
    registry: &Registry,
    view: &View,
    after: Option<String>,
    after_seq: Option<Count>,
) -> Result<Place> {
    match (after, after_seq) {
        (Some(_), Some(_)) => Err(Error::BadInput("Give `after` or `afterSeq`, not both.".into())),
        (None, None) => Ok(0.into()),
        (None, Some(seq)) => match place(view, &seq) {
            Ok(seq) => Ok(seq.into()),
            Err(error) => match i64::try_from(seq.0) {
                Ok(seq) => Err(registry.common_place(seq).await?.map_or(error, Error::lost)),
                Err(_) => Err(error),
            },
        },
        (Some(cursor), None) => {
            let place = list().open_place(&cursor).ok_or(Error::InvalidFeedCursor)?;
            let mark = place.mark.ok_or(Error::InvalidFeedCursor)?;
            if place.id == 0 {
                return Ok(place);
            }
            match registry.left_at(view.timeline(), (view.seq(), view.hash()), (place.id, mark)).await? {
                Left::Nowhere => Ok(place),
                Left::At(common_seq) => Err(Error::TimelineChanged(common_seq)),
            }
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
    /// Mark of that place.
    mark: u64,
    timeline: Timeline,
}

impl Window {
    /// Reads changes after `start` and up to `until`, where the log has this hash: at most `count`, as the viewer may see them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read(
        registry: &Registry,
        scope: &Scope,
        viewer: Viewer,
        start: Place,
        (until, hash, timeline): (i64, &[u8], &Timeline),
        count: usize,
    ) -> Result<Self> {
        let Place { id: start, mark } = start;
        let Found { mut entries, scanned_to } =
            registry.changes(scope, viewer, (start, until), count + 1).await?;
        let is_full = entries.len() > count;
        let has_next = is_full || scanned_to.is_some();
        entries.truncate(count);
        let (reached, mark) = match entries.last().filter(|_| is_full) {
            Some(last) => (last.seq, mark_of(&last.hash, timeline)),
            None if scanned_to.is_some() => scanned_to.unwrap_or_default(),
            // This server is behind the one that the reader asked before.
            None if start > until => (start, mark.unwrap_or_default()),
            None => (until, mark_of(hash, timeline)),
        };
        Ok(Self { start, entries, has_next, reached, mark, timeline: timeline.clone() })
    }

    /// The same as the API tells it.
    pub(super) fn connection<'a>(&self, view: &'a View) -> ChangeConnection<'a> {
        let place = |entry: &Entry| Place { id: entry.seq, mark: Some(mark_of(&entry.hash, &self.timeline)) };
        let items = self.entries.iter().map(|entry| (Change { view, entry: entry.clone() }, place(entry)));
        let mut window = Connection::new(list(), items, self.start > 0, self.has_next, 0);
        window.end_at(Place { id: self.reached, mark: Some(self.mark) });
        ChangeConnection { window, last_seq: self.reached, epoch: self.timeline.epoch.clone() }
    }
}
