//! Architecture test: imports read from the sources must match one table.

mod guard;
mod imports;
mod layers;
mod planted;
mod sources;

use std::{fs, path::Path};

use guard::{Import, Read};
use layers::{LIBRARIES, NOT_IN_REGISTRY, RESOLVERS};

/// Maximum number of lines of a source. Lines of functions are limited by clippy.toml.
const MAX_LINES: usize = 300;

fn all() -> Vec<Read> {
    ["registry", "api"].into_iter().flat_map(Read::all).collect()
}

/// Also prints the table: `cargo test --test architecture -- --nocapture`.
#[test]
fn imports_between_layers_are_exactly_those_of_the_table() {
    let imports = guard::imports(&all());
    println!("{}", guard::table(&imports));
    let forbidden: Vec<String> =
        imports.iter().filter(|it| !it.is_allowed()).map(Import::to_string).collect();
    assert!(forbidden.is_empty(), "the table of layers forbids:\n{}", forbidden.join("\n"));
    let unused = guard::unused(&imports);
    assert!(unused.is_empty(), "the table of layers has unused entries: {unused:?}");
}

#[test]
fn the_registry_is_built_without_graphql_and_http() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../registry/Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("a manifest");
    let (_, dependencies) = manifest.split_once("[dependencies]").expect("dependencies");
    let named = |line: &str| line.split(['.', ' ', '=']).next().unwrap_or_default().to_owned();
    let names: Vec<String> = dependencies.lines().map(named).collect();
    assert!(names.iter().any(|name| name == "sea-orm"), "the dependencies are read: {names:?}");
    for library in NOT_IN_REGISTRY {
        assert!(!names.iter().any(|name| name == library), "the registry may not depend on {library}");
    }
}

#[test]
fn no_layers_import_each_other_in_a_cycle() {
    assert!(guard::cycles().is_empty(), "{:?}", guard::cycles());
}

#[test]
fn a_library_is_used_only_where_it_may_be() {
    for read in all() {
        let may_not = LIBRARIES.iter().filter(|(_, layers)| !read.is_in(layers)).map(|(library, _)| *library);
        let path = &read.source.path;
        let is_one_of = |names: &[&str]| names.iter().any(|name| path.ends_with(&format!("/{name}")));
        let of_resolvers = ["sea_orm", "axum"].into_iter().filter(|_| is_one_of(RESOLVERS));
        for forbidden in may_not.chain(of_resolvers) {
            assert_eq!(read.use_of(forbidden), None, "{path} may use no {forbidden}");
        }
        for forbidden in ["database", "http"].into_iter().filter(|_| is_one_of(RESOLVERS)) {
            assert_eq!(read.use_of_layer(forbidden), None, "{path} may use nothing of {forbidden}");
        }
    }
}

#[test]
fn entities_use_only_the_database_and_migrations_do_not_use_entities() {
    for (name, others) in [
        ("entities", ["api", "async_graphql", "axum", "migrations", "registry"].as_slice()),
        ("migrations", &["api", "async_graphql", "axum", "entities", "registry"]),
    ] {
        for read in Read::all(name) {
            for other in others {
                assert_eq!(read.use_of(other), None, "{name}/src/{} may use no {other}", read.source.path);
            }
        }
    }
}

#[test]
fn no_source_has_more_than_300_lines() {
    let folders = [
        ("api", "src"),
        ("api", "examples"),
        ("entities", "src"),
        ("migrations", "src"),
        ("registry", "src"),
        ("tests", "architecture"),
        ("tests", "suite"),
    ];
    for (name, folder) in folders {
        for source in sources::under(name, folder) {
            let lines = source.text.lines().count();
            assert!(lines <= MAX_LINES, "{name}/{folder}/{} has {lines} lines; split it", source.path);
        }
    }
}
