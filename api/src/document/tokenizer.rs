//! Tokenizer that measures a document before it is parsed, so that hostile input never reaches the parser.

use super::{limit_error::LimitError, limits::Limits};

/// Maximum number of open brackets: argument values may be nested deeper than fields.
pub(super) const MAX_OPEN_BRACKETS: usize = 64;

/// Longest name or number in bytes: errors repeat names.
pub(super) const MAX_NAME_BYTES: usize = 250;
/// Longest string with its quotes, in bytes: errors may repeat it, and arguments are only addresses, names and cursors.
pub(super) const MAX_STRING_BYTES: usize = 16 << 10;

/// Counts of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Tokens, without white space, commas and comments.
    tokens: usize,
    /// Aliases: colons outside of parentheses.
    aliases: usize,
    directives: usize,
    /// Maximum number of open brackets, braces and parentheses.
    nesting: usize,
}

impl Size {
    /// Measures a document; stops at the first limit that is exceeded.
    ///
    /// # Errors
    /// The first limit that is exceeded.
    pub(super) fn measure(text: &str, limits: &Limits) -> Result<Self, LimitError> {
        let (mut size, mut open, mut parentheses) = (Self::default(), 0_usize, 0_usize);
        let mut rest = text.as_bytes();
        while let Some((first, token)) = next_token(&mut rest) {
            size.tokens += 1;
            match first {
                b'{' | b'[' | b'(' => {
                    open += 1;
                    parentheses += usize::from(first == b'(');
                    size.nesting = size.nesting.max(open);
                }
                b'}' | b']' | b')' => {
                    open = open.saturating_sub(1);
                    parentheses = parentheses.saturating_sub(usize::from(first == b')'));
                }
                b':' if parentheses == 0 => size.aliases += 1,
                b'@' => size.directives += 1,
                _ => {}
            }
            size.check(limits)?;
            match first {
                b'"' if token > MAX_STRING_BYTES => return Err(LimitError::Text(MAX_STRING_BYTES)),
                _ if is_of_word(first) && token > MAX_NAME_BYTES => {
                    return Err(LimitError::Name(MAX_NAME_BYTES));
                }
                _ => {}
            }
            rest = &rest[token..];
        }
        Ok(size)
    }

    /// Checks the counts against limits.
    ///
    /// # Errors
    /// The first limit that is exceeded.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), LimitError> {
        if self.aliases > limits.aliases {
            Err(LimitError::Aliases(limits.aliases))
        } else if self.directives > limits.directives {
            Err(LimitError::Directives(limits.directives))
        } else if self.nesting > MAX_OPEN_BRACKETS {
            Err(LimitError::Brackets(MAX_OPEN_BRACKETS))
        } else if self.tokens > limits.tokens {
            Err(LimitError::Tokens(limits.tokens))
        } else {
            Ok(())
        }
    }
}

/// Tokens of a document that was parsed, with their offsets.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text.as_bytes();
    std::iter::from_fn(move || {
        let (_, length) = next_token(&mut rest)?;
        let start = text.len() - rest.len();
        rest = rest.get(length..)?;
        Some((start, text.get(start..start + length)?))
    })
}

/// First byte and length of the next token, after skipping ignored tokens.
fn next_token(rest: &mut &[u8]) -> Option<(u8, usize)> {
    loop {
        let skipped = match rest.first()? {
            // The last three are the bytes of the byte order mark.
            b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => 1,
            b'#' => rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len()),
            _ => break,
        };
        *rest = &rest[skipped..];
    }
    let first = *rest.first()?;
    let length = match first {
        b'"' => string(rest),
        b'.' if rest.starts_with(b"...") => 3,
        byte if is_of_word(byte) => rest.iter().position(|byte| !is_of_word(*byte)).unwrap_or(rest.len()),
        _ => 1,
    };
    Some((first, length))
}

/// Whether a byte belongs to a name or number.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Length of the string that the bytes begin with. An unterminated string extends to the end of the line, an unterminated
/// block string to the end of the document.
fn string(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\"\"\"") {
        let mut position = 3;
        while position < bytes.len() {
            if bytes[position..].starts_with(b"\\\"\"\"") {
                position += 4;
            } else if bytes[position..].starts_with(b"\"\"\"") {
                return position + 3;
            } else {
                position += 1;
            }
        }
        return bytes.len();
    }
    let mut position = 1;
    while let Some(byte) = bytes.get(position) {
        match byte {
            b'"' => return position + 1,
            b'\n' | b'\r' => return position,
            b'\\' => position += 2,
            _ => position += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn measure(text: &str) -> Result<Size, LimitError> {
        Size::measure(text, &Limits::public())
    }

    #[test]
    fn tokens_aliases_directives_and_nesting_are_counted() {
        let text = "query($a: Int = 1) { # a: comment\n b: pages(first: $a) @skip(if: true) { c: t, ...F } }";
        let size = measure(text).expect("a small document");
        assert_eq!(
            (size.aliases, size.directives, size.nesting),
            (2, 1, 2),
            "a colon in parentheses is no alias"
        );
        assert_eq!(measure("{ a ...on B }").expect("a document").tokens, 6);
        assert_eq!(
            measure("\u{feff}{,,, a }").expect("a document").tokens,
            3,
            "commas and the byte order mark are no tokens"
        );
    }

    #[test]
    fn a_quoted_string_is_one_token() {
        for text in [r#"{ a(b: "{{{ @x # \" :") }"#, "{ a(b: \"\"\"{{{ \" @x \\\"\"\" # :\n\"\"\") }"] {
            let size = measure(text).expect("a small document");
            assert_eq!((size.tokens, size.nesting, size.directives, size.aliases), (8, 2, 0, 0), "{text}");
        }
        assert_eq!(measure("{ a(b: \"never ended").expect("a document").tokens, 6);
    }

    #[test]
    fn the_first_limit_that_is_exceeded_is_reported() {
        let limits = Limits::public();
        let error_of = |text: String| measure(&text).expect_err("it is too much");
        assert_eq!(error_of("a ".repeat(limits.tokens + 1)), LimitError::Tokens(limits.tokens));
        assert_eq!(error_of("{".repeat(MAX_OPEN_BRACKETS + 1)), LimitError::Brackets(MAX_OPEN_BRACKETS));
        assert_eq!(error_of("a:b ".repeat(limits.aliases + 1)), LimitError::Aliases(limits.aliases));
        assert_eq!(error_of("@a ".repeat(limits.directives + 1)), LimitError::Directives(limits.directives));
        assert_eq!(error_of("a".repeat(MAX_NAME_BYTES + 1)), LimitError::Name(MAX_NAME_BYTES));
        assert_eq!(
            error_of(format!("\"{}\"", "a".repeat(MAX_STRING_BYTES))),
            LimitError::Text(MAX_STRING_BYTES)
        );
        assert!(measure(&"a".repeat(MAX_NAME_BYTES)).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_measured_to_its_end(text in "[{}()\\[\\]:@\"\\\\#. a1\n\u{e9}\u{feff}-]{0,200}") {
            // It terminates, within the limits or not.
            let _ = measure(&text);
        }
    }
}
