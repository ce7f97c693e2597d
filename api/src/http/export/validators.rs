//! Validators of files: `ETag` and `Last-Modified`.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};
use registry::view::View;

use crate::{
    app::App,
    pipeline::{cache_headers, read_your_writes},
};

/// Hexadecimal digits of an `ETag`: 128 bits.
const DIGITS: usize = 32;
/// Seconds that the clocks of the database and of the server may differ.
const MARGIN: i64 = 10;
/// A time in a header, and the two older formats that have to be read, too (RFC 9110, 5.6.7).
const TIME: &str = "%a, %d %b %Y %H:%M:%S GMT";
const OLDER_TIMES: [&str; 2] = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// Validators of a file.
pub(super) struct Validators {
    /// The cache headers.
    headers: HeaderMap,
    /// Time of the last change in whole seconds; `None` if the file lacks changes before it.
    changed_at: Option<NaiveDateTime>,
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
        // Without the latest changes, the file has no time that tells it from the one with them.
        let changed_at = (seq == view.seq()).then(|| changed_at(view));
        let mut headers = HeaderMap::new();
        cache_headers::set_private(&mut headers);
        insert(&mut headers, header::ETAG, &format!("W/\"{}\"", &hash.to_hex()[..DIGITS]));
        if let Some(changed_at) = changed_at {
            let time = last_modified(changed_at, Utc::now()).format(TIME).to_string();
            insert(&mut headers, header::LAST_MODIFIED, &time);
        }
        read_your_writes::set_reached(app.service(), &mut headers, seq);
        Self { headers, changed_at: changed_at.and_then(|it| it.naive_utc().with_nanosecond(0)) }
    }

    /// Whether the client has the file: according to `If-None-Match`, and only without it to `If-Modified-Since` (RFC 9110,
    /// 13.2.2).
    pub(super) fn are_known(&self, asked: &HeaderMap) -> bool {
        if let Some(wanted) = asked.get(header::IF_NONE_MATCH) {
            let tag = self.headers.get(header::ETAG);
            return tag.is_some_and(|tag| cache_headers::is_known(wanted, tag));
        }
        let since = asked.get(header::IF_MODIFIED_SINCE).and_then(time);
        self.changed_at.zip(since).is_some_and(|(changed_at, since)| changed_at <= since)
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

/// Time of the last change of a file: that of the registry, or the beginning of the day.
fn changed_at(view: &View) -> DateTime<Utc> {
    view.changed_at().max(view.time_zone().start_of(view.day()))
}

/// The time to send. The second of the change is named only once it is surely over: until then, another change may follow in
/// it, which clients with that time would not notice. Changes have the time of the database, which may differ from the server's.
fn last_modified(changed_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    match changed_at.timestamp() + MARGIN < now.timestamp() {
        true => changed_at,
        false => changed_at - TimeDelta::seconds(1),
    }
}

/// Time in a header; `None` if it cannot be read, as if the header were not there.
fn time(value: &HeaderValue) -> Option<NaiveDateTime> {
    let text = value.to_str().ok()?.trim();
    let mut formats = [TIME].into_iter().chain(OLDER_TIMES);
    formats.find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_each_format() {
        let expected = NaiveDateTime::parse_from_str("1994-11-06 08:49:37", "%F %T").ok();
        for text in
            ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
        {
            assert_eq!(time(&HeaderValue::from_static(text)), expected, "{text}");
        }
        for text in ["", "soon", "Mon, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "784111777"] {
            assert_eq!(time(&HeaderValue::from_static(text)), None, "{text}");
        }
    }

    #[test]
    fn the_second_of_a_change_is_named_once_it_is_over() {
        let at = |millis| DateTime::from_timestamp_millis(millis).expect("a time");
        let sent = |changed_at, now| last_modified(at(changed_at), at(now)).timestamp();
        assert_eq!(sent(5_200, 15_900), 4);
        assert_eq!(sent(5_200, 16_000), 5);
    }
}
