//! A fresh database with the packs of two countries; which kind depends on the test binary's name.
//!
//! A template is made once for each build of the tests and copied for each test.

use std::{
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use registry::{
    change_log::Registry,
    database::{self, Database},
    pack,
};
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;

/// Packs that every test has: nothing may depend on one country.
const PACKS: [&str; 2] = ["ru", "ca"];
/// The pack that is added last, and so sets the time zone: tests reckon in UTC.
const UTC: &str =
    "[pack]\ncode = \"utc\"\nname = \"UTC\"\nversion = 1\nlanguage = \"en\"\ntime_zone = \"UTC\"\n";

pub struct TestDatabase {
    pub url: String,
    _directory: Option<TempDir>,
}

impl TestDatabase {
    pub async fn create() -> Self {
        match env!("CARGO_CRATE_NAME") {
            "sqlite" => sqlite().await,
            "postgres" => postgres::create().await,
            other => unreachable!("no database for {other}"),
        }
    }

    /// A database without tables.
    pub async fn empty() -> Self {
        match env!("CARGO_CRATE_NAME") {
            "sqlite" => {
                let directory = TempDir::new().expect("a directory");
                Self { url: file_url(&directory.path().join("empty.sqlite")), _directory: Some(directory) }
            }
            _ => postgres::empty().await,
        }
    }

    pub async fn connect(&self) -> Database {
        database::connect(&self.url).await.expect("the database opens")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.url.starts_with("postgres") {
            postgres::drop_later(&self.url);
        }
    }
}

fn file_url(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

/// Changes with each build of the tests.
fn build() -> String {
    let program = std::env::current_exe().and_then(std::fs::metadata).expect("the test binary");
    let built = program.modified().expect("a file time").duration_since(UNIX_EPOCH).expect("after 1970");
    format!("{:x}", built.as_nanos())
}

async fn sqlite() -> TestDatabase {
    let template = sqlite_template().await;
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("registry.sqlite");
    std::fs::copy(template, &file).expect("the template is copied");
    TestDatabase { url: file_url(&file), _directory: Some(directory) }
}

/// Processes race for it; whoever comes first makes it, and nobody sees it half made.
async fn sqlite_template() -> PathBuf {
    let template = std::env::temp_dir().join(format!("registry-template-{}.sqlite", build()));
    if !template.exists() {
        let directory = TempDir::new().expect("a directory");
        let unfinished = directory.path().join("template.sqlite");
        make(&file_url(&unfinished)).await;
        let own = tempfile::NamedTempFile::new_in(std::env::temp_dir()).expect("a file");
        std::fs::copy(&unfinished, own.path()).expect("the template is copied");
        own.persist(&template).expect("the template is put in its place");
    }
    template
}

async fn make(url: &str) {
    let database = database::connect(url).await.expect("the database opens");
    database::migrate(&database).await.expect("the database is migrated");
    let registry = Registry::open(database.clone()).await.expect("the registry opens");
    for name in PACKS {
        pack::load(&registry, name).await.expect("the pack is loaded");
    }
    let utc = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
    std::fs::write(utc.path(), UTC).expect("the pack is written");
    pack::load(&registry, utc.path().to_str().expect("a path")).await.expect("the pack is loaded");
    drop(registry);
    if url.starts_with("sqlite") {
        let writer = sea_orm::Database::connect(url).await.expect("the database opens");
        writer.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.expect("the log is emptied");
        writer.close().await.expect("the database closes");
    }
    database.close().await.expect("the database closes");
}

mod postgres {
    use sea_orm::{Database as SeaOrm, DatabaseConnection, DbBackend};
    use tokio::sync::OnceCell;

    use super::*;

    /// Test databases begin with this; those of crashed runs are swept by the next.
    const PREFIX: &str = "registry_test_";
    const TEMPLATE_LOCK: i64 = 0x7465_7374;

    fn server() -> String {
        let url = std::env::var("TEST_POSTGRES_URL");
        url.expect(
            "TEST_POSTGRES_URL must name a Postgres server, such as postgres://postgres@127.0.0.1:5432",
        )
    }

    async fn admin() -> DatabaseConnection {
        SeaOrm::connect(format!("{}/postgres", server())).await.expect("the Postgres server answers")
    }

    fn name() -> String {
        let unique = tempfile::Builder::new().prefix(PREFIX).rand_bytes(12).tempdir().expect("a name");
        unique.path().file_name().expect("a name").to_string_lossy().to_lowercase()
    }

    pub async fn create() -> TestDatabase {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(template).await;
        let (admin, name) = (admin().await, name());
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
        // Postgres copies a template for one at a time.
        let lock = format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})");
        admin.execute_unprepared(&lock).await.expect("the lock is taken");
        admin.execute_unprepared(&copy).await.expect("the template is copied");
        admin.close().await.expect("the connection closes");
        TestDatabase { url: format!("{}/{name}", server()), _directory: None }
    }

    pub async fn empty() -> TestDatabase {
        let (admin, name) = (admin().await, name());
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.expect("the database is made");
        admin.close().await.expect("the connection closes");
        TestDatabase { url: format!("{}/{name}", server()), _directory: None }
    }

    async fn template() -> String {
        let name = format!("registry_template_{}", build());
        let admin = admin().await;
        let lock = format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})");
        admin.execute_unprepared(&lock).await.expect("the lock is taken");
        if !exists(&admin, &name).await {
            sweep(&admin).await;
            let unfinished = format!("{name}_draft");
            admin
                .execute_unprepared(&format!("DROP DATABASE IF EXISTS {unfinished}"))
                .await
                .expect("it is dropped");
            admin
                .execute_unprepared(&format!("CREATE DATABASE {unfinished}"))
                .await
                .expect("the template is made");
            make(&format!("{}/{unfinished}", server())).await;
            let rename = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
            admin.execute_unprepared(&rename).await.expect("the template is put in its place");
        }
        admin.close().await.expect("the connection closes");
        name
    }

    async fn exists(admin: &DatabaseConnection, name: &str) -> bool {
        let ask = "SELECT 1 FROM pg_database WHERE datname = $1";
        let ask = Statement::from_sql_and_values(DbBackend::Postgres, ask, [name.into()]);
        admin.query_one_raw(ask).await.expect("the server answers").is_some()
    }

    /// Removes what earlier builds and crashed runs left.
    async fn sweep(admin: &DatabaseConnection) {
        let ask = "SELECT datname FROM pg_database d WHERE (datname LIKE 'registry_test_%' OR datname LIKE \
                   'registry_template_%') AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datname = d.datname)";
        let ask = Statement::from_string(DbBackend::Postgres, ask);
        for row in admin.query_all_raw(ask).await.expect("the server answers") {
            let name: String = row.try_get("", "datname").expect("a name");
            // Another run may sweep, too.
            let _ = admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name}")).await;
        }
    }

    pub fn drop_later(url: &str) {
        let name = url.rsplit('/').next().unwrap_or_default().to_owned();
        let server = server();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                if let Ok(admin) = SeaOrm::connect(format!("{server}/postgres")).await {
                    let _ = admin
                        .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                        .await;
                }
            });
        });
        let _ = thread.join();
    }
}
