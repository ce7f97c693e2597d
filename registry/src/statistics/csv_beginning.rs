//! The beginning of a CSV file: comments, a line that names the delimiter, and the header row.

use std::{
    io::{self, Read},
    ops::Range,
};

use crate::csv_writer::named_delimiter;

/// Bytes that are read at once.
const STEP: u64 = 64 << 10;
/// Maximum number of bytes in which the header row is looked for.
const MAX_BEGINNING: usize = 1 << 20;

/// Reads until the header row has begun; returns the bytes read, which include what precedes it, and the delimiter.
///
/// # Errors
/// When the stream breaks off.
pub(super) fn read(reader: &mut impl Read) -> io::Result<(Vec<u8>, u8)> {
    let mut beginning = Vec::new();
    loop {
        let more = reader.by_ref().take(STEP).read_to_end(&mut beginning)?;
        if !header(&beginning).is_empty() || more == 0 || beginning.len() >= MAX_BEGINNING {
            break;
        }
    }
    let named = take_named_delimiter(&mut beginning);
    let delimiter = named.unwrap_or_else(|| delimiter_of(&beginning[header(&beginning)]));
    Ok((beginning, delimiter))
}

/// Where the header row is, or as much of it as was read; empty if there are only comments and blank lines.
fn header(beginning: &[u8]) -> Range<usize> {
    let mut start = 0;
    for line in beginning.split(|byte| matches!(byte, b'\n' | b'\r')) {
        if !line.is_empty() && !line.starts_with(b"#") {
            return start..start + line.len();
        }
        start += line.len() + 1;
    }
    0..0
}

/// Delimiter of a line `sep=;` before the header. The line becomes a comment, so that lines are numbered as in the file.
fn take_named_delimiter(beginning: &mut [u8]) -> Option<u8> {
    let line = header(beginning);
    let named = named_delimiter(&beginning[line.clone()])?;
    beginning[line.start] = b'#';
    Some(named)
}

/// Delimiter of the header: spreadsheets write semicolons or tabs in locales with a decimal comma.
fn delimiter_of(header: &[u8]) -> u8 {
    [b',', b';', b'\t'].into_iter().find(|delimiter| header.contains(delimiter)).unwrap_or(b',')
}
