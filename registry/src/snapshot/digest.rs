//! Digest of a set of pages, with which a consumer of exports and changes verifies its copy.
//!
//! A page's line is hashed with SHA-256; the digest is the sum of the hashes, modulo 2^256. It does
//! not depend on order, and a change of one page updates it without reading the others.

use sha2::{Digest as _, Sha256};

/// Separator of the parts of a line; no part contains it.
pub const SEPARATOR: char = '\u{1f}';

/// Number of pages and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageDigest {
    pages: i64,
    /// Least significant first.
    limbs: [u64; 4],
}

impl PageDigest {
    /// Number of pages in the digest.
    pub fn pages(&self) -> u64 {
        self.pages.unsigned_abs()
    }

    /// The sum as 64 hexadecimal digits, most significant first.
    pub fn to_hex(self) -> String {
        self.limbs.iter().rev().map(|limb| format!("{limb:016x}")).collect()
    }

    /// Adds a page.
    pub fn add(&mut self, line: &str) {
        self.merge(Self { pages: 1, limbs: hash(line) });
    }

    /// Removes a page.
    pub fn subtract(&mut self, line: &str) {
        let mut limbs = hash(line);
        // Two's complement: adding it subtracts.
        limbs.iter_mut().for_each(|limb| *limb = !*limb);
        self.merge(Self { pages: -1, limbs });
        self.merge(Self { pages: 0, limbs: [1, 0, 0, 0] });
    }

    /// Adds the digest of a disjoint set.
    pub fn merge(&mut self, other: Self) {
        self.pages += other.pages;
        let mut carry = false;
        for (limb, more) in self.limbs.iter_mut().zip(other.limbs) {
            let (sum, first) = limb.overflowing_add(more);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, first | second);
        }
    }
}

fn hash(line: &str) -> [u64; 4] {
    let hash = Sha256::digest(line.as_bytes());
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().rev().zip(hash.chunks_exact(8)) {
        *limb = bytes.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    }
    limbs
}
