//! Figures of a row of a page: subscribers and the last post.

use chrono::{DateTime, Utc};

use super::{
    file::Row,
    mapping::PageMapping,
    row::Import,
    row_error::{Code, RowResult, refuse},
};
use crate::{change_log::ChangeSet, model::Figures};

impl Import {
    /// Figures of a row. `None`: the row has none. `Some(None)`: they are undated and equal to the known ones.
    pub(super) fn figures(
        &self,
        change_set: &ChangeSet,
        row: &Row,
        mapping: &PageMapping,
        page_id: i64,
    ) -> RowResult<Option<Option<Figures>>> {
        let last_post_at = self.timestamp(row, &mapping.last_post_at)?;
        let subscribers: Option<u32> = self.number(row, &mapping.subscribers, "subscribers")?;
        if subscribers.is_none() && last_post_at.is_none() {
            return Ok(None);
        }
        let now = change_set.now();
        let recorded_at = self.figures_at(row, mapping)?;
        if recorded_at.is_some_and(|at| at > now) || last_post_at.is_some_and(|at| at > now) {
            return refuse(
                Code::BadValue,
                "The date of the figures or of the last post is in the future.",
                "Correct the date.",
            );
        }
        let zone = self.before.time_zone();
        let known = change_set.snapshot().figures(page_id);
        let is_known = known.is_some_and(|known| {
            subscribers.is_none_or(|it| known.subscribers == Some(it))
                && last_post_at.is_none_or(|it| known.last_post_at == Some(it))
        });
        if is_known && recorded_at.is_none() {
            return Ok(Some(None));
        }
        Ok(Some(Some(Figures {
            subscribers: subscribers.or(known.and_then(|known| known.subscribers)),
            last_post_at: last_post_at.or(known.and_then(|known| known.last_post_at)),
            recorded_at: recorded_at.unwrap_or_else(|| zone.start_of(zone.day_of(now))),
            seq: 0,
        })))
    }

    /// Date of a row's figures; figures of an old list have the list's date.
    fn figures_at(&self, row: &Row, mapping: &PageMapping) -> RowResult<Option<DateTime<Utc>>> {
        match self.timestamp(row, &mapping.figures_at)? {
            Some(at) => Ok(Some(at)),
            None => self.timestamp(row, &self.mapping.as_of),
        }
    }
}
