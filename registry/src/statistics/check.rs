//! Check that sums and packed months match the daily rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use anyhow::Result;
use chrono::{Days, Months, NaiveDate, Utc};
use entities::{
    page_month,
    page_statistics::{Column, Entity, METRICS, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    Statement, Value,
};

use super::{
    check_rules::check_rules,
    day_hash::DayHashes,
    digests,
    month::{DayChange, Slots, apply},
    packed::{BLOCK, Numbers},
    partition::first_of_month,
};
use crate::{
    calendar,
    database::{Database, begin_read, detached},
    rollup,
    snapshot::Snapshot,
};

/// Result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Number of months with daily rows.
    pub months: usize,
    /// Number of daily rows.
    pub daily_rows: u64,
    /// Number of rows of `page_month` that were compared.
    month_rows: i64,
    /// Descriptions of the faults.
    pub faults: Vec<String>,
}

/// Compares sums by segment and packed months with the daily rows, month by month, in one consistent read, and
/// validates the daily rows. Reports each month that has some once it is checked.
///
/// # Errors
/// When the database does not answer.
pub async fn check(
    database: &Database,
    snapshot: Arc<Snapshot>,
    progress: impl Fn(NaiveDate) + Send + 'static,
) -> Result<Checked> {
    let database = database.clone();
    detached(async move {
        let transaction = begin_read(&database).await?;
        let checked = check_within(&transaction, &snapshot, progress).await?;
        transaction.commit().await?;
        Ok(checked)
    })
    .await
}

/// The same within an open read transaction. Call it inside [`detached`].
///
/// # Errors
/// When the database does not answer.
pub async fn check_within(
    transaction: &DatabaseTransaction,
    snapshot: &Snapshot,
    progress: impl Fn(NaiveDate) + Send + 'static,
) -> Result<Checked> {
    let (mut checked, mut hashes) = (Checked::default(), DayHashes::default());
    let months = months(transaction).await?;
    let hidden = snapshot.hidden_pages_with_figures();
    checked.faults.extend(days_that_cannot_be(transaction).await?);
    for month in months {
        let before = checked.daily_rows;
        check_rollups(transaction, &hidden, month, &mut checked).await?;
        check_month(transaction, snapshot, month, (&mut checked, &mut hashes)).await?;
        // One old day gives a long row of months without any.
        if checked.daily_rows > before {
            checked.months += 1;
            progress(month);
        }
    }
    for (what, sql) in [
        (
            "rows of page_month without daily rows",
            format!("SELECT count(*) - {} AS number FROM page_month", checked.month_rows),
        ),
        ("sums of segments that do not exist", NO_SEGMENT.to_owned()),
    ] {
        let statement = Statement::from_string(transaction.get_database_backend(), sql);
        let number = Number::find_by_statement(statement).one(transaction).await?.map_or(0, |row| row.number);
        if number != 0 {
            checked.faults.push(format!("{number} {what}"));
        }
    }
    checked.faults.extend(digests::compare(transaction, snapshot, hashes.finish()).await?);
    checked.faults.extend(check_rules(transaction, snapshot).await?);
    Ok(checked)
}

const NO_SEGMENT: &str = "SELECT count(*) AS number FROM audience_rollup WHERE segment_id NOT IN (SELECT id FROM audience_segment)";

#[derive(FromQueryResult)]
struct Ends {
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
}

/// Months from the first to the last that have statistics.
pub(super) async fn months(db: &DatabaseTransaction) -> Result<BTreeSet<NaiveDate>> {
    let mut months = BTreeSet::new();
    for (table, column) in [("page_statistics", "day"), ("audience_rollup", "day"), ("page_month", "month")] {
        let sql = format!("SELECT min({column}) AS first, max({column}) AS last FROM {table}");
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let Some(Ends { first: Some(first), last: Some(last) }) =
            Ends::find_by_statement(statement).one(db).await?
        else {
            continue;
        };
        let mut month = first_of_month(first);
        // Days out of range are reported separately, and not iterated over.
        let (from, to) = days();
        month = month.max(from);
        while month <= last.min(to) {
            months.insert(month);
            month = month + Months::new(1);
        }
    }
    Ok(months)
}

/// Range of plausible days: from 1970-01-01 to two days after the last one that has begun anywhere.
fn days() -> (NaiveDate, NaiveDate) {
    (NaiveDate::default(), calendar::last_day_begun(Utc::now()) + Days::new(2))
}

async fn days_that_cannot_be(db: &DatabaseTransaction) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let (from, to) = days();
    for (table, column) in [("page_statistics", "day"), ("audience_rollup", "day"), ("page_month", "month")] {
        let sql =
            format!("SELECT count(*) AS number FROM {table} WHERE {column} < '{from}' OR {column} > '{to}'");
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let number = Number::find_by_statement(statement).one(db).await?.map_or(0, |row| row.number);
        if number > 0 {
            faults.push(format!("{table}: {number} rows of days before {from} or after {to}"));
        }
    }
    Ok(faults)
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

