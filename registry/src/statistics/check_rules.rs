//! Validation of the daily rows: no negative values, no future days, and no days before the page was first seen.

use anyhow::Result;
use chrono::{NaiveDate, Utc};
use entities::page_statistics::Metric;
use sea_orm::{ConnectionTrait, DatabaseTransaction, FromQueryResult, Statement};

use super::validation::first_day;
use crate::{
    calendar::{self, TimeZone},
    model::Page,
    snapshot::Snapshot,
};

/// Maximum number of faults that are reported.
const MAX_REPORTED: usize = 100;

#[derive(FromQueryResult)]
struct Span {
    page_id: i64,
    first: NaiveDate,
    last: NaiveDate,
}

#[derive(FromQueryResult)]
struct Below {
    page_id: i64,
    day: NaiveDate,
}

/// Descriptions of invalid daily rows.
pub(super) async fn check_rules(db: &DatabaseTransaction, snapshot: &Snapshot) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let (zone, last_begun) = (snapshot.time_zone(), calendar::last_day_begun(Utc::now()));
    let spans = "SELECT page_id, min(day) AS first, max(day) AS last FROM page_statistics GROUP BY page_id";
    let spans = Statement::from_string(db.get_database_backend(), spans);
    for Span { page_id, first, last } in Span::find_by_statement(spans).all(db).await? {
        match snapshot.page(page_id) {
            None => faults.push(format!("statistics of page {page_id}, which does not exist")),
            Some(page) if is_too_early(first, page, zone) => {
                faults.push(format!("page {page_id}: statistics of {first}, before the page was first seen"));
            }
            Some(_) if last > last_begun => {
                faults.push(format!("page {page_id}: statistics of {last}, in the future"))
            }
            Some(_) => {}
        }
    }
    let below = Metric::ALL.map(|metric| format!("{} < 0", metric.column())).join(" OR ");
    let below = format!("SELECT page_id, day FROM page_statistics WHERE {below} LIMIT {MAX_REPORTED}");
    let below = Statement::from_string(db.get_database_backend(), below);
    for Below { page_id, day } in Below::find_by_statement(below).all(db).await? {
        faults.push(format!("page {page_id}: a value of {day} is negative"));
    }
    faults.truncate(MAX_REPORTED);
    Ok(faults)
}

/// Whether a day is more than one day before the page was first seen: the registry may have had another time zone when the
/// row was recorded.
fn is_too_early(day: NaiveDate, page: &Page, zone: TimeZone) -> bool {
    day.succ_opt().is_some_and(|next| next < first_day(page, zone))
}
