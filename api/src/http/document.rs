//! Documents that were parsed, and checked against a schema, once: the next request with the same document is spared both.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_graphql::{
    Name,
    parser::{
        self,
        types::{DocumentOperations, ExecutableDocument},
    },
};
use moka::sync::Cache;

use super::order;
use crate::kit::in_turn::Waiting;

/// Memory for documents of one endpoint, in bytes.
const MEMORY: u64 = 32 << 20;
/// Bytes that a parsed document takes for each of its text's, roughly.
const PARSED: u32 = 40;

/// Documents of one endpoint, by the hash of their text.
pub struct Documents {
    kept: Cache<blake3::Hash, Arc<Document>>,
}

impl Default for Documents {
    fn default() -> Self {
        let weigh = |_: &blake3::Hash, document: &Arc<Document>| document.length.saturating_mul(PARSED);
        Self { kept: Cache::builder().weigher(weigh).max_capacity(MEMORY).build() }
    }
}

impl Documents {
    /// The document of this text.
    ///
    /// # Errors
    /// When the text is no GraphQL.
    pub fn parse(&self, text: &str) -> Result<Arc<Document>, parser::Error> {
        let hash = blake3::hash(text.as_bytes());
        if let Some(known) = self.kept.get(&hash) {
            return Ok(known);
        }
        let document = Arc::new(Document::parse(text)?);
        self.kept.insert(hash, document.clone());
        Ok(document)
    }
}

/// A document, and what is known of it.
pub struct Document {
    /// The document itself.
    pub parsed: ExecutableDocument,
    /// Whether it may ask for the past.
    pub asks_for_past: bool,
    /// Where its fields wait for the database, so that they may come out of order.
    pub waiting: Arc<Waiting>,
    /// Variables of its only operation; none of several operations is known to be valid.
    declared: Option<Vec<Variable>>,
    is_valid: AtomicBool,
    length: u32,
}

/// A variable as a document declares it.
pub struct Variable {
    /// Its name, without the dollar sign.
    pub name: Name,
    /// Its type, as GraphQL writes it.
    pub kind: String,
    /// Whether a request must have a value for it.
    pub is_required: bool,
}

impl Document {
    fn parse(text: &str) -> Result<Self, parser::Error> {
        let parsed = parser::parse_query(text)?;
        let declared = match &parsed.operations {
            DocumentOperations::Single(operation) => Some(&operation.node.variable_definitions),
            DocumentOperations::Multiple(_) => None,
        };
        let declared = declared.map(|declared| {
            let variables = declared.iter().map(|variable| Variable {
                name: variable.node.name.node.clone(),
                kind: variable.node.var_type.node.to_string(),
                is_required: variable.node.default_value().is_none(),
            });
            variables.collect()
        });
        Ok(Self {
            asks_for_past: text.contains("asOf"),
            waiting: Arc::new(order::waiting(&parsed)),
            declared,
            parsed,
            is_valid: AtomicBool::new(false),
            length: u32::try_from(text.len()).unwrap_or(u32::MAX),
        })
    }

    /// Variables of a document that is known to fit the schema, whatever their values.
    pub fn valid_with(&self) -> Option<&[Variable]> {
        self.declared.as_deref().filter(|_| self.is_valid.load(Ordering::Relaxed))
    }

    /// Remembers that the document fits the schema.
    pub fn mark_valid(&self) {
        self.is_valid.store(true, Ordering::Relaxed);
    }
}
