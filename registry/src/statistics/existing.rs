//! Existing rows of the days of submitted rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use chrono::{Days, NaiveDate};
use entities::{
    audience_segment::Grain,
    page_statistics::{Column, Entity, Model},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter, QuerySelect,
    Statement, prelude::Expr, sea_query::SimpleExpr,
};

use super::validation::COMPARED_DAYS;
use crate::model::Segments;

/// Rows by page and day.
pub(super) type Known = BTreeMap<(i64, NaiveDate), Model>;

/// Reads the rows of these pages on their days.
pub(super) async fn read(db: &DatabaseTransaction, days: &HashMap<NaiveDate, Vec<i64>>) -> Result<Known> {
    let mut known = Known::new();
    for (day, pages) in days.iter().filter(|(_, pages)| !pages.is_empty()) {
        let rows = of_pages(db, pages).filter(Column::Day.eq(*day));
        known.extend(rows.all(db).await?.into_iter().map(|row| ((row.page_id, row.day), row)));
    }
    Ok(known)
}

/// Those of the days that have sums, and so daily rows of public pages.
pub(super) async fn days_summed_up(
    db: &DatabaseTransaction,
    segments: &Segments,
    days: &[NaiveDate],
) -> Result<HashSet<NaiveDate>> {
    let platforms = segments.of(Grain::Platform);
    let platforms: Vec<String> = platforms.map(|(id, _)| id.to_string()).collect();
    let days: Vec<String> = days.iter().map(|day| format!("'{day}'")).collect();
    if platforms.is_empty() || days.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "SELECT DISTINCT day FROM audience_rollup WHERE segment_id IN ({}) AND day IN ({})",
        platforms.join(", "),
        days.join(", ")
    );
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    rows.into_iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Page, day, subscribers, and whether they are marked as a jump.
pub(super) type Subscribers = (i64, NaiveDate, Option<i32>, bool);

/// Reads the subscribers of these pages on the days around these, to compare rows submitted out of order with.
pub(super) async fn read_around(
    db: &DatabaseTransaction,
    pages: &[i64],
    days: (NaiveDate, NaiveDate),
) -> Result<Vec<Subscribers>> {
    let (first, last) = days;
    let near = Days::new(COMPARED_DAYS.unsigned_abs());
    let (first, last) = (first - near, last.checked_add_days(near).unwrap_or(last));
    let rows = of_pages(db, pages).filter(Column::Day.between(first, last)).select_only();
    let columns = [Column::PageId, Column::Day, Column::Subscribers, Column::IsJump];
    Ok(rows.columns(columns).into_tuple().all(db).await?)
}

/// Last day with subscribers of each of these pages, and their number.
pub(super) async fn last_subscribers(
    db: &DatabaseTransaction,
    pages: &[i64],
) -> Result<HashMap<i64, (NaiveDate, i32)>> {
    let backend = db.get_database_backend();
    let (each, ids): (&str, sea_orm::Value) = match backend {
        DbBackend::Postgres => ("unnest($1::bigint[]) AS p(id)", pages.to_vec().into()),
        _ => {
            let ids = serde_json::Value::from(pages).to_string();
            ("(SELECT value AS id FROM json_each($1)) AS p", ids.into())
        }
    };
    let sql = format!(
        "SELECT s.page_id, s.day, s.subscribers FROM {each} JOIN page_statistics s ON s.page_id = p.id AND s.day = \
         (SELECT l.day FROM page_statistics l WHERE l.page_id = p.id AND l.subscribers IS NOT NULL \
         ORDER BY l.day DESC LIMIT 1)"
    );
    let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, [ids])).await?;
    let of_row = |row: sea_orm::QueryResult| {
        Ok((row.try_get_by_index(0)?, (row.try_get_by_index(1)?, row.try_get_by_index(2)?)))
    };
    rows.into_iter().map(of_row).collect()
}

/// Rows of these pages: one statement for any number of them.
fn of_pages(db: &DatabaseTransaction, pages: &[i64]) -> sea_orm::Select<Entity> {
    Entity::find().filter(one_of(db.get_database_backend(), pages))
}

/// The condition that a row is of one of these pages, with one value bound for all of them.
pub(super) fn one_of(backend: DbBackend, pages: &[i64]) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => {
            Expr::cust_with_values("page_id = ANY($1)", [sea_orm::Value::from(pages.to_vec())])
        }
        _ => {
            let ids = serde_json::Value::from(pages).to_string();
            Expr::cust_with_values("page_id IN (SELECT value FROM json_each(?))", [ids])
        }
    }
}
