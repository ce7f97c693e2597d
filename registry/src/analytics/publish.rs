//! Publication of ratings: a published rating is immutable.

use std::sync::Arc;

use anyhow::Result;
use chrono::{Datelike, NaiveDate};

use super::{rating_entry, score};
use crate::{
    analytics::is_of_months,
    change_log::{Registry, WriteTransaction},
    database,
    idempotency::{self, WriteRequest, Written},
    model::Rating,
    snapshot::Filter,
    statistics::MonthCache,
    view::{View, Viewer},
};

/// Why a rating cannot be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublishError {
    /// There is no such methodology.
    UnknownMethodology,
    /// The period does not consist of whole months that have ended.
    NotWholeMonths,
    /// The period begins before the methodology is valid.
    BeforeMethodology,
    /// The rating is already published.
    AlreadyPublished,
    /// No subject has statistics in the period.
    NoEntries,
}

/// Computes a rating and publishes it, once per idempotency key: stores its entries, and records their hash in the log. Returns
/// its id.
///
/// # Errors
/// As [`idempotency::write_once`]; a rating that cannot be published is a [`PublishError`].
pub async fn publish(
    registry: &Registry,
    months: &MonthCache,
    request: WriteRequest,
    methodology: &str,
    days: (NaiveDate, NaiveDate),
) -> Result<Result<Written<i64>, PublishError>> {
    let (registry, months) = (registry.clone(), months.clone());
    let methodology = methodology.to_owned();
    database::detached(async move {
        let mut writing = WriteTransaction::begin(&registry, request.author.actor().clone()).await?;
        let change_set = writing.change_set();
        let author = request.renewed_author(change_set)?;
        let call = author.client_id().zip(request.call);
        let mut writing = match idempotency::unless_known(&registry, writing, call.as_ref()).await? {
            Ok(writing) => writing,
            Err(known) => return Ok(Ok(known)),
        };
        let change_set = writing.change_set();
        let view = View::new(Arc::new(change_set.snapshot().clone()), Viewer::Public);
        let method = match rateable(&view, &methodology, days, view.time_zone().day_of(change_set.now())) {
            Ok(method) => method,
            Err(error) => return Ok(Err(error)),
        };
        let pages = score::pages_of(&view, method, &Filter::default());
        let first = |day: NaiveDate| day.with_day(1).unwrap_or(day);
        let scores = score::scores(&view, &months, method, &pages, (first(days.0), first(days.1))).await?;
        if scores.is_empty() {
            return Ok(Err(PublishError::NoEntries));
        }
        let id = change_set.next_rating_id();
        let entries = rating_entry::rows(id, &scores)?;
        let rating = Rating {
            id,
            methodology_id: method.id,
            from: days.0,
            to: days.1,
            places: i32::try_from(entries.len())?,
            digest: rating_entry::digest(&entries).into(),
            published_at: change_set.now(),
        };
        change_set.put_rating(rating, entries)?;
        idempotency::commit(writing, call, id).await.map(Ok)
    })
    .await
}

/// The methodology, if a rating of these days can be published and is not published yet.
fn rateable<'a>(
    view: &'a View,
    methodology: &str,
    days: (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Result<&'a crate::model::Methodology, PublishError> {
    let method = view.methodology_by_code(methodology).ok_or(PublishError::UnknownMethodology)?;
    if days.1 >= today || !is_of_months(days, today) {
        return Err(PublishError::NotWholeMonths);
    }
    if days.0 < method.valid_from {
        return Err(PublishError::BeforeMethodology);
    }
    match view.rating_of(method, days.0, days.1) {
        Some(_) => Err(PublishError::AlreadyPublished),
        None => Ok(method),
    }
}
