//! Marks from the command line.

use registry::change_log::Registry;
use tempfile::TempDir;

use super::school;
use crate::suite::harness::{TestApp, program};

#[tokio::test]
async fn an_operator_leads_a_mark_through_its_workflow_from_the_command_line() {
    let app = TestApp::start().await;
    let (_, page) = school(&app, "ru-28", "77").await;
    let directory = TempDir::new().expect("a directory");
    let address = "https://vk.com/club77";
    let number = page.to_string();
    let run = |arguments: &[&str]| {
        let output = program::run(&app.database.url, directory.path(), arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let fails =
        |arguments: &[&str]| program::error(&program::run(&app.database.url, directory.path(), arguments));
    let printed = run(&["mark", "request", address, "--reason", "asked for by the school"]);
    assert!(printed.starts_with(&format!("page {page} (https://vk.com/club77")), "{printed}");
    assert!(printed.ends_with("the mark is REQUESTED.\n"), "{printed}");
    let message = fails(&["mark", "revoke", &number, "--reason", "a mistake"]);
    assert!(message.contains("possible are markPend, markReject"), "{message}");
    run(&["mark", "pend", &number, "--reason", "passed on"]);
    let confirm = ["mark", "confirm", &number, "--reason", "it shows the mark", "--method", "gosuslugi"];
    assert!(fails(&confirm).contains("Say what proves the mark"));
    let with_evidence = [&confirm[..], &["--evidence", address, "--expires-on", "2999-12-31"]].concat();
    assert!(run(&with_evidence).ends_with("the mark is CONFIRMED, up to 2999-12-31.\n"));
    assert_eq!(run(&["mark", "expire"]), "0 marks expired.\n");
    assert!(run(&["mark", "lost", &number, "--reason", "it is gone"]).ends_with("the mark is LOST.\n"));
    let registry = Registry::open(app.database.connect().await).await.expect("the registry opens");
    assert_eq!(registry.snapshot().seq(), app.registry.snapshot().seq() + 4, "one change each");
}
