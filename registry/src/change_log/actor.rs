//! Who made a change: one type for what the log holds as text.

use std::fmt;

/// Who made a change. The text in the log is [`fmt::Display`]'s; [`Actor::parse`] reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The registry itself, when a new version completes what an older one stored: `registry`.
    Registry,
    /// An operator at the command line: `operator`.
    Operator,
    /// A client with a key, by its name: `client:NAME`.
    Client(Box<str>),
    /// A load of statistics from a file of this source: `import:SOURCE`.
    StatisticsImport(Box<str>),
    /// An import: `import:SOURCE#JOB`.
    Import {
        /// The import's source.
        source: Box<str>,
        /// Number of the import job.
        job: i64,
    },
    /// The undo of an import: `import:SOURCE#JOB-undone`.
    Undo {
        /// The import's source.
        source: Box<str>,
        /// Number of the import job that is undone.
        job: i64,
    },
    /// A country pack, by its code: `pack:CODE`.
    Pack(Box<str>),
    /// The demo's generator: `demo`.
    Generator,
    /// Any other text.
    Other(Box<str>),
}

/// Role in which a change was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An operator, or a text that names nobody else.
    Operator,
    /// A client with a key.
    Partner,
    /// An import from a file, or the undo of one.
    Import,
    /// A country pack.
    Pack,
    /// The demo's generator.
    Generator,
}

const UNDONE: &str = "-undone";

impl Actor {
    /// The actor of a job of imports.
    pub fn import(source: &str, job: i64) -> Self {
        Self::Import { source: source.into(), job }
    }

    /// The actor that undoes an import.
    pub fn undo(source: &str, job: i64) -> Self {
        Self::Undo { source: source.into(), job }
    }

    /// Reads an actor as the log holds it.
    pub fn parse(text: &str) -> Self {
        match (text, text.split_once(':')) {
            ("registry", _) => Self::Registry,
            ("operator", _) => Self::Operator,
            ("demo", _) => Self::Generator,
            (_, Some(("client", name))) => Self::Client(name.into()),
            (_, Some(("pack", code))) => Self::Pack(code.into()),
            (_, Some(("import", source))) => parse_import(source),
            _ => Self::Other(text.into()),
        }
    }

    /// The role in which it makes changes.
    pub fn role(&self) -> Role {
        match self {
            Self::Client(_) => Role::Partner,
            Self::StatisticsImport(_) | Self::Import { .. } | Self::Undo { .. } => Role::Import,
            Self::Pack(_) => Role::Pack,
            Self::Generator => Role::Generator,
            Self::Registry | Self::Operator | Self::Other(_) => Role::Operator,
        }
    }
}

fn parse_import(text: &str) -> Actor {
    let Some((source, job)) = text.rsplit_once('#') else { return Actor::StatisticsImport(text.into()) };
    let number = job.strip_suffix(UNDONE).unwrap_or(job);
    match number.parse() {
        // Another way to write the same number is part of a source's name.
        Ok(job) if i64::to_string(&job) != number => Actor::StatisticsImport(text.into()),
        Ok(id) if number.len() == job.len() => Actor::import(source, id),
        Ok(id) => Actor::undo(source, id),
        Err(_) => Actor::StatisticsImport(text.into()),
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => out.write_str("registry"),
            Self::Operator => out.write_str("operator"),
            Self::Client(name) => write!(out, "client:{name}"),
            Self::StatisticsImport(source) => write!(out, "import:{source}"),
            Self::Import { source, job } => write!(out, "import:{source}#{job}"),
            Self::Undo { source, job } => write!(out, "import:{source}#{job}{UNDONE}"),
            Self::Pack(code) => write!(out, "pack:{code}"),
            Self::Generator => out.write_str("demo"),
            Self::Other(text) => out.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_actor_has_its_text() {
        for (text, actor) in [
            ("operator", Actor::Operator),
            ("registry", Actor::Registry),
            ("demo", Actor::Generator),
            ("client:Rutube", Actor::Client("Rutube".into())),
            ("client:a:b", Actor::Client("a:b".into())),
            ("pack:ru", Actor::Pack("ru".into())),
            ("import:ministry", Actor::StatisticsImport("ministry".into())),
            ("import:min#istry#7", Actor::import("min#istry", 7)),
            ("import:ministry#7-undone", Actor::undo("ministry", 7)),
            ("import:ministry#07", Actor::StatisticsImport("ministry#07".into())),
            ("test", Actor::Other("test".into())),
        ] {
            assert_eq!((Actor::parse(text), actor.to_string().as_str()), (actor, text));
        }
    }

    #[test]
    fn what_clients_with_a_key_write_is_a_partners() {
        assert_eq!(Actor::parse("client:Rutube").role(), Role::Partner);
        assert_eq!(Actor::parse("import:a#1-undone").role(), Role::Import);
        assert_eq!(Actor::parse("somebody").role(), Role::Operator);
    }

    proptest! {
        #[test]
        fn any_text_of_the_log_is_written_as_it_was_read(text in "((client|import|pack|demo|operator|registry):?)?[a#:0-9-]{0,8}(-undone)?") {
            prop_assert_eq!(Actor::parse(&text).to_string(), text);
        }
    }
}
