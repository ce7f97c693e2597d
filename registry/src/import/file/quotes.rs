//! Quotes that are never closed, and rows that do not end.

use std::io::{self, Read};

use super::MAX_ROW;

/// Watches quotes as RFC 4180 has them: one opens at the beginning of a cell alone, and two stand for one.
pub(super) struct QuoteWatch<R> {
    input: R,
    delimiter: u8,
    state: State,
    line: u64,
    opened: u64,
    row_length: usize,
    /// Whether the last byte was a CR: an LF behind it ends the same line.
    is_after_return: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellBegins,
    Plain,
    Quoted,
    /// After a quote inside a quoted cell: it closes the cell, or is the first of two.
    Closing,
}

impl<R: Read> QuoteWatch<R> {
    /// Watches `input`, whose first line is the file's line number `line`.
    pub(super) fn new(input: R, delimiter: u8, line: u64) -> Self {
        Self {
            input,
            delimiter,
            state: State::CellBegins,
            line,
            opened: 0,
            row_length: 0,
            is_after_return: false,
        }
    }

    /// Line in which a quote opened that has not been closed.
    pub(super) fn open_line(&self) -> Option<u64> {
        (self.state == State::Quoted).then_some(self.opened)
    }

    fn take(&mut self, byte: u8) {
        self.row_length += 1;
        let is_new_line = byte == b'\r' || (byte == b'\n' && !self.is_after_return);
        self.is_after_return = byte == b'\r';
        self.line += u64::from(is_new_line);
        self.state = match (self.state, byte) {
            (State::CellBegins, b'"') => {
                self.opened = self.line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::Closing,
            (State::Quoted, _) => State::Quoted,
            (State::Closing, b'"') => State::Quoted,
            (_, b'\n' | b'\r') => State::CellBegins,
            (_, byte) if byte == self.delimiter => State::CellBegins,
            _ => State::Plain,
        };
        if is_new_line && self.state == State::CellBegins {
            self.row_length = 0;
        }
    }
}

impl<R: Read> Read for QuoteWatch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        buffer[..read].iter().for_each(|byte| self.take(*byte));
        if self.row_length > MAX_ROW {
            let text = match self.open_line() {
                Some(line) => format!(
                    "line {line}: longer than 1 MiB: the quote that opens there is never closed, or this is no CSV at all"
                ),
                None => format!("line {}: longer than 1 MiB: this is no CSV", self.line),
            };
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_line(text: &str) -> Option<u64> {
        let mut watch = QuoteWatch::new(text.as_bytes(), b',', 1);
        io::copy(&mut watch, &mut io::sink()).expect("read");
        watch.open_line()
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told_with_its_line() {
        for (text, line) in [
            ("a,b\n\"x, y\",z\n", None),
            ("a,b\nx \"y\",z\n", None),
            ("a,b\n\"x \"\"y\"\"\",z\n", None),
            ("a,b\n\"x\nstill\",z\n", None),
            ("a,b\n\"x,z\n", Some(2)),
            ("a,b\n1,2\n3,\"4\n5,6\n", Some(3)),
            ("a,b\n\"x\"\"", Some(2)),
            ("a,b\r\n1,2\r\n\"x", Some(3)),
            ("a,b\r1,2\r\"x", Some(3)),
        ] {
            assert_eq!(open_line(text), line, "{text:?}");
        }
    }
}
