//! Byte strings as the file writes them: lower-case hexadecimal.

use core::fmt;
use core::ops::Deref;

use serde::Deserialize;
use serde::de::{Deserializer, Error};

/// Bytes that stand in the file as hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Bytes(Vec<u8>);

impl Bytes {
    /// Decodes hexadecimal; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        if !text.len().is_multiple_of(2) {
            return None;
        }
        let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
        let pairs = text.as_bytes().chunks_exact(2);
        let bytes = pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?));
        bytes.collect::<Option<_>>().map(Self)
    }

    /// The bytes as an array, if there are as many.
    pub fn array<const N: usize>(&self) -> Option<[u8; N]> {
        self.0.as_slice().try_into().ok()
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| D::Error::custom("not hexadecimal"))
    }
}

#[cfg(test)]
mod tests {
    use super::Bytes;

    #[test]
    fn hexadecimal_is_read_and_anything_else_refused() {
        assert_eq!(Bytes::from_hex("00ff10").unwrap()[..], [0_u8, 255, 16]);
        assert!(Bytes::from_hex("").unwrap().is_empty());
        for bad in ["0", "zz", "0 ", "é"] {
            assert!(Bytes::from_hex(bad).is_none(), "{bad:?}");
        }
        assert_eq!(format!("{:?}", Bytes::from_hex("0AfF").unwrap()), "0aff");
    }
}
