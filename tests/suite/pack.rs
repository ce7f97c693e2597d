//! Packs: countries as data.

use std::io::Write;

use registry::pack;
use serde_json::json;

use super::harness::{TestApp, database::TestDatabase, program};

#[tokio::test]
async fn loading_a_pack_again_changes_nothing() {
    let app = TestApp::start().await;
    let seq = app.registry.snapshot().seq();
    for loaded in pack::load(&app.registry, "ru").await.expect("the pack is loaded") {
        assert_eq!(loaded.changed, 0, "{loaded:?}");
    }
    assert_eq!(app.registry.snapshot().seq(), seq);
    assert_eq!(pack::loaded(app.registry.database()).await.expect("the packs"), ["ca", "ru", "utc", "world"]);
}

#[tokio::test]
async fn a_pack_of_another_country_is_a_file() {
    let app = TestApp::start().await;
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let text = r#"
        [pack]
        code = "nl"
        name = "Netherlands"
        version = 1
        language = "nl"
        [[territories]]
        code = "nl"
        kind = "COUNTRY"
        name = "Nederland"
        [[territories]]
        code = "nl-ut"
        kind = "REGION"
        parent = "nl"
        name = "Utrecht"
        [[platforms]]
        code = "plein"
        name = "Plein"
        [platforms.address]
        hosts = ["plein.example"]
        handle_url = "https://plein.example/~{handle}"
        matchers = [{ pattern = '^/~(?<handle>[^/]+)' }]
    "#;
    file.write_all(text.as_bytes()).expect("the pack is written");
    pack::load(&app.registry, file.path().to_str().expect("a path")).await.expect("the pack is loaded");
    let found = app.data(r#"{ territory(code: "nl-ut") { name parent { name } } verifyPage(url: "plein.example/~Stad") { verdict canonicalUrl } }"#, json!({})).await;
    assert_eq!(found["territory"], json!({ "name": "Utrecht", "parent": { "name": "Nederland" } }));
    assert_eq!(
        found["verifyPage"],
        json!({ "verdict": "NOT_REGISTERED", "canonicalUrl": "https://plein.example/~stad" })
    );
}

#[tokio::test]
async fn a_broken_pack_is_not_loaded_at_all() {
    let app = TestApp::start().await;
    let seq = app.registry.snapshot().seq();
    let broken = [
        ("nonsense", "not a pack"),
        (
            "[pack]\ncode='x'\nname='X'\nversion=1\nlanguage='en'\n[[territories]]\ncode='a'\nkind='REGION'\nname='A'\n[[territories]]\ncode='b'\nkind='REGION'\nname='B'\nparent='nowhere'",
            "no parent",
        ),
        (
            "[pack]\ncode='x'\nname='X'\nversion=1\nlanguage='en'\n[[platforms]]\ncode='p'\nname='P'\n[platforms.address]\nhosts=['p.example']\nmatchers=[{pattern='('}]",
            "not a usable pattern",
        ),
        (
            "[pack]\ncode='x'\nname='X'\nversion=1\nlanguage='en'\n[[platforms]]\ncode='p'\nname='P'\n[platforms.address]\nhosts=['p.example']\nmatchers=[{pattern='^/x'}]",
            "group named",
        ),
    ];
    for (text, _) in broken {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text.as_bytes()).expect("the pack is written");
        assert!(pack::load(&app.registry, file.path().to_str().expect("a path")).await.is_err(), "{text}");
    }
    assert_eq!(app.registry.snapshot().seq(), seq);
    let missing = pack::load(&app.registry, "atlantis").await.expect_err("no such pack").to_string();
    assert!(missing.contains("ca") && missing.contains("ru"), "the built-in ones are named: {missing}");
}

#[tokio::test]
async fn a_pack_is_begun_checked_and_loaded_by_commands() {
    let (directory, database) = (tempfile::TempDir::new().expect("a directory"), TestDatabase::empty().await);
    let run = |arguments: &[&str]| program::run(&database.url, directory.path(), arguments);
    let stdout = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(stdout(&run(&["pack", "new", "xy"])).contains("pack check xy.toml"));
    assert!(program::error(&run(&["pack", "new", "xy"])).contains("already exists"));
    assert!(program::error(&run(&["pack", "new", "ru"])).contains("use another code"));
    assert!(program::error(&run(&["pack", "new", "../xy"])).contains("not a valid pack code"));
    let checked = stdout(&run(&["pack", "check", "xy.toml"]));
    let invented = "still has the values of the template";
    assert!(checked.ends_with("No problems.\n") && checked.matches(invented).count() == 7, "{checked}");
    assert!(checked.contains("xy.toml: note: territory `xy-01`: "), "{checked}");
    assert!(stdout(&run(&["migrate", "--pack", "xy.toml"])).contains("pack xy: "));
    let shown = program::error(&run(&["pack", "show", "xy"]));
    assert!(shown.contains("neither a file nor a built-in pack"), "loaded, but not a file: {shown}");
    assert!(stdout(&run(&["pack", "show", "xy.toml"])).contains("xy-01"));
    let path = directory.path().join("xy.toml");
    let text = std::fs::read_to_string(&path).expect("a pack");
    for (includes, expected) in [("xy", "only built-in packs"), ("xy.toml", "only built-in packs")] {
        std::fs::write(&path, text.replace("[\"world\"]", &format!("[\"{includes}\"]"))).expect("a pack");
        assert!(program::error(&run(&["pack", "load", "xy.toml"])).contains(expected), "{includes}");
    }
    std::fs::write(&path, text.replace("\"about\", \"group\"", "\"about\"")).expect("a pack");
    let rejected = run(&["pack", "load", "xy.toml"]);
    assert!(stdout(&rejected).contains("add `group` to `reserved`"), "{rejected:?}");
    assert!(program::error(&rejected).contains("--force"), "{rejected:?}");
    assert!(stdout(&run(&["pack", "load", "--force", "xy.toml"])).contains("pack xy: "));
    assert!(stdout(&run(&["migrate", "--pack", "xy.toml"])).contains("loaded despite these problems"));
    std::fs::write(&path, text.replace("code = \"xy\"  ", "code = \"ru\"  ")).expect("a pack");
    assert!(program::error(&run(&["pack", "check", "xy.toml"])).contains("use another code"));
    std::fs::write(&path, text.replace("timezone = \"Europe/Paris\"", "timezone = \"Paris\""))
        .expect("a pack");
    let output = run(&["pack", "check", "xy.toml"]);
    assert_eq!(program::error(&output), "error: 2 problems.");
    assert!(stdout(&output).contains("xy.toml: territory `xy-01`: `Paris`"));
}

