//! Correlation of log lines with a distributed trace (W3C Trace Context).

use axum::http::{HeaderMap, HeaderName};
use tracing::Span;

/// Header with the ids of a trace and of its last span.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Length of version 00; later versions may add to it.
const LENGTH: usize = 55;

/// Span of a request: log lines in it have its `traceparent`. Does nothing for a request without a valid one.
pub(crate) fn span(headers: &HeaderMap) -> Span {
    match traceparent(headers) {
        // Of the highest level, since a span below the level of the log is not shown.
        Some(traceparent) => tracing::error_span!("request", traceparent),
        None => Span::none(),
    }
}

/// `traceparent` of a request, as far as version 00 defines it; `None` unless there is exactly one valid one.
fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let (first, others) = (values.next()?, values.count());
    let (known, rest) = first.to_str().ok()?.split_at_checked(LENGTH)?;
    let is_whole = rest.is_empty() || (rest.starts_with('-') && !known.starts_with("00"));
    (others == 0 && is_whole && is_valid(known)).then_some(known)
}

/// Whether a text has the fields of version 00: version, trace id, span id and flags, as lower-case hexadecimal digits.
fn is_valid(text: &str) -> bool {
    let mut fields = text.split('-');
    let mut has = |length: usize, invalid: char| {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        fields.next().is_some_and(|field| {
            field.len() == length
                && field.bytes().all(is_digit)
                && field.chars().any(|digit| digit != invalid)
        })
    };
    // Version ff and ids of zeros are invalid; flags have no invalid value.
    has(2, 'f') && has(32, '0') && has(16, '0') && has(2, '-') && fields.next().is_none()
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use axum::http::HeaderValue;

    use super::*;

    const VALID: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn headers(values: &[&str]) -> HeaderMap {
        let value = |value: &&str| (TRACEPARENT, HeaderValue::from_str(value).expect("a value"));
        let mut headers = HeaderMap::new();
        values.iter().map(value).for_each(|(name, value)| _ = headers.append(name, value));
        headers
    }

    #[test]
    fn one_valid_header_is_read_and_everything_else_is_ignored() {
        let read = |values: &[&str]| traceparent(&headers(values)).map(str::to_owned);
        assert_eq!(read(&[VALID]).as_deref(), Some(VALID));
        let later = VALID.replacen("00", "01", 1);
        for longer in [later.clone(), format!("{later}-{}", "x".repeat(9_000))] {
            assert_eq!(read(&[longer.as_str()]), Some(later.clone()), "what later versions add is cut off");
        }
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[VALID, VALID]), None);
        for wrong in [
            "",
            "00",
            &VALID[1..],
            &format!("{VALID}-00"),
            &format!("{later}00"),
            &VALID.to_uppercase(),
            &VALID.replacen("00", "ff", 1),
            &VALID.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &VALID.replace("b7ad6b7169203331", &"0".repeat(16)),
            &VALID.replace("b7ad6b7169203331", "b7ad6b716920333g"),
            &VALID.replace('-', "_"),
        ] {
            assert_eq!(read(&[wrong]), None, "{wrong}");
        }
    }

    /// Collects what is logged.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no writer panics").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn log_lines_of_a_request_have_its_traceparent() {
        let written = Written::default();
        let writer = written.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(log, || {
            span(&headers(&[VALID])).in_scope(|| tracing::error!("one failed"));
            span(&headers(&["nonsense"])).in_scope(|| tracing::error!("another failed"));
        });
        let text = String::from_utf8(written.0.lock().expect("no writer panics").clone()).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].contains(VALID) && lines[0].contains("one failed"), "{text}");
        assert!(!lines[1].contains("nonsense") && lines[1].contains("another failed"), "{text}");
    }
}
