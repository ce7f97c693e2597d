//! Receipts: signed statements on the log, stored by witnesses.

use std::sync::Arc;

use api::{config::settings::Settings, witness::ReceiptWitness};
use registry::change_log::{Receipt, Signer, Witness, prove};
use sea_orm::{ConnectionTrait, DbBackend};
use serde_json::json;
use tempfile::TempDir;

use super::harness::{TestApp, behind::intruder, program};

/// A key for these tests only, in the format of `openssl genpkey -algorithm ed25519`.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIPbOXFGF38HdAScX5R8xzFQvfRCShntbCKLhx+/znRyU
-----END PRIVATE KEY-----
";

fn witness(text: &str) -> Arc<dyn Witness> {
    Arc::new(ReceiptWitness::of(text).expect("a witness"))
}

fn signer_with(witness: Option<Arc<dyn Witness>>) -> Signer {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("key.pem");
    std::fs::write(&file, KEY).expect("the key is written");
    Signer::read(&file, witness).expect("a key")
}

/// Signer of the tests.
pub fn signer() -> Signer {
    signer_with(None)
}

async fn app() -> TestApp {
    TestApp::start_with(Settings { public_key: Some(signer().public_key()), ..Settings::default() }).await
}

#[tokio::test]
async fn a_receipt_is_shown_with_the_log_and_checked_with_the_public_key() {
    let app = app().await;
    let receipt = app.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    assert!(receipt.is_genuine());
    assert_eq!(receipt.seq, app.registry.snapshot().seq());
    let repeated = app.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    assert_eq!(repeated, receipt, "nothing has changed: nothing is signed");

    let key = app.get("/.well-known/registry-key", &[]).await.json();
    assert_eq!(key["keys"][0]["x"], receipt.public_key.as_str());
    assert_eq!(key["keys"][0]["crv"], "Ed25519");
    let read = |text: &str| Receipt::read_all(text).expect("a receipt").0.remove(0);
    let ready = app.get("/readyz", &[]).await.json();
    assert_eq!(read(&ready["receipt"].to_string()), receipt);
    let file = app.get("/export/institutions.csv", &[]).await;
    assert_eq!(read(file.header("registry-receipt")), receipt);
    let ask = "{ changes(first: 1) { receipt { registry seq hash at publicKey signature } } }";
    let listed = app.data(ask, json!({})).await["changes"]["receipt"].take();
    assert_eq!(listed["signature"], receipt.signature.as_str());
    assert_eq!(listed["seq"], receipt.seq);
}

#[tokio::test]
async fn a_registry_that_signs_nothing_has_no_receipt() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/.well-known/registry-key", &[]).await.status, 404);
    assert_eq!(app.get("/readyz", &[]).await.json()["receipt"], json!(null));
    let data = app.data("{ changes(first: 1) { receipt { seq } } }", json!({})).await;
    assert_eq!(data["changes"]["receipt"], json!(null));
}

#[tokio::test]
async fn an_archived_receipt_contradicts_a_log_that_was_truncated_or_rewritten() {
    let app = app().await;
    app.organization("one", "One").await;
    let receipt = app.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    assert_eq!(prove(&app.registry, &receipt).await.expect("an answer"), None);

    let denied = async |receipt: Receipt| {
        prove(&app.registry, &receipt).await.expect("an answer").expect("it denies the log")
    };
    let beyond = Receipt { seq: receipt.seq + 1, ..receipt.clone() };
    assert!(denied(beyond).await.contains("signature"), "the sequence number was altered");
    let other = TestApp::start().await;
    other.organization("two", "Two").await;
    let foreign = other.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    assert!(denied(foreign).await.contains("another"), "a receipt of another log");
    for number in 0..3 {
        other.organization(&format!("more-{number}"), "More").await;
    }
    let longer = other.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    assert!(denied(longer).await.contains("cut off"));
}

#[tokio::test]
async fn a_witness_keeps_one_line_a_receipt_that_the_program_proves() {
    let app = app().await;
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("witness.ndjson");
    let signer = signer_with(Some(witness(&file.to_string_lossy())));
    let mut last_sent = None;
    for number in 0..2 {
        app.organization(&format!("o-{number}"), "Organization").await;
        for _ in 0..2 {
            app.registry.sign_and_send(&signer, &mut last_sent).await.expect("it is signed");
        }
    }
    let stored = std::fs::read_to_string(&file).expect("the witness's file");
    assert_eq!(Receipt::read_all(&stored).expect("receipts").0.len(), 2);
    let (url, path) = (app.database.url.as_str(), file.to_string_lossy().into_owned());
    let proven = program::run(url, directory.path(), &["check", "--receipt", &path]);
    let text = String::from_utf8_lossy(&proven.stdout).into_owned();
    assert!(proven.status.success(), "{proven:?}");
    assert_eq!(text.matches("Proven: the log matches the receipt").count(), 2, "{text}");
    let other_key = ["check", "--receipt", &path, "--public-key", &"A".repeat(43)];
    let foreign = program::run(url, directory.path(), &other_key);
    assert!(program::error(&foreign).contains("2 of 2 receipts do not match the log"));
    assert!(String::from_utf8_lossy(&foreign.stdout).contains("another key"));
    // A receipt that contradicts the log does not prevent the others from being verified.
    std::fs::write(&file, stored.replacen("\"seq\":", "\"seq\":1", 1)).expect("the file is altered");
    let denied = program::run(url, directory.path(), &["check", "--receipt", &path]);
    assert!(program::error(&denied).contains("1 of 2 receipts do not match the log"));
    let text = String::from_utf8_lossy(&denied.stdout);
    assert!(
        text.contains("does not match the log: its signature") && text.contains("Proven: the log matches"),
        "{text}"
    );
    std::fs::write(&file, "nothing").expect("the file is altered");
    let none = program::error(&program::run(url, directory.path(), &["check", "--receipt", &path]));
    assert!(none.contains("no receipt"), "{none}");
}

