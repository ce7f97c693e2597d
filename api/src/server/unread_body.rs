//! Bodies of requests that are answered before they are read. What is left of a short one is discarded before the response is
//! sent, so that the connection serves the next request. After a long or slow one the connection closes, and the response
//! says so: otherwise clients would lose their next request.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};

/// Maximum number of bytes to discard: a request twice as large as one may be without a key is still told so. Nothing of it
/// is kept in memory.
const MAX_DISCARDED: u64 = 512 << 10;
/// Time for the rest of a body to arrive.
const TIMEOUT: Duration = Duration::from_secs(3);

/// What a handler left unread.
type Left = Arc<Mutex<Option<Incoming>>>;

/// Body of a request. When it is dropped before its end, the rest is left to [`Remainder`].
pub(super) struct LentBody {
    /// `None` after the end.
    body: Option<Incoming>,
    /// `None` for a body that is empty.
    left: Option<Left>,
}

impl HttpBody for LentBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for LentBody {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else { return };
        if let Some(left) = &self.left {
            *left.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}

/// The rest of a body, once its request is answered.
pub(super) struct Remainder {
    left: Option<Left>,
    /// Whether the client may send the body only after `100 Continue`: having its response, it does not.
    is_optional: bool,
}

/// Lends a body to a handler.
pub(super) fn lend(headers: &HeaderMap, body: Incoming) -> (LentBody, Remainder) {
    let left = (!body.is_end_stream()).then(Left::default);
    let remainder = Remainder { left: left.clone(), is_optional: headers.contains_key(header::EXPECT) };
    (LentBody { body: Some(body), left }, remainder)
}

impl Remainder {
    /// Discards the rest of the body. Where it cannot be discarded, the response announces the end of the connection.
    pub(super) async fn settle(self, response: Response<Body>) -> Response<Body> {
        let Some(left) = self.left else { return response };
        let left =
            Arc::into_inner(left).map(|left| left.into_inner().unwrap_or_else(PoisonError::into_inner));
        // A body that was late once is not waited for again.
        let is_awaited = !self.is_optional && response.status() != StatusCode::REQUEST_TIMEOUT;
        let is_over = match left {
            // Something still reads it.
            None => false,
            Some(None) => true,
            // Boxed, so that the futures of requests stay small.
            Some(Some(body)) => is_awaited && Box::pin(discard(body)).await,
        };
        if is_over { response } else { close_after(response) }
    }
}

/// Announces that the connection closes after a response.
pub(super) fn close_after(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Reads a body to its end; `false` if it is too long, too slow or broken.
async fn discard(mut body: Incoming) -> bool {
    if body.size_hint().lower() > MAX_DISCARDED {
        return false;
    }
    let discarding = async {
        let mut discarded = 0;
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else { return false };
            discarded += frame.data_ref().map_or(0, |data| data.len() as u64);
            if discarded > MAX_DISCARDED {
                return false;
            }
        }
        true
    };
    tokio::time::timeout(TIMEOUT, discarding).await.unwrap_or(false)
}
