//! Files that are sent as tables by mistake, told by their beginning, with what to do.

/// Bytes of a file from which its kind is told.
pub const BEGINNING: usize = 64;

const UTF_32: &str = "text in UTF-32; save it in UTF-8";
const ARRAY: &str = "one JSON array; write one JSON object on each line (NDJSON), without brackets around them and commas after them";
const WEB_PAGE: &str = "a web page (HTML); save the table as CSV in UTF-8";

/// First bytes of files of other kinds.
const SIGNATURES: [(&[u8], &str); 9] = [
    (
        b"PK\x03\x04",
        "a spreadsheet (.xlsx, .ods) or another ZIP archive, whatever its name; save the sheet as CSV in UTF-8",
    ),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet of Excel (.xls), whatever its name; save the sheet as CSV in UTF-8"),
    (b"\x1f\x8b", "compressed with gzip; unpack it, or upload it with `Content-Encoding: gzip`"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd; unpack it"),
    (b"PAR1", "a Parquet file; save it as CSV in UTF-8"),
    (b"%PDF", "a PDF file; save its table as CSV in UTF-8"),
    (b"\xff\xfe\0\0", UTF_32),
    (b"\0\0\xfe\xff", UTF_32),
    (b"{\\rtf", "a text in RTF; save its table as CSV in UTF-8"),
];
/// First tags of web pages, which some programs save as spreadsheets.
const TAGS: [&[u8]; 5] = [b"<!doctype", b"<html", b"<table", b"<meta", b"<?xml"];

/// What a file with this beginning is, and what to do; `None` if it may be CSV or NDJSON.
pub fn mistaken(beginning: &[u8]) -> Option<&'static str> {
    let signature = SIGNATURES.iter().find(|(signature, _)| beginning.starts_with(signature));
    if let Some((_, kind)) = signature {
        return Some(*kind);
    }
    // Without a byte order mark: two ASCII letters of four bytes each.
    if let Some(&[a, b, c, d, e, f, g, h]) = beginning.first_chunk::<8>()
        && (matches!((b, c, d, f, g, h), (0, 0, 0, 0, 0, 0)) && a != 0 && e != 0
            || matches!((a, b, c, e, f, g), (0, 0, 0, 0, 0, 0)) && d != 0 && h != 0)
    {
        return Some(UTF_32);
    }
    let text = beginning.strip_prefix("\u{feff}".as_bytes()).unwrap_or(beginning).trim_ascii_start();
    let is_tag = |tag: &&[u8]| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    if TAGS.iter().any(is_tag) {
        return Some(WEB_PAGE);
    }
    // A header in brackets is none: `[name],[url]`.
    let inside = text.strip_prefix(b"[")?.trim_ascii_start();
    (inside.is_empty() || inside.starts_with(b"{") || inside.starts_with(b"[")).then_some(ARRAY)
}

#[cfg(test)]
mod tests {
    use super::mistaken;

    #[test]
    fn other_kinds_are_told_by_their_beginning() {
        let utf_32 = |write: fn(u32) -> [u8; 4], mark: &str| -> Vec<u8> {
            format!("{mark}pageId,day").chars().flat_map(|c| write(u32::from(c))).collect()
        };
        for (file, expected) in [
            (b"PK\x03\x04\x14\0\x06\0".to_vec(), ".xlsx"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), ".xls"),
            (b"\x1f\x8b\x08\0".to_vec(), "gzip"),
            (utf_32(u32::to_le_bytes, ""), "UTF-32"),
            (utf_32(u32::to_be_bytes, ""), "UTF-32"),
            (utf_32(u32::to_le_bytes, "\u{feff}"), "UTF-32"),
            (utf_32(u32::to_be_bytes, "\u{feff}"), "UTF-32"),
            (b"[{\"pageId\":1}]".to_vec(), "JSON array"),
            ("\u{feff}\n[\r\n  {".into(), "JSON array"),
            (b" [[1,2]]".to_vec(), "JSON array"),
            (b"[".to_vec(), "JSON array"),
            (b"<!DOCTYPE html><html>".to_vec(), "web page"),
            (b"\n <Table border=1>".to_vec(), "web page"),
        ] {
            assert!(mistaken(&file).is_some_and(|kind| kind.contains(expected)), "{expected}: {file:?}");
        }
    }

    #[test]
    fn tables_are_taken_as_they_are() {
        let utf_16: Vec<u8> = "\u{feff}pageId,day".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for file in [
            Vec::new(),
            b"pageId,day\n".to_vec(),
            b"[name],[url]\n".to_vec(),
            b"{\"day\":1}\n".to_vec(),
            "\u{feff}# source: x".into(),
            "Название;Адрес".into(),
            b"a".to_vec(),
            utf_16,
        ] {
            assert_eq!(mistaken(&file), None, "{file:?}");
        }
    }
}
