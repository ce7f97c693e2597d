//! Limits of concurrent downloads: in total and per client.

use super::{
    request_error::RequestError,
    transfers::{TransferLimit, TransferLimiter, TransferPermit},
};
use crate::{error_code::ErrorCode, rate_limit::ClientKey};

/// Maximum concurrent downloads: each pins a snapshot.
const MAX_TOTAL: usize = 64;
/// Maximum concurrent downloads per client.
const MAX_PER_CLIENT: usize = 4;

/// Limiter of concurrent downloads.
pub struct Downloads(TransferLimiter<ClientKey>);

/// Permit of a download, released on drop.
pub(crate) type DownloadPermit = TransferPermit<ClientKey>;

impl Default for Downloads {
    fn default() -> Self {
        Self(TransferLimiter::new(MAX_TOTAL, MAX_PER_CLIENT))
    }
}

impl Downloads {
    /// Takes a permit for a download.
    ///
    /// # Errors
    /// When the client or all clients together have too many downloads.
    pub(crate) fn enter(&self, client_key: ClientKey) -> Result<DownloadPermit, RequestError> {
        self.0.enter(client_key).map_err(|limit| {
            let error = match limit {
                TransferLimit::PerClient => RequestError::new(
                    ErrorCode::Throttled,
                    format!("You have {MAX_PER_CLIENT} downloads in progress; wait until one is finished."),
                ),
                TransferLimit::Total => RequestError::new(
                    ErrorCode::Overloaded,
                    "Too many downloads are in progress; try again shortly.",
                ),
            };
            error.retry_after(10)
        })
    }
}
