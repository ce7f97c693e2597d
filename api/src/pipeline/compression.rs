//! Compression of files while they are sent, and of large responses to routers, by `Accept-Encoding`.

use registry::statistics::export::PARQUET;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};

/// Length from which responses to routers are compressed: that of some hundred entities. An encoder takes more time and memory
/// than a short response needs by itself.
const LARGE: u16 = 16 * 1024;

/// Compresses files with gzip or zstd, and sends what there is whenever the file has to wait for its next rows. A higher level would
/// take several times as long for files that are a little smaller.
pub fn of_files() -> CompressionLayer<impl Predicate> {
    // Parquet files are compressed in themselves.
    let is_worth_it = SizeAbove::default().and(NotForContentType::const_new(PARQUET));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(is_worth_it)
}

/// Compresses large responses with gzip or zstd.
pub fn of_large_responses() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(SizeAbove::new(LARGE))
}
