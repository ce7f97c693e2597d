//! Cache of documents: each is parsed and validated against its schema once.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_graphql::{Name, ServerError, Variables, parser::types::ExecutableDocument, registry::Registry};
use moka::sync::Cache;
use registry::snapshot::Kinds;

use super::{
    argument_defaults, bare_fragments, complexity,
    dependencies::DocumentDependencies,
    empty_selections,
    expensive::ExpensiveFields,
    field_policies::FieldPolicies,
    interfaces_of_interfaces,
    limit_error::LimitError,
    limits::Limits,
    null_representations,
    operation_costs::Operation,
    parse::parse,
    shape::Shape,
    subscription_field,
    tokenizer::Size,
    typename_directives,
    validation::{self, Validated},
    variables::{self, Variable},
};
use crate::graphql::kit::async_fields::AsyncFields;

/// Memory for the documents of one endpoint, in bytes.
const MEMORY: u64 = 32 << 20;
/// Processor time that one point pays for; also the estimate per point before the first execution.
pub const POINT_TIME: Duration = Duration::from_micros(500);
/// Weight of the previous estimate against 1 for the last execution, so that one interrupted execution changes little.
const KNOWN: u64 = 3;
/// Approximate memory of a parsed document, in bytes per byte of its text.
const PARSED: u32 = 40;

/// Documents of one endpoint, by the hash of their text.
pub struct Documents {
    types: Arc<Registry>,
    policies: Arc<FieldPolicies>,
    cached: Cache<blake3::Hash, Arc<Document>>,
}

impl Documents {
    /// An empty cache of documents over a schema of these types, with the policies of their fields.
    pub fn new(types: Arc<Registry>, policies: Arc<FieldPolicies>) -> Self {
        let weigh = |_: &blake3::Hash, document: &Arc<Document>| document.length.saturating_mul(PARSED);
        Self { types, policies, cached: Cache::builder().weigher(weigh).max_capacity(MEMORY).build() }
    }

    /// The document with this text, from the cache or parsed.
    ///
    /// # Errors
    /// When it is not GraphQL, or exceeds a limit.
    pub fn parse(&self, text: &str, limits: &Limits) -> Result<Arc<Document>, LimitError> {
        let hash = blake3::hash(text.as_bytes());
        if let Some(known) = self.cached.get(&hash) {
            known.check(limits)?;
            return Ok(known);
        }
        // Rejected documents are not cached, so that they do not evict others.
        let document = Arc::new(Document::parse(text, hash, limits, (&self.types, &self.policies))?);
        self.cached.insert(hash, document.clone());
        Ok(document)
    }

    /// The path of the list that dominates the cost of an operation, and the largest `first` of it with which the operation
    /// would cost at most `limit` points. The document is parsed again: the parsed one has fields that cost nothing.
    pub fn largest_first(
        &self,
        text: &str,
        operation: Option<&str>,
        (values, limit): (&Variables, u64),
    ) -> Option<(String, u64)> {
        let mut parsed = parse(text).ok()?;
        subscription_field::merge(&mut parsed);
        argument_defaults::take_over(&mut parsed, &self.types);
        let is_wanted = |name: Option<&Name>| operation.is_none() || name.map(Name::as_str) == operation;
        let (_, operation) = parsed.operations.iter().find(|(name, _)| is_wanted(*name))?;
        let schema = (&*self.types, &*self.policies);
        complexity::largest_first(schema, &parsed, &operation.node, (values, limit))
    }

    /// Types of the schema.
    pub fn types(&self) -> &Arc<Registry> {
        &self.types
    }

    /// Whether validation can be skipped: the document is known to be valid, and these values have the declared types.
    pub fn fits(&self, document: &Document, values: &Variables) -> bool {
        document.valid_with().is_some_and(|declared| variables::fit(&self.types, declared, values))
    }
}

/// A parsed document with its measurements.
pub struct Document {
    /// The parsed document.
    pub parsed: ExecutableDocument,
    /// Whether it may use `asOf`.
    pub may_use_as_of: bool,
    /// Selections with fields that wait for the database, whose results may be out of order.
    pub async_fields: Arc<AsyncFields>,
    /// Whether it has marked selection sets, see [`empty_selections`].
    pub is_marked: bool,
    /// Whether it selects the interfaces of types, see [`interfaces_of_interfaces`].
    pub selects_interfaces: bool,
    /// BLAKE3 hash of its text.
    pub hash: blake3::Hash,
    /// Why it is not valid, by the rules that the library does not check; it is not executed then.
    pub errors: Vec<ServerError>,
    size: Size,
    shape: Shape,
    operations: Vec<Operation>,
    is_valid: AtomicBool,
    /// Moving average of the execution time per point, in nanoseconds; 0 before the first execution.
    point_time: AtomicU64,
    length: u32,
}

