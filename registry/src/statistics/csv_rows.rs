//! Rows of CSV before they are parsed: where each begins and ends, whatever ends its lines, and none longer than may be.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read},
    rc::Rc,
};

/// What is known of rows beside their cells; shared with whoever parses them.
#[derive(Clone)]
pub(super) struct RowNotes {
    /// What stands between cells.
    delimiter: u8,
    odd: Rc<RefCell<VecDeque<OddRow>>>,
}

/// A row that no figures can be taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OddRow {
    /// Its first line, from 1.
    pub(super) first: u64,
    /// Its last line.
    last: u64,
    /// Whether it was longer than a row may be, and is cut off; or else it goes on over several lines.
    pub(super) is_cut: bool,
}

impl RowNotes {
    pub(super) fn new(delimiter: u8) -> Self {
        Self { delimiter, odd: Rc::default() }
    }

    /// What is odd about the row that ends with a line.
    pub(super) fn odd(&self, last: u64) -> Option<OddRow> {
        let mut odd = self.odd.borrow_mut();
        // Comments and blank lines are no rows to whoever parses them.
        while odd.front().is_some_and(|row| row.last < last) {
            odd.pop_front();
        }
        odd.front().copied().filter(|row| row.last == last)
    }
}

/// A row with a quote that is not closed, or too long within quotes to be read on; its first line.
#[derive(Debug, thiserror::Error)]
#[error("the row that begins in line {0} does not end")]
pub(super) struct Endless(pub(super) u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    RowStart,
    CellStart,
    Cell,
    Quoted,
    /// Behind a quote within quotes: the end of the cell, or the first of two that stand for one.
    Quote,
    Comment,
}

/// Reads a text as if each of its lines ended with a line feed: those that end with a carriage return, or with both, and
/// the last one, whether it ends or not. Rows that are too long are cut off.
pub(super) struct CsvRows<R> {
    inner: R,
    most: usize,
    notes: RowNotes,
    at: At,
    /// The last byte of the text was a carriage return: a line feed after it ends no other line.
    after_return: bool,
    /// Whether the line that is read has begun.
    in_line: bool,
    line: u64,
    first: u64,
    bytes: usize,
    /// Whether what is left of the row is left out.
    is_cut: bool,
}

impl<R: Read> CsvRows<R> {
    /// Rows of at most so many bytes.
    pub(super) fn new(inner: R, most: usize, notes: RowNotes) -> Self {
        let (after_return, in_line) = (false, false);
        let (line, first, bytes, is_cut) = (1, 1, 0, false);
        Self { inner, most, notes, at: At::RowStart, after_return, in_line, line, first, bytes, is_cut }
    }

    /// Keeps what is to be parsed at the beginning of the bytes; answers how many those are.
    fn pass(&mut self, bytes: &mut [u8]) -> Result<usize, Endless> {
        let mut kept = 0;
        for place in 0..bytes.len() {
            let byte = bytes[place];
            let is_second = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if is_second {
                continue;
            }
            let byte = if byte == b'\r' { b'\n' } else { byte };
            self.in_line = byte != b'\n';
            if self.step(byte)? {
                bytes[kept] = byte;
                kept += 1;
            }
        }
        Ok(kept)
    }

    /// Goes on by a byte; answers whether it is to be parsed.
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
            // Whoever parses what is left without the rest would be within quotes for ever.
            At::Quoted | At::Quote => Err(Endless(self.first)),
            // A comment may be as long as it likes: nobody keeps it.
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
            let kept = self.pass(&mut buffer[..read]).map_err(io::Error::other)?;
            // Nothing of what was read may be left, and that is no end of the text.
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is to be parsed, or why nothing is; and odd rows by first line, last line and whether they are cut.
    type Told = (Result<String, String>, Vec<(u64, u64, bool)>);

    fn read(text: &str, most: usize, size: usize) -> Told {
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
    fn a_row_over_several_lines_is_told_by_its_first_and_last() {
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
    fn a_row_that_is_too_long_is_cut_off_and_told() {
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
