//! Who may import whom: read from the sources, held to one table.

mod guard;
mod imports;
mod planted;
mod rooms;
mod sources;

use guard::{Import, Read};
use rooms::{LIBRARIES, RESOLVERS};

/// Prints the table, too: `cargo test --test architecture -- --nocapture`.
#[test]
fn a_room_imports_what_the_table_lets_it_and_the_table_lets_it_nothing_more() {
    let imports = guard::imports(&Read::all("api/src"));
    println!("{}", guard::table(&imports));
    let forbidden: Vec<String> =
        imports.iter().filter(|it| !it.is_allowed()).map(Import::to_string).collect();
    assert!(forbidden.is_empty(), "the table of rooms forbids:\n{}", forbidden.join("\n"));
    let unused = guard::unused(&imports);
    assert!(unused.is_empty(), "nobody needs what the table of rooms allows: {unused:?}");
}

#[test]
fn no_rooms_import_each_other_in_a_circle() {
    assert!(guard::circles().is_empty(), "{:?}", guard::circles());
}

#[test]
fn a_library_is_used_where_it_may_be() {
    for read in Read::all("api/src") {
        let may_not = LIBRARIES.iter().filter(|(_, rooms)| !read.is_in(rooms)).map(|(library, _)| *library);
        let path = &read.source.path;
        let is_one_of = |names: &[&str]| names.iter().any(|name| path.ends_with(&format!("/{name}")));
        let of_resolvers =
            ["sea_orm", "axum", "database", "http"].into_iter().filter(|_| is_one_of(RESOLVERS));
        let of_services = ["async_graphql", "axum", "http"]
            .into_iter()
            .filter(|_| is_one_of(&["service.rs"]) && !read.is_in(&["pipeline"]));
        for forbidden in may_not.chain(of_resolvers).chain(of_services) {
            assert_eq!(read.use_of(forbidden), None, "{path} may use no {forbidden}");
        }
    }
}

#[test]
fn entities_know_the_database_alone_and_migrations_not_even_them() {
    for (folder, others) in [
        ("entities/src", ["api", "async_graphql", "axum", "migrations"].as_slice()),
        ("migrations/src", &["api", "async_graphql", "axum", "entities"]),
    ] {
        for read in Read::all(folder) {
            for other in others {
                assert_eq!(read.use_of(other), None, "{folder}/{} may use no {other}", read.source.path);
            }
        }
    }
}
