//! Why a document is not executed. Words name the limit, and never repeat what was sent.

use crate::error_code::ErrorCode;

/// A limit that a document or its variables exceed, or another reason not to execute it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum LimitError {
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

impl LimitError {
    /// Stable code of the reason.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Syntax(_) => ErrorCode::GraphqlParseFailed,
            Self::Tokens(_) | Self::Name(_) => ErrorCode::TokenLimit,
            Self::Text(_) => ErrorCode::VariablesLimit,
            Self::Depth(_) => ErrorCode::DepthLimit,
            Self::Aliases(_) => ErrorCode::TooManyAliases,
            Self::RootFields(_) => ErrorCode::RootFieldsLimit,
            Self::Directives(_) => ErrorCode::DirectivesLimit,
            Self::Fragments(_) => ErrorCode::FragmentsLimit,
            Self::Selections(_) => ErrorCode::SelectionsLimit,
            Self::FragmentCycle => ErrorCode::FragmentCycle,
            Self::Introspection => ErrorCode::IntrospectionLimit,
            Self::ListItems(_) => ErrorCode::VariablesLimit,
            Self::MissingValue(_) | Self::Nul(_) => ErrorCode::BadUserInput,
            Self::Cost { .. } => ErrorCode::CostLimit,
        }
    }
}
