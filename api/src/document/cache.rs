//! Documents that were parsed, and checked against a schema, once: the next request with the same document is spared both.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_graphql::{
    Name, Variables,
    parser::{self, types::ExecutableDocument},
    registry::Registry,
};
use moka::sync::Cache;
use registry::snapshot::Kinds;

use super::{
    complexity::{self, Cost},
    dependencies::DocumentDependencies,
    expensive::ExpensiveFields,
    field_policies::FieldPolicies,
    limit_error::LimitError,
    limits::Limits,
    shape::Shape,
    tokenizer::Size,
    variables::{self, Variable},
};
use crate::graphql::kit::sequential::Waiting;

/// Memory for documents of one endpoint, in bytes.
const MEMORY: u64 = 32 << 20;
/// Nanoseconds that a point is taken to take before anything is known: as much as it may.
const POINT_TIME: u64 = 500_000;
/// Weight of what is known of a document beside its last answer: one that was interrupted does not count for much.
const KNOWN: u64 = 3;
/// Bytes that a parsed document takes for each of its text's, roughly.
const PARSED: u32 = 40;

/// Documents of one endpoint, by the hash of their text.
pub struct Documents {
    types: Arc<Registry>,
    policies: Arc<FieldPolicies>,
    kept: Cache<blake3::Hash, Arc<Document>>,
}

impl Documents {
    /// An empty cache of documents over a schema of these types, with the policies of their fields.
    pub fn new(types: Arc<Registry>, policies: Arc<FieldPolicies>) -> Self {
        let weigh = |_: &blake3::Hash, document: &Arc<Document>| document.length.saturating_mul(PARSED);
        Self { types, policies, kept: Cache::builder().weigher(weigh).max_capacity(MEMORY).build() }
    }

    /// The document of this text, if it keeps the limits.
    ///
    /// # Errors
    /// Why it is not to be executed.
    pub fn parse(&self, text: &str, limits: &Limits) -> Result<Arc<Document>, LimitError> {
        let hash = blake3::hash(text.as_bytes());
        if let Some(known) = self.kept.get(&hash) {
            known.check(limits)?;
            return Ok(known);
        }
        // What is refused is not kept, so that it takes no room from others.
        let document = Arc::new(Document::parse(text, hash, limits, (&self.types, &self.policies))?);
        self.kept.insert(hash, document.clone());
        Ok(document)
    }

    /// Types of the schema.
    pub fn types(&self) -> &Registry {
        &self.types
    }

    /// Whether a document needs no check against the schema any more: it is known to fit, and so do these values.
    pub fn fits(&self, document: &Document, values: &Variables) -> bool {
        document.valid_with().is_some_and(|declared| variables::fit(&self.types, declared, values))
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
    /// Hash of its text.
    pub hash: blake3::Hash,
    size: Size,
    shape: Shape,
    operations: Vec<Operation>,
    is_valid: AtomicBool,
    /// Nanoseconds that a point of it took to make, lately; 0 before it was made.
    point_time: AtomicU64,
    length: u32,
}

/// An operation of a document.
struct Operation {
    /// Its name; the only one needs none.
    name: Option<Name>,
    variables: Vec<Variable>,
    cost: Cost,
    expensive: Arc<ExpensiveFields>,
    needed: DocumentDependencies,
}

impl Document {
    fn parse(
        text: &str,
        hash: blake3::Hash,
        limits: &Limits,
        (types, policies): (&Registry, &FieldPolicies),
    ) -> Result<Self, LimitError> {
        let size = Size::measure(text, limits)?;
        let parsed = parser::parse_query(text).map_err(|error| syntax(&error))?;
        let shape = Shape::measure(&parsed)?;
        shape.check(limits)?;
        let operations = parsed.operations.iter().map(|(name, operation)| {
            let (cost, expensive, needed) =
                complexity::of_operation((types, policies), &parsed, &operation.node);
            let variables = operation.node.variable_definitions.iter().map(|it| (&it.node).into()).collect();
            Operation { name: name.cloned(), variables, cost, expensive: expensive.into(), needed }
        });
        Ok(Self {
            asks_for_past: text.contains("asOf"),
            waiting: Arc::new(Waiting::find(&parsed, policies.async_fields())),
            operations: operations.collect(),
            hash,
            size,
            shape,
            parsed,
            is_valid: AtomicBool::new(false),
            point_time: AtomicU64::new(0),
            length: u32::try_from(text.len()).unwrap_or(u32::MAX),
        })
    }

