//! Preprocessing of CSV before it is parsed: line ends are normalized, row boundaries noted, and row lengths limited.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read},
    rc::Rc,
};

/// Notes on rows, shared with the parser.
#[derive(Clone)]
pub(super) struct RowNotes {
    /// Delimiter of cells.
    delimiter: u8,
    odd: Rc<RefCell<VecDeque<OddRow>>>,
}

/// A row that must be rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OddRow {
    /// Its first line, from 1.
    pub(super) first: u64,
    /// Its last line.
    last: u64,
    /// `true` if it was too long and is truncated; `false` if it spans several lines.
    pub(super) is_cut: bool,
}

impl RowNotes {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, odd: Rc::default() }
    }

    /// The odd row that ends in line `last`, if any.
    pub(super) fn odd(&self, last: u64) -> Option<OddRow> {
        let mut odd = self.odd.borrow_mut();
        // The parser skips comments and blank lines.
        while odd.front().is_some_and(|row| row.last < last) {
            odd.pop_front();
        }
        odd.front().copied().filter(|row| row.last == last)
    }
}

/// A row with an unclosed quote, or that is too long within quotes; its first line.
#[derive(Debug, thiserror::Error)]
#[error("the row that begins in line {0} does not end")]
pub(super) struct Endless(pub(super) u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    RowStart,
    CellStart,
    Cell,
    Quoted,
    /// After a quote within quotes: the end of the cell, or the first half of an escaped quote.
    Quote,
    Comment,
}

/// Reader that converts CR and CRLF to LF, ends the last line with LF, and truncates rows that are too long.
pub(super) struct CsvRows<R> {
    inner: R,
    most: usize,
    notes: RowNotes,
    at: At,
    /// The last byte was CR: an LF after it belongs to the same line end.
    after_return: bool,
    /// Whether the current line has any byte.
    in_line: bool,
    line: u64,
    first: u64,
    bytes: usize,
    /// Whether the rest of the row is dropped.
    is_cut: bool,
}

impl<R: Read> CsvRows<R> {
    /// Truncates rows to `most` bytes.
    pub(super) fn new(inner: R, most: usize, notes: RowNotes) -> Self {
        let (after_return, in_line) = (false, false);
        let (line, first, bytes, is_cut) = (1, 1, 0, false);
        Self { inner, most, notes, at: At::RowStart, after_return, in_line, line, first, bytes, is_cut }
    }

    /// Moves the bytes that are to be parsed to the beginning of the slice, and returns their number.
    fn pass(&mut self, bytes: &mut [u8]) -> Result<usize, Endless> {
        let mut passed = 0;
        for index in 0..bytes.len() {
            let byte = bytes[index];
            let is_second = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if is_second {
                continue;
            }
            let byte = if byte == b'\r' { b'\n' } else { byte };
            self.in_line = byte != b'\n';
            if self.step(byte)? {
                bytes[passed] = byte;
                passed += 1;
            }
        }
        Ok(passed)
    }

    /// Advances by one byte, and returns whether it is to be parsed.
    fn step(&mut self, byte: u8) -> Result<bool, Endless> {
        self.bytes += 1;
        let is_delimiter = byte == self.notes.delimiter;
        self.at = match (self.at, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, _) => At::Quoted,
            (_, b'\n') => {
                self.end_row();
                return Ok(true);
            }
            (At::Comment, _) => At::Comment,
            (At::RowStart, b'#') => At::Comment,
            (At::RowStart | At::CellStart | At::Quote, b'"') => At::Quoted,
            _ if is_delimiter => At::CellStart,
            _ => At::Cell,
        };
        self.line += u64::from(byte == b'\n');
        if self.bytes <= self.most {
            return Ok(true);
        }
        match self.at {
            // Without the rest of the row, the parser would stay within quotes to the end of the file.
            At::Quoted | At::Quote => Err(Endless(self.first)),
            // Comments have no length limit, because they are not buffered.
            At::Comment => Ok(false),
            _ => {
                self.is_cut = true;
                Ok(false)
            }
        }
    }

    fn end_row(&mut self) {
        let is_cut = std::mem::take(&mut self.is_cut);
        if self.at != At::Comment && (is_cut || self.line > self.first) {
            let odd = OddRow { first: self.first, last: self.line, is_cut };
            self.notes.odd.borrow_mut().push_back(odd);
        }
        self.line += 1;
        (self.at, self.first, self.bytes) = (At::RowStart, self.line, 0);
    }
}

