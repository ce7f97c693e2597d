//! Structure of documents that a federation router plans. They are not measured against a schema, since fields of partners are
//! unknown here.

use moka::sync::Cache;

use super::{limit_error::LimitError, limits::Limits, parse::parse, shape::Shape, tokenizer::Size};

/// Maximum number of selections, fragments expanded: about as many as the tokens of a document without a key. More are left
/// only of fragments that multiply each other, which a router expands before it plans.
const MAX_PLANNED: u64 = 2_000;
/// Maximum number of documents whose structure is remembered, of some 150 bytes each.
const MAX_KNOWN: u64 = 20_000;

/// Structures of documents, by the hash of their text.
pub(crate) struct Structures {
    known: Cache<blake3::Hash, Structure>,
}

/// Structure of a document.
#[derive(Clone, Debug)]
struct Structure {
    size: Size,
    shape: Shape,
}

impl Default for Structures {
    fn default() -> Self {
        Self { known: Cache::new(MAX_KNOWN) }
    }
}

impl Structures {
    /// Number of selections of the largest operation of a document, fragments expanded.
    ///
    /// # Errors
    /// When the text is not GraphQL, or exceeds a limit.
    pub(crate) fn selections(&self, text: &str, limits: &Limits) -> Result<u64, LimitError> {
        let limits = Limits { selections: limits.selections.min(MAX_PLANNED), ..limits.clone() };
        let hash = blake3::hash(text.as_bytes());
        if let Some(known) = self.known.get(&hash) {
            known.size.check(&limits)?;
            known.shape.check(&limits)?;
            return Ok(known.shape.selections());
        }
        let structure = Structure::measure(text, &limits)?;
        let selections = structure.shape.selections();
        // Rejected documents are not remembered, so that they do not evict others.
        self.known.insert(hash, structure);
        Ok(selections)
    }
}

impl Structure {
    fn measure(text: &str, limits: &Limits) -> Result<Self, LimitError> {
        let size = Size::measure(text, limits)?;
        let parsed = parse(text)?;
        let shape = Shape::measure(&parsed)?;
        shape.check(limits)?;
        Ok(Self { size, shape })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A document with fragments that each spread the next one `fan` times.
    fn nest(levels: usize, fan: usize) -> String {
        let spread = |level: usize| format!("...F{} ", level + 1).repeat(fan);
        let fragments = (0..levels).map(|level| format!("fragment F{level} on Any {{ {}}} ", spread(level)));
        let fragments: String = fragments.collect();
        format!("{{ object {{ ...F0 }} }} {fragments} fragment F{levels} on Any {{ field }}")
    }

    #[test]
    fn fields_that_no_schema_has_are_counted_with_their_fragments_expanded() {
        let structures = Structures::default();
        let of = |text: &str| structures.selections(text, &Limits::public());
        let ask = "{ partner { audits { id } ...F } } fragment F on Partner { name, ... on Other { code } }";
        for _ in 0..2 {
            assert_eq!(of(ask), Ok(7), "the same when it is known");
        }
        assert_eq!(of("query A { a b c } query B { d }"), Ok(3), "of the largest operation");
        assert_eq!(of("{ a ...F } fragment F on Any { ...F }"), Err(LimitError::FragmentCycle));
        assert!(matches!(of("{ a"), Err(LimitError::Syntax(_))));
    }

    #[test]
    fn fragments_that_multiply_each_other_are_too_many_selections() {
        let structures = Structures::default();
        assert_eq!(structures.selections(&nest(3, 9), &Limits::public()), Ok(1_550));
        for (levels, fan) in [(3, 10), (4, 8), (12, 2)] {
            let error = structures.selections(&nest(levels, fan), &Limits::internal());
            assert_eq!(error, Err(LimitError::Selections(MAX_PLANNED)), "{levels} {fan}");
        }
        let fewer = Limits { selections: 5, ..Limits::public() };
        assert_eq!(structures.selections("{ a b c d e f }", &fewer), Err(LimitError::Selections(5)));
    }

    #[test]
    fn a_known_document_is_checked_against_the_limits_of_each_client() {
        let structures = Structures::default();
        let aliases: String = (0..31).map(|number| format!("a{number}: field ")).collect();
        let document = format!("{{ object {{ {aliases} }} }}");
        assert_eq!(structures.selections(&document, &Limits::internal()), Ok(32));
        assert_eq!(structures.selections(&document, &Limits::public()), Err(LimitError::Aliases(30)));
    }
}
