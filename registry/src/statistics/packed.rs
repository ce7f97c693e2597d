//! Numbers of a block of pages as variable-length integers.

/// Pages per block: their numbers fit into a row that Postgres does not move to TOAST storage.
pub(super) const BLOCK: i64 = 512;

/// One number per page of a block; `None` if the page has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers(pub(super) Vec<Option<u64>>);

impl Default for Numbers {
    fn default() -> Self {
        Self(vec![None; BLOCK as usize])
    }
}

impl Numbers {
    /// Decodes numbers; those missing at the end are `None`.
    pub(super) fn decode(encoded: &[u8]) -> Self {
        let mut numbers = Self::default();
        for (slot, number) in numbers.0.iter_mut().zip(decode_each(encoded)) {
            *slot = number;
        }
        numbers
    }

    /// Encodes numbers, without trailing `None`s.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut encoded = Vec::with_capacity(2 * self.0.len());
        let len = self.0.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        for number in &self.0[..len] {
            let mut rest = number.map_or(0, |number| number + 1);
            while rest >= 0x80 {
                encoded.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            encoded.push(rest as u8);
        }
        encoded
    }
}

/// Decodes the numbers of a block one by one.
pub(super) fn decode_each(encoded: &[u8]) -> impl Iterator<Item = Option<u64>> + '_ {
    let mut bytes = encoded.iter();
    std::iter::from_fn(move || {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = *bytes.next()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number.checked_sub(1));
            }
            shift = (shift + 7).min(63);
        }
    })
}
