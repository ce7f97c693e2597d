//! Lines of a text whatever ends them: numbers of lines are those that an editor shows.

use std::io::{self, Read};

/// Reads a text as if each of its lines ended with a line feed: those that end with a carriage return, or with both, and
/// the last one, whether it ends or not.
pub(super) struct LineEnds<R> {
    inner: R,
    /// The last byte of the text was a carriage return: a line feed after it ends no other line.
    after_return: bool,
    /// Whether the line that is read has begun.
    in_line: bool,
}

impl<R> LineEnds<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, after_return: false, in_line: false }
    }

    /// Replaces ends of lines where they stand; answers how many bytes are left.
    fn replace(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for place in 0..bytes.len() {
            let byte = bytes[place];
            let is_second = byte == b'\n' && self.after_return;
            self.after_return = byte == b'\r';
            if !is_second {
                bytes[kept] = if byte == b'\r' { b'\n' } else { byte };
                self.in_line = bytes[kept] != b'\n';
                kept += 1;
            }
        }
        kept
    }
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let read = self.inner.read(buffer)?;
            if read == 0 && std::mem::take(&mut self.in_line) {
                buffer[0] = b'\n';
                return Ok(1);
            }
            let kept = self.replace(&mut buffer[..read]);
            // A line feed alone, which belongs to the return before it, is no end of the text.
            if kept > 0 || read == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                let (mut reader, mut read) = (LineEnds::new(text.as_bytes()), Vec::new());
                let mut buffer = vec![0; size];
                loop {
                    let bytes = reader.read(&mut buffer).expect("a text in memory");
                    if bytes == 0 {
                        break;
                    }
                    read.extend_from_slice(&buffer[..bytes]);
                }
                assert_eq!(String::from_utf8_lossy(&read), lines, "{text:?} by {size}");
            }
        }
    }
}
