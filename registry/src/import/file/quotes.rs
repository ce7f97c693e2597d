//! Detects unclosed quotes and rows that are too long while a CSV file is read.

use std::io::{self, Read};

use super::MAX_ROW;

/// Tracks quotes by RFC 4180: a quote opens only at the start of a cell, and is escaped by doubling.
pub(super) struct QuoteWatch<R> {
    input: R,
    delimiter: u8,
    state: State,
    line: u64,
    opened: u64,
    row_length: usize,
    /// Whether the last byte was a CR: a following LF belongs to the same line end.
    is_after_return: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    CellBegins,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: it closes the cell, or is the first of a doubled quote.
    Closing,
}

impl<R: Read> QuoteWatch<R> {
    /// Wraps `input`, whose first line has the number `line` in the file.
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

    /// Line of the unclosed quote, if there is one.
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
                    "line {line}: longer than 1 MiB: a quote opened there is never closed, or this is not CSV"
                ),
                None => format!("line {}: longer than 1 MiB: this is not CSV", self.line),
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
    fn a_quote_that_is_never_closed_is_reported_with_its_line() {
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
