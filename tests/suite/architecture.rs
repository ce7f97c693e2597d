//! Who may import whom.

use std::{
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a text");
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} holds no source");
    found
}

/// Files of a folder, or files of a name anywhere in it, that use any of the words.
fn offenders(folder: &str, name: Option<&str>, words: &[&str]) -> Vec<String> {
    let files = sources(folder).into_iter().filter(|(path, _)| name.is_none_or(|name| path.ends_with(name)));
    let guilty = files.filter_map(|(path, text)| {
        let word = words.iter().find(|word| text.contains(**word))?;
        Some(format!("{} uses {word}", path.display()))
    });
    guilty.collect()
}

const NONE: [String; 0] = [];
const FEATURES: [&str; 15] = [
    "crate::authority",
    "crate::institution",
    "crate::organization",
    "crate::page",
    "crate::platform",
    "crate::territory",
    "crate::verification",
    "crate::client",
    "crate::coverage",
    "crate::history",
    "crate::registry_statistics",
    "crate::statistics",
    "crate::rating",
    "crate::search",
    "crate::export",
];

#[test]
fn entities_know_the_database_alone() {
    assert_eq!(offenders("entities/src", None, &["async_graphql", "axum", "api::"]), NONE);
}

#[test]
fn migrations_do_not_follow_the_entities() {
    assert_eq!(offenders("migrations/src", None, &["use entities", "entities::"]), NONE);
}

#[test]
fn services_know_no_graphql_and_no_http() {
    assert_eq!(offenders("api/src", Some("service.rs"), &["async_graphql", "axum", "crate::http"]), NONE);
}

#[test]
fn the_read_model_and_the_log_know_no_graphql_and_no_http() {
    for folder in [
        "snapshot",
        "change",
        "facts",
        "address",
        "identifier",
        "import",
        "pack",
        "demo",
        "database",
        "cache",
        "shared",
    ] {
        let folder = format!("api/src/{folder}");
        assert_eq!(offenders(&folder, None, &["async_graphql", "axum", "crate::http", "crate::kit"]), NONE);
    }
}

#[test]
fn the_read_model_knows_no_feature_and_no_log() {
    assert_eq!(offenders("api/src/snapshot", None, &FEATURES), NONE);
    assert_eq!(offenders("api/src/snapshot", None, &["crate::change", "crate::import", "crate::pack"]), NONE);
    assert_eq!(offenders("api/src/kit", None, &FEATURES), NONE);
    assert_eq!(offenders("api/src/document", None, &FEATURES), NONE);
    assert_eq!(offenders("api/src/cache", None, &FEATURES), NONE);
    assert_eq!(offenders("api/src/shared", None, &FEATURES), NONE);
    assert_eq!(offenders("api/src/document", None, &["axum", "sea_orm", "crate::http"]), NONE);
}

#[test]
fn resolvers_ask_the_snapshot_and_never_the_database() {
    for name in ["query.rs", "object.rs", "fields.rs", "interface.rs", "filter.rs", "rule.rs"] {
        assert_eq!(
            offenders("api/src", Some(name), &["sea_orm", "axum", "crate::database", "crate::http"]),
            NONE
        );
    }
}

#[test]
fn only_the_joints_name_all_features() {
    for (path, text) in sources("api/src") {
        let is_joint = ["schema.rs", "node.rs", "lib.rs"].iter().any(|joint| path.ends_with(joint));
        let all = FEATURES[..6].iter().all(|feature| text.contains(feature.trim_start_matches("crate")));
        assert!(is_joint || !all, "{} names all features", path.display());
    }
}
