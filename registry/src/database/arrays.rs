//! Statements with any number of rows or values: on Postgres, each column or condition is bound as one array.

use chrono::NaiveDate;
use sea_orm::{DbBackend, Statement, Value};

/// Represents null: the arrays contain no nulls.
pub(crate) const NONE: i64 = -1;
/// Days since 1970 as a date.
pub(crate) const DAY: &str = "DATE '1970-01-01' + {}::int";
/// Microseconds since 1970 as a timestamp.
pub(crate) const TIMESTAMP: &str = "TIMESTAMPTZ 'epoch' + NULLIF({}, -1) * INTERVAL '1 microsecond'";

/// SQL condition that a number is one of these, and the value to bind as `$1`.
pub(crate) fn among<N>(backend: DbBackend, numbers: &[N]) -> (&'static str, Value)
where
    N: Copy + Into<serde_json::Value>,
    Vec<N>: Into<Value>,
{
    match backend {
        DbBackend::Postgres => ("= ANY($1)", numbers.to_vec().into()),
        _ => ("IN (SELECT value FROM json_each($1))", serde_json::Value::from(numbers).to_string().into()),
    }
}

/// Rows to write, column by column. A value that all rows share is sent once.
pub(crate) struct Arrays {
    table: &'static str,
    key: &'static [&'static str],
    columns: Vec<(&'static str, &'static str, Column)>,
}

enum Column {
    Alike(i64),
    Each(Vec<i64>),
}

impl Arrays {
    pub(crate) fn new(table: &'static str, key: &'static [&'static str]) -> Self {
        Self { table, key, columns: Vec::new() }
    }

    /// Adds a column, with the SQL expression that converts a number, `{}`, to it.
    pub(crate) fn add(&mut self, name: &'static str, expression: &'static str, numbers: Vec<i64>) {
        let alike = numbers.first().copied().filter(|first| numbers.iter().all(|number| number == first));
        // The first column determines the number of rows.
        let column = match alike {
            Some(number) if !self.columns.is_empty() => Column::Alike(number),
            _ => Column::Each(numbers),
        };
        self.columns.push((name, expression, column));
    }

    /// Statement that inserts the rows; with `may_exist`, existing rows with the same key are replaced.
    pub(crate) fn insert(self, may_exist: bool) -> Statement {
        let names: Vec<&str> = self.columns.iter().map(|(name, ..)| *name).collect();
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

    /// Statement that updates existing rows by key: a third cheaper than an upsert.
    pub(crate) fn update(self) -> Statement {
        let sets = self.columns.iter().zip(self.expressions());
        let sets = sets.filter(|((name, ..), _)| !self.key.contains(name));
        let sets: Vec<String> = sets.map(|((name, ..), value)| format!("{name} = {value}")).collect();
        let keys: Vec<String> = self.key.iter().map(|name| format!("t.{name} = a.{name}")).collect();
        let (table, source) = (self.table, self.source());
        let sql =
            format!("UPDATE {table} t SET {} FROM {source} WHERE {}", sets.join(", "), keys.join(" AND "));
        self.statement(sql)
    }

    /// SQL expressions of the columns' values.
    fn expressions(&self) -> Vec<String> {
        let columns = self.columns.iter().zip(1..);
        let expression = |((name, expression, column), number): (&(&str, &str, Column), u32)| {
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
            each.map(|((name, ..), number)| (format!("${number}::bigint[]"), *name)).unzip();
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
pub(crate) fn days(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}
