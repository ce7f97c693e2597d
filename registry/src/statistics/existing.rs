//! What the database knows of the days that figures are sent of.

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

/// Those of the days that have sums, and so figures.
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

/// A page's subscribers on a day, and whether they are marked as a jump.
pub(super) type Subscribers = (i64, NaiveDate, Option<i32>, bool);

/// Reads the subscribers of these pages on the days around these: what figures out of turn are compared with.
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