#[tokio::test]
async fn all_mistakes_of_a_pack_that_cannot_be_read_are_reported_with_their_places() {
    let text = pack::template("xy");
    let wrong = text
        .replacen("'(?i)^/group/0*", "'(?i)^/(group/0*", 1)
        .replacen("'(?i)^/user/'", "'(?i)^/[user/'", 1)
        .replacen("pattern = '[1-9]\\d{8}'", "pattern = '[1-9'", 1);
    let error = pack::PackFile::parse(&wrong).expect_err("no pack").to_string();
    for expected in ["platform `plaza`, matcher 1: ", "platform `plaza`, matcher 2: ", "scheme `xy:orgnr`: "]
    {
        assert!(error.contains(expected), "{expected}: {error}");
    }
    let dated = text.replacen("valid_from = \"2024-01-01\"", "valid_from = 2024-01-01", 1);
    let error = format!("{:#}", pack::PackFile::parse(&dated).expect_err("no pack"));
    assert!(error.contains("write dates as") && error.contains("line "), "{error}");
    let zoned = text.replacen("time_zone = \"Europe/Paris\"", "time_zone = \"Paris\"", 1);
    let error = format!("{:#}", pack::PackFile::parse(&zoned).expect_err("no pack"));
    assert!(error.contains("`Paris` is not in the IANA time zone database"), "{error}");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(b"[pack]\nname = \"\xff\"\n").expect("the pack is written");
    let path = file.path().to_str().expect("a path");
    let error = format!("{:#}", pack::PackFile::find(path).expect_err("no pack"));
    assert!(error.contains(path) && error.contains("UTF-8"), "{error}");
}

#[tokio::test]
async fn numbers_that_are_none_are_never_loaded() {
    let text = pack::template("xy");
    let indicator = "\n[[indicators]]\ncode = \"xy\"\nname = \"X\"\nunit = \"COUNT\"\nfigures = [{ from = \"2024-01-01\", to = \"2024-12-31\", value = nan, source = \"s\" }]\n";
    for wrong in [format!("{text}{indicator}"), text.replacen("modulus = 11", "modulus = 0", 1)] {
        assert!(pack::PackFile::parse(&wrong).is_err());
    }
    let huge = text.replacen("weights = [8,", "weights = [9223372036854775807,", 1);
    let file = pack::PackFile::parse(&huge).expect("a pack");
    assert!(file.schemes[0].rules().verify("923456785").is_ok());
}

#[tokio::test]
async fn a_pack_takes_nothing_away_from_another_one() {
    let app = TestApp::start().await;
    let (seq, text) = (app.registry.snapshot().seq(), pack::template("xy"));
    for (old, new, expected) in [
        ("\"m.plaza.example\"]", "\"m.plaza.example\", \"vk.com\"]", "belongs to the loaded platform `vk`"),
        ("code = \"xy-02\"", "code = \"ru-28\"", "the pack ru has it"),
    ] {
        let changed = text.replacen(old, new, 1);
        assert_ne!(text, changed);
        let mut file = tempfile::NamedTempFile::with_suffix(".toml").expect("a file");
        file.write_all(changed.as_bytes()).expect("written");
        let error = pack::load(&app.registry, file.path().to_str().expect("a path")).await.expect_err(new);
        assert!(format!("{error:#}").contains(expected), "{error:#}");
        assert_eq!(app.registry.snapshot().seq(), seq, "nothing is written");
    }
    let host = text.replacen("\"m.plaza.example\"]", "\"m.plaza.example\", \"vk.com\"]", 1);
    let problems = pack::check(&pack::PackFile::parse(&host).expect("a pack")).expect("checked").problems;
    assert!(problems.iter().any(|it| it.contains("belongs to the platform `vk`")), "{problems:?}");
}
