//! Writing many facts with few statements.

use anyhow::Result;
use chrono::NaiveDate;
use entities::{
    audience_segment, page_latest,
    page_statistics::{Entity, Metric, Model},
    statistics_batch,
};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    Iterable, PrimaryKeyToColumn, Statement, Value, sea_query::OnConflict,
};

use crate::snapshot::Segments;

/// Rows in one statement on Postgres: enough that the statement's way there and back does not count, and few enough that
/// their arrays are made in memory that was used before.
const MAX_ROWS: usize = 10_000;
/// Values bound in one statement on SQLite.
const MAX_VALUES: usize = 30_000;
/// Stands for no figure where figures travel as arrays, which hold no nulls.
pub(super) const NONE: i64 = -1;
/// Days since 1970 as a day.
pub(super) const DAY: &str = "DATE '1970-01-01' + {}::int";

/// Writes facts: all of them new, or some in the place of others.
pub(super) async fn facts(db: &DatabaseTransaction, rows: Vec<Model>, may_exist: bool) -> Result<()> {
    match db.get_database_backend() {
        DbBackend::Postgres => {
            for rows in rows.chunks(MAX_ROWS) {
                db.execute_raw(as_arrays(rows, may_exist)).await?;
            }
            Ok(())
        }
        _ => as_values::<Entity>(db, rows, may_exist).await,
    }
}

/// One statement for any number of rows: a column is an array.
fn as_arrays(rows: &[Model], may_exist: bool) -> Statement {
    let values: Vec<_> = rows.iter().map(Model::values).collect();
    let mut table = Arrays::new("page_statistics", &["page_id", "day"]);
    table.add("page_id", "{}", rows.iter().map(|row| row.page_id).collect());
    table.add("day", DAY, rows.iter().map(|row| days(row.day)).collect());
    table.add("segment_id", "{}::int", rows.iter().map(|row| i64::from(row.segment_id)).collect());
    for (place, metric) in Metric::ALL.into_iter().enumerate() {
        let numbers = values.iter().map(|values| values[place].unwrap_or(NONE)).collect();
        let is_wide = metric.max() > i64::from(i32::MAX);
        table.add(metric.column(), if is_wide { "NULLIF({}, -1)" } else { "NULLIF({}, -1)::int" }, numbers);
    }
    table.add("batch_id", "{}::int", rows.iter().map(|row| i64::from(row.batch_id)).collect());
    table.add("recorded_at", MOMENT, rows.iter().map(|row| row.recorded_at.timestamp_micros()).collect());
    table.add("is_jump", "{} <> 0", rows.iter().map(|row| i64::from(row.is_jump)).collect());
    table.insert(may_exist)
}

/// Writes latest figures: of pages that had others, or of pages that had none.
///
/// # Errors
/// When the database does not answer.
pub async fn latest(db: &DatabaseTransaction, rows: Vec<page_latest::Model>, had_others: bool) -> Result<()> {
    if db.get_database_backend() != DbBackend::Postgres {
        return as_values::<page_latest::Entity>(db, rows, had_others).await;
    }
    // All of them in one statement, which reads the table once.
    if !rows.is_empty() {
        let mut table = Arrays::new("page_latest", &["page_id"]);
        let posted = |row: &page_latest::Model| row.last_post_at.map_or(NONE, |at| at.timestamp_micros());
        table.add("page_id", "{}", rows.iter().map(|row| row.page_id).collect());
        table.add(
            "subscribers",
            "NULLIF({}, -1)",
            rows.iter().map(|row| row.subscribers.unwrap_or(NONE)).collect(),
        );
        table.add("last_post_at", MOMENT, rows.iter().map(posted).collect());
        table.add("recorded_at", MOMENT, rows.iter().map(|row| row.recorded_at.timestamp_micros()).collect());
        table.add("seq", "{}", rows.iter().map(|row| row.seq).collect());
        db.execute_raw(if had_others { table.update() } else { table.insert(false) }).await?;
    }
    Ok(())
}

/// Microseconds since 1970 as a moment.
const MOMENT: &str = "TIMESTAMPTZ 'epoch' + NULLIF({}, -1) * INTERVAL '1 microsecond'";

/// Rows to be inserted, column by column. What all rows have alike is sent once.
pub(super) struct Arrays {
    table: &'static str,
    key: &'static [&'static str],
    columns: Vec<(String, &'static str, Column)>,
}

enum Column {
    Alike(i64),
    Each(Vec<i64>),
}