#[test]
fn a_witness_is_a_file_or_an_address_with_a_host() {
    for text in [
        "",
        " ",
        "ftp://example.org/",
        "http://",
        "https:///receipts",
        "https://ex ample.org/",
        "http://:80/",
    ] {
        assert!(ReceiptWitness::of(text).is_err(), "{text:?}");
    }
    for text in ["receipts.ndjson", "/a/b", "https://example.org/receipts?key=1", "http://127.0.0.1:8080"] {
        assert!(ReceiptWitness::of(text).is_ok(), "{text:?}");
    }
}

#[tokio::test]
async fn a_witness_that_was_away_gets_the_last_receipt_when_it_is_back() {
    let app = app().await;
    let directory = TempDir::new().expect("a directory");
    let folder = directory.path().join("later");
    let file = folder.join("witness.ndjson");
    let signer = signer_with(Some(witness(&file.to_string_lossy())));
    let mut last_sent = None;
    app.registry.sign_and_send(&signer, &mut last_sent).await.expect("it is signed");
    assert_eq!(last_sent, None, "there is no such folder");
    std::fs::create_dir(&folder).expect("the folder");
    app.registry.sign_and_send(&signer, &mut last_sent).await.expect("it is signed");
    assert_eq!(last_sent, Some(app.registry.snapshot().seq()));
    let stored = std::fs::read_to_string(&file).expect("the witness's file");
    assert_eq!(Receipt::read_all(&stored).expect("receipts").0.len(), 1);
}

#[tokio::test]
async fn a_witness_that_sends_elsewhere_has_taken_nothing() {
    let app = app().await;
    let elsewhere = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = elsewhere.local_addr().expect("an address");
    let router = axum::Router::new()
        .route("/", axum::routing::post(|| async { axum::response::Redirect::permanent("/other") }));
    let served = tokio::spawn(async move { axum::serve(elsewhere, router).await });
    let signer = signer_with(Some(witness(&format!("http://{address}/"))));
    let mut last_sent = None;
    app.registry.sign_and_send(&signer, &mut last_sent).await.expect("it is signed");
    assert_eq!(last_sent, None);
    served.abort();
}

#[test]
fn a_key_of_another_kind_is_refused_with_what_to_do() {
    let directory = TempDir::new().expect("a directory");
    let file = directory.path().join("key.pem");
    std::fs::write(&file, "no key").expect("the file is written");
    let error = Signer::read(&file, None).expect_err("no key");
    assert!(error.to_string().contains("openssl genpkey -algorithm ed25519"), "{error}");
}

/// A row of the receipt table, as anyone with write access could insert it.
async fn insert_receipt(app: &TestApp, seq: i64, key: &str, signature: &str) {
    let bytes = |hex: &str| match app.registry.database().backend() {
        DbBackend::Postgres => format!("'\\x{hex}'::bytea"),
        _ => format!("X'{hex}'"),
    };
    let sql = format!(
        "INSERT INTO receipt (seq, hash, at, public_key, signature) VALUES ({seq}, {}, '2026-11-26T13:00:00+00:00', {}, {})",
        bytes(&"00".repeat(32)),
        bytes(key),
        bytes(signature)
    );
    intruder(app).await.execute_unprepared(&sql).await.expect("the row");
}

#[tokio::test]
async fn inserted_receipts_prevent_no_signature_and_are_never_returned() {
    let app = app().await;
    app.organization("one", "One").await;
    let own = app.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    insert_receipt(&app, 1_000_000_000, &"00".repeat(32), &"00".repeat(64)).await;
    app.organization("two", "Two").await;
    let seq = app.registry.snapshot().seq();
    insert_receipt(&app, seq, &"11".repeat(32), &"22".repeat(64)).await;
    let next = app.registry.sign(&signer()).await.expect("it is signed").expect("a receipt");
    assert_eq!((next.seq, &next.public_key), (seq, &own.public_key));
    assert!(next.is_genuine());
    let ready = app.get("/readyz", &[]).await.json();
    assert_eq!(ready["receipt"]["seq"], seq);
    assert_eq!(prove(&app.registry, &next).await.expect("an answer"), None);
}
