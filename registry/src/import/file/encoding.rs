//! Telling a file's encoding and delimiter.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use encoding_rs::{Encoding, WINDOWS_1251};

use super::FileRules;

/// A text file has no NUL; one in UTF-16 without a byte order mark has one for each ASCII letter.
const BYTES_PER_NUL: usize = 8;

/// The file's text: in the encoding of its byte order mark, or that of the mapping, or UTF-8, or else windows-1251 where
/// it reads as Russian. What has no meaning in the encoding is never replaced: the file is refused.
pub(super) fn decode<'a>(bytes: &'a [u8], rules: &FileRules) -> Result<Cow<'a, str>> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return whole(encoding, &bytes[length..]);
    }
    // What an import wrote is UTF-8, whatever the file was.
    if let Ok(text) = std::str::from_utf8(bytes)
        && super::csv::is_error_file(text)
    {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(label) = &rules.encoding {
        let encoding = Encoding::for_label(label.as_bytes())
            .with_context(|| format!("there is no encoding `{label}`"))?;
        return whole(encoding, bytes);
    }
    if bytes.iter().filter(|byte| **byte == 0).count() * BYTES_PER_NUL > bytes.len() {
        bail!(
            "the file is not text in UTF-8 or windows-1251 (it may be UTF-16 or a spreadsheet); save it as CSV in UTF-8."
        );
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => russian(bytes).with_context(|| {
            let line = line_of(bytes, error.valid_up_to());
            format!(
                "line {line}: the file is neither UTF-8 nor windows-1251; convert it to UTF-8, or name its encoding in the \
                 mapping: [file] encoding = \"…\"."
            )
        }),
    }
}

fn whole<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.with_context(|| {
        let place = match std::str::from_utf8(bytes) {
            Err(error) if encoding == encoding_rs::UTF_8 => {
                format!("line {}: ", line_of(bytes, error.valid_up_to()))
            }
            _ => String::new(),
        };
        format!("{place}the file is not {}; correct [file] encoding in the mapping.", encoding.name())
    })
}

fn line_of(bytes: &[u8], place: usize) -> usize {
    bytes[..place].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The text in windows-1251, where nine of ten words that are not ASCII are Russian.
fn russian(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = WINDOWS_1251.decode_without_bom_handling_and_without_replacement(bytes)?;
    let (mut russian, mut others) = (0, 0);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii()) {
        let mut letters = word.chars();
        match letters.all(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')) {
            // One letter tells nothing: the French `à` reads as the Russian `а`.
            true => russian += usize::from(word.chars().nth(1).is_some()),
            false => others += 1,
        }
    }
    (russian > 0 && russian >= others * 9).then_some(text)
}

/// Delimiters that a header can tell.
pub(in crate::import) const TOLD_BY_HEADER: [u8; 3] = [b',', b';', b'\t'];

/// The delimiter that the header has most of.
pub(super) fn delimiter(text: &str) -> u8 {
    let header = text.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut is_quoted = false;
    let mut counts = TOLD_BY_HEADER.map(|delimiter| (delimiter, 0));
    for byte in header.bytes() {
        is_quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!is_quoted && byte == *delimiter);
        }
    }
    // The first of equals: a comma, when the file has one column only.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}
