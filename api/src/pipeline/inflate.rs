//! Bodies compressed with gzip: inflated while they are read, up to a size and a ratio.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::uploads::{Cut, LIMIT};

/// Maximum number of inflated bytes per compressed byte; rows of statistics take about ten.
const MAX_RATIO: u64 = 100;
/// Number of inflated bytes up to which the ratio does not count.
const SHORT: u64 = 1 << 20;

/// Reader of the inflated bytes of a compressed body.
pub(crate) struct Inflate<R> {
    /// The body before the first read: a decoder reads the header of the format as soon as it is created.
    unread: Option<R>,
    decoder: Option<MultiGzDecoder<Counted<R>>>,
    inflated: u64,
}

impl<R: Read> Inflate<R> {
    /// A reader that has not read anything yet.
    pub(crate) fn new(compressed: R) -> Self {
        Self { unread: Some(compressed), decoder: None, inflated: 0 }
    }
}

impl<R: Read> Read for Inflate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(inner) = self.unread.take() {
            self.decoder = Some(MultiGzDecoder::new(Counted { inner, bytes: 0 }));
        }
        let Some(decoder) = &mut self.decoder else { return Ok(0) };
        let read = decoder.read(buffer)?;
        self.inflated += read as u64;
        match inflates_too_much(decoder.get_ref().bytes, self.inflated) {
            true => Err(io::Error::other(Cut::InflatesTooMuch)),
            false => Ok(read),
        }
    }
}

/// Reader that counts its bytes.
struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.bytes += read as u64;
        Ok(read)
    }
}

fn inflates_too_much(compressed: u64, inflated: u64) -> bool {
    inflated > LIMIT || (inflated > SHORT && inflated / MAX_RATIO > compressed)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    fn inflate(compressed: &[u8]) -> Result<Vec<u8>, Option<Cut>> {
        let mut inflated = Vec::new();
        match Inflate::new(compressed).read_to_end(&mut inflated) {
            Ok(_) => Ok(inflated),
            Err(error) => Err(error.get_ref().and_then(|inner| inner.downcast_ref::<Cut>()).copied()),
        }
    }

    #[test]
    fn a_body_is_inflated_in_one_or_several_parts() {
        assert_eq!(inflate(&compressed(b"one two")), Ok(b"one two".to_vec()));
        let parts = [compressed(b"one "), compressed(b"two")].concat();
        assert_eq!(inflate(&parts), Ok(b"one two".to_vec()));
    }

    #[test]
    fn a_body_that_is_cut_off_or_no_gzip_is_an_error() {
        let whole = compressed(&[7; 1_000]);
        assert_eq!(inflate(&whole[..whole.len() - 9]), Err(None));
        assert_eq!(inflate(b"platform,nativeId"), Err(None));
    }

    #[test]
    fn a_body_inflates_to_a_bounded_multiple_of_its_size() {
        let short = vec![0; 1 << 20];
        assert_eq!(inflate(&compressed(&short)), Ok(short));
        assert_eq!(inflate(&compressed(&vec![0; 16 << 20])), Err(Some(Cut::InflatesTooMuch)));
        assert!(!inflates_too_much(2 << 20, LIMIT) && inflates_too_much(2 << 20, LIMIT + 1));
    }
}
