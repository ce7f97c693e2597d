//! Detecting a file's encoding and delimiter.

use std::borrow::Cow;

use anyhow::{Context, Result, bail};
use encoding_rs::{Encoding, WINDOWS_1251};

use super::FileRules;

/// A file with more than one NUL per so many bytes is not UTF-8 or windows-1251: UTF-16 has one per ASCII letter.
const BYTES_PER_NUL: usize = 8;

/// Decodes the file by its byte order mark, the mapping's encoding, UTF-8, or windows-1251 if the text is then Russian,
/// in this order. Invalid bytes are never replaced: the file is refused.
pub(super) fn decode<'a>(bytes: &'a [u8], rules: &FileRules) -> Result<Cow<'a, str>> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return whole(encoding, &bytes[length..]);
    }
    // Error files are always UTF-8.
    if let Ok(text) = std::str::from_utf8(bytes)
        && super::csv::is_error_file(text)
    {
        return Ok(Cow::Borrowed(text));
    }
    if let Some(label) = &rules.encoding {
        let encoding =
            Encoding::for_label(label.as_bytes()).with_context(|| format!("unknown encoding `{label}`"))?;
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
                "line {line}: the file is neither UTF-8 nor windows-1251; convert it to UTF-8, or set its encoding \
                 in the mapping: [file] encoding = \"…\"."
            )
        }),
    }
}

fn whole<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.with_context(|| {
        let location = match std::str::from_utf8(bytes) {
            Err(error) if encoding == encoding_rs::UTF_8 => {
                format!("line {}: ", line_of(bytes, error.valid_up_to()))
            }
            _ => String::new(),
        };
        format!("{location}the file is not {}; correct [file] encoding in the mapping.", encoding.name())
    })
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    bytes[..offset].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Decodes windows-1251 if at least nine of ten non-ASCII words are Russian.
fn russian(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let text = WINDOWS_1251.decode_without_bom_handling_and_without_replacement(bytes)?;
    let (mut russian, mut others) = (0, 0);
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii()) {
        let mut letters = word.chars();
        match letters.all(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')) {
            // Single letters do not count: the French `à` decodes to the Russian `а`.
            true => russian += usize::from(word.chars().nth(1).is_some()),
            false => others += 1,
        }
    }
    (russian > 0 && russian >= others * 9).then_some(text)
}

/// Delimiters that are detected from the header.
pub(in crate::import) const DETECTED_DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The most frequent delimiter of the header.
pub(super) fn delimiter(text: &str) -> u8 {
    let header = text.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut is_quoted = false;
    let mut counts = DETECTED_DELIMITERS.map(|delimiter| (delimiter, 0));
    for byte in header.bytes() {
        is_quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!is_quoted && byte == *delimiter);
        }
    }
    // Ties go to the first: a comma if the file has one column.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}
