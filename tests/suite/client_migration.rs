//! Clients from before they could have several keys: their keys are valid, and their log stays sealed.

use chrono::{DateTime, Utc};
use migrations::{Migrator, MigratorTrait};
use registry::{
    api_client::{self, ClientChanges, ClientReference},
    author::Author,
    change_log::{Registry, Verdict, verify},
    database,
    idempotency::WriteRequest,
    model::Scope,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, TransactionTrait};

use super::harness::database::TestDatabase;

const AT: &str = "2026-11-22T07:06:00+00:00";

/// A key of an earlier version, and its hash.
fn key(number: u8) -> (String, String) {
    let key = format!("reg_{}", char::from(b'0' + number).to_string().repeat(43));
    let hash = blake3::hash(key.as_bytes()).to_hex().to_string();
    (key, hash)
}

/// Hash of a change, as docs/operations.md describes it.
fn seal(previous: &[u8], seq: i64, id: i64, after: &str) -> Vec<u8> {
    let at: DateTime<Utc> = AT.parse().expect("a timestamp");
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[2]);
    let mut add = |tag: u8, bytes: &[u8]| {
        hasher.update(&[tag]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    add(1, previous);
    add(2, &seq.to_le_bytes());
    add(3, &at.timestamp_micros().to_le_bytes());
    add(4, b"CREATED");
    add(5, b"CLIENT");
    add(6, &id.to_le_bytes());
    add(10, b"INTERNAL");
    add(11, b"operator");
    add(13, after.as_bytes());
    hasher.finalize().as_bytes().to_vec()
}

fn blob(backend: DbBackend, bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match backend {
        DbBackend::Postgres => format!("'\\x{hex}'::bytea"),
        _ => format!("x'{hex}'"),
    }
}

/// Writes two clients as an earlier version did, and a row that refers to one of them.
async fn write_clients(db: &DatabaseConnection) {
    let backend = db.get_database_backend();
    let mut previous = Vec::new();
    for (seq, name, scopes) in [(1, "partner", "[\"READ\"]"), (2, "sender", "[\"STATISTICS\"]")] {
        let hash = key(seq as u8).1;
        let after = format!(
            "{{\"id\":{seq},\"name\":\"{name}\",\"scopes\":{scopes},\"key_hash\":\"{hash}\",\
             \"created_at\":\"2026-11-22T07:06:00Z\",\"revoked_at\":null}}"
        );
        previous = seal(&previous, seq, seq, &after);
        for sql in [
            format!(
                "INSERT INTO client (id, name, scopes, key_hash, created_at) \
                 VALUES ({seq}, '{name}', '{scopes}', '{hash}', '{AT}')"
            ),
            format!(
                "INSERT INTO change (seq, at, kind, subject_type, subject_id, audience, actor, after, hash) \
                 VALUES ({seq}, '{AT}', 'CREATED', 'CLIENT', {seq}, 'INTERNAL', 'operator', '{after}', {})",
                blob(backend, &previous)
            ),
        ] {
            db.execute_unprepared(&sql).await.expect(&sql);
        }
    }
    let refers = format!(
        "INSERT INTO idempotency_key (client_id, key, request_hash, answer, at) VALUES (2, 'k', {}, '[]', '{AT}')",
        blob(backend, &[1])
    );
    db.execute_unprepared(&refers).await.expect("a row that refers to a client");
}

#[tokio::test]
async fn keys_of_an_earlier_version_are_valid_and_the_log_stays_sealed() {
    let created = TestDatabase::empty().await;
    let database = created.connect().await;
    let is_new = |name: &str| name.ends_with("_client_keys");
    let before = Migrator::migrations().iter().position(|it| is_new(it.name())).expect("the migration");
    // Temporary tables of a migration are those of one connection.
    let transaction = database.read.begin().await.expect("a transaction");
    Migrator::up(&transaction, Some(before as u32)).await.expect("the earlier tables");
    transaction.commit().await.expect("it is committed");
    write_clients(&database.read).await;
    let applied = database::migrate(&database).await.expect("it migrates");
    assert_eq!(applied, Migrator::migrations().len() - before);
    let registry = Registry::open(database.clone()).await.expect("the registry opens");
    let sound = async |changes| {
        assert_eq!(verify(&registry, |_| {}).await.expect("a verdict"), Verdict::Sound { changes });
    };
    sound(2).await;
    for (number, name) in [(1, "partner"), (2, "sender")] {
        let found = api_client::authenticate(&registry.snapshot(), &key(number).0, Utc::now());
        assert_eq!(&*found.expect("a client").name, name);
    }
    // A write of a client compares its row with its last state in the log.
    let (request, client) =
        (WriteRequest::new(Author::operator()), ClientReference::Name("partner".to_owned()));
    let changes =
        ClientChanges { scopes: Some(vec![Scope::Read, Scope::Review]), ..ClientChanges::default() };
    let edited = api_client::edit_client(&registry, request, client, changes).await;
    edited.expect("an outcome").expect("it is changed");
    sound(3).await;
    assert!(api_client::authenticate(&registry.snapshot(), &key(1).0, Utc::now()).is_ok());
    let reopened = Registry::open(database).await.expect("the registry opens");
    assert_eq!(reopened.snapshot().clients(), registry.snapshot().clients());
}