    fn check(&self, limits: &Limits) -> Result<(), LimitError> {
        self.size.check(limits)?;
        self.shape.check(limits)
    }

    /// Points that an operation costs with these values of variables.
    ///
    /// # Errors
    /// When that is more than the limits allow, a value is too long, or one is missing.
    pub fn cost(
        &self,
        operation: Option<&str>,
        values: &Variables,
        limits: &Limits,
    ) -> Result<u64, LimitError> {
        variables::check(values, limits)?;
        // An operation that is not there does nothing.
        let Some(operation) = self.operation(operation) else { return Ok(1) };
        let requested = operation.cost.points(values);
        if requested > limits.cost {
            return Err(LimitError::Cost { requested, most: limits.cost });
        }
        variables::check_needed(&operation.variables, values)?;
        Ok(requested)
    }

    /// What an operation's answer depends on with these values of variables, as far as can be told before; `None` where it
    /// is about whoever asks, or does something.
    pub fn dependencies(&self, operation: Option<&str>, values: &Variables) -> Option<DocumentDependencies> {
        let operation = self.operation(operation)?;
        if operation.needed.is_uncacheable {
            return None;
        }
        let needed = values
            .values()
            .map(DocumentDependencies::of_value)
            .fold(operation.needed, DocumentDependencies::and);
        // The past is told by all that has happened since.
        let kinds = if self.asks_for_past { Kinds::ALL } else { needed.kinds };
        Some(DocumentDependencies { kinds, ..needed })
    }

    /// Dear fields of an operation, with these values of variables.
    pub fn expensive(&self, operation: Option<&str>, values: &Variables) -> Arc<ExpensiveFields> {
        let Some(operation) = self.operation(operation) else { return Arc::default() };
        match operation.expensive.with(values) {
            Cow::Borrowed(_) => operation.expensive.clone(),
            Cow::Owned(expensive) => expensive.into(),
        }
    }

    /// Time that an answer of so many points takes to make, going by the last ones.
    pub fn expected(&self, points: u64) -> Duration {
        let point_time = match self.point_time.load(Ordering::Relaxed) {
            0 => POINT_TIME,
            known => known,
        };
        Duration::from_nanos(point_time.saturating_mul(points))
    }

    /// Remembers how long an answer of so many points took to make.
    pub fn took(&self, points: u64, time: Duration) {
        let last = (u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) / points.max(1)).max(1);
        let now = match self.point_time.load(Ordering::Relaxed) {
            0 => last,
            known => (known / (KNOWN + 1)) * KNOWN + last / (KNOWN + 1),
        };
        // Of two that end together one may be lost: it is an estimate.
        self.point_time.store(now.max(1), Ordering::Relaxed);
    }

    fn operation(&self, name: Option<&str>) -> Option<&Operation> {
        match (name, self.operations.as_slice()) {
            (None, [only]) => Some(only),
            (name, operations) => operations.iter().find(|operation| operation.name.as_deref() == name),
        }
    }

    /// Variables of a document that is known to fit the schema, whatever their values; of one operation alone.
    fn valid_with(&self) -> Option<&[Variable]> {
        match self.operations.as_slice() {
            [only] if self.is_valid.load(Ordering::Relaxed) => Some(&only.variables),
            _ => None,
        }
    }

    /// Remembers that the document fits the schema.
    pub fn mark_valid(&self) {
        self.is_valid.store(true, Ordering::Relaxed);
    }
}

/// Says where a text goes wrong, without repeating any of it.
fn syntax(error: &parser::Error) -> LimitError {
    let place = error.positions().next().map(|at| format!(" at line {}, column {}", at.line, at.column));
    LimitError::Syntax(place.unwrap_or_default())
}
