//! Why a document is not executed. Words name the limit, and never repeat what was sent.

/// A reason not to execute a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Refusal {
    #[error("The document is not GraphQL: there is a mistake{0}.")]
    Syntax(String),
    #[error("The document has more than {0} tokens; ask for less at once.")]
    Tokens(usize),
    #[error("A name in the document or a key in the variables is longer than {0} letters.")]
    Name(usize),
    #[error("A text in the document or the variables is longer than {0} bytes.")]
    Text(usize),
    #[error("The document is nested deeper than {0} fields.")]
    Depth(usize),
    #[error("The document gives more than {0} fields another name.")]
    Aliases(usize),
    #[error("The document asks for more than {0} fields at the root.")]
    RootFields(usize),
    #[error("The document has more than {0} directives.")]
    Directives(usize),
    #[error("The document defines more than {0} fragments.")]
    Fragments(usize),
    #[error("The document selects more than {0} fields and fragments.")]
    Selections(u64),
    #[error("A fragment of the document contains itself.")]
    FragmentCycle,
    #[error("The document asks for lists of the schema below each other too often.")]
    Introspection,
    #[error("A list in the variables has more than {0} items.")]
    ListItems(usize),
    #[error("A text in the variable `${0}` has the character U+0000, which no text of the registry has.")]
    Nul(String),
    #[error("The variable `${0}` needs a value.")]
    MissingValue(String),
    #[error("The request would cost {requested} points and may cost {most}; ask for less at once.")]
    Cost { requested: u64, most: u64 },
}

impl Refusal {
    /// Stable code of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "GRAPHQL_PARSE_FAILED",
            Self::Tokens(_) | Self::Name(_) => "TOKEN_LIMIT",
            Self::Text(_) => "VARIABLES_LIMIT",
            Self::Depth(_) => "DEPTH_LIMIT",
            Self::Aliases(_) => "TOO_MANY_ALIASES",
            Self::RootFields(_) => "ROOT_FIELDS_LIMIT",
            Self::Directives(_) => "DIRECTIVES_LIMIT",
            Self::Fragments(_) => "FRAGMENTS_LIMIT",
            Self::Selections(_) => "SELECTIONS_LIMIT",
            Self::FragmentCycle => "FRAGMENT_CYCLE",
            Self::Introspection => "INTROSPECTION_LIMIT",
            Self::ListItems(_) => "VARIABLES_LIMIT",
            Self::MissingValue(_) | Self::Nul(_) => "BAD_REQUEST",
            Self::Cost { .. } => "COST_LIMIT",
        }
    }
}
