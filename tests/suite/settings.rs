//! Settings of the server, from its environment.

use std::net::TcpListener;

use tempfile::TempDir;

use super::harness::{GATEWAY_SECRET, TestApp, program};

#[tokio::test]
async fn an_empty_variable_is_as_none_and_a_secret_that_protects_nothing_is_refused() {
    let app = TestApp::start().await;
    let directory = TempDir::new().expect("a directory");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let serve = |variables: &[(&str, &str)]| {
        let mut serve = program::command(&app.database.url, directory.path());
        let serve = serve.args(["serve", "--listen", &address]).envs(variables.iter().copied());
        program::error(&serve.output().expect("the program runs"))
    };
    let names = [
        "GATEWAY_SECRET",
        "REGISTRY_NAME",
        "TRUSTED_PROXIES",
        "MAX_CONNECTIONS",
        "MAX_LAG",
        "CORS_ORIGINS",
        "DOCUMENTS",
        "ONLY_LISTED_DOCUMENTS",
        "CACHE_MEMORY",
        "REDIS_URL",
        "REDIS_NAMESPACE",
        "SIGNING_KEY",
        "WITNESS",
        "LIMITS_PUBLIC",
    ];
    // All settings are accepted: only the port is not free.
    let message = serve(&names.map(|name| (name, "")));
    assert!(message.contains(&address), "{message}");
    for secret in ["short", "fifteen charact", "шестнадцать букв"] {
        let message = serve(&[("GATEWAY_SECRET", secret)]);
        assert!(message.contains("16 to 512 characters") && !message.contains(secret), "{message}");
    }
    let of = |count: usize| vec![GATEWAY_SECRET; count].join(",");
    for secret in [of(1), of(2)] {
        let message = serve(&[("GATEWAY_SECRET", &secret)]);
        assert!(message.contains(&address), "{message}");
    }
    let message = serve(&[("GATEWAY_SECRET", &of(3))]);
    assert!(message.contains("one or two secrets") && !message.contains(GATEWAY_SECRET), "{message}");
}

#[test]
fn the_secret_for_the_address_of_the_coprocessor_is_printed_for_each_secret() {
    let directory = TempDir::new().expect("a directory");
    let output = |secret: Option<&str>| {
        let mut command = program::command("sqlite://none.sqlite", directory.path());
        let command = command.args(["gateway", "coprocessor-secret"]).env_remove("GATEWAY_SECRET");
        command.envs(secret.map(|secret| ("GATEWAY_SECRET", secret))).output().expect("the program runs")
    };
    let lines = |secret: &str| {
        let printed = String::from_utf8(output(Some(secret)).stdout).expect("UTF-8");
        printed.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let other = "another secret of the gateway";
    let both = lines(&format!("{GATEWAY_SECRET},{other}"));
    assert_eq!(both, [lines(GATEWAY_SECRET), lines(other)].concat());
    assert!(both.len() == 2 && both[0] != both[1] && both.iter().all(|line| line.len() == 64), "{both:?}");
    for none in [None, Some("")] {
        assert!(program::error(&output(none)).contains("GATEWAY_SECRET is not set"));
    }
    let message = program::error(&output(Some("short")));
    assert!(message.contains("16 to 512 characters") && !message.contains("short"), "{message}");
}
