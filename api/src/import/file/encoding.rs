//! Telling a file's encoding and delimiter from its beginning.

use anyhow::{Context, Result, bail};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1251};

use super::FileRules;

/// Tells the encoding: what the mapping says, or UTF-8, or else windows-1251 where it reads as Russian.
pub(super) fn tell(sample: &[u8], is_cut: bool, rules: &FileRules) -> Result<&'static Encoding> {
    if let Some(label) = &rules.encoding {
        return Encoding::for_label(label.as_bytes())
            .with_context(|| format!("there is no encoding `{label}`"));
    }
    if sample.contains(&0) {
        bail!(
            "the file is not text in UTF-8 or windows-1251 (it may be UTF-16 or a spreadsheet); save it as CSV in UTF-8."
        );
    }
    match std::str::from_utf8(sample) {
        Ok(_) => return Ok(UTF_8),
        // The sample may end in the middle of a character.
        Err(error) if is_cut && error.error_len().is_none() => return Ok(UTF_8),
        Err(_) => {}
    }
    let (text, _, _) = WINDOWS_1251.decode(sample);
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii());
    let (mut russian, mut all) = (0, 0);
    for word in words {
        all += 1;
        russian += usize::from(word.chars().all(|c| matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')));
    }
    if russian * 10 < all * 9 {
        bail!(
            "the file is neither UTF-8 nor windows-1251; convert it to UTF-8, or name its encoding in the mapping: [file] encoding = \"…\"."
        );
    }
    Ok(WINDOWS_1251)
}

/// The delimiter that the header has most of, after so many lines in front of it.
pub(super) fn delimiter(sample: &[u8], lines_before: usize) -> u8 {
    let lines = sample.split(|byte| *byte == b'\n').skip(lines_before);
    let header = lines.into_iter().find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in header {
        is_quoted ^= *byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(!is_quoted && byte == delimiter);
        }
    }
    // The first of equals: a comma, when the file has one column only.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}
