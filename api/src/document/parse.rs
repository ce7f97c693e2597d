//! Parsing of documents. The library's parser also checks names of operations and fragments, which is validation.

use async_graphql::parser::{self, Error, types::ExecutableDocument};

use super::{limit_error::LimitError, unicode_escapes};

/// Parses a document.
///
/// # Errors
/// When it is not GraphQL, or its operations or fragments have wrong names.
pub(super) fn parse(text: &str) -> Result<ExecutableDocument, LimitError> {
    parser::parse_query(unicode_escapes::replace(text)?).map_err(|error| reason(&error))
}

/// Why a document is not accepted, with the position, without text of the document.
fn reason(error: &Error) -> LimitError {
    let at = error.positions().next().map(|at| format!(" at line {}, column {}", at.line, at.column));
    let at = at.unwrap_or_default();
    let problem = match error {
        Error::OperationDuplicated { .. } => "two operations have the same name; rename the one",
        Error::FragmentDuplicated { .. } => "two fragments have the same name; rename the one",
        Error::MultipleOperations { .. } => "of several operations, each needs a name; name the one",
        _ => return LimitError::Syntax(at),
    };
    LimitError::Names { problem, at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error_code::ErrorCode;

    #[test]
    fn names_given_twice_are_no_syntax_errors() {
        for (text, message) in [
            (
                "query A { a } query A { b }",
                "two operations have the same name; rename the one at line 1, column 15",
            ),
            (
                "{ ...F } fragment F on Query { a } fragment F on Query { b }",
                "two fragments have the same name; rename the one at line 1, column 36",
            ),
            (
                "query A { a }\n{ b }",
                "of several operations, each needs a name; name the one at line 2, column 1",
            ),
        ] {
            let error = parse(text).expect_err("it is not valid");
            assert_eq!(error.code(), ErrorCode::GraphqlValidationFailed, "{text}");
            assert_eq!(error.to_string(), format!("The document is not valid: {message}."), "{text}");
        }
        assert_eq!(parse("{ a(").expect_err("a syntax error").code(), ErrorCode::GraphqlParseFailed);
        assert!(parse("query A { a } query B { a ...A } fragment A on Query { b }").is_ok());
    }
}
