//! Actual and allowed imports between layers.

use std::{collections::BTreeSet, fmt};

use crate::{
    imports::{Named, named},
    layers::LAYERS,
    sources::{self, Source, layer},
};

/// An import: a source of one layer that names an item of another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: String,
    pub to: String,
    pub path: String,
    pub named: String,
}

impl Import {
    /// Whether the table allows it.
    pub fn is_allowed(&self) -> bool {
        may_import(&self.from).any(|to| to == self.to)
    }

    /// The table entry for it.
    fn line(&self) -> (&str, &str) {
        (&self.from, &self.to)
    }
}

impl fmt::Display for Import {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {} names {}", self.from, self.path, self.named)
    }
}

/// A source with all paths that it names.
pub struct Read {
    pub source: Source,
    named: BTreeSet<Named>,
}

impl Read {
    fn new(source: Source) -> Self {
        let named = named(&source.module, &source.text).expect("a source that compiles");
        Self { source, named }
    }

    /// Reads all sources of a crate.
    pub fn all(name: &str) -> Vec<Self> {
        sources::of(name).into_iter().map(Self::new).collect()
    }

    /// The first path it names of a library or another crate.
    pub fn use_of(&self, library: &str) -> Option<String> {
        self.named.iter().find(|path| path[0] == library).map(|path| path.join("::"))
    }

    /// The first path it names of a layer of its own crate or of the registry.
    pub fn use_of_layer(&self, layer: &str) -> Option<String> {
        let is_of = |path: &&Named| ["crate", "registry"].contains(&path[0].as_str()) && path[1] == layer;
        self.named.iter().find(is_of).map(|path| path.join("::"))
    }

    /// Whether it is in one of these layers.
    pub fn is_in(&self, layers: &[&str]) -> bool {
        let layer = self.source.layer();
        layers.contains(&layer.as_str())
    }

    fn imports(&self) -> impl Iterator<Item = Import> {
        let from = self.source.layer();
        self.named.iter().filter_map(move |path| {
            let to = self.layer_of(path)?;
            (to != from && !from.ends_with("lib")).then(|| Import {
                from: from.clone(),
                to,
                path: format!("{}/src/{}", self.source.name, self.source.path),
                named: path.join("::"),
            })
        })
    }

    /// Layer of a path; seen from `api`, the registry is one layer.
    fn layer_of(&self, path: &Named) -> Option<String> {
        match (self.source.name.as_str(), path[0].as_str()) {
            (name, "crate") => Some(layer(name, &path[1..])),
            (_, "api") => Some(layer("api", &path[1..])),
            ("api", "registry") if path[1] == "*" => Some("*".into()),
            ("api", "registry") => Some("registry".into()),
            _ => None,
        }
    }
}

/// Imports of sources.
pub fn imports(sources: &[Read]) -> BTreeSet<Import> {
    sources.iter().flat_map(Read::imports).collect()
}

/// Imports of a source.
pub fn of_source(source: Source) -> BTreeSet<Import> {
    imports(&[Read::new(source)])
}

fn may_import(layer: &str) -> impl Iterator<Item = &'static str> {
    LAYERS.iter().filter(move |(from, _)| *from == layer).flat_map(|(_, to)| to.split_whitespace())
}

/// Imports that the table allows and no source has.
pub fn unused(imports: &BTreeSet<Import>) -> Vec<(&'static str, &'static str)> {
    let used: BTreeSet<(&str, &str)> = imports.iter().map(Import::line).collect();
    let allowed = LAYERS.iter().flat_map(|(from, to)| to.split_whitespace().map(|to| (*from, to)));
    allowed.filter(|pair| !used.contains(pair)).collect()
}

/// The table with the number of sources of each import.
pub fn table(imports: &BTreeSet<Import>) -> String {
    let sources = |from: &str, to: &str| {
        let those = imports.iter().filter(|import| import.line() == (from, to));
        those.map(|import| &import.path).collect::<BTreeSet<_>>().len()
    };
    let row = |(from, to): &(&str, &str)| {
        let to: Vec<String> =
            to.split_whitespace().map(|to| format!("{to} ({})", sources(from, to))).collect();
        format!("{from:<20} {}\n", to.join(", "))
    };
    LAYERS.iter().map(row).collect()
}

/// Cycles: groups of at least two layers that can be reached from each other.
pub fn cycles() -> BTreeSet<BTreeSet<&'static str>> {
    let reached = |from: &'static str| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(layer) = next.pop() {
            next.extend(may_import(layer).filter(|to| reached.insert(*to)));
        }
        reached
    };
    let cycle = |(from, _): &(&'static str, _)| -> BTreeSet<&'static str> {
        reached(from).into_iter().filter(|to| reached(to).contains(from)).collect()
    };
    LAYERS.iter().map(cycle).filter(|cycle| cycle.len() > 1).collect()
}