async fn check_rollups(
    db: &DatabaseTransaction,
    hidden: &[i64],
    month: NaiveDate,
    checked: &mut Checked,
) -> Result<()> {
    let (is_shown, hidden) = rollup::of_shown(db.get_database_backend(), hidden);
    for (what, right, stored, values) in [
        ("sums by segment", sums_of_daily_rows(month, &is_shown), stored_sums(month, "TRUE"), vec![hidden]),
        ("coarser sums", sums_of_full(month), stored_sums(month, "FALSE"), Vec::new()),
    ] {
        let differing =
            count(db, (&right, &stored), &values).await? + count(db, (&stored, &right), &values).await?;
        if differing > 0 {
            checked
                .faults
                .push(format!("{}: {differing} {what} differ from the daily rows", month.format("%Y-%m")));
        }
    }
    Ok(())
}

/// Condition that the days of a table are in a month.
fn within(table: &str, month: NaiveDate) -> String {
    let next = month + Months::new(1);
    format!("{table}.day >= '{month}' AND {table}.day < '{next}'")
}

fn stored_sums(month: NaiveDate, is_full: &str) -> String {
    format!(
        "SELECT r.day, r.segment_id, r.pages, {} FROM audience_rollup r JOIN audience_segment s ON s.id = r.segment_id \
         WHERE {} AND (s.grain = 'FULL') = {is_full}",
        rollup::columns(),
        within("r", month),
    )
}

fn sums_of_daily_rows(month: NaiveDate, is_shown: &str) -> String {
    format!(
        "SELECT f.day, f.segment_id, count(*) AS pages, {} FROM page_statistics f WHERE {} AND {is_shown} \
         GROUP BY f.day, f.segment_id",
        rollup::sums_of_daily_rows(),
        within("f", month),
    )
}

fn sums_of_full(month: NaiveDate) -> String {
    format!(
        "SELECT r.day, s.part_of, sum(r.pages), {} FROM audience_rollup r JOIN ({}) s ON s.id = r.segment_id \
         WHERE {} GROUP BY r.day, s.part_of",
        rollup::sums_of_sums(),
        rollup::coarser(),
        within("r", month),
    )
}

/// Number of rows that only the first query has.
async fn count(db: &DatabaseTransaction, (left, right): (&str, &str), values: &[Value]) -> Result<i64> {
    let sql = format!("SELECT count(*) AS number FROM ({left} EXCEPT {right}) difference");
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values.to_vec());
    Ok(Number::find_by_statement(statement).one(db).await?.map_or(0, |row| row.number))
}

async fn check_month(
    db: &DatabaseTransaction,
    snapshot: &Snapshot,
    month: NaiveDate,
    (checked, hashes): (&mut Checked, &mut DayHashes),
) -> Result<()> {
    // Rows of unknown pages are reported by `check_rules`.
    let last_page = snapshot.pages().get_max().map_or(0, |(id, _)| *id);
    for block in 0..=last_page / BLOCK {
        let mut slots = Slots::new();
        for row in daily_rows(db, month, block).await? {
            checked.daily_rows += 1;
            hashes.add(snapshot, &row);
            let change = DayChange {
                page_id: row.page_id,
                day: row.day,
                segment_id: row.segment_id,
                before: [None; METRICS],
                after: row.values(),
            };
            apply(&change, &mut slots, &mut BTreeSet::new());
        }
        let stored = page_month::Entity::find()
            .filter(page_month::Column::Month.eq(month))
            .filter(page_month::Column::Block.eq(block as i32));
        let stored = stored.all(db).await?;
        checked.month_rows += stored.len() as i64;
        let is_plain = stored.iter().all(|row| Numbers::decode(&row.packed).encode() == row.packed);
        let stored: BTreeMap<_, _> =
            stored.into_iter().map(|row| ((row.slot, row.block), Numbers::decode(&row.packed))).collect();
        if stored != slots || !is_plain {
            let pages = format!("{} to {}", block * BLOCK, (block + 1) * BLOCK - 1);
            checked.faults.push(format!(
                "{}: the month of pages {pages} differs from the daily rows",
                month.format("%Y-%m")
            ));
        }
    }
    Ok(())
}

/// Daily rows of a block of pages in a month, by day.
async fn daily_rows(db: &DatabaseTransaction, month: NaiveDate, block: i64) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(Column::PageId.between(block * BLOCK, (block + 1) * BLOCK - 1))
        .filter(Column::Day.gte(month))
        .filter(Column::Day.lt(month + Months::new(1)));
    Ok(rows.order_by_asc(Column::Day).all(db).await?)
}
