//! The size of a document's text, before it is parsed: the parser itself must never see a text that is made to exhaust it.

use super::{limit_error::LimitError, limits::Limits};

/// Brackets that may be open at once: values of arguments may be nested deeper than fields.
const MOST_OPEN: usize = 64;

/// Longest name or number: errors repeat names, each time that they stand somewhere wrong.
pub(super) const MOST_NAME: usize = 250;
/// Longest text in quotes, in bytes, for the same reason: the registry asks for addresses, names and cursors.
pub(super) const MOST_TEXT: usize = 16 << 10;

/// What a text is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    /// Names, numbers, texts and signs; neither white space nor comments.
    tokens: usize,
    /// Fields under another name: outside of parentheses, a colon has no other use.
    aliases: usize,
    directives: usize,
    /// Most brackets, braces and parentheses that are open at once.
    nesting: usize,
}

impl Size {
    /// Measures a text, as far as it keeps the limits.
    ///
    /// # Errors
    /// The first limit that it does not keep.
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
                b'"' if token > MOST_TEXT => return Err(LimitError::Text(MOST_TEXT)),
                _ if is_of_word(first) && token > MOST_NAME => return Err(LimitError::Name(MOST_NAME)),
                _ => {}
            }
            rest = &rest[token..];
        }
        Ok(size)
    }

    /// Checks what was measured against limits.
    ///
    /// # Errors
    /// The first limit that it does not keep.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), LimitError> {
        if self.aliases > limits.aliases {
            Err(LimitError::Aliases(limits.aliases))
        } else if self.directives > limits.directives {
            Err(LimitError::Directives(limits.directives))
        } else if self.nesting > MOST_OPEN {
            Err(LimitError::Depth(limits.depth))
        } else if self.tokens > limits.tokens {
            Err(LimitError::Tokens(limits.tokens))
        } else {
            Ok(())
        }
    }
}

/// First byte and length of the next token, after what stands between tokens.
fn next_token(rest: &mut &[u8]) -> Option<(u8, usize)> {
    loop {
        let skipped = match rest.first()? {
            // The three last ones are the mark that some editors put at the beginning of a text.
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

/// Bytes of names and numbers.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Length of the text in quotes that the bytes begin with; one that does not end reaches to the end.
fn string(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\"\"\"") {
        let mut place = 3;
        while place < bytes.len() {
            if bytes[place..].starts_with(b"\\\"\"\"") {
                place += 4;
            } else if bytes[place..].starts_with(b"\"\"\"") {
                return place + 3;
            } else {
                place += 1;
            }
        }
        return bytes.len();
    }
    let mut place = 1;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'"' => return place + 1,
            b'\n' | b'\r' => return place,
            b'\\' => place += 2,
            _ => place += 1,
        }
    }
    bytes.len()
}
