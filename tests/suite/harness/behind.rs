//! What happens to a database behind the registry's back: rows are altered, and earlier states come back.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};

use super::TestApp;

/// A connection that foreign keys do not hold back, as those who restore tables by hand have it.
pub async fn intruder(app: &TestApp) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(&app.database.url);
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await.expect("a connection");
    let off = match db.get_database_backend() {
        DbBackend::Postgres => "SET session_replication_role = replica",
        _ => "PRAGMA foreign_keys = OFF",
    };
    db.execute_unprepared(off).await.expect("the keys are off");
    db
}

pub async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<sea_orm::QueryResult> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_all_raw(statement).await.expect("an answer")
}

pub async fn tables(db: &DatabaseConnection) -> Vec<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT relname::text AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace \
             AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    };
    let names = rows(db, sql).await;
    names.iter().map(|row| row.try_get("", "name").expect("a name")).collect()
}

/// A state of all tables, to be brought back later.
pub struct AsOf {
    db: DatabaseConnection,
    tables: Vec<String>,
}

impl AsOf {
    /// Keeps the state of now.
    pub async fn keep(app: &TestApp) -> Self {
        let db = intruder(app).await;
        let tables = tables(&db).await;
        for table in &tables {
            let copy = format!("CREATE TABLE past_of_{table} AS SELECT * FROM {table}");
            db.execute_unprepared(&copy).await.expect("a copy");
        }
        Self { db, tables }
    }

    /// Brings the state back, all at once, as a replica that was behind does.
    pub async fn bring_back(&self) {
        let transaction = self.db.begin().await.expect("a transaction");
        for table in &self.tables {
            for sql in
                [format!("DELETE FROM {table}"), format!("INSERT INTO {table} SELECT * FROM past_of_{table}")]
            {
                transaction.execute_unprepared(&sql).await.expect("the table as it was");
            }
        }
        transaction.commit().await.expect("all tables as they were");
    }
}
