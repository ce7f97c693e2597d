//! LtHash16: an incremental, order-independent hash of a set.
//!
//! BLAKE3 expands each element to 1,024 numbers of 16 bits; the hash of the set is their element-wise sum
//! modulo 2^16 (Bellare and Micciancio 1997; Lewi et al. 2019, "Securing Update Propagation with Homomorphic
//! Hashing"). Unlike a plain 256-bit sum, it is collision resistant.

const NUMBERS: usize = 1_024;
const BYTES: usize = 2 * NUMBERS;

/// Hash of a set.
#[derive(Clone, PartialEq, Eq)]
pub struct LtHash(Box<[u16; NUMBERS]>);

impl Default for LtHash {
    fn default() -> Self {
        Self(Box::new([0; NUMBERS]))
    }
}

impl LtHash {
    /// Parses a stored hash; `None` when the bytes are not one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut hash = Self::default();
        if bytes.len() != BYTES {
            return None;
        }
        for (number, bytes) in hash.0.iter_mut().zip(bytes.chunks_exact(2)) {
            *number = u16::from_le_bytes([bytes[0], bytes[1]]);
        }
        Some(hash)
    }

    /// The stored form: 2,048 bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// BLAKE3 of the hash, in hexadecimal: the value that is sealed.
    pub fn digest(&self) -> String {
        blake3::hash(&self.bytes()).to_hex().to_string()
    }

    /// Adds an element.
    pub fn add(&mut self, element: &blake3::Hasher) {
        self.combine(element, u16::wrapping_add);
    }

    /// Removes an element.
    pub fn remove(&mut self, element: &blake3::Hasher) {
        self.combine(element, u16::wrapping_sub);
    }

    /// Adds the elements that the other set added, and removes those that it removed.
    pub fn merge(&mut self, other: &Self) {
        for (number, other) in self.0.iter_mut().zip(other.0.iter()) {
            *number = number.wrapping_add(*other);
        }
    }

    fn combine(&mut self, element: &blake3::Hasher, with: impl Fn(u16, u16) -> u16) {
        let mut bytes = [0; BYTES];
        element.finalize_xof().fill(&mut bytes);
        for (number, bytes) in self.0.iter_mut().zip(bytes.chunks_exact(2)) {
            *number = with(*number, u16::from_le_bytes([bytes[0], bytes[1]]));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn element(number: u32) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&number.to_le_bytes());
        hasher
    }

    proptest! {
        #[test]
        fn a_set_has_one_hash_whatever_way_it_came_about(
            retained in proptest::collection::vec(any::<u32>(), 0..12),
            removed in proptest::collection::vec(any::<u32>(), 0..6),
        ) {
            let mut plain = LtHash::default();
            retained.iter().for_each(|number| plain.add(&element(*number)));
            let (mut first, mut second) = (LtHash::default(), LtHash::default());
            removed.iter().for_each(|number| first.add(&element(*number)));
            retained.iter().rev().for_each(|number| second.add(&element(*number)));
            removed.iter().rev().for_each(|number| second.remove(&element(*number)));
            first.merge(&second);
            prop_assert!(first == plain);
            prop_assert!(LtHash::read(&first.bytes()) == Some(plain.clone()));
            let mut other = plain.clone();
            other.add(&element(retained.first().copied().unwrap_or(7)));
            prop_assert!(other.digest() != plain.digest());
        }
    }
}