impl Arrays {
    pub(super) fn new(table: &'static str, key: &'static [&'static str]) -> Self {
        Self { table, key, columns: Vec::new() }
    }

    /// Adds a column, with the expression that makes it of a number `{}`.
    pub(super) fn add(&mut self, name: impl Into<String>, expression: &'static str, numbers: Vec<i64>) {
        let alike = numbers.first().copied().filter(|first| numbers.iter().all(|number| number == first));
        // The first column says how many rows there are.
        let column = match alike {
            Some(number) if !self.columns.is_empty() => Column::Alike(number),
            _ => Column::Each(numbers),
        };
        self.columns.push((name.into(), expression, column));
    }

    /// The statement that inserts the rows; they replace those with the same key where such may exist.
    pub(super) fn insert(self, may_exist: bool) -> Statement {
        let names: Vec<&str> = self.columns.iter().map(|(name, ..)| name.as_str()).collect();
        let mut sql = format!(
            "INSERT INTO {} ({}) SELECT {} FROM {}",
            self.table,
            names.join(", "),
            self.expressions().join(", "),
            self.source(),
        );
        if may_exist {
            let others = names.iter().filter(|name| !self.key.contains(name));
            let replaced: Vec<String> = others.map(|name| format!("{name} = EXCLUDED.{name}")).collect();
            sql += &format!(" ON CONFLICT ({}) DO UPDATE SET {}", self.key.join(", "), replaced.join(", "));
        }
        self.statement(sql)
    }

    /// The statement that gives rows with these keys their values: a third cheaper than to find them in each other's way.
    fn update(self) -> Statement {
        let sets = self.columns.iter().zip(self.expressions());
        let sets = sets.filter(|((name, ..), _)| !self.key.contains(&name.as_str()));
        let sets: Vec<String> = sets.map(|((name, ..), value)| format!("{name} = {value}")).collect();
        let keys: Vec<String> = self.key.iter().map(|name| format!("t.{name} = a.{name}")).collect();
        let (table, source) = (self.table, self.source());
        let sql =
            format!("UPDATE {table} t SET {} FROM {source} WHERE {}", sets.join(", "), keys.join(" AND "));
        self.statement(sql)
    }

    /// Values of the columns, in the words of SQL.
    fn expressions(&self) -> Vec<String> {
        let columns = self.columns.iter().zip(1..);
        let expression = |((name, expression, column), number): (&(String, &str, Column), u32)| {
            let value = match column {
                Column::Alike(_) => format!("${number}::bigint"),
                Column::Each(_) => format!("a.{name}"),
            };
            expression.replace("{}", &value)
        };
        columns.map(expression).collect()
    }

    /// The rows as a table `a`.
    fn source(&self) -> String {
        let columns = self.columns.iter().zip(1..);
        let each = columns.filter(|((.., column), _)| matches!(column, Column::Each(_)));
        let (arrays, names): (Vec<String>, Vec<&str>) =
            each.map(|((name, ..), number)| (format!("${number}::bigint[]"), name.as_str())).unzip();
        format!("unnest({}) AS a({})", arrays.join(", "), names.join(", "))
    }

    fn statement(self, sql: String) -> Statement {
        let values = self.columns.into_iter().map(|(.., column)| match column {
            Column::Alike(number) => Value::from(number),
            Column::Each(numbers) => numbers.into(),
        });
        Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
    }
}

/// Days since 1970.
pub(super) fn days(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}

/// Writes rows a few thousand values at a time.
pub(super) async fn as_values<E>(db: &DatabaseTransaction, rows: Vec<E::Model>, may_exist: bool) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: Send,
{
    let size = MAX_VALUES / E::Column::iter().count();
    let mut rows = rows.into_iter().map(|row| row.into_active_model().reset_all()).peekable();
    while rows.peek().is_some() {
        let mut statement = E::insert_many(rows.by_ref().take(size));
        if may_exist {
            let key = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
            let replace = OnConflict::columns(key).update_columns(E::Column::iter()).to_owned();
            statement = statement.on_conflict(replace);
        }
        statement.exec_without_returning(db).await?;
    }
    Ok(())
}

/// Writes the segments from this id on.
pub(super) async fn segments(db: &DatabaseTransaction, segments: &Segments, first: i32) -> Result<()> {
    let rows = (first..=segments.len()).filter_map(|id| segments.row(id)).collect();
    as_values::<audience_segment::Entity>(db, rows, false).await
}

/// Writes a batch.
pub(super) async fn batch(db: &DatabaseTransaction, batch: statistics_batch::Model) -> Result<()> {
    as_values::<statistics_batch::Entity>(db, vec![batch], false).await
}

/// Marks facts as jumps or takes the mark away.
pub(super) async fn jumps(db: &DatabaseTransaction, keys: &[(i64, NaiveDate)], is_jump: bool) -> Result<()> {
    let backend = db.get_database_backend();
    for keys in keys.chunks(MAX_ROWS) {
        let pages: Vec<i64> = keys.iter().map(|(page_id, _)| *page_id).collect();
        let (sql, values): (String, Vec<Value>) = match backend {
            DbBackend::Postgres => (
                format!(
                    "UPDATE page_statistics f SET is_jump = {is_jump} FROM unnest($1::bigint[], $2::bigint[]) AS a(page_id, day) \
                     WHERE f.page_id = a.page_id AND f.day = DATE '1970-01-01' + a.day::int"
                ),
                vec![pages.into(), keys.iter().map(|(_, day)| days(*day)).collect::<Vec<i64>>().into()],
            ),
            _ => {
                let keys: Vec<_> = keys.iter().map(|(page_id, day)| (page_id, day.to_string())).collect();
                let sql = format!(
                    "UPDATE page_statistics SET is_jump = {is_jump} FROM json_each(?) AS a \
                     WHERE page_id = a.value ->> 0 AND day = a.value ->> 1"
                );
                (sql, vec![serde_json::to_string(&keys)?.into()])
            }
        };
        db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}