impl<R: Read> Read for CsvRows<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = self.inner.read(buffer)?;
            if read == 0 && self.at == At::Quoted {
                return Err(io::Error::other(Endless(self.first)));
            }
            if read == 0 && std::mem::take(&mut self.in_line) {
                buffer[0] = b'\n';
                self.step(b'\n').map_err(io::Error::other)?;
                return Ok(1);
            }
            let passed = self.pass(&mut buffer[..read]).map_err(io::Error::other)?;
            // All bytes of this read may have been dropped: that is not the end of the text.
            if passed > 0 || read == 0 {
                return Ok(passed);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Text to be parsed, or the error; and odd rows as first line, last line, `is_cut`.
    type Output = (Result<String, String>, Vec<(u64, u64, bool)>);

    fn read(text: &str, most: usize, size: usize) -> Output {
        let notes = RowNotes::new(b',');
        let mut reader = CsvRows::new(text.as_bytes(), most, notes.clone());
        let (mut read, mut buffer) = (Vec::new(), vec![0; size]);
        let text = loop {
            match reader.read(&mut buffer) {
                Ok(0) => break Ok(String::from_utf8_lossy(&read).into_owned()),
                Ok(bytes) => read.extend_from_slice(&buffer[..bytes]),
                Err(error) => break Err(error.to_string()),
            }
        };
        let odd = notes.odd.borrow().iter().map(|row| (row.first, row.last, row.is_cut)).collect();
        (text, odd)
    }

    #[test]
    fn lines_end_with_a_line_feed_wherever_the_text_is_cut() {
        for (text, lines) in [
            ("a\r\nb\r\n", "a\nb\n"),
            ("a\rb", "a\nb\n"),
            ("a\n\r\n\r\r\nb", "a\n\n\n\nb\n"),
            ("\r\n", "\n"),
            ("", ""),
        ] {
            for size in 1..4 {
                let (read, odd) = read(text, 100, size);
                assert_eq!((read, odd), (Ok(lines.to_owned()), vec![]), "{text:?} by {size}");
            }
        }
    }

    #[test]
    fn a_row_over_several_lines_is_reported_with_its_first_and_last() {
        for (text, first, last) in [
            ("a,b\n1,\"2\n3\"\n", 2, 3),
            ("\n\n\"\n\n\"\n1\n", 3, 5),
            ("a\n1,\" \"\"x\r\n\"\"\r\r\"\n", 2, 5),
            ("# a \" b\n\"\n\"", 2, 3),
        ] {
            for size in 1..4 {
                assert_eq!(read(text, 100, size).1, [(first, last, false)], "{text:?} by {size}");
            }
        }
    }

    #[test]
    fn a_quote_within_a_cell_and_one_behind_another_delimiter_open_nothing() {
        for text in ["a,5\" x\n1\n", "a;\"x\n1\n", "\"a\"b\"\n1\n", "\"a\"\"\"\n1\n"] {
            assert_eq!(read(text, 100, 3).1, [], "{text:?}");
        }
    }

    #[test]
    fn a_row_that_is_too_long_is_cut_off_and_reported() {
        let text = format!("a\n{}\nb\n", "1,".repeat(20));
        let (read, odd) = read(&text, 10, 3);
        assert_eq!((read, odd), (Ok("a\n1,1,1,1,1,\nb\n".to_owned()), vec![(2, 2, true)]));
    }

    #[test]
    fn a_quote_that_is_not_closed_ends_the_text_with_the_line_that_it_is_in() {
        let long = format!("a\n1,\"2\n{}", "3\n".repeat(20));
        let behind_the_cut = format!("a\n{},\"x\nb\n\"\n", "1".repeat(20));
        for text in [&*long, &*behind_the_cut, "a\n1,\"2", "a\n1,\"2\n", "a\n1,\"2\n\n\n", "a\n\"\"\"\nb\n"] {
            assert_eq!(
                read(text, 10, 3).0,
                Err("the row that begins in line 2 does not end".to_owned()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_quote_that_ends_at_the_last_byte_of_a_row_is_whole_and_one_behind_it_ends_the_text() {
        for (letters, is_whole) in [(7, true), (8, true), (9, false), (10, false)] {
            let text = format!("\"{}\"\nb\n", "a".repeat(letters));
            let read = read(&text, 10, 3).0;
            assert_eq!(
                read,
                if is_whole { Ok(text) } else { Err("the row that begins in line 1 does not end".into()) }
            );
        }
    }

    #[test]
    fn comments_and_blank_lines_may_be_as_many_and_as_long_as_they_like() {
        let text = format!("#{}\n{}a\n", "x".repeat(40), "\n".repeat(40));
        let (read, odd) = read(&text, 10, 3);
        assert!(read.is_ok_and(|read| read.ends_with("\n\na\n")));
        assert_eq!(odd, []);
    }
}
