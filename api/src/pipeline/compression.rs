//! Compression of files while they are sent, by `Accept-Encoding`.

use registry::statistics::export::PARQUET;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

/// Compresses with gzip or zstd, and sends what there is whenever the file has to wait for its next rows. A higher level would
/// take several times as long for files that are a little smaller.
pub fn layer() -> CompressionLayer<impl Predicate> {
    // Parquet files are compressed in themselves.
    let is_worth_it = SizeAbove::default().and(NotForContentType::const_new(PARQUET));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(is_worth_it)
}
