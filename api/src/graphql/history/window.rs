//! Windows of the change log.

use registry::{
    change_log::{Divergence, FeedItem, Found, Registry, mark_of},
    snapshot::{Filter, Timeline},
    view::{FeedScope, View},
};

use super::feed::{Change, ChangeConnection};
use crate::graphql::{
    error::{Error, Result},
    kit::{
        connection::{Connection, CursorPosition, List},
        scalar::SafeInt,
    },
};

/// Maximum number of changes in one window.
pub(super) const MAX_CHANGES: i32 = 500;

/// List to which cursors of the change feed belong.
pub(super) fn list() -> List {
    List::new("changes", &Filter::default(), ())
}

/// Position to start after, from `after` or `afterSeq`.
///
/// # Errors
/// If both are given, the one is not valid, negative or beyond the end of the log, or the database has lost the history to which
/// it belongs.
pub(super) async fn start(
    registry: &Registry,
    view: &View,
    after: Option<String>,
    after_seq: Option<SafeInt>,
) -> Result<CursorPosition> {
    match (after, after_seq) {
        (Some(_), Some(_)) => Err(Error::BadInput("Give `after` or `afterSeq`, not both.".into())),
        (None, None) => Ok(0.into()),
        (None, Some(seq)) => match seq.not_negative("afterSeq")? {
            seq if seq <= view.seq() => Ok(seq.into()),
            lost => Err(registry.last_common_seq(lost).await?.map_or(Error::InvalidFeedCursor, Error::lost)),
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
    pub(super) items: Vec<FeedItem>,
    /// Whether there are more changes to read.
    pub(super) has_next: bool,
    /// Sequence number up to which the log was read.
    pub(super) reached: i64,
    /// Mark at `reached`.
    mark: u64,
    timeline: Timeline,
}

impl Window {
    /// Reads at most `count` changes after `start` that match and that the viewer may see, up to the end of the log as the view
    /// has it.
    ///
    /// # Errors
    /// If the database is unavailable.
    pub(super) async fn read(
        registry: &Registry,
        scope: &FeedScope,
        view: &View,
        start: CursorPosition,
        count: usize,
    ) -> Result<Self> {
        let CursorPosition { id: start, mark } = start;
        let (until, timeline) = (view.seq(), view.timeline());
        let Found { mut items, scanned_to } =
            registry.changes(scope, view, (start, until), count + 1).await?;
        let is_full = items.len() > count;
        let has_next = is_full || scanned_to.is_some();
        items.truncate(count);
        let (reached, mark) = match items.last().map(|item| &item.entry).filter(|_| is_full) {
            Some(last) => (last.seq, mark_of(&last.hash, timeline)),
            None if scanned_to.is_some() => scanned_to.unwrap_or_default(),
            // This server lags behind the one that issued the cursor.
            None if start > until => (start, mark.unwrap_or_default()),
            None => (until, mark_of(view.hash(), timeline)),
        };
        Ok(Self { start, items, has_next, reached, mark, timeline: timeline.clone() })
    }

    /// The window as a GraphQL connection.
    pub(super) fn connection<'a>(&self, view: &'a View) -> ChangeConnection<'a> {
        let items = self.items.iter().map(|item| {
            let FeedItem { entry, is_removal } = item.clone();
            let mark = mark_of(&entry.hash, &self.timeline);
            let position = CursorPosition { id: entry.seq, mark: Some(mark) };
            (Change { view, entry, is_removal }, position)
        });
        let mut window = Connection::new(list(), items, self.start > 0, self.has_next, 0);
        window.end_at(CursorPosition { id: self.reached, mark: Some(self.mark) });
        ChangeConnection { window, seq: self.reached, epoch: self.timeline.epoch.clone() }
    }
}
