//! Reads of daily rows, for any number of pages in one statement.

use std::collections::BTreeSet;

use anyhow::Result;
use chrono::NaiveDate;
use entities::page_statistics::{Column, Entity, Metric, Model};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IdenStatic, Iterable, QueryFilter,
    QueryOrder, Statement,
};

use super::existing::one_of;
use crate::database::{Database, arrays::among};

/// Daily rows of these pages from `from` to `to`, both included, by page and day.
///
/// # Errors
/// When the database does not answer.
pub async fn days(database: &Database, pages: &[i64], from: NaiveDate, to: NaiveDate) -> Result<Vec<Model>> {
    let rows = Entity::find()
        .filter(one_of(database.backend(), pages))
        .filter(Column::Day.between(from, to))
        .order_by_asc(Column::PageId)
        .order_by_asc(Column::Day);
    Ok(rows.all(&database.read).await?)
}

/// Pages, of these, and days of a period on which they have a value of a metric; any statistics if it is `None`.
///
/// # Errors
/// When the database does not answer.
pub async fn days_with_value(
    database: &Database,
    pages: &[i64],
    (from, to): (NaiveDate, NaiveDate),
    metric: Option<Metric>,
) -> Result<Vec<(i64, NaiveDate)>> {
    let (is_one, ids) = among(database.backend(), pages);
    let has_value = metric.map_or_else(String::new, |metric| format!(" AND {} IS NOT NULL", metric.column()));
    let sql = format!(
        "SELECT page_id, day FROM page_statistics WHERE page_id {is_one} AND day BETWEEN '{from}' AND '{to}'{has_value}",
    );
    let statement = Statement::from_sql_and_values(database.backend(), sql, [ids]);
    let rows = database.read.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// Days of a period with any statistics of public pages.
///
/// # Errors
/// When the database does not answer.
pub async fn recorded_days(
    database: &Database,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<BTreeSet<NaiveDate>> {
    // There are far fewer sums than daily rows.
    let sql = "SELECT DISTINCT day FROM audience_rollup WHERE day BETWEEN $1 AND $2";
    let days = Statement::from_sql_and_values(database.backend(), sql, [from.into(), to.into()]);
    let rows = database.read.query_all_raw(days).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Last daily row of each of these pages, not after `until`.
///
/// # Errors
/// When the database does not answer.
pub async fn last_days(database: &Database, pages: &[i64], until: NaiveDate) -> Result<Vec<Model>> {
    // One index look-up per page: neither database plans `GROUP BY` like that.
    let ids = serde_json::Value::from(pages).to_string();
    let one_each = match database.backend() {
        DbBackend::Postgres => "SELECT value::bigint AS id FROM json_array_elements_text($1::json)",
        _ => "SELECT value AS id FROM json_each($1)",
    };
    let sql = format!(
        "SELECT {} FROM ({one_each}) p JOIN page_statistics f ON f.page_id = p.id AND f.day = \
         (SELECT max(l.day) FROM page_statistics l WHERE l.page_id = p.id AND l.day <= '{until}')",
        columns()
    );
    let statement = Statement::from_sql_and_values(database.backend(), sql, [ids.into()]);
    Ok(Model::find_by_statement(statement).all(&database.read).await?)
}

/// Columns of `page_statistics f`, by name: prepared statements keep working when a migration adds a column.
pub(super) fn columns() -> String {
    let columns: Vec<String> = Column::iter().map(|column| format!("f.{}", column.as_str())).collect();
    columns.join(", ")
}