impl Document {
    fn parse(
        text: &str,
        hash: blake3::Hash,
        limits: &Limits,
        (types, policies): (&Registry, &FieldPolicies),
    ) -> Result<Self, LimitError> {
        let size = Size::measure(text, limits)?;
        let mut parsed = parse(text)?;
        let shape = Shape::measure(&parsed)?;
        shape.check(limits)?;
        null_representations::replace(&mut parsed);
        let Validated { errors, not_null } = validation::check(text, &parsed, types);
        // A document with errors is only validated, as it is.
        if errors.is_empty() {
            subscription_field::merge(&mut parsed);
        }
        argument_defaults::take_over(&mut parsed, types);
        let operations = Operation::all(&parsed, (types, policies), &not_null);
        let async_fields = AsyncFields::find(&parsed, policies.async_fields());
        // After all measurements: what is added costs nothing.
        typename_directives::enclose(&mut parsed);
        bare_fragments::condition(&mut parsed, types);
        let selects_interfaces = interfaces_of_interfaces::select(&mut parsed);
        let is_marked = empty_selections::mark(&mut parsed, types, &async_fields);
        Ok(Self {
            may_use_as_of: text.contains("asOf"),
            async_fields: Arc::new(async_fields),
            is_marked,
            selects_interfaces,
            operations,
            hash,
            errors,
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

    /// Adds the default values of an operation's variables to the values of a request. Representations of entities that cannot
    /// be accepted are replaced by the reason.
    pub fn add_defaults(&self, operation: Option<&str>, values: &mut Variables) {
        if let Some(operation) = self.operation(operation) {
            variables::add_defaults(&operation.variables, values);
        }
    }

    /// Maximum cost of an operation with these variables, to which the defaults have been added, in points.
    ///
    /// # Errors
    /// When it exceeds the cost limit, a value is too long or contains U+0000, or a required variable is missing.
    pub fn cost(
        &self,
        operation: Option<&str>,
        values: &Variables,
        limits: &Limits,
    ) -> Result<u64, LimitError> {
        variables::check(values, limits)?;
        // A missing operation is not executed.
        let Some(operation) = self.operation(operation) else { return Ok(1) };
        let requested = operation.cost.points(values);
        if requested > limits.cost {
            return Err(LimitError::Cost { requested, most: limits.cost });
        }
        variables::check_needed(&operation.variables, values)?;
        Ok(requested)
    }

    /// What the response of an operation depends on with these variables, as far as the document determines it; `None` for
    /// mutations and operations about the caller, which are not cached.
    pub fn dependencies(&self, operation: Option<&str>, values: &Variables) -> Option<DocumentDependencies> {
        let operation = self.operation(operation)?;
        if operation.needed.is_uncacheable {
            return None;
        }
        let needed = values
            .values()
            .map(DocumentDependencies::of_value)
            .fold(operation.needed, DocumentDependencies::and);
        // Past states are computed from all changes since.
        let kinds = if self.may_use_as_of { Kinds::ALL } else { needed.kinds };
        Some(DocumentDependencies { kinds, ..needed })
    }

    /// Whether an operation selects a field that reads the search index.
    pub fn reads_search_index(&self, operation: Option<&str>) -> bool {
        self.operation(operation).is_some_and(|operation| operation.needed.reads_search_index)
    }

    /// Expensive fields of an operation, with these variables.
    pub fn expensive(&self, operation: Option<&str>, values: &Variables) -> Arc<ExpensiveFields> {
        let Some(operation) = self.operation(operation) else { return Arc::default() };
        match operation.expensive.with(values) {
            Cow::Borrowed(_) => operation.expensive.clone(),
            Cow::Owned(expensive) => expensive.into(),
        }
    }

    /// Expected execution time of an operation that costs this many points.
    pub fn expected(&self, points: u64) -> Duration {
        let point_time = match self.point_time.load(Ordering::Relaxed) {
            0 => u64::from(POINT_TIME.subsec_nanos()),
            known => known,
        };
        Duration::from_nanos(point_time.saturating_mul(points))
    }

    /// Records the execution time of an operation that cost this many points.
    pub fn took(&self, points: u64, time: Duration) {
        let last = (u64::try_from(time.as_nanos()).unwrap_or(u64::MAX) / points.max(1)).max(1);
        let now = match self.point_time.load(Ordering::Relaxed) {
            0 => last,
            known => (known / (KNOWN + 1)) * KNOWN + last / (KNOWN + 1),
        };
        // A concurrent update may be lost; this is only an estimate.
        self.point_time.store(now.max(1), Ordering::Relaxed);
    }

    fn operation(&self, name: Option<&str>) -> Option<&Operation> {
        match (name, self.operations.as_slice()) {
            (None, [only]) => Some(only),
            (name, operations) => operations.iter().find(|operation| operation.name.as_deref() == name),
        }
    }

    /// Variables of a document that is known to be valid; `None` if it is not, or has several operations.
    fn valid_with(&self) -> Option<&[Variable]> {
        match self.operations.as_slice() {
            [only] if self.is_valid.load(Ordering::Relaxed) => Some(&only.variables),
            _ => None,
        }
    }

    /// Marks the document as valid against the schema.
    pub fn mark_valid(&self) {
        self.is_valid.store(true, Ordering::Relaxed);
    }
}
