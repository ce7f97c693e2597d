//! Why a document is not executed. Messages name the limit and repeat no text of the document.

use crate::error_code::ErrorCode;

/// A limit that a document or its variables exceed, or another reason why it is not executed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum LimitError {
    #[error("The document is not valid GraphQL: syntax error{0}.")]
    Syntax(String),
    #[error(
        "The document is not valid GraphQL: in a string in line {0}, an escape is no Unicode character; write both surrogates of a pair, the high one first."
    )]
    Escape(usize),
    #[error("The document is not valid: {problem}{at}.")]
    Names { problem: &'static str, at: String },
    #[error("The document has more than {0} tokens; send a shorter one.")]
    Tokens(usize),
    #[error("A name in the document or a key in the variables is longer than {0} bytes.")]
    Name(usize),
    #[error("A string in the document or the variables is longer than {0} bytes.")]
    Text(usize),
    #[error("The document is nested deeper than {0} fields.")]
    Depth(usize),
    #[error("The document has more than {0} brackets open at once.")]
    Brackets(usize),
    #[error("The document has more than {0} aliases.")]
    Aliases(usize),
    #[error("The document selects more than {0} root fields.")]
    RootFields(usize),
    #[error("The document has more than {0} directives.")]
    Directives(usize),
    #[error("The document defines more than {0} fragments.")]
    Fragments(usize),
    #[error("The document selects more than {0} fields and fragments.")]
    Selections(u64),
    #[error("A fragment of the document contains itself.")]
    FragmentCycle,
    #[error("The document nests introspection fields too deeply.")]
    Introspection,
    #[error("A list in the document or the variables has more than {0} items.")]
    ListItems(usize),
    #[error("A string in the variable `${0}` contains the character U+0000, which is not allowed.")]
    Nul(String),
    #[error("The variable `${0}` needs a value.")]
    MissingValue(String),
    #[error("The request would cost {requested} points and may cost {most}; select less, or fewer items.")]
    Cost { requested: u64, most: u64 },
}

impl LimitError {
    /// Stable error code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Syntax(_) | Self::Escape(_) => ErrorCode::GraphqlParseFailed,
            Self::Names { .. } => ErrorCode::GraphqlValidationFailed,
            Self::Tokens(_) | Self::Name(_) => ErrorCode::TokenLimit,
            Self::Text(_) => ErrorCode::VariablesLimit,
            Self::Depth(_) | Self::Brackets(_) => ErrorCode::DepthLimit,
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
