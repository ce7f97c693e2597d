//! `POST /statistics` with an `Idempotency-Key`: a file that was read to its end is answered once.
//!
//! An upload is recorded in several transactions, and its body is hashed while it is read, so the key of one that was interrupted
//! is free again. What is then sent again is recorded again, which changes nothing: rows that are known are duplicates.

use std::pin::pin;

use axum::{
    body::Body,
    http::{HeaderMap, Response, request::Parts},
};
use futures_util::StreamExt;
use registry::{
    idempotency::{
        Claim,
        requests::{KeyedRequest, StoredResponse},
    },
    statistics::bulk_load::Form,
};
use tracing::Instrument;

use super::statistics_upload::{Upload, failed};
use crate::pipeline::{
    body_hash::BodyHash,
    idempotency_key::Fingerprint,
    keyed_response::{first_response, mismatch, replay, report},
    request_error::RequestError,
    uploads,
};

/// `Retry-After` in seconds while an equal upload is in progress. It is not waited for, since it may take minutes.
const RETRY_IN_PROGRESS: u64 = 5;

/// Loads an upload, unless one with its key was answered.
pub(super) async fn load_once(
    upload: Upload,
    (head, body): (&Parts, Body),
    key: Box<str>,
) -> Result<Response<Body>, RequestError> {
    let request_hash = fingerprint(&upload, head);
    let request = KeyedRequest { client_id: upload.client.id, key, request_hash };
    let service = upload.app.service().clone();
    let claimed = service.keyed_requests().claim(request).await;
    match claimed.map_err(|error| RequestError::from(&error))? {
        Ok(claim) => {
            // Its response is stored even if the client disconnects after the end of the body: it will send the file again.
            let loading = tokio::spawn(load_and_answer(upload, body, claim).in_current_span());
            loading.await.unwrap_or_else(|error| Err(RequestError::internal(&error.to_string())))
        }
        Err(not_claimed) => {
            let stored = first_response(&service, &upload.client, not_claimed, RETRY_IN_PROGRESS)?;
            send_again(upload, body, stored).await
        }
    }
}

/// Hash of all but the body.
fn fingerprint(upload: &Upload, head: &Parts) -> [u8; 32] {
    let mut fingerprint = Fingerprint::of(head);
    fingerprint.add(match upload.form {
        Form::Csv => b"csv",
        Form::Ndjson => b"ndjson",
    });
    fingerprint.add(if upload.is_gzip { b"gzip" } else { b"identity" });
    fingerprint.finish()
}

/// Loads an upload and stores the response.
async fn load_and_answer(upload: Upload, body: Body, claim: Claim) -> Result<Response<Body>, RequestError> {
    let (service, hash) = (upload.app.service().clone(), BodyHash::default());
    let loaded = match upload.load(hash.over(uploads::parts(body))).await {
        Ok(loaded) => loaded,
        Err(error) => {
            report(claim.release().await);
            return Err(error);
        }
    };
    report(match hash.of_whole() {
        Some(upload_hash) => claim.answer(loaded.stored(upload_hash)).await,
        None => claim.release().await,
    });
    Ok(loaded.response(&service))
}

/// Sends the response to the first upload again, if the body is the same.
async fn send_again(
    upload: Upload,
    body: Body,
    stored: StoredResponse,
) -> Result<Response<Body>, RequestError> {
    let Upload { app, mut metered, permit, .. } = upload;
    let upload_hash = metered.run(hash_of(body)).await?;
    drop(permit);
    match stored.upload_hash == Some(upload_hash) {
        true => Ok(replay(app.service(), stored, HeaderMap::new())),
        false => Err(mismatch()),
    }
}

/// Reads a body to its end.
async fn hash_of(body: Body) -> Result<[u8; 32], RequestError> {
    let hash = BodyHash::default();
    let mut parts = pin!(hash.over(uploads::parts(body)));
    while let Some(part) = parts.next().await {
        part.map_err(|error| failed(&error.into()))?;
    }
    hash.of_whole().ok_or_else(|| RequestError::internal("a body that was read has no end"))
}
