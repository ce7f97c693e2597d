//! Validators of files: `ETag` and `Last-Modified`.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header},
};
use registry::view::View;

use crate::{
    app::App,
    pipeline::{cache_headers, read_your_writes},
};

/// Hexadecimal digits of an `ETag`: 128 bits.
const DIGITS: usize = 32;

/// Validators of a file.
pub(super) struct Validators {
    /// The cache headers.
    headers: HeaderMap,
}

impl Validators {
    /// Validators of a file of this view. They change with the registry, the day (obligations are those of today), the
    /// parameters, the program and the settings; the `ETag` is weak, because the comment row has the time of writing, and
    /// because a file is sent compressed and uncompressed.
    ///
    /// The file is valid for the sequence number `seq`: less than that of the view where the search index lags.
    pub(super) fn of(app: &App, view: &View, seq: i64, uri: &Uri) -> Self {
        let state = format!("{:?} {} {seq} {uri}", view.position(), view.day());
        let hash = blake3::Hasher::new().update(app.service().edition()).update(state.as_bytes()).finalize();
        let midnight = view.time_zone().start_of(view.day());
        let changed_at = view.changed_at().max(midnight).format("%a, %d %b %Y %H:%M:%S GMT");
        let mut headers = HeaderMap::new();
        cache_headers::set_private(&mut headers);
        for (name, value) in [
            (header::ETAG, format!("W/\"{}\"", &hash.to_hex()[..DIGITS])),
            (header::LAST_MODIFIED, changed_at.to_string()),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        read_your_writes::set_reached(app.service(), &mut headers, seq);
        Self { headers }
    }

    /// Whether the client has the file, according to `If-None-Match`.
    pub(super) fn are_known(&self, asked: &HeaderMap) -> bool {
        let pair = asked.get(header::IF_NONE_MATCH).zip(self.headers.get(header::ETAG));
        pair.is_some_and(|(wanted, tag)| cache_headers::is_known(wanted, tag))
    }

    /// The response to a client that has the file.
    pub(super) fn not_modified(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.headers_mut() = self.headers;
        response
    }

    /// Adds the validators to the response with the file.
    pub(super) fn add_to(self, mut response: Response<Body>) -> Response<Body> {
        response.headers_mut().extend(self.headers);
        response
    }
}
