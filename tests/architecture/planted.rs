//! Tests of the guard: forbidden imports in every form in which a source can name another.

use crate::{guard, sources::Source};

/// Forms of naming `api::http::server` within `redis/deep/page.rs`, where it is forbidden.
const PLANTED: &[&str] = &[
    "use crate::http::server;",
    "use crate::{http::server, redis::Shared};",
    "use crate::{redis::{self, Shared}, http::{self as transport, server::Server}};",
    "pub use super::super::super::http::server::Server as Page;",
    "use api::http::*;",
    "use {api::{http::{server::{self, Server}}}};",
    "fn page() -> usize { crate::http::server::PLACES }",
    "fn page(server: &crate::http::server::Server<Vec<u8>>) {}",
    "impl crate::http::server::Serve for Page {}",
    "fn page() { assert_eq!(1, crate::http::server::places(2)); }",
    "mod deeper { mod still { use super::super::super::super::super::http::server; } }",
    "#[derive(Serialize)] struct Page { #[serde(with = \"crate::http::server\")] url: String }",
    "#[cfg(test)] mod tests { fn page() { let _ = |it: Option<crate::http::server::Server>| it; } }",
];

/// Texts that look like the forbidden import and are not.
const HARMLESS: &[&str] = &[
    "use crate::redis::http::server;",
    "// use crate::http::server;\nfn page() {}",
    "fn page() -> &'static str { \"crate::http::server\" }",
    "use super::http::server;",
    "mod http { pub fn server() {} } fn page() { self::http::server(); }",
];

fn imports_of(text: &str) -> Vec<String> {
    let module = ["redis", "deep", "page"].map(str::to_owned).to_vec();
    let source = Source { name: "api".into(), path: "redis/deep/page.rs".into(), module, text: text.into() };
    let forbidden = guard::of_source(source).into_iter().filter(|import| !import.is_allowed());
    forbidden.map(|import| import.to).collect()
}

#[test]
fn a_forbidden_import_is_found_however_it_is_written() {
    for planted in PLANTED {
        let found = imports_of(planted);
        println!("{found:?} in {planted}");
        assert!(!found.is_empty() && found.iter().all(|layer| layer == "http"), "{planted}: {found:?}");
    }
}

#[test]
fn an_import_of_the_whole_crate_is_found() {
    for planted in ["use crate::*;", "use crate as all;", "use super::super::super::*;"] {
        assert_eq!(imports_of(planted), ["*"], "{planted}");
    }
}

#[test]
fn what_only_looks_like_an_import_is_none() {
    for harmless in HARMLESS {
        assert_eq!(imports_of(harmless), Vec::<String>::new(), "{harmless}");
    }
}
