//! Digests of sets of records, with which a reader of exports and changes verifies its copy.
//!
//! Each record is hashed with SHA-256; the digest is the sum of the hashes, modulo 2^256. It does not depend on order, and
//! the hashes of records that did not change are kept.

use imbl::OrdMap;
use roaring::RoaringBitmap;
use sha2::{Digest as _, Sha256};

/// Separator of the fields of a line; no field contains it.
const FIELDS: &str = "\u{1f}";
/// Separator of the items of a list within a field.
const ITEMS: &str = "\u{1e}";
/// Hashes are looked up one by one when fewer than 1/16 of them are requested.
const LOOKED_UP: u64 = 16;

/// Hash of the line of one record, least significant number first.
pub(crate) type LineHash = [u64; 4];

/// Hashes of records by id.
pub(crate) type Hashes = OrdMap<u32, LineHash>;

/// Number of records and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordDigest {
    count: u64,
    sum: LineHash,
}

impl RecordDigest {
    /// Number of records in the digest.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum as 64 hexadecimal digits, most significant first.
    pub fn to_hex(self) -> String {
        self.sum.iter().rev().map(|number| format!("{number:016x}")).collect()
    }

    /// Adds a record.
    pub(crate) fn add(&mut self, hash: &LineHash) {
        self.count += 1;
        let mut carry = false;
        for (number, more) in self.sum.iter_mut().zip(hash) {
            let (sum, first) = number.overflowing_add(*more);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*number, carry) = (sum, first | second);
        }
    }

    /// Adds the records with these ids.
    pub(crate) fn add_all(&mut self, hashes: &Hashes, ids: &RoaringBitmap) {
        if ids.len() < hashes.len() as u64 / LOOKED_UP {
            ids.iter().filter_map(|id| hashes.get(&id)).for_each(|hash| self.add(hash));
        } else {
            hashes.iter().filter(|(id, _)| ids.contains(**id)).for_each(|(_, hash)| self.add(hash));
        }
    }
}

/// A line while it is hashed: fields, joined by a separator.
pub(super) struct Line(Sha256);

impl Line {
    /// A line that begins with this field.
    pub(super) fn new(first: &str) -> Self {
        Self(Sha256::new_with_prefix(first))
    }

    /// Adds a field; empty for null.
    pub(super) fn field(mut self, text: &str) -> Self {
        self.0.update(FIELDS);
        self.0.update(text);
        self
    }

    /// Adds a field that may be null.
    pub(super) fn optional(self, text: Option<impl AsRef<str>>) -> Self {
        match text {
            Some(text) => self.field(text.as_ref()),
            None => self.field(""),
        }
    }

    /// Adds a list, sorted by the UTF-8 bytes of its items.
    pub(super) fn list<T: AsRef<str> + Ord>(mut self, items: impl IntoIterator<Item = T>) -> Self {
        let mut items: Vec<T> = items.into_iter().collect();
        items.sort_unstable();
        self.0.update(FIELDS);
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.0.update(ITEMS);
            }
            self.0.update(item.as_ref());
        }
        self
    }

    /// The hash of the line.
    pub(super) fn hash(self) -> LineHash {
        let hash = self.0.finalize();
        let mut numbers = [0; 4];
        for (number, bytes) in numbers.iter_mut().rev().zip(hash.chunks_exact(8)) {
            *number = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_its_fields_with_separators_between_them() {
        let line = Line::new("a").field("b").optional(None::<&str>).list(["d", "c"]).list([""; 0]);
        let mut whole = RecordDigest::default();
        whole.add(&line.hash());
        let hash = Sha256::digest("a\u{1f}b\u{1f}\u{1f}c\u{1e}d\u{1f}");
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((whole.to_hex(), whole.count()), (hex, 1));
    }

    #[test]
    fn a_sum_goes_beyond_its_end_and_does_not_depend_on_order() {
        let hashes = [[u64::MAX; 4], [2, 0, 0, 0], [u64::MAX, 0, 0, 1]];
        let sum = |order: [usize; 3]| {
            let mut sum = RecordDigest::default();
            order.iter().for_each(|index| sum.add(&hashes[*index]));
            sum.to_hex()
        };
        let expected = format!("{:016x}{:016x}{:016x}{:016x}", 1, 0, 1, 0);
        assert_eq!(sum([0, 1, 2]), expected);
        assert_eq!(sum([2, 0, 1]), expected);
    }
}
