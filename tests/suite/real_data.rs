//! Optional tests with real files beside the project.

use std::path::{Path, PathBuf};

use registry::import::{self, Counts, Kind, Mapping, Options};
use serde_json::json;
use tempfile::TempDir;

use super::harness::TestApp;

/// Path of a real file, if it exists.
pub fn path(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")).join(name);
    path.exists().then_some(path)
}

/// Text of a real file, if it exists.
pub fn read(name: &str) -> Option<String> {
    path(name).map(|path| std::fs::read_to_string(path).expect("a readable file"))
}

/// Options of an import by a mapping of `tests/mappings`.
pub fn options(file: PathBuf, kind: Kind, mapping: &str, directory: &TempDir) -> Options {
    let mappings = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    Options {
        file,
        kind,
        mapping: Mapping::read(&mappings.join(mapping)).expect("a mapping"),
        source: mapping.trim_end_matches(".toml").to_owned(),
        dry_run: false,
        full: false,
        confirm_removals: false,
        error_file: directory.path().join("errors.csv"),
    }
}

/// Imports twice: the second import changes nothing, and rejects the same rows.
async fn import_twice(app: &TestApp, name: &str, kind: Kind, mapping: &str) -> Option<Counts> {
    let directory = TempDir::new().expect("a directory");
    let options = options(path(name)?, kind, mapping, &directory);
    let first = import::run(&app.registry, &options, |_| {}).await.expect("the import runs").counts;
    let seq = app.registry.snapshot().seq();
    let second = import::run(&app.registry, &options, |_| {}).await.expect("the import runs").counts;
    assert_eq!(app.registry.snapshot().seq(), seq, "{name}: a second run changes nothing");
    assert_eq!(second.refused, first.refused, "{name}");
    Some(first)
}

#[tokio::test]
async fn the_accounts_of_a_government_land_under_its_departments() {
    let app = TestApp::start().await;
    let Some(counts) =
        import_twice(&app, "ca-gc-socials/sm.2025-11-02.csv", Kind::Pages, "ca-gc-socials.toml").await
    else {
        return;
    };
    assert!(counts.refused * 50 <= counts.rows, "at least 98 % land: {counts:?}");
    let (mut asked, ask) = (0, "query($url: String!) { verifyPage(url: $url) { verdict } }");
    let snapshot = app.registry.snapshot();
    for page in snapshot.pages().values().step_by(90) {
        let platform = snapshot.address_book().platform(page.platform_id).expect("the platform");
        let Some(url) = platform.canonical_url(page.native_id.as_deref(), page.handle.as_deref()) else {
            continue;
        };
        let rest =
            url.trim_start_matches("https://www.").trim_start_matches("https://").trim_end_matches('/');
        for form in
            [format!("http://{rest}?utm_source=mail"), format!("«{rest}/»"), format!("HTTPS://{rest}#top")]
        {
            let answer = app.data(ask, json!({ "url": form })).await;
            assert_eq!(answer["verifyPage"]["verdict"], "OFFICIAL", "{form}");
            asked += 1;
        }
    }
    assert!(asked >= 20, "{asked}");
}

#[tokio::test]
async fn states_bodies_and_regions_of_three_countries_are_taken_in() {
    let app = TestApp::start().await;
    if let Some(counts) = import_twice(&app, "us-states/states.csv", Kind::Pages, "us-states.toml").await {
        assert_eq!(counts.organizations.created, 50, "those without pages, too: {counts:?}");
    }
    if let Some(counts) =
        import_twice(&app, "intl-publicbodies/ch.csv", Kind::Organizations, "publicbodies.toml").await
    {
        assert_eq!((counts.organizations.created, counts.refused), (2_785, 0));
        let snapshot = app.registry.snapshot();
        assert!(snapshot.organizations().values().filter(|it| it.parent_id.is_some()).count() > 1_000);
    }
    if let Some(counts) =
        import_twice(&app, "ru-hflabs-region/region.csv", Kind::Territories, "ru-regions.toml").await
    {
        assert_eq!((counts.territories.created, counts.territories.updated, counts.refused), (1, 85, 0));
    }
}
