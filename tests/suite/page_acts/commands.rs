//! `registry page`: the same acts for those who work in a terminal.

use tempfile::TempDir;

use super::verdict;
use crate::suite::harness::{TestApp, program};

#[tokio::test]
async fn pages_are_registered_corrected_and_archived_from_the_command_line() {
    let mut app = TestApp::start().await;
    app.organization("city", "City").await;
    app.organization("school", "School").await;
    let directory = TempDir::new().expect("a directory");
    let url = app.database.url.clone();
    let run = |command: &str| {
        let arguments: Vec<&str> =
            command.split(' ').chain(["--reason", "Letter of the ministry."]).collect();
        program::run(&url, directory.path(), &arguments)
    };
    let done = |command: &str| {
        let output = run(command);
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let printed =
        done("page register vk.com/gorod_tula --owner city --native-id 77 --title Tula --languages ru,en");
    assert!(printed.starts_with("Page 1 (https://vk.com/gorod_tula) of city: REGISTERED."), "{printed}");
    done(
        "page edit 1 --category flagship --valid-from 2024-01-01 --evidence https://tula.example/decree --document 12",
    );
    done("page edit vk.com/gorod_tula --clear category,valid-from");
    done("page rename 1 vk.com/tula_city");
    let printed = done("page owner 1 school");
    assert!(printed.contains("of school"), "{printed}");
    done("page add-co-owners 1 city");
    done("page remove-co-owners 1 city");
    done("page availability 1 live --checked-at 2026-01-01T00:00:00Z");
    done("page widget 1 wrong-count");
    done("page compromised 1");
    done("page clear 1 --outcome registered");
    let printed = done("page archive 1");
    assert!(printed.starts_with("Page 1 (https://vk.com/tula_city) of school: ARCHIVED."), "{printed}");
    done("page restore 1");
    let printed = done("page reject 1 --code wrong-owner");
    assert!(printed.contains("REJECTED"), "{printed}");
    done("page restore 1");
    done("page approve 1");
    assert!(program::run(&url, directory.path(), &["check"]).status.success());
    app.restart().await;
    assert_eq!(verdict(&app, "vk.com/tula_city").await, "OFFICIAL");
}

#[tokio::test]
async fn a_command_that_is_refused_says_why() {
    let app = TestApp::start().await;
    app.organization("city", "City").await;
    app.page(1, "vk", "gorod_tula").await;
    let directory = TempDir::new().expect("a directory");
    let failure = |command: &str, reason: &str| {
        let arguments: Vec<&str> = command.split(' ').chain(["--reason", reason]).collect();
        program::error(&program::run(&app.database.url, directory.path(), &arguments))
    };
    for (command, reason, expected) in [
        ("page approve 1", "Letter.", "pageArchive"),
        ("page archive 2", "Letter.", "no such page"),
        ("page archive 1", " ", "--reason"),
        ("page archive 1 --evidence x", "Letter.", "evidence"),
        ("page archive 1 --if-seq 1", "Letter.", "was changed later"),
        ("page register vk.com/id5 --owner city", "Letter.", "a person's profile"),
        ("page register vk.com/gorod_tula --owner city", "Letter.", "page 1 ("),
    ] {
        let message = failure(command, reason);
        assert!(message.contains(expected), "{command}: {message}");
    }
}
