//! The `Content-Type` of a body: one media type in UTF-8.

use axum::http::{HeaderMap, header};

use super::{accept::parts, request_error::RequestError};
use crate::error_code::ErrorCode;

/// Names of UTF-8 and of its subset.
const UTF8: [&str; 3] = ["utf-8", "utf8", "us-ascii"];

/// Media type of a body, with its parameters.
pub(crate) struct ContentType<'a> {
    media_type: &'a str,
    parameters: &'a str,
}

impl<'a> ContentType<'a> {
    /// Reads the header; `None` if it is missing or no text.
    ///
    /// # Errors
    /// When it is sent twice: a proxy in front of this server may have used the other one.
    pub(crate) fn read(headers: &'a HeaderMap) -> Result<Option<Self>, RequestError> {
        let mut values = headers.get_all(header::CONTENT_TYPE).iter();
        let first = values.next().and_then(|value| value.to_str().ok());
        if values.next().is_some() {
            let text = "The header `Content-Type` is given twice; send it once.";
            return Err(RequestError::new(ErrorCode::BadRequest, text));
        }
        Ok(first.map(|value| {
            let (media_type, parameters) = value.split_once(';').unwrap_or((value, ""));
            Self { media_type: media_type.trim(), parameters }
        }))
    }

    /// Type and subtype, as sent.
    pub(crate) fn media_type(&self) -> &'a str {
        self.media_type
    }

    /// Whether the body is in UTF-8; without `charset` it is.
    pub(crate) fn is_utf8(&self) -> bool {
        self.values("charset").all(|value| UTF8.iter().any(|name| value.eq_ignore_ascii_case(name)))
    }

    /// Values of a parameter, without quotes.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        parts(self.parameters, ';').filter_map(move |parameter| {
            let (found, value) = parameter.split_once('=')?;
            found.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_parameters_of_a_media_type_are_read() {
        for (value, media_type, is_utf8, header) in [
            ("text/csv", "text/csv", true, None),
            ("Text/CSV ; Charset=\"UTF-8\"; header=absent", "Text/CSV", true, Some("absent")),
            ("text/csv;header=present;charset=utf8", "text/csv", true, Some("present")),
            ("text/csv; charset=utf-16", "text/csv", false, None),
            ("text/csv; charset=utf-8; charset=windows-1251", "text/csv", false, None),
            ("text/csv; charset=", "text/csv", false, None),
            ("text/csv; profile=\"a;charset=utf-16\"", "text/csv", true, None),
        ] {
            let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
            let read = ContentType::read(&headers).expect("one header").expect("a text");
            assert_eq!((read.media_type(), read.is_utf8()), (media_type, is_utf8), "{value}");
            assert_eq!(read.values("header").next(), header, "{value}");
        }
    }
}
